"""The deployed stack that a command's options name."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pixelater_cli.aws.stack import MAX_STACK_NAME, PLAIN_REGIONS
from pixelater_cli.cli.completion import save_stack
from pixelater_cli.errors import AwsError, BadSetting

if TYPE_CHECKING:
    from pixelater_cli.aws.session import Account
    from pixelater_cli.aws.stack import Stack


def find_stack(
    name: str, plain_names: bool, profile: str | None, region: str | None, endpoint_url: str | None
) -> tuple[Account, Stack]:
    """Sign in, and load the settings that the stack was deployed with, if any. Raises AwsError."""
    account, stack, found = _look_up(name, plain_names, profile, region, endpoint_url)
    return account, found or stack


def require_stack(
    name: str, plain_names: bool, profile: str | None, region: str | None, endpoint_url: str | None
) -> tuple[Account, Stack]:
    """Sign in, and load the settings of a stack that must have been deployed. Raises AwsError."""
    account, _stack, found = _look_up(name, plain_names, profile, region, endpoint_url)
    if found is None:
        hint = f"Deploy it: pixelater deploy --stack {name}"
        raise AwsError(f"the stack {name} is not deployed in {account.region}", hint)
    return account, found


def _look_up(
    name: str, plain_names: bool, profile: str | None, region: str | None, endpoint_url: str | None
) -> tuple[Account, Stack, Stack | None]:
    """Return the account, the stack without settings, and with those that are recorded."""
    from pixelater_cli.aws.operations.stack_settings import find_settings
    from pixelater_cli.aws.session import connect
    from pixelater_cli.aws.stack import Stack

    check_name(Stack("", "", name=name))
    account = connect(profile, region, endpoint_url, time.sleep)
    stack = Stack.for_account(account, plain_names=plain_names, name=name)
    recorded = find_settings(account, stack)
    save_stack(name)
    return account, stack, None if recorded is None else recorded.current


def check_name(stack: Stack) -> None:
    """Raise BadSetting for a name that cannot be part of bucket names, in this region."""
    if stack.regional_names and stack.region in PLAIN_REGIONS:
        problem = f"S3 in {stack.region} has no names with account and region"
        raise BadSetting("region", problem, "Use --plain-names.")
    if not stack.has_valid_name:
        most = stack.max_name_length
        place, more = "", ""
        if most < MAX_STACK_NAME:
            place = f" in {stack.region}"
            more = f" With --plain-names, {MAX_STACK_NAME} fit."
        raise BadSetting(
            "stack",
            f"{stack.name!r} cannot be part of a bucket's name{place}",
            f"Use at most {most} lower-case letters, digits and single hyphens, a letter first."
            f"{more}",
        )
