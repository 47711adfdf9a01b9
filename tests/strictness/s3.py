"""What S3 refuses."""

from __future__ import annotations

import hashlib
import time
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
)
from tests.strictness.site import (
    CHUNKS,
    INTEGRITY,
    MISSING,
    S3_API,
    S3_ERRORS,
    S3_GUIDE,
    Answer,
    Case,
    Site,
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


CASES = [
    Case(
        "MD5 of another body",
        INTEGRITY,
        lambda s: s.put("bad", content_md5=md5(b"y")),
        400,
        "BadDigest",
    ),
    Case(
        "MD5 that is none",
        S3_ERRORS,
        lambda s: s.put("bad", content_md5="abc"),
        400,
        "InvalidDigest",
    ),
    Case(
        "MD5 of another part",
        INTEGRITY,
        lambda s: put_part(s, s.begin_upload(), 1, content_md5=md5(b"y")),
        400,
        "BadDigest",
    ),
    *(
        Case(f"{name} of another body", INTEGRITY, partial(put_wrong, name), 400, "BadDigest")
        for name in CHECKSUMS
    ),
    *(
        Case(f"{name} of the body", INTEGRITY, partial(put_right, name), 200, "")
        for name in CHECKSUMS
    ),
    *(
        Case(
            f"{name} of another body, as a trailer",
            CHUNKS,
            partial(put_wrong_trailer, name),
            400,
            "BadDigest",
        )
        for name in CHECKSUMS
    ),
    *(
        Case(f"{name} of the body, as a trailer", CHUNKS, partial(put_right_trailer, name), 200, "")
        for name in CHECKSUMS
    ),
    Case(
        "crc32 that is none",
        INTEGRITY,
        lambda s: s.put("bad", x_amz_checksum_crc32="abc"),
        400,
        "InvalidRequest",
    ),
    Case(
        "two checksums",
        INTEGRITY,
        lambda s: s.put(
            "bad",
            DIGITS,
            x_amz_checksum_crc32=CHECKSUMS["crc32"],
            x_amz_checksum_sha1=CHECKSUMS["sha1"],
        ),
        400,
        "InvalidRequest",
    ),
    Case(
        "crc32 of another part",
        INTEGRITY,
        lambda s: put_part(s, s.begin_upload(), 1, x_amz_checksum_crc32=CHECKSUMS["crc32"]),
        400,
        "BadDigest",
    ),
    Case(
        "a part with a checksum of another kind",
        UPLOADS,
        lambda s: put_part(
            s, s.begin_upload(ChecksumAlgorithm="SHA256"), 1, x_amz_checksum_crc32=crc32(b"part")
        ),
        400,
        "InvalidRequest",
    ),
    Case(
        "SHA-256 that was signed",
        HEADERS,
        lambda s: s.put("bad", x_amz_content_sha256="0" * 64),
        400,
        "XAmzContentSHA256Mismatch",
    ),
    Case(
        "SHA-256 that is none",
        HEADERS,
        lambda s: s.put("bad", x_amz_content_sha256="abc"),
        400,
        "InvalidArgument",
    ),
    Case(
        "chunks that are none",
        CHUNKS,
        lambda s: put_chunks(s, b"zz\r\nx", 1),
        400,
        "IncompleteBody",
    ),
    Case(
        "chunks of another length",
        CHUNKS,
        lambda s: put_chunks(s, chunk(b"x"), 2),
        400,
        "IncompleteBody",
    ),
    Case(
        "chunks that end early",
        CHUNKS,
        lambda s: put_chunks(s, b"5\r\nx", 5),
        400,
        "IncompleteBody",
    ),
    Case(
        "chunks without their length",
        CHUNKS,
        lambda s: put_chunks(s, chunk(b"x"), 1, x_amz_decoded_content_length=""),
        411,
        "MissingContentLength",
    ),
    Case(
        "a put without a length",
        S3_ERRORS,
        lambda s: s.put("bad", None),
        411,
        "MissingContentLength",
    ),
    Case(
        "a part without a length",
        S3_ERRORS,
        lambda s: s.ask(
            "PUT", f"/{s.bucket}/upload?partNumber=1&uploadId={s.begin_upload()}", None
        ),
        411,
        "MissingContentLength",
    ),
    Case(
        "another owner than expected",
        OWNERS,
        lambda s: expect("put_object", OTHER, s, Key="bad", Body=b"x"),
        403,
        "AccessDenied",
    ),
    Case(
        "another owner of a bucket that is read",
        OWNERS,
        lambda s: expect("get_object", OTHER, s, Key="key"),
        403,
        "AccessDenied",
    ),
    Case(
        "another owner of a list",
        OWNERS,
        lambda s: expect("list_objects_v2", OTHER, s),
        403,
        "AccessDenied",
    ),
    Case(
        "another owner of a policy",
        OWNERS,
        lambda s: expect("get_bucket_policy", OTHER, s),
        403,
        "AccessDenied",
    ),
    Case(
        "another owner of a copy's source",
        OWNERS,
        lambda s: s.call(
            "s3",
            "copy_object",
            Bucket=s.bucket,
            Key="bad",
            CopySource=f"{s.bucket}/key",
            ExpectedSourceBucketOwner=OTHER,
        ),
        403,
        "AccessDenied",
    ),
    Case(
        "an owner that is none",
        OWNERS,
        lambda s: expect("list_objects_v2", "abc", s),
        400,
        "InvalidBucketOwnerAWSAccountID",
    ),
    Case("the owner expected", OWNERS, lambda s: expect("list_objects_v2", s.account, s), 200, ""),
    Case(
        "a key of 1025 bytes",
        f"{S3_GUIDE}/object-keys.html",
        lambda s: s.put("k" * 1025),
        400,
        "KeyTooLongError",
    ),
    Case(
        "a key of 1024 bytes",
        f"{S3_GUIDE}/object-keys.html",
        lambda s: s.put("\u00e9" * 512),
        200,
        "",
    ),
    Case(
        "a key of 513 characters of two bytes",
        f"{S3_GUIDE}/object-keys.html",
        lambda s: s.put("\u00e9" * 513),
        400,
        "KeyTooLongError",
    ),
    Case(
        "metadata of more than 2 KB",
        f"{S3_GUIDE}/UsingMetadata.html",
        lambda s: s.put("bad", x_amz_meta_a="b" * 2048),
        400,
        "MetadataTooLarge",
    ),
    Case(
        "metadata of 2 KB",
        f"{S3_GUIDE}/UsingMetadata.html",
        lambda s: s.put("good", x_amz_meta_a="b" * 2047),
        200,
        "",
    ),
    Case("GET of a delete marker", MARKERS, partial(read_marker, "GET", False), 404, "NoSuchKey"),
    Case("HEAD of a delete marker", MARKERS, partial(read_marker, "HEAD", False), 404, ""),
    Case(
        "GET of a delete marker's version",
        MARKERS,
        partial(read_marker, "GET", True),
        405,
        "MethodNotAllowed",
    ),
    Case("HEAD of a delete marker's version", MARKERS, partial(read_marker, "HEAD", True), 405, ""),
    Case(
        "an expired URL",
        SIGNATURES,
        lambda s: ask_presigned(s, presign(s, time.time() - HOUR, 60)),
        403,
        "AccessDenied",
    ),
    Case(
        "an expired URL for an upload",
        SIGNATURES,
        lambda s: ask_presigned(s, presign(s, time.time() - HOUR, 60), "PUT"),
        403,
        "AccessDenied",
    ),
    Case(
        "a URL of tomorrow",
        SIGNATURES,
        lambda s: ask_presigned(s, presign(s, time.time() + 24 * HOUR, 60)),
        403,
        "AccessDenied",
    ),
    Case(
        "a URL for more than a week",
        SIGNATURES,
        lambda s: ask_presigned(s, presign(s, time.time(), 604801)),
        400,
        "AuthorizationQueryParametersError",
    ),
    Case(
        "a URL for a time that is none",
        SIGNATURES,
        lambda s: ask_presigned(s, presign(s, time.time(), "soon")),
        400,
        "AuthorizationQueryParametersError",
    ),
    Case(
        "a URL with a date that is none",
        SIGNATURES,
        lambda s: ask_presigned(s, presign(s, time.time(), 60, **{"X-Amz-Date": "today"})),
        400,
        "AuthorizationQueryParametersError",
    ),
    Case(
        "a URL that lacks its date",
        SIGNATURES,
        lambda s: ask_presigned(s, presign(s, time.time(), 60, **{"X-Amz-Date": ""})),
        400,
        "AuthorizationQueryParametersError",
    ),
    Case(
        "an expired URL of version 2",
        f"{S3_API}/RESTAuthentication.html",
        lambda s: ask_presigned(s, sign_version_2(s)),
        403,
        "AccessDenied",
    ),
    Case(
        "a URL of version 2 that lacks its time",
        f"{S3_API}/RESTAuthentication.html",
        lambda s: ask_presigned(s, sign_version_2(s, Expires="")),
        403,
        "AccessDenied",
    ),
    Case(
        "an Authorization that is none",
        HEADERS,
        lambda s: s.put("bad", authorization="garbage"),
        400,
        "InvalidArgument",
    ),
    Case(
        "an Authorization without a credential",
        HEADERS,
        lambda s: s.put("bad", authorization="AWS4-HMAC-SHA256 garbage"),
        400,
        "AuthorizationHeaderMalformed",
    ),
    Case(
        "a part of an upload that was aborted",
        UPLOADS,
        lambda s: abort_then(s, lambda u: put_part(s, u, 1)),
        404,
        "NoSuchUpload",
    ),
    Case(
        "completing an upload that was aborted",
        PARTS,
        lambda s: abort_then(s, lambda u: complete(s, u, (1, "a"))),
        404,
        "NoSuchUpload",
    ),
    Case(
        "a part of an unknown upload",
        UPLOADS,
        lambda s: put_part(s, MISSING, 1),
        404,
        "NoSuchUpload",
    ),
    Case(
        "parts of an unknown upload",
        f"{S3_API}/API_ListParts.html",
        lambda s: s.call("s3", "list_parts", Bucket=s.bucket, Key="upload", UploadId=MISSING),
        404,
        "NoSuchUpload",
    ),
    Case(
        "aborting an unknown upload",
        f"{S3_API}/API_AbortMultipartUpload.html",
        lambda s: s.call(
            "s3", "abort_multipart_upload", Bucket=s.bucket, Key="upload", UploadId=MISSING
        ),
        404,
        "NoSuchUpload",
    ),
    Case(
        "completing an unknown upload",
        PARTS,
        lambda s: complete(s, MISSING, (1, "a")),
        404,
        "NoSuchUpload",
    ),
    Case(
        "a part of another key's upload",
        UPLOADS,
        lambda s: put_part(s, s.begin_upload("other"), 1),
        404,
        "NoSuchUpload",
    ),
    Case("part 0", UPLOADS, lambda s: put_part(s, s.begin_upload(), 0), 400, "InvalidArgument"),
    Case(
        "part 10001",
        UPLOADS,
        lambda s: put_part(s, s.begin_upload(), 10001),
        400,
        "InvalidArgument",
    ),
    Case(
        "a part number that is none",
        UPLOADS,
        lambda s: put_part(s, s.begin_upload(), "one"),
        400,
        "InvalidArgument",
    ),
    Case(
        "a part that was not uploaded",
        PARTS,
        lambda s: complete(s, s.begin_upload(), (1, "0" * 32)),
        400,
        "InvalidPart",
    ),
    Case(
        "a part with another ETag",
        PARTS,
        lambda s: complete_parts(s, (1,), changed="0" * 32),
        400,
        "InvalidPart",
    ),
    Case(
        "parts in another order",
        PARTS,
        lambda s: complete_parts(s, (2, 1)),
        400,
        "InvalidPartOrder",
    ),
    Case(
        "the same part twice", PARTS, lambda s: complete_parts(s, (1, 1)), 400, "InvalidPartOrder"
    ),
    Case(
        "a part of less than 5 MiB before the last",
        PARTS,
        lambda s: complete_parts(s, (1, 2)),
        400,
        "EntityTooSmall",
    ),
    Case(
        "an upload without parts",
        PARTS,
        lambda s: complete(s, s.begin_upload()),
        400,
        "MalformedXML",
    ),
    Case(
        "completing with what is no XML",
        PARTS,
        lambda s: s.ask("POST", f"/{s.bucket}/upload?uploadId={s.begin_upload()}", b"<"),
        400,
        "MalformedXML",
    ),
    Case(
        "a range beyond the end", RANGES, lambda s: get(s, range="bytes=10-"), 416, "InvalidRange"
    ),
    *(
        Case(
            f"the range {text}, which is none",
            RANGES,
            lambda s, text=text: get(s, range=text),
            200,
            "",
        )
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
    ),
    Case("a range", RANGES, lambda s: get(s, range="bytes=2-3"), 206, ""),
    Case("a date that is none", RANGES, lambda s: get(s, if_modified_since="yesterday"), 200, ""),
    Case(
        "another date that is none",
        RANGES,
        lambda s: get(s, if_unmodified_since="garbage"),
        200,
        "",
    ),
    Case(
        "tags that are no XML",
        TAGS,
        lambda s: put_xml(s, "tagging", "<", "key"),
        400,
        "MalformedXML",
    ),
    Case(
        "tags of another kind",
        TAGS,
        lambda s: put_xml(s, "tagging", "<Tags/>", "key"),
        400,
        "MalformedXML",
    ),
    Case(
        "a tag without a value",
        TAGS,
        lambda s: put_xml(
            s, "tagging", "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>", "key"
        ),
        400,
        "MalformedXML",
    ),
    *(
        Case(
            f"{sub} that is no XML",
            S3_ERRORS,
            lambda s, sub=sub: put_xml(s, sub, "<a><b></a>"),
            400,
            "MalformedXML",
        )
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
    ),
    Case(
        "an ACL that is no XML",
        ACLS,
        lambda s: put_xml(
            s,
            "acl",
            "<",
        ),
        400,
        "MalformedACLError",
    ),
    Case(
        "a canned ACL that is none",
        ACLS,
        lambda s: s.put("bad", x_amz_acl="everybody"),
        400,
        "InvalidArgument",
    ),
    Case(
        "a canned ACL of a bucket that is none",
        ACLS,
        lambda s: s.ask("PUT", f"/{s.bucket}?acl", headers={"x-amz-acl": "everybody"}),
        400,
        "InvalidArgument",
    ),
    Case(
        "a grant that is none",
        ACLS,
        lambda s: s.put("bad", x_amz_grant_read="everybody"),
        400,
        "InvalidArgument",
    ),
    Case(
        "a storage class that is none",
        f"{S3_API}/API_PutObject.html",
        lambda s: s.put("bad", x_amz_storage_class="CHEAP"),
        400,
        "InvalidStorageClass",
    ),
    Case(
        "a policy that is no JSON",
        f"{S3_API}/API_PutBucketPolicy.html",
        lambda s: put_xml(s, "policy", "<"),
        400,
        "MalformedPolicy",
    ),
    Case(
        "a number of keys that is none",
        f"{S3_API}/API_ListObjectsV2.html",
        lambda s: s.ask("GET", f"/{s.bucket}?list-type=2&max-keys=many"),
        400,
        "InvalidArgument",
    ),
    Case(
        "a negative number of keys",
        f"{S3_API}/API_ListObjectsV2.html",
        lambda s: s.ask("GET", f"/{s.bucket}?max-keys=-1"),
        400,
        "InvalidArgument",
    ),
    Case(
        "a copy of what is no object",
        COPIES,
        lambda s: s.put("bad", x_amz_copy_source="nothing"),
        400,
        "InvalidArgument",
    ),
    Case(
        "deleting nothing",
        f"{S3_API}/API_DeleteObjects.html",
        lambda s: s.ask("POST", f"/{s.bucket}?delete", b"<Delete></Delete>"),
        400,
        "MalformedXML",
    ),
    Case(
        "deleting with what is no XML",
        f"{S3_API}/API_DeleteObjects.html",
        lambda s: s.ask("POST", f"/{s.bucket}?delete", b"<"),
        400,
        "MalformedXML",
    ),
    Case(
        "a POST without a form",
        FORMS,
        lambda s: post(s, b"x", "text/plain"),
        412,
        "PreconditionFailed",
    ),
    Case(
        "a POST without a boundary",
        FORMS,
        lambda s: post(s, b"x", "multipart/form-data"),
        400,
        "MalformedPOSTRequest",
    ),
    Case("a POST that is no form", FORMS, lambda s: post(s, b"x"), 400, "MalformedPOSTRequest"),
    Case(
        "a form without a key",
        FORMS,
        lambda s: post(s, make_form(file="x")),
        400,
        "InvalidArgument",
    ),
    Case(
        "a form without a file",
        FORMS,
        lambda s: post(s, make_form(key="bad")),
        400,
        "InvalidArgument",
    ),
    Case(
        "a form whose policy has expired",
        FORMS,
        lambda s: post(
            s, make_form(key="bad", policy=make_policy("2020-01-01T00:00:00Z"), file="x")
        ),
        403,
        "AccessDenied",
    ),
]
