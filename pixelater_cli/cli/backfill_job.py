"""The S3 Batch Operations job of `pixelater backfill`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pixelater_cli.errors import AwsError

if TYPE_CHECKING:
    from pixelater_cli.aws.session import Account
    from pixelater_cli.aws.stack import Stack
    from pixelater_cli.results.backfill import BatchJobResult


def create_job(
    account: Account, stack: Stack, prefix: str, role: str | None, plan: bool
) -> BatchJobResult:
    """Create an S3 Batch Operations job; with `plan`, only describe it and its role."""
    from uuid import uuid4

    from pixelater_cli.aws.errors import translate_errors
    from pixelater_cli.aws.operations.backfill import make_job_request, make_job_role
    from pixelater_cli.results.backfill import BatchJobResult

    if account.emulated and not plan:
        raise AwsError("emulators do not have S3 Batch Operations", "Omit --via or --endpoint-url.")
    shown = role or f"arn:{stack.partition}:iam::{stack.account}:role/{stack.name}-backfill"
    request = make_job_request(stack, shown, prefix, uuid4().hex)
    job_id = None
    if not plan:
        with translate_errors("create the S3 Batch Operations job"):
            job_id = account.clients["s3control"].create_job(**request)["JobId"]
    return BatchJobResult(stack.name, job_id, request, make_job_role(stack))
