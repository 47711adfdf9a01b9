"""Result of `pixelater status`, as JSON document and as text. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pixelater_cli.aws.operations.log_parser import read_message
from pixelater_cli.aws.operations.metrics import HourlyTraffic
from pixelater_cli.results import CHANGES_PENDING, CommandResult
from pixelater_cli.results.formatting import format_account, format_count, wrap
from pixelater_cli.results.logs import format_line

if TYPE_CHECKING:
    from typing_extensions import Doc

    from pixelater_cli.aws.deploy.plan import ChangedResource
    from pixelater_cli.aws.resources.property import ResourceProperty
    from pixelater_cli.results.fields import AccountNumber, EndpointUrl, RegionName, StackName


@dataclass(frozen=True)
class ResourceState:
    """State of a resource."""

    resource: Annotated[str, Doc("type and name of the resource")]
    state: Annotated[Literal["present", "missing", "drifted"], Doc("state of the resource")]
    details: Annotated[
        tuple[str, ...], Doc("settings that differ, with deployed and current values")
    ] = ()


@dataclass(frozen=True)
class StatusResult(CommandResult):
    """Result of `pixelater status`."""

    command: ClassVar[Literal["status"]] = "status"
    colors: ClassVar[Mapping[str, str]] = {
        "present": "green",
        "drifted": "yellow",
        "missing": "red",
    }
    account: AccountNumber
    region: RegionName
    endpoint_url: EndpointUrl
    stack: StackName
    function_version: Annotated[str | None, Doc("active version; null: none")]
    failures: Annotated[
        int | None, Doc("number of messages in the failure queue; null: the queue does not exist")
    ]
    errors: Annotated[tuple[str, ...], Doc("lines about failures in the log of the last hour")]
    resources: Annotated[tuple[ResourceState, ...], Doc("resources of the stack")]
    traffic: Annotated[HourlyTraffic, Doc("traffic of the last hour")] = field(
        default_factory=HourlyTraffic
    )
    newest_version: Annotated[
        str | None, Doc("newest published version, which may not be active; null: none")
    ] = None

    @property
    def exit_code(self) -> int:
        drifted = any(one.state != "present" for one in self.resources)
        return CHANGES_PENDING if drifted else 0

    def render(self) -> Iterator[str]:
        yield format_account(self.account, self.region, self.endpoint_url)
        for one in self.resources:
            yield from _format_state(one)
        yield from self._render_version()
        if self.failures is not None:
            yield f"{format_count(self.failures, 'event')} in the failure queue."
        yield from self._render_traffic()
        for line in self._format_errors()[-3:]:
            yield from wrap(line)
        yield f"{format_count(len(self.errors), 'error')} in the log of the last hour."

    def render_quiet(self) -> Iterator[str]:
        for one in self.resources:
            if one.state != "present":
                yield from _format_state(one)
        if self.failures:
            yield f"{format_count(self.failures, 'event')} in the failure queue."

    def _render_version(self) -> Iterator[str]:
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

    def _format_errors(self) -> list[str]:
        lines = (line for message in self.errors for line in read_message(message))
        return [format_line(line) for line in lines if line.is_bad]

    def _render_traffic(self) -> Iterator[str]:
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


def _format_state(one: ResourceState) -> list[str]:
    details = f"  {', '.join(one.details)}" if one.details else ""
    return wrap(f"{one.state:<8} {one.resource}{details}", "           ")


def to_resource_states(
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
