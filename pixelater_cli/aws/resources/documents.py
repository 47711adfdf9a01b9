"""Owns the documents of a stack: policies, the function's configuration, the trigger.

Pure: made from the stack's names and settings alone, as boto3 takes them.
"""

from __future__ import annotations

from pixelater_cli.aws.stack import Stack


def list_events(stack: Stack) -> list[str]:
    """List the events that run the function: a photo comes, or goes if deletes are mirrored."""
    removals = ["s3:ObjectRemoved:*", "s3:LifecycleExpiration:*"] if stack.mirror_deletes else []
    return ["s3:ObjectCreated:*", *removals]
