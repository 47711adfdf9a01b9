"""Owns `pixelater backfill`: bring photos that were there before up to date."""

from __future__ import annotations

import json as json_module
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pixelater_cli import output
from pixelater_cli.commands import options
from pixelater_cli.commands.stacks import find_stack
from pixelater_cli.errors import AwsError, BadSetting, Interrupted, UsageError

if TYPE_CHECKING:
    from pixelater_cli.aws.backfill import Finding, Tally
    from pixelater_cli.aws.mosaics import Entry
    from pixelater_cli.aws.session import Account
    from pixelater_cli.aws.stack import Stack
    from pixelater_cli.results.backfill import BatchJobResult

WHICH = "Which photos"


def backfill(
    prefix: Annotated[
        str,
        typer.Option(
            help="Only photos whose keys begin so.", metavar="TEXT", rich_help_panel=WHICH
        ),
    ] = "",
    start_after: Annotated[
        str,
        typer.Option(
            help="Go on after this key of the bucket.",
            metavar="KEY",
            rich_help_panel=WHICH,
        ),
    ] = "",
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Show what would be sent, and send nothing.",
            rich_help_panel=options.COURSE,
        ),
    ] = False,
    rate: Annotated[
        float,
        typer.Option(
            help="Photos a second.", min=0.01, metavar="N", rich_help_panel=options.COURSE
        ),
    ] = 10,
    via: Annotated[
        Literal["invoke", "s3-batch"],
        typer.Option(
            help="invoke, or s3-batch for billions of photos.",
            metavar="NAME",
            rich_help_panel=options.COURSE,
        ),
    ] = "invoke",
    role: Annotated[
        str | None,
        typer.Option(
            help="Of s3-batch: the role of its job.",
            metavar="ARN",
            rich_help_panel=options.COURSE,
        ),
    ] = None,
    stack: options.StackName = "pixelater",
    plain_names: options.PlainNames = False,
    profile: options.Profile = None,
    region: options.Region = None,
    endpoint_url: options.EndpointUrl = None,
    json: options.Json = False,
) -> None:
    """Make mosaics of photos that were in the bucket before.

    Photos whose mosaics are missing, or older than they are, are found by listing both buckets,
    and the function is invoked for each. Interrupted, it says how to go on; run again, it does
    only what is still missing. With --via s3-batch, an S3 Batch Operations job does it within
    AWS: see docs/OPERATIONS.md.

    \b
    Examples:
      pixelater backfill --dry-run
      pixelater backfill --prefix 2025/ --rate 50
      pixelater backfill --via s3-batch --dry-run

    \b
    Exit codes:
      0    all is sent, or nothing lacked
      1    AWS refused something
      2    the command line is wrong
      130  Ctrl-C ended it
    """  # noqa: D301 - \b, alone on a line, is for Typer: the paragraph is not wrapped
    from pixelater_cli.aws.backfill import Tally, narrow
    from pixelater_cli.results.backfill import BackfillResult

    options.check_key_part("prefix", prefix)
    account, found = find_stack(stack, plain_names, profile, region, endpoint_url)
    within = narrow(found, prefix)
    if within is None:
        raise BadSetting(
            "prefix", f"this stack takes keys that begin with {found.prefix!r}, not {prefix!r}"
        )
    if via == "s3-batch":
        output.show(_create_job(account, found, within, role, dry_run), json)
        return
    started = time.monotonic()
    tally = Tally(last_key=start_after)
    with _telling_where_it_stopped(tally):
        lacking = _work_off(account, found, within, tally, None if dry_run else rate)
        if dry_run and not json:
            output.stream(f"{one.photo.key}  {one.lack}" for one in lacking)
        else:
            with output.status("looking for photos without mosaics"):
                deque(lacking, maxlen=0)
    seconds = round(time.monotonic() - started, 3)
    result = BackfillResult(
        found.name,
        found.source_bucket,
        not dry_run,
        tally.looked_at,
        tally.lacking,
        tally.last_key,
        seconds,
    )
    output.show(result, json)


def _work_off(
    account: Account, stack: Stack, prefix: str, tally: Tally, rate: float | None
) -> Iterator[Finding]:
    """Look through the bucket from the tally's last key on, and send what lacks mosaics."""
    from pixelater_cli.aws.backfill import look_through, make_event, pace, work_off
    from pixelater_cli.aws.listings import list_entries, look_into
    from pixelater_cli.aws.refusals import explained
    from pixelater_cli.aws.uploads import read_metadata

    s3, functions = account.clients["s3"], account.clients["lambda"]
    photos = list_entries(s3, stack.source_bucket, stack.account, prefix, tally.last_key)
    mosaics = look_into(s3, stack.destination_bucket, stack.account)
    siblings = look_into(s3, stack.source_bucket, stack.account)
    metadata = partial(read_metadata, account, stack)
    findings = look_through(stack, photos, mosaics.find, siblings.find, metadata)

    def send(photo: Entry) -> None:
        functions.invoke(
            FunctionName=stack.alias_arn,
            InvocationType="Event",
            Payload=json_module.dumps(make_event(stack, photo)),
        )

    with explained("bring photos up to date"):
        if rate is None:
            yield from work_off(findings, lambda _photo: None, lambda: None, tally)
        else:
            yield from work_off(findings, send, pace(rate, time.sleep, time.monotonic), tally)


@contextmanager
def _telling_where_it_stopped(tally: Tally) -> Iterator[None]:
    import shlex

    how = "Run it again: it does only what is missing."
    try:
        yield
    except BaseException as error:
        if tally.last_key:
            how = f"To go on: pixelater backfill --start-after {shlex.quote(tally.last_key)}"
        if isinstance(error, KeyboardInterrupt):
            raise Interrupted(how[0].lower() + how[1:]) from None
        output.tell(f"Stopped. {how}")
        raise


def _create_job(
    account: Account, stack: Stack, prefix: str, role: str | None, dry_run: bool
) -> BatchJobResult:
    """Create an S3 Batch Operations job, or only describe it and the role it needs."""
    from uuid import uuid4

    from pixelater_cli.aws.backfill import describe_job, describe_job_role
    from pixelater_cli.aws.refusals import explained
    from pixelater_cli.results.backfill import BatchJobResult

    if role is None and not dry_run:
        raise UsageError(
            "--via s3-batch needs --role",
            "See the role and the job it is for: pixelater backfill --via s3-batch --dry-run",
        )
    if account.emulated and not dry_run:
        raise AwsError(
            "no emulator runs S3 Batch Operations", "Leave out --via, or --endpoint-url."
        )
    shown = role or f"arn:{stack.partition}:iam::{stack.account}:role/{stack.name}-backfill"
    request = describe_job(stack, shown, prefix, uuid4().hex)
    job_id = None
    if not dry_run:
        with explained("create the S3 Batch Operations job"):
            job_id = account.clients["s3control"].create_job(**request)["JobId"]
    return BatchJobResult(stack.name, job_id, request, describe_job_role(stack))
