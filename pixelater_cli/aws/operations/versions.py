"""Published versions of the function, and the alias that points to one of them."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from pixelater_cli.aws.errors import missing_resource_error, read_error, translate_errors
from pixelater_cli.aws.resources.alias import invocation_settings
from pixelater_cli.aws.resources.function import NO_FUNCTION
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
    return current, None if current is None else _list_versions(account, stack)[-1]


def roll_back(account: Account, stack: Stack, to: str | None = None) -> tuple[str, str]:
    """Move the alias to a version, or to the previous one; return former and new version.

    Raises AwsError.
    """
    current = require_version(account, stack)
    others = [version for version in _list_versions(account, stack) if version != current]
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
    if wanted not in others:
        raise AwsError(
            f"{stack.function} has no version {to}",
            f"Choose one of {', '.join(sorted(others, key=int))}, or omit --to.",
        )
    functions = account.clients["lambda"]
    with translate_errors(f"move {ALIAS} to version {wanted}"):
        if stack.traits.settings_by_version:  # It may have been published before they were set.
            functions.put_function_event_invoke_config(
                FunctionName=stack.function, Qualifier=wanted, **invocation_settings(stack)
            )
        functions.update_alias(FunctionName=stack.function, Name=ALIAS, FunctionVersion=wanted)
    return current, str(wanted)


def _list_versions(account: Account, stack: Stack) -> list[str]:
    paginator: Any = account.clients["lambda"].get_paginator("list_versions_by_function")
    with translate_errors():
        pages = paginator.paginate(FunctionName=stack.function)
        versions = [entry["Version"] for page in pages for entry in page["Versions"]]
    return sorted((version for version in versions if version != "$LATEST"), key=int)
