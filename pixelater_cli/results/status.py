"""Result of `pixelater status`, as JSON document and as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pixelater_cli.aws.operations.log_parser import Line, PhotoLine, read_message
from pixelater_cli.aws.operations.metrics import HourlyTraffic
from pixelater_cli.results import CHANGES_PENDING, CommandResult
from pixelater_cli.results.backfill import format_leftover
from pixelater_cli.results.formatting import format_account, format_count, wrap
from pixelater_cli.results.logs import format_line

if TYPE_CHECKING:
    from typing_extensions import Doc

    from pixelater_cli.aws.deploy.plan import ChangedResource
    from pixelater_cli.aws.resources.property import ResourceProperty
    from pixelater_cli.results.shared_fields import (
        AccountNumber,
        EndpointUrl,
        LeftoverMosaics,
        Notes,
        RegionName,
        StackName,
        UnknownSecrets,
    )


OLD_DAYS = 10
"""From this age of a failure on, `status` says when it will be deleted."""


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
    undelivered_failures: Annotated[
        int | None,
        Doc("failed events of 14 days that did not reach the failure queue; null: not known"),
    ] = None
    oldest_failure_days: Annotated[
        float | None,
        Doc("age of the oldest message in the failure queue, in days; null: not known"),
    ] = None
    stale_photos: Annotated[
        int | None,
        Doc(
            "number of photos, of the first 1,000, with a mosaic of a former grid that a later "
            "upload has not replaced; null: no former grids"
        ),
    ] = None
    clear_mosaics: Annotated[
        int | None,
        Doc(
            "number of mosaics, of the first 1,000, whose metadata tell key and ETag of their "
            "photos in clear; null: not known, because the caller may not read mosaics"
        ),
    ] = None
    unknown_secrets: UnknownSecrets = field(default_factory=dict)
    leftover_mosaics: LeftoverMosaics = field(default_factory=dict)
    looks: Annotated[
        dict[str, str],
        Doc("options of the stack's `look` and its rules (`rule 1`), if not the default"),
    ] = field(default_factory=dict)
    cors: Annotated[
        tuple[str, ...], Doc("origins whose pages may read the mosaics (`--cors`), as deployed")
    ] = ()
    cache_control: Annotated[
        str, Doc("Cache-Control header of mosaics, as deployed; empty: none")
    ] = ""
    notes: Notes = ()

    @property
    def exit_code(self) -> int:
        drifted = any(resource.state != "present" for resource in self.resources)
        return CHANGES_PENDING if drifted else 0

    def render(self) -> Iterator[str]:
        if {resource.state for resource in self.resources} == {"missing"}:
            yield f"Stack {self.stack} is not deployed."
        yield format_account(self.account, self.region, self.endpoint_url)
        for resource in self.resources:
            yield from _format_state(resource)
        yield from self._render_version()
        for name, words in self.looks.items():
            yield from wrap(f"{name.capitalize()}: {words}")
        for note in self.notes:
            yield from wrap(f"Note: {note}")
        if self.cors:
            yield from wrap(f"CORS: {', '.join(self.cors)}")
        if self.cache_control:
            yield from wrap(f"Cache-Control: {self.cache_control}")
        if self.failures is not None:
            yield f"{format_count(self.failures, 'event')} in the failure queue."
        yield from self._render_losses()
        yield from self._render_stale()
        yield from self._render_metadata()
        yield from self._render_traffic()
        for line in self._format_errors()[-3:]:
            yield from wrap(line)
        yield f"{format_count(len(self.errors), 'error')} in the log of the last hour."

    def render_quiet(self) -> Iterator[str]:
        for resource in self.resources:
            if resource.state != "present":
                yield from _format_state(resource)
        if self.failures:
            yield f"{format_count(self.failures, 'event')} in the failure queue."
        yield from self._render_losses()
        yield from self._render_stale()
        yield from self._render_metadata()

    def _render_losses(self) -> Iterator[str]:
        """Yield what is lost, or is soon: SQS keeps a message for 14 days."""
        if self.undelivered_failures:
            lost = format_count(self.undelivered_failures, "event")
            yield from wrap(
                f"Lost in the last 14 days: {lost} that failed and did not reach the failure queue "
                "(DestinationDeliveryFailures)."
            )
        days = self.oldest_failure_days or 0
        if self.failures and days >= OLD_DAYS:
            yield from wrap(
                f"The oldest is {days:.0f} days old; SQS deletes it after 14. Retry it: "
                "pixelater failures retry"
            )

    def _render_stale(self) -> Iterator[str]:
        if self.stale_photos:
            photos = format_count(self.stale_photos, "photo")
            yield from wrap(
                f"Stale: mosaics of former grids of {photos} (of the first 1,000), which later "
                "uploads have not replaced. Update them: pixelater backfill"
            )

    def _render_metadata(self) -> Iterator[str]:
        """Yield which mosaics tell too much, or would not be replaced."""
        if self.clear_mosaics:
            mosaics = format_count(self.clear_mosaics, "mosaic")
            yield from wrap(
                f"In clear: metadata of {mosaics} (of the first 1,000), which tell key and ETag of "
                "the photos. Renew them: pixelater backfill --refresh-metadata"
            )
        for secret, number in self.unknown_secrets.items():
            mosaics = format_count(number, "mosaic")
            left = self.leftover_mosaics.get(secret, 0)
            advice = [
                f"Unknown: metadata of {mosaics} (of the first 1,000) with the secret {secret}, "
                "which the stack does not have. The function does not replace these mosaics."
            ]
            if left < number:
                advice.append(
                    "If they are of a stack that no longer exists: pixelater backfill --take-over "
                    f"{secret}"
                )
            yield from wrap(" ".join(advice))
            if left:
                yield from wrap(format_leftover(left))

    def _render_version(self) -> Iterator[str]:
        active, newest = self.function_version, self.newest_version
        if active is None:
            return
        yield f"Version {active} is active."
        if newest is not None and int(newest) > int(active):
            yield from wrap(
                f"Version {newest} is newer but not active: its smoke test failed, or it was "
                "rolled back. The next deploy activates the newest version.",
                indent="  ",
            )

    def _format_errors(self) -> list[str]:
        lines = (line for message in self.errors for line in read_message(message))
        repeated: dict[tuple[str, ...], list[Line]] = {}
        for line in lines:
            if line.is_error:
                repeated.setdefault(_identify(line), []).append(line)
        return [
            format_line(same[-1]) + (f"  ({len(same)} times)" if same[1:] else "")
            for same in repeated.values()
        ]

    def _render_traffic(self) -> Iterator[str]:
        hour = self.traffic
        done, pace = format_count(hour.done, "photo"), f"{hour.photos_per_minute:.1f} per minute"
        summary = f"{done} in the last hour, {pace}"
        if hour.failed or hour.retried:
            summary += f"; {hour.error_rate:.1%} of attempts failed"
        yield f"{summary}."
        if hour.monthly_dollars is not None:
            yield (
                f"{format_count(hour.invocations, 'invocation')}, "
                f"{hour.mean_billed_ms or 0:.0f} ms on average. A month at this rate costs "
                f"${hour.monthly_dollars:,.2f}"
            )
            yield "for the function and its S3 requests."


def _identify(line: Line) -> tuple[str, ...]:
    """Return what a repeated failure has in common: not its times."""
    if isinstance(line, PhotoLine):
        return line.outcome, line.key, line.error
    return (format_line(line),)


def _format_state(resource: ResourceState) -> list[str]:
    details = f"  {', '.join(resource.details)}" if resource.details else ""
    return wrap(f"{resource.state:<8} {resource.resource}{details}", " " * 11)


def to_resource_states(
    properties: Iterable[ResourceProperty], changes: Iterable[ChangedResource]
) -> tuple[ResourceState, ...]:
    """Return the state of each resource; `changes` are those that `deploy` would make."""
    differing = {
        change.resource: ResourceState(
            change.resource, "missing" if change.action == "create" else "drifted", change.details
        )
        for change in changes
    }
    resources = dict.fromkeys(p.key[0] for p in properties)
    return tuple(differing.get(name, ResourceState(name, "present")) for name in resources)
