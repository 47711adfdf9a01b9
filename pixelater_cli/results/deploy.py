"""Owns what `pixelater deploy` returns. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from pixelater_cli.aws.deploy.plan import ChangedResource
from pixelater_cli.results import CHANGES_PENDING, CommandResult
from pixelater_cli.results.formatting import format_account, format_count, wrap

if TYPE_CHECKING:
    from pixelater_cli.aws.resources.property import ApiCall


@dataclass(frozen=True)
class PlannedStep:
    """One step of a plan: its title and the AWS call it stands for."""

    title: str
    call: str


@dataclass(frozen=True)
class DeployResult(CommandResult):
    """What `pixelater deploy` did, or with --plan would do.

    `smoke_test_seconds` is how long a tiny picture took; None if none was sent.
    """

    command: ClassVar[Literal["deploy"]] = "deploy"
    account: str
    region: str
    endpoint_url: str | None
    stack: str
    source_bucket: str
    destination_bucket: str
    function: str
    package: str
    applied: bool
    changes: tuple[ChangedResource, ...]
    steps: tuple[PlannedStep, ...]
    smoke_test_seconds: float | None = None

    @property
    def exit_code(self) -> int:
        return CHANGES_PENDING if self.steps and not self.applied else 0

    def tell(self) -> Iterator[str]:
        if self.steps and not self.applied:
            yield from self.tell_plan()
            yield f"{format_count(len(self.steps), 'step')} to do; nothing was changed."
        else:
            yield format_account(self.account, self.region, self.endpoint_url)
            done = f"{format_count(len(self.steps), 'step')} done."
            yield done if self.steps else "Everything is as it should be: nothing to change."
        if self.smoke_test_seconds is not None:
            yield f"A tiny picture went through in {self.smoke_test_seconds:.1f} s."
        if self.applied:
            yield f"Photos go to      s3://{self.source_bucket}"
            yield f"Mosaics appear in s3://{self.destination_bucket}"

    def tell_plan(self) -> Iterator[str]:
        """Say where what is to be done, resource by resource."""
        yield format_account(self.account, self.region, self.endpoint_url)
        for change in self.changes:
            details = f" ({', '.join(change.details)})" if change.details else ""
            yield from wrap(f"{change.action} {change.resource}{details}")


def describe_steps(steps: Iterable[ApiCall]) -> tuple[PlannedStep, ...]:
    """Name each step and its call."""
    return tuple(PlannedStep(step.title, f"{step.service}:{step.operation}") for step in steps)
