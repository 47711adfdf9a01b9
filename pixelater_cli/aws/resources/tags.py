"""Tags that users give to the role, the function, the failure queue and the log group.

Pure. A bucket's tags are set all at once (`bucket.py`). Tags of others are kept; a tag that was
given to an earlier deploy, and no longer is, is removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pixelater_cli.aws.resources.property import (
    ApiCall,
    Read,
    Ref,
    ResourceProperty,
    describe_change,
)
from pixelater_cli.aws.stack import Document, Stack


def list_tag_properties(stack: Stack) -> Iterator[ResourceProperty]:
    """List the tags of each resource as properties; none if no tags were ever given."""
    if not (stack.custom_tags or stack.dropped_tags):
        return
    log_group, function = {"resourceArn": stack.log_group_arn}, {"Resource": stack.function_arn}
    if not stack.function_role:
        yield _tag_property(
            stack,
            f"role {stack.role}",
            Read("iam", "get_role", {"RoleName": stack.role}, _read_role_tags, ("NoSuchEntity",)),
            ("tag_role", {"Tags": stack.tag_list}),
            ("untag_role", "TagKeys"),
        )
    yield _tag_property(
        stack,
        f"log group {stack.log_group}",
        Read("logs", "list_tags_for_resource", log_group, _pick("tags")),
        ("tag_resource", {"tags": stack.tags}),
        ("untag_resource", "tagKeys"),
    )
    yield _tag_property(
        stack,
        f"queue {stack.queue}",
        Read("sqs", "list_queue_tags", {"QueueUrl": Ref("QueueUrl")}, _pick("Tags")),
        ("tag_queue", {"Tags": stack.tags}),
        ("untag_queue", "TagKeys"),
    )
    yield _tag_property(
        stack,
        f"function {stack.function}",
        Read("lambda", "list_tags", function, _pick("Tags"), ("ResourceNotFoundException",)),
        ("tag_resource", {"Tags": stack.tags}),
        ("untag_resource", "TagKeys"),
    )


def _tag_property(
    stack: Stack, resource: str, read: Read, tag: tuple[str, Document], untag: tuple[str, str]
) -> ResourceProperty:
    """Return the tags of a resource; `read` picks all that it has, and has the parameters."""
    wanted: Document = {**stack.tags, **dict.fromkeys(stack.dropped_tags)}

    def pick(answer: Document) -> Document:
        return {name: read.pick(answer).get(name) for name in wanted}

    def steps(found: Document | None) -> Iterator[ApiCall]:
        found = found or {}
        if any(found.get(name) != value for name, value in stack.tags.items()):
            title = describe_change(f"tags of {resource}", found, wanted)
            yield ApiCall(title, read.service, tag[0], {**read.parameters, **tag[1]})
        if outdated := [name for name in stack.dropped_tags if found.get(name) is not None]:
            title = f"remove tags of {resource}: {', '.join(outdated)}"
            yield ApiCall(title, read.service, untag[0], {**read.parameters, untag[1]: outdated})

    return ResourceProperty(
        (resource, "tags"),
        Read(read.service, read.operation, read.parameters, pick, read.absent),
        wanted,
        lambda found: tuple(steps(found)),
        included=True,
    )


def _pick(member: str) -> Callable[[Document], dict[str, str]]:
    def pick(answer: Document) -> dict[str, str]:
        tags: dict[str, str] = answer.get(member) or {}
        return tags

    return pick


def _read_role_tags(answer: Document) -> dict[str, Any]:
    return {tag["Key"]: tag["Value"] for tag in answer["Role"].get("Tags", [])}
