"""Owns reading a stack's log from CloudWatch: a stretch of it, or following it as it grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pixelater_cli.aws.errors import missing_resource_error, translate_errors
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack

POLL_SECONDS = 2.0

LATE_SECONDS = 120
"""CloudWatch shows an event some seconds after its time: the last two minutes are read again."""


@dataclass(frozen=True)
class LogEvent:
    """One message; `time` in milliseconds since 1970, `id` unlike any other's."""

    id: str
    time: int
    stream: str
    message: str


class Unseen:
    """Remembers which of the latest events were seen, so that none comes twice and none is lost."""

    def __init__(self) -> None:
        self.newest = 0
        self._seen: dict[str, int] = {}

    @property
    def from_time(self) -> int:
        """The time from which to read again, in milliseconds."""
        return max(self.newest - LATE_SECONDS * 1000, 0)

    def pick(self, events: Iterator[LogEvent]) -> list[LogEvent]:
        """Give those that are new, in the order of their times, and remember them."""
        new = {one.id: one for one in events if one.id not in self._seen}
        self._seen |= {name: one.time for name, one in new.items()}
        self.newest = max([self.newest, *(one.time for one in new.values())])
        self._seen = {name: time for name, time in self._seen.items() if time >= self.from_time}
        return sorted(new.values(), key=lambda one: one.time)


def read_events(
    account: Account, stack: Stack, since: float, *, expected: bool = False
) -> Iterator[LogEvent]:
    """Read the log from a time (seconds since 1970) until now.

    If there is no log, there are no events; if one is `expected`, AwsError is raised.
    """
    logs = account.clients["logs"]
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=stack.log_group, startTime=int(since * 1000)
    )
    with translate_errors("read the log"):
        try:
            for page in pages:
                found = map(_read_event, page["events"])
                yield from sorted(found, key=lambda one: one.time)
        except logs.exceptions.ResourceNotFoundException:
            if expected:
                raise missing_resource_error(f"log {stack.log_group}", stack.name) from None


def follow(
    account: Account, stack: Stack, since: float, sleep: Callable[[float], None]
) -> Iterator[LogEvent]:
    """Read the log from a time on, for ever: new events are given as they appear."""
    unseen = Unseen()
    while True:
        start = max(since, unseen.from_time / 1000)
        yield from unseen.pick(read_events(account, stack, start))
        sleep(POLL_SECONDS)


def _read_event(event: Any) -> LogEvent:
    """Read an event; one without an id, as ministack's, is known by its time and its words."""
    stream, message = event.get("logStreamName", ""), event["message"]
    known_by = event.get("eventId") or f"{stream}/{event['timestamp']}/{message}"
    return LogEvent(known_by, event["timestamp"], stream, message)
