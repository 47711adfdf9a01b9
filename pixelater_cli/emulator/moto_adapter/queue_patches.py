"""Patches that make moto's queues fast when they have many messages.

For each message that it receives, moto describes the whole queue to find out how long messages are
kept, and so asks all messages whether they are visible, by a clock that makes dates.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from moto.core.utils import unix_time_millis
from moto.sqs import models
from moto.sqs.models import Message, SQSBackend

from pixelater_cli.emulator.moto_adapter.patching import MotoAttribute


def list_queue_patches() -> dict[MotoAttribute, Any]:
    """Return the patches."""
    return {
        (SQSBackend, "is_message_valid_based_on_retention_period"): _is_kept,
        (models, "unix_time_millis"): _read_clock,
    }


def _is_kept(self: SQSBackend, queue_name: str, message: Message) -> bool:
    """Return whether a message's retention period has not ended."""
    seconds: int = self.get_queue(queue_name).message_retention_period  # type: ignore[attr-defined]
    return bool((message.sent_timestamp or 0) + seconds * 1000 > _read_clock())


def _read_clock(dt: datetime | None = None) -> float:
    """Return a time, or the time now, in milliseconds."""
    return time.time() * 1000 if dt is None else float(unix_time_millis(dt))
