"""SQS queue of failed events."""

from __future__ import annotations

from collections.abc import Iterator

from pixelater_cli.aws.resources.property import (
    ApiCall,
    Read,
    Ref,
    ResourceProperty,
    change,
    existence,
    exists,
)
from pixelater_cli.aws.stack import Document, Stack

ATTRIBUTES = {"MessageRetentionPeriod": str(14 * 24 * 60 * 60), "SqsManagedSseEnabled": "true"}
"""Failures are kept for two weeks, the most that SQS offers, and encrypted."""

NO_QUEUE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


def list_queue_properties(stack: Stack) -> Iterator[ResourceProperty]:
    """List the properties of the failure queue: that it exists, and its attributes."""
    resource, named = f"queue {stack.queue}", {"QueueName": stack.queue}
    url = {"QueueUrl": Ref("QueueUrl")}
    create = {**named, "Attributes": ATTRIBUTES, "tags": stack.tags}
    yield existence(
        resource,
        Read("sqs", "get_queue_url", named, exists, NO_QUEUE, output="QueueUrl"),
        ApiCall(f"create {resource}", "sqs", "create_queue", create, output="QueueUrl"),
        ApiCall(f"remove {resource}", "sqs", "delete_queue", url, absent=NO_QUEUE),
    )
    put = {**url, "Attributes": ATTRIBUTES}

    def pick(answer: Document) -> Document:
        return {name: answer["Attributes"].get(name) for name in ATTRIBUTES}

    yield ResourceProperty(
        (resource, "attributes"),
        Read("sqs", "get_queue_attributes", {**url, "AttributeNames": ["All"]}, pick, NO_QUEUE),
        ATTRIBUTES,
        change(f"attributes of {resource}", ATTRIBUTES, "sqs", "set_queue_attributes", put),
        included=True,
    )
