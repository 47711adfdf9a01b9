"""Plans: facts and what was found go in, steps come out; what is as wanted yields nothing."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from pixelater_cli.aws.deploy.executor import fill_in
from pixelater_cli.aws.deploy.plan import ChangedResource, list_changes, make_plan, make_removal
from pixelater_cli.aws.package.package import Package
from pixelater_cli.aws.resources import alias, bucket, function, notification, role
from pixelater_cli.aws.resources.catalog import list_properties
from pixelater_cli.aws.resources.property import (
    ApiCall,
    FoundValues,
    Ref,
    ResourceProperty,
    describe_change,
)
from pixelater_cli.aws.role_state import RoleState
from pixelater_cli.aws.stack import Stack

STACK = Stack("123456789012", "eu-central-1")
PACKAGE = Package("d1" * 32, "c2hhMjU2", b"zip")
FUNCTION = "function pixelater-function"
ALIAS = "alias live of pixelater-function"
TRIGGER = "trigger of pixelater-source-bucket"
FOREIGN: dict[str, Any] = {
    "Id": "thumbnails",
    "LambdaFunctionArn": "arn:aws:lambda:eu-central-1:123456789012:function:thumbnails",
    "Events": ["s3:ObjectCreated:*"],
    "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "thumbs/"}]}},
}
BUCKET_SETTINGS = [
    "put_public_access_block",
    "put_bucket_ownership_controls",
    "put_bucket_encryption",
    "put_bucket_policy",
    "put_bucket_versioning",
    "put_bucket_lifecycle_configuration",
    "put_bucket_tagging",
]


def describe(stack: Stack = STACK, package: Package = PACKAGE) -> tuple[ResourceProperty, ...]:
    return list_properties(stack, package)


def as_wanted(facts: tuple[ResourceProperty, ...]) -> dict[tuple[str, str], Any]:
    """Say what AWS would hold if all facts were as they should be."""
    found = {fact.key: fact.wanted for fact in facts}
    trigger = (TRIGGER, "")
    return found | {trigger: {"LambdaFunctionConfigurations": [found[trigger]]}}


def calls(found: FoundValues, stack: Stack = STACK, package: Package = PACKAGE) -> list[str]:
    return [step.operation for step in make_plan(describe(stack, package), found)]


def only(steps: tuple[ApiCall, ...]) -> ApiCall:
    (step,) = steps
    return step


@pytest.mark.parametrize(
    ("destinations", "steps"),
    [
        ({"OnFailure": {"Destination": STACK.queue_arn}, "OnSuccess": {}}, []),
        (
            {"OnFailure": {"Destination": STACK.queue_arn}, "OnSuccess": {"Destination": "theirs"}},
            [],
        ),
        ({"OnFailure": {"Destination": "theirs"}}, ["put_function_event_invoke_config"]),
        ({}, ["put_function_event_invoke_config"]),
    ],
)
def test_only_the_destination_of_failures_is_the_stacks(
    destinations: dict[str, Any], steps: list[str]
) -> None:
    found = as_wanted(describe())
    settings = {**found[(ALIAS, "failures")], "DestinationConfig": destinations}
    assert calls({**found, (ALIAS, "failures"): settings}) == steps


def test_from_nothing_every_step_follows_what_it_needs() -> None:
    without_versioning = [one for one in BUCKET_SETTINGS if "versioning" not in one]
    assert calls({}) == [
        *("create_bucket", "put_object", *BUCKET_SETTINGS),
        *("create_bucket", *BUCKET_SETTINGS),
        *("create_bucket", *without_versioning),
        *("create_role", "put_role_policy"),
        *("create_log_group", "put_retention_policy"),
        "create_queue",
        "put_object",
        *("create_function", "publish_version", "create_alias"),
        *("put_function_event_invoke_config", "add_permission"),
        "put_bucket_notification_configuration",
    ]


def test_what_is_as_wanted_needs_no_step() -> None:
    facts = describe()
    assert make_plan(facts, as_wanted(facts)) == ()


def test_changed_code_is_uploaded_updated_published_and_nothing_else() -> None:
    found = as_wanted(describe())
    changed = Package("e2" * 32, "bmV3", b"new")
    steps = ["put_object", "update_function_code", "publish_version", "update_alias"]
    assert calls(found, package=changed) == steps


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        (("role pixelater-function-eu-central-1", "trust"), {}, ["update_assume_role_policy"]),
        (("role pixelater-function-eu-central-1", "policy"), None, ["put_role_policy"]),
        (("log group /aws/lambda/pixelater-function", "retention"), 7, ["put_retention_policy"]),
        (("queue pixelater-failures", "attributes"), {}, ["set_queue_attributes"]),
        ((FUNCTION, "settings"), {"Timeout": 3}, ["update_function_configuration"]),
        ((FUNCTION, "code"), {"CodeSha256": "b3RoZXI="}, ["update_function_code"]),
        ((ALIAS, ""), {"Timeout": 3}, ["publish_version", "update_alias"]),
        ((ALIAS, "failures"), None, ["put_function_event_invoke_config"]),
        ((ALIAS, "permission"), None, ["add_permission"]),
        ((ALIAS, "permission"), {"Sid": "old"}, ["remove_permission", "add_permission"]),
        ((TRIGGER, ""), {}, ["put_bucket_notification_configuration"]),
        (("bucket pixelater-source-bucket", "versioning"), "Suspended", ["put_bucket_versioning"]),
        (("bucket pixelater-code-bucket", "encryption"), None, ["put_bucket_encryption"]),
        (("bucket pixelater-code-bucket", "encryption"), "aws:kms", []),
    ],
)
def test_one_difference_needs_just_its_own_steps(
    key: tuple[str, str], value: object, expected: list[str]
) -> None:
    assert calls(as_wanted(describe()) | {key: value}) == expected


@pytest.mark.parametrize(
    ("settings", "changed"),
    [
        ({"memory_mb": 512}, {"MemorySize"}),
        ({"grids": (8, 16)}, {"Environment"}),
        ({"max_pixels": 1000}, {"Environment"}),
        ({"runtime": "python3.14"}, {"Runtime"}),
    ],
)
def test_a_changed_setting_updates_that_setting_alone(
    settings: dict[str, Any], changed: set[str]
) -> None:
    steps = make_plan(describe(replace(STACK, **settings)), as_wanted(describe()))
    assert [step.operation for step in steps] == [
        "put_object",
        "update_function_configuration",
        "publish_version",
        "update_alias",
    ]
    assert set(steps[1].parameters) == {"FunctionName", *changed}
    assert steps[3].parameters["FunctionVersion"] == Ref("Version")


def test_a_setting_that_an_emulator_does_not_report_is_taken_as_it_should_be() -> None:
    found = as_wanted(describe())
    for key in ((FUNCTION, "settings"), (ALIAS, "")):
        found[key] = {name: v for name, v in found[key].items() if name != "LoggingConfig"}
    assert calls(found) == []


def test_an_alias_is_read_by_a_call_that_resolves_it_everywhere() -> None:
    """LocalStack's GetFunctionConfiguration answers 404 for an alias."""
    of_alias = {
        fact.read.operation
        for fact in describe(replace(STACK, server="LocalStack"))
        if fact.read.parameters.get("Qualifier") == "live"
    }
    assert of_alias == {"get_function", "get_function_event_invoke_config", "get_policy"}


