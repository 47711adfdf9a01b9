"""A stack's life against moto: deployed, changed, interrupted anywhere, beside others, removed."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from pixelater_cli.aws.deploy.executor import apply, read_state
from pixelater_cli.aws.deploy.plan import make_plan, make_removal
from pixelater_cli.aws.operations import stack_settings, versions
from pixelater_cli.aws.operations.pruning import prune
from pixelater_cli.aws.operations.queue_metrics import read_queue_metrics
from pixelater_cli.aws.package.package import Package
from pixelater_cli.aws.resources.bucket import list_bucket_properties
from pixelater_cli.aws.resources.catalog import list_properties
from pixelater_cli.aws.resources.property import ApiCall
from pixelater_cli.aws.session import SERVICES, Account, connect
from pixelater_cli.aws.stack import Stack
from tests.functional.reordering import reorder

FIRST = 34
"""Steps of the first deploy to an endpoint without TLS. No other test names the number."""

READS = ("Get", "Head", "Describe", "List", "Filter")


class Interrupted(Exception):
    """What ends a deployment in these tests, where a person would press Ctrl-C."""


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An empty account in moto, in this process."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    # In a container moto asks Docker for its address, in a process whose pipe it leaves open.
    monkeypatch.setattr("moto.settings.is_docker", lambda: False)
    with mock_aws():
        yield connect(None, "eu-central-1", None, time.sleep)


def make_package(content: str = "first") -> Package:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("pixelater_function/handler.py"), content)
    data = buffer.getvalue()
    sha256 = hashlib.sha256(data)
    return Package(sha256.hexdigest(), base64.b64encode(sha256.digest()).decode(), data)


def make_stack(account: Account, **settings: Any) -> Stack:
    return Stack(account.number, account.region, tls=False, secret="5e" * 32, **settings)


def deploy(account: Account, stack: Stack, package: Package, steps: int | None = None) -> list[str]:
    """Deploy, or the first so many steps of it; give the operations done."""
    facts = list_properties(stack, package)
    snapshot = read_state(account, facts, time.sleep)
    done: list[str] = []

    def note(step: ApiCall) -> None:
        done.append(step.operation)
        if len(done) == steps:
            raise Interrupted

    apply(account, make_plan(facts, snapshot.found), snapshot.outputs, note, time.sleep)
    return done


def destroy(account: Account, stack: Stack, steps: int | None = None) -> int:
    """Remove everything, or the first so many steps of it; give the number of steps."""
    facts = list_properties(stack, Package("", "", b""))
    snapshot = read_state(account, facts, time.sleep)
    emptied = [f"bucket {name}" for name in stack.own_buckets]
    plan = make_removal(facts, snapshot.found, emptied=emptied)
    apply(account, plan[:steps], snapshot.outputs, lambda step: None, time.sleep)
    return len(plan)


def find(account: Account, stack: Stack, package: Package) -> Any:
    return read_state(account, list_properties(stack, package), time.sleep).found


def find_without_ids(account: Account, stack: Stack, package: Package) -> Any:
    """Find all but the role's ID, which differs each time it is created."""
    found = find(account, stack, package)
    return {key: value for key, value in found.items() if key[1] != "role ID"}


def read_triggers(account: Account, bucket: str) -> dict[str, Any]:
    answer = account.clients["s3"].get_bucket_notification_configuration(Bucket=bucket)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_a_second_deploy_calls_nothing_that_writes(account: Account) -> None:
    stack, package = make_stack(account), make_package()
    assert len(deploy(account, stack, package)) == FIRST
    called: Counter[str] = Counter()
    for service in SERVICES:
        events = account.clients[service].meta.events
        events.register("before-call", lambda model, **_: called.update([model.name]))
    assert deploy(account, stack, package) == []
    assert called.total() > 20
    assert [name for name in called if not name.startswith(READS)] == []


def test_stack_converges_whatever_the_order_of_answers(account: Account) -> None:
    stack = make_stack(account, mirror_deletes=True, prefix="a b/", suffix=".jpg")
    package = make_package()
    return_in_another_order(account)
    assert deploy(account, stack, package) != []
    assert deploy(account, stack, package) == []
    changed = ["put_object", "update_function_configuration", "publish_version", "update_alias"]
    assert deploy(account, replace(stack, memory_mb=512), package) == changed
    assert deploy(account, replace(stack, memory_mb=512), package) == []


