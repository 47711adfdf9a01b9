"""Owns what `pixelater emulate` says while it serves: where, and then what happens. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from pixelater_cli.results import CommandResult
from pixelater_cli.results.formatting import format_count


@dataclass(frozen=True)
class ServingResult(CommandResult):
    """Where a stack is served, and what to set so that other programs find it there."""

    command: ClassVar[Literal["serving"]] = "serving"
    endpoint_url: str
    source_bucket: str
    destination_bucket: str
    function: str
    page: str
    steps: int
    restored: int
    variables: dict[str, str]
    exposed: bool = False

    def tell(self) -> Iterator[str]:
        yield f"Deployed to {self.endpoint_url} in {format_count(self.steps, 'step')}."
        yield f"{self.source_bucket} -> {self.function} -> {self.destination_bucket}"
        if self.restored:
            yield f"{format_count(self.restored, 'object')} kept from before."
        yield ""
        yield from self.render_quiet()
        yield ""
        yield "pixelater push photo.jpg --wait"
        yield f"aws s3 cp photo.jpg s3://{self.source_bucket}/"
        if self.page:
            yield f"Or drop photos here: {self.page}"
        yield "Ctrl-C ends it."
        yield ""

    def render_quiet(self) -> Iterator[str]:
        return (f"export {name}={value}" for name, value in self.variables.items())

    def render_problems(self) -> Iterator[str]:
        if self.exposed:
            yield (
                "warning: others than this machine may reach this; it asks nobody for credentials, "
                "and runs the code it is sent"
            )


@dataclass(frozen=True)
class HappeningResult(CommandResult):
    """One thing that happened. `time` is in seconds since 1970; unknown numbers are 0."""

    command: ClassVar[Literal["happening"]] = "happening"
    time: float
    key: str
    bucket: str
    function: str
    result: str
    attempt: int
    milliseconds: float
    init_ms: float
    memory_mb: int
    cold: bool
    note: str

    def render_quiet(self) -> Iterator[str]:
        return self.tell() if self.result == "failed" else iter(())

    def tell(self) -> Iterator[str]:
        numbers = (
            f"attempt {self.attempt}" if self.attempt else "",
            f"{self.milliseconds:.0f} ms {'cold' if self.cold else 'warm'}"
            if self.milliseconds
            else "",
            f"{self.memory_mb} MB" if self.memory_mb else "",
        )
        moment = datetime.fromtimestamp(self.time).strftime("%H:%M:%S")
        words = (moment, f"{self.result:9}", f"{self.key:24}", *filter(None, numbers), self.note)
        yield "  ".join(words).rstrip()
