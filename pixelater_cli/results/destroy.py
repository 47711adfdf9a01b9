"""Owns what `pixelater destroy` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from pixelater_cli.results.deploy import PlannedStep


@dataclass(frozen=True)
class DestroyResult:
    """What `pixelater destroy` did, or with --plan would do; `kept` names buckets that stay."""

    command: ClassVar[Literal["destroy"]] = "destroy"
    account: str
    region: str
    endpoint_url: str | None
    stack: str
    applied: bool
    kept: tuple[str, ...]
    steps: tuple[PlannedStep, ...]

    @property
    def exit_code(self) -> int:
        return 3 if self.steps and not self.applied else 0
