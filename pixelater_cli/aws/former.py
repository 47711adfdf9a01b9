"""What earlier deploys of a stack have left, and a later one must know of. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pixelater.outputs import AnyOutput, parse_outputs, sort_outputs
from pixelater_cli.aws.operations.mosaics import choose_outputs
from pixelater_cli.aws.stack import Stack

OTHER = "\uffff"
"""No prefix has this character, a noncharacter of Unicode."""


def remember_former(stack: Stack, *former: Stack) -> Stack:
    """Return the stack with what remains of `former`, the stack as it was deployed before.

    Objects keep the key that they were encrypted with, and published versions of the function their
    role; mosaics and documents that are no longer wanted stay. The stack removes the tags that it
    has set, and no others. Its own buckets stay when adopted ones replace them.
    """
    keys, roles, tags = list[str](), list[str](), list[str]()
    buckets = list[str]()
    outputs = set[AnyOutput]()
    for each in former:
        keys += (*each.former_keys, *_list_keys(each))
        roles += (*each.former_roles, *(() if each.function_role else (each.role,)))
        tags += (*each.dropped_tags, *_list_tag_names(each))
        buckets += (*each.former_buckets, *each.own_buckets)
        outputs |= {*parse_outputs(each.former_grids), *_list_replaced(each, stack)}
    wanted = set.intersection(*map(set, _list_by_region(stack, ()).values()))
    return replace(
        stack,
        former_keys=_leave_out(keys, _list_keys(stack)),
        former_roles=_leave_out(roles, [stack.role]),
        dropped_tags=_leave_out(tags, _list_tag_names(stack)),
        former_buckets=_leave_out(buckets, stack.own_buckets),
        former_cors=not stack.cors and any(each.cors or each.former_cors for each in former),
        former_grids=tuple(map(str, sort_outputs(outputs - wanted))),
    )


def _list_keys(stack: Stack) -> list[str]:
    keys = map(stack.find_key, (stack.source_bucket, stack.destination_bucket))
    return [key for key in (*keys, stack.key_arn(stack.kms_key)) if key]


def _list_tag_names(stack: Stack) -> list[str]:
    return [tag.partition("=")[0] for tag in stack.custom_tags]


def _list_replaced(former: Stack, stack: Stack) -> set[AnyOutput]:
    """List the outputs of some keys that the same keys do not have any more."""
    prefixes = [rule.prefix for rule in (*former.rules, *stack.rules)]
    before, now = _list_by_region(former, prefixes), _list_by_region(stack, prefixes)
    return {output for region in before for output in before[region] if output not in now[region]}


def _list_by_region(stack: Stack, prefixes: Iterable[str]) -> dict[str, tuple[AnyOutput, ...]]:
    """List the outputs of the keys that begin with each prefix, and with no longer one."""
    own = (rule.prefix for rule in stack.rules)
    regions = {"", *own, *prefixes}
    return {prefix: choose_outputs(stack, prefix + OTHER) for prefix in regions}


def _leave_out(values: Iterable[str], current: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values).difference(current)))
