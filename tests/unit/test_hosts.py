"""What a host's name or number alone says of it."""

from __future__ import annotations

import pytest

from pixelater_cli.hosts import find_vpc_hosts, is_aws, is_loopback, is_number, read_host, write_url


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://127.0.0.1:4566", "127.0.0.1"),
        ("http://[::1]:4566/path", "::1"),
        ("https://S3.Example.com", "s3.example.com"),
        ("null", ""),
        ("http://[nonsense", ""),
    ],
)
def test_the_host_of_a_url_is_read_without_its_port(url: str, host: str) -> None:
    assert read_host(url) == host


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:4566"),
        ("", "http://127.0.0.1:4566"),
        ("0.0.0.0", "http://127.0.0.1:4566"),  # noqa: S104
        ("::", "http://[::1]:4566"),
        ("::1", "http://[::1]:4566"),
        ("localhost", "http://localhost:4566"),
    ],
)
def test_a_server_is_reached_from_its_own_machine_wherever_it_serves(host: str, url: str) -> None:
    assert write_url(host, 4566) == url


@pytest.mark.parametrize(
    ("host", "number"),
    [("192.0.2.1", True), ("::1", True), ("localhost", False), ("1.example.com", False)],
)
def test_an_ip_address_is_no_name(host: str, number: bool) -> None:
    assert is_number(host) is number


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:192.0.2.1", False),
        ("localhost", True),
        ("bucket.localhost", True),
        ("192.0.2.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("::", False),
        ("pc", False),
        ("notlocalhost", False),
        ("localhost.example.com", False),
        ("", False),
    ],
)
def test_only_loopback_is_this_machines_own(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    ("host", "aws"),
    [
        ("s3.amazonaws.com", True),
        ("s3.eu-west-1.amazonaws.com.cn", True),
        ("s3.eu-west-1.api.aws", True),
        ("s3.amazonaws.com.", True),
        ("notamazonaws.com", False),
        ("s3.amazonaws.com.example.com", False),
        ("localhost", False),
        ("", False),
    ],
)
def test_aws_is_known_by_its_names_with_a_dot_at_the_end_or_not(host: str, aws: bool) -> None:
    assert is_aws(host) is aws


@pytest.mark.parametrize(
    ("host", "hosts"),
    [
        (
            "vpce-1a-2b.s3.eu-west-1.vpce.amazonaws.com",
            {
                "s3": "bucket.vpce-1a-2b.s3.eu-west-1.vpce.amazonaws.com",
                "s3control": "control.vpce-1a-2b.s3.eu-west-1.vpce.amazonaws.com",
            },
        ),
        (
            "bucket.vpce-1a-2b-eu-west-1a.s3.eu-west-1.vpce.amazonaws.com",
            {
                "s3": "bucket.vpce-1a-2b-eu-west-1a.s3.eu-west-1.vpce.amazonaws.com",
                "s3control": "control.vpce-1a-2b-eu-west-1a.s3.eu-west-1.vpce.amazonaws.com",
            },
        ),
        (
            "vpce-1a-2b.lambda.cn-north-1.vpce.amazonaws.com.cn",
            {"lambda": "vpce-1a-2b.lambda.cn-north-1.vpce.amazonaws.com.cn"},
        ),
        ("s3.eu-west-1.amazonaws.com", {}),
        ("vpce-1a-2b.s3.eu-west-1.vpce.amazonaws.com.example.com", {}),
        ("localhost", {}),
    ],
)
def test_a_vpc_endpoint_leads_to_one_service(host: str, hosts: dict[str, str]) -> None:
    assert find_vpc_hosts(host) == hosts
