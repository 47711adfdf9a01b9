"""Tables of what `pixelater emulate --weather` does, made from the emulator's own tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pixelater_cli.emulator.weather.refusal_table import REFUSALS
from pixelater_cli.emulator.weather.spells import FAILED, SECONDS, THROTTLED
from pixelater_cli.emulator.weather.staleness import STALE_READS

MAX_ACTIONS = 2
"""How many calls a cell names; the others are "..."."""


def show_refusals(cog: Any) -> None:
    """Write a table of the errors that pass by themselves."""
    rows = (
        (
            refusal.kind,
            _join(refusal.after),
            _join(refusal.refused),
            f"{refusal.status} {refusal.code}",
            _format_seconds(refusal.seconds),
            _link(refusal.source),
        )
        for refusal in REFUSALS
    )
    _write(cog, ("kind", "after", "is refused", "error", "seconds", "source"), rows)


def show_stale_reads(cog: Any) -> None:
    """Write a table of the reads that are stale."""
    rows = (
        (stale.read, _join(stale.after), _format_seconds(stale.seconds), _link(stale.source))
        for stale in STALE_READS
    )
    _write(cog, ("stale read", "after", "seconds", "source"), rows)


def show_spells(cog: Any) -> None:
    """Write a table of the errors of throttled and failing services."""
    errors = (("throttle", THROTTLED), ("faults", FAILED))
    rows = (
        (
            kind,
            service,
            f"{error.status} {error.code}",
            _format_seconds(SECONDS["throttle" if kind == "throttle" else "faults"]),
            _link(error.source),
        )
        for kind, table in errors
        for service, error in table.items()
    )
    _write(cog, ("kind", "service", "error", "seconds", "source"), rows)


def _write(cog: Any, titles: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    for row in (titles, ("---",) * len(titles), *rows):
        cog.outl(f"| {' | '.join(row)} |")


def _join(actions: frozenset[str]) -> str:
    return ", ".join(_shorten(sorted(actions)))


def _shorten(actions: list[str]) -> Iterator[str]:
    yield from (f"`{action}`" for action in actions[:MAX_ACTIONS])
    if len(actions) > MAX_ACTIONS:
        yield "..."


def _format_seconds(limits: tuple[float, float]) -> str:
    least, most = (f"{limit:.0f}" for limit in limits)
    return least if least == most else f"{least} to {most}"


def _link(source: str) -> str:
    if source.startswith("https://github.com/"):
        words = source.removeprefix("https://github.com/").split("/")
        return f"[{words[1]} {words[-1]}]({source})"
    return f"[AWS]({source})"
