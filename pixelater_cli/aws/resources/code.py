"""Objects of the code bucket: the zip and the stack's settings."""

from __future__ import annotations

import json
import operator

from pixelater_cli.aws.package.package import Package
from pixelater_cli.aws.resources.property import (
    EXISTS,
    ApiCall,
    Read,
    ResourceProperty,
    constant,
    describe_change,
)
from pixelater_cli.aws.stack import Document, Stack


def zip_property(stack: Stack, package: Package) -> ResourceProperty:
    """Return the zip in the code bucket as a property: named by its digest."""
    place = {
        "Bucket": stack.code_bucket,
        "Key": package.name_key(stack),
        "ExpectedBucketOwner": stack.account,
    }
    put = {**place, "ContentType": "application/zip", "Metadata": {"sha256": package.sha256}}
    title = f"upload zip {package.digest[:12]} ({len(package.data) / 1e6:.1f} MB)"
    absent = ("404", "NoSuchBucket")
    return ResourceProperty(
        (f"zip {package.digest[:12]}", EXISTS),
        Read("s3", "head_object", place, lambda answer: answer["Metadata"].get("sha256"), absent),
        package.sha256,
        constant(ApiCall(title, "s3", "put_object", put, body=package.data)),
        lambda found, _wanted: found is not None,
    )


def settings_property(stack: Stack) -> ResourceProperty:
    """Describe the note of what the stack was deployed with, which `status` and `destroy` read."""
    place = settings_object(stack)
    put = {**place, "ContentType": "application/json", "Body": json.dumps(stack.settings)}
    return ResourceProperty(
        (f"settings of stack {stack.name}", EXISTS),
        Read(
            "s3",
            "get_object",
            place,
            lambda answer: json.loads(answer["Body"].read()),
            ("NoSuchKey", "NoSuchBucket"),
        ),
        stack.settings,
        lambda found: (
            ApiCall(
                describe_change(f"settings of stack {stack.name}", found, stack.settings),
                "s3",
                "put_object",
                put,
            ),
        ),
        operator.eq,  # Our own document, which S3 keeps as it is.
    )


def settings_object(stack: Stack) -> Document:
    """Say where the stack's settings are noted, as get_object takes it."""
    return {
        "Bucket": stack.code_bucket,
        "Key": f"{stack.function}/settings.json",
        "ExpectedBucketOwner": stack.account,
    }
