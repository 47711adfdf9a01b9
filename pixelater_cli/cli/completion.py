"""Shell completion of the names of AWS profiles, of stacks used before, and of palettes.

A file that cannot be read completes to nothing: the Tab key must not print errors.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from pixelater_cli.errors import UnusablePath

MAX_STACKS = 100
MAX_BYTES = 100_000


def complete_profile(incomplete: str) -> list[str]:
    """Return the profiles of the AWS configuration with this prefix.

    Sections are [profile x] in one file and [x] in the other
    (https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html).
    """
    pattern = r"^\[\s*profile\s+(.+?)\s*\]|^\[\s*(default)\s*\]"
    names = _find_sections("AWS_CONFIG_FILE", "config", pattern)
    names |= _find_sections("AWS_SHARED_CREDENTIALS_FILE", "credentials", r"^\[\s*(.+?)\s*\]()")
    return sorted(name for name in names if name.startswith(incomplete))


def complete_stack(incomplete: str) -> list[str]:
    """Return the stacks used on this machine with this prefix."""
    return sorted(name for name in _load_stacks() if name.startswith(incomplete))


def complete_palette(incomplete: str) -> list[str]:
    """Return the built-in palettes with this prefix."""
    from pixelater.palette.builtin import BUILT_IN

    return [name for name in BUILT_IN if name.startswith(incomplete.lower())]


def save_stack(name: str) -> None:
    """Save the name of a stack for completion."""
    from pixelater_cli.local.files import write_whole

    known = _load_stacks()
    if name not in known:
        names = [*known, name][-MAX_STACKS:]
        with suppress(UnusablePath):  # A name that is not saved is not completed.
            write_whole(_find_stacks_file(), "\n".join(names).encode())


def _load_stacks() -> list[str]:
    from pixelater_cli.local.files import read_whole

    with suppress(UnusablePath, UnicodeDecodeError):
        names = read_whole(_find_stacks_file(), MAX_BYTES).decode().split()
        return [name for name in names if name.isprintable()]
    return []


def _find_stacks_file() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("pixelater") / "stacks"


def _find_sections(variable: str, file: str, pattern: str) -> set[str]:
    path = Path(os.environ.get(variable) or Path("~", ".aws", file)).expanduser()
    with suppress(OSError, UnicodeDecodeError):
        found = re.findall(pattern, path.read_text("utf-8"), re.MULTILINE)
        return {name or default for name, default in found}
    return set()
