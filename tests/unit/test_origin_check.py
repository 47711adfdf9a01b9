"""Which web pages may talk to the emulator."""

from __future__ import annotations

import pytest

from pixelater_cli.emulator.http_server.origin_check import (
    explain_refusal,
    is_allowed_origin,
    is_host,
)

HERE = {"HTTP_HOST": "127.0.0.1:4566", "REQUEST_METHOD": "POST"}
LINK = {
    "HTTP_HOST": "127.0.0.1:4566",
    "REQUEST_METHOD": "GET",
    "HTTP_SEC_FETCH_SITE": "cross-site",
    "HTTP_SEC_FETCH_MODE": "navigate",
}


@pytest.mark.parametrize(
    ("environ", "welcome"),
    [
        (HERE, True),
        ({**HERE, "HTTP_ORIGIN": "http://127.0.0.1:4566"}, True),
        ({**HERE, "HTTP_ORIGIN": "http://localhost:3000"}, True),
        ({**HERE, "HTTP_ORIGIN": "http://app.localhost:3000"}, True),
        ({**HERE, "HTTP_ORIGIN": "http://[::1]:3000"}, True),
        ({**HERE, "HTTP_ORIGIN": "https://example.com"}, False),
        ({**HERE, "HTTP_ORIGIN": "http://localhost.example.com"}, False),
        ({**HERE, "HTTP_ORIGIN": "http://notlocalhost"}, False),
        ({**HERE, "HTTP_ORIGIN": "http://192.168.1.9"}, False),
        ({**HERE, "HTTP_ORIGIN": "null"}, False),
        ({**HERE, "HTTP_ORIGIN": "http://[nonsense"}, False),
        ({**HERE, "HTTP_SEC_FETCH_SITE": "same-origin"}, True),
        ({**HERE, "HTTP_SEC_FETCH_SITE": "cross-site"}, False),
    ],
)
def test_pages_of_this_machine_are_welcome_and_no_others(
    environ: dict[str, str], welcome: bool
) -> None:
    assert is_allowed_origin(environ) == welcome


@pytest.mark.parametrize(
    ("host", "welcome"), [("192.168.1.5:4566", True), ("rebound.example.com:4566", False)]
)
def test_a_page_read_by_address_is_the_emulators_own_but_a_name_can_be_anybodys(
    host: str, welcome: bool
) -> None:
    environ = {"HTTP_HOST": host, "HTTP_ORIGIN": f"http://{host}", "REQUEST_METHOD": "PUT"}
    assert is_allowed_origin(environ) == welcome


@pytest.mark.parametrize(
    ("host", "address", "welcome"),
    [
        ("127.0.0.1:4566", "127.0.0.1", True),
        ("[::1]:4566", "::1", True),
        ("localhost:4566", "127.0.0.1", True),
        ("emulator:4566", "127.0.0.1", False),
        ("emulator:4566", "192.168.1.9", True),
        ("printer.local:4566", "127.0.0.1", False),
        ("", "127.0.0.1", False),
        ("host.docker.internal:4566", "127.0.0.1", True),
        ("bucket.localhost:4566", "127.0.0.1", True),
        ("bucket.s3.amazonaws.com", "127.0.0.1", True),
        ("bucket.s3.amazonaws.com.", "127.0.0.1", True),
        ("rebound.example.com.", "127.0.0.1", False),
        ("bucket.rebound.example.com:4566", "127.0.0.1", False),
        ("my-machine.example.com:4566", "192.168.1.9", True),
    ],
)
def test_this_machine_is_not_read_by_a_name_that_somebody_else_may_own(
    host: str, address: str, welcome: bool
) -> None:
    environ = {"HTTP_HOST": host, "REMOTE_ADDR": address, "REQUEST_METHOD": "GET"}
    assert is_allowed_origin(environ) == welcome


@pytest.mark.parametrize(
    ("change", "welcome"),
    [
        ({}, True),
        ({"QUERY_STRING": "Action=CreateStack"}, False),
        ({"REQUEST_METHOD": "POST"}, False),
        ({"HTTP_SEC_FETCH_MODE": "no-cors"}, False),
    ],
)
def test_a_link_from_elsewhere_may_only_read(change: dict[str, str], welcome: bool) -> None:
    assert is_allowed_origin({**LINK, **change}) == welcome


@pytest.mark.parametrize(
    ("host", "address", "origin", "reason"),
    [
        (
            "emulator:4566",
            "127.0.0.1",
            {},
            "Host 'emulator:4566' is not allowed (DNS rebinding protection): "
            "use 127.0.0.1 or localhost",
        ),
        (
            "emulator:4566",
            "127.0.0.1",
            {"HTTP_ORIGIN": "http://emulator:4566"},
            "web pages of other origins may not use this emulator",
        ),
        (
            "emulator:4566",
            "192.168.1.9",
            {"HTTP_SEC_FETCH_SITE": "cross-site"},
            "web pages of other origins may not use this emulator",
        ),
    ],
)
def test_refusal_of_a_client_names_its_host(
    host: str, address: str, origin: dict[str, str], reason: str
) -> None:
    environ = {"HTTP_HOST": host, "REMOTE_ADDR": address, "REQUEST_METHOD": "PUT", **origin}
    assert not is_allowed_origin(environ)
    assert explain_refusal(environ) == reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("127.0.0.1", True),
        ("127.0.0.1:4566", True),
        ("localhost:", True),
        ("localhost:65535", True),
        ("bucket.s3.localhost.localstack.cloud:4566", True),
        ("[::1]:4566", True),
        ("localhost:65536", False),
        ("localhost:999999", False),
        ("localhost:-1", False),
        ("localhost:abc", False),
        ("a@127.0.0.1", False),
        ("a:b@127.0.0.1:80", False),
        ("http://127.0.0.1", False),
        ("127.0.0.1/path", False),
        ("a b", False),
        ("[::1", False),
        ("::1", False),
        ("caf\xe9", False),
    ],
)
def test_host_header_is_a_host_and_a_port(text: str, expected: bool) -> None:
    assert is_host(text) == expected
