"""Durations of an animation's frames, split where a format limits them.

A frame that is shown for longer than its format allows is written several times in a row, so that
the animation takes as long as before.
"""

from __future__ import annotations

from collections.abc import Sequence

MAX_DELAYS = 2000
"""Repetitions in one animation. With more, a file of a few bytes would become one of gigabytes."""

Delay = tuple[int, int]
"""A number of units of time, and the milliseconds of one."""


def split_delays(
    durations: Sequence[int], units: Sequence[int], most: int
) -> tuple[tuple[Delay, ...], ...]:
    """Split each duration in milliseconds into delays of at most `most` units.

    `units` are those of the format, the shortest first; what is left below it is dropped. Raises
    ValueError if the sum takes too many delays.

    >>> split_delays([100, 700_000], units=(10,), most=65_535)
    (((10, 10),), ((65535, 10), (4465, 10)))
    >>> split_delays([70_007], units=(1, 10), most=65_535)
    (((7000, 10), (7, 1)),)
    """
    if sum(durations) > MAX_DELAYS * most * units[-1]:
        raise ValueError("the animation is too long for this format")
    return tuple(tuple(_split(duration, units, most)) for duration in durations)


def _split(milliseconds: int, units: Sequence[int], most: int) -> list[Delay]:
    delays: list[Delay] = []
    left = milliseconds
    while not delays or left >= units[0]:
        unit = next((unit for unit in units if left <= most * unit), units[-1])
        count = min(left // unit, most)
        delays.append((count, unit))
        left -= count * unit
    return delays
