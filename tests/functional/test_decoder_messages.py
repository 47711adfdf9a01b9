"""What decoders write to stderr is attributed to the photo."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import warnings
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from pixelater.decode.messages import catch_messages
from tests.functional.conftest import Pixelater
from tests.pictures import encode, make_scene

OLD_JPEG = 6
LIBTIFF = "OJPEGReadHeaderInfoSecTablesQTable: Missing JPEG tables."


def make_broken_tiff() -> bytes:
    """Return a TIFF about which libtiff complains on stderr."""
    file = BytesIO()
    Image.new("RGB", (16, 16)).save(file, "TIFF")
    data, entry = file.getvalue(), struct.pack("<HHIH", 259, 3, 1, 1)
    return data.replace(entry, struct.pack("<HHIH", 259, 3, 1, OLD_JPEG))


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_line_of_a_decoder_is_attributed_to_the_photo(
    pixelater: Pixelater, tmp_path: Path, jobs: str
) -> None:
    for name in "abcd":
        (tmp_path / f"{name}.png").write_bytes(encode(make_scene()))
    (tmp_path / "e.tif").write_bytes(make_broken_tiff())
    done = pixelater("run", ".", "--grids", "8", "--jobs", jobs)
    assert done.code == 1
    (error, *_) = done.err.splitlines()
    assert error.startswith("error: e.tif: ")
    assert LIBTIFF in error
    assert done.err.count(LIBTIFF) == 1
    verbose = pixelater("run", ".", "--verbose", "--grids", "8", "--jobs", jobs)
    assert f"e.tif: {LIBTIFF}" in verbose.err


def test_warning_of_pillow_is_attributed_to_the_photo(pixelater: Pixelater, tmp_path: Path) -> None:
    whole = encode(make_scene(), "TIFF")
    (tmp_path / "a.tif").write_bytes(whole[:20])
    lines = pixelater("run", "a.tif").err.splitlines()
    assert [line.partition(": ")[0] for line in lines if line[0] != " "] == ["error"]
    assert ": Corrupt EXIF data." in lines[0]


def test_limit_is_named_without_warnings(pixelater: Pixelater, tmp_path: Path) -> None:
    """Pillow warns of the size of the icon, which its directory does not tell."""
    icon = encode(Image.new("L", (600, 600)))
    entry = struct.pack("<BBBBHHII", 0, 0, 0, 0, 1, 32, len(icon), 22)
    (tmp_path / "a.ico").write_bytes(struct.pack("<HHH", 0, 1, 1) + entry + icon)
    done = pixelater("run", "a.ico", "--max-pixels", "300000")
    assert done.err.splitlines()[0] == (
        "error: a.ico: 600 x 600 are 360,000 pixels, more than the limit of 300,000"
    )
    assert pixelater("run", "a.ico", "--max-memory", "1").err.startswith(
        "error: a.ico: it would take "
    )
    assert "expected size" not in pixelater("run", "a.ico", "--max-memory", "1").err


def test_pillows_warning_of_many_pixels_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with catch_messages() as messages:
        Image.open(BytesIO(encode(make_scene((15, 10)))))
    assert messages == []


def test_lines_and_warnings_are_caught_once() -> None:
    code = """
import os, sys, warnings
from pixelater.decode.messages import catch_messages, detach_stderr
detach_stderr()
with catch_messages() as messages:
    os.write(2, b"first\\nfirst\\nsecond")
    print("progress", file=sys.stderr)
    warnings.warn("third  one")
print(messages)
os.write(2, b"after")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['first', 'second', 'third one']\n"
    assert done.stderr == "progress\nafter"


def test_more_than_a_pipe_holds_is_dropped() -> None:
    code = """
import os
from pixelater.decode.messages import catch_messages
with catch_messages() as messages:
    for number in range(5000):
        try:
            os.write(2, f"{number:100}\\n".encode())
        except BlockingIOError:
            pass
print(len(messages), messages[0])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("10 0\n", "")


def test_process_without_stderr_catches_warnings() -> None:
    code = """
import os, warnings
os.close(2)
from pixelater.decode.messages import catch_messages, detach_stderr
detach_stderr()
with catch_messages() as messages:
    warnings.warn("one")
print(messages)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['one']\n"


def test_filters_of_warnings_are_restored() -> None:
    before = list(warnings.filters)
    with catch_messages():
        os.write(2, b"line\n")
    assert warnings.filters == before
