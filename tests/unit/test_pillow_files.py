"""What of Pillow goes into the zip, and whether it fits the CPU, the Python and the C library."""

from __future__ import annotations

import pytest

from pixelater_cli.aws.package.builder import check_platform
from pixelater_cli.aws.package.pillow_files import find_mismatches, select_files
from pixelater_cli.errors import PackageError

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


CORE = "PIL/_imaging.cpython-313-x86_64-linux-gnu.so"


def make_library(
    machine: int = 62, glibc: bytes = b"GLIBC_2.28", start: bytes = b"\x7fELF\2"
) -> bytes:
    """Make the parts of an ELF file that are looked at."""
    return (
        start.ljust(18, b"\0") + machine.to_bytes(2, "little") + b"\0GLIBC_2.17\0" + glibc + b"\0"
    )


@pytest.mark.parametrize(
    ("name", "content", "misfit"),
    [
        (CORE, make_library(), None),
        ("pillow.libs/libjpeg.so.62", make_library(), None),
        ("pixelater/a.py", b"a = 1", None),
        (CORE, make_library(glibc=b"GLIBC_2.34"), None),
        (CORE, make_library(machine=183), f"{CORE} is not for x86_64"),
        (CORE, make_library(glibc=b"GLIBC_2.38"), f"{CORE} needs glibc 2.38"),
        (CORE, make_library(start=b"\xcf\xfa\xed\xfe\7"), f"{CORE} is not a 64-bit Linux library"),
        (CORE, make_library(start=b"\x7fELF\1"), f"{CORE} is not a 64-bit Linux library"),
        ("PIL/a.pyd", b"MZ", "PIL/a.pyd is not a 64-bit Linux library"),
        (
            "PIL/_imaging.cpython-311-x86_64-linux-gnu.so",
            make_library(),
            "PIL/_imaging.cpython-311-x86_64-linux-gnu.so is not for python3.13",
        ),
    ],
)
def test_what_does_not_fit_is_named(name: str, content: bytes, misfit: str | None) -> None:
    found = list(find_mismatches({name: content}, "python3.13", "x86_64"))
    assert found == ([] if misfit is None else [misfit])


def test_a_package_that_does_not_fit_is_refused() -> None:
    with pytest.raises(
        PackageError, match=r"would not run on python3\.13, arm64: .* is not for arm64"
    ):
        check_platform({CORE: make_library()}, "python3.13", "arm64")