BY_VERSION = (ALIAS, "failures by version")


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        (BY_VERSION, None, ["put_function_event_invoke_config"]),
        (
            (ALIAS, ""),
            {"Timeout": 3},
            ["publish_version", "put_function_event_invoke_config", "update_alias"],
        ),
    ],
)
def test_settings_by_version_are_set_before_the_alias_moves(
    key: tuple[str, str], value: object, expected: list[str]
) -> None:
    stack = replace(STACK, server="LocalStack")
    steps = make_plan(describe(stack), as_wanted(describe(stack)) | {key: value})
    assert [step.operation for step in steps] == expected
    (put,) = (step for step in steps if step.operation == "put_function_event_invoke_config")
    assert put.parameters == {
        "FunctionName": "pixelater-function",
        "Qualifier": Ref("Version"),
        **alias.invocation_settings(stack),
    }


def test_a_new_stack_has_settings_for_its_version_and_its_alias() -> None:
    stack = replace(STACK, server="LocalStack")
    assert calls({}, stack)[-6:] == [
        *("publish_version", "put_function_event_invoke_config", "create_alias"),
        *("put_function_event_invoke_config", "add_permission"),
        "put_bucket_notification_configuration",
    ]


def test_notifications_of_others_are_kept() -> None:
    queue = {"Id": "audit", "QueueArn": "arn:aws:sqs:::audit", "Events": ["s3:ObjectRemoved:*"]}
    ours = notification.make_notification(STACK)
    stale = {**ours, "Events": ["s3:ObjectCreated:Put"]}
    found: dict[str, Any] = {
        "QueueConfigurations": [queue],
        "LambdaFunctionConfigurations": [FOREIGN, stale],
        "EventBridgeConfiguration": {},
    }
    facts = describe()
    step = only(make_plan(facts, as_wanted(facts) | {(TRIGGER, ""): found}))
    assert step.parameters["NotificationConfiguration"] == {
        "QueueConfigurations": [queue],
        "LambdaFunctionConfigurations": [FOREIGN, ours],
        "EventBridgeConfiguration": {},
    }
    step = make_removal(facts, as_wanted(facts) | {(TRIGGER, ""): found})[0]
    assert step.parameters["NotificationConfiguration"] == {
        "QueueConfigurations": [queue],
        "LambdaFunctionConfigurations": [FOREIGN],
        "EventBridgeConfiguration": {},
    }


