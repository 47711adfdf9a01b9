"""Cosine sums of pixels, added up in the order in which the reference encoders add.

Sums of floats depend on their order, and a factor that lies between two codes on the last bit. So
no compensated sum will do, such as that of Python's `sum` since 3.12.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, reduce
from math import floor, pi
from operator import add, mul

from pixelater.placeholder.cosine import find_cosine

Values = Sequence[float]


def add_up(values: Iterable[float]) -> float:
    """Add up from left to right."""
    return reduce(add, values, 0.0)


def multiply(left: Iterable[float], right: Iterable[float]) -> list[float]:
    """Multiply values one by one."""
    return [*map(mul, left, right)]


@lru_cache(maxsize=256)
def find_cosines(length: int, wave: int, middle: bool) -> tuple[float, ...]:
    """Return a cosine of `wave` half waves at each pixel: at its middle, or at its start."""
    if middle:
        return tuple(find_cosine(pi / length * wave * (x + 0.5)) for x in range(length))
    return tuple(find_cosine(pi * wave * x / length) for x in range(length))


def round_half_up(value: float) -> int:
    """Round as JavaScript's Math.round (ECMA-262, section 21.3.2.28).

    >>> round_half_up(2.5), round_half_up(-2.5), round_half_up(0.49999999999999994)
    (3, -2, 0)
    """
    below = floor(value)
    return below + (value - below >= 0.5)


def tabulate(function: Callable[[int], float]) -> tuple[float, ...]:
    """Tabulate a function of a level, 0 to 255."""
    return tuple(map(function, range(256)))
