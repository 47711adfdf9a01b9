"""What S3 refuses of names, tags, encryption and conditions of what is written."""

from __future__ import annotations

import time
from functools import partial

from tests.strictness.requests import ask_presigned, encode, md5, presign, put_xml
from tests.strictness.site import S3_API, S3_ERRORS, S3_GUIDE, Answer, Site, list_cases

NAMES = f"{S3_GUIDE}/bucketnamingrules.html"
TAGGING = f"{S3_GUIDE}/object-tagging.html"
CUSTOMER_KEYS = f"{S3_GUIDE}/specifying-s3-c-encryption.html"
KMS = f"{S3_GUIDE}/specifying-kms-encryption.html"
SIGNATURES = f"{S3_API}/sigv4-query-string-auth.html"
LISTS = f"{S3_API}/API_ListObjectsV2.html"
VERSIONS = f"{S3_API}/API_ListObjectVersions.html"
PAGES = f"{S3_GUIDE}/IndexDocumentSupport.html"

SSE = "x-amz-server-side-encryption"
KEY = bytes(32)
MISSING_KEY = "00000000-2222-3333-4444-555555555555"


def put_with_key(site: Site, parts: dict[str, str]) -> Answer:
    """Put an object with a key of the client's; "" leaves out one of its headers."""
    whole = {"algorithm": "AES256", "key": encode(KEY), "key-md5": md5(KEY), **parts}
    return put_encrypted(site, {f"-customer-{name}": value for name, value in whole.items()})


def put_encrypted(site: Site, headers: dict[str, str]) -> Answer:
    """Put an object; names of headers lack what they begin with."""
    named = {f"{SSE}{name}": value for name, value in headers.items()}
    return site.ask("PUT", f"/{site.bucket}/bad", b"x", named)


def put_with_kms(key: str, site: Site, name: str = "bad") -> Answer:
    headers = {SSE: "aws:kms", f"{SSE}-aws-kms-key-id": key}
    return site.ask("PUT", f"/{site.bucket}/{name}", b"x", headers)


def put_with_new_key(disabled: bool, site: Site) -> Answer:
    kms = site.clients["kms"]
    key = str(kms.create_key()["KeyMetadata"]["KeyId"])
    if disabled:
        kms.disable_key(KeyId=key)
    return put_with_kms(key, site, "encrypted")


def create(name: str, site: Site) -> Answer:
    return site.ask("PUT", f"/{name}")


def put_tags(text: str, site: Site) -> Answer:
    return site.put("bad", x_amz_tagging=text)


def delete_keys(site: Site, *keys: str) -> Answer:
    objects = "".join(f"<Object><Key>{key}</Key></Object>" for key in keys)
    return site.ask("POST", f"/{site.bucket}?delete", f"<Delete>{objects}</Delete>".encode())


def list_page(query: str, site: Site) -> Answer:
    return site.ask("GET", f"/{site.bucket}?{query}")


def list_on(site: Site) -> Answer:
    """Continue a list that was not complete."""
    site.put("key2")
    first = site.call("s3", "list_objects_v2", Bucket=site.bucket, MaxKeys=1)
    token = first.told["NextContinuationToken"]
    return site.call("s3", "list_objects_v2", Bucket=site.bucket, ContinuationToken=token)


def make_tag_document(count: int) -> str:
    tags = "".join(f"<Tag><Key>{number}</Key><Value/></Tag>" for number in range(count))
    return f"<Tagging><TagSet>{tags}</TagSet></Tagging>"


def make_rules(count: int) -> str:
    default = "<SSEAlgorithm>AES256</SSEAlgorithm>"
    rule = f"<ApplyServerSideEncryptionByDefault>{default}</ApplyServerSideEncryptionByDefault>"
    rules = f"<Rule>{rule}</Rule>" * count
    return f"<ServerSideEncryptionConfiguration>{rules}</ServerSideEncryptionConfiguration>"


def make_website(inner: str) -> str:
    return f"<WebsiteConfiguration>{inner}</WebsiteConfiguration>"


def presign_now(site: Site, **changes: str) -> str:
    return presign(site, time.time(), 60, **changes)


