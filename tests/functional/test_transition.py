"""Going from one version to another against moto: nothing is taken away before it is proven."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from pixelater.look import Look, Rule
from pixelater.style import Style
from pixelater_cli.aws.deploy.deployment import (
    Deployment,
    apply_plan,
    finish,
    prepare,
    restore,
)
from pixelater_cli.aws.deploy.executor import apply, read_state
from pixelater_cli.aws.deploy.plan import make_removal
from pixelater_cli.aws.operations import stack_settings, versions
from pixelater_cli.aws.operations.stale_mosaics import count_stale
from pixelater_cli.aws.package.builder import Contents
from pixelater_cli.aws.resources.catalog import list_all_properties
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_cli.errors import AwsError
from tests.functional.test_stack import account, make_stack, read_triggers

__all__ = ["account"]

FIRST = Contents("first", {"pixelater_function/handler.py": b"1"})
SECOND = Contents("second", {"pixelater_function/handler.py": b"2"})
THIRD = Contents("third", {"pixelater_function/handler.py": b"3"})


@dataclass
class Clock:
    """Time that passes only while somebody sleeps."""

    seconds: float = 0

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Live:
    """A stack in moto, changed as `pixelater deploy` does, without a smoke test."""

    account: Account
    clock: Clock = field(default_factory=Clock)

    def begin(self, stack: Stack, contents: Contents = FIRST) -> Deployment:
        deployment = prepare(self.account, stack, contents, self.clock.sleep)
        apply_plan(deployment, lambda _step: None, self.clock.sleep, self.clock.now)
        return deployment

    def deploy(self, stack: Stack, contents: Contents = FIRST) -> Deployment:
        deployment = self.begin(stack, contents)
        finish(deployment, lambda _step: None, self.clock.sleep)
        return deployment

    def plan(self, stack: Stack, contents: Contents = FIRST) -> list[str]:
        deployment = prepare(self.account, stack, contents, self.clock.sleep)
        return [step.operation for step in deployment.all_steps]

    def list_allowed(self, stack: Stack) -> set[tuple[str, str]]:
        """List actions and bucket names of the role's policy."""
        answer = self.account.clients["iam"].get_role_policy(
            RoleName=stack.role, PolicyName="pixelater-pipeline"
        )
        allowed = set[tuple[str, str]]()
        for statement in answer["PolicyDocument"]["Statement"]:
            resources = statement["Resource"]
            for resource in [resources] if isinstance(resources, str) else resources:
                bucket = resource.partition(":::")[2].partition("/")[0]
                allowed |= {(action, bucket) for action in statement["Action"] if bucket}
        return allowed

    def list_permissions(self, stack: Stack) -> list[str]:
        """List the buckets that may invoke the alias."""
        answer = self.account.clients["lambda"].get_policy(
            FunctionName=stack.function, Qualifier="live"
        )
        return sorted(
            statement["Condition"]["ArnLike"]["AWS:SourceArn"].partition(":::")[2]
            for statement in json.loads(answer["Policy"])["Statement"]
        )

    def list_triggers(self, *buckets: str) -> list[str]:
        """List the buckets that have a notification."""
        return [name for name in buckets if read_triggers(self.account, name)]


@pytest.fixture
def live(account: Account) -> Live:
    place = {"CreateBucketConfiguration": {"LocationConstraint": account.region}}
    for bucket in ("theirs-in", "theirs-out"):
        account.clients["s3"].create_bucket(Bucket=bucket, **place)
    return Live(account)


OUT, IN = "pixelater-destination-bucket", "pixelater-source-bucket"
PUT_OUT, PUT_THEIRS = ("s3:PutObject", OUT), ("s3:PutObject", "theirs-out")


def test_both_destinations_are_allowed_until_the_new_version_is_proven(live: Live) -> None:
    before = make_stack(live.account)
    after = replace(before, adopted_destination="theirs-out")
    live.deploy(before)
    assert {PUT_OUT, PUT_THEIRS} & live.list_allowed(before) == {PUT_OUT}
    deployment = live.begin(after)
    assert versions.find_version(live.account, after) == "2"
    assert live.list_allowed(after) >= {PUT_OUT, PUT_THEIRS}
    finish(deployment, lambda _step: None, live.clock.sleep)
    assert {PUT_OUT, PUT_THEIRS} & live.list_allowed(after) == {PUT_THEIRS}
    assert live.plan(after) == []


