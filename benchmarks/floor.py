"""Owns what the Lambda function takes by itself: its handler on an S3 that is a dictionary."""

from __future__ import annotations

import io
import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from pixelater import GRIDS
from pixelater_function import handler

VARIABLES = {"bucket_1": "mosaics"}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ETAG = '"0123456789abcdef0123456789abcdef"'


@dataclass
class DictionaryS3:
    """The requests of the handler for a photo whose mosaics are not there yet."""

    photo: bytes
    mosaics: dict[str, bytes] = field(default_factory=dict)

    def get_object(self, **_: Any) -> dict[str, Any]:
        body = StreamingBody(io.BytesIO(self.photo), len(self.photo))
        return {**self.head_object(), "ContentLength": len(self.photo), "Body": body}

    def head_object(self, *, Bucket: str = "photos", **_: Any) -> dict[str, Any]:  # noqa: N803
        if Bucket != "photos":
            raise ClientError({"Error": {"Code": "404"}}, "HeadObject")
        return {"ETag": ETAG, "LastModified": NOW}

    def put_object(self, *, Key: str, Body: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803
        self.mosaics[Key] = Body
        return {}


class Context:
    """What the handler asks of Lambda's context."""

    aws_request_id = "00000000-0000-0000-0000-000000000000"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:floor"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def measure_floor(photo: bytes) -> float:
    """Return the milliseconds of an invocation for a photo. The first in a process is slower."""
    record = {
        "eventVersion": "2.5",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "eventTime": "2026-01-01T00:00:00.000Z",
        "s3": {"bucket": {"name": "photos"}, "object": {"key": "a.jpg", "sequencer": "00"}},
    }
    s3 = DictionaryS3(photo)
    with (
        patch.dict(os.environ, VARIABLES),
        patch("sys.stdout", io.StringIO()),
        patch.object(handler, "_connect", lambda _service: s3),
    ):
        began = time.perf_counter()
        handler.lambda_handler({"Records": [record]}, Context())
        milliseconds = (time.perf_counter() - began) * 1000
    if len(s3.mosaics) != len(GRIDS):
        raise RuntimeError(f"not all mosaics were put: {list(s3.mosaics)}")
    return milliseconds
