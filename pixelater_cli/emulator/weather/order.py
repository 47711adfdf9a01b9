"""Lists that come back in another order than they were given.

S3 reorders lists of strings in bucket policies, on one account always in the same way, and writes a
list of one as a string (https://github.com/hashicorp/terraform/issues/2432). It returns the filter
rules of a notification in another order, too (https://github.com/aws/aws-cdk/issues/31413), with
names in capitals (https://github.com/aws/aws-sdk/issues/389).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from xml.etree import ElementTree as ET

Item = TypeVar("Item")

Rank = Callable[[str], float]
"""A number for each string, by which they are put into order."""


def reorder_policy(text: str, rank: Rank) -> str:
    """Reorder the lists of strings in a policy; lists of one become strings.

    >>> reorder_policy('{"Statement": [{"Action": ["s3:*"], "Resource": ["a", "b"]}]}', ord)
    '{"Statement": [{"Action": "s3:*", "Resource": ["b", "a"]}]}'
    """
    return json.dumps(_reorder(json.loads(text), rank))


def _reorder(value: Any, rank: Rank) -> Any:
    if isinstance(value, dict):
        return {name: _reorder(part, rank) for name, part in value.items()}
    if not isinstance(value, list):
        return value
    if not all(isinstance(part, str) for part in value):
        return [_reorder(part, rank) for part in value]
    return value[0] if len(value) == 1 else shuffle(value, rank)


def shuffle(items: Iterable[Item], rank: Rank, name: Callable[[Item], str] = str) -> list[Item]:
    """Put items into another order than theirs, as long as two of them differ.

    >>> shuffle("abc", ord)
    ['c', 'b', 'a']
    """
    given = list(items)
    ordered = sorted(given, key=lambda item: rank(name(item)))
    return ordered[::-1] if ordered == given else ordered


def reorder_notification(text: bytes, rank: Rank) -> bytes:
    """Reorder the configurations, events and filter rules of a notification in XML."""
    root = _parse(text)
    _reorder_children(root, rank)
    for configuration in root:
        _reorder_events(configuration, rank)
        for key in configuration.iter():
            if _local(key) == "S3Key":
                _reorder_children(key, rank)
    for rule in root.iter():
        if _local(rule) == "Name" and rule.text in ("prefix", "suffix"):
            rule.text = rule.text.capitalize()
    return _write(root)


def reorder_tags(text: bytes, rank: Rank) -> bytes:
    """Reorder the tags of a bucket in XML."""
    root = _parse(text)
    for tags in root.iter():
        if _local(tags) == "TagSet":
            _reorder_children(tags, rank)
    return _write(root)


def _parse(text: bytes) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 (moto's own answer)


def _write(root: ET.Element) -> bytes:
    namespace = root.tag.partition("}")[0].removeprefix("{") if "}" in root.tag else None
    written: bytes = ET.tostring(
        root, encoding="UTF-8", xml_declaration=True, default_namespace=namespace
    )
    return written


def _reorder_children(parent: ET.Element, rank: Rank) -> None:
    parent[:] = shuffle(parent, rank, _write_key)


def _reorder_events(configuration: ET.Element, rank: Rank) -> None:
    """Reorder the events of a configuration where they stand."""
    places = [place for place, child in enumerate(configuration) if _local(child) == "Event"]
    events = shuffle([configuration[place] for place in places], rank, _write_key)
    for place, event in zip(places, events, strict=True):
        configuration[place] = event


def _write_key(element: ET.Element) -> str:
    return ET.tostring(element, encoding="unicode")


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
