"""Published versions of the function, and the alias that points to one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from pixelater_cli.aws.deploy.executor import apply, read_state
from pixelater_cli.aws.deploy.transition import make_restoration
from pixelater_cli.aws.errors import missing_resource_error, read_error, translate_errors
from pixelater_cli.aws.former import remember_former
from pixelater_cli.aws.operations.stack_settings import find_settings
from pixelater_cli.aws.resources.function import NO_FUNCTION
from pixelater_cli.aws.retries import Sleep
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import ALIAS, Stack
from pixelater_cli.errors import AwsError


def find_version(account: Account, stack: Stack) -> str | None:
    """Find the version that the alias points to."""
    with translate_errors():
        try:
            answer = account.clients["lambda"].get_alias(FunctionName=stack.function, Name=ALIAS)
        except ClientError as error:
            if read_error(error)[0] not in NO_FUNCTION:
                raise
            return None
    version: str = answer["FunctionVersion"]
    return version


def require_version(account: Account, stack: Stack) -> str:
    """Return the version that the alias points to. Raises AwsError if nothing is deployed."""
    current = find_version(account, stack)
    if current is None:
        raise missing_resource_error(stack.function, stack.name)
    return current


def find_versions(account: Account, stack: Stack) -> tuple[str | None, str | None]:
    """Find the version that the alias points to, and the newest one."""
    current = find_version(account, stack)
    return current, None if current is None else list_versions(account, stack)[-1]


def roll_back(account: Account, stack: Stack, to: str | None, sleep: Sleep) -> tuple[str, str]:
    """Activate a version, or the previous one, with its settings; return former and new version.

    `stack` has the settings of now. The role may do what both versions need until the alias has
    moved. Raises AwsError.
    """
    current = require_version(account, stack)
    wanted = choose_version(stack, list_versions(account, stack), current, to)
    recorded = find_settings(account, stack)
    target = stack if recorded is None else recorded.find(wanted)
    restore(account, stack, target, (current, wanted), sleep)
    return current, wanted


def restore(
    account: Account, stack: Stack, target: Stack, versions: tuple[str, str], sleep: Sleep
) -> None:
    """Go from the settings of now, and a version, to earlier settings, and theirs.

    Raises AwsError.
    """
    current, wanted = versions
    recorded = find_settings(account, stack)
    history = None if recorded is None else recorded.leave(current, wanted)
    transition = make_restoration(remember_former(target, stack), wanted, stack, history)
    state = read_state(account, transition.after, sleep)
    outputs = {**state.outputs, "Version": wanted}
    for steps in (transition.plan(state.found), transition.plan_end(state.found)):
        apply(account, steps, outputs, lambda _step: None, sleep)


def choose_version(stack: Stack, versions: Sequence[str], current: str, to: str | None) -> str:
    """Choose the version to go back to: `to`, or the one before. Raises AwsError. Pure."""
    others = [version for version in versions if version != current]
    earlier = [version for version in others if int(version) < int(current)]
    wanted = to or (earlier[-1] if earlier else None)
    if wanted == current:
        raise AwsError(
            f"version {current} is already active", "Choose another version, or omit --to."
        )
    if wanted is None:
        raise AwsError(
            f"version {current} is active, and there is no earlier version",
            "Deploy the code and settings that you want: pixelater deploy",
        )
    if wanted is None or wanted not in others:
        raise AwsError(
            f"{stack.function} has no version {to}",
            f"Choose one of {', '.join(sorted(others, key=int))}, or omit --to.",
        )
    return wanted


def list_versions(account: Account, stack: Stack) -> list[str]:
    """List the numbers of the published versions, the oldest first."""
    paginator: Any = account.clients["lambda"].get_paginator("list_versions_by_function")
    with translate_errors():
        pages = paginator.paginate(FunctionName=stack.function)
        versions = [entry["Version"] for page in pages for entry in page["Versions"]]
    return sorted((version for version in versions if version != "$LATEST"), key=int)