def test_policy_is_widened_before_the_function_changes_and_narrowed_after_it(live: Live) -> None:
    before = make_stack(live.account)
    live.deploy(before)
    assert live.plan(replace(before, adopted_destination="theirs-out")) == [
        "put_object",
        "put_role_policy",
        "update_function_configuration",
        "publish_version",
        "update_alias",
        "put_role_policy",
    ]


def test_both_sources_invoke_the_function_until_the_new_version_is_proven(live: Live) -> None:
    before = make_stack(live.account)
    after = replace(before, adopted_source="theirs-in")
    live.deploy(before)
    deployment = live.begin(after)
    assert live.list_triggers(IN, "theirs-in") == [IN, "theirs-in"]
    assert live.list_permissions(after) == [IN, "theirs-in"]
    finish(deployment, lambda _step: None, live.clock.sleep)
    assert live.list_triggers(IN, "theirs-in") == ["theirs-in"]
    assert live.list_permissions(after) == ["theirs-in"]
    assert live.plan(after) == []


def test_interrupted_end_is_carried_out_by_the_next_deploy(live: Live) -> None:
    before = make_stack(live.account)
    after = replace(before, adopted_source="theirs-in", adopted_destination="theirs-out")
    live.deploy(before)
    steps = live.begin(after).last_steps
    assert len(steps) == 4
    live.deploy(after)
    assert live.list_triggers(IN, "theirs-in") == ["theirs-in"]
    assert live.list_permissions(after) == ["theirs-in"]
    assert PUT_OUT not in live.list_allowed(after)
    assert live.plan(after) == []


def test_interrupted_end_leaves_no_notification_after_destroy(live: Live) -> None:
    before = replace(make_stack(live.account), adopted_source="theirs-in")
    after = make_stack(live.account)
    live.deploy(before)
    live.begin(after)
    found = stack_settings.load_settings(live.account, after)
    assert found.former_sources == ("theirs-in",)
    properties = list_all_properties(found)
    state = read_state(live.account, properties, live.clock.sleep)
    steps = make_removal(properties, state.found, emptied=[f"bucket {found.code_bucket}"])
    apply(live.account, steps, state.outputs, lambda _step: None, live.clock.sleep)
    assert live.list_triggers("theirs-in") == []


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("destination", {"adopted_destination": "theirs-out"}),
    ("source", {"adopted_source": "theirs-in", "memory_mb": 512}),
    ("filters", {"prefix": "in/", "suffix": ".png", "memory_mb": 512}),
    ("deletes", {"mirror_deletes": True}),
    ("grids", {"grids": (8, 16)}),
    ("looks", {"style": Style(quality=50), "exact": True, "rules": (Rule("in/", Look((8,))),)}),
    ("concurrency", {"concurrency": 5, "memory_mb": 512}),
]


def read_all(live: Live, stack: Stack) -> dict[str, Any]:
    concurrency = live.account.clients["lambda"].get_function_concurrency(
        FunctionName=stack.function
    )
    return {
        "policy": live.list_allowed(stack),
        "permissions": live.list_permissions(stack),
        "triggers": [read_triggers(live.account, bucket) for bucket in (IN, "theirs-in")],
        "concurrency": concurrency.get("ReservedConcurrentExecutions"),
    }


@pytest.mark.parametrize("proven", [True, False])
@pytest.mark.parametrize(("name", "changed"), CHANGES, ids=str)
def test_earlier_version_comes_back_with_all_that_it_needs(
    live: Live, name: str, changed: dict[str, Any], proven: bool
) -> None:
    """Also if the next one was not proven, as after a failed smoke test."""
    before = make_stack(live.account)
    after = replace(before, **changed)
    live.deploy(before)
    then = read_all(live, before)
    change: Callable[..., Deployment] = live.deploy if proven else live.begin
    found = change(after).stack
    assert versions.find_version(live.account, after) == "2"
    moved = versions.roll_back(live.account, found, None, live.clock.sleep)
    assert moved == ("2", "1", "1")
    assert read_all(live, before) == then
    current = stack_settings.load_settings(live.account, before)
    assert replace(current, former_grids=()) == before


