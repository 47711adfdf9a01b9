"""Which server answers at an endpoint, and what a stack deployed there knows about it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from pixelater_cli.aws.server_traits import AWS, get_traits
from pixelater_cli.aws.session import Account, connect

HEALTH = b"{}"
PAGE = "/pixelater-page-bucket/stack.json"


@contextmanager
def answer(contents: dict[str, bytes]) -> Iterator[str]:
    """Serve these paths, 404 for the others; give the server's URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = contents.get(self.path)
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("contents", "name"),
    [
        ({}, "AWS"),
        ({"/moto-api/config": HEALTH}, "moto"),
        ({"/_localstack/health": HEALTH}, "LocalStack"),
        ({"/_localstack/health": HEALTH, PAGE: b"{}"}, "LocalStack"),
        ({"/_localstack/health": HEALTH, "/_ministack/health": HEALTH}, "ministack"),
        ({"/moto-api/config": HEALTH, PAGE: b'{"runtime": "python3.13"}'}, "AWS"),
    ],
)
def test_server_is_recognized_by_what_it_answers(contents: dict[str, bytes], name: str) -> None:
    with answer(contents) as url:
        traits = Account("123456789012", "us-east-1", "aws", url, {}).server
    assert (traits.name, get_traits(name)) == (name, traits)


def test_pixelaters_own_emulator_is_taken_for_aws(moto: str) -> None:
    assert Account("123456789012", "us-east-1", "aws", moto, {}).server == AWS


@pytest.mark.parametrize(
    ("server", "encoded"), [("LocalStack", [True, False]), ("AWS", [True, True])]
)
def test_only_localstack_is_asked_for_plain_keys_when_a_listing_goes_on(
    moto: str, monkeypatch: pytest.MonkeyPatch, server: str, encoded: list[bool]
) -> None:
    """It compares encoded keys, whose order is another one than that of the keys it lists."""
    traits = get_traits(server)
    monkeypatch.setattr("pixelater_cli.aws.session._find_server", lambda _url: traits)
    s3, keys = connect(None, None, moto, time.sleep).clients["s3"], ["a+b%41", "é & <日本>"]
    s3.create_bucket(Bucket="photos")
    for key in keys:
        s3.put_object(Bucket="photos", Key=key, Body=b"")
    asked: list[bool] = []
    s3.meta.events.register(
        "before-send.s3.ListObjectsV2",
        lambda request, **_: asked.append("encoding-type=url" in request.url),
    )
    assert [one["Key"] for one in s3.list_objects_v2(Bucket="photos")["Contents"]] == keys
    (rest,) = s3.list_objects_v2(Bucket="photos", StartAfter=keys[0])["Contents"]
    assert (rest["Key"], asked) == (keys[1], encoded)


def test_aws_itself_is_not_asked() -> None:
    assert Account("123456789012", "us-east-1", "aws", None, {}).server == AWS
