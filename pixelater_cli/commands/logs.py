"""Owns `pixelater logs`: what the function says, read or followed."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from typing import Annotated

import typer

from pixelater_cli import output
from pixelater_cli.commands import options
from pixelater_cli.commands.stacks import find_stack
from pixelater_cli.errors import UsageError

LINES = "Which lines"
UNITS = {"s": 1, "m": 60, "h": 60 * 60, "d": 24 * 60 * 60}


def logs(
    follow: Annotated[
        bool,
        typer.Option(
            "--follow", "-f", help="Go on until Ctrl-C with what is new.", rich_help_panel=LINES
        ),
    ] = False,
    since: Annotated[
        str,
        typer.Option(help="How far back: 30s, 10m, 2h, 1d.", metavar="TIME", rich_help_panel=LINES),
    ] = "10m",
    errors: Annotated[
        bool, typer.Option("--errors", help="Only what went wrong.", rich_help_panel=LINES)
    ] = False,
    stack: options.StackName = "pixelater",
    plain_names: options.PlainNames = False,
    profile: options.Profile = None,
    region: options.Region = None,
    endpoint_url: options.EndpointUrl = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print each line as the function wrote it, in JSON.")
    ] = False,
) -> None:
    """Show the function's log.

    A line for each photo: what became of it (done, unchanged, skipped, failed, or passing: it is
    tried again), how large it is, how long getting, decoding, encoding and putting took, and the
    memory used. Times are in UTC.

    \b
    Examples:
      pixelater logs --since 2h --errors
      pixelater logs --follow
      pixelater logs --json | jq .photo

    \b
    Exit codes:
      0    all is shown; also if Ctrl-C ended --follow
      1    AWS refused something
      2    the command line is wrong
      130  Ctrl-C ended it before
    """  # noqa: D301 - \b, alone on a line, is for Typer: the paragraph is not wrapped
    from pixelater_cli.aws.log import follow as follow_events
    from pixelater_cli.aws.log import read_events
    from pixelater_cli.results.logs import dump_event, word_event

    start = time.time() - read_duration(since)
    account, found = find_stack(stack, plain_names, profile, region, endpoint_url)
    tell = dump_event if json else word_event
    if follow:
        with suppress(KeyboardInterrupt):  # How following ends.
            events = follow_events(account, found, start, time.sleep)
            output.stream(line for event in events for line in tell(event, errors))
    else:
        events = read_events(account, found, start, expected=True)
        output.stream(line for event in events for line in tell(event, errors))


def read_duration(text: str) -> float:
    """Read a length of time such as 10m, in seconds. Raises UsageError."""
    written = re.fullmatch(r"(\d+)([smhd])", text.strip())
    if written is None:
        raise UsageError(f"--since: {text!r} is no length of time", "Write it like 30s, 10m or 2h.")
    return int(written[1]) * UNITS[written[2]]
