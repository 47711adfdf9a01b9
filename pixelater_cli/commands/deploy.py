"""Owns `pixelater deploy`: bring a stack up to date, step by step, or show the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pixelater_cli import output
from pixelater_cli.commands import options

if TYPE_CHECKING:
    from pixelater_cli.aws.session import Account
    from pixelater_cli.aws.stack import Stack


def deploy(
    profile: options.Profile = None,
    region: options.Region = None,
    endpoint_url: options.EndpointUrl = None,
    plain_names: Annotated[
        bool, typer.Option("--plain-names", help="On AWS: bucket names without account and region.")
    ] = False,
    grids: Annotated[
        str | None, typer.Option(help="Cells across and down; default: the five.", metavar="LIST")
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Show the steps, change nothing.")] = False,
    json: options.Json = False,
) -> None:
    """Create the AWS pipeline, or bring it up to date.

    Three buckets, a role, the function, and the trigger that runs it on every uploaded photo.
    What is as it should be stays untouched, so deploying again changes nothing.
    """
    from platformdirs import user_cache_path

    from pixelater_cli.aws import account, archive
    from pixelater_cli.aws.plan import make_plan
    from pixelater_cli.aws.session import connect
    from pixelater_cli.results.deploy import DeployResult, PlannedStep

    wanted_grids = () if grids is None else options.read_grids(grids)
    signed_in = connect(profile, region, endpoint_url)
    stack = _choose_stack(signed_in, plain_names, wanted_grids)
    cache = user_cache_path("pixelater")
    package = archive.build_for_lambda(stack.runtime, stack.architecture, cache)
    steps = make_plan(stack, package, account.look(signed_in, stack, package))
    if not plan:
        account.apply(signed_in, steps, output.tell_step)
    result = DeployResult(
        account=stack.account,
        region=stack.region,
        endpoint_url=signed_in.endpoint_url,
        source_bucket=stack.source_bucket,
        destination_bucket=stack.destination_bucket,
        function=stack.function_arn,
        package=package.digest,
        applied=not plan,
        steps=tuple(PlannedStep(step.title, f"{step.service}:{step.operation}") for step in steps),
    )
    output.show(result, json)
    raise typer.Exit(result.exit_code)


def _choose_stack(account: Account, plain_names: bool, grids: tuple[int, ...]) -> Stack:
    """On AWS: names nobody else can hold, and arm64, 20 % cheaper. Elsewhere: what runs here."""
    from pixelater_cli.aws.archive import name_this_architecture
    from pixelater_cli.aws.stack import Stack

    return Stack(
        account=account.number,
        region=account.region,
        partition=account.partition,
        regional_names=not (account.emulated or plain_names),
        architecture=name_this_architecture() if account.emulated else "arm64",
        grids=grids,
    )
