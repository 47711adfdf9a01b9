"""The emulator's connections stay open, as S3's do, whatever a request was like."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPResponse
from socket import SHUT_WR, SO_LINGER, SOL_SOCKET, create_connection, socket
from urllib.parse import urlsplit

import pytest

from pixelater_cli.emulator.http_server.server import Handler
from pixelater_cli.emulator.moto_adapter import server

PATH = "/a-bucket/a%20key"
ELSEWHERE = {"Origin": "https://elsewhere.example"}
SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=0"
}
"""What moto looks at of a signature; without it, nobody may read."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve moto with one bucket; give its host and port."""
    with server.serve() as url:
        address = urlsplit(url).netloc
        with closing(HTTPConnection(address)) as connection:
            ask(connection, "PUT", "/a-bucket")
        yield address


@pytest.fixture
def connection(address: str) -> Iterator[HTTPConnection]:
    """Open a connection that is never opened again: whoever closes it fails the test."""
    with closing(HTTPConnection(address)) as connection:
        connection.connect()
        connection.auto_open = 0
        yield connection


def ask(
    connection: HTTPConnection,
    method: str,
    path: str = PATH,
    body: bytes | Iterator[bytes] | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, bytes]:
    """Make one request; give the status and the body."""
    connection.request(method, path, body, SIGNED | (headers or {}))
    answer: HTTPResponse = connection.getresponse()
    return answer.status, answer.read()


def call(address: str) -> socket:
    """Open a connection for bytes as they are."""
    host, port = address.split(":")
    return create_connection((host, int(port)), timeout=10)


def read_all(client: socket) -> bytes:
    """Read what comes until the server ends the connection."""
    received = b""
    with suppress(ConnectionResetError):  # It may leave some of the request unread.
        while some := client.recv(1000):
            received += some
    return received


def write_head(path: str, length: int, **headers: str) -> bytes:
    """Write the head of a PUT."""
    fields = {"Host": "localhost", "Content-Length": str(length), **SIGNED, **headers}
    lines = [f"PUT {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def test_requests_of_all_kinds_share_a_connection(connection: HTTPConnection) -> None:
    assert [
        ask(connection, "PUT", body=b"content")[0],
        ask(connection, "GET"),
        ask(connection, "HEAD"),
        ask(connection, "GET", headers={"Range": "bytes=2-3"}),
        ask(connection, "DELETE"),
        ask(connection, "HEAD"),
    ] == [200, (200, b"content"), (200, b""), (206, b"nt"), (204, b""), (404, b"")]


def test_a_body_in_chunks_is_read_whole(connection: HTTPConnection) -> None:
    """S3 takes Transfer-Encoding only together with its own chunks."""
    headers = {
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": "9",
        "Content-Encoding": "aws-chunked",
    }
    chunks = [b"3\r\nin \r\n6\r\nchu", b"nks\r\n0\r\n\r\n"]
    assert ask(connection, "PUT", body=iter(chunks), headers=headers)[0] == 200
    assert ask(connection, "GET") == (200, b"in chunks")


def test_a_body_that_is_refused_unread_is_not_taken_for_a_request(
    connection: HTTPConnection,
) -> None:
    ask(connection, "PUT", body=b"content")
    body = b"DELETE " + PATH.encode() + b" HTTP/1.1\r\n\r\n"
    assert ask(connection, "PUT", body=body, headers=ELSEWHERE)[0] == 403
    assert ask(connection, "GET") == (200, b"content")


def test_a_client_that_asks_to_continue_is_told_to(address: str) -> None:
    with call(address) as client:
        client.sendall(write_head(PATH, 2, Expect="100-continue"))
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"ok")
        assert client.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_client_that_wants_no_more_is_told_that_the_connection_ends(address: str) -> None:
    with closing(HTTPConnection(address)) as connection:
        connection.request("GET", PATH, headers={"Connection": "close"})
        answer = connection.getresponse()
        answer.read()
        assert answer.headers["Connection"] == "close"
        assert connection.sock is None


