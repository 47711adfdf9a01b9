"""Threshold matrices of ordered dithering: Bayer's, and one of blue noise."""

from __future__ import annotations

import struct
from base64 import b85decode
from functools import cache

from pixelater.palette.blue_noise import RANKS, SIDE

Matrix = tuple[tuple[int, ...], ...]
"""Rows of ranks: each number from 0 to their count less one occurs once."""


@cache
def make_bayer(side: int) -> Matrix:
    """Return B. E. Bayer's matrix (1973) of 2, 4, 8 ... cells a side.

    The bits of a rank are those of the column, and of column xor row, highest first, from the
    lowest: https://bisqwit.iki.fi/story/howto/dither/jy/#Appendix%202ThresholdMatrix

    >>> make_bayer(4)
    ((0, 12, 3, 15), (8, 4, 11, 7), (2, 14, 1, 13), (10, 6, 9, 5))
    """
    if side == 1:
        return ((0,),)
    half = make_bayer(side // 2)
    quarters = ((0, 3), (2, 1))
    return tuple(
        tuple(
            4 * half[y % (side // 2)][x % (side // 2)] + quarters[2 * y // side][2 * x // side]
            for x in range(side)
        )
        for y in range(side)
    )


@cache
def read_blue_noise() -> Matrix:
    """Return the matrix of blue noise."""
    ranks = struct.unpack(f">{SIDE * SIDE}H", b85decode(RANKS))
    return tuple(ranks[row : row + SIDE] for row in range(0, SIDE * SIDE, SIDE))
