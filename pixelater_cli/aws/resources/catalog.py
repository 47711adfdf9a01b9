"""Owns the list of a stack's facts, in the order in which each finds what it needs.

Pure. The order: buckets, role, log group, failure queue, zip, function (settings before code, so
new code never runs with old settings), the alias on a published version, what becomes of failures,
the permission, and last the trigger, as S3 checks the permission when the trigger is set.
"""

from __future__ import annotations

from pixelater_cli.aws.package.package import Package
from pixelater_cli.aws.resources.alias import list_alias_properties
from pixelater_cli.aws.resources.bucket import adopted_bucket_property, list_bucket_properties
from pixelater_cli.aws.resources.code import settings_property, zip_property
from pixelater_cli.aws.resources.function import list_function_properties
from pixelater_cli.aws.resources.log_group import list_log_group_properties
from pixelater_cli.aws.resources.notification import (
    former_notification_property,
    notification_property,
)
from pixelater_cli.aws.resources.property import (
    ResourceProperty,
)
from pixelater_cli.aws.resources.queue import list_queue_properties
from pixelater_cli.aws.resources.role import list_role_properties
from pixelater_cli.aws.stack import Stack


def list_properties(
    stack: Stack, package: Package, former_source: str = ""
) -> tuple[ResourceProperty, ...]:
    """List everything that a stack decides.

    `former_source` is the bucket that it had its photos from before, if that was another one.
    """
    former = former_source if former_source != stack.source_bucket else ""
    return (
        *((former_notification_property(stack, former),) if former else ()),
        *(adopted_bucket_property(stack, bucket) for bucket in stack.adopted_buckets),
        *(fact for bucket in stack.own_buckets for fact in list_bucket_properties(stack, bucket)),
        *list_role_properties(stack),
        *list_log_group_properties(stack),
        *list_queue_properties(stack),
        zip_property(stack, package),
        settings_property(stack),
        *list_function_properties(stack, package),
        *list_alias_properties(stack, package),
        notification_property(stack),
    )


def list_all_properties(stack: Stack) -> tuple[ResourceProperty, ...]:
    """List the facts to remove: also of own buckets in whose place others were adopted since.

    Bare names on AWS may be somebody else's: there, such a bucket is left alone.
    """
    is_certain = stack.regional_names or not stack.tls
    named = stack.named_buckets if is_certain else ()
    former = (name for name in named if name not in stack.own_buckets)
    buckets = (fact for bucket in former for fact in list_bucket_properties(stack, bucket))
    return (*buckets, *list_properties(stack, Package("", "", b"")))