def test_bucket_converges_whatever_the_order_of_answers(account: Account) -> None:
    """With a policy, which moto would apply without its conditions: nothing is put there."""
    theirs = {"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": "*"}
    stack, s3 = replace(make_stack(account), tls=True), account.clients["s3"]
    place = {"LocationConstraint": account.region}
    s3.create_bucket(Bucket=stack.source_bucket, CreateBucketConfiguration=place)
    s3.put_bucket_policy(Bucket=stack.source_bucket, Policy=json.dumps({"Statement": theirs}))
    return_in_another_order(account)
    facts = tuple(list_bucket_properties(stack, stack.source_bucket))
    steps = make_plan(facts, read_state(account, facts, time.sleep).found)
    apply(account, steps, {}, lambda step: None, time.sleep)
    assert "put_bucket_policy" in [step.operation for step in steps]
    found = read_state(account, facts, time.sleep).found
    assert make_plan(facts, found) == ()
    assert len(found[(f"bucket {stack.source_bucket}", "policy")]) == 3


def return_in_another_order(account: Account) -> None:
    for service in SERVICES:
        account.clients[service].meta.events.register("after-call", reorder)


CONTENTS = st.sampled_from(["first", "second"])
# No architectures: moto keeps a function's first, whatever update_function_code says.
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "memory_mb": st.sampled_from([128, 512, 1024, 3008]),
        "log_days": st.sampled_from([1, 30, 365]),
        "grids": st.sampled_from([(), (8,), (8, 16)]),
        "max_pixels": st.sampled_from([None, 10**6]),
        "runtime": st.sampled_from(["python3.12", "python3.13"]),
        "prefix": st.sampled_from(["", "in/"]),
        "suffix": st.sampled_from(["", ".jpg"]),
        "concurrency": st.sampled_from([None, 0, 5]),
    },
)


