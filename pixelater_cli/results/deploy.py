"""Owns what `pixelater deploy` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True)
class PlannedStep:
    """One step of a plan: its title and the AWS call it stands for."""

    title: str
    call: str


@dataclass(frozen=True)
class DeployResult:
    """What `pixelater deploy` did, or with --plan would do."""

    command: ClassVar[Literal["deploy"]] = "deploy"
    account: str
    region: str
    endpoint_url: str | None
    source_bucket: str
    destination_bucket: str
    function: str
    package: str
    applied: bool
    steps: tuple[PlannedStep, ...]

    @property
    def exit_code(self) -> int:
        return 0
