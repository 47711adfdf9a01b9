"""Owns a deployment from the first look to the proof that it works; `account` does the calls."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from pixelater_cli.aws.deploy.executor import CurrentState, apply, find_stored, read_state
from pixelater_cli.aws.deploy.plan import make_plan
from pixelater_cli.aws.deploy.smoke_test import WAIT_SECONDS, run_smoke_test
from pixelater_cli.aws.operations import health, stack_settings, versions
from pixelater_cli.aws.package.builder import Contents, pack
from pixelater_cli.aws.resources.catalog import list_properties
from pixelater_cli.aws.resources.notification import find_rivals
from pixelater_cli.aws.resources.property import EXISTS, ApiCall, ResourceProperty
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_cli.errors import AwsError, on_interrupt

UNFINISHED_DEPLOYMENT = "what is done stays; the next deploy finishes the job"
UNPROVEN = "all is deployed, but not tested: try a photo with pixelater push --wait"


@dataclass(frozen=True)
class Deployment:
    """A stack to deploy: what it decides, what was found, and the steps from one to the other."""

    account: Account
    stack: Stack
    facts: tuple[ResourceProperty, ...]
    snapshot: CurrentState
    steps: tuple[ApiCall, ...]


def prepare(account: Account, stack: Stack, contents: Contents) -> Deployment:
    """Look, and plan. Nothing is changed. Raises AwsError."""
    former = stack_settings.load_settings(account, stack)
    package = find_stored(account, stack, contents.digest) or pack(contents)
    facts = list_properties(stack, package, former.source_bucket)
    snapshot = read_state(account, facts)
    for bucket in stack.adopted_buckets:
        if snapshot.found[(f"bucket {bucket}", EXISTS)] is None:
            raise AwsError(f"there is no bucket {bucket}", "Create it, or name another.")
    rivals = find_rivals(stack, snapshot.found[(f"trigger of {stack.source_bucket}", EXISTS)])
    if rival := next(rivals, None):
        claimed, each = "uploads", "upload"
        if stack.mirror_deletes:
            claimed, each = "uploads or deletes", "upload or delete"
        raise AwsError(
            f"another notification of {stack.source_bucket} takes the same {claimed}: {rival}",
            f"S3 tells one receiver of each {each}: set --prefix or --suffix apart from its own.",
        )
    return Deployment(account, stack, facts, snapshot, make_plan(facts, snapshot.found))


def apply_plan(deployment: Deployment, done: Callable[[ApiCall], None]) -> None:
    """Apply the plan, telling `done` of each step, and look whether all is so. Raises AwsError."""
    account, facts = deployment.account, deployment.facts
    with on_interrupt(UNFINISHED_DEPLOYMENT):
        apply(account, deployment.steps, deployment.snapshot.outputs, done, time.sleep)
    with on_interrupt(UNPROVEN):
        left = make_plan(facts, read_state(account, facts).found)
    if left:
        raise AwsError(
            "this did not stay as it was set: " + "; ".join(step.title for step in left),
            "Somebody else may be changing the same things. Run the command again.",
        )


def verify(
    deployment: Deployment, version: str | None, patience: float = WAIT_SECONDS
) -> float | None:
    """Send a picture through the stack and give the seconds it took; None if no event may run.

    If its mosaics do not appear within `patience` seconds, `version`, which ran before, runs again.
    Raises AwsError.
    """
    account, stack = deployment.account, deployment.stack
    if stack.concurrency == 0:
        return None
    started = time.time()
    with on_interrupt(UNPROVEN):
        test = run_smoke_test(account, stack, patience, time.sleep, time.monotonic)
    if not test.missing:
        return test.seconds
    lines = health.read_errors(account, stack, started)
    own = [line for line in lines if '"platform.' not in line]  # Lambda's report says less.
    answer = "" if own or not account.emulated else health.invoke_test_event(account, stack)
    outcome = "the function stays as it was just deployed"
    if version is not None and versions.find_version(account, stack) != version:
        versions.roll_back(account, stack, version)
        outcome = f"version {version} runs again"
    raise AwsError(
        f"the smoke test failed, {outcome}: {len(test.missing)} mosaics of a tiny picture did not "
        f"appear within {test.seconds:.0f} s",
        _explain(own, answer),
    )


def _explain(lines: list[str], answer: str) -> str:
    """Say what there is to see: the log's last line of trouble, or what the function answered."""
    if lines:
        return f"The function's log says: {lines[-1]}"
    if answer:
        return f"Its log has no error, but when it is asked directly, this comes: {answer}"
    return _EXPLANATION


_EXPLANATION = (
    "The function's log has no error: perhaps no event reached it. `pixelater status` shows the "
    "stack; where no functions run, deploy with --no-smoke-test."
)
