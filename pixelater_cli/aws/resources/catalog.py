"""Owns the list of a stack's facts, in the order in which each finds what it needs.

Pure. The order: buckets, role, log group, failure queue, zip, function (settings before code, so
new code never runs with old settings), the alias on a published version, what becomes of failures,
the permission, and last the trigger, as S3 checks the permission when the trigger is set.
"""

from __future__ import annotations

from pixelater_cli.aws.package.package import Package
from pixelater_cli.aws.resources.bucket import describe_adopted, list_bucket_facts
from pixelater_cli.aws.resources.code import _describe_settings, _describe_zip
from pixelater_cli.aws.resources.function import list_function_facts
from pixelater_cli.aws.resources.log_group import _list_log
from pixelater_cli.aws.resources.notification import describe_former_trigger, describe_trigger
from pixelater_cli.aws.resources.property import (
    Fact,
)
from pixelater_cli.aws.resources.queue import _list_queue
from pixelater_cli.aws.resources.role import _list_role
from pixelater_cli.aws.stack import Stack


def list_facts(stack: Stack, package: Package, former_source: str = "") -> tuple[Fact, ...]:
    """List everything that a stack decides.

    `former_source` is the bucket that it had its photos from before, if that was another one.
    """
    former = former_source if former_source != stack.source_bucket else ""
    return (
        *((describe_former_trigger(stack, former),) if former else ()),
        *(describe_adopted(stack, bucket) for bucket in stack.adopted_buckets),
        *(fact for bucket in stack.own_buckets for fact in list_bucket_facts(stack, bucket)),
        *_list_role(stack),
        *_list_log(stack),
        *_list_queue(stack),
        _describe_zip(stack, package),
        _describe_settings(stack),
        *list_function_facts(stack, package),
        describe_trigger(stack),
    )


def list_all_facts(stack: Stack) -> tuple[Fact, ...]:
    """List the facts to remove: also of own buckets in whose place others were adopted since.

    Bare names on AWS may be somebody else's: there, such a bucket is left alone.
    """
    is_certain = stack.regional_names or not stack.tls
    named = stack.named_buckets if is_certain else ()
    former = (name for name in named if name not in stack.own_buckets)
    buckets = (fact for bucket in former for fact in list_bucket_facts(stack, bucket))
    return (*buckets, *list_facts(stack, Package("", "", b"")))
