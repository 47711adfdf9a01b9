"""The emulator answers requests for objects as moto's own server does."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from moto.moto_server.werkzeug_app import BackendRequest
from moto.s3.responses import S3Response
from moto.server import ThreadedMotoServer
from moto.sqs.responses import SQSResponse

from pixelater_cli.emulator.moto_adapter import server
from tests.functional.test_http_server import ELSEWHERE, SIGNED

OWN = {"date", "server", "connection", "x-amzn-requestid", "last-modified"}
"""What differs from answer to answer."""

TO_ALL = {"access-control-allow-origin"}
"""What Flask tells programs, too, and S3 only web pages (test_s3_cors.py)."""

OF_ONE_ANSWER = re.compile(b"<(LastModified|RequestId)>.*?</")

COPY = {"x-amz-copy-source": "/a-bucket/an%20object"}
SIGNED_FOR_SQS = {name: value.replace("/s3/", "/sqs/") for name, value in SIGNED.items()}
PHOTO = {
    "Content-Type": "image/jpeg",
    "x-amz-meta-pixelater-by": "hand",
    "x-amz-meta-my_key": "a value",
    "x-amz-tagging": "a=b",
}

Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture(scope="module")
def addresses() -> Iterator[list[str]]:
    """Serve moto as we do and as it does itself, with one bucket and one object in both."""
    with server.serve() as url:
        plain = ThreadedMotoServer("127.0.0.1", 0)
        plain.start()
        try:
            host, port = plain.get_host_and_port()
            ask(urlsplit(url).netloc, "PUT", "/a-bucket")
            ask(urlsplit(url).netloc, "PUT", "/a-bucket/an%20object", b"content", PHOTO)
            yield [urlsplit(url).netloc, f"{host}:{port}"]
        finally:
            plain.stop()


def ask(
    address: str,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """Make one request; give what the answer says."""
    with closing(HTTPConnection(address)) as connection:
        connection.request(method, path, body, SIGNED | (headers or {}))
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        kept = {name: value for name, value in told.items() if name not in OWN | TO_ALL}
        return answer.status, kept, OF_ONE_ANSWER.sub(b"", answer.read())


@pytest.mark.parametrize(
    ("method", "path", "body", "headers"),
    [
        ("GET", "/a-bucket/an%20object", None, {}),
        ("HEAD", "/a-bucket/an%20object", None, {}),
        ("GET", "/a-bucket/an%20object", None, {"Range": "bytes=2-3"}),
        ("GET", "/a-bucket/an%20object", None, {"Range": "bytes=99-"}),
        ("GET", "/a-bucket/an%20object", None, {"If-None-Match": '"none"'}),
        ("HEAD", "/a-bucket/an%20object", None, {"If-Modified-Since": "Tue, 1 Jan 2030 0:0:0 GMT"}),
        ("GET", "/a-bucket/an%20object?tagging", None, {}),
        ("GET", "/a-bucket/an%20object?acl", None, {}),
        ("GET", "/a-bucket/an%20object?versionId=none", None, {}),
        ("GET", "/a-bucket/none", None, {}),
        ("HEAD", "/a-bucket/none", None, {}),
        ("PUT", "/a-bucket/put", b"content", PHOTO),
        ("PUT", "/a-bucket/empty", b"", {}),
        ("PUT", "/a-bucket/copy", None, COPY),
        ("PUT", "/a-bucket/put", b"content", {"If-Match": '"none"'}),
        ("PUT", "/a-bucket/put", b"content", {"Content-MD5": "mgNkuembtIDdJeHwKEyFVQ=="}),
        ("PUT", "/a-bucket//odd%2Fkey%3F//%C3%A9%2B", b"content", {}),
        ("GET", "/a-bucket//odd%2Fkey%3F//%C3%A9%2B", None, {}),
        ("DELETE", "/a-bucket/put", None, {}),
        ("PROPFIND", "/a-bucket/an%20object", None, {}),
    ],
)
def test_an_object_is_answered_for_as_moto_does(
    addresses: list[str], method: str, path: str, body: bytes | None, headers: dict[str, str]
) -> None:
    ours, plain = (ask(address, method, path, body, headers) for address in addresses)
    assert ours == plain


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/a-bucket/a%0Ab", "image/jpeg"),
        ("/a-bucket/%0A", "image/jpeg"),
        ("/a-bucket/form", "application/x-www-form-urlencoded"),
        ("/a-bucket/form", "Application/X-WWW-Form-Urlencoded; charset=UTF-8"),
        ("/a-bucket/form", "multipart/form-data; boundary=x"),
    ],
)
def test_what_moto_would_lose_is_stored(addresses: list[str], path: str, kind: str) -> None:
    assert ask(addresses[0], "PUT", path, b"a=b", {"Content-Type": kind})[0] == 200
    assert ask(addresses[0], "GET", path)[2] == b"a=b"


def test_web_page_reads_a_key_with_a_line_break(addresses: list[str]) -> None:
    origin = {"Origin": "http://localhost"}
    assert ask(addresses[0], "PUT", "/a-bucket/a%0Ab/c", b"content", origin)[0] == 200
    assert ask(addresses[0], "GET", "/a-bucket/a%0Ab/c", headers=origin)[2] == b"content"


def test_pages_from_elsewhere_are_refused(addresses: list[str]) -> None:
    assert ask(addresses[0], "GET", "/a-bucket/an%20object", headers=ELSEWHERE)[0] == 403


def test_a_body_is_let_go_without_looking_for_garbage(addresses: list[str]) -> None:
    gc.collect()
    gc.disable()
    try:
        ask(addresses[0], "PUT", "/a-bucket/put", b"content")
        assert [one for one in gc.get_objects() if isinstance(one, BackendRequest)] == []
    finally:
        gc.enable()


def test_crash_in_another_service_is_answered_with_400(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_args: object) -> None:
        raise LookupError("a bug of moto's")

    with server.serve() as url:
        monkeypatch.setattr(SQSResponse, "list_queues", fail)
        body = b"Action=ListQueues&Version=2012-11-05"
        headers = {"Content-Type": "application/x-www-form-urlencoded", **SIGNED_FOR_SQS}
        status, _, answer = ask(urlsplit(url).netloc, "POST", "/", body, headers)
    assert (status, b"<Code>InvalidParameterValue</Code>" in answer) == (400, True)
    assert "LookupError: a bug of moto's" in capfd.readouterr().err


def test_a_bug_of_motos_is_answered_with_500_and_leaves_its_traceback(
    addresses: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_args: object) -> None:
        raise LookupError("a bug of moto's")

    ask(addresses[0], "PUT", "/a-bucket")
    monkeypatch.setattr(S3Response, "_key_response", fail)
    status, headers, body = ask(addresses[0], "GET", "/a-bucket/an%20object")
    assert (status, headers["content-type"]) == (500, "application/xml")
    assert b"<Code>InternalError</Code>" in body
    assert "LookupError: a bug of moto's" in capfd.readouterr().err
