"""Result of `pixelater failures`, as JSON document and as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pixelater_cli.aws.operations.failure_record import format_reason, spell_reason
from pixelater_cli.results import CommandResult
from pixelater_cli.results.formatting import Table, format_count, wrap

if TYPE_CHECKING:
    from typing_extensions import Doc

    from pixelater_cli.aws.operations.failure_record import Failure
    from pixelater_cli.results.shared_fields import StackName


FailureState = Literal["failed", "worked", "failed again", "dropped"]
STATES: dict[str, str] = {"worked": "succeeded"}
"""States as text, where it is not the word of the JSON document."""

FailuresAction = Literal["list", "retry", "drop"]


@dataclass(frozen=True)
class FailedEvent:
    """A message of the failure queue."""

    id: Annotated[str, Doc("message ID in SQS")]
    keys: Annotated[tuple[str, ...], Doc("keys of the photos of the event")]
    reason: Annotated[
        str, Doc("reason as one word; docs/how-to/operate.md says what to do for each")
    ]
    message: Annotated[str, Doc("reason as a sentence")]
    time: Annotated[str, Doc("time of the last failure, ISO 8601")]
    tries: Annotated[int, Doc("number of invocations")]
    version_id: Annotated[str, Doc("version of the photo; empty without versioning")]
    bytes: Annotated[int | None, Doc("size of the photo; null: unknown")]
    request_id: Annotated[str, Doc("request ID of the last invocation")]
    hint: Annotated[str, Doc("what to do about the photo; empty if unknown")] = ""
    state: Annotated[
        FailureState, Doc("what was done with the failure; `failed`: it was only listed")
    ] = "failed"
    error: Annotated[str, Doc("error of the retry; empty if there was none")] = ""


@dataclass(frozen=True)
class FailuresResult(CommandResult):
    """Result of `pixelater failures`."""

    command: ClassVar[Literal["failures"]] = "failures"
    stack: StackName
    queue: Annotated[str, Doc("name of the failure queue")]
    action: Annotated[FailuresAction, Doc("action that was requested")]
    failures: Annotated[
        tuple[FailedEvent, ...], Doc("failures that were listed, retried or dropped")
    ]
    gone: Annotated[int, Doc("number of failures that another process has taken")] = 0
    out_of_sight: Annotated[
        int, Doc("number that another process handles; visible again within six minutes")
    ] = 0
    left: Annotated[
        int, Doc("approximate number of failures beyond --limit; 0 if keys are given")
    ] = 0

    @property
    def exit_code(self) -> int:
        return int(any(failure.error for failure in self.failures))

    def render(self) -> Iterator[str | Table]:
        if self.action == "list":
            if self.failures:
                titles = ("Time", "Key", "Tries", "Reason")
                yield Table(titles, tuple(map(_list_cells, self.failures)), frozenset({"Tries"}))
                yield ""
            yield f"{format_count(len(self.failures), 'failure')} in {self.queue}."
            return
        for failure in self.failures:
            yield from wrap(f"{_word_state(failure):<12}  {_name(failure)}", " " * 16)
        total = format_count(len(self.failures), "failure")
        if self.action == "drop":
            yield f"{total} deleted."
            return
        states = Counter(_word_state(failure) for failure in self.failures)
        counts = ", ".join(f"{number} {state}" for state, number in states.items())
        yield f"{total} retried" + (f": {counts}." if counts else ".")

    def render_quiet(self) -> Iterator[str | Table]:
        return self.render() if self.action == "list" and self.failures else iter(())

    def render_problems(self) -> Iterator[str]:
        for failure in self.failures:
            if failure.error:
                error = f"error: {_name(failure)}: {spell_reason(failure.error)}"
                yield from wrap(error, first="")
        if self.out_of_sight:
            count = format_count(self.out_of_sight, "more failure")
            yield f"{count} in use by another process; visible again within six minutes."
        if self.left:
            count = format_count(self.left, "more failure")
            yield f"about {count} in {self.queue}; --limit N reads further."
        if self.gone:
            yield f"{format_count(self.gone, 'failure')} taken by another process meanwhile."


def to_failed_event(
    failure: Failure, state: FailureState = "failed", error: str = ""
) -> FailedEvent:
    """Return a failure as it is shown, with what was done with it."""
    values = {name: value for name, value in vars(failure).items() if name != "event"}
    return FailedEvent(**values, state=state, error=error)


def _list_cells(failure: FailedEvent) -> tuple[str, ...]:
    reason = spell_reason(format_reason(failure.reason, failure.message))
    advised = f"{reason}. {failure.hint}" if failure.hint else reason
    return failure.time[:19].replace("T", " "), _name(failure), str(failure.tries), advised


def _word_state(failure: FailedEvent) -> str:
    return STATES.get(failure.state, failure.state)


def _name(failure: FailedEvent) -> str:
    return ", ".join(failure.keys) or f"message {failure.id}"
