"""Pattern dithering: for each cell a list of colors whose mean is its own, and a matrix chooses.

Thomas Knoll's algorithm (US patent 6,606,166, expired 2019), as in
https://bisqwit.iki.fi/story/howto/dither/jy/#PatternDitheringThePatentedAlgorithmUsedInAdobePhotoshop:
each pick is the color nearest to the cell and the error of the picks so far. A cell's color depends
on its own and its place only, so that animations do not flicker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PIL import Image, ImageChops

from pixelater.palette.light import LEVELS, LIGHT, decide, find_level
from pixelater.palette.matrices import Matrix, make_bayer, read_blue_noise
from pixelater.palette.oklab import calculate, look_up, to_oklab
from pixelater.palette.palette import Color

_SHARES = 64
_COARSE_BITS = 4
"""Light is cut to 8 bits for the look-up of a level; the error counts in full."""

MATRICES: dict[str, tuple[Callable[[], Matrix], int]] = {
    "bayer2": (lambda: make_bayer(2), 4),
    "bayer4": (lambda: make_bayer(4), 16),
    "bayer8": (lambda: make_bayer(8), 32),
    "blue": (read_blue_noise, 16),
}
"""The matrix, and the number of picks, a power of two: more than its ranks are of no use."""

Bands = list[Image.Image]


def dither_pattern(
    cells: Image.Image, colors: tuple[Color, ...], name: str, strength: float
) -> Image.Image:
    """Return the index (L) of a color for each cell (RGB); errors count by `strength`."""
    order = sorted(range(len(colors)), key=lambda index: to_oklab(colors[index]))
    ordered = tuple(colors[index] for index in order)
    picks = sort_images(list(_pick(cells, ordered, MATRICES[name][1], round(strength * _SHARES))))
    chosen = picks[0].copy()
    for pick, mask in zip(picks, _make_masks(cells.size, name), strict=True):
        chosen.paste(pick, mask=mask)
    return chosen.point(order + [0] * (256 - len(order)))


def _pick(
    cells: Image.Image, colors: tuple[Color, ...], count: int, shares: int
) -> Iterator[Image.Image]:
    """Choose colors (L) one after the other, whose light adds up to that of the cells."""
    cube = list(decide(colors).ljust(1 << 16, b"\0"))
    padding = [0] * (256 - len(colors))
    lights = [[LIGHT[color[band]] for color in colors] + padding for band in range(3)]
    wanted = [band.point(LIGHT, "I") for band in cells.split()]
    errors = [Image.new("I", cells.size) for _ in wanted]
    for _ in range(count):
        red, green, blue = (
            _aim(want, error, shares) for want, error in zip(wanted, errors, strict=True)
        )
        key = calculate(
            lambda v: (v["red"] * LEVELS + v["green"]) * LEVELS + v["blue"],
            red=red,
            green=green,
            blue=blue,
        )
        found = look_up(key, cube)
        yield found
        errors = [
            calculate(
                lambda v: v["error"] + v["want"] - v["got"],
                error=error,
                want=want,
                got=found.point(light, "I"),
            )
            for error, want, light in zip(errors, wanted, lights, strict=True)
        ]


_LEVELS = [find_level(light << _COARSE_BITS) for light in range(256)]


def _aim(wanted: Image.Image, error: Image.Image, shares: int) -> Image.Image:
    """Return the level of the wanted light and the share of the error, cut to what exists."""
    light = calculate(
        lambda v: v["convert"](
            (v["wanted"] + v["error"] * shares / _SHARES) / (1 << _COARSE_BITS), "L"
        ),
        wanted=wanted,
        error=error,
    )
    return light.point(_LEVELS)


def sort_images(images: Sequence[Image.Image]) -> Bands:
    """Sort the values of 2, 4, 8 ... images at each place, with K. E. Batcher's network (1968)."""
    images = list(images)
    count = len(images)
    span = 1
    while span < count:
        step = span
        while step:
            for start in range(step % span, count - step, 2 * step):
                for low in range(start, min(start + step, count - step)):
                    high = low + step
                    if low // (2 * span) == high // (2 * span):
                        images[low], images[high] = (
                            ImageChops.darker(images[low], images[high]),
                            ImageChops.lighter(images[low], images[high]),
                        )
            step //= 2
        span *= 2
    return images


def _make_masks(size: tuple[int, int], name: str) -> Iterator[Image.Image]:
    """For each pick, return the places (L, 0 or 255) at which a matrix chooses it."""
    make, count = MATRICES[name]
    matrix = make()
    width, height = size
    side = len(matrix)
    ranks = [[rank * count // (side * side) for rank in row] for row in matrix]
    rows = [bytes(row) * (width // side + 1) for row in ranks]
    places = Image.frombytes("L", size, b"".join(rows[y % side][:width] for y in range(height)))
    for pick in range(count):
        yield places.point([255 * (rank == pick) for rank in range(256)])
