"""Opening and decoding of TIFF images: with Pillow where it is right, else here.

Section numbers are those of TIFF 6.0.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from typing import Any, BinaryIO, cast

from PIL import ExifTags, Image, ImageFile, TiffImagePlugin

from pixelater.decode import tiff_layout as layouts
from pixelater.decode.color_modes import (
    choose_mode,
    choose_range,
    convert_to_rgb,
    find_range,
)
from pixelater.decode.deep import Deep, from_numbers, invert, list_bands, merge, remove_weight
from pixelater.decode.pixels import Pixels
from pixelater.decode.tiff_directory import Directory, TiffSource, find_photo
from pixelater.decode.tiff_layout import Layout
from pixelater.decode.tiff_planes import allocate, read_numbers, read_planes

MODES = {1: "L", 3: "RGB", 4: "CMYK"}
"""Number of colors -> mode."""

SIGN = 0x80
ONE_BYTE = 256
"""Values of a color map below are bytes, whatever the standard says (libtiff, checkcmap)."""


class TiffFile(ImageFile.ImageFile):
    """A TIFF image that Pillow does not decode."""

    format = "TIFF"
    format_description = "TIFF with samples that Pillow does not decode"

    def __init__(self, file: BinaryIO, layout: Layout, profile: bytes) -> None:
        self.layout = layout
        self.profile = profile
        super().__init__(cast("Any", file), "")

    def _open(self) -> None:
        self._size = self.layout.width, self.layout.height
        self._mode = MODES[self.layout.colors]
        if self.layout.compression == layouts.WEBP:
            self.info["compression"] = "webp"  # As Pillow names it.
        if self.profile:
            self.info["icc_profile"] = self.profile

    def getexif(self) -> Image.Exif:
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = self.layout.orientation
        return exif


def open_photo(file: BinaryIO) -> Image.Image | None:
    """Open the photo of a TIFF file; None if it is of a kind that nothing reads.

    Raises PictureError, and what Pillow raises.
    """
    source = TiffSource(file)
    directory = find_photo(source)
    layout = _read_layout(directory)
    if directory and layout and not _suits_pillow(layout, source.header):
        layouts.check_support(layout)
        return TiffFile(file, layout, directory.read_bytes(layouts.PROFILE))
    if directory and directory.place != source.find_first():
        header = source.point_to(directory.place)
        file.seek(len(header))
        file = BytesIO(header + file.read())
    file.seek(0)
    with suppress(SyntaxError):
        return TiffImagePlugin.TiffImageFile(file)
    return None


def _read_layout(directory: Directory | None) -> Layout | None:
    return layouts.read_layout(directory) if directory else None


def _suits_pillow(layout: Layout, header: bytes) -> bool:
    return layouts.suits_pillow(layout, header) or layouts.has_two_bytes(layout, header)


def read(image: Image.Image, file: BinaryIO) -> Pixels:
    """Decode an opened image in a mode to average. Raises what Pillow raises."""
    source = TiffSource(file)
    if isinstance(image, TiffFile):
        if image.layout.format == layouts.UNSIGNED and image.layout.bits <= 16:
            return _read_levels(image, file, source.order)
        return _read_numbers(image, file, source.order)
    image.info.pop("xmp", None)  # It would be searched for an orientation.
    layout = _read_layout(find_photo(source))
    again = open_photo(file) if layout and layouts.has_two_bytes(layout, source.header) else None
    allocate(image)
    if again:
        return _decode_twice(image, again)
    image.load()
    if layout and image.mode == "P":
        indices = Image.frombytes("L", image.size, image.tobytes())
        return Pixels(*merge("RGB", _apply_map(indices, layout, 1)))
    black, white = find_range(image)
    if layout and image.mode == "F" and layout.photometric == layouts.WHITE_IS_ZERO:
        black, white = white, black
    return Pixels(choose_mode(image), None, black, white)


def _decode_twice(image: Image.Image, again: Image.Image) -> Pixels:
    """Decode 16-bit colors in the raw mode that keeps the one byte, then the other.

    Raw modes end with L, B or N: the lowest byte comes first, last, or as the machine stores it.
    """
    image.load()
    other = {"L": "B", "B": "L", "N": "B" if sys.byteorder == "little" else "L"}
    opened = cast("TiffImagePlugin.TiffImageFile", again)
    tiles = []
    for tile in opened.tile:
        rawmode, *rest = cast("tuple[str, Any, Any]", tile.args)
        tiles.append(tile._replace(args=(rawmode[:-1] + other[rawmode[-1]], *rest)))
    opened.tile = tiles
    again.info.pop("xmp", None)
    allocate(again)
    again.load()
    return Pixels(_copy(image), _copy(again))


def _copy(image: Image.Image) -> Image.Image:
    copied = image.copy()
    copied.info = {}
    return copied


def _read_levels(image: TiffFile, file: BinaryIO, order: str) -> Pixels:
    """Read unsigned samples of up to 16 bits."""
    layout = image.layout
    planes = read_planes(layout, file, order)
    colors, extra = planes[: layout.colors], planes[layout.colors :]
    alpha = extra[0] if layout.alpha else None
    if layout.photometric == layouts.PALETTE:
        ((indices, _),) = colors
        return _unite(_apply_map(indices, layout, 1 << 8 - layout.bits), alpha, image)
    if layout.alpha == layouts.ASSOCIATED and alpha:
        colors = [remove_weight(color, alpha) for color in colors]
    if layout.photometric == layouts.WHITE_IS_ZERO:
        colors = [invert(color) for color in colors]
    elif layout.photometric in (layouts.LAB, layouts.ICC_LAB, layouts.YCBCR):
        colors = _convert_colors([high for high, _ in colors], layout.photometric)
    return _unite(colors, alpha, image)


def _read_numbers(image: TiffFile, file: BinaryIO, order: str) -> Pixels:
    """Read signed, floating-point or 32-bit samples, whose range has to be found."""
    layout = image.layout
    is_float = layout.format == layouts.FLOAT
    planes = read_numbers(layout, file, order)
    colors, extra = planes[: layout.colors], planes[layout.colors :]
    black, white = choose_range(colors, is_float)
    inverts = layout.photometric == layouts.WHITE_IS_ZERO
    if len(colors) == 1 and not layout.alpha:
        return Pixels(colors[0], None, *((white, black) if inverts else (black, white)))
    deep = [from_numbers(color, black, white) for color in colors]
    alpha = None
    if layout.alpha:
        alpha = from_numbers(extra[0], *choose_range(extra[:1], is_float))
        if layout.alpha == layouts.ASSOCIATED:
            deep = [remove_weight(color, alpha) for color in deep]
    if inverts:
        deep = [invert(color) for color in deep]
    return _unite(deep, alpha, image)


def _unite(colors: Sequence[Deep], alpha: Deep | None, image: TiffFile) -> Pixels:
    """Unite bands to an image; CMYK with alpha, which no mode has, becomes RGBA."""
    mode = MODES[len(colors)]
    if alpha is None:
        return Pixels(*merge(mode, colors))
    if mode == "CMYK":
        inks, _ = merge(mode, colors)
        mode, colors = "RGB", list_bands(convert_to_rgb(inks, image.profile))
    return Pixels(*merge(mode + "A", [*colors, alpha]))


def _apply_map(indices: Image.Image, layout: Layout, step: int) -> list[Deep]:
    """Replace indices, which are multiples of a step, by their colors (section 5)."""
    entries = 1 << layout.bits
    values = [*layout.color_map, *[0] * (3 * entries)][: 3 * entries]
    if max(values) < ONE_BYTE:
        values = [value * 257 for value in values]
    bands = []
    for band in range(3):
        colors = values[band * entries : (band + 1) * entries]
        table = [colors[min(level // step, entries - 1)] for level in range(256)]
        high, low = ([value >> shift & 0xFF for value in table] for shift in (8, 0))
        bands.append((indices.point(high), indices.point(low)))
    return list(bands)


def _convert_colors(bands: Sequence[Image.Image], photometric: int) -> list[Deep]:
    """Convert Lab (section 23) or YCbCr (section 21) of 8 bits to RGB."""
    if photometric == layouts.YCBCR:
        return list_bands(Image.merge("YCbCr", bands).convert("RGB"))
    if photometric == layouts.LAB:  # Its a* and b* are signed.
        table = [level ^ SIGN for level in range(256)]
        bands = [bands[0], *(band.point(table) for band in bands[1:])]
    return list_bands(choose_mode(Image.merge("LAB", bands)))
