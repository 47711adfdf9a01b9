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
    `PIXELATER_FAILURES` (name of the failure queue; without it, every failure is raised),
    `PIXELATER_MIRROR_DELETES` and `PIXELATER_FORMER_GRIDS` (grids of mosaics that earlier deploys
    may have left).
    """

    destination: str
    grids: tuple[int, ...]
    max_pixels: int | None = None
    failures: str = ""
    mirror_deletes: bool = False
    former_grids: tuple[int, ...] = ()


def read_function_settings(environment: Mapping[str, str]) -> FunctionSettings:
    """Read the function's settings. Raises BadConfiguration."""
    destination = environment.get("bucket_1", "")
    if not destination:
        raise BadConfiguration("the environment variable bucket_1 must name the destination bucket")
    max_pixels = environment.get("PIXELATER_MAX_PIXELS", "")
    if max_pixels and not (max_pixels.isascii() and max_pixels.isdigit()):
        raise BadConfiguration(f"PIXELATER_MAX_PIXELS: {max_pixels!r} is not a whole number")
    wanted = _read_grids(environment, "PIXELATER_GRIDS") or GRIDS
    mirror = environment.get("PIXELATER_MIRROR_DELETES", "")
    if mirror not in ("", "true", "false"):
        raise BadConfiguration(f"PIXELATER_MIRROR_DELETES: {mirror!r} is neither true nor false")
    return FunctionSettings(
        destination,
        wanted,
        int(max_pixels) if max_pixels else None,
        environment.get("PIXELATER_FAILURES", ""),
        mirror == "true",
        _read_grids(environment, "PIXELATER_FORMER_GRIDS"),
    )


def _read_grids(environment: Mapping[str, str], name: str) -> tuple[int, ...]:
    try:
        return parse_grids(environment[name]) if environment.get(name) else ()
    except BadGrids as error:
        raise BadConfiguration(f"{name}: {error}") from error
