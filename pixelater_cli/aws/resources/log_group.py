"""CloudWatch log group of the function."""

from __future__ import annotations

from collections.abc import Iterator

from pixelater_cli.aws.resources.property import (
    ApiCall,
    Read,
    ResourceProperty,
    change,
    existence,
)
from pixelater_cli.aws.stack import Document, Stack

NO_GROUP = ("ResourceNotFoundException",)


def list_log_group_properties(stack: Stack) -> Iterator[ResourceProperty]:
    """List the properties of the log group: that it exists, and its retention."""
    resource, named = f"log group {stack.log_group}", {"logGroupName": stack.log_group}
    prefix = {"logGroupNamePrefix": stack.log_group}

    def pick(answer: Document) -> Document | None:
        groups = answer["logGroups"]
        return next((group for group in groups if group["logGroupName"] == stack.log_group), None)

    create = {**named, "tags": stack.tags}
    yield existence(
        resource,
        Read("logs", "describe_log_groups", prefix, lambda answer: pick(answer) and True),
        ApiCall(f"create {resource}", "logs", "create_log_group", create),
        ApiCall(f"remove {resource}", "logs", "delete_log_group", named, absent=NO_GROUP),
    )
    days = stack.log_days
    put = {**named, "retentionInDays": days}
    yield ResourceProperty(
        (resource, "retention"),
        Read(
            "logs",
            "describe_log_groups",
            prefix,
            lambda answer: (pick(answer) or {}).get("retentionInDays"),
        ),
        days,
        change(f"days to keep {resource}", days, "logs", "put_retention_policy", put),
    )
