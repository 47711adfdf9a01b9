"""Requests to S3 that it refuses, put together byte by byte."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import zlib
from collections.abc import Callable
from urllib.parse import quote

from tests.strictness.site import Answer, Site


def encode(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


DIGITS = b"123456789"
CHECKSUMS = {
    "crc32": encode(bytes.fromhex("cbf43926")),
    "crc32c": encode(bytes.fromhex("e3069283")),
    "crc64nvme": encode(bytes.fromhex("ae8b14860a799888")),
    "sha1": encode(hashlib.sha1(DIGITS, usedforsecurity=False).digest()),
    "sha256": encode(hashlib.sha256(DIGITS).digest()),
}
"""Checksums of DIGITS (https://reveng.sourceforge.io/crc-catalogue/all.htm)."""


def md5(data: bytes) -> str:
    return encode(hashlib.md5(data, usedforsecurity=False).digest())


def crc32(data: bytes) -> str:
    return encode(zlib.crc32(data).to_bytes(4, "big"))


def chunk(data: bytes, trailer: str = "", end: bytes = b"0\r\n") -> bytes:
    """Encode a body in one chunk."""
    text = f"{trailer}\r\n".encode() if trailer else b""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n" + end + text + b"\r\n"


def put_chunks(site: Site, body: bytes, length: int, trailer: str = "", **more: str) -> Answer:
    headers = {
        "x_amz_content_sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x_amz_decoded_content_length": str(length),
        "content_encoding": "aws-chunked",
        **({"x_amz_trailer": trailer} if trailer else {}),
        **more,
    }
    return site.put("chunks", body, **headers)


def presign(site: Site, when: float, seconds: object, **changes: str) -> str:
    """Write the address of an object with a signature of version 4 that nobody checks."""
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(when))
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"test/{date[:8]}/us-east-1/s3/aws4_request",
        "X-Amz-Date": date,
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Signature": "0" * 64,
        **changes,
    }
    pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items() if value)
    return f"/{site.bucket}/key?{pairs}"


def ask_presigned(site: Site, path: str, method: str = "GET") -> Answer:
    return site.ask(method, path, headers={"Authorization": ""})


def make_marker(site: Site, key: str) -> str:
    """Leave a delete marker; return its version."""
    site.clients["s3"].put_object(Bucket=site.versioned, Key=key, Body=b"x")
    answer = site.clients["s3"].delete_object(Bucket=site.versioned, Key=key)
    return str(answer["VersionId"])


def put_part(
    site: Site, upload: str, number: object, key: str = "upload", **headers: str
) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    path = f"/{site.bucket}/{key}?partNumber={number}&uploadId={upload}"
    return site.ask("PUT", path, b"part", named)


def complete(site: Site, upload: str, *parts: tuple[int, str]) -> Answer:
    listed = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
        for number, etag in parts
    )
    body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
    return site.ask("POST", f"/{site.bucket}/upload?uploadId={upload}", body)


def upload_part(site: Site, upload: str, number: int) -> tuple[int, str]:
    return number, put_part(site, upload, number).headers["etag"]


def complete_parts(site: Site, numbers: tuple[int, ...], changed: str = "") -> Answer:
    """Upload parts of 4 bytes and complete them in the order given."""
    upload = site.begin_upload()
    parts = [upload_part(site, upload, number) for number in numbers]
    return complete(site, upload, *((number, changed or etag) for number, etag in parts))


def abort_then(site: Site, ask: Callable[[str], Answer]) -> Answer:
    upload = site.begin_upload()
    site.clients["s3"].abort_multipart_upload(Bucket=site.bucket, Key="upload", UploadId=upload)
    return ask(upload)


def post(site: Site, body: bytes, kind: str = "multipart/form-data; boundary=b") -> Answer:
    return site.ask("POST", f"/{site.bucket}", body, {"Content-Type": kind, "Authorization": ""})


def make_form(**fields: str) -> bytes:
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"'
        f"{'; filename=a' if name == 'file' else ''}\r\n\r\n{value}\r\n"
        for name, value in fields.items()
    )
    return f"{parts}--b--\r\n".encode()


def make_policy(expiration: str, *conditions: object) -> str:
    policy = {"expiration": expiration, "conditions": list(conditions)}
    return encode(json.dumps(policy).encode())


def put_xml(site: Site, sub: str, body: str, key: str = "") -> Answer:
    path = f"/{site.bucket}/{key}?{sub}" if key else f"/{site.bucket}?{sub}"
    return site.ask("PUT", path, body.encode())


def get(site: Site, **headers: str) -> Answer:
    site.put(body=b"0123456789")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return site.ask("GET", f"/{site.bucket}/key", headers=named)
