"""`pixelater logs`: show the function's log."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from typing import Annotated

import typer

from pixelater_cli import console
from pixelater_cli.cli import options
from pixelater_cli.cli.stack_lookup import find_stack
from pixelater_cli.errors import UsageError

LINES = "Selection"
UNITS = {"s": 1, "m": 60, "h": 60 * 60, "d": 24 * 60 * 60}


def logs(
    follow: Annotated[
        bool,
        typer.Option(
            "--follow", "-f", help="Print new log events until Ctrl-C.", rich_help_panel=LINES
        ),
    ] = False,
    since: Annotated[
        str,
        typer.Option(
            help="Start this long ago: 30s, 10m, 2h or 1d.",
            metavar="DURATION",
            rich_help_panel=LINES,
        ),
    ] = "10m",
    errors: Annotated[
        bool, typer.Option("--errors", help="Print errors only.", rich_help_panel=LINES)
    ] = False,
    stack: options.StackName = "pixelater",
    plain_names: options.PlainNames = False,
    profile: options.Profile = None,
    region: options.Region = None,
    endpoint_url: options.EndpointUrl = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print the events as the function logged them, in JSON.")
    ] = False,
) -> None:
    """Show the function's log.

    Prints a line per photo: its result (done, unchanged, removed, skipped, failed, or retrying),
    its size, the times for getting, decoding, encoding and putting, and the memory used.
    Times are in UTC.

    \b
    Examples:
      pixelater logs --since 2h --errors
      pixelater logs --follow
      pixelater logs --json | jq -r '.key // empty'

    \b
    Exit codes:
      0    printed; also if --follow was ended by Ctrl-C
      1    AWS refused a request
      2    wrong command line
      130  interrupted by Ctrl-C before that
    """  # noqa: D301 - \b, alone on a line, is for Typer: the paragraph is not wrapped
    from pixelater_cli.aws.operations.logs import follow as follow_events
    from pixelater_cli.aws.operations.logs import read_events
    from pixelater_cli.results.logs import dump_event, format_event

    start = time.time() - parse_duration(since)
    account, found = find_stack(stack, plain_names, profile, region, endpoint_url)
    render = dump_event if json else format_event
    if follow:
        with suppress(KeyboardInterrupt):  # Ctrl-C is the way to end --follow.
            events = follow_events(account, found, start, time.sleep)
            console.stream(line for event in events for line in render(event, errors))
    else:
        events = read_events(account, found, start, expected=True)
        console.stream(line for event in events for line in render(event, errors))


def parse_duration(text: str) -> float:
    """Parse a duration such as 10m into seconds. Raises UsageError."""
    written = re.fullmatch(r"(\d+)([smhd])", text.strip())
    if written is None:
        raise UsageError(f"--since: {text!r} is not a duration", "Write it like 30s, 10m or 2h.")
    seconds = int(written[1]) * UNITS[written[2]]
    if not seconds:
        raise UsageError(
            f"--since: {text!r} must be longer than 0", "Write it like 30s, 10m or 2h."
        )
    return seconds
