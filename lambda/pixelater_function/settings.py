"""Settings of the function, read from environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pixelater.decode.limits import Limits
from pixelater.grid import GRIDS, BadGrids, parse_grids


class BadConfiguration(Exception):
    """An environment variable of the function is invalid; the message says which and why."""


@dataclass(frozen=True)
class FunctionSettings:
    """Values of the environment variables.

    `bucket_1`, `PIXELATER_GRIDS`, the `limits` of photos (`PIXELATER_MAX_PIXELS`, `_MAX_SECONDS`,
    `_MAX_MEMORY` and `_MAX_WRITTEN`, or what the function's memory allows),
    `PIXELATER_FAILURES` (name of the failure queue; without it, every failure is raised),
    `PIXELATER_MIRROR_DELETES` and `PIXELATER_FORMER_GRIDS` (grids of mosaics that earlier deploys
    may have left).
    """

    destination: str
    grids: tuple[int, ...]
    limits: Limits = field(default_factory=Limits)
    failures: str = ""
    mirror_deletes: bool = False
    former_grids: tuple[int, ...] = ()


def read_function_settings(environment: Mapping[str, str]) -> FunctionSettings:
    """Read the function's settings. Raises BadConfiguration."""
    destination = environment.get("bucket_1", "")
    if not destination:
        raise BadConfiguration("the environment variable bucket_1 must name the destination bucket")
    wanted = _read_grids(environment, "PIXELATER_GRIDS") or GRIDS
    mirror = environment.get("PIXELATER_MIRROR_DELETES", "")
    if mirror not in ("", "true", "false"):
        raise BadConfiguration(f"PIXELATER_MIRROR_DELETES: {mirror!r} is neither true nor false")
    return FunctionSettings(
        destination,
        wanted,
        _read_limits(environment),
        environment.get("PIXELATER_FAILURES", ""),
        mirror == "true",
        _read_grids(environment, "PIXELATER_FORMER_GRIDS"),
    )


def _read_limits(environment: Mapping[str, str]) -> Limits:
    """Read the limits of photos; Lambda sets the size of the function's memory."""
    memory = environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
    limits = Limits.for_function(int(memory)) if memory.isdecimal() else Limits()
    names = ("PIXELS", "SECONDS", "MEMORY", "WRITTEN")
    return limits.override(*(_read_number(environment, f"PIXELATER_MAX_{name}") for name in names))


def _read_number(environment: Mapping[str, str], name: str) -> int | None:
    word = environment.get(name, "")
    if word and not (word.isascii() and word.isdigit()):
        raise BadConfiguration(f"{name}: {word!r} is not a whole number")
    return int(word) if word else None


def _read_grids(environment: Mapping[str, str], name: str) -> tuple[int, ...]:
    try:
        return parse_grids(environment[name]) if environment.get(name) else ()
    except BadGrids as error:
        raise BadConfiguration(f"{name}: {error}") from error
