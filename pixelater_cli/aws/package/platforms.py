"""Owns checking that compiled modules fit where they are to run: CPU, Python, C library.

Pure. A Pillow for the wrong platform is the usual way for a Python function to fail in Lambda, and
it fails only there, at the first photo.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pixelater_cli.aws.package.pillow_files import is_compiled

ELF_MACHINES = {"x86_64": 62, "arm64": 183}
"""Lambda's name for an architecture -> e_machine in an ELF header (EM_X86_64, EM_AARCH64)."""

GLIBC = (2, 34)
"""That of Amazon Linux 2023, on which Lambda's Python 3.12 and later run."""


def find_mismatches(files: Mapping[str, bytes], runtime: str, architecture: str) -> Iterator[str]:
    """Say of each compiled module that does not fit what is wrong with it.

    An ELF file begins with 0x7F "ELF"; byte 4 is 2 for 64 bits, bytes 18 and 19 are the machine
    (System V ABI, chapter 4). The versions of the C library it needs are in it as text.
    """
    python = runtime.removeprefix("python").replace(".", "")
    for name, content in files.items():
        if not is_compiled(name):
            continue
        tag = re.search(r"\.cpython-(\d+)", name)
        if content[:5] != b"\x7fELF\2":
            yield f"{name} is no 64-bit Linux library"
        elif int.from_bytes(content[18:20], "little") != ELF_MACHINES[architecture]:
            yield f"{name} is not for {architecture}"
        elif tag and tag[1] != python:
            yield f"{name} is for another Python than {runtime}"
        elif (needed := _find_glibc(content)) > GLIBC:
            yield f"{name} needs glibc {needed[0]}.{needed[1]}"


def _find_glibc(content: bytes) -> tuple[int, ...]:
    versions = re.findall(rb"\0GLIBC_(\d+)\.(\d+)", content)
    return max((tuple(map(int, version)) for version in versions), default=(0, 0))
