"""From the version that runs to another: what both need is granted, and taken away at the end.

Pure. While the alias moves, either version may run, and the one that ran before may run again if
the smoke test fails. So the role may do what either needs, both source buckets may invoke the
function, and no notification is removed, until the new version has been proven.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pixelater_cli.aws.deploy.plan import find_differing, make_plan
from pixelater_cli.aws.package.package import EMPTY_PACKAGE, Package
from pixelater_cli.aws.resources.canonical import is_equal
from pixelater_cli.aws.resources.catalog import list_properties
from pixelater_cli.aws.resources.property import (
    EXISTS,
    ApiCall,
    FoundValues,
    ResourceProperty,
    constant,
)
from pixelater_cli.aws.stack import ALIAS, Document, Stack

RESTORED = ("policy", "permission", "former permission", "failures", "concurrency")
"""Settings that come back with a version, next to the notification and the stack's settings."""


@dataclass(frozen=True)
class Transition:
    """The properties of a stack while another version takes the place of one, and after that."""

    during: tuple[ResourceProperty, ...]
    after: tuple[ResourceProperty, ...]

    def moves(self, found: FoundValues) -> bool:
        """Return whether the alias moves to another version."""
        return any(
            each.key[0].startswith("alias ") and each.key[1] == EXISTS
            for each in find_differing(self.during, found)
        )

    def plan(self, found: FoundValues) -> tuple[ApiCall, ...]:
        """List the calls up to the move of the alias, and of the notification."""
        return make_plan(self.during, found)

    def plan_end(self, found: FoundValues) -> tuple[ApiCall, ...]:
        """List the calls that take away what only the former version needs.

        `found` is the state before all calls; those of `plan` are carried out by then.
        """
        granted = {each.key: each.wanted for each in self.during}
        calls: list[ApiCall] = []
        # What the settings no longer name, a later command does not find: they come last.
        for each in sorted(self.after, key=_is_settings):
            before = granted.get(each.key, found.get(each.key))
            if each.key in granted and is_equal(before, each.wanted):
                continue
            if not each.same(before, each.wanted):
                calls += (_name_end(call) for call in each.steps(before))
        return tuple(calls)


def make_transition(
    stack: Stack,
    package: Package,
    live: Stack | None,
    former_sources: Iterable[str],
    history: Document | None = None,
) -> Transition:
    """Return the properties from `live`, the settings of the version that runs, to a stack.

    `former_sources` are buckets that may still have a notification, `history` has the settings of
    earlier versions.
    """
    sources = {*former_sources, *stack.former_sources, *([live.source_bucket] if live else [])}
    former = tuple(sorted(sources - {stack.source_bucket}))
    remembering, forgetting = (replace(stack, former_sources=each) for each in (former, ()))
    return Transition(
        list_properties(remembering, package, former, live, history),
        list_properties(forgetting, package, former, history=history),
    )


def make_restoration(
    stack: Stack, version: str, live: Stack, history: Document | None
) -> Transition:
    """Return the transition from `live`, the settings of now, to a version and its settings.

    The function's own settings stay: they are those of the next version.
    """
    whole = make_transition(stack, EMPTY_PACKAGE, live, live.former_sources, history)
    return Transition(
        tuple(_restore(each, stack, version) for each in whole.during),
        tuple(_restore(each, stack, version) for each in whole.after),
    )


def _restore(each: ResourceProperty, stack: Stack, version: str) -> ResourceProperty:
    """Return a property that is restored, or that is read only because others depend on it."""
    resource, aspect = each.key
    kind = resource.partition(" ")[0]
    if (kind, aspect) == ("alias", EXISTS):
        named = {"FunctionName": stack.function, "Name": ALIAS, "FunctionVersion": version}
        move = ApiCall(f"move {resource} to version {version}", "lambda", "update_alias", named)
        before = each.steps({})[1:-1] if stack.traits.settings_by_version else ()
        return replace(each, steps=constant(*before, move), same=lambda _found, _wanted: False)
    restored = kind in ("trigger", "settings") or (kind != "bucket" and aspect in RESTORED)
    return each if restored else replace(each, same=lambda _found, _wanted: True)


def _is_settings(each: ResourceProperty) -> bool:
    return each.key[0].startswith("settings ")


def _name_end(call: ApiCall) -> ApiCall:
    """Tell a call at the end from the same call before."""
    return replace(call, title=f"{call.title}, without what only the former version needs")
