"""Mirrored deletes in the emulator, whose retries come sooner than Lambda's."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from tests.functional.running import SOURCE, Running


def mirror_deletes(running: Running) -> None:
    """Let the function mirror deletes, as `deploy --mirror-deletes` does."""
    functions, named = running.account.clients["lambda"], {"FunctionName": running.stack.function}
    found = functions.get_function_configuration(**named)["Environment"]["Variables"]
    variables = {**found, "PIXELATER_MIRROR_DELETES": "true"}
    functions.update_function_configuration(**named, Environment={"Variables": variables})
    version = functions.publish_version(**named)["Version"]
    functions.update_alias(**named, Name="live", FunctionVersion=version)


def test_event_of_a_photo_that_was_deleted_at_once_is_no_failure(running: Running) -> None:
    """Its third try comes after three seconds, not after three minutes."""
    mirror_deletes(running)
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "eventTime": datetime.now(UTC).isoformat(),
        "s3": {"bucket": {"name": SOURCE}, "object": {"key": "gone.jpg"}},
    }
    with running.emulator.functions.watch() as reports:
        running.account.clients["lambda"].invoke(
            FunctionName=running.stack.alias_arn,
            InvocationType="Event",
            Payload=json.dumps({"Records": [record]}),
        )
        while (result := reports.get(timeout=60).result) == "retried":
            pass
    assert result == "done"
    assert running.count_messages() == (0, 0)
