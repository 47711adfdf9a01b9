"""XML and JSON documents that S3 takes as bodies: what it refuses of them.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, MutableMapping
from fnmatch import fnmatchcase
from typing import Any
from xml.etree import ElementTree

from pixelater_cli.emulator.strict.documents import (
    check_document,
    malformed,
    parse,
    strip_namespace,
)
from pixelater_cli.emulator.strict.refusal import Refusal
from pixelater_cli.emulator.strict.s3_request import S3Request
from pixelater_cli.emulator.strict.s3_tags import check_tags, list_tags

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"

ACL_MESSAGE = (
    "The XML you provided was not well-formed or did not validate against our published schema"
)

ACL_HEADERS = ("x-amz-acl", "x-amz-grant-")

NEED_DOCUMENT = {
    "PutBucketLifecycleConfiguration",
    "PutObjectLegalHold",
    "PutObjectLockConfiguration",
    "PutObjectRetention",
    "RestoreObject",
}
"""Operations whose document botocore's model does not require, and S3 does."""

COMPLETE = {
    "AccessControlPolicy": ("Owner", "AccessControlList"),
    "Grant": ("Grantee", "Permission"),
    "Tag": ("Key", "Value"),
    "CORSRule": ("AllowedMethod", "AllowedOrigin"),
    "Transition": ("StorageClass",),
    "NoncurrentVersionTransition": ("NoncurrentDays", "StorageClass"),
    "NoncurrentVersionExpiration": ("NoncurrentDays",),
    "AbortIncompleteMultipartUpload": ("DaysAfterInitiation",),
}
"""Elements that lack nothing in S3's schema, by botocore's model or not."""

MAX_DELETED = 1000

CORS_METHODS = {"GET", "PUT", "POST", "DELETE", "HEAD"}


def check_xml(request: S3Request) -> None:
    """Refuse documents that are missing or do not follow S3's schema. Raises Refusal."""
    operation, body = request.operation, request.body or b""
    if operation.document is None:
        return
    if body.strip():
        closed = operation.name != "PutBucketNotificationConfiguration"
        try:
            check_document(body, operation.document, operation.document_name, closed=closed)
        except Refusal as refusal:
            if operation.document_name == "AccessControlPolicy":
                raise Refusal(400, "MalformedACLError", ACL_MESSAGE) from refusal
            raise
        _check_elements(parse(body), operation.name)
    elif operation.document_name == "AccessControlPolicy":
        if not any(name.startswith(ACL_HEADERS) for name in request.headers):
            message = "Your request was missing a required header"
            fields = {"MissingHeaderName": "x-amz-acl"}
            raise Refusal(400, "MissingSecurityHeader", message, fields)
    elif operation.document_required or operation.name in NEED_DOCUMENT:
        if operation.name == "DeleteObjects":
            raise malformed()
        raise Refusal(400, "MissingRequestBodyError", "Request Body is empty")


def _check_elements(root: ElementTree.Element, operation: str) -> None:
    for element in root.iter():
        children = {strip_namespace(child.tag): child for child in element}
        if not set(COMPLETE.get(strip_namespace(element.tag), ())) <= set(children):
            raise malformed()
    check_tags(list_tags(root), operation)
    if operation == "PutBucketEncryption" and len(root) != 1:
        raise malformed()
    if operation == "DeleteObjects":
        _check_deletion(root)
    if operation == "PutBucketWebsite":
        _check_website(root)
    for method in _find_texts(root, "AllowedMethod"):
        if method not in CORS_METHODS:
            told = f"Found unsupported HTTP method in CORS config. Unsupported method is {method}"
            raise Refusal(400, "InvalidRequest", told)


def _check_deletion(root: ElementTree.Element) -> None:
    """Refuse an empty key, and more keys than 1000.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
    """
    keys = [child.text for child in root.iter() if strip_namespace(child.tag) == "Key"]
    if not all(keys) or len(keys) > MAX_DELETED:
        raise malformed()


def _check_website(root: ElementTree.Element) -> None:
    """Refuse a website without pages.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/IndexDocumentSupport.html
    """
    parts = {strip_namespace(child.tag) for child in root}
    if "RedirectAllRequestsTo" in parts:
        if len(parts) > 1:
            message = (
                "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules."
            )
            raise Refusal(400, "InvalidRequest", message)
        return
    if "IndexDocument" not in parts:
        message = (
            "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty"
        )
        fields = {"ArgumentName": "IndexDocument", "ArgumentValue": "null"}
        raise Refusal(400, "InvalidArgument", message, fields)
    for suffix in _find_texts(root, "Suffix"):
        if not suffix or "/" in suffix:
            message = "The IndexDocument Suffix is not well formed"
            fields = {"ArgumentName": "IndexDocument", "ArgumentValue": suffix}
            raise Refusal(400, "InvalidArgument", message, fields)


def _find_texts(root: ElementTree.Element, name: str) -> Iterator[str]:
    return ((one.text or "").strip() for one in root.iter() if strip_namespace(one.tag) == name)


def simplify(environ: MutableMapping[str, Any], request: S3Request) -> None:
    """Leave moto what it can read: no body where S3 wants none, and documents with a namespace."""
    operation, body = request.operation, request.body or b""
    if operation.name == "CreateMultipartUpload":
        body = b""
    elif operation.document is not None and body.strip():
        root = parse(body)
        if not len(root) and not root.attrib and "}" not in root.tag:
            body = f'<{root.tag} xmlns="{NAMESPACE}"/>'.encode()
    if body is not request.body:
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))


def check_policy(request: S3Request) -> None:
    """Refuse bucket policies that are none. Raises Refusal."""
    if request.operation.name != "PutBucketPolicy":
        return
    try:
        policy = json.loads(request.body or b"")
    except ValueError:
        raise _malformed_policy(
            "Policies must be valid JSON and the first byte must be '{'"
        ) from None
    if not isinstance(policy, dict):
        raise _malformed_policy("Policies must be valid JSON and the first byte must be '{'")
    statements = policy.get("Statement")
    if not statements:
        raise _malformed_policy("Missing required field Statement")
    for statement in statements if isinstance(statements, list) else [statements]:
        _check_statement(statement, request.bucket)


def _check_statement(statement: Any, bucket: str) -> None:
    if not isinstance(statement, dict):
        raise _malformed_policy("This policy contains invalid Json")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise _malformed_policy(f"Invalid effect: {statement.get('Effect')}")
    for names in (("Principal", "NotPrincipal"), ("Action", "NotAction")):
        if not any(statement.get(name) for name in names):
            raise _malformed_policy(f"Missing required field {names[0]}")
    given = statement.get("Resource") or statement.get("NotResource")
    if not given:
        raise _malformed_policy("Missing required field Resource")
    for resource in given if isinstance(given, list) else [given]:
        name = str(resource).partition(":::")[2].partition("/")[0]
        if not fnmatchcase(bucket, name):
            raise _malformed_policy("Policy has invalid resource")


def _malformed_policy(message: str) -> Refusal:
    return Refusal(400, "MalformedPolicy", message)
