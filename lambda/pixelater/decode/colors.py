"""What color values mean: by a color profile, or by code points of high dynamic range."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pixelater.decode.color_modes import GRAY_MODES, PROFILE_SPACES

if TYPE_CHECKING:
    from pixelater.decode.code_points import CodePoints


@dataclass(frozen=True)
class Colors:
    """What values mean: a profile (b"": sRGB), or code points of high dynamic range."""

    profile: bytes = b""
    high_range: CodePoints | None = None

    def fits(self, mode: str) -> bool:
        """Return whether this can apply to values of a mode.

        A profile for RGB applies to gray values, too: red, green and blue are then equal.
        """
        space = self.profile[16:20]
        return space in (b"", PROFILE_SPACES.get(mode)) or (mode in GRAY_MODES and space == b"RGB ")


SRGB = Colors()


def use_profile(profile: object) -> Iterator[Colors]:
    """Yield what a profile states, if it is valid.

    Code points of high dynamic range in it come first (ICC.1:2022, section 9.2.17).
    """
    from pixelater.decode import profiles

    if cleaned := profiles.clean_profile(profile):
        if element := profiles.find_element(cleaned, "cicp"):
            primaries, transfer, _, full_range = struct.unpack_from(">4B", element, 8)
            yield from use_code_points(primaries, transfer, full_range, only_high_range=True)
        yield Colors(cleaned)


def use_code_points(
    primaries: int,
    transfer: int,
    full_range: int = 1,
    *,
    is_gray: bool = False,
    only_high_range: bool = False,
) -> Iterator[Colors]:
    """Yield what code points state, if they are supported."""
    from pixelater.decode import code_points

    points = code_points.CodePoints(primaries, transfer, bool(full_range))
    if points.is_high_range:
        yield Colors(high_range=points)
    elif not only_high_range:
        profile = code_points.build_profile(points, is_gray)
        if profile is not None:
            yield Colors(profile)
