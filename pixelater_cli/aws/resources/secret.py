"""Object of the code bucket with the secret that keys the metadata of mosaics.

No I/O. The function gets the secret as an environment variable. Plans show its fingerprint.
"""

from __future__ import annotations

from pixelater_cli.aws.resources.property import EXISTS, ApiCall, Read, ResourceProperty, constant
from pixelater_cli.aws.stack import Document, Stack
from pixelater_function.mosaic_metadata import MetadataKey

NO_SECRET = ("NoSuchKey", "NoSuchBucket")


def secret_property(stack: Stack) -> ResourceProperty:
    """Return the stored secret as a property, whose value is its fingerprint.

    Two deploys at the same time do not store two secrets: the second put fails.
    """
    resource, target = f"secret of stack {stack.name}", secret_object(stack)
    key = stack.find_key(stack.code_bucket)
    # It is written before the bucket encrypts with this key.
    by_key = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key, "BucketKeyEnabled": True}
    put = {
        **target,
        "ContentType": "text/plain",
        "IfNoneMatch": "*",
        **(by_key if key else {}),
    }
    create = ApiCall(
        f"create {resource}", "s3", "put_object", put, body=stack.secret.encode("ascii")
    )
    return ResourceProperty(
        (resource, EXISTS),
        Read("s3", "get_object", target, _read_fingerprint, NO_SECRET),
        stack.metadata_key.fingerprint,
        constant(*((create,) if stack.secret else ())),
        lambda found, wanted: found == wanted,
    )


def secret_object(stack: Stack) -> Document:
    """Return the object that holds the stack's secret, as get_object takes it."""
    return {**stack.owned(stack.code_bucket), "Key": f"{stack.function}/secret"}


def read_secret(answer: Document) -> str:
    """Return the secret in an answer to get_object."""
    text: bytes = answer["Body"].read()
    return text.decode("ascii", errors="replace").strip()


def _read_fingerprint(answer: Document) -> str:
    return MetadataKey(read_secret(answer)).fingerprint
