"""`pixelater backfill`: create missing mosaics of photos in the bucket."""

from __future__ import annotations

import json as json_module
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pixelater_cli import console, progress
from pixelater_cli.cli import options
from pixelater_cli.cli.backfill_job import create_job
from pixelater_cli.cli.backfill_selection import check_role, check_secret, check_selection
from pixelater_cli.cli.hints import repeat_options
from pixelater_cli.cli.stack_lookup import require_stack
from pixelater_cli.errors import BadSetting, Interrupted

if TYPE_CHECKING:
    from pixelater_cli.aws.operations.backfill import Finding, Tally
    from pixelater_cli.aws.operations.mosaics import S3Object
    from pixelater_cli.aws.session import Account
    from pixelater_cli.aws.stack import Stack

WHICH = "Selection"


def backfill(
    context: typer.Context,
    prefix: Annotated[
        str,
        typer.Option(
            help="Process only keys with this prefix.", metavar="TEXT", rich_help_panel=WHICH
        ),
    ] = "",
    start_after: Annotated[
        str, typer.Option(help="Start after this key.", metavar="KEY", rich_help_panel=WHICH)
    ] = "",
    every: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Process photos with up-to-date mosaics, too: after a change of the look.",
            rich_help_panel=WHICH,
        ),
    ] = False,
    refresh_metadata: Annotated[
        bool,
        typer.Option(
            "--refresh-metadata",
            help="Renew metadata that tell key and ETag of the photos, and nothing else.",
            rich_help_panel=WHICH,
        ),
    ] = False,
    take_over: Annotated[
        str | None,
        typer.Option(
            help="Replace the mosaics of another stack: those with this secret in their metadata.",
            metavar="SECRET",
            rich_help_panel=WHICH,
        ),
    ] = None,
    plan: options.Plan = False,
    rate: Annotated[
        float,
        typer.Option(
            help="Photos per second.", min=0.01, metavar="N", rich_help_panel=options.COURSE
        ),
    ] = 10,
    via: Annotated[
        Literal["invoke", "s3-batch"],
        typer.Option(
            help="invoke, or s3-batch for very large buckets.",
            metavar="NAME",
            rich_help_panel=options.COURSE,
        ),
    ] = "invoke",
    role: Annotated[
        str | None,
        typer.Option(
            help="IAM role for the S3 Batch Operations job.",
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
    """Create mosaics of photos that were already in the bucket.

    Lists both buckets and invokes the function for each photo whose mosaics are missing or older
    than the photo. If interrupted, run it again; it processes only what is missing. After a change
    of the look, --all replaces mosaics that other settings made. Videos are left out. With --via
    s3-batch, an S3 Batch Operations job does the work in AWS.

    With --refresh-metadata, each mosaic whose metadata are in clear is copied in place with keyed
    metadata; the function is not invoked. With --take-over, the function replaces mosaics that it
    would refuse to: those of a stack that no longer exists. `pixelater status` counts both.

    \b
    Examples:
      pixelater backfill --plan
      pixelater backfill --prefix 2025/ --rate 50
      pixelater backfill --all
      pixelater backfill --refresh-metadata
      pixelater backfill --via s3-batch --plan

    \b
    Exit codes:
      0    all photos are sent, or no mosaics are missing
      1    AWS refused a request, or no mosaic has the secret of --take-over
      2    wrong command line
      3    photos would be sent, or a job created (--plan)
      130  interrupted by Ctrl-C
    """  # noqa: D301 - \b, alone on a line, is for Typer: the paragraph is not wrapped
    from pixelater_cli.aws.operations.backfill import Tally, join_prefixes
    from pixelater_cli.aws.operations.metadata_survey import MetadataSurvey, survey_metadata
    from pixelater_cli.aws.operations.stack_secret import add_secret
    from pixelater_cli.results.backfill import BackfillResult, RefreshResult

    options.check_key_part("prefix", prefix)
    if "*" in prefix:
        console.note("warning: --prefix: S3 takes the * literally, not as a wildcard")
    check_role(via, role, plan)
    check_selection(every, refresh_metadata, take_over, via)
    take_over = take_over or ""
    account, found = require_stack(stack, plain_names, profile, region, endpoint_url)
    within = join_prefixes(found, prefix)
    if within is None:
        raise BadSetting(
            "prefix", f"the stack processes keys that begin with {found.prefix!r}, not {prefix!r}"
        )
    if via == "s3-batch":
        job = create_job(account, found, within, role, plan)
        console.show(job, json)
        raise typer.Exit(job.exit_code)
    found = add_secret(account, found, time.sleep)
    check_secret(found, refresh_metadata, take_over)
    started = time.monotonic()
    tally = Tally(last_key=start_after)
    if refresh_metadata:
        with _report_last_key(tally, prefix, context):
            refreshed = _refresh(account, found, within, tally, None if plan else rate, json)
        seconds = round(time.monotonic() - started, 3)
        renewal = RefreshResult(
            found.name,
            found.destination_bucket,
            not plan,
            tally.checked,
            tally.lacking,
            refreshed,
            tally.last_key,
            seconds,
        )
        console.show(renewal, json)
        raise typer.Exit(renewal.exit_code)
    with _report_last_key(tally, prefix, context):
        lacking = _work_off(account, found, within, tally, None if plan else rate, every, take_over)
        if plan and not json:
            console.stream(map(str, lacking))
        else:
            with progress.spinner("searching for photos without mosaics"):
                deque(lacking, maxlen=0)
    searched = take_over and not tally.lacking
    survey = survey_metadata(account, found) if searched else MetadataSurvey()
    seconds = round(time.monotonic() - started, 3)
    result = BackfillResult(
        found.name,
        found.source_bucket,
        not plan,
        tally.checked,
        tally.lacking,
        tally.last_key,
        seconds,
        tally.videos,
        dict(tally.refusals),
        take_over,
        dict(survey.unknown),
        dict(survey.leftover),
    )
    console.show(result, json)
    raise typer.Exit(result.exit_code)


def _work_off(
    account: Account,
    stack: Stack,
    prefix: str,
    tally: Tally,
    rate: float | None,
    every: bool,
    take_over: str,
) -> Iterator[Finding]:
    """Check the bucket after the tally's last key, and send photos whose mosaics are missing."""
    from pixelater_cli.aws.errors import translate_errors
    from pixelater_cli.aws.operations.backfill import check_photos, pace, send_lacking
    from pixelater_cli.aws.operations.object_index import list_objects, open_index
    from pixelater_cli.aws.operations.uploads import read_metadata

    s3 = account.clients["s3"]
    photos = list_objects(s3, stack.source_bucket, stack.account, prefix, tally.last_key)
    mosaics = open_index(s3, stack.destination_bucket, stack.account)
    siblings = open_index(s3, stack.source_bucket, stack.account)
    metadata = partial(read_metadata, account, stack)
    findings = check_photos(stack, photos, mosaics.find, siblings.find, metadata, every, take_over)

    with translate_errors("create missing mosaics"):
        if rate is None:
            yield from send_lacking(findings, lambda _photo: None, lambda: None, tally)
        else:
            send = partial(_send, account, stack, take_over=take_over)
            yield from send_lacking(findings, send, pace(rate, time.sleep, time.monotonic), tally)


def _send(account: Account, stack: Stack, photo: S3Object, take_over: str = "") -> None:
    from pixelater_cli.aws.operations.backfill import make_event

    account.clients["lambda"].invoke(
        FunctionName=stack.alias_arn,
        InvocationType="Event",
        Payload=json_module.dumps(make_event(stack, photo, take_over)),
    )


def _refresh(
    account: Account, stack: Stack, prefix: str, tally: Tally, rate: float | None, json: bool
) -> int:
    """Renew the metadata of mosaics after the tally's last key; return how many must be left."""
    from pixelater_cli.aws.errors import translate_errors
    from pixelater_cli.aws.operations.backfill import pace
    from pixelater_cli.aws.operations.metadata_refresh import refresh_metadata

    wait = None if rate is None else pace(rate, time.sleep, time.monotonic)
    send, left = partial(_send, account, stack), 0

    def renew() -> Iterator[str]:
        nonlocal left
        for each in refresh_metadata(account, stack, prefix, tally.last_key, send, wait):
            is_renewed = each.outcome in ("renewed", "changed")
            tally.checked += 1
            tally.lacking += is_renewed
            tally.last_key = each.mosaic.key
            left += each.outcome in ("stale", "busy")
            if is_renewed:
                yield each.mosaic.key

    with translate_errors("renew the metadata of mosaics"):
        if rate is None and not json:
            console.stream(renew())
        else:
            with progress.spinner("renewing the metadata of mosaics"):
                deque(renew(), maxlen=0)
    return left


@contextmanager
def _report_last_key(tally: Tally, prefix: str, context: typer.Context) -> Iterator[None]:
    """Report the command that continues after the last key, if this one does not finish."""
    import shlex

    how = "Run it again; it processes only what is missing."
    try:
        yield
    except BaseException as error:
        if tally.last_key:
            options = ["--prefix", prefix] if prefix else []
            params = context.params
            options += ["--all"] if params["every"] else []
            options += ["--refresh-metadata"] if params["refresh_metadata"] else []
            options += ["--take-over", params["take_over"]] if params["take_over"] else []
            command = shlex.join(
                ["pixelater", "backfill", *options, "--start-after", tally.last_key]
            )
            how = repeat_options(f"To continue: {command}", context)
        if isinstance(error, KeyboardInterrupt):
            raise Interrupted(how[0].lower() + how[1:]) from None
        if tally.checked:
            console.note(f"Stopped. {how}")
        raise
