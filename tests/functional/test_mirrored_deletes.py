"""Mirrored deletes in the emulator, whose retries come sooner than Lambda's."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.functional.running import SOURCE, Running


@pytest.mark.real_package
def test_event_of_a_photo_that_was_deleted_at_once_is_no_failure(running: Running) -> None:
    """Its third try comes after three seconds, not after three minutes."""
    done = running.pixelater("deploy", "--mirror-deletes", "--no-smoke-test", "--yes")
    assert done.code == 0, done.err
    photo = {"bucket": {"name": SOURCE}, "object": {"key": "gone.jpg"}}
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "eventTime": datetime.now(UTC).isoformat(),
        "s3": photo,
    }
    with running.emulator.functions.watch() as reports:
        running.account.clients["lambda"].invoke(
            FunctionName=running.stack.alias_arn,
            InvocationType="Event",
            Payload=json.dumps({"Records": [record]}),
        )
        running.settle()
        attempts = [reports.get(timeout=60) for _ in range(3)]
    assert len(attempts) == 3
    assert running.count_messages() == (0, 0)
