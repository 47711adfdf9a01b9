"""The CORS configuration of the destination bucket as a property of the stack."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pixelater_cli.aws.deploy.plan import list_changes, make_plan
from pixelater_cli.aws.former import remember_former
from pixelater_cli.aws.resources.cors import list_cors_properties, make_rules
from pixelater_cli.aws.resources.property import ApiCall, list_differences
from pixelater_cli.aws.stack import Document, Stack

STACK = Stack("123456789012", "eu-central-1")
WEB = replace(STACK, cors=("https://b.example", "https://a.example"))
GONE = replace(STACK, former_cors=True)
KEY = ("bucket pixelater-destination-bucket", "CORS")
FOREIGN = {"ID": "theirs", "AllowedMethods": ["PUT"], "AllowedOrigins": ["https://c.example"]}
UNNAMED = {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://d.example"]}


def plan(stack: Stack, rules: list[Document] | None) -> list[tuple[str, Any]]:
    """Return the calls that lead from these rules to the stack's: name, and rules to put."""
    (cors,) = list_cors_properties(stack)
    found = None if rules is None else cors.read.pick({"CORSRules": rules})
    return [_describe(call) for call in make_plan([cors], {cors.key: found})]


def _describe(call: ApiCall) -> tuple[str, Any]:
    return call.operation, call.parameters.get("CORSConfiguration", {}).get("CORSRules")


OWN = make_rules(WEB)
AS_S3_RETURNS_IT = [
    {**OWN[0], "AllowedOrigins": sorted(WEB.cors), "AllowedMethods": ["HEAD", "GET"]}
]


@pytest.mark.parametrize(
    ("stack", "rules", "calls"),
    [
        (WEB, None, [("put_bucket_cors", OWN)]),
        (WEB, OWN, []),
        (WEB, AS_S3_RETURNS_IT, []),
        (WEB, [FOREIGN, *OWN, UNNAMED], []),
        (WEB, [FOREIGN, UNNAMED], [("put_bucket_cors", [FOREIGN, UNNAMED, *OWN])]),
        (WEB, [{**OWN[0], "MaxAgeSeconds": 5}], [("put_bucket_cors", OWN)]),
        (WEB, make_rules(replace(WEB, cors=("*",))), [("put_bucket_cors", OWN)]),
        (GONE, None, []),
        (GONE, [FOREIGN], []),
        (GONE, OWN, [("delete_bucket_cors", None)]),
        (GONE, [*OWN, FOREIGN], [("put_bucket_cors", [FOREIGN])]),
    ],
)
def test_only_the_stacks_rule_is_changed(
    stack: Stack, rules: list[Document] | None, calls: list[Any]
) -> None:
    assert plan(stack, rules) == calls


@pytest.mark.parametrize("stack", [STACK, replace(GONE, adopted_destination="theirs")])
def test_cors_is_left_alone_without_origins(stack: Stack) -> None:
    assert list(list_cors_properties(stack)) == []


def test_changed_origins_are_shown_with_former_ones() -> None:
    properties = list(list_cors_properties(WEB))
    found = properties[0].read.pick({"CORSRules": make_rules(replace(WEB, cors=("*",)))})
    (changed,) = list_changes(properties, {KEY: found})
    assert changed.details == ("CORS: AllowedOrigins * -> https://a.example, https://b.example",)


@pytest.mark.parametrize(
    ("stack", "rules", "details"),
    [
        (WEB, None, ("CORS: https://a.example, https://b.example",)),
        (WEB, [FOREIGN], ("CORS: https://a.example, https://b.example",)),
        (GONE, [FOREIGN, *OWN], ("CORS: rule pixelater removed",)),
    ],
)
def test_plan_shows_origins_that_are_set_or_removed(
    stack: Stack, rules: list[Document] | None, details: tuple[str, ...]
) -> None:
    properties = list(list_cors_properties(stack))
    found = None if rules is None else properties[0].read.pick({"CORSRules": rules})
    (changed,) = list_changes(properties, {KEY: found})
    assert changed.details == details


def test_changed_lists_of_settings_are_shown_with_former_ones() -> None:
    found: Document = {"cors": ["https://a.example"], "rules": [{}]}
    wanted: Document = {"cors": [], "rules": [{"prefix": "a"}]}
    assert list_differences(found, wanted) == ["cors https://a.example -> nothing", "rules"]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [(STACK, STACK, False), (WEB, STACK, True), (WEB, WEB, False), (GONE, STACK, True)],
)
def test_origins_that_were_omitted_are_remembered(
    before: Stack, now: Stack, expected: bool
) -> None:
    assert remember_former(now, before).former_cors == expected
