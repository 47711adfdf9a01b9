"""Owns the decision what to do: facts and what was found go in, a tuple of steps comes out.

Pure: a plan is data. Nothing to change is an empty plan, and a dry run is a plan not applied.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pixelater_cli.aws.resources.property import (
    EXISTS,
    ApiCall,
    FoundValues,
    ResourceProperty,
    list_differences,
)

if TYPE_CHECKING:
    from typing_extensions import Doc


def make_plan(facts: Iterable[ResourceProperty], found: FoundValues) -> tuple[ApiCall, ...]:
    """List the steps from what is found to what is wanted."""
    return tuple(step for fact in find_differing(facts, found) for step in _make(fact, found))


def make_removal(
    facts: Sequence[ResourceProperty],
    found: FoundValues,
    kept: Collection[str] = (),
    emptied: Collection[str] = (),
) -> tuple[ApiCall, ...]:
    """List the steps that remove what is found, last made first.

    `kept` names resources that stay, `emptied` buckets whose objects go first.
    """
    there = [fact for fact in reversed(facts) if found.get(fact.key) is not None]
    return tuple(
        step
        for fact in there
        if fact.key[0] not in kept
        for step in (*_empty(fact, emptied), *fact.remove(found[fact.key]))
    )


def _empty(fact: ResourceProperty, emptied: Collection[str]) -> tuple[ApiCall, ...]:
    resource, aspect = fact.key
    if aspect != EXISTS or resource not in emptied:
        return ()
    return (ApiCall(f"empty {resource}", "s3", "delete_objects", fact.read.parameters),)


def find_differing(
    facts: Iterable[ResourceProperty], found: FoundValues
) -> Iterator[ResourceProperty]:
    """Find the facts that are not as they should be."""
    return (fact for fact in facts if not fact.same(found.get(fact.key), fact.wanted))


def _make(fact: ResourceProperty, found: FoundValues) -> tuple[ApiCall, ...]:
    resource, _ = fact.key
    if fact.included and found.get((resource, EXISTS)) is None:
        return ()  # The step that creates the resource brings it.
    return fact.steps(found.get(fact.key))


@dataclass(frozen=True)
class ChangedResource:
    """A resource that is created or changed."""

    action: Annotated[Literal["create", "change"], Doc("what happens to the resource")]
    resource: Annotated[str, Doc("type and name of the resource")]
    details: Annotated[
        tuple[str, ...], Doc("settings concerned, with old and new values for a change")
    ]


def list_changes(
    facts: Iterable[ResourceProperty], found: FoundValues
) -> tuple[ChangedResource, ...]:
    """Sum up a plan resource by resource, in its order."""
    facts = tuple(facts)
    there = {fact.key[0]: fact.exists(found.get(fact.key)) for fact in facts if not fact.key[1]}
    changes: dict[str, list[str]] = {}
    for fact in find_differing(facts, found):
        resource, aspect = fact.key
        details = changes.setdefault(resource, [])
        value = found.get(fact.key)
        differences = list_differences(value, fact.wanted)
        if aspect == EXISTS and value is None:
            continue
        named = [f"{aspect}: {', '.join(differences)}" if aspect and differences else aspect]
        details += (named if aspect else differences) if value else [aspect]
    return tuple(
        ChangedResource(
            "change" if there.get(resource) else "create", resource, tuple(filter(None, details))
        )
        for resource, details in changes.items()
    )
