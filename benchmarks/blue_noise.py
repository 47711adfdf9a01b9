"""Owns the matrix of blue noise: writes lambda/pixelater/palette/blue_noise.py, always the same.

python -m benchmarks.blue_noise

R. Ulichney, The void-and-cluster method for dither array generation, 1993: of the cells that are
set, the one in the tightest cluster goes first; of the others, the one in the largest void comes
next. Energies are integers, so that every machine finds the same cells.
"""

from __future__ import annotations

import base64
import math
import random
import struct
import textwrap
from collections.abc import Iterable
from pathlib import Path

SIDE = 32
CELLS = SIDE * SIDE
SIGMA = 1.5
REACH = 6

TARGET = Path(__file__).parents[1] / "lambda" / "pixelater" / "palette" / "blue_noise.py"

MODULE = '''"""A matrix of blue noise, made by `python -m benchmarks.blue_noise`."""

SIDE = {side}

RANKS = (
{lines}
)
"""Ranks of 16 bits, high byte first, row by row, in base 85."""
'''


class Field:
    """Cells that are set, and the energy of each cell: how close the set ones are, on a torus."""

    def __init__(self, cells: Iterable[int]) -> None:
        self.cells: set[int] = set()
        self.energies = [0] * CELLS
        for cell in cells:
            self.add(cell)

    def add(self, cell: int) -> None:
        self.cells.add(cell)
        self._spread(cell, 1)

    def remove(self, cell: int) -> None:
        self.cells.remove(cell)
        self._spread(cell, -1)

    def find_cluster(self) -> int:
        """Return the set cell of the highest energy; of several, the first."""
        return max(sorted(self.cells), key=self.energies.__getitem__)

    def find_void(self) -> int:
        """Return the unset cell of the lowest energy; of several, the first."""
        return min(
            (cell for cell in range(CELLS) if cell not in self.cells),
            key=self.energies.__getitem__,
        )

    def _spread(self, cell: int, sign: int) -> None:
        row, column = divmod(cell, SIDE)
        for down, across, energy in KERNEL:
            place = (row + down) % SIDE * SIDE + (column + across) % SIDE
            self.energies[place] += sign * energy


KERNEL = [
    (down, across, round(2**20 * math.exp(-(down * down + across * across) / (2 * SIGMA**2))))
    for down in range(-REACH, REACH + 1)
    for across in range(-REACH, REACH + 1)
]


def rank_cells() -> list[int]:
    """Return the rank of each cell, row by row."""
    first = random.Random(1).sample(range(CELLS), CELLS // 10)  # noqa: S311
    field = Field(first)
    while True:
        cluster = field.find_cluster()
        field.remove(cluster)
        void = field.find_void()
        field.add(void)
        if void == cluster:
            break
    ranks = [0] * CELLS
    seeds = sorted(field.cells)
    for rank in reversed(range(len(seeds))):
        cluster = field.find_cluster()
        field.remove(cluster)
        ranks[cluster] = rank
    field = Field(seeds)
    for rank in range(len(seeds), CELLS):
        void = field.find_void()
        field.add(void)
        ranks[void] = rank
    return ranks


def write_module(ranks: list[int]) -> str:
    """Return the module's text."""
    text = base64.b85encode(struct.pack(f">{CELLS}H", *ranks)).decode()
    lines = "\n".join(f'    b"{line}"' for line in textwrap.wrap(text, 88))
    return MODULE.format(side=SIDE, lines=lines)


if __name__ == "__main__":
    TARGET.write_text(write_module(rank_cells()), encoding="ascii")
