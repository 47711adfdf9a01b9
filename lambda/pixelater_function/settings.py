"""Settings of the function, read from environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pixelater.grid import GRIDS, BadGrids, parse_grids


class BadConfiguration(Exception):
    """An environment variable of the function is invalid; the message says which and why."""


@dataclass(frozen=True)
class FunctionSettings:
    """Values of the environment variables.

    `bucket_1`, `PIXELATER_GRIDS`, `PIXELATER_MAX_PIXELS` (None: the library's limits),
    `PIXELATER_FAILURES` (name of the failure queue; without it, every failure is raised) and
    `PIXELATER_MIRROR_DELETES`.
    """

    destination: str
    grids: tuple[int, ...]
    max_pixels: int | None = None
    failures: str = ""
    mirror_deletes: bool = False


def read_function_settings(environment: Mapping[str, str]) -> FunctionSettings:
    """Read the function's settings. Raises BadConfiguration."""
    destination = environment.get("bucket_1", "")
    if not destination:
        raise BadConfiguration("the environment variable bucket_1 must name the destination bucket")
    grids = environment.get("PIXELATER_GRIDS", "")
    max_pixels = environment.get("PIXELATER_MAX_PIXELS", "")
    if max_pixels and not (max_pixels.isascii() and max_pixels.isdigit()):
        raise BadConfiguration(f"PIXELATER_MAX_PIXELS: {max_pixels!r} is not a whole number")
    try:
        wanted = parse_grids(grids) if grids else GRIDS
    except BadGrids as error:
        raise BadConfiguration(f"PIXELATER_GRIDS: {error}") from error
    mirror = environment.get("PIXELATER_MIRROR_DELETES", "")
    if mirror not in ("", "true", "false"):
        raise BadConfiguration(f"PIXELATER_MIRROR_DELETES: {mirror!r} is neither true nor false")
    return FunctionSettings(
        destination,
        wanted,
        int(max_pixels) if max_pixels else None,
        environment.get("PIXELATER_FAILURES", ""),
        mirror == "true",
    )
