"""Deliveries of S3 events: late, lost and then late, twice, and so out of order.

"Amazon S3 event notifications are designed to be delivered at least once. Typically, event
notifications are delivered in seconds but can sometimes take a minute or longer."
https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html

They may come out of order and more than once:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
"""

from __future__ import annotations

from dataclasses import dataclass

from pixelater_cli.emulator.weather.chance import Chance

FIRST_EVENTS = 3
FIRST_SECONDS = (20.0, 150.0)
"""The first events of a bucket come when its notification has reached all of S3."""

LATE_SHARE, LATE_SECONDS = 0.25, (1.0, 75.0)
LOST_SHARE, LOST_SECONDS = 0.05, (180.0, 600.0)
DOUBLED_SHARE, DOUBLED_SECONDS = 0.15, (0.0, 120.0)


@dataclass(frozen=True)
class Delivery:
    """When an event comes, in seconds from now, once or twice, and what is told of it."""

    delays: tuple[float, ...]
    note: str


def plan_delivery(chance: Chance, bucket: str, key: str, number: int) -> Delivery:
    """Decide how the event of a key comes, the `number`-th of its bucket, counted from 0."""
    subject = f"{bucket}/{key}"
    if number < FIRST_EVENTS:
        delay, words = chance.draw_between("first event", subject, FIRST_SECONDS), "first event"
    else:
        draw = chance.draw("event", subject)
        if draw < LOST_SHARE:
            delay, words = chance.draw_between("lost event", subject, LOST_SECONDS), "lost event"
        elif draw < LOST_SHARE + LATE_SHARE:
            delay, words = chance.draw_between("late event", subject, LATE_SECONDS), "event"
        else:
            delay, words = 0.0, ""
    notes = [f"{words} {delay:.0f} s late"] if words else []
    delays = [delay]
    if chance.draw("doubled event", subject) < DOUBLED_SHARE:
        delays.append(delay + chance.draw_between("second event", subject, DOUBLED_SECONDS))
        notes.append(f"event comes again after {delays[1]:.0f} s")
    return Delivery(tuple(delays), ", ".join(notes))
