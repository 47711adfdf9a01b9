"""The settings that a stack was deployed with."""

from __future__ import annotations

import json
from dataclasses import fields, replace

from botocore.exceptions import ClientError

from pixelater_cli.aws.errors import read_error, translate_errors
from pixelater_cli.aws.resources.code import settings_object
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack


def load_settings(account: Account, stack: Stack) -> Stack:
    """Return the stack with the settings it was deployed with, if any. Raises AwsError."""
    with translate_errors():
        try:
            answer = account.clients["s3"].get_object(**settings_object(stack))
        except ClientError as error:
            if read_error(error)[0] not in ("NoSuchBucket", "NoSuchKey"):
                raise
            return stack
        stored = json.loads(answer["Body"].read())
    known = {field.name for field in fields(Stack)}
    settings = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in stored.items()
        if name in known
    }
    return replace(stack, **{"grids": ()} | settings)