@pytest.mark.parametrize(
    ("aspect", "theirs", "place"),
    [
        ("tags", {"Key": "team", "Value": "photos"}, ["Tagging", "TagSet"]),
        ("lifecycle", {"ID": "archive", "Status": "Enabled"}, ["LifecycleConfiguration", "Rules"]),
    ],
)
def test_what_others_added_to_a_bucket_is_kept(
    aspect: str, theirs: dict[str, str], place: list[str]
) -> None:
    facts = describe()
    key = ("bucket pixelater-source-bucket", aspect)
    (ours,) = (fact.wanted for fact in facts if fact.key == key)
    assert calls(as_wanted(facts) | {key: [theirs, *ours]}) == []
    written: Any = only(make_plan(facts, as_wanted(facts) | {key: [theirs]})).parameters
    for name in place:
        written = written[name]
    assert written == [theirs, *ours]


def test_a_plan_is_summed_up_resource_by_resource() -> None:
    facts = describe()
    found = as_wanted(facts)
    settings = {**found[(FUNCTION, "settings")], "MemorySize": 512, "Timeout": 3}
    assert list_changes(facts, found) == ()
    assert list_changes(facts, found | {(FUNCTION, "settings"): settings}) == (
        ChangedResource(
            "change", FUNCTION, ("settings: Timeout 3 -> 300, MemorySize 512 -> 1024",)
        ),
    )
    assert list_changes(facts, {})[7] == ChangedResource(
        "create", "queue pixelater-failures", ("attributes",)
    )


def test_the_words_for_a_change_tell_from_what_to_what() -> None:
    assert (
        describe_change("versioning of bucket a", None, "Enabled") == "set versioning of bucket a"
    )
    assert describe_change("days", 7, 30) == "change days: 7 -> 30"
    assert describe_change("policy", {"a": 1}, None) == "change policy"


def test_removing_goes_backwards_and_keeps_what_is_to_be_kept() -> None:
    facts = describe()
    steps = make_removal(
        facts,
        as_wanted(facts),
        kept=["bucket pixelater-source-bucket"],
        emptied=["bucket pixelater-code-bucket"],
    )
    assert [step.operation for step in steps] == [
        "put_bucket_notification_configuration",
        "delete_function",
        "delete_queue",
        "delete_log_group",
        "delete_role_policy",
        "delete_role",
        "delete_bucket",
        *("delete_objects", "delete_bucket"),
    ]
    assert make_removal(facts, {}) == ()


