"""Published versions of the function, and the alias that picks one."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from pixelater_cli.aws.errors import missing_resource_error, translate_errors
from pixelater_cli.aws.resources.alias import invocation_settings
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import ALIAS, Stack
from pixelater_cli.errors import AwsError


def find_version(account: Account, stack: Stack) -> str | None:
    """Find the version that the alias stands for."""
    with translate_errors():
        try:
            answer = account.clients["lambda"].get_alias(FunctionName=stack.function, Name=ALIAS)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return None
    version: str = answer["FunctionVersion"]
    return version


def require_version(account: Account, stack: Stack) -> str:
    """Give the version that the alias stands for. Raises AwsError if nothing is deployed."""
    current = find_version(account, stack)
    if current is None:
        raise missing_resource_error(stack.function, stack.name)
    return current


def find_versions(account: Account, stack: Stack) -> tuple[str | None, str | None]:
    """Find the version that the alias stands for, and the one that was published last."""
    current = find_version(account, stack)
    return current, None if current is None else _list_versions(account, stack)[-1]


def roll_back(account: Account, stack: Stack, to: str | None = None) -> tuple[str, str]:
    """Move the alias to the version before, or to one by its number; give both. Raises AwsError."""
    current = require_version(account, stack)
    earlier = [one for one in _list_versions(account, stack) if one != current]
    before = [one for one in earlier if int(one) < int(current)]
    wanted = to or (before[-1] if before else None)
    if wanted == current:
        raise AwsError(f"version {current} runs already", "Name another, or none: the one before.")
    if wanted not in earlier:
        raise AwsError(
            f"{stack.function} has no version {to}" if to else f"version {current} is the first",
            f"There are: {', '.join(sorted([*earlier, current], key=int))}.",
        )
    functions = account.clients["lambda"]
    with translate_errors(f"move {ALIAS} to version {wanted}"):
        if stack.traits.settings_by_version:  # Perhaps it was published before they were set.
            functions.put_function_event_invoke_config(
                FunctionName=stack.function, Qualifier=wanted, **invocation_settings(stack)
            )
        functions.update_alias(FunctionName=stack.function, Name=ALIAS, FunctionVersion=wanted)
    return current, str(wanted)


def _list_versions(account: Account, stack: Stack) -> list[str]:
    pages: Any = account.clients["lambda"].get_paginator("list_versions_by_function")
    with translate_errors():
        versions = [
            one["Version"]
            for page in pages.paginate(FunctionName=stack.function)
            for one in page["Versions"]
        ]
    return sorted((one for one in versions if one != "$LATEST"), key=int)
