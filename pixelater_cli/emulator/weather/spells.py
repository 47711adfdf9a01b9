"""Spells of bad luck: calls that are throttled or fail for a while, and then work again.

The errors are those of https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and of
the addresses at each entry.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Literal

from pixelater_cli.emulator.weather.calls import Call
from pixelater_cli.emulator.weather.chance import Chance

Spelled = Literal["throttle", "faults"]

OBJECT_CALLS = frozenset(
    {
        "s3:GetObject",
        "s3:HeadObject",
        "s3:PutObject",
        "s3:CopyObject",
        "s3:DeleteObject",
        "s3:UploadPart",
        "s3:CreateMultipartUpload",
        "s3:CompleteMultipartUpload",
        "sqs:SendMessage",
        "rekognition:DetectFaces",
        "rekognition:DetectText",
        "sts:GetCallerIdentity",
    }
)
"""Calls of programs at work. Their spells are counted, not timed: a function's client tries again
within seconds, and its event comes back twice at most."""


@dataclass(frozen=True)
class ServiceError:
    """An error of a service; after the last call of a spell, the same call works."""

    status: int
    code: str
    message: str
    source: str


THROTTLED: Mapping[str, ServiceError] = {
    "s3": ServiceError(
        503,
        "SlowDown",
        "Please reduce your request rate.",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
    ),
    "lambda": ServiceError(
        429,
        "TooManyRequestsException",
        "Rate exceeded",
        "https://github.com/indeni/dragoneye/issues/41",
    ),
    "iam": ServiceError(
        400,
        "Throttling",
        "Rate exceeded",
        "https://github.com/legion-platform/legion/issues/807",
    ),
    "sts": ServiceError(
        400,
        "Throttling",
        "Rate exceeded",
        "https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html",
    ),
    "sqs": ServiceError(
        403,
        "RequestThrottled",
        "The request was denied due to request throttling.",
        "https://github.com/erlcloud/erlcloud/pull/686",
    ),
    "logs": ServiceError(
        400,
        "ThrottlingException",
        "Rate exceeded",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html",
    ),
    "rekognition": ServiceError(
        400,
        "ProvisionedThroughputExceededException",
        "Provisioned Rate exceeded.",
        "https://docs.aws.amazon.com/rekognition/latest/dg/error-handling.html",
    ),
}

FAILED: Mapping[str, ServiceError] = {
    "s3": ServiceError(
        500,
        "InternalError",
        "We encountered an internal error. Please try again.",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
    ),
    "lambda": ServiceError(
        500,
        "ServiceException",
        "The Lambda service encountered an internal error.",
        "https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html",
    ),
    "iam": ServiceError(
        500,
        "ServiceFailure",
        "The request processing has failed because of an unknown error, exception or failure.",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html",
    ),
    "sts": ServiceError(
        500,
        "InternalFailure",
        "The request processing has failed because of an unknown error, exception or failure.",
        "https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html",
    ),
    "sqs": ServiceError(
        500,
        "InternalFailure",
        "The request processing has failed because of an unknown error, exception or failure.",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html",
    ),
    "logs": ServiceError(
        503,
        "ServiceUnavailableException",
        "The service cannot complete the request.",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
    ),
    "rekognition": ServiceError(
        500,
        "InternalServerError",
        "Internal server error",
        "https://docs.aws.amazon.com/rekognition/latest/dg/error-handling.html",
    ),
}

TIMED_SHARE, COUNTED_SHARE = 0.04, 0.12
"""How many calls begin a spell, if none is on and none has just ended."""

SECONDS: Mapping[Spelled, tuple[float, float]] = {"throttle": (2, 12), "faults": (1, 5)}
CALM_SECONDS = 300.0
"""How long a timed spell does not come back: a command that is run again gets through."""

CALLS = 2
"""The most calls in a row that a counted spell takes: fewer than any client of AWS tries."""

LONG_SHARE, LONG_CALLS = 0.1, 5
"""How many spells of an object's reads are long, and how long, once for each object: a function
whose client tries three or four times loses one attempt, and not two."""


class Spells:
    """All spells: which call is under one, of which kind, and until when or for how many calls."""

    def __init__(self, kinds: Collection[str], chance: Chance) -> None:
        self._kinds = [kind for kind in SECONDS if kind in kinds]
        self._chance = chance
        self._kind: dict[str, Spelled] = {}
        self._until: dict[str, float] = {}
        self._left: dict[str, int] = {}
        self._long: set[str] = set()
        self._lock = Lock()

    def hit(self, call: Call, now: float) -> Spelled | None:
        """Return the kind of the spell that takes a call, or None; this counts the call."""
        if not self._kinds:
            return None
        counted = call.action in OBJECT_CALLS
        subject = f"{call.action} {call.subject}" if counted else _name_rate(call)
        with self._lock:
            hit = self._hit_counted(subject, call) if counted else self._hit_timed(subject, now)
            return self._kind[subject] if hit else None

    def _hit_timed(self, subject: str, now: float) -> bool:
        """Return whether the spell of a service's API is on; it lasts for seconds."""
        until = self._until.get(subject)
        if until is not None and now < until + CALM_SECONDS:
            return now < until
        if self._chance.draw("spell", subject) >= TIMED_SHARE:
            return False
        seconds = SECONDS[self._choose(subject)]
        self._until[subject] = now + self._chance.draw_between("seconds", subject, seconds)
        return True

    def _hit_counted(self, subject: str, call: Call) -> bool:
        """Return whether the spell of an object is on; the first call after it always works."""
        left = self._left.pop(subject, 0)
        if left:
            if left > 1:
                self._left[subject] = left - 1
            return left > 1
        draw = self._chance.draw("spell", subject)
        if draw >= COUNTED_SHARE:
            return False
        self._left[subject] = 1 + int(CALLS * draw / COUNTED_SHARE)
        if call.action == "s3:GetObject" and draw < COUNTED_SHARE * LONG_SHARE:
            self._left[subject] = 1 if subject in self._long else LONG_CALLS
            self._long.add(subject)
        self._choose(subject)
        return True

    def _choose(self, subject: str) -> Spelled:
        """Choose the kind of a spell that begins."""
        number = int(len(self._kinds) * self._chance.draw("kind", subject))
        self._kind[subject] = self._kinds[number]
        return self._kinds[number]


def _name_rate(call: Call) -> str:
    """Name what shares a rate limit: an account's Lambda API and its IAM, a bucket, a queue.

    https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#api-requests
    """
    shared = call.names.get("bucket") or call.names.get("queue") or ""
    return f"{call.service} {shared}".rstrip()