def test_an_adopted_bucket_is_neither_made_nor_changed_nor_removed() -> None:
    stack = replace(STACK, adopted_source="theirs")
    facts = describe(stack)
    about_it = [fact.key for fact in facts if fact.key[0] == "bucket theirs"]
    assert about_it == [("bucket theirs", "")]
    touched = (*make_plan(facts, {}), *make_removal(facts, {("bucket theirs", ""): True}))
    assert {step.operation for step in touched if step.parameters.get("Bucket") == "theirs"} == {
        "put_bucket_notification_configuration"
    }


def test_in_us_east_1_a_bucket_takes_no_location() -> None:
    steps = make_plan(describe(Stack("123456789012", "us-east-1")), {})
    assert steps[0].parameters == {"Bucket": "pixelater-code-bucket"}


def test_on_aws_buckets_are_made_in_the_accounts_own_namespace() -> None:
    steps = make_plan(describe(replace(STACK, regional_names=True)), {})
    assert [step.parameters for step in steps if step.operation == "create_bucket"] == [
        {
            "Bucket": f"pixelater-{part}-bucket-123456789012-eu-central-1-an",
            "CreateBucketConfiguration": {"LocationConstraint": "eu-central-1"},
            "BucketNamespace": "account-regional",
        }
        for part in ("code", "source", "destination")
    ]


@pytest.mark.parametrize(
    "region", ["us-east-1", "ap-southeast-1", "us-gov-west-1", "eusc-de-east-1"]
)
def test_names_fit_into_what_aws_allows(region: str) -> None:
    stack = Stack("123456789012", region, regional_names=True)
    assert max(len(name) for name in stack.own_buckets) <= 63
    assert max(len(stack.role), len(stack.function)) <= 64


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        *((name, True) for name in ("a", "photos-2", "a" * 20, "live-37eb8de3-compose")),
        *((name, False) for name in ("", "Photos", "2a", "a--b", "a-", "a" * 21)),
    ],
)
def test_a_stacks_name_must_do_for_a_bucket(name: str, valid: bool) -> None:
    assert replace(STACK, name=name).has_valid_name is valid


@pytest.mark.parametrize(
    ("region", "longest"),
    [
        ("us-east-1", 18),
        ("eu-central-1", 15),
        ("ap-southeast-1", 13),
        ("us-isof-south-1", 12),
    ],
)
def test_regional_names_leave_room_for_the_region(region: str, longest: int) -> None:
    stack = Stack("123456789012", region, regional_names=True, name="a" * longest)
    assert stack.has_valid_name
    assert max(map(len, stack.named_buckets)) == 63
    assert not replace(stack, name="a" * (longest + 1)).has_valid_name
    assert replace(stack, name="a" * 20, regional_names=False).has_valid_name


def test_the_role_may_read_photos_write_mosaics_its_log_and_failures_and_nothing_else() -> None:
    statements = role.permissions_policy(STACK)["Statement"]
    group = "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/pixelater-function"
    assert {tuple(one["Action"]): one["Resource"] for one in statements} == {
        ("s3:GetObject",): "arn:aws:s3:::pixelater-source-bucket/*",
        ("s3:GetObject", "s3:PutObject"): "arn:aws:s3:::pixelater-destination-bucket/*",
        ("logs:CreateLogStream", "logs:PutLogEvents"): f"{group}:*",
        ("sqs:SendMessage",): "arn:aws:sqs:eu-central-1:123456789012:pixelater-failures",
    }


def test_the_function_has_300_seconds_and_knows_its_destination() -> None:
    configuration = function.function_configuration(STACK)
    assert configuration["Timeout"] == 300
    assert configuration["Environment"] == {
        "Variables": {
            "bucket_1": "pixelater-destination-bucket",
            "PIXELATER_FAILURES": "pixelater-failures",
        }
    }


def test_a_server_without_destinations_gets_a_dead_letter_queue() -> None:
    plain = function.function_configuration(STACK)
    assert function.function_configuration(replace(STACK, server="ministack")) == plain | {
        "DeadLetterConfig": {
            "TargetArn": "arn:aws:sqs:eu-central-1:123456789012:pixelater-failures"
        }
    }