def test_a_client_that_leaves_within_a_body_stores_nothing(
    address: str, connection: HTTPConnection, capfd: pytest.CaptureFixture[str]
) -> None:
    with call(address) as client:
        client.sendall(write_head("/a-bucket/half", 100) + b"half")
    assert ask(connection, "HEAD", "/a-bucket/half")[0] == 404
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "fields",
    [
        "Host: localhost\r\nContent-Length: abc",
        "Host: localhost\r\nContent-Length: -5",
        "Host: localhost\r\nContent-Length: +3",
        "Host: localhost\r\nContent-Length:",
        "Host: localhost\r\nContent-Length : 3",
        "Host: localhost\r\nContent-Length: 3\r\nContent-Length: 0",
        "Host: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked",
        "Host: localhost\r\nTransfer-Encoding: xchunked",
        "Host: localhost\r\nno colon\r\nContent-Length: 3",
        "Host: localhost\r\nX-Folded: a\r\n b\r\nContent-Length: 3",
        "Host: localhost\r\nContent-Length: 3\r\n\t0",
        "Content-Length: 3",
    ],
)
def test_a_request_whose_end_is_unclear_is_the_last_of_its_connection(
    address: str, fields: str
) -> None:
    with call(address) as client:
        rest = write_head("/a-bucket/within", 0)
        client.sendall(f"PUT {PATH} HTTP/1.1\r\n{fields}\r\n\r\n".encode() + rest)
        answer = read_all(client)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1


def test_a_length_that_is_too_much_is_refused_before_the_body_comes(address: str) -> None:
    with call(address) as client:
        client.sendall(write_head(PATH, 5 * 2**30 + 1))
        answer = read_all(client)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"<Code>EntityTooLarge</Code>" in answer
    assert answer.count(b"HTTP/1.1") == 1


def test_a_length_that_is_too_much_is_not_asked_for(address: str) -> None:
    with call(address) as client:
        client.sendall(write_head(PATH, 5 * 2**30 + 1, Expect="100-continue"))
        assert client.recv(100).startswith(b"HTTP/1.1 400 ")


def test_a_document_that_is_too_long_is_refused_before_it_comes(address: str) -> None:
    with call(address) as client:
        client.sendall(write_head("/a-bucket?tagging", 5 * 2**20))
        assert b"<Code>MaxMessageLengthExceeded</Code>" in read_all(client)


def test_a_request_that_is_sent_by_half_is_given_up(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Handler, "timeout", 0.2)
    with call(address) as client:
        client.sendall(write_head(PATH, 100) + b"half")
        answer = read_all(client)
    with call(address) as client:
        client.sendall(f"PUT {PATH} HTTP/1.1\r\nHost:".encode())
        assert read_all(client) == b""
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"<Code>RequestTimeout</Code>" in answer


@pytest.mark.parametrize("chunks", [b"zz\r\n", b"3;a=b\r\nabc\r\n0\r\n\r\n"])
def test_what_follows_chunks_that_are_none_is_no_request(address: str, chunks: bytes) -> None:
    with call(address) as client:
        head = (
            f"PUT {PATH} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
            "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n"
            "x-amz-decoded-content-length: 3\r\n\r\n"
        )
        client.sendall(head.encode() + chunks + write_head("/a-bucket/within", 0))
        client.shutdown(SHUT_WR)
        answer = read_all(client)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1


def test_a_client_that_leaves_before_its_answer_is_nobodys_error(
    address: str, connection: HTTPConnection, capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        with call(address) as client:
            client.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))  # It resets.
            client.sendall(write_head("/a-bucket/half", 100) + b"half")
    assert ask(connection, "HEAD", "/a-bucket/half")[0] == 404
    assert capfd.readouterr().err == ""


def test_open_connections_end_with_the_server() -> None:
    with server.serve() as url:
        connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
        ask(connection, "GET", "/")
    with closing(connection):
        assert connection.sock.recv(1) == b""
