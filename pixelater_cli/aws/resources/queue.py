"""SQS queue of failed events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pixelater_cli.aws.resources.property import (
    EXISTS,
    ApiCall,
    Read,
    Ref,
    ResourceProperty,
    constant,
    describe_change,
    exists,
)
from pixelater_cli.aws.stack import Document, Stack

QUEUE_SECONDS = 14 * 24 * 60 * 60
"""Failures are kept for two weeks, the most that SQS offers."""


NO_QUEUE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


def list_queue_properties(stack: Stack) -> Iterator[ResourceProperty]:
    """List the properties of the failure queue: that it exists, and its attributes."""
    resource, named = f"queue {stack.queue}", {"QueueName": stack.queue}
    attributes = queue_attributes()
    place = {"QueueUrl": Ref("QueueUrl")}
    create = {**named, "Attributes": attributes, "tags": stack.tags}
    removal = ApiCall(f"remove {resource}", "sqs", "delete_queue", place, gone=NO_QUEUE)
    yield ResourceProperty(
        (resource, EXISTS),
        Read("sqs", "get_queue_url", named, exists, NO_QUEUE, keep="QueueUrl"),
        True,
        constant(ApiCall(f"create {resource}", "sqs", "create_queue", create, keep="QueueUrl")),
        remove=constant(removal),
    )
    everything = {**place, "AttributeNames": ["All"]}
    put = {**place, "Attributes": attributes}

    def pick(answer: Document) -> Document:
        return {name: answer["Attributes"].get(name) for name in attributes}

    def steps(found: Any) -> tuple[ApiCall, ...]:
        title = describe_change(f"attributes of {resource}", found, attributes)
        return (ApiCall(title, "sqs", "set_queue_attributes", put),)

    read = Read("sqs", "get_queue_attributes", everything, pick, NO_QUEUE)
    yield ResourceProperty((resource, "attributes"), read, attributes, steps, included=True)


def queue_attributes() -> dict[str, str]:
    """Give the failure queue's attributes: kept for two weeks, encrypted."""
    return {"MessageRetentionPeriod": str(QUEUE_SECONDS), "SqsManagedSseEnabled": "true"}
