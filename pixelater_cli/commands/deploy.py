"""Owns `pixelater deploy`: bring a stack up to date, step by step, or show what would be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pixelater_cli import output
from pixelater_cli.commands import options
from pixelater_cli.errors import AwsError, UsageError

if TYPE_CHECKING:
    from pixelater_cli.aws.session import Account
    from pixelater_cli.aws.stack import Stack

CHANGES_PENDING = 3

LOG_DAYS: tuple[int, ...] = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
)
LOG_DAYS += (2922, 3288, 3653)
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""


def deploy(
    stack: options.StackName = "pixelater",
    source_bucket: Annotated[
        str,
        typer.Option(
            help="Use this bucket, which is there already.",
            metavar="NAME",
            envvar="PIXELATER_SOURCE_BUCKET",
        ),
    ] = "",
    destination_bucket: Annotated[
        str,
        typer.Option(
            help="Use this bucket, which is there already.",
            metavar="NAME",
            envvar="PIXELATER_DESTINATION_BUCKET",
        ),
    ] = "",
    prefix: Annotated[str, typer.Option(help="Only keys that begin so.", metavar="TEXT")] = "",
    suffix: Annotated[str, typer.Option(help="Only keys that end so.", metavar="TEXT")] = "",
    grids: Annotated[
        str | None,
        typer.Option(
            help="Cells across and down; default: the five.",
            metavar="LIST",
            envvar="PIXELATER_GRIDS",
        ),
    ] = None,
    max_pixels: Annotated[
        int | None,
        typer.Option(
            help="Refuse larger photos.", min=1, metavar="N", envvar="PIXELATER_MAX_PIXELS"
        ),
    ] = None,
    memory: Annotated[
        int, typer.Option(help="Megabytes of the function.", min=128, max=10240, metavar="N")
    ] = 1024,
    concurrency: Annotated[
        int | None,
        typer.Option(help="Reserve so many at a time.", min=0, metavar="N"),
    ] = None,
    log_days: Annotated[int, typer.Option(help="Days to keep the log.", min=1, metavar="N")] = 30,
    runtime: Annotated[
        Literal["python3.12", "python3.13", "python3.14"],
        typer.Option(help="python3.12, python3.13 or python3.14.", metavar="NAME"),
    ] = "python3.13",
    architecture: Annotated[
        Literal["arm64", "x86_64"] | None,
        typer.Option(help="arm64 or x86_64; default: arm64.", metavar="NAME"),
    ] = None,
    plain_names: options.PlainNames = False,
    profile: options.Profile = None,
    region: options.Region = None,
    endpoint_url: options.EndpointUrl = None,
    plan: options.Plan = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Create the AWS pipeline, or bring it up to date.

    Three buckets, a role, a log, a queue for failures, the function, and the trigger that runs it
    on every uploaded photo. What is as it should be stays untouched, and so does what others have
    set on the buckets. With --plan, the exit code is 0 if there is nothing to change, else 3.
    """
    from platformdirs import user_cache_path

    from pixelater_cli.aws import account, archive
    from pixelater_cli.aws.plan import list_changes, make_plan
    from pixelater_cli.aws.resources import list_facts
    from pixelater_cli.aws.session import connect
    from pixelater_cli.aws.stack import Stack
    from pixelater_cli.results.deploy import DeployResult, describe_changes, describe_steps

    signed_in = connect(profile, region, endpoint_url)
    emulated_runtime = signed_in.emulated_runtime
    wanted = Stack(
        account=signed_in.number,
        region=signed_in.region,
        partition=signed_in.partition,
        name=stack,
        regional_names=not (signed_in.emulated or plain_names),
        runtime=emulated_runtime or runtime,
        architecture=architecture or _choose_architecture(signed_in),
        memory_mb=memory,
        concurrency=concurrency,
        log_days=log_days,
        grids=() if grids is None else options.read_grids(grids),
        max_pixels=max_pixels,
        prefix=prefix,
        suffix=suffix,
        adopted_source=source_bucket,
        adopted_destination=destination_bucket,
        tls=signed_in.speaks_tls,
        dead_letters=signed_in.is_ministack,
    )
    _check(wanted)
    cache = user_cache_path("pixelater")
    if emulated_runtime == archive.name_this_runtime():
        built = archive.build_for_this_machine()
    else:
        built = archive.build_for_lambda(wanted.runtime, wanted.architecture, cache)
    package = account.find_stored(signed_in, wanted, built)
    facts = list_facts(wanted, package)
    snapshot = account.look(signed_in, facts)
    for bucket in wanted.adopted_buckets:
        if snapshot.found[(f"bucket {bucket}", "")] is None:
            raise AwsError(f"there is no bucket {bucket}", "Create it, or name another.")
    steps = make_plan(facts, snapshot.found)
    changes = describe_changes(list_changes(facts, snapshot.found))
    result = DeployResult(
        account=wanted.account,
        region=wanted.region,
        endpoint_url=signed_in.endpoint_url,
        stack=wanted.name,
        source_bucket=wanted.source_bucket,
        destination_bucket=wanted.destination_bucket,
        function=wanted.alias_arn,
        package=package.digest,
        applied=not plan,
        changes=changes,
        steps=describe_steps(steps),
    )
    if steps and not plan:
        if not (yes or output.confirm(result.tell_plan(), len(steps))):
            raise typer.Exit(CHANGES_PENDING)
        account.apply(signed_in, steps, snapshot.outputs, output.tell_step)
        left = make_plan(facts, account.look(signed_in, facts).found)
        if left:
            raise AwsError(
                "this did not stay as it was set: " + "; ".join(step.title for step in left),
                "Somebody else may be changing the same things. Run the command again.",
            )
    output.show(result, json)
    raise typer.Exit(result.exit_code)


def _choose_architecture(account: Account) -> str:
    """On AWS arm64, 20 % cheaper. Elsewhere what runs here."""
    from pixelater_cli.aws.archive import name_this_architecture

    return name_this_architecture() if account.emulated else "arm64"


def _check(stack: Stack) -> None:
    """Refuse what AWS would refuse later, or what would never end."""
    if stack.source_bucket == stack.destination_bucket:
        raise UsageError(
            f"source and destination are both {stack.source_bucket}",
            "Each mosaic would be taken for a photo: name two buckets.",
        )
    if not stack.has_valid_name:
        raise UsageError(
            f"--stack: {stack.name!r} cannot be part of a bucket's name",
            "Small letters, digits and hyphens, at most 20, a letter first.",
        )
    if stack.log_days not in LOG_DAYS:
        allowed = ", ".join(str(days) for days in sorted(LOG_DAYS))
        raise UsageError(f"--log-days: CloudWatch keeps no logs for {stack.log_days}", allowed)
