"""The rules of S3 that moto lacks, each with the page of AWS's documentation that it follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pixelater_cli.emulator.strict import multipart
from pixelater_cli.emulator.strict import s3_body_rules as body
from pixelater_cli.emulator.strict import s3_documents as documents
from pixelater_cli.emulator.strict import s3_encryption as encryption
from pixelater_cli.emulator.strict import s3_head_rules as head
from pixelater_cli.emulator.strict.kms_keys import check_kms_key
from pixelater_cli.emulator.strict.notification import check_notifications
from pixelater_cli.emulator.strict.post_form import check_form, check_form_type
from pixelater_cli.emulator.strict.presigned import check_presigned
from pixelater_cli.emulator.strict.s3_parameters import (
    check_continuation,
    check_copy_source,
    check_parameters,
)
from pixelater_cli.emulator.strict.s3_request import S3Request
from pixelater_cli.emulator.strict.s3_tags import check_header as check_tag_header

API = "https://docs.aws.amazon.com/AmazonS3/latest/API"
GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide"
INTEGRITY = f"{GUIDE}/checking-object-integrity-upload.html"
ERRORS = f"{API}/ErrorResponses.html#ErrorCodeList"


@dataclass(frozen=True)
class Rule:
    """What S3 refuses, where AWS says so, and the check: it raises Refusal."""

    refused: str
    page: str
    check: Callable[[S3Request], None]


HEAD_RULES = (
    Rule(
        "a presigned URL that has expired or lacks a parameter",
        f"{API}/sigv4-query-string-auth.html",
        check_presigned,
    ),
    Rule("an operation that does not exist", ERRORS, head.check_operation),
    Rule("a body without a length, or longer than S3 takes", ERRORS, head.check_length),
    Rule(
        "a digest of the body in no known form",
        f"{API}/sig-v4-header-based-auth.html",
        head.check_coding,
    ),
    Rule(
        "a bucket of another account than expected",
        f"{GUIDE}/bucket-owner-condition.html",
        head.check_owner,
    ),
    Rule(
        "a parameter or header with a value that is none",
        f"{API}/RESTCommonRequestHeaders.html",
        check_parameters,
    ),
    Rule(
        "continuing a list where none ended",
        f"{API}/API_ListObjectsV2.html",
        check_continuation,
    ),
    Rule(
        "a source of a copy that names no object", f"{API}/API_CopyObject.html", check_copy_source
    ),
    Rule("a POST without a form", f"{API}/RESTObjectPOST.html", check_form_type),
    Rule("a key of more than 1024 bytes", f"{GUIDE}/object-keys.html", head.check_key),
    Rule("metadata of more than 2 KB", f"{GUIDE}/UsingMetadata.html", head.check_metadata),
    Rule("tags of a new object that are none", f"{GUIDE}/object-tagging.html", check_tag_header),
    Rule(
        "a KMS key for an encryption that has none",
        f"{GUIDE}/specifying-kms-encryption.html",
        encryption.check_kms_headers,
    ),
    Rule(
        "a key of the client's that is not complete",
        f"{GUIDE}/specifying-s3-c-encryption.html",
        encryption.check_customer_keys,
    ),
    Rule(
        "a condition that writes do not have",
        f"{GUIDE}/conditional-writes.html",
        head.check_conditions,
    ),
    Rule(
        "a bucket that does not exist, or a name that none may have",
        f"{GUIDE}/bucketnamingrules.html",
        head.check_bucket,
    ),
    Rule(
        "a KMS key that does not exist or is off",
        f"{GUIDE}/UsingKMSEncryption.html",
        check_kms_key,
    ),
    Rule("an object that does not exist", ERRORS, head.check_object),
    Rule("reading a delete marker", f"{GUIDE}/DeleteMarker.html", head.check_marker),
    Rule("a part number that is none", f"{API}/API_UploadPart.html", multipart.check_part_number),
    Rule("an upload that does not exist", f"{API}/API_UploadPart.html", multipart.check_upload),
)
"""Checked before a request's body is read."""

BODY_RULES = (
    Rule(
        "a body that is not the signed one",
        f"{API}/sig-v4-header-based-auth.html",
        body.check_sha256,
    ),
    Rule("a body with another MD5", INTEGRITY, body.check_content_md5),
    Rule("a body with another checksum", INTEGRITY, body.check_body_checksum),
    Rule("a part with a checksum of another kind", INTEGRITY, multipart.check_part_checksum),
    Rule("XML that does not follow the schema", ERRORS, documents.check_xml),
    Rule(
        "a bucket policy that is none",
        f"{GUIDE}/bucket-policies.html",
        documents.check_policy,
    ),
    Rule(
        "a form without a key or a file, or against its policy",
        f"{API}/RESTObjectPOST.html",
        check_form,
    ),
    Rule(
        "parts that are missing, too small or in another order",
        f"{API}/API_CompleteMultipartUpload.html#API_CompleteMultipartUpload_Errors",
        multipart.check_completion,
    ),
    Rule(
        "notifications that overlap, or whose target S3 may not use",
        f"{API}/API_PutBucketNotificationConfiguration.html",
        check_notifications,
    ),
)
"""Checked before anything is stored."""
