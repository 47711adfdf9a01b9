"""Errors of AWS that pass by themselves, and the calls that are repeated until they do.

AWS is eventually consistent: for seconds or minutes after a change, other services may refuse what
depends on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import (
    ClientError,
    HTTPClientError,
    WaiterError,
)
from botocore.exceptions import (
    ConnectionError as NoConnection,
)

from pixelater_cli.aws.errors import read_error

Sleep = Callable[[float], None]
Now = Callable[[], float]

LONGEST_PAUSE = 20.0
"""Pauses between attempts double from one second to this."""

POLL_SECONDS = 2.0
"""Pause between looks at a resource that is being created or changed."""

WAITER_SECONDS = 300.0
"""How long a resource may take; the waiters of boto3 allow 200 to 300 seconds."""


@dataclass(frozen=True)
class PassingError:
    """An error that passes: its codes, words of its message, and for how long it is retried.

    `pause` is the least pause, if AWS names one. `source` shows that it happens.
    """

    codes: tuple[str, ...]
    words: str
    seconds: float
    source: str
    pause: float = 0.0


GENERAL_ERRORS = (
    PassingError(
        (
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestThrottledException",
            "SlowDown",
            "Throttling",
            "ThrottledException",
            "ThrottlingException",
            "TooManyRequestsException",
            "503",  # HEAD has no body, so the code is the status: S3 throttles with 503.
        ),
        "",
        120,
        "https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html",
    ),
    PassingError(
        (
            "InternalError",
            "InternalFailure",
            "ServiceException",
            "ServiceFailure",
            "ServiceUnavailable",
            "ServiceUnavailableException",
            "500",
        ),
        "",
        30,
        "https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html",
    ),
)
"""Errors of any call, which clients repeat (`patience`). boto3 itself does so twice, in seconds."""

PASSING_ERRORS = (
    PassingError(
        ("InvalidParameterValueException",),
        "cannot be assumed by Lambda",
        120,
        "https://github.com/hashicorp/terraform-provider-aws/issues/7198",
    ),
    PassingError(
        ("InvalidParameterValueException",),
        "invalid for CreateGrant",
        120,
        "https://github.com/hashicorp/terraform-provider-aws/issues/4633",
    ),
    PassingError(
        ("InvalidParameterValueException",),
        "does not have permissions to call",
        120,
        "https://github.com/aws-samples/aws-serverless-ecommerce-platform/issues/41",
    ),
    PassingError(
        ("InvalidParameterValueException",),
        "S3 Error Code: NoSuchKey",
        60,
        "https://github.com/aws-solutions/aws-waf-security-automations/issues/135",
    ),
    PassingError(
        ("InvalidArgument",),
        "Unable to validate the following destination configurations",
        120,
        "https://github.com/zappa/Zappa/pull/1441",
    ),
    PassingError(
        ("ResourceConflictException",),
        "n update is in progress",
        300,
        "https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html",
    ),
    PassingError(
        ("ResourceConflictException",),
        "concurrent update operation",
        120,
        "https://github.com/hashicorp/terraform-provider-aws/issues/5154",
    ),
    PassingError(
        ("ResourceConflictException",),
        "The operation cannot be performed at this time",
        120,
        "https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html",
    ),
    PassingError(
        ("OperationAborted",),
        "onflicting conditional operation",
        180,
        "https://github.com/aws/aws-cli/issues/2593",
    ),
    PassingError(
        ("OperationAbortedException",),
        "",
        120,
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
    ),
    PassingError(
        ("NoSuchBucket",),
        "",
        60,
        "https://github.com/hashicorp/terraform-provider-aws/issues/372",
    ),
    PassingError(
        ("NoSuchEntity",),
        "",
        60,
        "https://github.com/hashicorp/terraform-provider-aws/pull/6079",
    ),
    PassingError(
        ("ConcurrentModification",),
        "",
        60,
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html",
    ),
    PassingError(
        ("DeleteConflict",),
        "must delete policies first",
        60,
        "https://github.com/hashicorp/terraform/issues/3222",
    ),
    PassingError(
        ("QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently"),
        "",
        120,
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html",
        pause=60,
    ),
    *GENERAL_ERRORS,
)
"""Errors worth another attempt."""

GIVEN_UP = "PixelaterGivenUp"
"""Entry of an answer's metadata: its client has repeated the call long enough."""