@settings(
    max_examples=settings().max_examples // 3,  # Each is two or three deployments.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(changes=st.lists(st.tuples(SETTINGS, CONTENTS), min_size=2, max_size=3))
def test_once_applied_a_plan_leaves_nothing_to_do_whatever_the_settings(
    account: Account, changes: list[tuple[dict[str, Any], str]]
) -> None:
    for chosen, content in changes:
        stack, package = make_stack(account, **chosen), make_package(content)
        deploy(account, stack, package)
        assert deploy(account, stack, package) == []


@pytest.mark.slow
def test_interrupted_anywhere_the_next_deploy_ends_in_the_same_state(account: Account) -> None:
    stack, package = make_stack(account), make_package()
    steps = len(deploy(account, stack, package))
    whole = find_without_ids(account, stack, package)
    for number in range(1, steps + 1):
        destroy(account, stack)
        with pytest.raises(Interrupted):
            deploy(account, stack, package, number)
        check_that_no_trigger_lacks_permission(account, stack, package)
        deploy(account, stack, package)
        assert find_without_ids(account, stack, package) == whole
        assert len(read_triggers(account, stack.source_bucket)["LambdaFunctionConfigurations"]) == 1


def test_an_interrupted_update_is_finished_by_the_next_deploy(account: Account) -> None:
    before, after = make_stack(account), make_stack(account, memory_mb=512, prefix="in/")
    deploy(account, before, make_package())
    steps = len(deploy(account, after, make_package("second")))
    assert steps == 7
    whole = find(account, after, make_package("second"))
    for number in range(1, steps):
        deploy(account, before, make_package())
        with pytest.raises(Interrupted):
            deploy(account, after, make_package("second"), number)
        deploy(account, after, make_package("second"))
        assert find(account, after, make_package("second")) == whole


def test_interrupted_anywhere_the_next_destroy_finishes(account: Account) -> None:
    stack, package = make_stack(account), make_package()
    deploy(account, stack, package)
    steps = destroy(account, stack)
    assert steps == 12
    for number in range(1, steps):
        deploy(account, stack, package)
        destroy(account, stack, number)
        destroy(account, stack)
        assert set(find(account, stack, package).values()) == {None}
        assert destroy(account, stack) == 0


def test_the_notifications_of_others_outlive_the_stack(account: Account) -> None:
    s3 = account.clients["s3"]
    place = {"CreateBucketConfiguration": {"LocationConstraint": account.region}}
    s3.create_bucket(Bucket="theirs", **place)
    arn = f"arn:aws:sqs:{account.region}:{account.number}:audit"
    function = f"arn:aws:lambda:{account.region}:{account.number}:function:thumbnails"
    theirs = {
        "QueueConfigurations": [{"Id": "q", "QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}],
        "LambdaFunctionConfigurations": [
            {"Id": "l", "LambdaFunctionArn": function, "Events": ["s3:ObjectRemoved:*"]}
        ],
    }
    s3.put_bucket_notification_configuration(Bucket="theirs", NotificationConfiguration=theirs)
    stack = make_stack(account, adopted_source="theirs", prefix="in/")
    for content in ("first", "second"):
        deploy(account, stack, make_package(content))
        found = read_triggers(account, "theirs")
        assert found["QueueConfigurations"] == theirs["QueueConfigurations"]
        assert found["LambdaFunctionConfigurations"][0] == theirs["LambdaFunctionConfigurations"][0]
        assert len(found["LambdaFunctionConfigurations"]) == 2
    destroy(account, stack)
    assert read_triggers(account, "theirs") == theirs
    assert [one["Name"] for one in s3.list_buckets()["Buckets"]] == ["theirs"]


def test_two_stacks_live_side_by_side(account: Account) -> None:
    one, two = make_stack(account), make_stack(account, name="other")
    deploy(account, one, make_package())
    whole = find(account, one, make_package())
    deploy(account, two, make_package())
    destroy(account, two)
    assert find(account, one, make_package()) == whole


def test_the_version_before_can_be_put_back(account: Account) -> None:
    stack = make_stack(account)
    deploy(account, stack, make_package())
    deploy(account, replace(stack, memory_mb=512), make_package())
    assert versions.find_version(account, stack) == "2"
    assert versions.roll_back(account, stack, None, time.sleep) == ("2", "1", "1")
    assert versions.find_version(account, stack) == "1"
    assert versions.roll_back(account, stack, "2", time.sleep) == ("1", "2", "2")


def test_old_versions_and_zips_are_pruned_but_not_what_is_active(account: Account) -> None:
    stack = make_stack(account)
    for number in range(12):
        deploy(account, stack, make_package(str(number)))
    versions.roll_back(account, stack, "1", time.sleep)
    prune(account, stack, make_package("0").digest)
    answer = account.clients["lambda"].list_versions_by_function(FunctionName=stack.function)
    numbers = [int(entry["Version"]) for entry in answer["Versions"][1:]]
    assert sorted(numbers) == [1, *range(3, 13)]
    keys = account.clients["s3"].list_objects_v2(Bucket=stack.code_bucket)["Contents"]
    zips = {entry["Key"] for entry in keys if entry["Key"].endswith(".zip")}
    assert len(zips) in (10, 11)  # Zips of the same second are sorted by name.
    assert make_package("0").name_key(stack) in zips
    assert deploy(account, stack, make_package("11")) == ["publish_version", "update_alias"]


def test_lost_failures_and_the_age_of_the_oldest_are_read(account: Account) -> None:
    stack, now = make_stack(account), time.time()
    assert read_queue_metrics(account, stack, now) == (0, 0.0)
    for namespace, name, dimension, values in (
        ("AWS/Lambda", "DestinationDeliveryFailures", ("FunctionName", stack.function), (2, 3)),
        ("AWS/SQS", "ApproximateAgeOfOldestMessage", ("QueueName", stack.queue), (90, 11 * 86400)),
    ):
        for hours, value in zip((30, 2), values, strict=True):
            data = {
                "MetricName": name,
                "Dimensions": [dict(zip(("Name", "Value"), dimension, strict=True))],
                "Value": value,
                "Timestamp": now - 3600 * hours,
            }
            account.clients["cloudwatch"].put_metric_data(Namespace=namespace, MetricData=[data])
    assert read_queue_metrics(account, stack, now) == (5, 11.0)


def test_every_version_is_given_settings_before_it_runs(account: Account) -> None:
    """On going back, too: that version may be from before versions had them."""
    stack = make_stack(account, server="LocalStack")
    given: list[str] = []
    account.clients["lambda"].meta.events.register(
        "before-parameter-build.lambda.PutFunctionEventInvokeConfig",
        lambda params, **_: given.append(params["Qualifier"]),
    )
    deploy(account, stack, make_package())
    deploy(account, stack, make_package("second"))
    versions.roll_back(account, stack, None, time.sleep)
    assert given == ["1", "live", "2", "1"]
    assert deploy(account, stack, make_package("second"))[-2:] == [
        "put_function_event_invoke_config",
        "update_alias",
    ]
    destroy(account, stack)
    assert set(find(account, stack, make_package()).values()) == {None}


def test_a_bucket_of_more_than_a_page_is_emptied_of_every_version(account: Account) -> None:
    keys = [f"{n} é" for n in range(1005)]
    stack, s3 = make_stack(account), account.clients["s3"]
    deploy(account, stack, make_package())
    for key in (*keys, keys[0]):
        s3.put_object(Bucket=stack.source_bucket, Key=key, Body=b"")
    s3.delete_object(Bucket=stack.source_bucket, Key=keys[0])
    destroy(account, stack)
    assert s3.list_buckets()["Buckets"] == []


def test_a_stack_is_recalled_with_the_settings_it_was_deployed_with(account: Account) -> None:
    stack = make_stack(account, memory_mb=512, grids=(8, 16), prefix="in/")
    assert stack_settings.load_settings(account, make_stack(account)) == make_stack(account)
    deploy(account, stack, make_package())
    assert stack_settings.load_settings(account, make_stack(account)) == stack


def check_that_no_trigger_lacks_permission(
    account: Account, stack: Stack, package: Package
) -> None:
    found = find(account, stack, package)
    trigger = found[(f"trigger of {stack.source_bucket}", "")] or {}
    if trigger.get("LambdaFunctionConfigurations"):
        assert found[(f"alias live of {stack.function}", "permission")] is not None
