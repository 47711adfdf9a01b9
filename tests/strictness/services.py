"""What CloudWatch Logs and SQS refuse."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

from tests.strictness.site import LOGS_API, SQS_API, Answer, Site, list_cases

RETENTION = f"{LOGS_API}/API_PutRetentionPolicy.html"


def retain(days: object, site: Site) -> Answer:
    group = f"/strict/{secrets.token_hex(4)}"
    site.clients["logs"].create_log_group(logGroupName=group)
    return site.call("logs", "put_retention_policy", logGroupName=group, retentionInDays=days)


def send_json(service: str, target: str, body: bytes, site: Site) -> Answer:
    headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
    return site.ask("POST", "/", body, headers, service=service)


def make_queue(site: Site, **attributes: str) -> Answer:
    name = f"strict-{secrets.token_hex(4)}"
    parameters: dict[str, Any] = {"QueueName": name, "Attributes": attributes}
    return site.call("sqs", "create_queue", **parameters)


INVALID = "InvalidParameterException"

CASES = [
    *list_cases(
        RETENTION,
        400,
        INVALID,
        {f"a retention of {days} days": partial(retain, days) for days in (0, 2, 13, 366, -1)},
    ),
    *list_cases(
        RETENTION,
        200,
        "",
        {f"a retention of {days} days": partial(retain, days) for days in (1, 14, 365, 3653)},
    ),
    *list_cases(
        f"{LOGS_API}/CommonErrors.html",
        400,
        "SerializationException",
        {
            "logs: what is no JSON": partial(
                send_json, "logs", "Logs_20140328.PutRetentionPolicy", b"{"
            ),
            "sqs: what is no JSON": partial(send_json, "sqs", "AmazonSQS.SendMessage", b"{"),
            "logs: a number that is none": partial(retain, "many"),
        },
    ),
    *list_cases(
        f"{LOGS_API}/CommonErrors.html",
        400,
        "UnknownOperationException",
        {
            "logs: an operation that does not exist": partial(
                send_json, "logs", "Logs_20140328.Go", b"{}"
            )
        },
    ),
    *list_cases(
        f"{LOGS_API}/API_CreateLogGroup.html",
        400,
        INVALID,
        {
            "a log group without a name": lambda s: s.call("logs", "create_log_group"),
            "a log group of another name": lambda s: s.call(
                "logs", "create_log_group", logGroupName="a b"
            ),
        },
    ),
    *list_cases(
        f"{SQS_API}/API_SetQueueAttributes.html",
        400,
        "InvalidAttributeValue",
        {
            "a message retention of 1 second": lambda s: make_queue(s, MessageRetentionPeriod="1"),
            "a visibility timeout that is none": lambda s: make_queue(s, VisibilityTimeout="soon"),
            "a queue's policy that is no JSON": lambda s: make_queue(s, Policy="{"),
        },
    ),
]
