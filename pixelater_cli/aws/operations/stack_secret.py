"""The secret that keys the metadata of a stack's mosaics: stored, recovered, or new."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from pixelater_cli.aws.errors import read_error, translate_errors
from pixelater_cli.aws.resources.function import NO_FUNCTION
from pixelater_cli.aws.resources.secret import NO_SECRET, read_secret, secret_object
from pixelater_cli.aws.retries import Sleep, call_patiently
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import ALIAS, Stack
from pixelater_cli.errors import AwsError
from pixelater_function.metadata_secret import VARIABLE, is_secret

BYTES = 32


def ensure_secret(account: Account, stack: Stack, sleep: Sleep) -> Stack:
    """Return the stack with its secret; if none is stored, with that it has, or a new one.

    Raises AwsError.
    """
    found = add_secret(account, stack, sleep)
    if found.secret:
        return found
    return stack if stack.secret else replace(stack, secret=secrets.token_hex(BYTES))


def add_secret(account: Account, stack: Stack, sleep: Sleep) -> Stack:
    """Return the stack with its secret; without one if nothing has it. Raises AwsError.

    A caller who may not read the secret gets the refusal: without the secret, a command would take
    mosaics for those of other uploads.
    """
    candidates = _list_candidates(account, stack, sleep)
    return replace(stack, secret=next((each for each in candidates if each), ""))


def _list_candidates(account: Account, stack: Stack, sleep: Sleep) -> Iterator[str]:
    """List the stored secret, that of the function, and that of the version which runs."""
    target = secret_object(stack)
    with translate_errors(f"read the secret s3://{target['Bucket']}/{target['Key']}"):
        answer = _find(account.clients["s3"].get_object, target, NO_SECRET, sleep)
        stored = "" if answer is None else read_secret(answer)
    if answer is not None and not is_secret(stored):
        raise AwsError(
            f"s3://{target['Bucket']}/{target['Key']} is not a secret of 64 hexadecimal digits",
            "Restore an earlier version of the object, or delete it: the next deploy stores the "
            "secret that the function has.",
        )
    yield stored
    read = account.clients["lambda"].get_function_configuration
    for qualifier in ({}, {"Qualifier": ALIAS}):
        with translate_errors(f"read the secret of {stack.function}"):
            named = {"FunctionName": stack.function, **qualifier}
            yield _pick_secret(_find(read, named, NO_FUNCTION, sleep))


def _pick_secret(configuration: Any) -> str:
    """Return the secret among the environment variables of a function; "" without a valid one."""
    variables = ((configuration or {}).get("Environment") or {}).get("Variables") or {}
    secret = str(variables.get(VARIABLE, ""))
    return secret if is_secret(secret) else ""


def _find(call: Any, parameters: dict[str, Any], absent: tuple[str, ...], sleep: Sleep) -> Any:
    """Read what may not exist; None then."""

    def is_absent(error: ClientError) -> bool:
        return read_error(error)[0] in absent

    try:
        return call_patiently(call, parameters, sleep, is_absent)
    except ClientError as error:
        if not is_absent(error):
            raise
        return None
