"""Owns pixelater.toml: the settings of a stack, kept in a file.

Its keys are the options of `pixelater deploy`, with - or _ between words. What the command line or
the environment says goes before what the file says.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from pixelater_cli.errors import UsageError

NAME = "pixelater.toml"


def read_settings(path: Path, known: Collection[str]) -> dict[str, Any]:
    """Read the settings of a file, by the names of the parameters that take them.

    `known` are these names, such as "log_days". Raises UsageError.
    """
    import tomllib

    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(
            f"{path} cannot be read: {reason}", "Name another with --config."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        hint = 'Settings look like this: memory = 512, or: prefix = "in/"'
        raise UsageError(f"{path} is no TOML: {error}", hint) from error
    settings = {name.replace("-", "_"): value for name, value in found.items()}
    for name, value in settings.items():
        if name not in known:
            raise _refuse_name(path, name, known)
        if not isinstance(value, str | int | list):
            raise UsageError(
                f"{path}: {name} is neither text nor a number", f'Write it like: {name} = "value"'
            )
    return {name: _word(value) for name, value in settings.items()}


def _refuse_name(path: Path, name: str, known: Collection[str]) -> UsageError:
    from difflib import get_close_matches

    nearest = get_close_matches(name, known, n=1)
    hint = f"Did you mean {nearest[0]}?" if nearest else f"There are: {', '.join(sorted(known))}."
    return UsageError(f"{path}: there is no setting {name}", hint)


def _word(value: str | int | list[Any]) -> str | int:
    """Write a list as the command line would: [8, 16] is "8,16"."""
    return ",".join(str(one) for one in value) if isinstance(value, list) else value
