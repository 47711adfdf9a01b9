"""Fast serialization of lists of objects.

moto looks up each value of each object under several names, and parses and formats each time, which
takes most of the time of a listing. Here, only what is not an object goes through moto.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import wraps
from typing import Any
from xml.sax.saxutils import escape

from moto.core.responses import ActionResult
from moto.s3.responses import S3Response

from pixelater_cli.emulator.moto_adapter.patching import MotoAttribute

ENTRIES = "Contents"
ACTIONS = ("ListObjects", "ListObjectsV2")

TAGS = ("Key", "LastModified", "ETag", "ChecksumAlgorithm", "Size", "StorageClass", "Owner")
OWNER_TAGS = ("DisplayName", "ID")
"""Elements of an object and of its owner, in the order of S3's model."""


def list_listing_patches() -> dict[MotoAttribute, Any]:
    """Return a patch of the serialization."""
    original = S3Response.serialized

    @wraps(original)
    def serialized(self: S3Response, action_result: ActionResult) -> Any:
        result = action_result.result
        if self.data.get("Action") not in ACTIONS or not isinstance(result, dict):
            return original(self, action_result)
        objects = result.pop(ENTRIES, ())
        status, headers, body = original(self, action_result)
        text = body.decode() if isinstance(body, bytes) else body
        # The bucket's name follows the objects. In text before it, "<" is escaped.
        before, name, after = text.partition("<Name>")
        return status, headers, "".join([before, *map(_write_object, objects), name, after])

    return {(S3Response, "serialized"): serialized}


def _write_object(entry: Mapping[str, Any]) -> str:
    """Return the XML element of an object.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    """
    elements = (_write_element(tag, entry[tag]) for tag in TAGS if tag in entry)
    return f"<{ENTRIES}>{''.join(elements)}</{ENTRIES}>"


def _write_element(tag: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_write_element(tag, item) for item in value)
    if isinstance(value, dict):
        content = "".join(_write_element(name, value[name]) for name in OWNER_TAGS)
    else:
        content = escape(str(value))
    return f"<{tag}>{content}</{tag}>"