@pytest.mark.parametrize(("name", "changed"), CHANGES, ids=str)
def test_later_version_comes_back_with_all_that_it_needs(
    live: Live, name: str, changed: dict[str, Any]
) -> None:
    before = make_stack(live.account)
    after = replace(before, **changed)
    live.deploy(before)
    live.deploy(after)
    now = read_all(live, after)
    for version in ("1", "2"):
        current = stack_settings.load_settings(live.account, before)
        versions.roll_back(live.account, current, version, live.clock.sleep)
    assert read_all(live, after) == now
    current = stack_settings.load_settings(live.account, before)
    assert replace(current, former_grids=(), former_buckets=()) == after


def test_settings_come_back_if_no_new_version_was_needed(live: Live) -> None:
    """Another source bucket is no setting of the function, so that its version stays."""
    before = make_stack(live.account)
    live.deploy(before)
    then = read_all(live, before)
    deployment = live.begin(replace(before, adopted_source="theirs-in"))
    assert restore(deployment, live.clock.sleep) == "the former settings are active again"
    assert read_all(live, before) == then
    assert stack_settings.load_settings(live.account, before) == before
    assert live.plan(before) == []


def test_version_of_former_code_has_the_settings_of_its_time(live: Live) -> None:
    """Version 2 has other code, version 3 other settings; a prefix is no setting of a version."""
    first = make_stack(live.account, prefix="a/")
    live.deploy(first)
    live.deploy(first, SECOND)
    live.deploy(replace(first, memory_mb=512), SECOND)
    live.deploy(replace(first, memory_mb=512, prefix="b/"), SECOND)
    recorded = stack_settings.find_settings(live.account, first)
    assert recorded is not None
    assert [recorded.find(version).memory_mb for version in "123"] == [1024, 1024, 512]
    assert [recorded.find(version).prefix for version in "123"] == ["a/", "a/", "b/"]


def test_former_grids_are_remembered_until_they_are_wanted_again(live: Live) -> None:
    stack = make_stack(live.account, grids=(8, 16, 32))
    live.deploy(stack)
    assert live.deploy(replace(stack, grids=(8,))).stack.former_grids == ("16", "32")
    assert live.deploy(replace(stack, grids=(4, 16))).stack.former_grids == ("8", "32")
    assert live.plan(replace(stack, grids=(4, 16))) == []
    settings = live.account.clients["lambda"].get_function_configuration(
        FunctionName=stack.function
    )
    assert settings["Environment"]["Variables"]["PIXELATER_FORMER_GRIDS"] == "8,32"


def recreate_role(live: Live, stack: Stack) -> tuple[str, str]:
    """Delete the role and create it again, as others may; return both IDs."""
    iam, named = live.account.clients["iam"], {"RoleName": stack.role}
    before = iam.get_role(**named)["Role"]
    iam.delete_role_policy(**named, PolicyName="pixelater-pipeline")
    iam.delete_role(**named)
    trust = json.dumps(before["AssumeRolePolicyDocument"])
    after = iam.create_role(**named, AssumeRolePolicyDocument=trust)["Role"]
    return before["RoleId"], after["RoleId"]


def read_role_id(live: Live, stack: Stack) -> str:
    """Read which role the function took, as its tag says."""
    answer = live.account.clients["lambda"].list_tags(Resource=stack.function_arn)
    return str(answer["Tags"]["pixelater:role-id"])


def test_function_takes_a_role_that_was_created_again_anew(live: Live) -> None:
    stack = make_stack(live.account)
    live.deploy(stack)
    before, after = recreate_role(live, stack)
    assert read_role_id(live, stack) == before
    deployment = prepare(live.account, stack, FIRST, live.clock.sleep)
    assert [step.title for step in deployment.all_steps if "role" in step.title] == [
        f"set policy pixelater-pipeline of role {stack.role}",
        f"create role {stack.role}-interim",
        f"give function {stack.function} role {stack.role}-interim for a moment",
        f"give function {stack.function} role {stack.role} anew, because it was created again: "
        f"{before} -> {after}",
        f"remove role {stack.role}-interim",
        f"note at function {stack.function} the ID of role {stack.role}",
    ]
    live.deploy(stack)
    assert versions.find_version(live.account, stack) == "2"
    assert (read_role_id(live, stack), live.plan(stack)) == (after, [])


