"""Coding-independent code points: numbers for primaries and transfer characteristics.

PNG (cICP), AVIF and HEIC (nclx), JPEG 2000 and color profiles state what their values mean by
these. They are those of ITU-T H.273 (07/2024), tables 2 and 3.
"""

from __future__ import annotations

from typing import NamedTuple

from pixelater.decode.display_profiles import (
    SRGB_CURVE,
    SRGB_PRIMARIES,
    Curve,
    Primaries,
    build_gray_profile,
    build_rgb_profile,
)

SRGB = 13
PQ, HLG = 16, 18
HIGH_RANGE = (PQ, HLG)
"""Transfer characteristics of high dynamic range: no display profile has them."""

D65 = (0.3127, 0.3290)
C = (0.310, 0.316)

PRIMARIES = {
    1: SRGB_PRIMARIES,
    4: Primaries(C, (0.67, 0.33), (0.21, 0.71), (0.14, 0.08)),
    5: Primaries(D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: Primaries(D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    7: Primaries(D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    8: Primaries(C, (0.681, 0.319), (0.243, 0.692), (0.145, 0.049)),
    9: Primaries(D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    10: Primaries((1 / 3, 1 / 3), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)),
    11: Primaries((0.314, 0.351), (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    12: Primaries(D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    22: Primaries(D65, (0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),
}

VIDEO = (1, 6, 11, 12, 14, 15)
"""Transfer characteristics of BT.601, BT.709 and BT.2020, which describe cameras. Displays have the
exponent of BT.1886, with which Chromium shows PNG."""

CURVES = {
    **dict.fromkeys(VIDEO, Curve(0, (2.4,))),
    4: Curve(0, (2.2,)),
    5: Curve(0, (2.8,)),
    7: Curve(3, (1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0913)),
    8: Curve(0, (1.0,)),
    SRGB: SRGB_CURVE,
    17: Curve(3, (2.6, (52.37 / 48) ** (1 / 2.6), 0.0, 0.0, 0.0)),
}
"""Transfer characteristics -> the curve of a display."""


class CodePoints(NamedTuple):
    """What values mean: primaries, transfer characteristics, and whether they use all levels."""

    primaries: int
    transfer: int
    full_range: bool = True

    @property
    def is_high_range(self) -> bool:
        """Return whether these are of high dynamic range, with known primaries."""
        return self.transfer in HIGH_RANGE and self.primaries in PRIMARIES


def build_profile(points: CodePoints, is_gray: bool) -> bytes | None:
    """Build the profile of code points: b"" for sRGB, None if they are not supported."""
    if points.primaries not in PRIMARIES or points.transfer not in CURVES:
        return None
    primaries, curve = PRIMARIES[points.primaries], CURVES[points.transfer]
    if curve == SRGB_CURVE and (is_gray or primaries == SRGB_PRIMARIES):
        return b""
    return build_gray_profile(curve) if is_gray else build_rgb_profile(primaries, curve)
