"""Compiled modules must fit the CPU, the Python and the C library they are to run with."""

from __future__ import annotations

import pytest

from pixelater_cli.aws.package.builder import check_platform
from pixelater_cli.aws.package.platforms import find_mismatches
from pixelater_cli.errors import PackageError

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
        (CORE, make_library(start=b"\xcf\xfa\xed\xfe\7"), f"{CORE} is no 64-bit Linux library"),
        (CORE, make_library(start=b"\x7fELF\1"), f"{CORE} is no 64-bit Linux library"),
        ("PIL/a.pyd", b"MZ", "PIL/a.pyd is no 64-bit Linux library"),
        (
            "PIL/_imaging.cpython-311-x86_64-linux-gnu.so",
            make_library(),
            "PIL/_imaging.cpython-311-x86_64-linux-gnu.so is for another Python than python3.13",
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
