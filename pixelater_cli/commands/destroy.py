"""`pixelater destroy`: remove a stack."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Annotated

import typer

from pixelater_cli import console, progress
from pixelater_cli.cli import options
from pixelater_cli.cli.stack_lookup import find_stack
from pixelater_cli.errors import on_interrupt


def destroy(
    stack: options.StackName = "pixelater",
    purge: Annotated[
        bool,
        typer.Option(
            "--purge",
            help="Also delete all versions of photos and mosaics.",
            rich_help_panel=options.COURSE,
        ),
    ] = False,
    plain_names: options.PlainNames = False,
    profile: options.Profile = None,
    region: options.Region = None,
    endpoint_url: options.EndpointUrl = None,
    plan: options.Plan = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Remove a stack.

    Keeps buckets that hold photos or mosaics unless --purge is given. Buckets that existed before
    the stack, and settings of others on them, are always kept. If interrupted, run it again; it
    continues where it stopped.

    \b
    Examples:
      pixelater destroy --plan
      pixelater destroy --stack holiday
      pixelater destroy --purge --yes

    \b
    Exit codes:
      0    removed, or nothing to remove
      1    AWS refused a request
      2    wrong command line, or confirmation needed, but no terminal
      3    something would be removed (--plan), or you answered no
      130  interrupted by Ctrl-C
    """  # noqa: D301 - \b, alone on a line, is for Typer: the paragraph is not wrapped
    from pixelater_cli.aws.deploy.adoption import check_foreign_policies
    from pixelater_cli.aws.deploy.executor import apply
    from pixelater_cli.aws.deploy.removal import plan_removal
    from pixelater_cli.results.deploy import to_planned_steps
    from pixelater_cli.results.destroy import DestroyResult

    account, found = find_stack(stack, plain_names, profile, region, endpoint_url)
    check_foreign_policies(account, found, time.sleep)
    removal = plan_removal(account, found, purge, time.sleep)
    steps = removal.steps
    result = DestroyResult(
        account=found.account,
        region=found.region,
        endpoint_url=account.endpoint_url,
        stack=found.name,
        applied=not plan,
        kept=removal.kept,
        steps=to_planned_steps(steps),
    )
    if steps and not plan:
        hint = "Add --yes to confirm, or --plan to show the plan."
        if not (yes or console.confirm(result.render_plan(), result.question, hint)):
            raise typer.Exit(replace(result, applied=False).exit_code)
        left = "some resources are removed; run destroy again to remove the others"
        with on_interrupt(left), progress.steps(len(steps)) as done:
            apply(account, steps, removal.outputs, done, time.sleep)
    console.show(result, json)
    raise typer.Exit(result.exit_code)
