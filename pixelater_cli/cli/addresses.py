"""Addresses where paths are expected: what to do instead."""

from __future__ import annotations

import re
import shlex
from urllib.parse import unquote, urlsplit

from pixelater_cli.errors import UsageError

SCHEME = re.compile(r"(https?|s3|file|ftp|gs|az)://", re.IGNORECASE)


def refuse_address(word: str, *, is_output: bool = False) -> None:
    """Raise UsageError for a URL, which is not a path.

    >>> refuse_address("photos/https/a.jpg")
    """
    match = SCHEME.match(word)
    if not match:
        return
    scheme = match[1].lower()
    if scheme == "file":
        raise UsageError(
            f"{word} is a URL, not a path", f"Write {shlex.quote(unquote(urlsplit(word).path))}"
        )
    if is_output:
        hint = "Write to a folder, and upload it afterwards."
        if scheme == "s3":
            hint = f"Write to a folder, then: aws s3 cp --recursive FOLDER {shlex.quote(word)}"
        raise UsageError(f"{word} is a URL, and files are written to folders only", hint)
    if scheme == "s3":
        bucket = urlsplit(word).netloc
        hint = (
            f"Copy it first: aws s3 cp {shlex.quote(word)} ."
            f" To pixelate it in the bucket: pixelater deploy --source-bucket {bucket}"
        )
    elif scheme in ("http", "https"):
        hint = f"Download it first: curl -fLO {shlex.quote(word)}"
    else:
        hint = "Copy it to this machine first."
    raise UsageError(f"{word} is a URL, and photos are read from files only", hint)
