"""What earlier deploys of a stack have left, and a later one must know of. Pure."""

from __future__ import annotations

from dataclasses import replace

from pixelater_cli.aws.stack import Stack


def remember_former(stack: Stack, former: Stack) -> Stack:
    """Return the stack with what remains of `former`, the stack as it was deployed before.

    Objects keep the key that they were encrypted with, and published versions of the function their
    role. The stack removes the tags that it has set, and no others.
    """
    keys = _list_keys(stack)
    roles = [*former.former_roles, *([] if former.function_role else [former.role])]
    names = {tag.partition("=")[0] for tag in stack.custom_tags}
    tags = [*former.dropped_tags, *(tag.partition("=")[0] for tag in former.custom_tags)]
    return replace(
        stack,
        former_keys=_leave_out([*former.former_keys, *_list_keys(former)], keys),
        former_roles=_leave_out(roles, [stack.role]),
        dropped_tags=_leave_out(tags, names),
    )


def _list_keys(stack: Stack) -> list[str]:
    keys = map(stack.find_key, (stack.source_bucket, stack.destination_bucket))
    return [key for key in (*keys, stack.key_arn(stack.kms_key)) if key]


def _leave_out(values: list[str], current: list[str] | set[str]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value not in current}))
