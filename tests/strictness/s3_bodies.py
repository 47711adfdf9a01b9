"""What S3 refuses of bodies, their digests and what comes with them."""

from __future__ import annotations

from functools import partial

from tests.strictness.requests import (
    CHECKSUMS,
    DIGITS,
    chunk,
    md5,
    put_chunks,
    put_part,
)
from tests.strictness.site import (
    CHUNKS,
    INTEGRITY,
    S3_API,
    S3_ERRORS,
    S3_GUIDE,
    Answer,
    Site,
    list_cases,
)

HEADERS = f"{S3_API}/sig-v4-header-based-auth.html"
OWNERS = f"{S3_GUIDE}/bucket-owner-condition.html"

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
            "a trailer that is no checksum": lambda s: put_chunks(
                s, chunk(b"x", "x-amz-acl:public-read"), 1
            ),
            "a trailer that was announced and is missing": lambda s: put_chunks(
                s, chunk(b"x"), 1, "x-amz-checksum-crc32"
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
        HEADERS,
        400,
        "AuthorizationHeaderMalformed",
        {
            "an Authorization without a credential": lambda s: s.put(
                "bad", authorization="AWS4-HMAC-SHA256 garbage"
            ),
        },
    ),
]
