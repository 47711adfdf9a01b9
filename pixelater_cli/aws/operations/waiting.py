"""Waiting for the mosaics of several uploads at once, each with its own deadline.

Pure: clock, sleep, and the functions that look at S3, the log and the queue are passed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pixelater.outputs import AnyOutput
from pixelater_cli.aws.operations.mosaics import S3Object
from pixelater_cli.errors import AwsError

MOSAIC_POLL_SECONDS = (0.1, 2.0)
"""Shortest and longest pause between looking for the mosaics of an upload."""

REASON_POLL_SECONDS = (3.0, 30.0)
"""Shortest and longest pause between looking for failures, in the log and the queue."""

MIN_REASON_SECONDS = 0.5
"""Pause between looking for failures when uploads run out of time one after the other."""

Mosaics = dict[AnyOutput, S3Object]


class Run(Protocol):
    """Calls a function with each item, as `map` does, or several at the same time."""

    def __call__(
        self, function: Callable[[_Wait], Mosaics | AwsError], items: Iterable[_Wait], /
    ) -> Iterable[Mosaics | AwsError]: ...


@dataclass(frozen=True)
class Upload:
    """An upload, and the time at which it ended, on the clock that `wait_for_all` reads."""

    sent: S3Object
    ended: float


@dataclass
class _Wait:
    """An upload that is waited for: when it is looked for next, and was last."""

    number: int
    upload: Upload
    deadline: float
    due: float
    pause: float = MOSAIC_POLL_SECONDS[0]
    looked: float = float("-inf")

    @property
    def late(self) -> bool:
        """Whether it was looked for at the deadline or later."""
        return self.looked >= self.deadline

    def postpone(self, time: float) -> None:
        """Set the next time: at the deadline, too."""
        following = time + self.pause
        self.due = following if self.late else min(following, self.deadline)
        self.pause = min(self.pause * 1.5, MOSAIC_POLL_SECONDS[1])


def wait_for_all(
    uploads: Sequence[Upload],
    find: Callable[[S3Object], Mosaics],
    find_reasons: Callable[[Sequence[Upload]], Mapping[str, str]],
    seconds: float,
    *,
    sleep: Callable[[float], None],
    now: Callable[[], float],
    run: Run = map,
    spent: float = 0,
) -> Iterator[tuple[int, Mosaics | AwsError]]:
    """Wait until all mosaics of each upload exist; yield its number with them, or with an error.

    An upload fails if that is found in the log or the queue (`find_reasons`: by key), or if its
    mosaics do not exist `seconds` after its own end, less those that were `spent` before the first
    upload began. Lambda retries transient failures.
    """
    waits = [
        _Wait(number, upload, upload.ended + seconds - spent, now())
        for number, upload in enumerate(uploads)
    ]
    read_pause = REASON_POLL_SECONDS[0]
    next_read, soonest_read = now() + read_pause, now()

    def look(wait: _Wait) -> Mosaics | AwsError:
        wait.looked = now()
        try:
            return find(wait.upload.sent)
        except AwsError as error:
            return error

    while waits:
        due = [wait for wait in waits if wait.due <= now()]
        for wait, found in zip(due, run(look, due), strict=True):
            wait.postpone(now())
            if found:
                waits.remove(wait)
                yield wait.number, found
        late = [wait.deadline for wait in waits if wait.late]
        if late:
            near = min(late) + MIN_REASON_SECONDS  # Photos uploaded together end together.
            ending = [wait for wait in waits if wait.deadline <= near]
            next_read = max(soonest_read, *(wait.deadline for wait in ending))
            if any(wait.deadline <= now() and not wait.late for wait in ending):
                continue  # Looking at the others took so long that this one is due, too.
        if waits and now() >= next_read:
            ended = dict(_find_ends(waits, find_reasons, seconds))
            waits = [wait for wait in waits if wait.number not in ended]
            yield from ended.items()
            read_pause = min(read_pause * 2, REASON_POLL_SECONDS[1])
            next_read, soonest_read = now() + read_pause, now() + MIN_REASON_SECONDS
        if waits:
            sleep(max(min(next_read, *(wait.due for wait in waits)) - now(), 0))


def _find_ends(
    waits: Sequence[_Wait],
    find_reasons: Callable[[Sequence[Upload]], Mapping[str, str]],
    seconds: float,
) -> Iterator[tuple[int, AwsError]]:
    """Yield the uploads that have failed, or run out of time."""
    try:
        reasons = find_reasons([wait.upload for wait in waits])
    except AwsError as error:
        yield from ((wait.number, error) for wait in waits)
        return
    for wait in waits:
        key = wait.upload.sent.key
        if reasons.get(key):
            yield wait.number, AwsError(reasons[key], "See: pixelater failures")
        elif wait.late:
            yield (
                wait.number,
                AwsError(
                    f"no mosaics of {key} after {seconds:.0f} seconds",
                    "They may still appear: see pixelater logs and pixelater failures.",
                ),
            )
