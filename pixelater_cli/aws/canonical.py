"""Canonical form of what AWS returns: equal settings compare equal, however they are written.

Pure. S3 and IAM keep what a policy, a lifecycle rule, a notification or a tag set means, not how
it was written: lists come back in another order (hashicorp/terraform-provider-aws issues 2432 and
5978, ansible/ansible issue 42532, aws/aws-cdk pull request 31431), a list of one string as that
string (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html), an empty
filter as an empty prefix, and `prefix` in a filter rule as `Prefix`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

EMPTY: tuple[Any, ...] = ({}, [], None)
"""What a setting may be returned as, or left out for: {"OnSuccess": {}} is no OnSuccess."""


def is_equal(found: Any, wanted: Any) -> bool:
    """Return whether two values of a setting mean the same to AWS.

    >>> is_equal({"Action": ["s3:GetObject"]}, {"Action": "s3:GetObject"})
    True
    >>> is_equal([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}], [{"Key": "a"}])
    False
    """
    return bool(to_canonical(found) == to_canonical(wanted))


def holds_all(found: Iterable[Any] | None, wanted: Iterable[Any]) -> bool:
    """Return whether each of the wanted entries is among those found: others may be there, too."""
    there = [to_canonical(entry) for entry in found or ()]
    return all(to_canonical(entry) in there for entry in wanted)


def to_canonical(value: Any) -> Any:
    """Return the one form of all that mean the same; a list is a set, and one entry is that entry.

    >>> to_canonical({"Filter": {"Prefix": ""}, "Events": ["b", "a", "b"]})
    {'Events': ['a', 'b']}
    """
    if isinstance(value, Mapping):
        return _to_canonical_mapping(value)
    if not isinstance(value, list | tuple):
        return value
    entries = {_sort_key(entry): entry for entry in map(to_canonical, value)}
    ordered = [entries[key] for key in sorted(entries)]
    return ordered[0] if len(ordered) == 1 else ordered


def _to_canonical_mapping(value: Mapping[str, Any]) -> dict[str, Any]:
    if value.keys() == {"Name", "Value"}:  # A rule of a notification's filter.
        return {"Name": str(value["Name"]).lower(), "Value": value["Value"]}
    entries = {name: to_canonical(entry) for name, entry in value.items()}
    return {
        name: entry
        for name, entry in sorted(entries.items())
        if entry not in EMPTY and (name, entry) != ("Prefix", "")
    }


def _sort_key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
