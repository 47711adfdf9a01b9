"""Messages of moto's queues, read without taking them out of sight of other clients."""

from __future__ import annotations

from moto.sqs.models import sqs_backends


def read_messages(account: str, region: str, name: str) -> list[tuple[str, str]]:
    """Return id and body of each message in a queue, oldest first; those received are in it, too.

    moto keeps its own list in a private attribute: what it shows is visible, or pending.
    """
    queue = sqs_backends[account][region].queues.get(name)
    if queue is None:
        return []
    messages = {*queue.messages, *set(queue.pending_messages)}
    ordered = sorted(messages, key=lambda message: message.sent_timestamp or 0)
    return [(message.id, message.body) for message in ordered]
