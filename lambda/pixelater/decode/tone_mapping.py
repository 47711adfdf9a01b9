"""Conversion of high dynamic range (PQ and HLG, ITU-R BT.2100) to sRGB.

No display profile says what such values mean. Of a photo, only the averaged cells are converted: to
light, which is dimmed, highlights more than the rest, to the primaries of sRGB, and to its values.
What these primaries cannot show is clipped. The result is what Chromium 156 shows on a display of
standard range: the reference white tone mapping of SMPTE ST 2094-50, without metadata.
"""

from __future__ import annotations

from typing import Any, cast

from PIL import Image, ImageMath

from pixelater.decode.code_points import HLG, PRIMARIES, CodePoints
from pixelater.decode.display_profiles import find_xyz_matrix, invert, multiply

M1, M2, C1, C2, C3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
"""The constants of PQ (BT.2100, table 4)."""

A, B, C = 0.17883277, 0.28466892, 0.55991073
"""The constants of HLG (BT.2100, table 5)."""

SYSTEM_GAMMA = 1.2
"""Of HLG, for a display of 1000 cd/m² (BT.2100, table 5)."""

WHITE = 203.0
"""The luminance, in cd/m², of diffuse white (BT.2408, table 1); others are multiples of it here."""

PEAK_NITS = 1000.0
PEAK = PEAK_NITS / WHITE
"""The luminance that becomes the white of sRGB. Brighter light is clipped."""

DIMMED_WHITE = 0.5
"""What diffuse white becomes, as a share of the white of sRGB; what is darker is dimmed as much."""

SHARPNESS = 0.65
BEND = (
    1 + SHARPNESS * (1 / DIMMED_WHITE - 1),
    DIMMED_WHITE + SHARPNESS * (1 - DIMMED_WHITE),
)
"""The middle control point of the curve from diffuse white to the peak."""

PQ_PEAK = 10_000.0
BT_709, BT_2020 = 1, 9
"""Primaries: of sRGB, and those in which the strongest color is sought."""

LEAST = 1e-7
"""Keeps powers and quotients of black defined."""

Math = Any
"""An operand of ImageMath, which has no types."""


def tone_map(cells: Image.Image, meaning: CodePoints) -> Image.Image:
    """Convert cells (mode L, LA, RGB or RGBA) of high dynamic range to sRGB.

    Values of narrow range are spread first (H.273, equations 20 to 22).
    """
    has_alpha = cells.mode in ("LA", "RGBA")
    low, span = (0, 255) if meaning.full_range else (16, 219)
    bands = [
        band.convert("F").point(lambda value: value * (1 / span) + -low / span)
        for band in cells.convert("RGB").split()
    ]
    mapped = _map([_calculate(_clip, band) for band in bands], meaning)
    levels = [band.point(lambda value: value * 255 + 0.5).convert("L") for band in mapped]
    if cells.mode in ("L", "LA"):
        levels = levels[:1]
    if has_alpha:
        levels.append(cells.getchannel("A"))
    return Image.merge(cells.mode, levels)


def _map(values: list[Image.Image], meaning: CodePoints) -> list[Image.Image]:
    if meaning.transfer == HLG:
        scene = [_calculate(_read_hlg, value) for value in values]
        luminances = find_xyz_matrix(PRIMARIES[meaning.primaries])[1]
        shown = _calculate(lambda *light: _weigh(light, luminances) ** (SYSTEM_GAMMA - 1), *scene)
        light = [_calculate(lambda a, b: a * b * PEAK, band, shown) for band in scene]
    else:
        light = [_calculate(_read_pq, value) for value in values]
    wide = _convert(light, meaning.primaries, BT_2020)
    gain = _calculate(_find_gain, *wide)
    dimmed = [_calculate(lambda a, b: a * b, band, gain) for band in wide]
    return [_calculate(_write_srgb, band) for band in _convert(dimmed, BT_2020, BT_709)]


def _convert(light: list[Image.Image], source: int, target: int) -> list[Image.Image]:
    """Convert light from one set of primaries to another."""
    matrix = multiply(
        invert(find_xyz_matrix(PRIMARIES[target])), find_xyz_matrix(PRIMARIES[source])
    )
    return [_calculate(lambda *bands, row=row: _weigh(bands, row), *light) for row in matrix]


def _calculate(formula: Any, *images: Image.Image) -> Image.Image:
    """Calculate an image (F) from others, pixel by pixel."""
    named = {f"image{number}": image for number, image in enumerate(images)}
    result = ImageMath.lambda_eval(lambda given: formula(*(given[name] for name in named)), **named)
    return cast("Image.Image", result)


def _weigh(bands: tuple[Math, ...], weights: tuple[float, float, float]) -> Math:
    red, green, blue = bands
    return red * weights[0] + green * weights[1] + blue * weights[2]


def _most(first: Math, second: Math) -> Math:
    return (first + second + abs(first - second)) * 0.5


def _clip(value: Math) -> Math:
    """Limit a value to 0 to 1."""
    return 1.0 - _most(1.0 - _most(value, value * 0), value * 0)


def _choose(condition: Math, chosen: Math, otherwise: Math) -> Math:
    """Choose by a condition, which is 1 or 0."""
    return chosen * condition + otherwise * (1 - condition)


def _read_pq(value: Math) -> Math:
    """Return the luminance of a PQ value (BT.2100, table 4, EOTF)."""
    root = value ** (1 / M2)
    return (_most(root - C1, root * 0) / (C2 - root * C3)) ** (1 / M1) * (PQ_PEAK / WHITE)


def _read_hlg(value: Math) -> Math:
    """Return the scene light of an HLG value (BT.2100, table 5, inverse OETF)."""
    e = value * 0 + 2.718281828459045
    return _choose(value <= 0.5, value * value * (1 / 3), (e ** ((value - C) / A) + B) * (1 / 12))


def _find_gain(red: Math, green: Math, blue: Math) -> Math:
    """Return what light is multiplied by: less in highlights.

    It is the same for all colors of a cell, so that hues stay, and depends on the strongest. Above
    diffuse white, the curve is a quadratic Bézier curve.
    """
    light = _most(_most(red, green), blue) + LEAST
    x, y = BEND
    step = 1 - 2 * x + PEAK
    root = ((_most(light, 1.0) - 1) * (step / (x - 1) ** 2) + 1) ** 0.5
    t = _clip((root - 1) * ((x - 1) / step))
    curve = (1 - t) * (1 - t) * DIMMED_WHITE + t * (1 - t) * (2 * y) + t * t
    return _choose(light <= 1.0, light * 0 + DIMMED_WHITE, curve / light)


def _write_srgb(light: Math) -> Math:
    """Return the sRGB value of light of 0 to 1 (IEC 61966-2-1)."""
    clipped = _clip(light)
    curved = (clipped + LEAST) ** (1 / 2.4) * 1.055 - 0.055
    return _choose(clipped <= 0.0031308, clipped * 12.92, curved)
