"""The deployer's policy: every call that a stack's facts and steps make, on its own resources."""

from __future__ import annotations

import pytest

from pixelater_cli.aws.deploy.deployer_policy import ACTIONS, make_policy
from pixelater_cli.aws.package.package import Package
from pixelater_cli.aws.resources.catalog import list_properties
from pixelater_cli.aws.resources.property import ResourceProperty
from pixelater_cli.aws.stack import Stack

STACK = Stack("123456789012", "eu-central-1", concurrency=1)
KNOWN = {call for calls in ACTIONS.values() for call in calls} | {"logs:describe_log_groups"}


def list_calls(fact: ResourceProperty) -> set[str]:
    steps = [*fact.steps(None), *fact.remove({})]
    called = {f"{step.service}:{step.operation}" for step in steps}
    return called | {f"{fact.read.service}:{fact.read.operation}"}


@pytest.mark.parametrize(
    "fact", list_properties(STACK, Package("", "", b"")), ids=lambda one: one.key
)
def test_every_call_for_a_fact_is_in_the_policy(fact: ResourceProperty) -> None:
    assert list_calls(fact) <= KNOWN


def test_nothing_but_finding_log_groups_reaches_beyond_the_stack() -> None:
    policy = make_policy(STACK)
    for statement in policy["Statement"]:
        resources = statement["Resource"]
        names = [resources] if isinstance(resources, str) else resources
        beyond = [name for name in names if "pixelater" not in name]
        assert beyond == (["*"] if statement["Sid"] == "FindLogGroups" else [])


def test_only_lambda_is_given_the_role() -> None:
    (statement,) = [
        one for one in make_policy(STACK)["Statement"] if "iam:PassRole" in one["Action"]
    ]
    assert statement["Condition"] == {
        "StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}
    }
