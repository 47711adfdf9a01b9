"""The most that a request may declare: more is refused before any of it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pixelater_cli.emulator.strict.refusal import Refusal

MAX_BYTES = 5 * 1024**3
"""S3's limit of an upload (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html)."""

MAX_FORM_BYTES = 8 * 1024**2
"""Forms of query APIs are read to find the service that they are for."""


def check_declared_length(environ: Mapping[str, Any]) -> None:
    """Refuse a length that no service takes. Raises Refusal."""
    length = environ.get("CONTENT_LENGTH") or "0"
    kind = str(environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
    is_form = kind == "application/x-www-form-urlencoded" and environ["REQUEST_METHOD"] == "POST"
    limit = MAX_FORM_BYTES if is_form else MAX_BYTES
    if int(length) > limit:
        sizes = {"ProposedSize": length, "MaxSizeAllowed": limit}
        message = "Your proposed upload exceeds the maximum allowed object size."
        raise Refusal(413 if is_form else 400, "EntityTooLarge", message, sizes)
