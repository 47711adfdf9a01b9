"""What earlier deploys of a stack have left, and a later one must know of. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from pixelater_cli.aws.operations.mosaics import list_all_grids, list_grids
from pixelater_cli.aws.stack import Stack

Value = TypeVar("Value", str, int)


def remember_former(stack: Stack, *former: Stack) -> Stack:
    """Return the stack with what remains of `former`, the stack as it was deployed before.

    Objects keep the key that they were encrypted with, and published versions of the function their
    role; mosaics of grids that are no longer wanted stay. The stack removes the tags that it has
    set, and no others. Its own buckets stay when adopted ones replace them.
    """
    keys, roles, tags = list[str](), list[str](), list[str]()
    buckets = list[str]()
    grids = list[int]()
    for each in former:
        keys += (*each.former_keys, *_list_keys(each))
        roles += (*each.former_roles, *(() if each.function_role else (each.role,)))
        tags += (*each.dropped_tags, *_list_tag_names(each))
        grids += list_all_grids(each)
        buckets += (*each.former_buckets, *each.own_buckets)
    return replace(
        stack,
        former_keys=_leave_out(keys, _list_keys(stack)),
        former_roles=_leave_out(roles, [stack.role]),
        dropped_tags=_leave_out(tags, _list_tag_names(stack)),
        former_buckets=_leave_out(buckets, stack.own_buckets),
        former_grids=_leave_out(grids, list_grids(stack)),
    )


def _list_keys(stack: Stack) -> list[str]:
    keys = map(stack.find_key, (stack.source_bucket, stack.destination_bucket))
    return [key for key in (*keys, stack.key_arn(stack.kms_key)) if key]


def _list_tag_names(stack: Stack) -> list[str]:
    return [tag.partition("=")[0] for tag in stack.custom_tags]


def _leave_out(values: Iterable[Value], current: Iterable[Value]) -> tuple[Value, ...]:
    return tuple(sorted(set(values).difference(current)))
