"""Results of `pixelater emulate` while it serves: the address, and the events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pixelater_cli.aws.operations.failure_record import spell_reason
from pixelater_cli.results import CommandResult
from pixelater_cli.results.formatting import format_count

if TYPE_CHECKING:
    from typing_extensions import Doc

    from pixelater_cli.results.shared_fields import DestinationBucket, SourceBucket, WeatherSeed


@dataclass(frozen=True)
class ServingResult(CommandResult):
    """The stack and address of an emulator that is ready."""

    command: ClassVar[Literal["serving"]] = "serving"
    endpoint_url: Annotated[str, Doc("URL of the emulator")]
    source_bucket: SourceBucket
    destination_bucket: DestinationBucket
    function: Annotated[str, Doc("name of the function")]
    page: Annotated[str, Doc("URL of the web page; empty: none")]
    steps: Annotated[int, Doc("number of API calls that deployed the stack")]
    restored: Annotated[int, Doc("number of objects restored by --persist")]
    variables: Annotated[dict[str, str], Doc("environment variables for AWS clients")]
    exposed: Annotated[bool, Doc("whether other machines can reach the emulator")] = False
    weather: Annotated[tuple[str, ...], Doc("kinds of weather (--weather); empty: none")] = ()
    weather_seed: WeatherSeed = 0

    def render(self) -> Iterator[str]:
        yield f"Deployed to {self.endpoint_url} in {format_count(self.steps, 'step')}."
        yield f"{self.source_bucket} -> {self.function} -> {self.destination_bucket}"
        if self.restored:
            yield f"Restored {format_count(self.restored, 'object')}."
        if self.weather:
            yield f"Weather: {', '.join(self.weather)} (--weather-seed {self.weather_seed})."
        yield ""
        yield from self.render_quiet()
        yield ""
        yield "pixelater push photo.jpg --wait"
        yield f"aws s3 cp photo.jpg s3://{self.source_bucket}/"
        if self.page:
            yield f"Or drop photos here: {self.page}"
        yield "Press Ctrl-C to stop."
        yield ""

    def render_quiet(self) -> Iterator[str]:
        return (f"export {name}={value}" for name, value in self.variables.items())

    def render_problems(self) -> Iterator[str]:
        if self.exposed:
            yield (
                "warning: the emulator is reachable from other machines and by other users of this "
                "one, does not authenticate requests, and executes uploaded code"
            )


HappeningKind = Literal["done", "skipped", "retried", "failed", "throttled", "deployed", "weather"]


@dataclass(frozen=True)
class HappeningResult(CommandResult):
    """An event in an emulator: a line of its output."""

    command: ClassVar[Literal["happening"]] = "happening"
    time: Annotated[float, Doc("time of the event, in seconds since 1970")]
    key: Annotated[str, Doc("key of the photo; empty if the event has none")]
    result: Annotated[HappeningKind, Doc("what happened")]
    bucket: Annotated[str, Doc("bucket of the photo; empty if the event has none")] = ""
    function: Annotated[str, Doc("name of the function; empty: unknown")] = ""
    attempt: Annotated[int, Doc("number of the attempt, 1 to 3; 0: unknown")] = 0
    milliseconds: Annotated[float, Doc("duration of the invocation; 0: unknown")] = 0.0
    init_ms: Annotated[
        float, Doc("duration of the init phase of a cold start; 0: none, or unknown")
    ] = 0.0
    memory_mb: Annotated[int, Doc("peak memory, in MB; 0: unknown")] = 0
    cold: Annotated[bool, Doc("whether it was a cold start")] = False
    note: Annotated[
        str, Doc("the error, where it was recorded, what was deployed, or what the weather did")
    ] = ""
    weather: Annotated[str, Doc("kind of weather (--weather); empty: none")] = ""

    def render_quiet(self) -> Iterator[str]:
        return self.render() if self.result == "failed" else iter(())

    def render(self) -> Iterator[str]:
        numbers = (
            f"attempt {self.attempt}" if self.attempt else "",
            f"{self.milliseconds:.0f} ms {'cold' if self.cold else 'warm'}"
            if self.milliseconds
            else "",
            f"{self.memory_mb} MB" if self.memory_mb else "",
        )
        moment = datetime.fromtimestamp(self.time).strftime("%H:%M:%S")
        words = (
            moment,
            f"{self.result:9}",
            f"{self.key:24}",
            *filter(None, numbers),
            spell_reason(self.note),
        )
        yield "  ".join(words).rstrip()


@dataclass(frozen=True)
class WeatherResult(CommandResult):
    """Number of incidents of the weather, when the emulator is stopped."""

    command: ClassVar[Literal["weather"]] = "weather"
    seed: WeatherSeed
    injected: Annotated[dict[str, int], Doc("number of incidents, by kind of weather")]

    def render(self) -> Iterator[str]:
        counts = ", ".join(f"{kind} {count}" for kind, count in self.injected.items())
        yield f"Weather that happened (--weather-seed {self.seed}): {counts}"
