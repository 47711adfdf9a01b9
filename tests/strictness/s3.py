"""What S3 refuses."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from functools import partial

from tests.strictness.requests import (
    abort_then,
    ask_presigned,
    chunk,
    complete,
    complete_parts,
    crc32,
    encode,
    get,
    make_form,
    make_marker,
    make_policy,
    md5,
    post,
    presign,
    put_chunks,
    put_part,
    put_xml,
    upload_part,
)
from tests.strictness.site import (
    CHUNKS,
    INTEGRITY,
    MISSING,
    S3_API,
    S3_ERRORS,
    S3_GUIDE,
    Answer,
    Site,
    list_cases,
)

DIGITS = b"123456789"
CHECKSUMS = {
    "crc32": encode(bytes.fromhex("cbf43926")),
    "crc32c": encode(bytes.fromhex("e3069283")),
    "crc64nvme": encode(bytes.fromhex("ae8b14860a799888")),
    "sha1": encode(hashlib.sha1(DIGITS, usedforsecurity=False).digest()),
    "sha256": encode(hashlib.sha256(DIGITS).digest()),
}
"""Checksums of DIGITS (https://reveng.sourceforge.io/crc-catalogue/all.htm)."""

HOUR = 3600
SIGNATURES = f"{S3_API}/sigv4-query-string-auth.html"
HEADERS = f"{S3_API}/sig-v4-header-based-auth.html"
OWNERS = f"{S3_GUIDE}/bucket-owner-condition.html"
MARKERS = f"{S3_GUIDE}/DeleteMarker.html"
PARTS = f"{S3_API}/API_CompleteMultipartUpload.html#API_CompleteMultipartUpload_Errors"
UPLOADS = f"{S3_API}/API_UploadPart.html#API_UploadPart_Errors"
FORMS = f"{S3_API}/RESTObjectPOST.html"
RANGES = f"{S3_API}/API_GetObject.html"
TAGS = f"{S3_API}/API_PutObjectTagging.html#API_PutObjectTagging_Errors"
ACLS = f"{S3_API}/API_PutObjectAcl.html"
COPIES = f"{S3_API}/API_CopyObject.html"

NO_DIGEST = "x_amz_checksum_crc32"
OTHER = "999999999999"


def put_wrong(name: str, site: Site) -> Answer:
    return site.put("bad", b"x", **{f"x_amz_checksum_{name}": CHECKSUMS[name]})


def put_right(name: str, site: Site) -> Answer:
    return site.put("good", DIGITS, **{f"x_amz_checksum_{name}": CHECKSUMS[name]})


def put_wrong_trailer(name: str, site: Site) -> Answer:
    header = f"x-amz-checksum-{name}"
    return put_chunks(site, chunk(b"x", f"{header}:{CHECKSUMS[name]}"), 1, header)


def put_right_trailer(name: str, site: Site) -> Answer:
    header = f"x-amz-checksum-{name}"
    return put_chunks(site, chunk(DIGITS, f"{header}:{CHECKSUMS[name]}"), 9, header)


def expect(operation: str, owner: str, site: Site, **more: object) -> Answer:
    parameters = {"Bucket": site.bucket, "ExpectedBucketOwner": owner, **more}
    return site.call("s3", operation, **parameters)


def read_marker(method: str, named: bool, site: Site) -> Answer:
    version = make_marker(site, "gone")
    query = f"?versionId={version}" if named else ""
    answer = site.ask(method, f"/{site.versioned}/gone{query}")
    assert answer.headers.get("x-amz-delete-marker") == "true", answer.headers
    return answer


def sign_version_2(site: Site, **changes: str) -> str:
    query = {"AWSAccessKeyId": "test", "Signature": "abc%3D", "Expires": "1", **changes}
    pairs = "&".join(f"{name}={value}" for name, value in query.items() if value)
    return f"/{site.bucket}/key?{pairs}"


def get_range(text: str, site: Site) -> Answer:
    return get(site, range=text)


def complete_whole(headers: Mapping[str, str], site: Site) -> Answer:
    """Complete an upload of one part with what is said of the whole object."""
    upload = site.begin_upload(ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    number, etag = upload_part(site, upload, 1)
    part = f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
    body = f"<CompleteMultipartUpload>{part}</CompleteMultipartUpload>".encode()
    given = {"x-amz-checksum-type": "FULL_OBJECT", **headers}
    return site.ask("POST", f"/{site.bucket}/upload?uploadId={upload}", body, given)


def put_wrong_xml(sub: str, site: Site) -> Answer:
    return put_xml(site, sub, "<a><b></a>")


CASES = [
    *list_cases(
        INTEGRITY,
        400,
        "BadDigest",
        {
            "MD5 of another body": lambda s: s.put("bad", content_md5=md5(b"y")),
            "MD5 of another part": lambda s: put_part(
                s, s.begin_upload(), 1, content_md5=md5(b"y")
            ),
            **{f"{name} of another body": partial(put_wrong, name) for name in CHECKSUMS},
            "crc32 of another part": lambda s: put_part(
                s, s.begin_upload(), 1, x_amz_checksum_crc32=CHECKSUMS["crc32"]
            ),
        },
    ),
    *list_cases(
        S3_ERRORS,
        400,
        "InvalidDigest",
        {
            "MD5 that is none": lambda s: s.put("bad", content_md5="abc"),
        },
    ),
    *list_cases(
        INTEGRITY,
        200,
        "",
        {
            **{f"{name} of the body": partial(put_right, name) for name in CHECKSUMS},
        },
    ),
    *list_cases(
        CHUNKS,
        400,
        "BadDigest",
        {
            **{
                f"{name} of another body, as a trailer": partial(put_wrong_trailer, name)
                for name in CHECKSUMS
            },
        },
    ),
    *list_cases(
        CHUNKS,
        200,
        "",
        {
            **{
                f"{name} of the body, as a trailer": partial(put_right_trailer, name)
                for name in CHECKSUMS
            },
        },
    ),
    *list_cases(
        INTEGRITY,
        400,
        "InvalidRequest",
        {
            "crc32 that is none": lambda s: s.put("bad", x_amz_checksum_crc32="abc"),
            "two checksums": lambda s: s.put(
                "bad",
                DIGITS,
                x_amz_checksum_crc32=CHECKSUMS["crc32"],
                x_amz_checksum_sha1=CHECKSUMS["sha1"],
            ),
        },
    ),
    *list_cases(
        UPLOADS,
        400,
        "InvalidRequest",
        {
            "a part with a checksum of another kind": lambda s: put_part(
                s,
                s.begin_upload(ChecksumAlgorithm="SHA256"),
                1,
                x_amz_checksum_crc32=crc32(b"part"),
            ),
        },
    ),
    *list_cases(
        HEADERS,
        400,
        "XAmzContentSHA256Mismatch",
        {
            "another SHA-256 than was signed": lambda s: s.put(
                "bad", x_amz_content_sha256="0" * 64
            ),
        },
    ),
    *list_cases(
        HEADERS,
        400,
        "InvalidArgument",
        {
            "a signed SHA-256 that is none": lambda s: s.put("bad", x_amz_content_sha256="abc"),
            "an Authorization that is none": lambda s: s.put("bad", authorization="garbage"),
        },
    ),
    *list_cases(
        CHUNKS,
        400,
        "IncompleteBody",
        {
            "chunks that are none": lambda s: put_chunks(s, b"zz\r\nx", 1),
            "chunks of another length": lambda s: put_chunks(s, chunk(b"x"), 2),
            "chunks that end early": lambda s: put_chunks(s, b"5\r\nx", 5),
        },
    ),
    *list_cases(
        CHUNKS,
        400,
        "MalformedTrailerError",
        {
            "a trailer that was announced and is missing": lambda s: put_chunks(
                s, chunk(b"x"), 1, "x-amz-checksum-crc32"
            ),
        },
    ),
    *list_cases(
        PARTS,
        400,
        "BadDigest",
        {
            "a checksum of another object than the parts make": partial(
                complete_whole, {"x-amz-checksum-crc32": CHECKSUMS["crc32"]}
            ),
        },
    ),
    *list_cases(
        PARTS,
        400,
        "InvalidRequest",
        {
            "a size of another object than the parts make": partial(
                complete_whole, {"x-amz-mp-object-size": "5"}
            ),
        },
    ),
    *list_cases(
        PARTS,
        200,
        "",
        {
            "the size and checksum of the object": partial(
                complete_whole,
                {"x-amz-mp-object-size": "4", "x-amz-checksum-crc32": crc32(b"part")},
            ),
        },
    ),
    *list_cases(
        CHUNKS,
        411,
        "MissingContentLength",
        {
            "chunks without their length": lambda s: put_chunks(
                s, chunk(b"x"), 1, x_amz_decoded_content_length=""
            ),
        },
    ),
    *list_cases(
        S3_ERRORS,
        411,
        "MissingContentLength",
        {
            "a put without a length": lambda s: s.put("bad", None),
            "a part without a length": lambda s: s.ask(
                "PUT", f"/{s.bucket}/upload?partNumber=1&uploadId={s.begin_upload()}", None
            ),
        },
    ),
    *list_cases(
        OWNERS,
        403,
        "AccessDenied",
        {
            "another owner than expected": lambda s: expect(
                "put_object", OTHER, s, Key="bad", Body=b"x"
            ),
            "another owner of a bucket that is read": lambda s: expect(
                "get_object", OTHER, s, Key="key"
            ),
            "another owner of a list": lambda s: expect("list_objects_v2", OTHER, s),
            "another owner of a policy": lambda s: expect("get_bucket_policy", OTHER, s),
            "another owner of a copy's source": lambda s: s.call(
                "s3",
                "copy_object",
                Bucket=s.bucket,
                Key="bad",
                CopySource=f"{s.bucket}/key",
                ExpectedSourceBucketOwner=OTHER,
            ),
        },
    ),
    *list_cases(
        OWNERS,
        400,
        "InvalidBucketOwnerAWSAccountID",
        {
            "an owner that is none": lambda s: expect("list_objects_v2", "abc", s),
        },
    ),
    *list_cases(
        OWNERS,
        200,
        "",
        {
            "the owner expected": lambda s: expect("list_objects_v2", s.account, s),
        },
    ),
    *list_cases(
        f"{S3_GUIDE}/object-keys.html",
        400,
        "KeyTooLongError",
        {
            "a key of 1025 bytes": lambda s: s.put("k" * 1025),
            "a key of 513 characters of two bytes": lambda s: s.put("é" * 513),
        },
    ),
    *list_cases(
        f"{S3_GUIDE}/object-keys.html",
        200,
        "",
        {
            "a key of 1024 bytes": lambda s: s.put("é" * 512),
        },
    ),
    *list_cases(
        f"{S3_GUIDE}/UsingMetadata.html",
        400,
        "MetadataTooLarge",
        {
            "metadata of more than 2 KB": lambda s: s.put("bad", x_amz_meta_a="b" * 2048),
        },
    ),
    *list_cases(
        f"{S3_GUIDE}/UsingMetadata.html",
        200,
        "",
        {
            "metadata of 2 KB": lambda s: s.put("good", x_amz_meta_a="b" * 2047),
        },
    ),
    *list_cases(
        MARKERS,
        404,
        "NoSuchKey",
        {
            "GET of a delete marker": partial(read_marker, "GET", False),
        },
    ),
    *list_cases(
        MARKERS,
        404,
        "",
        {
            "HEAD of a delete marker": partial(read_marker, "HEAD", False),
        },
    ),
    *list_cases(
        MARKERS,
        405,
        "MethodNotAllowed",
        {
            "GET of a delete marker's version": partial(read_marker, "GET", True),
        },
    ),
    *list_cases(
        MARKERS,
        405,
        "",
        {
            "HEAD of a delete marker's version": partial(read_marker, "HEAD", True),
        },
    ),
    *list_cases(
        SIGNATURES,
        403,
        "AccessDenied",
        {
            "an expired URL": lambda s: ask_presigned(s, presign(s, time.time() - HOUR, 60)),
            "an expired URL for an upload": lambda s: ask_presigned(
                s, presign(s, time.time() - HOUR, 60), "PUT"
            ),
            "a URL of tomorrow": lambda s: ask_presigned(
                s, presign(s, time.time() + 24 * HOUR, 60)
            ),
        },
    ),
    *list_cases(
        SIGNATURES,
        400,
        "AuthorizationQueryParametersError",
        {
            "a URL for more than a week": lambda s: ask_presigned(
                s, presign(s, time.time(), 604801)
            ),
            "a URL for a time that is none": lambda s: ask_presigned(
                s, presign(s, time.time(), "soon")
            ),
            "a URL with a date that is none": lambda s: ask_presigned(
                s, presign(s, time.time(), 60, **{"X-Amz-Date": "today"})
            ),
            "a URL that lacks its date": lambda s: ask_presigned(
                s, presign(s, time.time(), 60, **{"X-Amz-Date": ""})
            ),
        },
    ),
    *list_cases(
        f"{S3_API}/RESTAuthentication.html",
        403,
        "AccessDenied",
        {
            "an expired URL of version 2": lambda s: ask_presigned(s, sign_version_2(s)),
            "a URL of version 2 that lacks its time": lambda s: ask_presigned(
                s, sign_version_2(s, Expires="")
            ),
        },
    ),
    *list_cases(
        HEADERS,
        400,
        "AuthorizationHeaderMalformed",
        {
            "an Authorization without a credential": lambda s: s.put(
                "bad", authorization="AWS4-HMAC-SHA256 garbage"
            ),
        },
    ),
    *list_cases(
        UPLOADS,
        404,
        "NoSuchUpload",
        {
            "a part of an upload that was aborted": lambda s: abort_then(
                s, lambda u: put_part(s, u, 1)
            ),
            "a part of an unknown upload": lambda s: put_part(s, MISSING, 1),
            "a part of another key's upload": lambda s: put_part(s, s.begin_upload("other"), 1),
        },
    ),
    *list_cases(
        PARTS,
        404,
        "NoSuchUpload",
        {
            "completing an upload that was aborted": lambda s: abort_then(
                s, lambda u: complete(s, u, (1, "a"))
            ),
            "completing an unknown upload": lambda s: complete(s, MISSING, (1, "a")),
        },
    ),
    *list_cases(
        f"{S3_API}/API_ListParts.html",
        404,
        "NoSuchUpload",
        {
            "parts of an unknown upload": lambda s: s.call(
                "s3", "list_parts", Bucket=s.bucket, Key="upload", UploadId=MISSING
            ),
        },
    ),
    *list_cases(
        f"{S3_API}/API_AbortMultipartUpload.html",
        404,
        "NoSuchUpload",
        {
            "aborting an unknown upload": lambda s: s.call(
                "s3", "abort_multipart_upload", Bucket=s.bucket, Key="upload", UploadId=MISSING
            ),
        },
    ),
    *list_cases(
        UPLOADS,
        400,
        "InvalidArgument",
        {
            "part 0": lambda s: put_part(s, s.begin_upload(), 0),
            "part 10001": lambda s: put_part(s, s.begin_upload(), 10001),
            "a part number that is none": lambda s: put_part(s, s.begin_upload(), "one"),
        },
    ),
    *list_cases(
        PARTS,
        400,
        "InvalidPart",
        {
            "a part that was not uploaded": lambda s: complete(s, s.begin_upload(), (1, "0" * 32)),
            "a part with another ETag": lambda s: complete_parts(s, (1,), changed="0" * 32),
        },
    ),
    *list_cases(
        PARTS,
        400,
        "InvalidPartOrder",
        {
            "parts in another order": lambda s: complete_parts(s, (2, 1)),
            "the same part twice": lambda s: complete_parts(s, (1, 1)),
        },
    ),
    *list_cases(
        PARTS,
        400,
        "EntityTooSmall",
        {
            "a part of less than 5 MiB before the last": lambda s: complete_parts(s, (1, 2)),
        },
    ),
    *list_cases(
        PARTS,
        400,
        "MalformedXML",
        {
            "an upload without parts": lambda s: complete(s, s.begin_upload()),
            "completing with what is no XML": lambda s: s.ask(
                "POST", f"/{s.bucket}/upload?uploadId={s.begin_upload()}", b"<"
            ),
        },
    ),
    *list_cases(
        RANGES,
        416,
        "InvalidRange",
        {
            "a range beyond the end": lambda s: get(s, range="bytes=10-"),
        },
    ),
    *list_cases(
        RANGES,
        200,
        "",
        {
            **{
                f"the range {text}, which is none": partial(get_range, text)
                for text in (
                    "abc",
                    "bytes",
                    "bytes=a-b",
                    "bytes=5-2",
                    "bytes=-",
                    "items=0-1",
                    "bytes=0-1,3-4",
                    "bytes==1",
                )
            },
            "a date that is none": lambda s: get(s, if_modified_since="yesterday"),
            "another date that is none": lambda s: get(s, if_unmodified_since="garbage"),
        },
    ),
    *list_cases(
        RANGES,
        206,
        "",
        {
            "a range": lambda s: get(s, range="bytes=2-3"),
        },
    ),
    *list_cases(
        TAGS,
        400,
        "MalformedXML",
        {
            "tags that are no XML": lambda s: put_xml(s, "tagging", "<", "key"),
            "tags of another kind": lambda s: put_xml(s, "tagging", "<Tags/>", "key"),
            "a tag without a value": lambda s: put_xml(
                s, "tagging", "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>", "key"
            ),
        },
    ),
    *list_cases(
        S3_ERRORS,
        400,
        "MalformedXML",
        {
            **{
                f"{sub} that is no XML": partial(put_wrong_xml, sub)
                for sub in (
                    "tagging",
                    "cors",
                    "lifecycle",
                    "versioning",
                    "encryption",
                    "notification",
                    "replication",
                    "publicAccessBlock",
                    "ownershipControls",
                    "website",
                    "logging",
                    "object-lock",
                )
            },
        },
    ),
    *list_cases(
        ACLS,
        400,
        "MalformedACLError",
        {
            "an ACL that is no XML": lambda s: put_xml(s, "acl", "<"),
        },
    ),
    *list_cases(
        ACLS,
        400,
        "InvalidArgument",
        {
            "a canned ACL that is none": lambda s: s.put("bad", x_amz_acl="everybody"),
            "a canned ACL of a bucket that is none": lambda s: s.ask(
                "PUT", f"/{s.bucket}?acl", headers={"x-amz-acl": "everybody"}
            ),
            "a grant that is none": lambda s: s.put("bad", x_amz_grant_read="everybody"),
        },
    ),
    *list_cases(
        f"{S3_API}/API_PutObject.html",
        400,
        "InvalidStorageClass",
        {
            "a storage class that is none": lambda s: s.put("bad", x_amz_storage_class="CHEAP"),
        },
    ),
    *list_cases(
        f"{S3_API}/API_PutBucketPolicy.html",
        400,
        "MalformedPolicy",
        {
            "a policy that is no JSON": lambda s: put_xml(s, "policy", "<"),
        },
    ),
    *list_cases(
        f"{S3_API}/API_ListObjectsV2.html",
        400,
        "InvalidArgument",
        {
            "a number of keys that is none": lambda s: s.ask(
                "GET", f"/{s.bucket}?list-type=2&max-keys=many"
            ),
            "a negative number of keys": lambda s: s.ask("GET", f"/{s.bucket}?max-keys=-1"),
        },
    ),
    *list_cases(
        COPIES,
        400,
        "InvalidArgument",
        {
            "a copy of what is no object": lambda s: s.put("bad", x_amz_copy_source="nothing"),
        },
    ),
    *list_cases(
        f"{S3_API}/API_DeleteObjects.html",
        400,
        "MalformedXML",
        {
            "deleting nothing": lambda s: s.ask(
                "POST", f"/{s.bucket}?delete", b"<Delete></Delete>"
            ),
            "deleting with what is no XML": lambda s: s.ask("POST", f"/{s.bucket}?delete", b"<"),
        },
    ),
    *list_cases(
        FORMS,
        412,
        "PreconditionFailed",
        {
            "a POST without a form": lambda s: post(s, b"x", "text/plain"),
        },
    ),
    *list_cases(
        FORMS,
        400,
        "MalformedPOSTRequest",
        {
            "a POST without a boundary": lambda s: post(s, b"x", "multipart/form-data"),
            "a POST that is no form": lambda s: post(s, b"x"),
        },
    ),
    *list_cases(
        FORMS,
        400,
        "InvalidArgument",
        {
            "a form without a key": lambda s: post(s, make_form(file="x")),
            "a form without a file": lambda s: post(s, make_form(key="bad")),
        },
    ),
    *list_cases(
        FORMS,
        403,
        "AccessDenied",
        {
            "a form whose policy has expired": lambda s: post(
                s, make_form(key="bad", policy=make_policy("2020-01-01T00:00:00Z"), file="x")
            ),
        },
    ),
]
