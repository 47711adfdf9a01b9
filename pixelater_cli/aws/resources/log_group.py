"""CloudWatch log group of the function."""

from __future__ import annotations

from collections.abc import Iterator

from pixelater_cli.aws.resources.property import (
    EXISTS,
    ApiCall,
    Read,
    ResourceProperty,
    constant,
    describe_change,
)
from pixelater_cli.aws.stack import Document, Stack

NO_GROUP = "ResourceNotFoundException"


def list_log_group_properties(stack: Stack) -> Iterator[ResourceProperty]:
    """List the properties of the log group: that it exists, and its retention."""
    resource, named = f"log group {stack.log_group}", {"logGroupName": stack.log_group}
    look = {"logGroupNamePrefix": stack.log_group}

    def pick(answer: Document) -> Document | None:
        groups = (one for one in answer["logGroups"] if one["logGroupName"] == stack.log_group)
        return next(groups, None)

    def pick_days(answer: Document) -> int | None:
        return (pick(answer) or {}).get("retentionInDays")

    create = {**named, "tags": stack.tags}
    removal = ApiCall(f"remove {resource}", "logs", "delete_log_group", named, gone=(NO_GROUP,))
    yield ResourceProperty(
        (resource, EXISTS),
        Read("logs", "describe_log_groups", look, lambda answer: pick(answer) and True),
        True,
        constant(ApiCall(f"create {resource}", "logs", "create_log_group", create)),
        remove=constant(removal),
    )
    keep = {**named, "retentionInDays": stack.log_days}
    title = f"days to keep {resource}"
    yield ResourceProperty(
        (resource, "retention"),
        Read("logs", "describe_log_groups", look, pick_days),
        stack.log_days,
        lambda found: (
            ApiCall(
                describe_change(title, found, stack.log_days), "logs", "put_retention_policy", keep
            ),
        ),
    )
