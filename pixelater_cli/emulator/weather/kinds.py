"""Kinds of weather and the parser of the option that names them."""

from __future__ import annotations

from typing import Literal, cast, get_args

from pixelater_cli.errors import UsageError

Kind = Literal["order", "stale", "newborn", "slow", "throttle", "faults"]

KINDS: tuple[Kind, ...] = get_args(Kind)

ALL = "all"


def parse_kinds(text: str) -> frozenset[Kind]:
    """Parse names of kinds, separated by commas, or "all". Raises UsageError.

    >>> sorted(parse_kinds("stale, order"))
    ['order', 'stale']
    """
    names = [name.strip() for name in text.split(",")]
    if names == [ALL]:
        return frozenset(KINDS)
    hint = f"Use {', '.join(KINDS)}, or {ALL}."
    if ALL in names:
        raise UsageError(f"--weather: {ALL} cannot be combined with other kinds", hint)
    for name in names:
        if name not in KINDS:
            raise UsageError(f"--weather: {name!r} is not a kind of weather", hint)
    return frozenset(cast("list[Kind]", names))
