"""What the pages of AWS's documentation that cases cite are about, and how servers compare."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from tests.strictness.site import Case
from tests.strictness.suite import CASES

DEVIATIONS = Path(__file__).parents[1] / "live" / "deviations.json"

TOPICS = {
    "checking-object-integrity-upload": "digests and checksums of a body",
    "sigv4-streaming-trailers": "bodies in chunks, with trailers",
    "sig-v4-header-based-auth": "the Authorization header and the signed digest",
    "sigv4-query-string-auth": "presigned URLs",
    "RESTAuthentication": "presigned URLs",
    "bucket-owner-condition": "the expected owner of a bucket",
    "object-keys": "limits of keys and metadata",
    "UsingMetadata": "limits of keys and metadata",
    "DeleteMarker": "delete markers",
    "API_UploadPart": "multipart uploads",
    "API_CompleteMultipartUpload": "multipart uploads",
    "API_ListParts": "multipart uploads",
    "API_AbortMultipartUpload": "multipart uploads",
    "API_GetObject": "ranges and dates",
    "RESTObjectPOST": "uploads by a form",
    "API_PutBucketNotificationConfiguration": "notifications: filters, events, targets",
    "grant-destinations-permissions-to-s3": "notifications: permission of the function",
    "notification-how-to-filtering": "notifications: overlapping filters",
    "functions-states": "functions that are pending or updated",
    "API_UpdateFunctionCode": "revisions of functions and aliases",
    "API_UpdateAlias": "revisions of functions and aliases",
    "API_AddPermission": "permissions and versions in use",
    "API_DeleteFunction": "permissions and versions in use",
    "API_CreateFunction": "zips that are none",
    "API_Invoke": "events that are not JSON",
    "API_PutRetentionPolicy": "retention of logs",
    "bucketnamingrules": "names of buckets",
    "object-tagging": "tags",
    "UsingKMSEncryption": "encryption with KMS and with the client's keys",
    "specifying-kms-encryption": "encryption with KMS and with the client's keys",
    "specifying-s3-c-encryption": "encryption with KMS and with the client's keys",
    "conditional-writes": "conditions of writes",
    "IndexDocumentSupport": "websites",
    "API_ListObjectsV2": "lists, and where they continue",
    "API_ListObjectVersions": "lists, and where they continue",
    **dict.fromkeys(
        (
            "error-handling",
            "limits",
            "API_Image",
            "API_DetectFaces",
            "API_S3Object",
            "API_DetectTextFilters",
        ),
        "pictures in which Rekognition detects",
    ),
    "configuration-concurrency": "reserved concurrency",
}
"""Topics, by the last part of a page's address; all others are about malformed requests."""

OTHER = "malformed XML, JSON, headers and parameters"


def find_topic(case: Case) -> str:
    """Return what the page that a case cites is about."""
    name = case.page.partition("#")[0].rpartition("/")[2].removesuffix(".html")
    return TOPICS.get(name, OTHER)


def show_comparison(cog: Any) -> None:
    """Write a table of topics, and how many of their cases each server answers as AWS does."""
    deviations = json.loads(DEVIATIONS.read_text())
    cases = Counter(map(find_topic, CASES))
    rows = ["| | cases | `pixelater emulate` | ministack | LocalStack |", "|---|---|---|---|---|"]
    wrong = {
        server: Counter(find_topic(case) for case in CASES if case.name in names)
        for server, names in deviations.items()
    }
    for topic in dict.fromkeys([*TOPICS.values(), OTHER]):
        number = cases[topic]
        right = [number - wrong[server][topic] for server in ("ministack", "localstack")]
        rows.append(f"| {topic} | {number} | {number} | {right[0]} | {right[1]} |")
    total = cases.total()
    right = [total - wrong[server].total() for server in ("ministack", "localstack")]
    rows.append(f"| all | {total} | {total} | {right[0]} | {right[1]} |")
    cog.outl("\n".join(rows))
