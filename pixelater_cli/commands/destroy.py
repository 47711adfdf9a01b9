"""`pixelater destroy`: remove a stack."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from pixelater_cli import console, progress
from pixelater_cli.cli import options
from pixelater_cli.cli.stack_lookup import find_stack
from pixelater_cli.errors import on_interrupt

if TYPE_CHECKING:
    from pixelater_cli.aws.session import Account
    from pixelater_cli.aws.stack import Stack


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
    from pixelater_cli.aws.deploy.executor import apply, read_state
    from pixelater_cli.aws.deploy.plan import make_removal
    from pixelater_cli.aws.resources.catalog import list_all_properties
    from pixelater_cli.results.deploy import to_planned_steps
    from pixelater_cli.results.destroy import DestroyResult

    account, found = find_stack(stack, plain_names, profile, region, endpoint_url)
    check_foreign_policies(account, found, time.sleep)
    properties = list_all_properties(found)
    state = read_state(account, properties, time.sleep)
    buckets = [name for name in found.named_buckets if state.found.get((f"bucket {name}", ""))]
    kept, emptied = _sort_buckets(account, found, buckets, purge)
    steps = make_removal(properties, state.found, kept, emptied)
    result = DestroyResult(
        account=found.account,
        region=found.region,
        endpoint_url=account.endpoint_url,
        stack=found.name,
        applied=not plan,
        kept=(*kept, *(f"bucket {name}" for name in found.adopted_buckets)),
        steps=to_planned_steps(steps),
    )
    if steps and not plan:
        hint = "Add --yes to confirm, or --plan to show the plan."
        if not (yes or console.confirm(result.render_plan(), result.question, hint)):
            raise typer.Exit(replace(result, applied=False).exit_code)
        left = "some resources are removed; run destroy again to remove the others"
        with on_interrupt(left), progress.steps(len(steps)) as done:
            apply(account, steps, state.outputs, done, time.sleep)
    console.show(result, json)
    raise typer.Exit(result.exit_code)


def _sort_buckets(
    account: Account, stack: Stack, buckets: list[str], purge: bool
) -> tuple[list[str], list[str]]:
    """Return the buckets to keep and those to empty first. The zips are pixelater's."""
    from pixelater_cli.aws.operations.health import is_empty

    full = [name for name in buckets if not is_empty(account, name)]
    kept = [name for name in full if name != stack.code_bucket and not purge]
    return (
        [f"bucket {name}" for name in kept],
        [f"bucket {name}" for name in full if name not in kept],
    )
