"""Result of `pixelater destroy`, as JSON document and as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pixelater_cli.results import CHANGES_PENDING, CommandResult
from pixelater_cli.results.deploy import PlannedStep
from pixelater_cli.results.formatting import format_account, format_count, wrap

if TYPE_CHECKING:
    from typing_extensions import Doc

    from pixelater_cli.results.shared_fields import (
        AccountNumber,
        Applied,
        EndpointUrl,
        RegionName,
        StackName,
    )


@dataclass(frozen=True)
class DestroyResult(CommandResult):
    """Result of `pixelater destroy`, or with --plan what it would do."""

    command: ClassVar[Literal["destroy"]] = "destroy"
    account: AccountNumber
    region: RegionName
    endpoint_url: EndpointUrl
    stack: StackName
    applied: Applied
    kept: Annotated[tuple[str, ...], Doc("buckets that are kept, with their objects")]
    steps: Annotated[
        tuple[PlannedStep, ...], Doc("API calls that remove the other resources, in order")
    ]

    @property
    def exit_code(self) -> int:
        return CHANGES_PENDING if self.steps and not self.applied else 0

    @property
    def question(self) -> str:
        """The question before the steps are applied."""
        return f"Apply {format_count(len(self.steps), 'step')}?"

    def render(self) -> Iterator[str]:
        if self.steps and not self.applied:
            yield from self.render_plan()
            yield f"{format_count(len(self.steps), 'step')} would be applied."
        else:
            yield from self._render_account()
            done = f"Applied {format_count(len(self.steps), 'step')}."
            yield done if self.steps else f"Nothing to remove in stack {self.stack}."

    def render_plan(self) -> Iterator[str]:
        """Yield the account, and the steps."""
        yield from self._render_account()
        yield from (line for step in self.steps for line in wrap(step.title))

    def _render_account(self) -> Iterator[str]:
        yield format_account(self.account, self.region, self.endpoint_url)
        yield from (f"  keep {name}" for name in self.kept)