CASES = [
    *list_cases(
        NAMES,
        400,
        "InvalidBucketName",
        {
            f"a bucket named {name}": partial(create, name)
            for name in (
                "192.168.5.4",
                "xn--photos",
                "sthree-photos",
                "amzn-s3-demo-photos",
                "photos-s3alias",
                "photos--ol-s3",
                "photos.mrap",
                "photos--x-s3",
                "photos--table-s3",
                "ab",
                "a" * 64,
                "Photos",
                "my_photos",
                "-photos",
                "photos-",
                ".photos",
                "my..photos",
            )
        },
    ),
    *list_cases(
        TAGGING,
        400,
        "InvalidArgument",
        {"a new object's tag twice": partial(put_tags, "a=b&a=c")},
    ),
    *list_cases(
        TAGGING,
        400,
        "InvalidTag",
        {
            "a new object's tag without a key": partial(put_tags, "=b"),
            "a new object's tag with a key of 129 characters": partial(put_tags, "a" * 129),
            "a new object's tag with a value of 257 characters": partial(
                put_tags, f"a={'b' * 257}"
            ),
            "a new object's tag of AWS's own": partial(put_tags, "aws:a=b"),
            "a new object's tag with a character that is none": partial(put_tags, "a=%3C"),
        },
    ),
    *list_cases(
        TAGGING,
        400,
        "BadRequest",
        {
            "a new object with 11 tags": partial(
                put_tags, "&".join(f"{number}=" for number in range(11))
            ),
            "an object with 11 tags": lambda s: put_xml(s, "tagging", make_tag_document(11), "key"),
            "a bucket with 51 tags": lambda s: put_xml(s, "tagging", make_tag_document(51)),
        },
    ),
    *list_cases(
        TAGGING,
        200,
        "",
        {"a new object's tags": lambda s: s.put("key3", x_amz_tagging="a=b&c=%C3%A9+%2B-%3D._:/@")},
    ),
    *list_cases(
        KMS,
        400,
        "InvalidArgument",
        {
            "a KMS key for AES256": lambda s: put_encrypted(
                s, {"": "AES256", "-aws-kms-key-id": "alias/photos"}
            ),
            "a KMS key for no encryption": lambda s: put_encrypted(
                s, {"-aws-kms-key-id": "alias/photos"}
            ),
            "a KMS context for AES256": lambda s: put_encrypted(
                s, {"": "AES256", "-context": "e30="}
            ),
        },
    ),
    *list_cases(
        f"{S3_GUIDE}/UsingKMSEncryption.html",
        400,
        "KMS.NotFoundException",
        {
            f"{name} that does not exist": partial(put_with_kms, name)
            for name in (
                "alias/none",
                MISSING_KEY,
                f"arn:aws:kms:us-east-1:123456789012:key/{MISSING_KEY}",
                "arn:aws:kms:us-east-1:123456789012:alias/none",
            )
        },
    ),
    *list_cases(
        f"{S3_GUIDE}/UsingKMSEncryption.html",
        400,
        "KMS.DisabledException",
        {"a KMS key that is disabled": partial(put_with_new_key, True)},
    ),
    *list_cases(
        f"{S3_GUIDE}/UsingKMSEncryption.html",
        200,
        "",
        {"a KMS key": partial(put_with_new_key, False)},
    ),
    *list_cases(
        CUSTOMER_KEYS,
        400,
        "InvalidArgument",
        {
            "a client's encryption without a key": lambda s: put_with_key(
                s, {"key": "", "key-md5": ""}
            ),
            "a client's key without its algorithm": lambda s: put_with_key(s, {"algorithm": ""}),
            "a client's key without its MD5": lambda s: put_with_key(s, {"key-md5": ""}),
            "a client's key with another MD5": lambda s: put_with_key(s, {"key-md5": md5(b"")}),
            "a client's key of 31 bytes": lambda s: put_with_key(
                s, {"key": encode(KEY[1:]), "key-md5": md5(KEY[1:])}
            ),
            "a client's key that is not base64": lambda s: put_with_key(s, {"key": "key"}),
        },
    ),
    *list_cases(
        CUSTOMER_KEYS,
        400,
        "InvalidEncryptionAlgorithmError",
        {"a client's encryption that is none": lambda s: put_with_key(s, {"algorithm": "ROT13"})},
    ),
    *list_cases(
        f"{S3_GUIDE}/conditional-writes.html",
        501,
        "NotImplemented",
        {
            "a write unless the ETag is another": lambda s: s.put("bad", if_none_match='"abc"'),
            "a write with both conditions": lambda s: s.put(
                "bad", if_none_match="*", if_match='"abc"'
            ),
        },
    ),
    *list_cases(
        f"{S3_GUIDE}/conditional-writes.html",
        412,
        "PreconditionFailed",
        {"a write unless there is one": lambda s: s.put("key", if_none_match="*")},
    ),
    *list_cases(
        S3_ERRORS,
        400,
        "InvalidURI",
        {
            "a key that is not UTF-8": lambda s: s.ask("PUT", f"/{s.bucket}/%ff", b"x"),
            "reading a key that is not UTF-8": lambda s: s.ask("GET", f"/{s.bucket}/a%C3"),
        },
    ),
    *list_cases(
        f"{S3_API}/API_UploadPart.html",
        400,
        "InvalidArgument",
        {
            "a part of no upload": lambda s: s.ask("PUT", f"/{s.bucket}/bad?partNumber=1", b"x"),
        },
    ),
    *list_cases(
        f"{S3_API}/sig-v4-header-based-auth.html",
        400,
        "InvalidArgument",
        {"an empty digest of the body": lambda s: s.put("bad", x_amz_content_sha256=" ")},
    ),
    *list_cases(
        PAGES,
        400,
        "MissingRequestBodyError",
        {"a website without a document": lambda s: put_xml(s, "website", "")},
    ),
    *list_cases(
        PAGES,
        400,
        "InvalidArgument",
        {
            "a website without pages": lambda s: put_xml(s, "website", make_website("")),
            "a website whose index has a folder": lambda s: put_xml(
                s,
                "website",
                make_website("<IndexDocument><Suffix>a/index.html</Suffix></IndexDocument>"),
            ),
        },
    ),
    *list_cases(
        PAGES,
        200,
        "",
        {
            "a website": lambda s: put_xml(
                s,
                "website",
                make_website("<IndexDocument><Suffix>index.html</Suffix></IndexDocument>"),
            ),
        },
    ),
    *list_cases(
        SIGNATURES,
        400,
        "InvalidArgument",
        {
            "a signature in the URL and another in the header": lambda s: s.ask(
                "GET", f"/{s.bucket}/key?X-Amz-Signature=0"
            ),
            "a presigned URL with a header, too": lambda s: s.ask("GET", presign_now(s)),
        },
    ),
    *list_cases(
        SIGNATURES,
        400,
        "AuthorizationQueryParametersError",
        {
            "a URL with only a signature": lambda s: ask_presigned(
                s, f"/{s.bucket}/key?X-Amz-Signature=0"
            ),
            "a URL for a region that is none": lambda s: ask_presigned(
                s, presign_now(s).replace("us-east-1", "mars")
            ),
            "a URL whose scope has another date": lambda s: ask_presigned(
                s, presign_now(s, **{"X-Amz-Credential": "test/20200101/us-east-1/s3/aws4_request"})
            ),
        },
    ),
    *list_cases(
        f"{S3_API}/API_DeleteObjects.html",
        400,
        "MalformedXML",
        {
            "deleting a key that is empty": lambda s: delete_keys(s, ""),
            "deleting 1001 keys": lambda s: delete_keys(s, *map(str, range(1001))),
        },
    ),
    *list_cases(
        f"{S3_API}/API_PutBucketEncryption.html",
        400,
        "MalformedXML",
        {"two rules of encryption": lambda s: put_xml(s, "encryption", make_rules(2))},
    ),
    *list_cases(
        LISTS,
        400,
        "InvalidArgument",
        {
            f"a continuation token that is {token}": partial(
                list_page, f"list-type=2&continuation-token={token}"
            )
            for token in ("garbage", "%C3%A9", "0" * 32)
        },
    ),
    *list_cases(LISTS, 200, "", {"a continuation token": list_on}),
    *list_cases(
        VERSIONS,
        400,
        "InvalidArgument",
        {
            "a marker of a version without its key's": partial(
                list_page, "versions&version-id-marker=abc"
            )
        },
    ),
]
