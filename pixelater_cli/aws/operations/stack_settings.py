"""The settings that a stack was deployed with."""

from __future__ import annotations

import json
from dataclasses import fields, replace

from botocore.exceptions import ClientError

from pixelater_cli.aws.errors import translate_errors
from pixelater_cli.aws.resources.code import settings_object
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack


def load_settings(account: Account, stack: Stack) -> Stack:
    """Give a stack the settings it was deployed with, if they are noted. Raises AwsError."""
    with translate_errors():
        try:
            answer = account.clients["s3"].get_object(**settings_object(stack))
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("NoSuchBucket", "NoSuchKey"):
                raise
            return stack
        noted = json.loads(answer["Body"].read())
    known = {field.name for field in fields(Stack)}
    settings = {name: value for name, value in noted.items() if name in known}
    return replace(stack, **settings | {"grids": tuple(settings.get("grids", ()))})
