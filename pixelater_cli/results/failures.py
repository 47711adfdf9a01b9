"""Owns what `pixelater failures` returns. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from pixelater_cli.aws.operations.failure_record import format_reason
from pixelater_cli.results import CommandResult
from pixelater_cli.results.formatting import Table, format_count

if TYPE_CHECKING:
    from pixelater_cli.aws.operations.failure_record import Failure


@dataclass(frozen=True)
class FailedEvent:
    """One message of the failure queue, and what was done with it.

    `state`: "failed", "worked", "failed again" or "dropped". `tries` counts invocations before
    this; `error` is why the last one of `retry` failed.
    """

    id: str
    keys: tuple[str, ...]
    reason: str
    message: str
    time: str
    tries: int
    version_id: str
    bytes: int | None
    request_id: str
    state: str = "failed"
    error: str = ""


@dataclass(frozen=True)
class FailuresResult(CommandResult):
    """What `pixelater failures` found or did.

    `gone` counts what somebody else took meanwhile, `out_of_sight` what somebody is at just now,
    or was when killed.
    """

    command: ClassVar[Literal["failures"]] = "failures"
    stack: str
    queue: str
    action: str
    failures: tuple[FailedEvent, ...]
    gone: int = 0
    out_of_sight: int = 0

    @property
    def exit_code(self) -> int:
        return int(any(one.error for one in self.failures))

    def tell(self) -> Iterator[str | Table]:
        if self.action == "list":
            if self.failures:
                titles = ("When", "Key", "Tries", "Why")
                yield Table(titles, tuple(map(_list_cells, self.failures)), frozenset({"Tries"}))
                yield ""
            yield f"{format_count(len(self.failures), 'failure')} in {self.queue}."
            return
        for one in self.failures:
            yield f"  {one.state:<12}  {_name(one)}"
        all_of_them = format_count(len(self.failures), "failure")
        if self.action == "drop":
            yield f"{all_of_them} dropped."
            return
        states = Counter(one.state for one in self.failures)
        told = ", ".join(f"{number} {state}" for state, number in states.items())
        yield f"{all_of_them} tried again" + (f": {told}." if told else ".")

    def render_quiet(self) -> Iterator[str | Table]:
        return self.tell() if self.action == "list" and self.failures else iter(())

    def render_problems(self) -> Iterator[str]:
        for one in self.failures:
            if one.error:
                yield f"error: {_name(one)}: {one.error}"
        if self.out_of_sight:
            yield f"{self.out_of_sight} more out of sight: back within six minutes, if not done."
        if self.gone:
            yield f"{format_count(self.gone, 'failure')} had left the queue meanwhile."


def to_failed_event(failure: Failure, state: str = "failed", error: str = "") -> FailedEvent:
    """Take of a failure what people and programs ask for."""
    values = {name: value for name, value in vars(failure).items() if name != "event"}
    return FailedEvent(**values, state=state, error=error)


def _list_cells(one: FailedEvent) -> tuple[str, ...]:
    why = format_reason(one.reason, one.message)
    return one.time[:19].replace("T", " "), _name(one), str(one.tries), why


def _name(one: FailedEvent) -> str:
    return ", ".join(one.keys) or f"message {one.id}"