def test_function_takes_a_role_that_is_missing_anew(live: Live) -> None:
    stack = make_stack(live.account)
    live.deploy(stack)
    iam, named = live.account.clients["iam"], {"RoleName": stack.role}
    iam.delete_role_policy(**named, PolicyName="pixelater-pipeline")
    iam.delete_role(**named)
    live.deploy(stack)
    assert read_role_id(live, stack) == iam.get_role(**named)["Role"]["RoleId"]
    assert versions.find_version(live.account, stack) == "2"
    assert live.plan(stack) == []


@pytest.mark.parametrize("steps", range(1, 10))
def test_interrupted_taking_of_the_role_is_begun_again(live: Live, steps: int) -> None:
    stack = make_stack(live.account)
    live.deploy(stack)
    _, after = recreate_role(live, stack)
    deployment = prepare(live.account, stack, FIRST, live.clock.sleep)
    apply(
        live.account,
        deployment.steps[:steps],
        deployment.state.outputs,
        lambda _step: None,
        live.clock.sleep,
    )
    live.deploy(stack)
    assert versions.find_version(live.account, stack) in ("2", "3")
    assert (read_role_id(live, stack), live.plan(stack)) == (after, [])
    roles = live.account.clients["iam"].list_roles()["Roles"]
    assert [role["RoleName"] for role in roles] == [stack.role]
    settings = live.account.clients["lambda"].get_function_configuration(
        FunctionName=stack.function, Qualifier="live"
    )
    assert settings["Role"] == stack.role_arn


def test_role_of_others_that_was_created_again_must_be_replaced(live: Live) -> None:
    stack = make_stack(live.account)
    live.deploy(stack)
    theirs = replace(stack, function_role=stack.role_arn)
    live.deploy(theirs)
    recreate_role(live, stack)
    with pytest.raises(AwsError, match="was created again, and the function cannot use it yet"):
        live.deploy(theirs)


def test_function_without_the_tag_is_only_given_it(live: Live) -> None:
    """As one of an earlier release."""
    stack = make_stack(live.account)
    live.deploy(stack)
    functions, named = live.account.clients["lambda"], {"Resource": stack.function_arn}
    functions.untag_resource(**named, TagKeys=["pixelater:role-id"])
    assert live.plan(stack) == ["tag_resource"]
    live.deploy(stack)
    assert live.plan(stack) == []


def read_former_grids(live: Live, stack: Stack) -> str | None:
    """Read of which former grids the active version knows."""
    settings = live.account.clients["lambda"].get_function_configuration(
        FunctionName=stack.function, Qualifier="live"
    )
    grids: str | None = settings["Environment"]["Variables"].get("PIXELATER_FORMER_GRIDS")
    return grids


def test_rollback_remembers_the_grids_of_the_version_that_is_left(live: Live) -> None:
    """Of other code, too; otherwise later uploads would leave their mosaics stale."""
    stack = make_stack(live.account, grids=(8,))
    live.deploy(stack)
    more = live.deploy(replace(stack, grids=(8, 16)), SECOND).stack
    moved = versions.roll_back(live.account, more, None, live.clock.sleep)
    assert moved == ("2", "1", "3")
    assert read_former_grids(live, stack) == "16"
    functions = live.account.clients["lambda"]
    codes = [
        functions.get_function_configuration(FunctionName=stack.function, Qualifier=each)
        for each in ("1", "live")
    ]
    assert len({code["CodeSha256"] for code in codes}) == 1
    found = stack_settings.load_settings(live.account, stack)
    assert (found.grids, found.former_grids) == ((8,), ("16",))
    assert live.plan(stack, FIRST) == []


