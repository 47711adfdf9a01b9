"""The cosine of fdlibm, which is that of JavaScript in V8.

The C libraries of two machines may differ in a cosine's last bit, and so in hashes: this one is the
same everywhere. It follows k_cos.c, k_sin.c and e_rem_pio2.c of https://netlib.org/fdlibm/, whose
notice is: "Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft,
a Sun Microsystems, Inc. business. Permission to use, copy, modify, and distribute this software is
freely granted, provided that this notice is preserved."
"""

from __future__ import annotations

import struct
from math import frexp

COSINE = (
    4.16666666666666019037e-02,
    -1.38888888888741095749e-03,
    2.48015872894767294178e-05,
    -2.75573143513906633035e-07,
    2.08757232129817482790e-09,
    -1.13596475577881948265e-11,
)
SINE = (
    -1.66666666666666324348e-01,
    8.33333333332248946124e-03,
    -1.98412698298579493134e-04,
    2.75573137070700676789e-06,
    -2.50507602534068634195e-08,
    1.58969099521155010221e-10,
)
"""Coefficients of the polynomials, those of the lowest powers first."""

QUARTER_TURN = (
    (1.57079632673412561417, 6.07710050650619224932e-11),
    (6.07710050630396597660e-11, 2.02226624879595063154e-21),
    (2.02226624871116645580e-21, 8.47842766036889956997e-32),
)
"""Its first, second and third 33 bits, each with what remains after it."""

QUARTERS_OF_ONE = 6.36619772367581382433e-01
SMALL = 0.785398163397448  # An eighth of a turn.
LOST_BITS = (0, 16, 49)
"""Bits that a difference may lose before more of the quarter turn are needed."""


def find_cosine(angle: float) -> float:
    """Return the cosine of an angle from 0 to a hundred thousand turns.

    >>> find_cosine(0), find_cosine(2)
    (1.0, -0.4161468365471424)
    """
    if angle <= SMALL:
        return _near_zero(angle, 0.0)
    quarters = int(angle * QUARTERS_OF_ONE + 0.5)
    rest, tail = _take_off(angle, quarters)
    way = quarters % 4
    value = _sine(rest, tail) if way % 2 else _near_zero(rest, tail)
    return -value if way in (1, 2) else value


def _take_off(angle: float, quarters: int) -> tuple[float, float]:
    """Subtract quarter turns: what remains, and what the last bit of that leaves out."""
    rest, correction = angle, 0.0
    for (part, after), most in zip(QUARTER_TURN, (*LOST_BITS[1:], 2000), strict=True):
        before = rest
        taken = quarters * part
        rest = before - taken
        lost = 0.0 if part > 1 else (before - rest) - taken
        correction = quarters * after - lost
        if frexp(angle)[1] - frexp(rest - correction)[1] <= most:
            break
    found = rest - correction
    return found, (rest - found) - correction


def _near_zero(x: float, tail: float) -> float:
    z = x * x
    r = z * _evaluate(COSINE, z)
    high = _high_word(abs(x))
    if high < 0x3E400000:  # Below 2**-27.
        return 1.0
    if high < 0x3FD33333:  # Below 0.3.
        return 1.0 - (0.5 * z - (z * r - x * tail))
    quarter = 0.28125 if high > 0x3FE90000 else _from_high_word(high - 0x00200000)
    return (1.0 - quarter) - ((0.5 * z - quarter) - (z * r - x * tail))


def _sine(x: float, tail: float) -> float:
    z = x * x
    v = z * x
    r = _evaluate(SINE[1:], z)
    return x - ((z * (0.5 * tail - v * r) - tail) - v * SINE[0])


def _evaluate(coefficients: tuple[float, ...], z: float) -> float:
    value = 0.0
    for coefficient in reversed(coefficients):
        value = coefficient + z * value
    return value


def _high_word(value: float) -> int:
    word: int = struct.unpack(">Q", struct.pack(">d", value))[0] >> 32
    return word


def _from_high_word(word: int) -> float:
    value: float = struct.unpack(">d", struct.pack(">Q", word << 32))[0]
    return value
