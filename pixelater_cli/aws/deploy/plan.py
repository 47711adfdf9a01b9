"""Plans: from the wanted properties and the current values to the API calls in between.

No I/O. A plan is data: with nothing to change it is empty, and a dry run is a plan not applied.
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


@dataclass(frozen=True)
class ChangedResource:
    """A resource that is created or changed."""

    action: Annotated[Literal["create", "change"], Doc("what happens to the resource")]
    resource: Annotated[str, Doc("type and name of the resource")]
    details: Annotated[
        tuple[str, ...], Doc("settings concerned, with old and new values for a change")
    ]


def make_plan(properties: Iterable[ResourceProperty], found: FoundValues) -> tuple[ApiCall, ...]:
    """List the calls from the current values to the wanted ones."""
    calls: list[ApiCall] = []
    for each in find_differing(properties, found):
        # An included property comes with the call that creates its resource.
        if not each.included or found.get((each.key[0], EXISTS)) is not None:
            calls += each.steps(found.get(each.key))
    return tuple(calls)


def make_removal(
    properties: Sequence[ResourceProperty],
    found: FoundValues,
    kept: Collection[str] = (),
    emptied: Collection[str] = (),
) -> tuple[ApiCall, ...]:
    """List the calls that remove what exists, in reverse order.

    `kept` names resources that stay, `emptied` buckets whose objects are deleted first.
    """
    calls: list[ApiCall] = []
    for each in reversed(properties):
        resource, aspect = each.key
        if found.get(each.key) is None or resource in kept:
            continue
        if aspect == EXISTS and resource in emptied:
            calls.append(ApiCall(f"empty {resource}", "s3", "delete_objects", each.read.parameters))
        calls += each.remove(found[each.key])
    return tuple(calls)


def find_differing(
    properties: Iterable[ResourceProperty], found: FoundValues
) -> Iterator[ResourceProperty]:
    """Find the properties whose current value is not as wanted."""
    return (each for each in properties if not each.same(found.get(each.key), each.wanted))


def list_changes(
    properties: Iterable[ResourceProperty], found: FoundValues
) -> tuple[ChangedResource, ...]:
    """Sum up a plan resource by resource, in its order."""
    properties = tuple(properties)
    existing = {
        each.key[0] for each in properties if not each.key[1] and each.exists(found.get(each.key))
    }
    changes: dict[str, list[str]] = {}
    for each in find_differing(properties, found):
        resource, aspect = each.key
        details = changes.setdefault(resource, [])
        value = found.get(each.key)
        if aspect == EXISTS and value is None:
            continue
        differences = list_differences(value, each.wanted) if value else []
        if aspect and each.shown and not differences:
            differences = [each.shown]
        if aspect and differences:
            details.append(f"{aspect}: {', '.join(differences)}")
        else:
            details += [aspect] if aspect else differences
    return tuple(
        ChangedResource(
            "change" if resource in existing else "create", resource, tuple(filter(None, details))
        )
        for resource, details in changes.items()
    )
