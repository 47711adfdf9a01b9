"""S3's operations, found by method, path and query as botocore's model describes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape

DEPRECATED = {
    "GetBucketLifecycle",
    "GetBucketNotification",
    "PutBucketLifecycle",
    "PutBucketNotification",
}
"""Operations that share their address with a newer one."""


@dataclass(frozen=True)
class Operation:
    """An operation of S3; one without a name is none that S3 has.

    `document` is the shape of its body, where that is XML; `parameters` are the shapes of query
    parameters and headers, by name.
    """

    name: str = ""
    document: Shape | None = None
    document_name: str = ""
    document_required: bool = False
    checksummed: bool = False
    query: Mapping[str, Shape] | None = None
    headers: Mapping[str, Shape] | None = None


UNKNOWN = Operation()

ABSENT = re.compile(
    r"\w*(Abac|Analytics|Annotation|IntelligentTiering|Metadata|Metrics)\w*|CreateSession"
    r"|GetBucketRequestPayment|GetObjectTorrent|PutBucketRequestPayment|RenameObject"
    r"|SelectObjectContent|UpdateObjectEncryption|WriteGetObjectResponse|GetObjectRetention"
)
"""Operations that moto does not have; it would take them for others."""


def find_operation(
    method: str,
    has_bucket: bool,
    has_key: bool,
    query: Mapping[str, str],
    headers: Mapping[str, str],
) -> Operation:
    """Find what a request asks for."""
    operations = _load_operations()
    scope = "key" if has_key else "bucket" if has_bucket else ""
    name = _find_multipart(method, query, headers) if has_key else ""
    if name:
        return operations.by_name[name]
    for parameter in query:
        if (found := operations.by_address.get((method, scope, parameter))) is not None:
            return found
    if scope == "bucket" and query.get("list-type") == "2":
        return operations.by_name["ListObjectsV2"]
    if method == "PUT" and scope == "key" and "x-amz-copy-source" in headers:
        return operations.by_name["CopyObject"]
    if method == "POST" and scope == "bucket":
        return Operation("PostObject")
    return operations.by_address.get((method, scope, ""), UNKNOWN)


def _find_multipart(method: str, query: Mapping[str, str], headers: Mapping[str, str]) -> str:
    if "uploadId" not in query:
        return ""
    if method == "PUT" and "partNumber" in query:
        return "UploadPartCopy" if "x-amz-copy-source" in headers else "UploadPart"
    names = {
        "GET": "ListParts",
        "DELETE": "AbortMultipartUpload",
        "POST": "CompleteMultipartUpload",
    }
    return names.get(method, "")


@dataclass(frozen=True)
class _Operations:
    by_name: Mapping[str, Operation]
    by_address: Mapping[tuple[str, str, str], Operation]


DEFAULTS = {
    "ListBuckets",
    "CreateBucket",
    "DeleteBucket",
    "HeadBucket",
    "ListObjects",
    "GetObject",
    "HeadObject",
    "PutObject",
    "DeleteObject",
}
"""Operations without a parameter of their own in the query."""


@cache
def _load_operations() -> _Operations:
    model = ServiceModel(Loader().load_service_model("s3", "service-2"), "s3")
    by_name: dict[str, Operation] = {}
    by_address: dict[tuple[str, str, str], Operation] = {}
    for name in model.operation_names:
        if name in DEPRECATED:
            continue
        described = model.operation_model(name)
        operation = _read_operation(described)
        by_name[name] = operation
        path, _, query = described.http["requestUri"].partition("?")
        method = described.http["method"]
        scope = "key" if "{Key+}" in path else "bucket" if "{Bucket}" in path else ""
        if name == "ListObjectsV2":
            continue
        if query:
            address = method, scope, query.partition("&")[0].partition("=")[0]
            if not name.startswith("ListBucket") and name != "ListObjectAnnotations":
                by_address[address] = operation
        elif name in DEFAULTS:
            by_address[method, scope, ""] = operation
    return _Operations(by_name, by_address)


def _read_operation(described: Any) -> Operation:
    shape = described.input_shape
    if shape is None:
        return Operation(described.name)
    places: dict[str, dict[str, Shape]] = {"querystring": {}, "header": {}}
    for member in shape.members.values():
        where = member.serialization.get("location", "")
        if where in places:
            places[where][member.serialization["name"].lower()] = member
    payload = shape.serialization.get("payload", "")
    document = shape.members.get(payload)
    is_document = document is not None and document.type_name == "structure"
    return Operation(
        name=described.name,
        document=document if is_document else None,
        document_name=_name_document(document) if is_document else "",
        document_required=payload in shape.required_members,
        checksummed=bool(described.http_checksum.get("requestAlgorithmMember")),
        query={member.serialization["name"]: member for member in places["querystring"].values()},
        headers=places["header"],
    )


def _name_document(shape: Any) -> str:
    return str(shape.serialization.get("name") or shape.serialization.get("locationName") or "")


@cache
def list_notification_events() -> frozenset[str]:
    """Return the events that notifications may name."""
    model = ServiceModel(Loader().load_service_model("s3", "service-2"), "s3")
    return frozenset(model.shape_for("Event").enum)
