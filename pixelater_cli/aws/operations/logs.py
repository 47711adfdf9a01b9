"""A stack's log in CloudWatch: reading a period of it, and following it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from pixelater_cli.aws.errors import missing_resource_error, translate_errors
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack

POLL_SECONDS = 2.0

LATE_SECONDS = 120
"""CloudWatch shows an event some seconds after its time: the last two minutes are read again."""

get_time = attrgetter("time")


@dataclass(frozen=True)
class LogEvent:
    """One message; `time` in milliseconds since 1970, `id` unique."""

    id: str
    time: int
    stream: str
    message: str


class NewEvents:
    """Knows which of the latest events were seen, so that each is returned once."""

    def __init__(self) -> None:
        self.newest = 0
        self._seen: dict[str, int] = {}

    @property
    def from_time(self) -> int:
        """The time from which to read again, in milliseconds."""
        return max(self.newest - LATE_SECONDS * 1000, 0)

    def pick(self, events: Iterator[LogEvent]) -> list[LogEvent]:
        """Return the events that are new, in the order of their times."""
        new = {event.id: event for event in events if event.id not in self._seen}
        self._seen |= {name: event.time for name, event in new.items()}
        self.newest = max([self.newest, *(event.time for event in new.values())])
        self._seen = {name: time for name, time in self._seen.items() if time >= self.from_time}
        return sorted(new.values(), key=get_time)


def read_events(
    account: Account, stack: Stack, since: float, *, expected: bool = False
) -> Iterator[LogEvent]:
    """Read the log from a time (seconds since 1970) until now.

    Without a log group, there are no events; if one is `expected`, AwsError is raised.
    """
    logs = account.clients["logs"]
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=stack.log_group, startTime=int(since * 1000)
    )
    with translate_errors("read the log"):
        try:
            for page in pages:
                yield from sorted(map(_read_event, page["events"]), key=get_time)
        except logs.exceptions.ResourceNotFoundException:
            if expected:
                raise missing_resource_error(f"log group {stack.log_group}", stack.name) from None


def follow(
    account: Account, stack: Stack, since: float, sleep: Callable[[float], None]
) -> Iterator[LogEvent]:
    """Read the log from a time on, without end: new events as they appear."""
    new_events = NewEvents()
    while True:
        start = max(since, new_events.from_time / 1000)
        yield from new_events.pick(read_events(account, stack, start))
        sleep(POLL_SECONDS)


def _read_event(event: Any) -> LogEvent:
    """Read an event; the id of one without, as of ministack, is its time and its message."""
    stream, message = event.get("logStreamName", ""), event["message"]
    id_ = event.get("eventId") or f"{stream}/{event['timestamp']}/{message}"
    return LogEvent(id_, event["timestamp"], stream, message)
