"""Settings of the function, read from environment variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from pixelater.decode.limits import Limits
from pixelater.grid import BadGrids, parse_grids
from pixelater.look import Look, Rule, find_look
from pixelater.outputs import AnyOutput, parse_outputs
from pixelater.redaction import LOCAL
from pixelater_function.looks_variable import LOOKS, decompress, read_document
from pixelater_function.metadata_secret import VARIABLE, is_secret
from pixelater_function.mosaic_metadata import IN_CLEAR, MetadataKey


class BadConfiguration(Exception):
    """An environment variable of the function is invalid; the message says which and why."""


@dataclass(frozen=True)
class FunctionSettings:
    """Values of the environment variables.

    `bucket_1`, the `look` of photos (`PIXELATER_GRIDS` and `PIXELATER_LOOKS`) and the `rules` for
    those with certain prefixes (`PIXELATER_LOOKS`), the `limits` of photos (`PIXELATER_MAX_PIXELS`,
    `_MAX_SECONDS`, `_MAX_MEMORY` and `_MAX_WRITTEN`, or what the function's memory allows),
    `PIXELATER_FAILURES` (name of the failure queue; without it, every failure is raised),
    `PIXELATER_MIRROR_DELETES`, `PIXELATER_FORMER_GRIDS` (outputs of earlier deploys, which may have
    left mosaics), `PIXELATER_CACHE_CONTROL` (header of mosaics) and `PIXELATER_SECRET` (it keys the
    metadata of mosaics, which tell key and ETag of the photo without it). An emulator sets
    `PIXELATER_TIME_SCALE`, how many times sooner than Lambda it tries again.
    """

    destination: str
    look: Look = field(default_factory=Look)
    rules: tuple[Rule, ...] = ()
    limits: Limits = field(default_factory=Limits)
    failures: str = ""
    mirror_deletes: bool = False
    former: tuple[AnyOutput, ...] = ()
    cache_control: str = ""
    time_scale: float = 1.0
    metadata_key: MetadataKey = IN_CLEAR

    def find_look(self, key: str) -> Look:
        """Return the look of a photo: that of the first rule that matches its key."""
        return find_look(self.look, self.rules, key)


def read_function_settings(environment: Mapping[str, str]) -> FunctionSettings:
    """Read the function's settings. Raises BadConfiguration."""
    destination = environment.get("bucket_1", "")
    if not destination:
        raise BadConfiguration("the environment variable bucket_1 must name the destination bucket")
    look, rules = _read_looks(environment)
    mirror = environment.get("PIXELATER_MIRROR_DELETES", "")
    if mirror not in ("", "true", "false"):
        raise BadConfiguration(f"PIXELATER_MIRROR_DELETES: {mirror!r} is neither true nor false")
    return FunctionSettings(
        destination,
        look,
        rules,
        _read_limits(environment, look, rules),
        environment.get("PIXELATER_FAILURES", ""),
        mirror == "true",
        _read_former(environment, "PIXELATER_FORMER_GRIDS"),
        environment.get("PIXELATER_CACHE_CONTROL", ""),
        float(environment.get("PIXELATER_TIME_SCALE", 1)),
        _read_secret(environment),
    )


def _read_limits(environment: Mapping[str, str], look: Look, rules: Iterable[Rule]) -> Limits:
    """Read the limits of photos; Lambda sets the size of the function's memory."""
    memory = environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
    looks = (look, *(rule.look for rule in rules))
    detects = any(each.redaction and each.redaction.detector == LOCAL for each in looks)
    limits = Limits.for_function(int(memory), detects=detects) if memory.isdecimal() else Limits()
    names = ("PIXELS", "SECONDS", "MEMORY", "WRITTEN")
    return limits.override(*(_read_number(environment, f"PIXELATER_MAX_{name}") for name in names))


def _read_number(environment: Mapping[str, str], name: str) -> int | None:
    word = environment.get(name, "")
    if word and not (word.isascii() and word.isdigit()):
        raise BadConfiguration(f"{name}: {word!r} is not a whole number")
    return int(word) if word else None


def _read_looks(environment: Mapping[str, str]) -> tuple[Look, tuple[Rule, ...]]:
    try:
        look, rules = read_document(decompress(environment.get(LOOKS, "")))
    except ValueError as error:
        raise BadConfiguration(f"{LOOKS}: {error}") from error
    name = "PIXELATER_GRIDS"
    try:
        grids = parse_grids(environment[name]) if environment.get(name) else look.grids
    except BadGrids as error:
        raise BadConfiguration(f"{name}: {error}") from error
    return replace(look, grids=grids), rules


def _read_secret(environment: Mapping[str, str]) -> MetadataKey:
    secret = environment.get(VARIABLE, "")
    if secret and not is_secret(secret):
        raise BadConfiguration(f"{VARIABLE} is not 64 hexadecimal digits")  # Logs must not have it.
    return MetadataKey(secret)


def _read_former(environment: Mapping[str, str], name: str) -> tuple[AnyOutput, ...]:
    words = environment.get(name, "")
    try:
        return parse_outputs(words.split(",")) if words else ()
    except ValueError as error:
        raise BadConfiguration(f"{name}: {error}") from error