NOT_YET = ("ResourceNotFoundException", "NoSuchEntity", "404")
"""Codes of what was created a moment ago and is not seen yet."""

DONE_BEFORE: Mapping[str, tuple[str, str]] = {
    "create_bucket": ("BucketAlreadyOwnedByYou", ""),
    "create_role": ("EntityAlreadyExists", ""),
    "create_log_group": ("ResourceAlreadyExistsException", ""),
    "create_function": ("ResourceConflictException", "already exist"),
    "create_alias": ("ResourceConflictException", "already exists"),
    "add_permission": ("ResourceConflictException", "already exists"),
    "remove_permission": ("ResourceNotFoundException", ""),
}
"""Operation -> the error, and words of it, of what is done: an earlier attempt, whose answer was
lost, or an earlier command, which a stale read did not show, has done it."""


LOST_ANSWER = PassingError(
    (), "", 30, "https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html"
)
"""A connection that was closed, or an answer that did not come. Signing in has found the server."""

Passing = (ClientError, NoConnection, HTTPClientError)


def find_passing(error: Exception) -> PassingError | None:
    """Find the error in the table; None if it does not pass."""
    if not isinstance(error, ClientError):
        return LOST_ANSWER
    if error.response.get("ResponseMetadata", {}).get(GIVEN_UP):
        return None
    code, message = read_error(error)
    return next(
        (known for known in PASSING_ERRORS if code in known.codes and known.words in message), None
    )


def is_done_before(operation: str, error: ClientError) -> bool:
    """Return whether an error says that what the operation creates exists."""
    code, message = read_error(error)
    known, words = DONE_BEFORE.get(operation, ("", ""))
    return code == known and words in message


def next_pause(passing: PassingError, attempt: int, waited: float) -> float | None:
    """Return the pause after an attempt, counted from 1; None if there was enough of waiting."""
    pause = max(min(2.0 ** (attempt - 1), LONGEST_PAUSE), passing.pause)
    left = passing.seconds - waited
    return min(pause, left) if left > 0 else None


def call_patiently(
    call: Callable[..., Any],
    parameters: Mapping[str, Any],
    sleep: Sleep,
    final: Callable[[ClientError], bool] = lambda _error: False,
) -> Any:
    """Call an operation of boto3 until an error that passes is over; return its answer.

    Raises botocore's errors; at once those that are `final`.
    """
    waited, attempt = 0.0, 0
    while True:
        try:
            return call(**parameters)
        except Passing as error:
            is_final = isinstance(error, ClientError) and final(error)
            passing = None if is_final else find_passing(error)
            attempt += 1
            pause = None if passing is None else next_pause(passing, attempt, waited)
            if pause is None:
                raise
        sleep(pause)
        waited += pause


def wait_for(
    client: Any,
    waiter: str,
    names: Mapping[str, Any],
    sleep: Sleep,
    poll_seconds: float = POLL_SECONDS,
) -> None:
    """Wait until a resource is ready, by a waiter of boto3 that looks once at a time.

    Raises WaiterError if it failed, or is not ready in time.
    """
    once = {"Delay": 0, "MaxAttempts": 1}
    waited = 0.0
    while True:
        try:
            client.get_waiter(waiter).wait(**names, WaiterConfig=once)
        except (WaiterError, NoConnection, HTTPClientError) as error:
            if _has_failed(error) or waited >= WAITER_SECONDS:
                raise
        else:
            return
        sleep(poll_seconds)
        waited += poll_seconds


def _has_failed(error: Exception) -> bool:
    """Return whether waiting changes nothing: the resource failed, or reading it is refused."""
    answer = error.last_response or {} if isinstance(error, WaiterError) else {}
    if "Error" not in answer:
        return "terminal failure" in str(error)
    refusal = ClientError(answer, "GetFunction")
    return read_error(refusal)[0] not in NOT_YET and find_passing(refusal) is None
