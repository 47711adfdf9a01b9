"""Plans: wanted and found go in, steps come out; what is as wanted yields nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from pixelater_cli.aws import stack as want
from pixelater_cli.aws.plan import Found, Package, Step, make_plan
from pixelater_cli.aws.stack import Stack

STACK = Stack("123456789012", "eu-central-1")
PACKAGE = Package("d1" * 32, "c2hhMjU2", b"zip")
UP_TO_DATE = Found(
    buckets=frozenset(STACK.buckets),
    trust_policy=want.trust_policy(),
    permissions_policy=want.permissions_policy(STACK),
    package_sha256=PACKAGE.sha256,
    configuration={**want.function_configuration(STACK), "CodeSize": 3, "State": "Active"},
    code_sha256=PACKAGE.sha256,
    architecture="arm64",
    permission=want.permission_statement(STACK),
    notifications={"LambdaFunctionConfigurations": [want.trigger(STACK)]},
)
FOREIGN: dict[str, Any] = {
    "Id": "thumbnails",
    "LambdaFunctionArn": "arn:aws:lambda:eu-central-1:123456789012:function:thumbnails",
    "Events": ["s3:ObjectCreated:*"],
    "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "thumbs/"}]}},
}


def calls(found: Found, stack: Stack = STACK, package: Package = PACKAGE) -> list[str]:
    return [f"{step.service}:{step.operation}" for step in make_plan(stack, package, found)]


def only(steps: tuple[Step, ...]) -> Step:
    (step,) = steps
    return step


def test_from_nothing_every_step_follows_what_it_needs() -> None:
    assert calls(Found()) == [
        "s3:create_bucket",
        "s3:create_bucket",
        "s3:create_bucket",
        "iam:create_role",
        "iam:put_role_policy",
        "s3:put_object",
        "lambda:create_function",
        "lambda:add_permission",
        "s3:put_bucket_notification_configuration",
    ]


def test_what_is_as_wanted_needs_no_step() -> None:
    assert make_plan(STACK, PACKAGE, UP_TO_DATE) == ()


def test_changed_code_is_uploaded_and_updated_and_nothing_else() -> None:
    changed = Package("e2" * 32, "bmV3", b"new")
    found = replace(UP_TO_DATE, package_sha256=None)
    assert calls(found, package=changed) == ["s3:put_object", "lambda:update_function_code"]


def test_the_same_contents_packed_by_another_zlib_are_no_change() -> None:
    assert calls(UP_TO_DATE, package=replace(PACKAGE, sha256="b3RoZXI=", data=b"zap")) == []


def test_code_somebody_changed_by_hand_is_put_back_without_an_upload() -> None:
    assert calls(replace(UP_TO_DATE, code_sha256="Zm9yZWlnbg==")) == ["lambda:update_function_code"]


@pytest.mark.parametrize(
    ("setting", "value"),
    [("Timeout", 3), ("MemorySize", 128), ("Handler", "other"), ("Environment", {"Variables": {}})],
)
def test_a_changed_setting_updates_that_setting_alone(setting: str, value: object) -> None:
    configuration = {**want.function_configuration(STACK), setting: value}
    step = only(make_plan(STACK, PACKAGE, replace(UP_TO_DATE, configuration=configuration)))
    assert (step.operation, set(step.parameters)) == (
        "update_function_configuration",
        {"FunctionName", setting},
    )


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ({"trust_policy": {}}, ["iam:update_assume_role_policy"]),
        ({"permissions_policy": None}, ["iam:put_role_policy"]),
        ({"permissions_policy": {"Statement": []}}, ["iam:put_role_policy"]),
        ({"permission": None}, ["lambda:add_permission"]),
        ({"permission": {"Sid": "old"}}, ["lambda:remove_permission", "lambda:add_permission"]),
        ({"architecture": "x86_64"}, ["lambda:update_function_code"]),
        ({"notifications": {}}, ["s3:put_bucket_notification_configuration"]),
        ({"buckets": frozenset(STACK.buckets[1:])}, ["s3:create_bucket"]),
    ],
)
def test_one_difference_needs_just_its_own_steps(
    missing: dict[str, Any], expected: list[str]
) -> None:
    assert calls(replace(UP_TO_DATE, **missing)) == expected


def test_notifications_of_others_are_kept() -> None:
    queue = {"Id": "audit", "QueueArn": "arn:aws:sqs:::audit", "Events": ["s3:ObjectRemoved:*"]}
    stale = {**want.trigger(STACK), "Events": ["s3:ObjectCreated:Put"]}
    found = {
        "QueueConfigurations": [queue],
        "LambdaFunctionConfigurations": [FOREIGN, stale],
        "EventBridgeConfiguration": {},
    }
    step = only(make_plan(STACK, PACKAGE, replace(UP_TO_DATE, notifications=found)))
    assert step.parameters["NotificationConfiguration"] == {
        "QueueConfigurations": [queue],
        "LambdaFunctionConfigurations": [FOREIGN, want.trigger(STACK)],
        "EventBridgeConfiguration": {},
    }


def test_in_us_east_1_a_bucket_takes_no_location() -> None:
    steps = make_plan(Stack("123456789012", "us-east-1"), PACKAGE, Found())
    assert steps[0].parameters == {"Bucket": "pixelater-source-bucket"}


def test_on_aws_buckets_are_made_in_the_accounts_own_namespace() -> None:
    steps = make_plan(replace(STACK, regional_names=True), PACKAGE, Found())
    assert [step.parameters for step in steps[:3]] == [
        {
            "Bucket": f"pixelater-{part}-bucket-123456789012-eu-central-1-an",
            "CreateBucketConfiguration": {"LocationConstraint": "eu-central-1"},
            "BucketNamespace": "account-regional",
        }
        for part in ("source", "destination", "code")
    ]


@pytest.mark.parametrize(
    "region", ["us-east-1", "ap-southeast-1", "us-gov-west-1", "eusc-de-east-1"]
)
def test_bucket_names_fit_into_the_63_characters_s3_allows(region: str) -> None:
    stack = Stack("123456789012", region, regional_names=True)
    assert max(len(name) for name in stack.buckets) <= 63


def test_the_role_may_read_photos_write_mosaics_and_its_log_and_nothing_else() -> None:
    statements = want.permissions_policy(STACK)["Statement"]
    group = "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/pixelater-function"
    assert {json.dumps(one["Action"]): one["Resource"] for one in statements} == {
        '"s3:GetObject"': "arn:aws:s3:::pixelater-source-bucket/*",
        '"s3:PutObject"': "arn:aws:s3:::pixelater-destination-bucket/*",
        '"logs:CreateLogGroup"': group,
        '["logs:CreateLogStream", "logs:PutLogEvents"]': f"{group}:*",
    }


def test_the_function_has_300_seconds_and_knows_its_destination() -> None:
    configuration = want.function_configuration(STACK)
    assert configuration["Timeout"] == 300
    assert configuration["Environment"] == {
        "Variables": {"bucket_1": "pixelater-destination-bucket"}
    }


def test_every_call_of_a_plan_is_one_botocore_knows() -> None:
    import botocore.session
    from botocore.validate import ParamValidator

    session = botocore.session.get_session()
    everything = make_plan(replace(STACK, regional_names=True), PACKAGE, Found())
    stale = replace(
        UP_TO_DATE,
        trust_policy={},
        permission={"Sid": "old"},
        configuration={},
        code_sha256="",
        notifications={"LambdaFunctionConfigurations": [FOREIGN]},
    )
    for step in (*everything, *make_plan(STACK, PACKAGE, stale)):
        model = session.get_service_model(step.service)
        operation = "".join(word.capitalize() for word in step.operation.split("_"))
        report = ParamValidator().validate(
            step.parameters, model.operation_model(operation).input_shape
        )
        assert not report.has_errors(), report.generate_report()
