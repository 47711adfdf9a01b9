"""What S3 refuses of tags, in a header or in a document.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from pixelater_cli.emulator.strict.documents import strip_namespace
from pixelater_cli.emulator.strict.refusal import Refusal
from pixelater_cli.emulator.strict.s3_request import S3Request

HEADER = "x-amz-tagging"

MAX_KEY = 128
MAX_VALUE = 256
MAX_OBJECT_TAGS = 10
MAX_BUCKET_TAGS = 50

LIMITS = {
    "PutObjectTagging": (MAX_OBJECT_TAGS, "Object tags cannot be greater than 10"),
    "PutBucketTagging": (MAX_BUCKET_TAGS, "Bucket tag count cannot be greater than 50"),
}
"""The most tags that an operation sets, and what S3 says of more."""

TEXT = re.compile(r"[\w\s+\-=.:/@]*")
"""Letters, white space and digits of all scripts, and some more characters."""

RESERVED = "aws:"

Tags = Sequence[tuple[str, str]]


def list_tags(root: ElementTree.Element) -> list[tuple[str, str]]:
    """List the tags of a document, which may have none."""
    tags = [element for element in root.iter() if strip_namespace(element.tag) == "Tag"]
    pairs = [{strip_namespace(child.tag): child.text or "" for child in tag} for tag in tags]
    return [(pair["Key"], pair["Value"]) for pair in pairs]


def check_header(request: S3Request) -> None:
    """Refuse the tags of a new object, which are in a header. Raises Refusal."""
    text = request.headers.get(HEADER)
    if text is None or HEADER not in (request.operation.headers or {}):
        return
    tags = parse_qsl(text, keep_blank_values=True)
    keys = [key for key, _ in tags]
    if len(keys) != len(set(keys)):
        message = (
            f"The header '{HEADER}' shall be encoded as UTF-8 then URLEncoded URL query "
            "parameters without tag name duplicates."
        )
        fields = {"ArgumentName": HEADER, "ArgumentValue": text}
        raise Refusal(400, "InvalidArgument", message, fields)
    check_tags(tags, "PutObjectTagging")


def check_tags(tags: Tags, operation: str) -> None:
    """Refuse too many tags for an operation, and keys or values that are none. Raises Refusal."""
    limit, message = LIMITS.get(operation, (len(tags), ""))
    if len(tags) > limit:
        raise Refusal(400, "BadRequest", message)
    keys = [key for key, _ in tags]
    if len(keys) != len(set(keys)):
        raise _wrong("Cannot provide multiple Tags with the same key")
    for key, value in tags:
        if not 0 < len(key) <= MAX_KEY or not TEXT.fullmatch(key):
            raise _wrong("The TagKey you have provided is invalid")
        if len(value) > MAX_VALUE or not TEXT.fullmatch(value):
            raise _wrong("The TagValue you have provided is invalid")
        if key.lower().startswith(RESERVED):
            raise _wrong("System tags cannot be added/updated by requester")


def _wrong(message: str) -> Refusal:
    return Refusal(400, "InvalidTag", message)
