"""Result of `pixelater deploy`, as JSON document and as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pixelater_cli.aws.deploy.plan import ChangedResource
from pixelater_cli.results import CHANGES_PENDING, CommandResult
from pixelater_cli.results.formatting import format_account, format_count, wrap

if TYPE_CHECKING:
    from typing_extensions import Doc

    from pixelater_cli.aws.resources.property import ApiCall
    from pixelater_cli.aws.stack import Stack
    from pixelater_cli.results.shared_fields import (
        AccountNumber,
        Applied,
        DestinationBucket,
        EndpointUrl,
        Notes,
        RegionName,
        SourceBucket,
        StackName,
    )


@dataclass(frozen=True)
class PlannedStep:
    """A step of a plan."""

    title: Annotated[str, Doc("what the call does")]
    call: Annotated[str, Doc("boto3 operation, `service:operation`")]


@dataclass(frozen=True)
class PhotoLimits:
    """The most that a photo may cost, as estimated from its header."""

    seconds: Annotated[int, Doc("seconds of CPU time")]
    memory: Annotated[int, Doc("MB of memory")]
    written: Annotated[int, Doc("MB of mosaics")]


@dataclass(frozen=True)
class DeployResult(CommandResult):
    """Result of `pixelater deploy`, or with --plan what it would do."""

    command: ClassVar[Literal["deploy"]] = "deploy"
    account: AccountNumber
    region: RegionName
    endpoint_url: EndpointUrl
    stack: StackName
    source_bucket: SourceBucket
    destination_bucket: DestinationBucket
    prefix: Annotated[str, Doc("prefix that keys of photos must have; empty: none")]
    suffix: Annotated[str, Doc("suffix that keys of photos must have; empty: none")]
    limits: Annotated[PhotoLimits, Doc("photos that would cost more are refused")]
    function: Annotated[str, Doc("ARN of the alias that is invoked on uploads")]
    package: Annotated[str, Doc("digest of the zip's contents, in hexadecimal")]
    applied: Applied
    changes: Annotated[tuple[ChangedResource, ...], Doc("resources that differ; empty: none")]
    steps: Annotated[tuple[PlannedStep, ...], Doc("API calls that make the changes, in order")]
    smoke_test_seconds: Annotated[
        float | None, Doc("duration of the smoke test, in seconds; null: not run")
    ] = None
    unsettled: Annotated[
        tuple[str, ...],
        Doc("settings that AWS still reported as before two minutes after the change; empty: none"),
    ] = ()
    notes: Notes = ()

    @property
    def exit_code(self) -> int:
        return CHANGES_PENDING if self.steps and not self.applied else 0

    @property
    def question(self) -> str:
        """The question before the changes are applied."""
        return f"Change {self._count()}?"

    def _count(self) -> str:
        """Count the resources, which the plan lists, and the API calls."""
        changes, steps = len(self.changes), len(self.steps)
        return f"{format_count(changes, 'resource')} in {format_count(steps, 'API call')}"

    def render(self) -> Iterator[str]:
        if self.steps and not self.applied:
            yield from self.render_plan()
            yield f"{self._count()} would be changed."
        else:
            yield format_account(self.account, self.region, self.endpoint_url)
            done = f"Changed {self._count()}."
            yield done if self.steps else "No changes: the stack is up to date."
            yield from self._render_notes()
        for title in self.unsettled:
            yield from wrap(f"warning: AWS does not report this change yet: {title}")
        if self.smoke_test_seconds is not None:
            yield f"Smoke test passed in {self.smoke_test_seconds:.1f} s."
        if self.applied:
            keys = f" (keys that end with {self.suffix})" if self.suffix else ""
            yield f"Upload photos to  s3://{self.source_bucket}/{self.prefix}{keys}"
            yield f"Mosaics appear in s3://{self.destination_bucket}"

    def render_plan(self) -> Iterator[str]:
        """Yield the account, and the changes resource by resource."""
        yield format_account(self.account, self.region, self.endpoint_url)
        for change in self.changes:
            details = f" ({', '.join(change.details)})" if change.details else ""
            yield from wrap(f"{change.action} {change.resource}{details}")
        limits = self.limits
        yield (
            f"Limits of a photo: {limits.seconds} s of CPU, {limits.memory:,} MB of memory, "
            f"{limits.written:,} MB of mosaics"
        )
        yield from self._render_notes()

    def _render_notes(self) -> Iterator[str]:
        for note in self.notes:
            yield from wrap(f"Note: {note}")


def find_limits(stack: Stack) -> PhotoLimits:
    """Return the limits of photos that the function of a stack applies."""
    from pixelater.decode.limits import Limits
    from pixelater_cli.aws.stack_looks import list_local_kinds

    given = stack.max_seconds, stack.max_memory, stack.max_written
    detects = bool(list_local_kinds(stack))
    limits = Limits.for_function(stack.memory_mb, detects=detects).override(
        stack.max_pixels, *given
    )
    return PhotoLimits(limits.seconds, limits.memory, limits.written)


def to_planned_steps(steps: Iterable[ApiCall]) -> tuple[PlannedStep, ...]:
    """Return the title and the API call of each step."""
    return tuple(PlannedStep(step.title, f"{step.service}:{step.operation}") for step in steps)
