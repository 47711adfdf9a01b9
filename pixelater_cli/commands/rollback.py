"""`pixelater rollback`: roll back to an earlier version of the function."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from pixelater_cli import console
from pixelater_cli.cli import options
from pixelater_cli.cli.stack_lookup import find_stack
from pixelater_cli.errors import BadSetting, on_interrupt


def rollback(
    stack: options.StackName = "pixelater",
    to: Annotated[
        str | None,
        typer.Option(
            help="Version number; default: the previous one.",
            metavar="NUMBER",
            rich_help_panel=options.COURSE,
        ),
    ] = None,
    plain_names: options.PlainNames = False,
    profile: options.Profile = None,
    region: options.Region = None,
    endpoint_url: options.EndpointUrl = None,
    json: options.Json = False,
) -> None:
    """Roll back to the previous version.

    Takes effect for new photos at once. Each rollback without --to goes one version further back.
    The next deploy activates the newest code and settings.

    \b
    Examples:
      pixelater rollback
      pixelater rollback --to 3 --stack holiday

    \b
    Exit codes:
      0    the version is active
      1    the version does not exist, or AWS refused a request
      2    wrong command line
      130  interrupted by Ctrl-C
    """  # noqa: D301 - \b, alone on a line, is for Typer: the paragraph is not wrapped
    from pixelater_cli.aws.operations.versions import roll_back
    from pixelater_cli.results.rollback import RollbackResult

    if to is not None and not to.isdecimal():
        raise BadSetting("to", f"{to!r} is not a version number", "Write a number, such as 3.")
    account, found = find_stack(stack, plain_names, profile, region, endpoint_url)
    with on_interrupt("see the active version with pixelater status"):
        left, chosen, active = roll_back(account, found, to, time.sleep)
    result = RollbackResult(
        found.account, found.region, found.name, found.function, left, active, chosen
    )
    console.show(result, json)
