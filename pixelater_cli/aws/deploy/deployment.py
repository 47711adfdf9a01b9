"""Deployment of a stack: prepare it, apply its plan, verify that it works."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from pixelater_cli.aws.deploy.adoption import adopt
from pixelater_cli.aws.deploy.executor import (
    CurrentState,
    apply,
    await_state,
    find_stored,
    read_state,
)
from pixelater_cli.aws.deploy.smoke_test import WAIT_SECONDS, run_smoke_test
from pixelater_cli.aws.deploy.transition import Transition, make_transition
from pixelater_cli.aws.operations import health, stack_secret, stack_settings, versions
from pixelater_cli.aws.package.builder import Contents, pack
from pixelater_cli.aws.resources.function import function_configuration
from pixelater_cli.aws.resources.notification import find_overlapping
from pixelater_cli.aws.resources.property import EXISTS, ApiCall
from pixelater_cli.aws.retries import Now, Sleep
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_cli.aws.stack_looks import check_rules, check_size
from pixelater_cli.errors import AwsError, on_interrupt

UNFINISHED = "what is done stays; the next deploy continues"
UNTESTED = "everything is deployed, but not tested: push a photo with pixelater push --wait"

UNRESTORED = (
    "the smoke test failed, and the former version may not be active yet: run pixelater rollback"
)


@dataclass(frozen=True)
class Deployment:
    """A stack to deploy: its properties, their current state, and the plan.

    `steps` end with the move of the alias and of the notification, which the smoke test proves;
    `last_steps` take away what only the version that ran before needs. `version` is that version,
    `live` its settings.
    """

    account: Account
    stack: Stack
    transition: Transition
    state: CurrentState
    steps: tuple[ApiCall, ...]
    last_steps: tuple[ApiCall, ...] = ()
    version: str | None = None
    live: Stack | None = None

    @property
    def all_steps(self) -> tuple[ApiCall, ...]:
        return (*self.steps, *self.last_steps)


def prepare(account: Account, stack: Stack, contents: Contents, sleep: Sleep) -> Deployment:
    """Read the current state and make a plan, changing nothing. Raises AwsError and BadSetting."""
    recorded = stack_settings.find_settings(account, stack)
    stack = stack_secret.ensure_secret(account, stack, sleep)
    recorded = recorded and replace(recorded, base=stack)
    former = None if recorded is None else recorded.current
    version = versions.find_version(account, stack)
    live = recorded.find(version) if recorded and version else None
    stack = adopt(account, stack, sleep, *filter(None, (former, live)))
    check_rules(stack)
    check_size(stack, function_configuration(stack)["Environment"]["Variables"])
    package = find_stored(account, stack, contents.digest, sleep) or pack(contents)
    sources = () if former is None else (former.source_bucket, *former.former_sources)
    transition = make_transition(stack, package, live, sources)
    state = read_state(account, transition.after, sleep)
    if recorded:
        stays = not transition.moves(state.found)
        history = recorded.leave(version, version if stays else None)
        transition = make_transition(stack, package, live, sources, history)
    for bucket in stack.adopted_buckets:
        if state.found[(f"bucket {bucket}", EXISTS)] is None:
            raise AwsError(f"the bucket {bucket} does not exist", "Create it, or name another.")
    notifications = state.found[(f"trigger of {stack.source_bucket}", EXISTS)]
    if rival := next(find_overlapping(stack, notifications), None):
        events, event = "uploads", "upload"
        if stack.mirror_deletes:
            events, event = "uploads or deletes", "upload or delete"
        raise AwsError(
            f"another notification of {stack.source_bucket} takes the same {events}: {rival}",
            f"S3 notifies one receiver of each {event}: set --prefix or --suffix so that they do "
            "not overlap.",
        )
    steps, last_steps = transition.plan(state.found), transition.plan_end(state.found)
    return Deployment(account, stack, transition, state, steps, last_steps, version, live)


def deploy(account: Account, stack: Stack, contents: Contents, sleep: Sleep) -> Deployment:
    """Prepare and apply a deployment, without a check or a smoke test. Raises AwsError."""
    deployment = prepare(account, stack, contents, sleep)
    apply(account, deployment.all_steps, deployment.state.outputs, lambda _step: None, sleep)
    return deployment


def apply_plan(
    deployment: Deployment, done: Callable[[ApiCall], None], sleep: Sleep, now: Now
) -> tuple[str, ...]:
    """Apply the plan, calling `done` after each step, and read the result until it is as wanted.

    Return what is still read as before after two minutes: AWS may only be slow, so the smoke test
    decides. Raises AwsError.
    """
    account, transition = deployment.account, deployment.transition
    with on_interrupt(UNFINISHED):
        apply(account, deployment.steps, deployment.state.outputs, done, sleep)
    with on_interrupt(UNTESTED):
        state = read_state(account, transition.during, sleep)
        state = await_state(account, transition.during, state, sleep, now)
    return tuple(step.title for step in transition.plan(state.found))


def finish(deployment: Deployment, done: Callable[[ApiCall], None], sleep: Sleep) -> None:
    """Take away what only the version that ran before needs. Raises AwsError."""
    account = deployment.account
    with on_interrupt(UNFINISHED):
        apply(account, deployment.last_steps, deployment.state.outputs, done, sleep)
        versions.note_success(account, deployment.stack, sleep)


def verify(
    deployment: Deployment, sleep: Sleep, now: Now, timeout_seconds: float = WAIT_SECONDS
) -> float | None:
    """Run the smoke test and return the seconds it took; None if no event may run.

    If it fails, the version that ran before runs again with its settings. Raises AwsError.
    """
    account, stack = deployment.account, deployment.stack
    if stack.concurrency == 0:
        return None
    started = time.time()
    with on_interrupt(UNTESTED):
        test = run_smoke_test(
            account,
            stack,
            timeout_seconds,
            sleep,
            now,
            lambda: _is_broken(account, stack),
        )
    if not test.missing:
        return test.seconds
    own, answer = _find_cause(account, stack, started)
    what = (
        f"{len(test.missing)} mosaics of the test image did not appear within {test.seconds:.0f} s"
    )
    hint = _explain(own, answer)
    try:
        with on_interrupt(UNRESTORED):
            outcome = restore(deployment, sleep)
    except AwsError as error:
        before = deployment.version
        raise AwsError(
            f"the smoke test failed: {what}; returning to version {before} failed, too: {error}",
            f"{hint} {error.hint} Then make sure that version {before} is active: pixelater "
            f"rollback --to {before} --stack {stack.name}",
        ) from error
    raise AwsError(f"the smoke test failed, {outcome}: {what}", hint)


def restore(deployment: Deployment, sleep: Sleep) -> str:
    """Return to the version that ran before, and to its settings; say what is active.

    Raises AwsError.
    """
    account, stack = deployment.account, deployment.stack
    before = deployment.version
    now = None if before is None else versions.find_version(account, stack)
    if before is None or now is None:
        return "the new version is still active"
    live = deployment.live or stack
    active = versions.restore(account, stack, live, (now, before), sleep, failed=True)
    if now == before:
        return "the former settings are active again"
    again = "" if active == before else f", as version {active}"
    return f"version {before} is active again{again}"


def _is_broken(account: Account, stack: Stack) -> bool:
    try:
        return health.is_broken(account, stack)
    except AwsError:  # The answer was lost; the mosaics, or the next look, will tell.
        return False


def _find_cause(account: Account, stack: Stack, since: float) -> tuple[list[str], str]:
    """Find the errors in the function's log, or else its answer; nothing keeps from going back."""
    try:
        errors = health.read_errors(account, stack, since)
        own = [line for line in errors if '"platform.' not in line]  # Lambda's report says less.
        answer = "" if own or not account.emulated else health.invoke_test_event(account, stack)
    except AwsError as error:
        return [], str(error)
    return own, answer


def _explain(errors: list[str], answer: str) -> str:
    """Return a hint with the last error of the log, or with the function's answer."""
    if errors:
        return f"The function's log says: {errors[-1]}"
    if answer:
        return f"The log has no error, but when invoked directly, the function returns: {answer}"
    return (
        "The function's log has no error: perhaps no event reached it. `pixelater status` shows "
        "the stack; on a server that runs no functions, deploy with --no-smoke-test."
    )
