"""Properties of AWS resources: what deploying, showing and removing a stack share.

No I/O. A stack is the list of its properties (`catalog.py`), each after those that it needs. The
current state has one value per property; a plan has the API calls for those that differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pixelater_cli.aws.resources.canonical import is_equal
from pixelater_cli.aws.stack import Document

Key = tuple[str, str]
"""A resource, as users read it, and the name of its setting; EXISTS for the resource itself."""

EXISTS = ""


@dataclass(frozen=True)
class Ref:
    """Placeholder in parameters for a value of an earlier answer: a queue's URL, a version."""

    name: str


@dataclass(frozen=True)
class ApiCall:
    """One call of boto3, and its title for users.

    `wait` names the boto3 waiter that must succeed before the next call. `body` is the Body
    parameter of an upload, which is not text. `output` names a value of the answer, or of its
    `part`, that later calls need. With an error code in `absent`, there is nothing left to delete.
    """

    title: str
    service: str
    operation: str
    parameters: Document
    wait: str = ""
    body: bytes | None = field(default=None, repr=False)
    output: str = ""
    part: str = ""
    absent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Read:
    """The call that reads a property, and how to pick the value from the answer.

    An error code in `absent` means that there is no value. `part` names the part of the answer to
    pick from, if not the whole; `output` a value that API calls need.
    """

    service: str
    operation: str
    parameters: Document
    pick: Callable[[Document], Any]
    absent: tuple[str, ...] = ()
    output: str = ""
    part: str = ""


@dataclass(frozen=True)
class ResourceProperty:
    """One setting of a resource: the desired value, and the calls that set it.

    All functions take the current value (None: absent). `same` returns whether it needs no change,
    `exists` whether the resource exists, `remove` the calls that undo the setting if deleting the
    resource does not. Properties that are `included` are set when their resource is created.
    `shown` is what plans show of a value that is set for the first time.
    """

    key: Key
    read: Read
    wanted: Any
    steps: Callable[[Any], tuple[ApiCall, ...]]
    same: Callable[[Any, Any], bool] = is_equal
    included: bool = False
    exists: Callable[[Any], bool] = lambda found: found is not None
    remove: Callable[[Any], tuple[ApiCall, ...]] = lambda _found: ()
    shown: str = ""


FoundValues = Mapping[Key, Any]
"""The current value of each property; None: absent."""


def constant(*steps: ApiCall) -> Callable[[Any], tuple[ApiCall, ...]]:
    """Return a function that returns these calls for every value."""
    return lambda _found: steps


def change(
    title: str, wanted: Any, service: str, operation: str, parameters: Document
) -> Callable[[Any], tuple[ApiCall, ...]]:
    """Return a function that returns one call, whose title has the current value and `wanted`."""
    return lambda found: (
        ApiCall(describe_change(title, found, wanted), service, operation, parameters),
    )


def exists(_answer: Document) -> bool:
    """Return True: a resource that can be read exists."""
    return True


def existence(resource: str, read: Read, create: ApiCall, delete: ApiCall) -> ResourceProperty:
    """Return the property that a resource exists."""
    key = (resource, EXISTS)
    return ResourceProperty(key, read, True, constant(create), remove=constant(delete))


def describe_change(title: str, found: Any, wanted: Any) -> str:
    """Return the title of a call that sets an absent value, or changes a present one.

    >>> describe_change("versioning of bucket a", "Suspended", "Enabled")
    'change versioning of bucket a: Suspended -> Enabled'
    """
    if not found:
        return f"set {title}"
    differences = ", ".join(list_differences(found, wanted))
    return f"change {title}: {differences}" if differences else f"change {title}"


def list_differences(found: Any, wanted: Any) -> list[str]:
    """List the settings that differ, with former and new value where both are text or numbers."""
    if isinstance(found, str | int) and isinstance(wanted, str | int):
        return [_format_change(found, wanted)]
    if not (isinstance(found, dict) and isinstance(wanted, dict)):
        return []
    names = [name for name in wanted if name in found]
    return [text for name in names for text in _list_member(name, found[name], wanted[name])]


def _list_member(name: str, found: Any, wanted: Any) -> list[str]:
    """List what differs in a setting; of those in it, one that is missing counts as empty."""
    if is_equal(found, wanted):
        return []
    texts = _join(found), _join(wanted)
    if isinstance(texts[0], str | int) and isinstance(texts[1], str | int):
        return [f"{name} {_format_change(*texts)}"]
    if isinstance(wanted, dict) and isinstance(found, dict):
        inner = dict.fromkeys((*found, *wanted))
        listed = (_list_member(each, found.get(each, ""), wanted.get(each, "")) for each in inner)
        return [text for texts in listed for text in texts]
    return [name]


def _join(value: Any) -> Any:
    """Return a list of text and numbers as text, and any other value as it is.

    >>> _join(["a", 1]), _join([{}]), _join("a")
    ('a, 1', [{}], 'a')
    """
    if isinstance(value, list | tuple) and all(isinstance(each, str | int) for each in value):
        return ", ".join(map(str, value))
    return value


def _format_change(found: str | int, wanted: str | int) -> str:
    """Format a former and a new value; an empty one is "nothing".

    >>> _format_change("", "in/")
    'nothing -> in/'
    """
    return " -> ".join("nothing" if value == "" else str(value) for value in (found, wanted))
