"""Processes of other users of this machine are refused."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from pixelater_cli.emulator.lambda_service.runtime_api import RuntimeApi
from pixelater_cli.emulator.moto_adapter import server

NOBODY = 65534

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root of Linux may become another"
)

ASK = """
import encodings.idna, os, socket
os.setgid({uid}); os.setuid({uid})
with socket.create_connection(("127.0.0.1", {port}), timeout=30) as client:
    client.sendall({request!r})
    received = b""
    try:
        while some := client.recv(1000):
            received += some
    except ConnectionResetError:
        pass
print(received.decode())
"""
SIGNED = (
    "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/{service}/aws4_request, "
    "SignedHeaders=host, Signature=0"
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with server.serve() as one:
        yield one


def ask_as(
    uid: int, url: str, request: str = "GET /", service: str = "s3", body: str = ""
) -> tuple[str, str]:
    """Make a request in a process of another user; return status and body, "" without."""
    head = [
        f"{request} HTTP/1.1",
        "Host: localhost",
        f"Authorization: {SIGNED.format(service=service)}",
        "Connection: close",
        f"Content-Length: {len(body)}",
    ]
    text = "\r\n".join([*head, "", body]).encode()
    script = ASK.format(uid=uid, port=urlsplit(url).port, request=text)
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    status, _, rest = done.stdout.partition("\n")
    return status[9:12], rest.partition("\n\n")[2].strip()


def test_another_user_may_not_create_a_function(url: str) -> None:
    told = ask_as(NOBODY, url, "POST /2015-03-31/functions", "lambda", "{}")
    assert told == ("403", "the emulator answers processes of its own user and of root only")


def test_another_user_may_not_read(url: str) -> None:
    assert ask_as(NOBODY, url)[0] == "403"


def test_root_and_this_user_may(url: str) -> None:
    assert ask_as(0, url)[0] == "200"


def test_another_user_may_not_give_a_function_an_answer() -> None:
    with closing(RuntimeApi()) as api:
        url = f"http://{api.address}"
        told = ask_as(NOBODY, url, "POST /2018-06-01/runtime/init/error", body="{}")
        assert (told, api.messages.empty()) == (("", ""), True)
        ask_as(0, url, "POST /2018-06-01/runtime/init/error", body="{}")
        assert api.messages.get().kind == "init error"


def test_another_user_may_where_the_emulator_serves_other_machines() -> None:
    with server.serve("0.0.0.0") as url:  # noqa: S104 (the case)
        assert ask_as(NOBODY, url)[0] == "200"
