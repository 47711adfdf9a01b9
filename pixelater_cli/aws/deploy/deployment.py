"""Deployment of a stack: prepare it, apply its plan, verify that it works."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from pixelater_cli.aws.deploy.adoption import adopt
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

UNFINISHED = "what is done stays; the next deploy continues"
UNTESTED = "everything is deployed, but not tested: push a photo with pixelater push --wait"


@dataclass(frozen=True)
class Deployment:
    """A stack to deploy: its properties, their current state, and the plan."""

    account: Account
    stack: Stack
    properties: tuple[ResourceProperty, ...]
    state: CurrentState
    steps: tuple[ApiCall, ...]


def prepare(account: Account, stack: Stack, contents: Contents) -> Deployment:
    """Read the current state and make a plan, changing nothing. Raises AwsError."""
    former = stack_settings.load_settings(account, stack)
    stack = adopt(account, stack, former)
    package = find_stored(account, stack, contents.digest) or pack(contents)
    properties = list_properties(stack, package, former.source_bucket)
    state = read_state(account, properties)
    for bucket in stack.adopted_buckets:
        if state.found[(f"bucket {bucket}", EXISTS)] is None:
            raise AwsError(f"the bucket {bucket} does not exist", "Create it, or name another.")
    rivals = find_rivals(stack, state.found[(f"trigger of {stack.source_bucket}", EXISTS)])
    if rival := next(rivals, None):
        events, event = "uploads", "upload"
        if stack.mirror_deletes:
            events, event = "uploads or deletes", "upload or delete"
        raise AwsError(
            f"another notification of {stack.source_bucket} takes the same {events}: {rival}",
            f"S3 notifies one receiver of each {event}: set --prefix or --suffix so that they do "
            "not overlap.",
        )
    return Deployment(account, stack, properties, state, make_plan(properties, state.found))


def deploy(account: Account, stack: Stack, contents: Contents) -> Deployment:
    """Prepare and apply a deployment, without a check or a smoke test. Raises AwsError."""
    deployment = prepare(account, stack, contents)
    apply(account, deployment.steps, deployment.state.outputs, lambda _step: None)
    return deployment


def apply_plan(deployment: Deployment, done: Callable[[ApiCall], None]) -> None:
    """Apply the plan, calling `done` after each step, and check the result. Raises AwsError."""
    account, properties = deployment.account, deployment.properties
    with on_interrupt(UNFINISHED):
        apply(account, deployment.steps, deployment.state.outputs, done)
    with on_interrupt(UNTESTED):
        left = make_plan(properties, read_state(account, properties).found)
    if left:
        raise AwsError(
            "these settings did not persist: " + "; ".join(step.title for step in left),
            "Another process may be changing them. Run the command again.",
        )


def verify(
    deployment: Deployment, version: str | None, timeout_seconds: float = WAIT_SECONDS
) -> float | None:
    """Run the smoke test and return the seconds it took; None if no event may run.

    If it fails, the alias goes back to `version`, which ran before. Raises AwsError.
    """
    account, stack = deployment.account, deployment.stack
    if stack.concurrency == 0:
        return None
    started = time.time()
    with on_interrupt(UNTESTED):
        test = run_smoke_test(account, stack, timeout_seconds)
    if not test.missing:
        return test.seconds
    errors = health.read_errors(account, stack, started)
    own = [line for line in errors if '"platform.' not in line]  # Lambda's report says less.
    answer = "" if own or not account.emulated else health.invoke_test_event(account, stack)
    outcome = "the new version is still active"
    if version is not None and versions.find_version(account, stack) != version:
        versions.roll_back(account, stack, version)
        outcome = f"version {version} is active again"
    raise AwsError(
        f"the smoke test failed, {outcome}: {len(test.missing)} mosaics of a tiny picture did not "
        f"appear within {test.seconds:.0f} s",
        _explain(own, answer),
    )


def _explain(errors: list[str], answer: str) -> str:
    """Return a hint with the last error of the log, or with the function's answer."""
    if errors:
        return f"The function's log says: {errors[-1]}"
    if answer:
        return f"The log has no error, but when invoked directly, the function answers: {answer}"
    return (
        "The function's log has no error: perhaps no event reached it. `pixelater status` shows "
        "the stack; on a server that runs no functions, deploy with --no-smoke-test."
    )
