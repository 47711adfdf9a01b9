"""Owns what `pixelater status` returns. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from pixelater_cli.aws.operations.log_parser import read_message
from pixelater_cli.aws.operations.metrics import HourlyTraffic
from pixelater_cli.results import CHANGES_PENDING, CommandResult
from pixelater_cli.results.formatting import format_account, format_count, wrap
from pixelater_cli.results.logs import format_line

if TYPE_CHECKING:
    from pixelater_cli.aws.deploy.plan import ChangedResource
    from pixelater_cli.aws.resources.property import ResourceProperty


@dataclass(frozen=True)
class ResourceState:
    """One resource: "present", "missing" or "drifted", and then what differs."""

    resource: str
    state: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class StatusResult(CommandResult):
    """What `pixelater status` found.

    `function_version` is what the alias stands for, `newest_version` the last one published (after
    a failed smoke test, a later one), `failures` the number of events in the failure
    queue (None: there is none), `errors` the last hour's log lines that tell of failures.
    """

    command: ClassVar[Literal["status"]] = "status"
    colors: ClassVar[Mapping[str, str]] = {
        "present": "green",
        "drifted": "yellow",
        "missing": "red",
    }
    account: str
    region: str
    endpoint_url: str | None
    stack: str
    function_version: str | None
    failures: int | None
    errors: tuple[str, ...]
    resources: tuple[ResourceState, ...]
    traffic: HourlyTraffic = field(default_factory=HourlyTraffic)
    newest_version: str | None = None

    @property
    def exit_code(self) -> int:
        drifted = any(one.state != "present" for one in self.resources)
        return CHANGES_PENDING if drifted else 0

    def tell(self) -> Iterator[str]:
        yield format_account(self.account, self.region, self.endpoint_url)
        for one in self.resources:
            yield from _word_state(one)
        yield from self._tell_version()
        if self.failures is not None:
            yield f"{format_count(self.failures, 'event')} in the failure queue."
        yield from self._tell_traffic()
        for line in self._word_errors()[-3:]:
            yield from wrap(line)
        yield f"{format_count(len(self.errors), 'error')} in the log of the last hour."

    def render_quiet(self) -> Iterator[str]:
        for one in self.resources:
            if one.state != "present":
                yield from _word_state(one)
        if self.failures:
            yield f"{format_count(self.failures, 'event')} in the failure queue."

    def _tell_version(self) -> Iterator[str]:
        runs, newest = self.function_version, self.newest_version
        if runs is None:
            return
        yield f"Version {runs} runs."
        if newest is not None and int(newest) > int(runs):
            yield from wrap(
                f"Version {newest} was published later and does not run: its smoke test failed, or "
                "somebody rolled back. The next deploy lets the newest run.",
                indent="  ",
            )

    def _word_errors(self) -> list[str]:
        lines = (line for message in self.errors for line in read_message(message))
        return [format_line(line) for line in lines if line.is_error]

    def _tell_traffic(self) -> Iterator[str]:
        hour = self.traffic
        done, pace = format_count(hour.done, "photo"), f"{hour.photos_per_minute:.1f} a minute"
        told = f"{done} in the last hour, {pace}"
        if hour.failed or hour.retried:
            told += f"; {hour.error_rate:.1%} of attempts failed"
        yield f"{told}."
        if hour.monthly_dollars is not None:
            yield (
                f"{format_count(hour.invocations, 'invocation')} of "
                f"{hour.mean_billed_ms or 0:.0f} ms; "
                f"a month like this hour: {hour.monthly_dollars:,.2f} dollars"
            )
            yield "for the function and its requests to S3."


def _word_state(one: ResourceState) -> list[str]:
    details = f"  {', '.join(one.details)}" if one.details else ""
    return wrap(f"{one.state:<8} {one.resource}{details}", "           ")


def describe_resources(
    facts: Iterable[ResourceProperty], changes: Iterable[ChangedResource]
) -> tuple[ResourceState, ...]:
    """Give the state of each resource; `changes` are those that deploying would make."""
    differing = {
        change.resource: ResourceState(
            change.resource, "missing" if change.action == "create" else "drifted", change.details
        )
        for change in changes
    }
    resources = dict.fromkeys(fact.key[0] for fact in facts)
    return tuple(differing.get(name, ResourceState(name, "present")) for name in resources)
