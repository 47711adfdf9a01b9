"""Color profiles (ICC) of displays, built from primaries and a transfer curve.

PNG, AVIF and HEIC can state these instead of a profile; a profile is what other formats carry, too.
Section numbers are those of ICC.1:2022 (https://www.color.org/specification/ICC.1-2022-05.pdf).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

from pixelater.decode.profile_elements import NEUTRAL, clean_text
from pixelater.decode.profiles import D50, HEADER_BYTES, write_profile

Row = tuple[float, float, float]
Matrix = tuple[Row, Row, Row]
Chromaticity = tuple[float, float]
"""x and y."""


class Primaries(NamedTuple):
    """The chromaticities of white and of the three colors."""

    white: Chromaticity
    red: Chromaticity
    green: Chromaticity
    blue: Chromaticity


class Curve(NamedTuple):
    """A parametric curve (section 10.18, table 68) from a value of 0 to 1 to light.

    `parameters` are g of function 0, or g, a, b, c, d of function 3: (a x + b) ** g from d on, and
    c x below it.
    """

    function: int
    parameters: tuple[float, ...]


SRGB_PRIMARIES = Primaries((0.3127, 0.3290), (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
SRGB_CURVE = Curve(3, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
"""IEC 61966-2-1."""

ROMM_PRIMARIES = Primaries((0.3457, 0.3585), (0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001))
ROMM_CURVE = Curve(3, (1.8, 1.0, 0.0, 1 / 16, 1 / 32))
"""ANSI/I3A IT10.7666."""

BRADFORD: Matrix = (
    (0.8951, 0.2664, -0.1614),
    (-0.7502, 1.7135, 0.0367),
    (0.0389, -0.0685, 1.0296),
)
"""To the responses of cones, in which whites are adapted (annex E)."""

D50_XYZ: Row = (0.9642, 1.0, 0.8249)

VERSION = b"\4\x40\0\0"
DISPLAY = b"mntr"
MOST = 32767.0
"""Numbers of profiles have 16 bits before the point (section 4.6)."""


def build_rgb_profile(primaries: Primaries, curve: Curve) -> bytes:
    """Build the profile of an RGB display (section 8.4.3); b"" if its primaries are no triangle."""
    try:
        to_d50 = _find_adaptation(primaries.white)
        columns = tuple(zip(*multiply(to_d50, find_xyz_matrix(primaries)), strict=True))
    except ZeroDivisionError:
        return b""
    if any(abs(number) > MOST for row in (*columns, *to_d50) for number in row):
        return b""
    colors = {f"{name}XYZ": _write_xyz(column) for name, column in zip("rgb", columns, strict=True)}
    chad = b"sf32\0\0\0\0" + _write_numbers([number for row in to_d50 for number in row])
    curves = dict.fromkeys(("rTRC", "gTRC", "bTRC"), _write_curve(curve))
    return _build(b"RGB ", colors | {"chad": chad} | curves)


def build_gray_profile(curve: Curve) -> bytes:
    """Build the profile of a monochrome display (section 8.4.4)."""
    return _build(b"GRAY", {"kTRC": _write_curve(curve)})


def find_xyz_matrix(primaries: Primaries) -> Matrix:
    """Return the matrix from linear RGB to XYZ. Raises ZeroDivisionError for no triangle."""
    columns = [_to_xyz(color) for color in primaries[1:]]
    unscaled = _transpose(columns)
    white = _scale(_to_xyz(primaries.white), 1 / primaries.white[1])
    scales = _apply(invert(unscaled), white)
    return _transpose(
        [_scale(column, scale) for column, scale in zip(columns, scales, strict=True)]
    )


def multiply(left: Matrix, right: Matrix) -> Matrix:
    """Multiply two matrices."""
    return _transpose([_apply(left, column) for column in _transpose(right)])


def invert(matrix: Matrix) -> Matrix:
    """Invert a matrix. Raises ZeroDivisionError if it has no inverse."""
    (a, b, c), (d, e, f), (g, h, i) = matrix
    first = e * i - f * h, c * h - b * i, b * f - c * e
    factor = 1 / (a * first[0] + d * first[1] + g * first[2])
    second = f * g - d * i, a * i - c * g, c * d - a * f
    third = d * h - e * g, b * g - a * h, a * e - b * d
    return _scale(first, factor), _scale(second, factor), _scale(third, factor)


def _find_adaptation(white: Chromaticity) -> Matrix:
    """Return the matrix that adapts colors under a white to D50, as profiles have them."""
    source = _apply(BRADFORD, _scale(_to_xyz(white), 1 / white[1]))
    target = _apply(BRADFORD, D50_XYZ)
    ratios = [to / of for to, of in zip(target, source, strict=True)]
    scaled = _transpose(
        [
            _scale(row, ratio)
            for row, ratio in zip(_transpose(invert(BRADFORD)), ratios, strict=True)
        ]
    )
    return multiply(scaled, BRADFORD)


def _to_xyz(color: Chromaticity) -> Row:
    """Return the XYZ of a chromaticity, of sum 1."""
    x, y = color
    return x, y, 1 - x - y


def _apply(matrix: Matrix, column: Row) -> Row:
    x, y, z = (sum(a * b for a, b in zip(row, column, strict=True)) for row in matrix)
    return x, y, z


def _scale(row: Row, factor: float) -> Row:
    return row[0] * factor, row[1] * factor, row[2] * factor


def _transpose(rows: Sequence[Row]) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = rows
    return (a, d, g), (b, e, h), (c, f, i)


def _build(space: bytes, colors: dict[str, bytes]) -> bytes:
    header = bytearray(HEADER_BYTES)
    header[8:24] = VERSION + DISPLAY + space + b"XYZ "
    elements = {tag: clean_text(tag, b"", VERSION[0]) for tag in NEUTRAL}
    elements |= {"wtpt": b"XYZ \0\0\0\0" + D50} | colors
    order = list(dict.fromkeys(elements.values()))
    tags = {tag: (order.index(element), element) for tag, element in elements.items()}
    return write_profile(bytes(header), tags)


def _write_curve(curve: Curve) -> bytes:
    return struct.pack(">4s4xHH", b"para", curve.function, 0) + _write_numbers(curve.parameters)


def _write_xyz(column: Sequence[float]) -> bytes:
    return b"XYZ \0\0\0\0" + _write_numbers(column)


def _write_numbers(numbers: Sequence[float]) -> bytes:
    """Write s15Fixed16Numbers (section 4.6)."""
    return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))
