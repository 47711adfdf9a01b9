"""CloudWatch log group of the function."""

from __future__ import annotations

from collections.abc import Iterator

from pixelater_cli.aws.resources.property import (
    EXISTS,
    Fact,
    Read,
    Step,
    just,
    word,
)
from pixelater_cli.aws.stack import Document, Stack

NO_GROUP = "ResourceNotFoundException"


def _list_log(stack: Stack) -> Iterator[Fact]:
    resource, named = f"log group {stack.log_group}", {"logGroupName": stack.log_group}
    look = {"logGroupNamePrefix": stack.log_group}

    def pick(answer: Document) -> Document | None:
        groups = (one for one in answer["logGroups"] if one["logGroupName"] == stack.log_group)
        return next(groups, None)

    def pick_days(answer: Document) -> int | None:
        return (pick(answer) or {}).get("retentionInDays")

    create = {**named, "tags": stack.tags}
    removal = Step(f"remove {resource}", "logs", "delete_log_group", named, gone=(NO_GROUP,))
    yield Fact(
        (resource, EXISTS),
        Read("logs", "describe_log_groups", look, lambda answer: pick(answer) and True),
        True,
        just(Step(f"create {resource}", "logs", "create_log_group", create)),
        remove=just(removal),
    )
    keep = {**named, "retentionInDays": stack.log_days}
    title = f"days to keep {resource}"
    yield Fact(
        (resource, "retention"),
        Read("logs", "describe_log_groups", look, pick_days),
        stack.log_days,
        lambda found: (
            Step(word(title, found, stack.log_days), "logs", "put_retention_policy", keep),
        ),
    )
