"""Queues that S3 may send notifications to."""

from __future__ import annotations

import json
from typing import Any

ALLOWED = {
    "Effect": "Allow",
    "Principal": {"Service": "s3.amazonaws.com"},
    "Action": "sqs:SendMessage",
    "Resource": "*",
}


def make_queue(sqs: Any, name: str) -> str:
    """Create a queue; return its ARN."""
    policy = json.dumps({"Version": "2012-10-17", "Statement": [ALLOWED]})
    url = sqs.create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"]
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    return str(told["QueueArn"])
