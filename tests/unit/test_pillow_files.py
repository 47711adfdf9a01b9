"""What of Pillow goes into the zip: what is loaded, and the libraries that it names."""

from __future__ import annotations

from pixelater_cli.aws.package.pillow_files import select_files

WHEEL = {
    "PIL/Image.py": b"",
    "PIL/Image.pyi": b"",
    "PIL/__pycache__/Image.cpython-313.pyc": b"",
    "PIL/_imaging.cpython-313-x86_64-linux-gnu.so": b"..libtiff-1a.so.6\0libz.so.1\0..",
    "PIL/_imagingft.cpython-313-x86_64-linux-gnu.so": b"..libfreetype-2b.so.6\0..",
    "pillow.libs/libtiff-1a.so.6": b"..libzstd-3c.so.1..",
    "pillow.libs/libzstd-3c.so.1": b"....",
    "pillow.libs/libfreetype-2b.so.6": b"..libpng16-4d.so.16..",
    "pillow.libs/libpng16-4d.so.16": b"....",
    "pillow-13.0.0.dist-info/METADATA": b"Name: pillow",
    "pillow-13.0.0.dist-info/RECORD": b"",
    "pillow-13.0.0.dist-info/sboms/pillow.json": b"",
    "../../bin/script": b"",
}


def test_libraries_stay_that_what_is_loaded_needs_however_deep() -> None:
    assert set(select_files(WHEEL)) == {
        "PIL/Image.py",
        "PIL/_imaging.cpython-313-x86_64-linux-gnu.so",
        "pillow.libs/libtiff-1a.so.6",
        "pillow.libs/libzstd-3c.so.1",
        "pillow-13.0.0.dist-info/METADATA",
    }
