"""Comparison of what AWS returns with what it was given, whatever its order and shape.

No I/O. S3, IAM, SQS and Lambda keep sets, and return them as lists in any order: the values of a
policy (https://github.com/hashicorp/terraform/issues/2432, /issues/5978), the events and filter
rules of a notification (https://github.com/aws/aws-cdk/issues/31303), tags, lifecycle rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

EMPTY: tuple[Any, ...] = (None, [], {})


def is_equal(found: Any, wanted: Any) -> bool:
    """Return whether both mean the same to AWS."""
    return _write(canonicalize(found)) == _write(canonicalize(wanted))


def holds_all(found: Iterable[Any] | None, wanted: Iterable[Any]) -> bool:
    """Return whether each of the wanted entries is among those found."""
    known = {_write(canonicalize(entry)) for entry in found or ()}
    return all(_write(canonicalize(entry)) in known for entry in wanted)


def canonicalize(document: Any) -> Any:
    """Return the form that all documents of the same meaning share.

    Lists are sorted, without duplicates; a list of one entry is that entry; empty values are
    left out; numbers and booleans are text.

    >>> canonicalize({"Action": ["s3:GetObject"], "Resource": ["b", "a"], "Condition": {}})
    {'Action': 's3:GetObject', 'Resource': ['a', 'b']}
    """
    if isinstance(document, dict):
        members = {name: _canonicalize_member(name, value) for name, value in document.items()}
        return {name: value for name, value in members.items() if value not in EMPTY}
    if isinstance(document, list | tuple):
        entries = [entry for entry in map(canonicalize, document) if entry not in EMPTY]
        unique = [entry for _, entry in sorted({_write(entry): entry for entry in entries}.items())]
        return unique[0] if len(unique) == 1 else unique
    return json.dumps(document) if isinstance(document, int) else document


def list_statements(policy: str) -> list[Any]:
    """List the statements of a policy in JSON, which may hold one without a list.

    >>> list_statements('{"Statement": {"Sid": "a"}}')
    [{'Sid': 'a'}]
    """
    statements = json.loads(policy)["Statement"]
    return statements if isinstance(statements, list) else [statements]


def list_filter_rules(notification: Any) -> dict[str, str]:
    """Return the values of a notification's filter: `prefix`, `suffix`, both or neither."""
    rules = notification.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    return {rule["Name"].lower(): rule["Value"] for rule in rules if rule.get("Value")}


def _canonicalize_member(name: str, value: Any) -> Any:
    shape = SHAPES.get(name)
    return canonicalize(value if shape is None else shape(value))


def _shape_prefix(value: Any) -> Any:
    """Every key has the empty prefix: `{"Filter": {"Prefix": ""}}` is `{"Filter": {}}`."""
    return None if value == "" else value


def _shape_principal(value: Any) -> Any:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html."""
    return {"AWS": "*"} if value == "*" else value


def _shape_filter_rules(value: Any) -> Any:
    """S3 takes `prefix` and returns `Prefix`; a rule without a value matches every key."""
    return list_filter_rules({"Filter": {"Key": {"FilterRules": value}}})


SHAPES: dict[str, Callable[[Any], Any]] = {
    "Prefix": _shape_prefix,
    "Principal": _shape_principal,
    "FilterRules": _shape_filter_rules,
}
"""Members that AWS writes in more than one way -> their one form."""


def _write(document: Any) -> str:
    return json.dumps(document, sort_keys=True)
