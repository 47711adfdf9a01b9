"""Removal of old versions of the function, and of zips that no deployment needs any more."""

from __future__ import annotations

from pixelater_cli.aws.errors import translate_errors
from pixelater_cli.aws.operations.versions import find_version, list_versions, list_zips
from pixelater_cli.aws.package.package import Package
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack

KEPT = 10
"""How many of the newest versions, and of the newest zips, are kept. A published version has a copy
of its code, so that `rollback` needs no zip; a zip that is deleted can be restored for 30 days."""


def prune(account: Account, stack: Stack, digest: str) -> None:
    """Delete all but the newest versions and zips, and what is active. Raises AwsError.

    `digest` is that of the zip which was deployed last, which may have been uploaded long ago.

    AWS stores 75 GB of code for an account
    (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
    """
    active = find_version(account, stack)
    functions, s3 = account.clients["lambda"], account.clients["s3"]
    with translate_errors("delete old versions of the function"):
        for version in list_versions(account, stack)[:-KEPT]:
            if version != active:
                functions.delete_function(FunctionName=stack.function, Qualifier=version)
    with translate_errors("delete old zips"):
        for key in list_zips(account, stack)[:-KEPT]:
            if key != Package(digest, "", b"").name_key(stack):
                s3.delete_object(**stack.owned(stack.code_bucket), Key=key)
