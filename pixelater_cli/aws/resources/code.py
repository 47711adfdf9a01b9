"""Objects of the code bucket: the zip and the stack's settings."""

from __future__ import annotations

import json

from pixelater_cli.aws.package.package import Package
from pixelater_cli.aws.resources.property import (
    EXISTS,
    ApiCall,
    Read,
    ResourceProperty,
    change,
    constant,
)
from pixelater_cli.aws.stack import Document, Stack
from pixelater_cli.aws.stack_looks import show_looks

VERSION, VERSIONS, COPIES, FAILED = HISTORY = ("version", "versions", "copies", "failed")
"""Members of the document of settings: the version that they are of, if it was known when they were
written, the settings of other versions by their numbers, of the versions that `rollback` has
published, by their numbers, the versions whose code and settings they have, and the versions whose
smoke test failed."""


def zip_property(stack: Stack, package: Package) -> ResourceProperty:
    """Return the zip in the code bucket, whose key is its digest, as a property."""
    target = {**stack.owned(stack.code_bucket), "Key": package.name_key(stack)}
    put = {**target, "ContentType": "application/zip", "Metadata": {"sha256": package.sha256}}
    title = f"upload zip {package.digest[:12]} ({len(package.data) / 1e6:.1f} MB)"
    absent = ("404", "NoSuchBucket")
    return ResourceProperty(
        (f"zip {package.digest[:12]}", EXISTS),
        Read("s3", "head_object", target, lambda answer: answer["Metadata"].get("sha256"), absent),
        package.sha256,
        constant(ApiCall(title, "s3", "put_object", put, body=package.data)),
        lambda found, _wanted: found is not None,
    )


def settings_property(stack: Stack, history: Document | None = None) -> ResourceProperty:
    """Return the settings that the stack is deployed with, which other commands read.

    Next to them are those of earlier versions of the function, `history`; they are written whenever
    the settings are, and make no difference.
    """
    target, settings = settings_object(stack), stack.settings
    wanted = show_looks(settings)
    key = stack.find_key(stack.code_bucket)
    # They are written before the bucket encrypts with this key.
    by_key = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key, "BucketKeyEnabled": True}
    encryption = by_key if key else {}
    title = f"settings of stack {stack.name}"
    absent = ("NoSuchKey", "NoSuchBucket")

    def steps(found: Document | None) -> tuple[ApiCall, ...]:
        known = {name: value for name, value in (found or {}).items() if name in HISTORY}
        body = {**settings, **(known if history is None else history)}
        put = {**target, "ContentType": "application/json", "Body": json.dumps(body), **encryption}
        return change(title, wanted, "s3", "put_object", put)(found)

    def is_same(found: Document | None, wanted: Document) -> bool:
        """Compare exactly: S3 returns this document as it was written."""
        return found is not None and leave_out_history(found) == wanted

    return ResourceProperty(
        (title, EXISTS),
        Read("s3", "get_object", target, _read_document, absent),
        wanted,
        steps,
        is_same,
    )


def _read_document(answer: Document) -> Document:
    return show_looks(json.loads(answer["Body"].read()))


def leave_out_history(document: Document) -> Document:
    """Return a document of settings without those of earlier versions."""
    return {name: value for name, value in document.items() if name not in HISTORY}


def settings_object(stack: Stack) -> Document:
    """Return the object that holds the stack's settings, as get_object takes it."""
    return {**stack.owned(stack.code_bucket), "Key": f"{stack.function}/settings.json"}
