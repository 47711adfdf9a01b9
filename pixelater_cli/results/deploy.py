"""Owns what `pixelater deploy` returns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from pixelater_cli.aws.facts import Step
    from pixelater_cli.aws.plan import Change


@dataclass(frozen=True)
class PlannedStep:
    """One step of a plan: its title and the AWS call it stands for."""

    title: str
    call: str


@dataclass(frozen=True)
class ChangedResource:
    """What is done to one resource: "create" or "change", and which of its settings."""

    action: str
    resource: str
    details: tuple[str, ...]


@dataclass(frozen=True)
class DeployResult:
    """What `pixelater deploy` did, or with --plan would do."""

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

    @property
    def exit_code(self) -> int:
        return 3 if self.steps and not self.applied else 0


def describe_steps(steps: Iterable[Step]) -> tuple[PlannedStep, ...]:
    """Name each step and its call."""
    return tuple(PlannedStep(step.title, f"{step.service}:{step.operation}") for step in steps)


def describe_changes(changes: Iterable[Change]) -> tuple[ChangedResource, ...]:
    """Put changes into words."""
    return tuple(
        ChangedResource("create" if change.is_new else "change", change.resource, change.details)
        for change in changes
    )
