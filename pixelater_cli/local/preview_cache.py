"""Cache of previews, so that those of photos that have not changed are not made again.

A line has the settings, the stamp of the photo's file, and the preview itself: it belongs to no
output file. All folders share one file.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import astuple, fields
from pathlib import Path
from typing import TYPE_CHECKING

from pixelater_cli.local.cache_lines import Stamp
from pixelater_cli.local.line_cache import LineCache
from pixelater_cli.local.run_cache import find_cache, make_absolute, settle, take_stamp

if TYPE_CHECKING:
    from pixelater import Preview

TYPES = {"int": int, "str": str, "bool": bool, "tuple[str, ...]": list}
"""The annotations of a preview's fields, and what JSON has for them."""


class PreviewCache(LineCache):
    """The previews of earlier commands."""

    def find(self, photo: Path, settings: str) -> Preview | None:
        """Return the preview of a photo if it was made of this file with these settings."""
        name = make_absolute(photo)
        line = self.lines.get(name)
        if line is None:
            return None
        with suppress(ValueError, RecursionError):
            match json.loads(line):
                case [str(known), [*stamp], [*values]]:
                    preview = _read_preview(values)
                    is_current = known == settings and (*stamp,) == take_stamp(photo)
                    return preview if is_current else None
        self.report_damage(line)
        return None

    def record(self, photo: Path, settings: str, stamp: Stamp | None, preview: Preview) -> None:
        """Record the preview of a photo whose stamp was taken before it was read."""
        self.put(make_absolute(photo), json.dumps([settings, settle(stamp), astuple(preview)]))


def load_preview_cache() -> PreviewCache:
    """Load the cache of all previews."""
    return PreviewCache(find_cache() / "previews" / "previews.jsonl")


def _read_preview(values: list[object]) -> Preview:
    """Return a preview. Raises ValueError for values of other types."""
    from pixelater import Preview

    types = [TYPES[str(field.type)] for field in fields(Preview)]
    if [*map(type, values)] != types:
        raise ValueError("not a preview")
    *most, warnings = values
    if not isinstance(warnings, list) or not all(isinstance(text, str) for text in warnings):
        raise ValueError("not the warnings of a preview")
    return Preview(*most, tuple(warnings))  # type: ignore[call-arg, arg-type]
