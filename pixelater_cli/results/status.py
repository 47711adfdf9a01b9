"""Owns what `pixelater status` returns. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from pixelater_cli.results import Result
from pixelater_cli.results.words import count, name_account, wrap

if TYPE_CHECKING:
    from pixelater_cli.aws.facts import Fact
    from pixelater_cli.aws.plan import Change


@dataclass(frozen=True)
class ResourceState:
    """One resource: "present", "missing" or "drifted", and then what differs."""

    resource: str
    state: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class StatusResult(Result):
    """What `pixelater status` found.

    `function_version` is what the alias stands for, `failures` the number of events in the failure
    queue (None: there is none), `errors` the last hour's log lines that tell of failures.
    """

    command: ClassVar[Literal["status"]] = "status"
    account: str
    region: str
    endpoint_url: str | None
    stack: str
    function_version: str | None
    failures: int | None
    errors: tuple[str, ...]
    resources: tuple[ResourceState, ...]

    @property
    def exit_code(self) -> int:
        return 0 if all(one.state == "present" for one in self.resources) else 3

    def tell(self) -> Iterator[str]:
        yield name_account(self.account, self.region, self.endpoint_url)
        for one in self.resources:
            details = f"  {', '.join(one.details)}" if one.details else ""
            yield from wrap(f"{one.state:<8} {one.resource}{details}", "           ")
        if self.function_version is not None:
            yield f"Version {self.function_version} runs."
        if self.failures is not None:
            yield f"{count(self.failures, 'event')} in the failure queue."
        yield from (f"  {line}" for line in self.errors[-3:])
        yield f"{count(len(self.errors), 'error')} in the log of the last hour."


def describe_resources(
    facts: Iterable[Fact], changes: Iterable[Change]
) -> tuple[ResourceState, ...]:
    """Give the state of each resource; `changes` are those that deploying would make."""
    differing = {
        change.resource: ResourceState(
            change.resource, "missing" if change.is_new else "drifted", change.details
        )
        for change in changes
    }
    resources = dict.fromkeys(fact.key[0] for fact in facts)
    return tuple(differing.get(name, ResourceState(name, "present")) for name in resources)
