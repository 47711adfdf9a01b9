"""Owns what `pixelater destroy` returns. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from pixelater_cli.results import CHANGES_PENDING, CommandResult
from pixelater_cli.results.deploy import PlannedStep
from pixelater_cli.results.formatting import format_account, format_count, wrap


@dataclass(frozen=True)
class DestroyResult(CommandResult):
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
        return CHANGES_PENDING if self.steps and not self.applied else 0

    def tell(self) -> Iterator[str]:
        if self.steps and not self.applied:
            yield from self.tell_plan()
            yield f"{format_count(len(self.steps), 'step')} to do; nothing was changed."
        else:
            yield from self._tell_place()
            done = f"{format_count(len(self.steps), 'step')} done."
            yield done if self.steps else f"Nothing is left of stack {self.stack} to remove."

    def tell_plan(self) -> Iterator[str]:
        """Say where what is to be done, step by step."""
        yield from self._tell_place()
        yield from (line for step in self.steps for line in wrap(step.title))

    def _tell_place(self) -> Iterator[str]:
        yield format_account(self.account, self.region, self.endpoint_url)
        yield from (f"  keep {name}" for name in self.kept)
