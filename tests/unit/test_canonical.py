"""What AWS returns in another order or shape is equal; what means something else is not."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelater_cli.aws.canonical import holds_all, is_equal

ALLOW = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:a"}
DENY = {"Effect": "Deny", "Action": "s3:*", "Resource": ["arn:a", "arn:b"], "Principal": "*"}
RULES = [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".jpg"}]


@pytest.mark.parametrize(
    ("found", "wanted", "equal"),
    [
        ({"Statement": [DENY, ALLOW]}, {"Statement": [ALLOW, DENY]}, True),
        ({"Statement": ALLOW}, {"Statement": [ALLOW]}, True),
        ({**DENY, "Resource": ["arn:b", "arn:a"]}, DENY, True),
        ({**DENY, "Resource": ["arn:a"]}, DENY, False),
        ({**DENY, "Effect": "Allow"}, DENY, False),
        ({**DENY, "Sid": "theirs"}, DENY, False),
        ({"ID": "a", "Filter": {}}, {"ID": "a", "Filter": {"Prefix": ""}}, True),
        ({"ID": "a", "Prefix": ""}, {"ID": "a", "Filter": {"Prefix": ""}}, True),
        ({"ID": "a", "Filter": {"Prefix": "in/"}}, {"ID": "a", "Filter": {"Prefix": ""}}, False),
        ([{"Name": "Suffix", "Value": ".jpg"}, {"Name": "Prefix", "Value": "in/"}], RULES, True),
        ([{"Name": "Suffix", "Value": "in/"}, {"Name": "Prefix", "Value": ".jpg"}], RULES, False),
        ({"Events": ["b", "a"]}, {"Events": ["a", "b"]}, True),
        ({"Events": ["b"]}, {"Events": ["a", "b"]}, False),
        (
            {"OnFailure": {"Destination": "q"}, "OnSuccess": {}},
            {"OnFailure": {"Destination": "q"}},
            True,
        ),
        (None, {"a": "b"}, False),
        (None, None, True),
        ("Suspended", "Enabled", False),
        (512, 1024, False),
        (0, None, False),
        (False, None, False),
        ("", None, False),
    ],
)
def test_values_are_equal_if_they_mean_the_same(found: Any, wanted: Any, equal: bool) -> None:
    assert is_equal(found, wanted) is equal
    assert is_equal(wanted, found) is equal


@pytest.mark.parametrize(
    ("found", "wanted", "held"),
    [
        ([DENY, {**ALLOW, "Action": ["s3:PutObject", "s3:GetObject"]}], [ALLOW], True),
        ([DENY], [ALLOW], False),
        (None, [ALLOW], False),
        (None, [], True),
        ([ALLOW], [ALLOW, ALLOW], True),
    ],
)
def test_wanted_entries_are_held_beside_those_of_others(
    found: Any, wanted: Any, held: bool
) -> None:
    assert holds_all(found, wanted) is held


DOCUMENTS = st.recursive(
    st.text("abc", min_size=1, max_size=2),
    lambda entries: (
        st.lists(entries, max_size=4)
        | st.dictionaries(st.sampled_from(["Action", "Sid", "Key", "Tags"]), entries, max_size=3)
    ),
    max_leaves=12,
)


def shuffle(value: Any, order: random.Random) -> Any:
    if isinstance(value, dict):
        return {name: shuffle(value[name], order) for name in order.sample(list(value), len(value))}
    if isinstance(value, list):
        return [shuffle(entry, order) for entry in order.sample(value, len(value))]
    return value


@given(DOCUMENTS, st.randoms(use_true_random=False))
def test_any_order_of_any_list_is_equal(document: Any, order: random.Random) -> None:
    assert is_equal(shuffle(document, order), document)


@given(
    st.lists(st.sampled_from("abcd"), unique=True), st.lists(st.sampled_from("abcd"), unique=True)
)
def test_lists_of_other_entries_are_not_equal(one: list[str], other: list[str]) -> None:
    assert is_equal({"Sid": "x", "Action": one}, {"Sid": "x", "Action": other}) == (
        set(one) == set(other)
    )