def test_deletes_are_mirrored_by_the_function_its_role_and_its_trigger_together() -> None:
    stack = replace(STACK, mirror_deletes=True)
    more = {one["Sid"]: one for one in role.permissions_policy(stack)["Statement"]}
    for one in role.permissions_policy(STACK)["Statement"]:
        del more[one["Sid"]]
    ours = {"StringEquals": {"aws:ResourceAccount": STACK.account}}
    assert more == {
        **{
            sid: {
                "Sid": sid,
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": f"arn:aws:s3:::pixelater-{part}-bucket",
                "Condition": ours,
            }
            for sid, part in (("ListPhotos", "source"), ("ListMosaics", "destination"))
        },
        "DeleteMosaics": {
            "Sid": "DeleteMosaics",
            "Effect": "Allow",
            "Action": ["s3:DeleteObject"],
            "Resource": "arn:aws:s3:::pixelater-destination-bucket/*",
            "Condition": ours,
        },
    }
    variables = function.function_configuration(stack)["Environment"]["Variables"]
    assert variables["PIXELATER_MIRROR_DELETES"] == "true"
    assert notification.make_notification(stack)["Events"] == [
        "s3:ObjectCreated:*",
        "s3:ObjectRemoved:*",
        "s3:LifecycleExpiration:*",
    ]


@pytest.mark.parametrize("mirror_deletes", [False, True])
def test_each_statement_of_a_policy_has_one_resource(mirror_deletes: bool) -> None:
    stack = replace(STACK, mirror_deletes=mirror_deletes)
    statements = [
        *role.permissions_policy(stack)["Statement"],
        *bucket.tls_only_statements(stack, "a"),
        alias.permission_statement(stack),
    ]
    assert {type(one["Resource"]) for one in statements} == {str}


@pytest.mark.parametrize(
    ("server", "prefix", "suffix"),
    [
        ("AWS", "in+box/%C3%A4%26%3D/", "%25.jpg"),
        ("unknown", "in+box/%C3%A4%26%3D/", "%25.jpg"),
        ("LocalStack", "in%20box/%C3%A4%26%3D/", "%25.jpg"),
        *((name, "in box/ä&=/", "%.jpg") for name in ("ministack", "moto")),
    ],
)
def test_filter_is_encoded_as_the_server_wants_it(server: str, prefix: str, suffix: str) -> None:
    stack = replace(STACK, prefix="in box/ä&=/", suffix="%.jpg", server=server)
    assert notification.make_notification(stack)["Filter"]["Key"]["FilterRules"] == [
        {"Name": "prefix", "Value": prefix},
        {"Name": "suffix", "Value": suffix},
    ]


def test_the_settings_of_a_stack_can_be_noted_as_json() -> None:
    settings = json.loads(json.dumps(replace(STACK, grids=(8, 16)).settings))
    assert (settings["grids"], "account" in settings, "region" in settings) == (
        [8, 16],
        False,
        False,
    )


def test_every_call_of_a_plan_is_one_botocore_knows() -> None:
    session = botocore.session.get_session()
    stack = replace(STACK, regional_names=True, concurrency=5, prefix="in/", suffix=".jpg")
    stack = replace(stack, server="LocalStack")
    facts = describe(stack)
    stale: dict[tuple[str, str], Any]
    stale = {facts[-1].key: {"LambdaFunctionConfigurations": [FOREIGN]}}
    stale |= {(ALIAS, "permission"): {"Sid": "old"}, (ALIAS, ""): {}, (FUNCTION, ""): True}
    stale |= {(FUNCTION, "settings"): {}, ("queue pixelater-failures", ""): True}
    stale |= {("role pixelater-function-eu-central-1", ""): True}
    everything: FoundValues = {fact.key: {} for fact in facts}
    anew = describe(replace(stack, role_state=RoleState("new", "old", 1, anew=True)))
    steps = (*make_plan(facts, {}), *make_plan(anew, stale), *make_removal(facts, everything))
    for step in steps:
        model = session.get_service_model(step.service)
        operation = model.operation_model(
            next(name for name in model.operation_names if _snake(name) == step.operation)
        )
        parameters = fill_in(step.parameters, defaultdict(lambda: "1"))
        report = ParamValidator().validate(parameters, operation.input_shape)
        assert not report.has_errors(), (step, report.generate_report())


def _snake(name: str) -> str:
    from botocore import xform_name

    return str(xform_name(name))
