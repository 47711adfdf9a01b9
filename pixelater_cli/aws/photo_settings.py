"""Settings of a stack that concern its photos and mosaics, by the names of Stack's fields."""

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
    """What mosaics look like, the most that a photo may cost, and how browsers get mosaics.

    Costs are in pixels, CPU seconds, and MB of memory and mosaics. `cors` are the origins of pages
    that may read mosaics.
    """

    max_pixels: int | None
    max_seconds: int | None
    max_memory: int | None
    max_written: int | None
    cors: tuple[str, ...]
    cache_control: str
