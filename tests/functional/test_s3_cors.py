"""CORS of buckets in the emulator: preflight requests, and what pages of other origins may read.

The expected answers are those of https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from pixelater_cli.emulator.moto_adapter import server
from tests.functional.test_http_server import SIGNED

VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
APP, LOCAL, ANY = "https://app.example", "http://localhost:5173", "http://localhost:1"
RULES = [
    {
        "AllowedOrigins": [APP, LOCAL, "http://*.localhost"],
        "AllowedMethods": ["GET", "HEAD"],
        "AllowedHeaders": ["x-amz-*", "Range"],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": 600,
    },
    {"AllowedOrigins": ["http://127.0.0.1:9"], "AllowedMethods": ["PUT"]},
]
ALLOWED = {
    "access-control-allow-origin": LOCAL,
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "GET, HEAD",
    "access-control-expose-headers": "ETag",
    "access-control-max-age": "600",
    "vary": VARY,
}
TO_ALL = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET",
    "vary": VARY,
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve three buckets with an object: with rules, for all origins, and without CORS."""
    with server.serve() as url:
        s3 = boto3.client(
            "s3",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="any",
            aws_secret_access_key="any",
        )
        everyone = [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}]
        for bucket, rules in (("ruled", RULES), ("open", everyone), ("closed", [])):
            s3.create_bucket(Bucket=bucket)
            s3.put_object(Bucket=bucket, Key="a", Body=b"content")
            if rules:
                s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
        yield urlsplit(url).netloc


def ask(
    address: str, method: str, path: str, headers: dict[str, str]
) -> tuple[int, dict[str, str], str]:
    """Make a request; return the status, the headers for pages, and the code of an error."""
    with closing(HTTPConnection(address)) as connection:
        connection.request(method, path, None, SIGNED | headers)
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        found = re.search(rb"<Code>(.*)</Code>", answer.read())
        for_pages = {
            name: value
            for name, value in told.items()
            if name == "vary" or name.startswith("access-control")
        }
        return answer.status, for_pages, found[1].decode() if found else ""


def preflight(origin: str, method: str, headers: str = "") -> dict[str, str]:
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    return asked | ({"Access-Control-Request-Headers": headers} if headers else {})


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("/ruled/a", preflight(LOCAL, "GET"), (200, ALLOWED, "")),
        (
            "/ruled/none",
            preflight(LOCAL, "HEAD", "Range,X-Amz-Date"),
            (200, ALLOWED | {"access-control-allow-headers": "range, x-amz-date"}, ""),
        ),
        ("/ruled", preflight(LOCAL, "GET"), (200, ALLOWED, "")),
        ("/ruled/a", preflight(LOCAL, "GET", "x-other"), (403, {}, "AccessForbidden")),
        ("/ruled/a", preflight(LOCAL, "PUT"), (403, {}, "AccessForbidden")),
        ("/ruled/a", preflight(ANY, "GET"), (403, {}, "AccessForbidden")),
        ("/ruled/a", preflight("http://127.0.0.1:9", "PUT", "x"), (403, {}, "AccessForbidden")),
        ("/open/a", preflight(ANY, "GET"), (200, TO_ALL, "")),
        ("/closed/a", preflight(LOCAL, "GET"), (403, {}, "AccessForbidden")),
        ("/absent/a", preflight(LOCAL, "GET"), (403, {}, "AccessForbidden")),
        ("/ruled/a", {"Access-Control-Request-Method": "GET"}, (400, {}, "BadRequest")),
        ("/ruled/a", {"Origin": LOCAL}, (400, {}, "BadRequest")),
    ],
)
def test_preflight_is_answered_as_by_s3(
    address: str, path: str, headers: dict[str, str], expected: Any
) -> None:
    assert ask(address, "OPTIONS", path, headers) == expected


@pytest.mark.parametrize(
    ("method", "path", "origin", "expected"),
    [
        ("GET", "/ruled/a", LOCAL, (200, ALLOWED, "")),
        ("HEAD", "/ruled/a", LOCAL, (200, ALLOWED, "")),
        ("GET", "/ruled/none", LOCAL, (404, ALLOWED, "NoSuchKey")),
        (
            *("GET", "/ruled/a", "http://a.b.localhost"),
            (200, ALLOWED | {"access-control-allow-origin": "http://a.b.localhost"}, ""),
        ),
        ("GET", "/ruled/a", ANY, (200, {}, "")),
        ("PUT", "/ruled/b", LOCAL, (200, {}, "")),
        ("GET", "/open/a", ANY, (200, TO_ALL, "")),
        ("GET", "/closed/a", LOCAL, (200, {}, "")),
        ("GET", "/ruled/a", "", (200, {}, "")),
    ],
)
def test_pages_of_this_machine_are_told_what_the_bucket_allows(
    address: str, method: str, path: str, origin: str, expected: Any
) -> None:
    assert ask(address, method, path, {"Origin": origin} if origin else {}) == expected


SQS = {name: value.replace("/s3/", "/sqs/") for name, value in SIGNED.items()}


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/ruled/a", {"Origin": APP}, 200),
        ("OPTIONS", "/ruled/a", preflight(APP, "GET"), 200),
        ("GET", "/ruled/a", {"Origin": "https://other.example"}, 403),
        ("PUT", "/ruled/b", {"Origin": APP}, 403),
        ("OPTIONS", "/ruled/a", preflight(APP, "PUT"), 403),
        ("GET", "/open/a", {"Origin": APP}, 403),
        ("GET", "/closed/a", {"Origin": APP}, 403),
        ("GET", "/", {"Origin": APP}, 403),
        ("GET", "/ruled/a", {"Origin": APP, "Host": "rebound.example"}, 403),
        ("GET", "/ruled?Action=ListQueues", {"Origin": APP, **SQS}, 403),
        ("GET", "/ruled?X-Amz-Credential=a%2Fsqs%2Faws4_request", {"Origin": APP}, 403),
    ],
)
def test_page_from_elsewhere_reads_only_a_bucket_that_names_it(
    address: str, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    assert ask(address, method, path, headers)[0] == status
