"""What S3 refuses of multipart uploads, forms and copies."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from tests.strictness.requests import (
    CHECKSUMS,
    abort_then,
    complete,
    complete_parts,
    crc32,
    make_form,
    make_policy,
    post,
    put_part,
)
from tests.strictness.site import (
    MISSING,
    S3_API,
    Answer,
    Site,
    list_cases,
)

PARTS = f"{S3_API}/API_CompleteMultipartUpload.html#API_CompleteMultipartUpload_Errors"
UPLOADS = f"{S3_API}/API_UploadPart.html#API_UploadPart_Errors"
FORMS = f"{S3_API}/RESTObjectPOST.html"
COPIES = f"{S3_API}/API_CopyObject.html"


def complete_whole(headers: Mapping[str, str], site: Site) -> Answer:
    """Complete an upload of one part with what is said of the whole object."""
    upload = site.begin_upload(ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    answer = put_part(site, upload, 1, x_amz_checksum_crc32=crc32(b"part"))
    number, etag = 1, answer.headers["etag"]
    part = f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
    body = f"<CompleteMultipartUpload>{part}</CompleteMultipartUpload>".encode()
    given = {"x-amz-checksum-type": "FULL_OBJECT", **headers}
    return site.ask("POST", f"/{site.bucket}/upload?uploadId={upload}", body, given)


def read_type(site: Site, answer: Answer) -> Answer:
    """Read what a form has stored, of the type that one of its fields names."""
    assert answer.status == 204, answer.body
    stored = site.ask("GET", f"/{site.bucket}/form")
    assert (stored.headers["content-type"], stored.body) == ("image/jpeg", b"x")
    return stored


def put_as_form(site: Site) -> Answer:
    """Put an object as curl does, which names that type for all data."""
    kind = "application/x-www-form-urlencoded"
    answer = site.put("labelled", b"a=b", content_type=kind)
    stored = site.ask("GET", f"/{site.bucket}/labelled")
    assert (stored.headers["content-type"], stored.body) == (kind, b"a=b")
    return answer


CASES = [
    *list_cases(
        UPLOADS,
        400,
        "InvalidRequest",
        {
            "a part without its upload's kind of checksum": lambda s: put_part(
                s, s.begin_upload(ChecksumAlgorithm="SHA256"), 1
            ),
            "a part with a checksum of another kind": lambda s: put_part(
                s,
                s.begin_upload(ChecksumAlgorithm="SHA256"),
                1,
                x_amz_checksum_crc32=crc32(b"part"),
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
        COPIES,
        400,
        "InvalidArgument",
        {
            "a copy of what is no object": lambda s: s.put("bad", x_amz_copy_source="nothing"),
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
    *list_cases(
        FORMS,
        200,
        "",
        {
            "a form with a type": lambda s: read_type(
                s, post(s, make_form(key="form", **{"Content-Type": "image/jpeg"}, file="x"))
            ),
        },
    ),
    *list_cases(
        f"{S3_API}/API_PutObject.html",
        200,
        "",
        {"an object whose type is that of a form": put_as_form},
    ),
]
