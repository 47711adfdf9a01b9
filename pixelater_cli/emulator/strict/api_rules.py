"""What single operations refuse, besides what their models say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from pixelater_cli.emulator.strict.refusal import Refusal
from pixelater_cli.emulator.strict.rekognition_rules import (
    check_attributes,
    check_image,
    check_regions,
)

RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557),
    *(2922, 3288, 3653),
)
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""

QUEUE_NUMBERS = {
    "DelaySeconds": (0, 900),
    "MaximumMessageSize": (1024, 2**20),
    "MessageRetentionPeriod": (60, 14 * 24 * 60 * 60),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 12 * 60 * 60),
    "KmsDataKeyReusePeriodSeconds": (60, 24 * 60 * 60),
}
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"""

QUEUE_DOCUMENTS = ("Policy", "RedrivePolicy", "RedriveAllowPolicy")

NO_TRIGGER = (
    "this emulator runs functions for Invoke and for notifications of S3 only: no other service "
    "can trigger them"
)
"""Not AWS's words: AWS has these triggers. moto would run a function whose messages or log events
trigger it again forever, where AWS detects the loop
(https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html)."""

INTEGER = re.compile(r"\d{1,9}")


def check_retention(document: Mapping[str, Any]) -> None:
    """Refuse a number of days that is not one of those offered. Raises Refusal."""
    days = document["retentionInDays"]
    if days not in RETENTION_DAYS:
        values = ", ".join(map(str, RETENTION_DAYS))
        raise Refusal(
            400,
            "InvalidParameterException",
            f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy "
            f"constraint: Member must satisfy enum value set: [{values}]",
        )


def check_queue(document: Mapping[str, Any]) -> None:
    """Refuse attributes of a queue that are not in their range, or no JSON. Raises Refusal."""
    for name, value in (document.get("Attributes") or {}).items():
        limits = QUEUE_NUMBERS.get(name)
        if limits and not (INTEGER.fullmatch(value) and limits[0] <= int(value) <= limits[1]):
            raise _wrong(name)
        if name in QUEUE_DOCUMENTS and value:
            _check_object(name, value)


def _check_object(name: str, text: str) -> None:
    try:
        is_object = isinstance(json.loads(text), dict)
    except ValueError:
        is_object = False
    if not is_object:
        raise _wrong(name)


def _wrong(name: str) -> Refusal:
    return Refusal(400, "InvalidAttributeValue", f"Invalid value for the parameter {name}.")


def check_subscription_filter(document: Mapping[str, Any]) -> None:
    """Refuse to send log events to a function: one that logs would run forever. Raises Refusal."""
    _refuse_function("InvalidParameterException", document.get("destinationArn"))


def check_subscription(document: Mapping[str, Any]) -> None:
    """Refuse to send messages of a topic to a function. Raises Refusal."""
    if document.get("Protocol") == "lambda":
        raise _no_trigger("InvalidParameter")


def check_targets(document: Mapping[str, Any]) -> None:
    """Refuse to send events of EventBridge to a function. Raises Refusal."""
    for target in document.get("Targets") or ():
        _refuse_function("ValidationException", target.get("Arn"))


def _refuse_function(code: str, arn: object) -> None:
    if ":lambda:" in str(arn):
        raise _no_trigger(code)


def _no_trigger(code: str) -> Refusal:
    return Refusal(400, code, NO_TRIGGER)


CHECKS: Mapping[str, tuple[Callable[[Mapping[str, Any]], None], ...]] = {
    "logs.PutRetentionPolicy": (check_retention,),
    "logs.PutSubscriptionFilter": (check_subscription_filter,),
    "sns.Subscribe": (check_subscription,),
    "events.PutTargets": (check_targets,),
    "sqs.CreateQueue": (check_queue,),
    "sqs.SetQueueAttributes": (check_queue,),
    "rekognition.DetectFaces": (check_image, check_attributes),
    "rekognition.DetectText": (check_image, check_regions),
}
"""The checks of an operation."""
