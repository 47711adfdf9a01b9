"""Documents that mean the same to AWS are equal, whatever order and shape they come in."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelater_cli.aws.package.package import Package
from pixelater_cli.aws.resources import role
from pixelater_cli.aws.resources.canonical import holds_all, is_equal
from pixelater_cli.aws.resources.catalog import list_properties
from pixelater_cli.aws.resources.property import ResourceProperty
from pixelater_cli.aws.stack import Stack

STACK = Stack(
    "123456789012",
    "eu-central-1",
    prefix="in box/",
    suffix=".jpg",
    mirror_deletes=True,
    concurrency=3,
)
BUCKET = ["arn:aws:s3:::a", "arn:aws:s3:::a/*"]


def make_statement(**members: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": BUCKET, **members}


def make_notification(rules: Any) -> dict[str, Any]:
    return {"Id": "a", "Events": ["x"], "Filter": {"Key": {"FilterRules": rules}}}


PREFIX = {"Name": "prefix", "Value": "in/"}
SUFFIX = {"Name": "suffix", "Value": ".jpg"}


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (None, None),
        (7, 7),
        ("7", 7),
        (["a"], "a"),
        (["b", "a", "a"], ["a", "b"]),
        (make_statement(Resource=BUCKET[::-1]), make_statement()),
        (make_statement(Action=["s3:*"]), make_statement()),
        (make_statement(Principal={"AWS": "*"}), make_statement()),
        (make_statement(Principal={"AWS": ["*"]}), make_statement()),
        (
            make_statement(Condition={"Bool": {"aws:SecureTransport": ["false"]}}),
            make_statement(Condition={"Bool": {"aws:SecureTransport": False}}),
        ),
        (
            {"Statement": [make_statement(Sid="b"), make_statement(Sid="a")]},
            {"Statement": [make_statement(Sid="a"), make_statement(Sid="b")]},
        ),
        ({"Statement": make_statement()}, {"Statement": [make_statement()]}),
        ({"ID": "a", "Filter": {}}, {"ID": "a", "Filter": {"Prefix": ""}}),
        ({"ID": "a", "Filter": {"Prefix": ""}}, {"ID": "a"}),
        ({"ID": "a", "Prefix": ""}, {"ID": "a", "Filter": {"Prefix": ""}}),
        (
            make_notification([{**SUFFIX, "Name": "Suffix"}, {**PREFIX, "Name": "Prefix"}]),
            make_notification([PREFIX, SUFFIX]),
        ),
        (make_notification([{"Name": "Prefix", "Value": ""}, SUFFIX]), make_notification([SUFFIX])),
        ({"Id": "a", "Events": ["x"]}, make_notification([])),
        ({"OnFailure": {"Destination": "q"}, "OnSuccess": {}}, {"OnFailure": {"Destination": "q"}}),
        (
            [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}],
            [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
        ),
    ],
)
def test_documents_of_one_meaning_are_equal(found: Any, wanted: Any) -> None:
    assert is_equal(found, wanted)
    assert is_equal(wanted, found)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (None, {}),
        (0, None),
        (False, None),
        ("", None),
        ("Suspended", "Enabled"),
        (True, 1),
        (["a"], ["a", "b"]),
        (make_statement(Resource=BUCKET[:1]), make_statement()),
        (make_statement(Principal={"Service": "*"}), make_statement()),
        (make_statement(Effect="Deny"), make_statement()),
        (make_statement(Condition={"Bool": {"a": "true"}}), make_statement()),
        ({"ID": "a", "Filter": {"Prefix": "b"}}, {"ID": "a", "Filter": {}}),
        (make_notification([PREFIX]), make_notification([SUFFIX])),
        (make_notification([PREFIX]), make_notification([{**PREFIX, "Value": "In/"}])),
        (make_notification([PREFIX]), make_notification([{**PREFIX, "Name": "suffix"}])),
        ({"Condition": {"StringEquals": {"a": ""}}}, {}),
    ],
)
def test_documents_of_different_meanings_differ(found: Any, wanted: Any) -> None:
    assert not is_equal(found, wanted)
    assert not is_equal(wanted, found)


@pytest.mark.parametrize(
    ("found", "wanted", "holds"),
    [
        (None, [], True),
        (None, ["a"], False),
        ([{"ID": "b"}, {"Filter": {}, "ID": "a"}], [{"ID": "a", "Filter": {"Prefix": ""}}], True),
        ([{"ID": "b"}], [{"ID": "a"}, {"ID": "b"}], False),
    ],
)
def test_entries_are_held_whatever_else_is_there(
    found: Any, wanted: list[Any], holds: bool
) -> None:
    assert holds_all(found, wanted) is holds


def list_documents() -> tuple[ResourceProperty, ...]:
    """List each document once that a stack wants of AWS."""
    facts = list_properties(STACK, Package("d1" * 32, "c2hhMjU2", b"zip"))
    return tuple(
        {
            json.dumps(fact.wanted): fact
            for fact in facts
            if isinstance(fact.wanted, dict | list) and not fact.key[0].startswith("settings of")
        }.values()
    )


FACTS = list_documents()


def as_found(fact: ResourceProperty, wanted: Any) -> Any:
    """Say how AWS returns it: a trigger is among those of others."""
    if fact.key[0].startswith("trigger of"):
        return {"LambdaFunctionConfigurations": [{"Id": "x", "Events": []}, wanted]}
    return wanted


@st.composite
def shuffled(draw: st.DrawFn, document: Any) -> Any:
    """Give a document as AWS may return it."""
    if isinstance(document, dict):
        names = draw(st.permutations(list(document)))
        members = {name: draw(shuffled(document[name])) for name in names}
        if document.keys() == {"Name", "Value"}:
            members["Name"] = draw(st.sampled_from([document["Name"], document["Name"].title()]))
        return members
    if isinstance(document, list):
        entries = [draw(shuffled(entry)) for entry in draw(st.permutations(document))]
        scalar = len(entries) == 1 and isinstance(entries[0], str) and draw(st.booleans())
        return entries[0] if scalar else entries
    return document


@st.composite
def changed(draw: st.DrawFn, document: Any) -> Any:
    """Give a document with one scalar changed, somewhere."""
    if isinstance(document, dict | list):
        keys = list(document) if isinstance(document, dict) else range(len(document))
        key = draw(st.sampled_from([key for key in keys if document[key] not in ({}, [])]))
        copy = dict(document) if isinstance(document, dict) else list(document)
        copy[key] = draw(changed(document[key]))
        return copy
    return not document if isinstance(document, bool) else f"{document}-changed"


def name_fact(fact: ResourceProperty) -> str:
    return ": ".join(filter(None, fact.key))


@pytest.mark.parametrize("fact", FACTS, ids=name_fact)
@given(data=st.data())
def test_any_order_of_what_is_wanted_is_the_same(
    fact: ResourceProperty, data: st.DataObject
) -> None:
    assert fact.same(as_found(fact, data.draw(shuffled(fact.wanted))), fact.wanted)


@pytest.mark.parametrize("fact", FACTS, ids=name_fact)
@given(data=st.data())
def test_any_other_value_is_a_difference(fact: ResourceProperty, data: st.DataObject) -> None:
    other = data.draw(shuffled(data.draw(changed(fact.wanted))))
    assert not fact.same(as_found(fact, other), fact.wanted)


@given(data=st.data())
def test_any_missing_value_is_a_difference(data: st.DataObject) -> None:
    policy = role.permissions_policy(STACK)
    statements = policy["Statement"]
    position = data.draw(st.integers(0, len(statements) - 1))
    name = data.draw(st.sampled_from(sorted(statements[position])))
    less = {key: value for key, value in statements[position].items() if key != name}
    rest = [*statements[:position], less, *statements[position + 1 :]]
    assert not is_equal({**policy, "Statement": data.draw(shuffled(rest))}, policy)


def test_settings_note_keeps_the_order_of_its_grids() -> None:
    (fact,) = (
        fact
        for fact in list_properties(replace(STACK, grids=(8, 16)), Package("d", "s", b""))
        if fact.key[0].startswith("settings of")
    )
    noted = json.loads(json.dumps(fact.wanted))
    assert fact.same(noted, fact.wanted)
    assert not fact.same({**noted, "grids": [16, 8]}, fact.wanted)
