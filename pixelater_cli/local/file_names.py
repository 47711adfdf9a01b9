"""Names of files that stay below a folder, on POSIX and on Windows. Pure."""

from __future__ import annotations

import re
from pathlib import PurePosixPath, PureWindowsPath

RESERVED_NAMES = re.compile(
    r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:\..*)?", re.I | re.S
)
"""Devices, in every folder and with any extension
(https://learn.microsoft.com/windows/win32/fileio/naming-a-file)."""

FORBIDDEN_CHARACTERS = re.compile(r'[\x00-\x1f<>:"|?*]')
"""Windows forbids them; a colon begins the name of a drive or of a stream."""


def find_problem(name: str, windows: bool) -> str:
    """Return why a file of this name would not be below its {folder}, or "".

    "/" separates folders; on Windows, a backslash does, too.

    >>> find_problem("../x.jpg", windows=False), find_problem("nul.d/x.jpg", windows=True)
    ('leads out of {folder}', 'is not a file name on Windows')
    """
    path = PureWindowsPath(name) if windows else PurePosixPath(name)
    if path.anchor or ".." in path.parts:
        return "leads out of {folder}"
    if not path.parts or "\0" in name:
        return "is not a file name"
    if windows and any(map(_is_unusable_on_windows, path.parts)):
        return "is not a file name on Windows"
    return ""


def _is_unusable_on_windows(part: str) -> bool:
    """Return whether Windows refuses a name, or makes it another: it drops dots at the end."""
    forbidden = FORBIDDEN_CHARACTERS.search(part) or RESERVED_NAMES.fullmatch(part)
    return forbidden is not None or part[-1] in ". "
