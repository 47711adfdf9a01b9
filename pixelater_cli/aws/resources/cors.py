"""CORS of the destination bucket: which web pages may read its objects with a script.

No I/O. Rules that others added to the bucket are kept: a rule with the ID `pixelater` is the
stack's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pixelater_cli.aws.resources.canonical import is_equal
from pixelater_cli.aws.resources.property import (
    ApiCall,
    Read,
    ResourceProperty,
    describe_change,
)
from pixelater_cli.aws.stack import Document, Stack

RULE_ID = "pixelater"

MAX_AGE_SECONDS = 3600
"""How long a browser remembers the answer to a preflight request."""

OTHERS = "others"
"""The rules of others, in the current value."""

TEXTS = ("AllowedOrigins", "AllowedMethods", "AllowedHeaders", "ExposeHeaders")


def list_cors_properties(stack: Stack) -> Iterator[ResourceProperty]:
    """List the CORS configuration as a property; none if the stack never had origins."""
    if not (stack.cors or stack.former_cors) or stack.adopted_destination:
        return
    bucket = stack.destination_bucket
    resource, owned = f"bucket {bucket}", stack.owned(bucket)
    own = make_rules(stack)
    wanted = _show(own)

    def steps(found: Document | None) -> tuple[ApiCall, ...]:
        others = (found or {}).get(OTHERS, [])
        current = {name: value for name, value in (found or {}).items() if name != OTHERS}
        title = f"remove rule {RULE_ID} of CORS of {resource}"
        if wanted:
            title = describe_change(f"CORS of {resource}", current, wanted)
        if wanted and not current:
            title += f": {wanted['AllowedOrigins']}"
        if not (rules := others + own):
            return (ApiCall(title, "s3", "delete_bucket_cors", owned),)
        # S3 takes the first rule that fits a request: those of others have precedence.
        put = {**owned, "CORSConfiguration": {"CORSRules": rules}}
        return (ApiCall(title, "s3", "put_bucket_cors", put),)

    def is_same(found: Document | None, wanted: Document) -> bool:
        current = {name: value for name, value in (found or {}).items() if name != OTHERS}
        return is_equal(current, wanted)

    absent = ("NoSuchCORSConfiguration", "NoSuchBucket")
    read = Read("s3", "get_bucket_cors", owned, lambda answer: _show(answer["CORSRules"]), absent)
    shown = wanted.get("AllowedOrigins", f"rule {RULE_ID} removed")
    yield ResourceProperty((resource, "CORS"), read, wanted, steps, is_same, shown=shown)


def make_rules(stack: Stack) -> list[Document]:
    """Return the stack's rule in a list, or no rule without origins.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html
    """
    if not stack.cors:
        return []
    return [
        {
            "ID": RULE_ID,
            "AllowedOrigins": list(stack.cors),
            "AllowedMethods": ["GET", "HEAD"],
            "AllowedHeaders": ["*"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": MAX_AGE_SECONDS,
        }
    ]


def _show(rules: list[Any]) -> Document:
    """Return the stack's rule with lists as text, and the rules of others."""
    shown: Document = {}
    for rule in rules:
        if rule.get("ID") != RULE_ID:
            shown.setdefault(OTHERS, []).append(rule)
            continue
        for name, value in rule.items():
            if name != "ID":
                shown[name] = ", ".join(sorted(value)) if name in TEXTS else value
    return shown
