"""Selection of the files of Pillow that the function needs, and a check of their platform.

No I/O. Pillow brings libraries for text, for windows and for photos; only the last count here. A
Pillow for the wrong platform is the usual way for a Python function to fail in Lambda, and it fails
only there, at the first photo.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

Files = Mapping[str, bytes]

NEVER_LOADED = frozenset({"_imagingft", "_imagingmorph", "_imagingtk"})
"""Compiled modules for fonts, morphology and Tk, which reading and writing photos does not load."""

INSTALLER_FILES = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})
"""Files that installers add to those of a wheel; they differ from machine to machine."""

LIBRARY_FOLDERS = frozenset({"pillow.libs", ".dylibs"})
"""Folders with the libraries that compiled modules load, in wheels for Linux and for macOS."""

ELF_MACHINES = {"x86_64": 62, "arm64": 183}
"""Lambda's name for an architecture -> e_machine in an ELF header (EM_X86_64, EM_AARCH64)."""

GLIBC = (2, 34)
"""The C library of Amazon Linux 2023, on which Lambda runs Python 3.12 and later."""


def select_files(pillow: Files) -> Files:
    """Leave out what is never loaded, and the libraries that only such modules need."""
    files = {name: content for name, content in pillow.items() if _may_be_loaded(name)}
    libraries = {name for name in files if _is_library(name)}
    needed = {name: content for name, content in files.items() if name not in libraries}
    reached = [content for name, content in needed.items() if is_compiled(name)]
    while reached:
        content = reached.pop()
        for name in _find_needed(content, libraries - needed.keys()):
            needed[name] = files[name]
            reached.append(files[name])
    return needed


def is_compiled(name: str) -> bool:
    """Return whether a file is machine code, by its name."""
    return ".so" in PurePosixPath(name).name or name.endswith((".pyd", ".dylib", ".dll"))


def find_mismatches(files: Files, runtime: str, architecture: str) -> Iterator[str]:
    """Find the compiled modules that do not fit the runtime, and why.

    An ELF file begins with 0x7F "ELF"; byte 4 is 2 for 64 bits, bytes 18 and 19 are the machine
    (System V ABI, chapter 4). The required versions of the C library are in it as text.
    """
    python = runtime.removeprefix("python").replace(".", "")
    for name, content in files.items():
        if not is_compiled(name):
            continue
        tag = re.search(r"\.cpython-(\d+)", name)
        if content[:5] != b"\x7fELF\2":
            yield f"{name} is not a 64-bit Linux library"
        elif int.from_bytes(content[18:20], "little") != ELF_MACHINES[architecture]:
            yield f"{name} is not for {architecture}"
        elif tag and tag[1] != python:
            yield f"{name} is not for {runtime}"
        elif (needed := _find_glibc(content)) > GLIBC:
            yield f"{name} needs glibc {needed[0]}.{needed[1]}"


def _may_be_loaded(name: str) -> bool:
    path = PurePosixPath(name)
    return not (
        "__pycache__" in path.parts
        or ".." in path.parts
        or "sboms" in path.parts
        or path.name in INSTALLER_FILES
        or path.suffix == ".pyi"
        or path.name.split(".")[0] in NEVER_LOADED
    )


def _is_library(name: str) -> bool:
    return not LIBRARY_FOLDERS.isdisjoint(PurePosixPath(name).parts)


def _find_needed(content: bytes, libraries: set[str]) -> Iterator[str]:
    """Find the libraries whose file name is in a compiled module, which lists those it needs."""
    for name in libraries:
        if PurePosixPath(name).name.encode() in content:
            yield name


def _find_glibc(content: bytes) -> tuple[int, ...]:
    versions = re.findall(rb"\0GLIBC_(\d+)\.(\d+)", content)
    return max((tuple(map(int, version)) for version in versions), default=(0, 0))
