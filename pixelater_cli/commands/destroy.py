"""Owns `pixelater destroy`: remove a stack, and nothing that is not its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from pixelater_cli import output
from pixelater_cli.commands import options
from pixelater_cli.commands.stacks import find_stack
from pixelater_cli.errors import leaving

if TYPE_CHECKING:
    from pixelater_cli.aws.session import Account
    from pixelater_cli.aws.stack import Stack


def destroy(
    stack: options.StackName = "pixelater",
    purge: Annotated[
        bool,
        typer.Option(
            "--purge",
            help="Delete photos and mosaics, all versions, too.",
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

    Buckets that hold photos or mosaics are kept unless --purge is given; buckets that were there
    before the stack are always kept, and so is what others have set on them. What is gone already
    is passed over, so destroying again finishes what was interrupted.

    \b
    Examples:
      pixelater destroy --plan
      pixelater destroy --stack holiday
      pixelater destroy --purge --yes

    \b
    Exit codes:
      0    it is removed, or nothing was left of it
      1    AWS refused something
      2    the command line is wrong, or nobody is there to ask
      3    with --plan: something would be removed; without: you said no
      130  Ctrl-C ended it
    """  # noqa: D301 - \b, alone on a line, is for Typer: the paragraph is not wrapped
    from pixelater_cli.aws.account import apply, look
    from pixelater_cli.aws.plan import make_removal
    from pixelater_cli.aws.resources import list_all_facts
    from pixelater_cli.results.deploy import describe_steps
    from pixelater_cli.results.destroy import DestroyResult

    account, found = find_stack(stack, plain_names, profile, region, endpoint_url)
    facts = list_all_facts(found)
    snapshot = look(account, facts)
    there = [name for name in found.named_buckets if snapshot.found.get((f"bucket {name}", ""))]
    kept, emptied = _sort_buckets(account, found, there, purge)
    steps = make_removal(facts, snapshot.found, kept, emptied)
    result = DestroyResult(
        account=found.account,
        region=found.region,
        endpoint_url=account.endpoint_url,
        stack=found.name,
        applied=not plan,
        kept=(*kept, *(f"bucket {name}" for name in found.adopted_buckets)),
        steps=describe_steps(steps),
    )
    if steps and not plan:
        hint = "Say --yes, or look with --plan."
        if not (yes or output.confirm_loss(result.tell_plan(), len(steps), hint)):
            raise typer.Exit(replace(result, applied=False).exit_code)
        with leaving("what is removed is gone; destroy again removes the rest"):
            apply(account, steps, snapshot.outputs, output.tell_step)
    output.show(result, json)
    raise typer.Exit(result.exit_code)


def _sort_buckets(
    account: Account, stack: Stack, buckets: list[str], purge: bool
) -> tuple[list[str], list[str]]:
    """Tell which buckets to keep and which to empty first. The zips are nobody's but ours."""
    from pixelater_cli.aws.running import is_empty

    full = [name for name in buckets if not is_empty(account, name)]
    kept = [name for name in full if name != stack.code_bucket and not purge]
    return (
        [f"bucket {name}" for name in kept],
        [f"bucket {name}" for name in full if name not in kept],
    )
