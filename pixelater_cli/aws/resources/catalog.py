"""List of all properties of a stack, each after those that it needs.

No I/O. The stack's settings come first: whatever an interrupted deploy leaves, the next command
knows of. The notification comes last, because S3 checks the permission when it is set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from pixelater_cli.aws.package.package import EMPTY_PACKAGE, Package
from pixelater_cli.aws.resources.alias import list_alias_properties
from pixelater_cli.aws.resources.bucket import (
    encryption_property,
    list_adopted_properties,
    list_bucket_properties,
)
from pixelater_cli.aws.resources.code import settings_property, zip_property
from pixelater_cli.aws.resources.cors import list_cors_properties
from pixelater_cli.aws.resources.function import list_function_properties
from pixelater_cli.aws.resources.log_group import list_log_group_properties
from pixelater_cli.aws.resources.notification import (
    former_notification_property,
    notification_property,
)
from pixelater_cli.aws.resources.property import ResourceProperty
from pixelater_cli.aws.resources.queue import list_queue_properties
from pixelater_cli.aws.resources.role import list_former_role_properties, list_role_properties
from pixelater_cli.aws.resources.secret import secret_property
from pixelater_cli.aws.resources.tags import list_tag_properties
from pixelater_cli.aws.stack import Document, Stack


def list_properties(
    stack: Stack,
    package: Package,
    former_sources: Sequence[str] = (),
    live: Stack | None = None,
    history: Document | None = None,
) -> tuple[ResourceProperty, ...]:
    """List the properties of a stack.

    `former_sources` are source buckets that it was deployed with before. With `live`, the settings
    of the version that runs until another takes its place, nothing is taken away that it needs.
    `history` has the settings of earlier versions.
    """
    former = former_sources if live is None else ()
    bucket, *bucket_settings = list_bucket_properties(stack, stack.code_bucket)
    adopted = (list_adopted_properties(stack, name) for name in stack.adopted_buckets)
    own = (
        list_bucket_properties(stack, name)
        for name in stack.own_buckets
        if name != stack.code_bucket
    )
    return (
        bucket,
        settings_property(stack, history),
        *bucket_settings,
        secret_property(stack),
        *chain.from_iterable(adopted),
        *chain.from_iterable(own),
        *list_cors_properties(stack),
        *list_role_properties(stack, live),
        *(encryption_property(stack, each) for each in stack.own_buckets if stack.find_key(each)),
        *list_log_group_properties(stack),
        *list_queue_properties(stack),
        zip_property(stack, package),
        *list_function_properties(stack, package),
        *(former_notification_property(stack, bucket) for bucket in former),
        *list_alias_properties(stack, package, former_sources, live),
        *list_tag_properties(stack),
        notification_property(stack),
    )


def list_all_properties(stack: Stack) -> tuple[ResourceProperty, ...]:
    """List the properties to remove, with buckets of the stack that adopted ones have replaced.

    On AWS, a bucket with a plain name may belong to another account: there, those are removed that
    the settings name.
    """
    is_certain = stack.regional_names or not stack.tls
    named = stack.named_buckets if is_certain else stack.former_buckets
    replaced = (
        list_bucket_properties(stack, name) for name in named if name not in stack.own_buckets
    )
    former = (replace(stack, adopted_source=bucket) for bucket in stack.former_sources)
    properties = list_properties(stack, EMPTY_PACKAGE)
    first = 1  # The code bucket, in which the settings are, is removed last.
    return (
        *properties[:first],
        *chain.from_iterable(replaced),
        *list_former_role_properties(stack),
        *properties[first:],
        *map(notification_property, former),
    )
