"""Deploys, rollbacks and removals that are interrupted anywhere, against moto.

Every setting that gives resources other names, or leaves something behind, is changed and changed
back; at the end nothing is left.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import Any

import pytest

from pixelater_cli.aws.deploy import executor
from pixelater_cli.aws.deploy.executor import apply
from pixelater_cli.aws.deploy.removal import plan_removal
from pixelater_cli.aws.operations import versions
from pixelater_cli.aws.operations.stack_settings import load_settings
from pixelater_cli.aws.resources.policy_document import LAMBDA, make_trust_policy
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_cli.errors import Interrupted
from tests.functional.conftest import make_keys
from tests.functional.test_stack import account, make_stack
from tests.functional.test_transition import FIRST, SECOND, Live, live, recreate_role

__all__ = ["account", "live"]

KEY = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
THEIR_ROLE = "their-role"
RENAMING: dict[str, dict[str, Any]] = {
    "role path": {"role_path": "/team/"},
    "another path": {"role_path": "/other/"},
    "their role": {"function_role": f"arn:aws:iam::123456789012:role/{THEIR_ROLE}"},
    "source": {"adopted_source": "theirs-in"},
    "destination": {"adopted_destination": "theirs-out"},
    "key": {"kms_key": KEY},
    "tags": {"custom_tags": ("team=a",)},
    "cors": {"cors": ("https://example.com",)},
    "grids": {"grids": (8, 16)},
    "memory": {"memory_mb": 512},
}
"""Settings that give resources other names, or leave something behind when they change back."""

Interrupting = Callable[[Callable[[], object]], None]
"""Runs an action, and interrupts it after some calls."""

FIRST_STEPS = 20
"""A first deploy has at least so many steps."""

ALL = {
    name: value
    for change in ("role path", "source", "destination", "key", "tags", "grids")
    for name, value in RENAMING[change].items()
}


@dataclass
class Interrupter:
    """Ends what calls AWS after so many calls that change something; None: never."""

    left: int | None = None

    def run(self, action: Callable[[], object], calls: int | None) -> bool:
        """Return whether the action came to its end."""
        self.left = calls
        try:
            action()
        except (KeyboardInterrupt, Interrupted):
            return False
        finally:
            self.left = None
        return True


@pytest.fixture
def interrupter(monkeypatch: pytest.MonkeyPatch) -> Interrupter:
    found, call = Interrupter(), executor._call

    def interrupt(*arguments: Any) -> None:
        call(*arguments)
        if found.left is not None:
            found.left -= 1
            if found.left == 0:
                raise KeyboardInterrupt

    monkeypatch.setattr(executor, "_call", interrupt)
    return found


@pytest.fixture
def theirs(live: Live) -> Live:
    """An account in which others have buckets, a role and a key."""
    make_keys("eu-central-1")
    trust = make_trust_policy(LAMBDA)
    live.account.clients["iam"].create_role(
        RoleName=THEIR_ROLE, AssumeRolePolicyDocument=str(trust).replace("'", '"')
    )
    return live


def destroy(live: Live) -> None:
    """Remove the stack as `pixelater destroy --purge` does."""
    stack = load_settings(live.account, make_stack(live.account))
    removal = plan_removal(live.account, stack, True, live.clock.sleep)
    apply(live.account, removal.steps, removal.outputs, lambda _step: None, live.clock.sleep)


def roll_back(live: Live, to: str | None = None) -> None:
    stack = load_settings(live.account, make_stack(live.account))
    versions.roll_back(live.account, stack, to, live.clock.sleep)


def list_left(account: Account) -> list[str]:
    """List all that there is, but for what others have."""
    clients = account.clients
    groups = clients["logs"].describe_log_groups()["logGroups"]
    functions = clients["lambda"].list_functions()["Functions"]
    found = [
        *(bucket["Name"] for bucket in clients["s3"].list_buckets()["Buckets"]),
        *(role["RoleName"] for role in clients["iam"].list_roles()["Roles"]),
        *(function["FunctionName"] for function in functions),
        *(group["logGroupName"] for group in groups),
        *list_queues(account),
        *(f"trigger of {name}" for name in Live(account).list_triggers("theirs-in", "theirs-out")),
    ]
    return sorted(set(found) - {"theirs-in", "theirs-out", THEIR_ROLE})


def list_queues(account: Account) -> list[str]:
    urls: list[str] = account.clients["sqs"].list_queues().get("QueueUrls", [])
    return urls


def list_own_tags(account: Account, stack: Stack) -> set[str]:
    """List the names of all tags that resources of the stack have."""
    clients = account.clients
    url = clients["sqs"].get_queue_url(QueueName=stack.queue)["QueueUrl"]
    names: set[str] = set(clients["sqs"].list_queue_tags(QueueUrl=url).get("Tags", {}))
    names |= set(clients["lambda"].list_tags(Resource=stack.function_arn)["Tags"])
    names |= set(
        clients["logs"].list_tags_for_resource(resourceArn=stack.log_group_arn).get("tags", {})
    )
    if not stack.function_role:
        role = clients["iam"].get_role(RoleName=stack.role)["Role"]
        names |= {tag["Key"] for tag in role["Tags"]}
    for bucket in stack.own_buckets:
        tags = clients["s3"].get_bucket_tagging(Bucket=bucket)["TagSet"]
        names |= {tag["Key"] for tag in tags}
    return names


def check(live: Live, stack: Stack) -> None:
    """Check that the stack is as these settings say, and nothing of former ones works on."""
    account = live.account
    assert live.plan(stack) == []
    assert live.list_triggers("pixelater-source-bucket", "theirs-in") == [stack.source_bucket]
    assert live.list_permissions(stack) == [stack.source_bucket]
    named = {tag.partition("=")[0] for tag in stack.custom_tags}
    assert list_own_tags(account, stack) - {"pixelater:role-id"} == {"pixelater:stack", *named}
    for bucket in stack.own_buckets:
        answer = account.clients["s3"].get_bucket_encryption(Bucket=bucket)
        rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
        default = rules[0]["ApplyServerSideEncryptionByDefault"]
        assert default.get("KMSMasterKeyID", "") == stack.kms_key


def interrupt_each(interrupter: Interrupter, course: Callable[[Interrupting], None]) -> int:
    """Run a course again and again, its actions interrupted one call later each time.

    Return the number of runs: in the last, no action was interrupted.
    """
    for number in count(1):
        ended: list[bool] = []

        def interrupted(
            action: Callable[[], object], calls: int = number, ended: list[bool] = ended
        ) -> None:
            ended.append(interrupter.run(action, calls))

        course(interrupted)
        if all(ended):
            return number
    raise AssertionError


@pytest.mark.parametrize(
    "name", [*(pytest.param(name, marks=pytest.mark.slow) for name in RENAMING), "all"]
)
def test_interrupted_change_is_undone_by_the_former_settings(
    theirs: Live, interrupter: Interrupter, name: str
) -> None:
    before = make_stack(theirs.account)
    changed = replace(before, **(ALL if name == "all" else RENAMING[name]))

    def course(interrupted: Interrupting) -> None:
        theirs.deploy(before)
        interrupted(lambda: theirs.deploy(changed))
        theirs.deploy(before)
        check(theirs, before)
        destroy(theirs)
        assert list_left(theirs.account) == []

    assert interrupt_each(interrupter, course) > 1


def test_interrupted_first_deploy_leaves_nothing(theirs: Live, interrupter: Interrupter) -> None:
    before = make_stack(theirs.account)
    first = replace(before, **ALL)

    def course(interrupted: Interrupting) -> None:
        interrupted(lambda: theirs.deploy(first))
        theirs.deploy(before)
        check(theirs, before)
        destroy(theirs)
        assert list_left(theirs.account) == []

    assert interrupt_each(interrupter, course) >= FIRST_STEPS


def test_first_deploy_interrupted_leaves_nothing_without_another(
    theirs: Live, interrupter: Interrupter
) -> None:
    first = make_stack(theirs.account, **ALL)

    def course(interrupted: Interrupting) -> None:
        interrupted(lambda: theirs.deploy(first))
        destroy(theirs)
        assert list_left(theirs.account) == []

    assert interrupt_each(interrupter, course) >= FIRST_STEPS


def test_interrupted_way_back_is_undone_by_the_changed_settings(
    theirs: Live, interrupter: Interrupter
) -> None:
    before = make_stack(theirs.account)
    changed = replace(before, **ALL)

    def course(interrupted: Interrupting) -> None:
        theirs.deploy(before)
        theirs.deploy(changed, SECOND)
        interrupted(lambda: theirs.deploy(before))
        theirs.deploy(changed)
        check(theirs, changed)
        destroy(theirs)
        assert list_left(theirs.account) == []

    assert interrupt_each(interrupter, course) > 10


def test_interrupted_rollback_is_followed_by_any_command(
    theirs: Live, interrupter: Interrupter
) -> None:
    before = make_stack(theirs.account)
    changed = replace(before, **ALL)

    def course(interrupted: Interrupting) -> None:
        theirs.deploy(before)
        theirs.deploy(changed, SECOND)
        interrupted(lambda: roll_back(theirs))
        theirs.deploy(changed)
        check(theirs, changed)
        interrupted(lambda: roll_back(theirs))
        destroy(theirs)
        assert list_left(theirs.account) == []

    assert interrupt_each(interrupter, course) > 5


def test_interim_role_of_a_former_path_is_removed(theirs: Live, interrupter: Interrupter) -> None:
    before = make_stack(theirs.account)
    changed = replace(before, role_path="/team/")

    def course(interrupted: Interrupting) -> None:
        theirs.deploy(before)
        recreate_role(theirs, before)
        interrupted(lambda: theirs.deploy(before))
        theirs.deploy(changed)
        destroy(theirs)
        assert list_left(theirs.account) == []

    assert interrupt_each(interrupter, course) > 5


def test_plain_buckets_that_others_replaced_are_removed_from_aws(theirs: Live) -> None:
    """Where a name may be of another account, only those are that the stack has had."""
    before = make_stack(theirs.account)
    theirs.deploy(before)
    theirs.deploy(replace(before, adopted_source="theirs-in", adopted_destination="theirs-out"))
    found = load_settings(theirs.account, before)
    for tls in (False, True):
        removal = plan_removal(theirs.account, replace(found, tls=tls), True, theirs.clock.sleep)
        titles = [step.title for step in removal.steps if "bucket pixelater" in step.title]
        assert sorted(titles[:2]) == [
            "remove bucket pixelater-destination-bucket",
            "remove bucket pixelater-source-bucket",
        ]
        assert titles[2:] == [
            "empty bucket pixelater-code-bucket",
            "remove bucket pixelater-code-bucket",
        ]


def test_interrupted_removal_is_finished_by_the_next(
    theirs: Live, interrupter: Interrupter
) -> None:
    before = make_stack(theirs.account)
    changed = replace(before, **ALL)

    def course(interrupted: Interrupting) -> None:
        theirs.deploy(before)
        theirs.deploy(changed, SECOND)
        interrupted(lambda: destroy(theirs))
        destroy(theirs)
        assert list_left(theirs.account) == []

    assert interrupt_each(interrupter, course) > 10


@pytest.mark.slow
def test_nothing_is_left_after_a_random_life(
    theirs: Live, interrupter: Interrupter, weather_seed: int
) -> None:
    """Changes and rollbacks, each of which may be interrupted, in any order."""
    chance = random.Random(weather_seed)
    before = make_stack(theirs.account)
    for _ in range(12):
        action: Callable[[], object]
        if chance.random() < 0.25 and versions.find_version(theirs.account, before):
            existing = versions.list_versions(theirs.account, before)
            action = partial(roll_back_if_earlier, theirs, chance.choice(existing))
        else:
            chosen = chance.sample(sorted(RENAMING), chance.randrange(4))
            settings = {name: value for each in chosen for name, value in RENAMING[each].items()}
            stack = replace(before, **settings)
            action = partial(theirs.deploy, stack, chance.choice((FIRST, SECOND)))
        interrupter.run(action, chance.choice((None, chance.randrange(1, 40))))
    last = replace(before, **RENAMING[chance.choice(sorted(RENAMING))])
    theirs.deploy(last)
    check(theirs, last)
    while not interrupter.run(lambda: destroy(theirs), chance.randrange(1, 30)):
        pass
    assert list_left(theirs.account) == []


def roll_back_if_earlier(live: Live, version: str) -> None:
    if version != versions.find_version(live.account, make_stack(live.account)):
        roll_back(live, version)
