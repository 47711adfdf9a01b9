"""Options of mosaics."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pixelater.arguments import check_integer, check_type

if TYPE_CHECKING:
    from pixelater.palette.palette import Palette

FORMATS = ("same", "auto", "jpeg", "png", "webp", "gif", "tiff", "bmp", "avif", "ktx2")

ALIASES = {"jpg": "jpeg", "tif": "tiff"}

LOSSY = ("jpeg", "avif")
"""Formats that cannot hold the colors of a palette, or sharp transparency."""

CELLS = ("photo", "square")
DITHERS = ("none", "floyd", "atkinson", "bayer2", "bayer4", "bayer8", "blue")
TONES = ("fit", "keep")
KERNELS = ("mean", "crisp")

MAX_CELL_SIZE = 65_535
MAX_TIMES = 100
MAX_COLORS = 256


@dataclass(frozen=True)
class Style:
    """How mosaics are written.

    `format` is "same" (as the photo), "auto" (the smallest lossless one), "jpeg", "png", "webp",
    "gif", "tiff", "bmp", "avif" or "ktx2" (a texture with mipmaps). "jpg" is "jpeg", and case does
    not matter. For JPEG, `quality` is 1 to 100, and `optimize` computes Huffman tables (a third
    smaller, slower). `background` is the red, green and blue (0 to 255) of transparent areas in
    JPEG and BMP.

    `cells` are as oblong as the photo ("photo": as many across as down), or "square": as many as
    the grid on the longer side. `cell_size` makes square cells of so many pixels instead, from the
    top left; grids then do not count. `size` is that of the file: "photo", "native" (a pixel for
    each cell) or "x8" (8 x 8 pixels). With `kernel` "crisp", a cell has the color of its larger
    part, not the mean.

    `palette` is the name of a built-in palette, a Palette, the bytes of a palette file, or the
    number of colors to find in the photo; `dither` and `dither_strength` (0 to 1; None: as suits
    it) mix its colors, and `tone` "keep" leaves lightness as it is on a ramp, such as grays. JPEG
    and AVIF cannot hold a palette: mosaics of such photos are then PNG.

    With an `alpha_threshold` (0 to 1), a cell of which at least so much is covered is opaque, and
    any other transparent. Of files of size "native" or "x8", `trim` cuts off transparent rows and
    columns of cells, `outline` draws a border of one cell around what is not transparent in
    `outline_color` (or the nearest color of a palette), and `pot` pads width and height, in cells,
    to powers of two. Such mosaics are sRGB, and PNG if the photo's format is lossy.

    Raises TypeError or ValueError, naming the argument.

    >>> Style("JPG", quality=80).format
    'jpeg'
    >>> Style("svg")
    Traceback (most recent call last):
    ValueError: format: 'svg' is not one of same, auto, jpeg, png, webp, gif, tiff, bmp, avif, ktx2
    """

    format: str = "same"
    quality: int = 90
    optimize: bool = False
    background: tuple[int, int, int] = (255, 255, 255)
    cells: str = "photo"
    cell_size: int | None = None
    size: str = "photo"
    palette: Palette | str | bytes | int | None = None
    dither: str = "none"
    dither_strength: float | None = None
    tone: str = "fit"
    kernel: str = "mean"
    alpha_threshold: float | None = None
    trim: bool = False
    outline: bool = False
    outline_color: tuple[int, int, int] = (0, 0, 0)
    pot: bool = False

    def __post_init__(self) -> None:
        given = check_type("format", self.format, str, "a string")
        format_ = ALIASES.get(given.lower(), given.lower())
        if format_ not in FORMATS:
            raise ValueError(f"format: {given!r} is not one of {', '.join(FORMATS)}")
        check_type("optimize", self.optimize, bool, "a bool")
        object.__setattr__(self, "format", format_)
        object.__setattr__(self, "quality", check_integer("quality", self.quality, 1, 100))
        for name in ("background", "outline_color"):
            object.__setattr__(self, name, _check_color(name, getattr(self, name)))
        _check_word("cells", self.cells, CELLS)
        _check_word("dither", self.dither, DITHERS)
        _check_word("tone", self.tone, TONES)
        _check_word("kernel", self.kernel, KERNELS)
        if self.cell_size is not None:
            side = check_integer("cell_size", self.cell_size, 1, MAX_CELL_SIZE)
            object.__setattr__(self, "cell_size", side)
        object.__setattr__(self, "size", _check_size(self.size))
        for name in ("dither_strength", "alpha_threshold"):
            object.__setattr__(self, name, _check_share(name, getattr(self, name)))
        if self.palette is not None:
            object.__setattr__(self, "palette", _read_palette(self.palette))
            if format_ in LOSSY:
                raise ValueError(
                    f"format: {format_} cannot hold a palette; choose png, webp or auto"
                )
        for name in ("trim", "outline", "pot"):
            if check_type(name, getattr(self, name), bool, "a bool") and not self.times:
                raise ValueError(
                    f"{name}: works on cells, so the size must be native, or one such as x8"
                )
        if self.makes_sprites and format_ in (*LOSSY, "bmp"):
            raise ValueError(
                f"format: {format_} cannot hold sharp transparency; choose png, webp or auto"
            )

    @property
    def times(self) -> int:
        """Pixels of the file on each side of a cell; 0 for a file of the photo's size."""
        known = {"photo": 0, "native": 1}
        return known[self.size] if self.size in known else int(self.size[1:])

    @property
    def makes_sprites(self) -> bool:
        """Whether cells are made transparent or opaque, cut, outlined or padded."""
        return self.alpha_threshold is not None or self.trim or self.outline or self.pot


def _check_word(name: str, value: object, words: tuple[str, ...]) -> None:
    word = check_type(name, value, str, "a string")
    if word not in words:
        raise ValueError(f"{name}: {word!r} is not one of {', '.join(words)}")


def _check_size(value: object) -> str:
    size = check_type("size", value, str, "a string").lower()
    if size in ("photo", "native"):
        return size
    times = re.fullmatch(r"x0*([1-9]\d{0,2})", size, re.ASCII)
    if not times or int(times[1]) > MAX_TIMES:
        raise ValueError(f"size: {value!r} is not photo, native, or x1 to x{MAX_TIMES}")
    return f"x{times[1]}"


def _check_color(name: str, value: object) -> tuple[int, ...]:
    if not isinstance(value, tuple | list) or len(value) != 3:
        raise TypeError(f"{name} must be three integers: red, green and blue")
    return tuple(check_integer(name, level, 0, 255) for level in value)


def _check_share(name: str, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number, not {type(value).__name__}")
    if not 0 <= value <= 1:
        raise ValueError(f"{name}: {value} is not from 0 to 1")
    return float(value)


def _read_palette(value: object) -> Palette | int:
    """Return a palette, or a number of colors. Raises TypeError and ValueError."""
    from pixelater.palette.builtin import find_palette
    from pixelater.palette.files import parse_palette
    from pixelater.palette.palette import Palette

    if isinstance(value, Palette):
        return value
    try:
        if isinstance(value, str):
            return find_palette(value)
        if isinstance(value, bytes | bytearray):
            return parse_palette(bytes(value))
    except ValueError as error:
        raise type(error)(f"palette: {error}") from error
    wanted = "a name, bytes, a Palette or a number of colors"
    return check_integer("palette", value, 1, MAX_COLORS, wanted)
