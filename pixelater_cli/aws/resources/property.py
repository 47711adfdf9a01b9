"""Owns what facts and steps are: the data that deploying, showing and removing a stack share.

Pure. A stack is the list of its facts (`resources.py`), in the order in which each finds what it
needs. What AWS has is one value for each fact; a plan is the steps of the facts that differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pixelater_cli.aws.resources.canonical import is_equal
from pixelater_cli.aws.stack import Document

Key = tuple[str, str]
"""A resource, in words for people, and which of its settings; "" for whether it is there."""

EXISTS = ""


@dataclass(frozen=True)
class Ref:
    """Stands, in parameters, for what an earlier answer brings: a queue's URL, a version."""

    name: str


@dataclass(frozen=True)
class ApiCall:
    """One API call: boto3's service, operation and parameters, and what it is called for people.

    `wait` names the boto3 waiter that must succeed before the next step. `body` is the Body
    parameter of an upload, kept apart because it is no text. `keep` names a value of the answer
    that later steps need. `gone` are error codes that say that there is nothing left to remove.
    """

    title: str
    service: str
    operation: str
    parameters: Document
    wait: str = ""
    body: bytes | None = field(default=None, repr=False)
    keep: str = ""
    gone: tuple[str, ...] = ()


@dataclass(frozen=True)
class Read:
    """How a fact is read: a call, and what of its answer counts; `absent` codes mean "none".

    `part` names the part of the answer to look at, if that is not the whole.
    """

    service: str
    operation: str
    parameters: Document
    pick: Callable[[Document], Any]
    absent: tuple[str, ...] = ()
    keep: str = ""
    part: str = ""


@dataclass(frozen=True)
class ResourceProperty:
    """One thing that a stack decides about AWS: what it should be, and the steps from what it is.

    `steps` takes what was found (None: nothing), and so do `same`, which tells whether that will
    do, and `remove`, which undoes it where removing the resource does not. A resource that is not
    there yet comes with the facts that are `included` in its creation. `exists` tells whether
    what was found is the resource itself.
    """

    key: Key
    read: Read
    wanted: Any
    steps: Callable[[Any], tuple[ApiCall, ...]]
    same: Callable[[Any, Any], bool] = is_equal
    included: bool = False
    exists: Callable[[Any], bool] = lambda found: found is not None
    remove: Callable[[Any], tuple[ApiCall, ...]] = lambda _found: ()


FoundValues = Mapping[Key, Any]
"""What was found for each fact; None: nothing."""


def constant(*steps: ApiCall) -> Callable[[Any], tuple[ApiCall, ...]]:
    """Give steps that are the same whatever was found."""
    return lambda _found: steps


def exists(_answer: Document) -> bool:
    """Pick from an answer that there was one."""
    return True


def describe_change(title: str, found: Any, wanted: Any) -> str:
    """Say what changes from what to what: set something that is not there, or change what is.

    >>> describe_change("versioning of bucket a", "Suspended", "Enabled")
    'change versioning of bucket a: Suspended -> Enabled'
    """
    if not found:
        return f"set {title}"
    differences = ", ".join(list_differences(found, wanted))
    return f"change {title}: {differences}" if differences else f"change {title}"


def list_differences(found: Any, wanted: Any) -> list[str]:
    """Say for each setting from what to what it changes; only its name, if that is long."""
    if isinstance(found, str | int) and isinstance(wanted, str | int):
        return [_word_change(found, wanted)]
    if not (isinstance(found, dict) and isinstance(wanted, dict)):
        return []
    names = [name for name in wanted if name in found and not is_equal(found[name], wanted[name])]
    return [
        f"{name} {_word_change(found[name], wanted[name])}"
        if isinstance(wanted[name], str | int) and isinstance(found[name], str | int)
        else name
        for name in names
    ]


def _word_change(found: str | int, wanted: str | int) -> str:
    """Say from what to what, and "nothing" for an empty text.

    >>> _word_change("", "in/")
    'nothing -> in/'
    """
    return " -> ".join("nothing" if one == "" else str(one) for one in (found, wanted))
