"""Which server answers at an endpoint, as it says itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from pixelater_cli.aws.session import Account, connect


@contextmanager
def answer_at(*paths: str) -> Iterator[str]:
    """Serve a few paths, and 404 for all others; give the URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path in paths else 404)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("paths", "localstack", "ministack"),
    [
        (["/_localstack/health"], True, False),
        (["/_localstack/health", "/_ministack/health"], False, True),
        ([], False, False),
    ],
)
def test_a_server_is_known_by_the_paths_it_answers(
    paths: list[str], localstack: bool, ministack: bool
) -> None:
    with answer_at(*paths) as url:
        account = Account("000000000000", "us-east-1", "aws", url, {})
        assert (account.is_localstack, account.is_ministack) == (localstack, ministack)


def test_pixelaters_own_emulator_is_neither(moto: str) -> None:
    account = Account("123456789012", "us-east-1", "aws", moto, {})
    assert (account.is_localstack, account.is_ministack) == (False, False)


@pytest.mark.parametrize(("localstack", "encoded"), [(True, [True, False]), (False, [True, True])])
def test_only_localstack_is_asked_for_plain_keys_when_a_listing_goes_on(
    moto: str, monkeypatch: pytest.MonkeyPatch, localstack: bool, encoded: list[bool]
) -> None:
    """It compares encoded keys, whose order is another one than that of the keys it lists."""
    monkeypatch.setattr("pixelater_cli.aws.session._is_localstack", lambda _url: localstack)
    s3, keys = connect(None, None, moto).clients["s3"], ["a+b%41", "é & <日本>"]
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


def test_aws_is_neither() -> None:
    account = Account("123456789012", "us-east-1", "aws", None, {})
    assert (account.is_localstack, account.is_ministack) == (False, False)
