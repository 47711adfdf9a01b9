"""`pixelater failures`: list, retry or delete failed events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pixelater_cli import console, progress
from pixelater_cli.cli import options
from pixelater_cli.cli.stack_lookup import find_stack
from pixelater_cli.errors import AwsError, on_interrupt
from pixelater_cli.results import CHANGES_PENDING
from pixelater_cli.results.formatting import format_count, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pixelater_cli.aws.operations.failure_record import Failure
    from pixelater_cli.aws.session import Account
    from pixelater_cli.aws.stack import Stack
    from pixelater_cli.results.failures import FailedEvent, FailureState

Action = Literal["list", "retry", "drop"]


def failures(
    action: Annotated[
        Action, typer.Argument(metavar="ACTION", help="list, retry or drop.")
    ] = "list",
    keys: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEYS", help="Keys of photos; default: all failures.", parser=options.check_word
        ),
    ] = None,
    stack: options.StackName = "pixelater",
    plain_names: options.PlainNames = False,
    profile: options.Profile = None,
    region: options.Region = None,
    endpoint_url: options.EndpointUrl = None,
    limit: Annotated[
        int,
        typer.Option(
            help="List, retry or delete at most N failures.",
            min=1,
            metavar="N",
            rich_help_panel=options.COURSE,
        ),
    ] = 1000,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """List, retry or delete failed events.

    Photos that cannot be pixelated, and events that failed three times, are kept in the failure
    queue for two weeks. `retry` invokes the function again; an event leaves the queue if that
    succeeds, or if the function records the failure again. `drop` deletes events and asks first.

    \b
    Examples:
      pixelater failures
      pixelater failures retry
      pixelater failures drop 2026/broken.jpg --yes

    \b
    Exit codes:
      0    listed, retried or deleted
      1    an event failed again, or AWS refused a request
      2    wrong command line, or confirmation needed, but no terminal
      3    you answered no
      130  interrupted by Ctrl-C
    """  # noqa: D301 - \b, alone on a line, is for Typer: the paragraph is not wrapped
    from pixelater_cli.aws.operations.failure_queue import count_messages, list_failures
    from pixelater_cli.results.failures import FailuresResult, to_failed_event

    account, found = find_stack(stack, plain_names, profile, region, endpoint_url)
    visible, hidden = count_messages(account, found) or (0, 0)
    chosen = list_failures(account, found, keys or (), limit)
    unknown = set(keys or ()) - {key for failure in chosen for key in failure.keys}
    if unknown:
        raise AwsError(
            f"no failure recorded for {', '.join(sorted(unknown))}",
            "List all failures: pixelater failures",
        )
    if action == "list":
        events = tuple(map(to_failed_event, chosen))
    else:
        plan = [
            line
            for event in chosen
            for line in wrap(f"{action} {', '.join(event.keys) or event.id}: {event.reason}")
        ]
        hint = "Add --yes to confirm, or list them: pixelater failures"
        question = f"Delete {format_count(len(chosen), 'failure')}?"
        asks = action == "drop" and chosen and not yes
        if asks and not console.confirm(plan, question, hint):
            raise typer.Exit(CHANGES_PENDING)
        done = (
            _retry(account, found, chosen) if action == "retry" else _drop(account, found, chosen)
        )
        with on_interrupt("the other events are back in the queue within six minutes"):
            events = tuple(progress.track(done, len(chosen)))
    gone = len(chosen) - len(events)
    left = max(visible - limit, 0) if len(chosen) == limit and not keys else 0
    result = FailuresResult(found.name, found.queue, action, events, gone, hidden, left)
    console.show(result, json)
    raise typer.Exit(result.exit_code)


def _retry(account: Account, stack: Stack, chosen: tuple[Failure, ...]) -> Iterator[FailedEvent]:
    from pixelater_cli.aws.operations.failure_queue import retry
    from pixelater_cli.results.failures import to_failed_event

    for tried in retry(account, stack, chosen):
        state: FailureState = "failed again" if tried.error else "worked"
        yield to_failed_event(tried.failure, state, tried.error)


def _drop(account: Account, stack: Stack, chosen: tuple[Failure, ...]) -> Iterator[FailedEvent]:
    from pixelater_cli.aws.operations.failure_queue import drop
    from pixelater_cli.results.failures import to_failed_event

    for failure in drop(account, stack, chosen):
        yield to_failed_event(failure, "dropped")
