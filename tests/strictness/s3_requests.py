"""What S3 refuses of other requests: URLs, ranges, documents, parameters."""

from __future__ import annotations

import time
from functools import partial

from tests.strictness.requests import (
    ask_presigned,
    get,
    make_marker,
    presign,
    put_xml,
)
from tests.strictness.site import (
    S3_API,
    S3_ERRORS,
    S3_GUIDE,
    Answer,
    Site,
    list_cases,
)

HOUR = 3600
SIGNATURES = f"{S3_API}/sigv4-query-string-auth.html"
MARKERS = f"{S3_GUIDE}/DeleteMarker.html"
RANGES = f"{S3_API}/API_GetObject.html"
TAGS = f"{S3_API}/API_PutObjectTagging.html#API_PutObjectTagging_Errors"
ACLS = f"{S3_API}/API_PutObjectAcl.html"


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


def put_wrong_xml(sub: str, site: Site) -> Answer:
    return put_xml(site, sub, "<a><b></a>")


def make_tags(*keys: str) -> str:
    tags = "".join(f"<Tag><Key>{key}</Key><Value>b</Value></Tag>" for key in keys)
    return f"<Tagging><TagSet>{tags}</TagSet></Tagging>"


CASES = [
    *list_cases(
        TAGS,
        200,
        "",
        {"no tags": lambda s: put_xml(s, "tagging", "<Tagging><TagSet/></Tagging>", "key")},
    ),
    *list_cases(
        TAGS,
        400,
        "InvalidTag",
        {
            "a tag without a key": lambda s: put_xml(s, "tagging", make_tags(""), "key"),
            "the same tag twice": lambda s: put_xml(s, "tagging", make_tags("a", "a"), "key"),
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
]
