"""Owns what of Pillow goes into the zip: what the function may load, and no more.

Pure. Pillow brings libraries for text, for windows and for photos; only the last count here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

Files = Mapping[str, bytes]

NEVER_LOADED = frozenset({"_imagingft", "_imagingmorph", "_imagingtk"})
"""Compiled modules for fonts, morphology and Tk: nothing that reads or writes photos loads them."""

INSTALLER_FILES = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})
"""What installers write beside a wheel's own files; it differs from machine to machine."""

LIBRARY_FOLDERS = frozenset({"pillow.libs", ".dylibs"})
"""Where wheels for Linux and for macOS keep the libraries that their compiled modules load."""


def select_files(pillow: Files) -> Files:
    """Leave out what is never loaded, and the libraries that only that would have needed."""
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
    """Tell whether a file is machine code, by its name."""
    return ".so" in PurePosixPath(name).name or name.endswith((".pyd", ".dylib", ".dll"))


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
    """Find the libraries that a compiled module names: a file in its list of needed ones."""
    for name in libraries:
        if PurePosixPath(name).name.encode() in content:
            yield name
