"""Palette files that are binary: RIFF .pal, .act, .aco, .ase.

References: https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-logpalette (RIFF),
https://www.adobe.com/devnet-apps/photoshop/fileformatashtml/ (act, aco), and
https://www.selapa.net/swatches/colors/fileformats.php (ase).
"""

from __future__ import annotations

import colorsys
import struct
from collections.abc import Iterator

from pixelater.palette.palette import BadPalette, Color

ACT_SIZES = (768, 772)
"""256 colors, and four bytes with the number of colors in use and the transparent one."""

_ACO_RGB, _ACO_HSB, _ACO_GRAY = 0, 1, 8
_ACO_SPACES = {2: "CMYK", 7: "Lab", 9: "wide CMYK"}

_ASE_COLOR = 1
_ASE_MODELS = {b"RGB ": 3, b"Gray": 1}


class _Reader:
    """Big- or little-endian fields, one after the other. Raises BadPalette where data ends."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data = data
        self._at = at

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._data)

    def unpack(self, fields: str) -> tuple[int, ...]:
        try:
            values = struct.unpack_from(fields, self._data, self._at)
        except struct.error:
            raise BadPalette("the file ends too early") from None
        self._at += struct.calcsize(fields)
        return values

    def read(self, count: int) -> bytes:
        part = self._data[self._at : self._at + count]
        if len(part) < count:
            raise BadPalette("the file ends too early")
        self._at += count
        return part


def parse_riff(data: bytes) -> Iterator[Color]:
    """Parse Microsoft's palette: a LOGPALETTE in the chunk "data"."""
    reader = _Reader(data, 12)
    while not reader.at_end:
        kind = reader.read(4)
        (size,) = reader.unpack("<I")
        if kind == b"data":
            _, count = reader.unpack("<HH")
            for _ in range(count):
                red, green, blue, _ = reader.unpack("<4B")
                yield red, green, blue
            return
        reader.read(size + size % 2)
    raise BadPalette("it has no colors (no chunk 'data')")


def parse_act(data: bytes) -> Iterator[Color]:
    """Parse Photoshop's color table; without its last four bytes, all 256 colors are in use."""
    (count,) = struct.unpack_from(">H", data, 768) if len(data) == 772 else (256,)
    yield from struct.iter_unpack("3B", data[: 3 * min(count or 256, 256)])


def parse_aco(data: bytes) -> Iterator[Color]:
    """Parse Photoshop's swatches, version 1 or 2."""
    reader = _Reader(data)
    version, count = reader.unpack(">HH")
    for _ in range(count):
        space, *values = reader.unpack(">5H")
        yield _convert_aco(space, values)
        if version == 2:
            (_, length) = reader.unpack(">HH")
            reader.read(2 * length)


def _convert_aco(space: int, values: list[int]) -> Color:
    """Convert four 16-bit values of a color space; gray is 0 to 10,000."""
    if space == _ACO_RGB:
        return _round_color(*(value / 65535 for value in values[:3]))
    if space == _ACO_HSB:
        return _round_color(*colorsys.hsv_to_rgb(*(value / 65535 for value in values[:3])))
    if space == _ACO_GRAY:
        return _round_color(*[values[0] / 10000] * 3)
    raise BadPalette(_refuse_space(_ACO_SPACES.get(space, f"color space {space}")))


def parse_ase(data: bytes) -> Iterator[Color]:
    """Parse Adobe Swatch Exchange: blocks, of which those of type 1 are colors."""
    reader = _Reader(data, 4)
    *_, count = reader.unpack(">HHI")
    for _ in range(count):
        kind, size = reader.unpack(">HI")
        block = reader.read(size)
        if kind == _ASE_COLOR:
            yield _parse_ase_color(_Reader(block))


def _parse_ase_color(block: _Reader) -> Color:
    """Parse a name of UTF-16, the color model, and a 32-bit float for each channel."""
    (length,) = block.unpack(">H")
    block.read(2 * length)
    model = block.read(4)
    if model not in _ASE_MODELS:
        raise BadPalette(_refuse_space(model.decode("ascii", "replace").strip()))
    values = block.unpack(f">{_ASE_MODELS[model]}f")
    return _round_color(*(values if len(values) == 3 else values * 3))


def _round_color(red: float, green: float, blue: float) -> Color:
    """Round values of 0 to 1 to bytes; swatches of wider gamuts are cut."""
    levels = []
    for value in (red, green, blue):
        if value != value:  # noqa: PLR0124 (NaN)
            raise BadPalette("a color is not a number")
        levels.append(round(255 * min(max(value, 0.0), 1.0)))
    return levels[0], levels[1], levels[2]


def _refuse_space(space: str) -> str:
    return f"its colors are {space}, which needs a color profile: save the swatches as RGB"
