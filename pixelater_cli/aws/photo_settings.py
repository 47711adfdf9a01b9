"""Settings of a stack that concern its photos, by the names of Stack's fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from pixelater.look import Rule
    from pixelater.redaction import Redaction
    from pixelater.style import Style


class LookFields(TypedDict, total=False):
    """What mosaics look like."""

    grids: tuple[int, ...]
    style: Style | None
    exact: bool
    placeholders: bool
    redaction: Redaction | None
    rules: tuple[Rule, ...]


class PhotoSettings(LookFields, total=False):
    """What mosaics look like, and the most that a photo may cost.

    That is in pixels, CPU seconds, and MB of memory and mosaics.
    """

    max_pixels: int | None
    max_seconds: int | None
    max_memory: int | None
    max_written: int | None
