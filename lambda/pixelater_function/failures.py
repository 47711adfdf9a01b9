"""Permanent and transient failures, and the record of a permanent one.

A transient failure is raised, and Lambda retries after one and two minutes; after the third try it
sends the event to the failure queue itself. A permanent one would fail three times; it is sent to
the failure queue at once. Any other failure is raised, too, because a needless retry does less harm
than a lost photo: access may be denied while a new policy reaches S3, and a photo may not be found
while versioning does (https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html: "you
may encounter intermittent 404 errors ... for objects created or updated after enabling
versioning", for up to 15 minutes).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from pixelater.advice import advise
from pixelater.errors import PictureError
from pixelater_function import reasons
from pixelater_function.events import BadEvent
from pixelater_function.name_owners import NameTaken

PERMANENT_ERRORS = (PictureError, NameTaken, BadEvent)

TRANSIENT_STATUSES = (408, 409, 412, 429)

TRANSIENT_CODES = frozenset(
    {
        "403",
        "404",
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "NoSuchKey",
        "ProvisionedThroughputExceededException",
        "RequestExpired",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeTooSkewed",
        "SlowDown",
        "TokenRefreshRequired",
    }
)
"""Transient, though their status is 4xx: clock skew, load, expired credentials, policies and
versions that S3 does not know yet. So are all codes with "Throttl" in them
(https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html)."""

UNSUPPORTED_STATUS = 501
"""The server does not support the request: unlike other 5xx, a retry does not help."""


class AccessDenied(Exception):
    """S3 denies access. Lambda records the name of an error that is raised three times."""


def find_error_to_raise(error: Exception) -> Exception:
    """Return the error to raise for a transient failure: its name says what is wrong."""
    denied = isinstance(error, ClientError) and name_reason(error) == "access_denied"
    return AccessDenied(explain(error)) if denied else error


def is_permanent(error: Exception) -> bool:
    """Return whether a retry would fail the same way."""
    if not isinstance(error, ClientError):
        return isinstance(error, PERMANENT_ERRORS)
    code, status = _read_error(error)
    transient = status in TRANSIENT_STATUSES or code in TRANSIENT_CODES or "Throttl" in code
    return (400 <= status < 500 and not transient) or status == UNSUPPORTED_STATUS


def name_reason(error: Exception) -> str:
    """Return the reason of a failure in snake case: not_a_picture, access_denied."""
    name = type(error).__name__
    if isinstance(error, ClientError):
        code, _ = _read_error(error)
        name = reasons.HEAD_ERROR_CODES.get(code, code)
    return reasons.spell(name)


def explain(error: Exception) -> str:
    """Return the message of a failure for the photo's owner."""
    if isinstance(error, ClientError) and name_reason(error) == "access_denied":
        return f"{error} (without s3:ListBucket, S3 reports deleted objects as access denied)"
    return str(error)


def make_failure_record(
    error: Exception,
    event: Mapping[str, Any] | None,
    *,
    bucket: str,
    key: str,
    version_id: str,
    bytes: int | None,
    request_id: str,
    time: str,
) -> dict[str, Any]:
    """Return a message for the failure queue. `event` can be sent to the function again.

    `event` is None if there is no event to send, `bytes` if the size is unknown; `time` is in ISO
    8601.
    """
    return {
        "pixelater": "failure",
        "version": 1,
        "reason": name_reason(error),
        "message": explain(error),
        "hint": advise(error) if isinstance(error, PictureError) else "",
        "bucket": bucket,
        "key": key,
        "version_id": version_id,
        "bytes": bytes,
        "request_id": request_id,
        "time": time,
        "event": event,
    }


def _read_error(error: ClientError) -> tuple[str, int]:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error.response["Error"].get("Code", ""), status
