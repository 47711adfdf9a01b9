"""The zip: the same contents give the same bytes, anywhere and any day."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from io import BytesIO

from pixelater_cli.aws.package.builder import Contents, pack

FILES = {"pixelater/a.py": b"a = 1\n", "PIL/core.so": b"\x7fELF", "z.txt": b""}


def test_the_order_of_files_does_not_matter() -> None:
    assert pack(Contents("", FILES)) == pack(Contents("", dict(reversed(FILES.items()))))


def test_the_digest_names_the_contents_however_they_are_packed() -> None:
    assert pack(Contents("", FILES, 1)).digest == pack(Contents("", FILES, 9)).digest


def test_any_change_of_name_or_content_changes_the_digest() -> None:
    others = [
        {**FILES, "z.txt": b"!"},
        {**FILES, "new.txt": b""},
        {("y" if name == "z.txt" else name): content for name, content in FILES.items()},
    ]
    assert len({Contents("", files).digest for files in (FILES, *others)}) == 4


def test_the_sha256_is_that_of_the_bytes_as_lambda_tells_it() -> None:
    package = pack(Contents("", FILES))
    assert base64.b64decode(package.sha256) == hashlib.sha256(package.data).digest()


def test_entries_are_sorted_dated_1980_and_readable_by_everybody() -> None:
    with zipfile.ZipFile(BytesIO(pack(Contents("", FILES)).data)) as archive:
        entries = [
            (entry.filename, entry.date_time[0], oct(entry.external_attr >> 16))
            for entry in archive.infolist()
        ]
    assert entries == [
        ("PIL/core.so", 1980, "0o755"),
        ("pixelater/a.py", 1980, "0o644"),
        ("z.txt", 1980, "0o644"),
    ]
