"""Conversion of high dynamic range (PQ and HLG, ITU-R BT.2100) to sRGB.

No profile says what such values mean, and no viewer shows them alike. Of a photo, only the averaged
cells are converted: to light, with the highlights above those of standard range rolled off as in
ITU-R BT.2390 (section 5.4.1), to the primaries of sRGB, and to its values. What these primaries
cannot show is clipped.
"""

from __future__ import annotations

from typing import Any, cast

from PIL import Image, ImageMath

from pixelater.decode.code_points import HLG, PRIMARIES, CodePoints
from pixelater.decode.display_profiles import SRGB_PRIMARIES, find_xyz_matrix, invert, multiply

M1, M2, C1, C2, C3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
"""The constants of PQ (BT.2100, table 4)."""

A, B, C = 0.17883277, 0.28466892, 0.55991073
"""The constants of HLG (BT.2100, table 5)."""

SYSTEM_GAMMA = 1.2
"""Of HLG, for a display of 1000 cd/m² (BT.2100, table 5)."""

WHITE = 203.0
"""The luminance, in cd/m², that becomes white: that of diffuse white (BT.2408, table 1)."""

PEAK = 1000.0
"""The luminance that is still told from brighter ones."""

PQ_PEAK = 10_000.0
LEAST = 1e-7

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
    gain = _calculate(_find_gain, *light)
    matrix = multiply(
        invert(find_xyz_matrix(SRGB_PRIMARIES)), find_xyz_matrix(PRIMARIES[meaning.primaries])
    )
    return [
        _calculate(
            lambda gain, *light, row=row: _write_srgb(_weigh(light, row) * gain), gain, *light
        )
        for row in matrix
    ]


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
    return (_most(root - C1, root * 0) / (C2 - root * C3)) ** (1 / M1) * PQ_PEAK


def _write_pq(luminance: Math) -> Math:
    """Return the PQ value of a luminance (BT.2100, table 4, inverse EOTF)."""
    root = (luminance * (1 / PQ_PEAK)) ** M1
    return ((root * C2 + C1) / (root * C3 + 1)) ** M2


def _read_hlg(value: Math) -> Math:
    """Return the scene light of an HLG value (BT.2100, table 5, inverse OETF)."""
    e = value * 0 + 2.718281828459045
    return _choose(value <= 0.5, value * value * (1 / 3), (e ** ((value - C) / A) + B) * (1 / 12))


def _find_gain(red: Math, green: Math, blue: Math) -> Math:
    """Return what light is multiplied by: from luminance to a share of white, less in highlights.

    The roll-off (BT.2390, section 5.4.1) is applied to the strongest color, so that hues stay.
    """
    most = _most(_most(red, green), blue) + LEAST
    top, white = (float(_write_pq(luminance)) for luminance in (PEAK, WHITE))
    ceiling = white / top
    knee = 1.5 * ceiling - 0.5
    value = _clip(_write_pq(most) * (1 / top))
    t = (value - knee) * (1 / (1 - knee))
    square, cube = t * t, t * t * t
    rolled = (
        (cube * 2 - square * 3 + 1) * knee
        + (cube - square * 2 + t) * (1 - knee)
        + (square * 3 - cube * 2) * ceiling
    )
    return _read_pq(_choose(value <= knee, value, rolled) * top) / most * (1 / WHITE)


def _write_srgb(light: Math) -> Math:
    """Return the sRGB value of light of 0 to 1 (IEC 61966-2-1)."""
    clipped = _clip(light)
    curved = (clipped + LEAST) ** (1 / 2.4) * 1.055 - 0.055
    return _choose(clipped <= 0.0031308, clipped * 12.92, curved)