def test_rollbacks_in_a_row_go_back_version_by_version(live: Live) -> None:
    """Also if each publishes a copy of the version, because later ones made more grids."""
    stack = make_stack(live.account, grids=(8,))
    for grids in ((8,), (8, 16), (8, 16, 32)):
        live.deploy(replace(stack, grids=grids))
    moves = []
    for _ in range(2):
        current = stack_settings.load_settings(live.account, stack)
        moves.append(versions.roll_back(live.account, current, None, live.clock.sleep))
    assert moves == [("3", "2", "4"), ("4", "1", "5")]
    current = stack_settings.load_settings(live.account, stack)
    with pytest.raises(AwsError) as caught:
        versions.roll_back(live.account, current, None, live.clock.sleep)
    assert str(caught.value) == (
        "version 5, a copy of version 1, is active, and there is no earlier version"
    )
    live.deploy(replace(stack, grids=(4,)), SECOND)
    current = stack_settings.load_settings(live.account, stack)
    moved = versions.roll_back(live.account, current, None, live.clock.sleep)
    assert moved[:2] == ("6", "5")


@pytest.mark.parametrize("grids", [(8,), (8, 16)])
def test_rollback_passes_over_a_version_whose_test_failed(
    live: Live, grids: tuple[int, ...]
) -> None:
    """Also if only its code was another, so that the settings stay."""
    stack = make_stack(live.account, grids=(8,))
    live.deploy(stack)
    failed = live.begin(replace(stack, grids=grids), SECOND)
    restore(failed, live.clock.sleep)
    before = versions.find_version(live.account, stack)
    last = live.deploy(replace(stack, memory_mb=512), SECOND).stack
    _, chosen, _ = versions.roll_back(live.account, last, None, live.clock.sleep)
    assert chosen == before
    assert versions.roll_back(live.account, last, "2", live.clock.sleep)[1] == "2"


@pytest.mark.parametrize("memory_mb", [512, 1024])
def test_rollback_takes_a_version_that_has_worked_since(live: Live, memory_mb: int) -> None:
    """Lambda publishes no second version of the same code and configuration."""
    stack = make_stack(live.account, grids=(8,))
    live.deploy(stack)
    for _ in range(2):
        restore(live.begin(stack, SECOND), live.clock.sleep)
    live.deploy(stack, SECOND)
    assert versions.find_version(live.account, stack) == "2"
    last = live.deploy(replace(stack, memory_mb=memory_mb), THIRD).stack
    moved = versions.roll_back(live.account, last, None, live.clock.sleep)
    assert moved == ("3", "2", "2")
    restored = stack_settings.find_settings(live.account, stack)
    assert restored is not None
    assert restored.failed == []


def test_rollback_without_the_zip_of_the_version_activates_it_as_it_is(live: Live) -> None:
    stack = make_stack(live.account, grids=(8,))
    live.deploy(stack)
    more = live.deploy(replace(stack, grids=(8, 16)), SECOND).stack
    s3, place = live.account.clients["s3"], {"Bucket": stack.code_bucket}
    s3.delete_object(**place, Key=f"{stack.function}/{FIRST.digest}.zip")
    moved = versions.roll_back(live.account, more, None, live.clock.sleep)
    assert (moved, read_former_grids(live, stack)) == (("2", "1", "1"), None)


def test_stale_mosaics_of_former_grids_are_counted(live: Live) -> None:
    stack = make_stack(live.account, grids=(8, 16), prefix="in/")
    live.deploy(stack)
    s3 = live.account.clients["s3"]
    for key, made_from in {"in/a.jpg": "", "in/b.jpg": "earlier", "c.jpg": "earlier"}.items():
        etag = s3.put_object(Bucket=IN, Key=key, Body=b"photo")["ETag"].strip('"')
        folder, _, name = key.rpartition("/")
        mosaic = f"{folder}/pixelated-16x16-{name}".removeprefix("/")
        # S3 lists times in whole seconds: the metadata decides.
        metadata = {"pixelater-etag": made_from or etag}
        s3.put_object(Bucket=OUT, Key=mosaic, Body=b"mosaic", Metadata=metadata)
    s3.put_object(Bucket=IN, Key="in/without-mosaic.jpg", Body=b"photo")
    assert count_stale(live.account, stack) is None
    fewer = live.deploy(replace(stack, grids=(8,))).stack
    s3.put_object(Bucket=IN, Key="in/b.jpg", Body=b"another")
    assert count_stale(live.account, fewer) == 1
