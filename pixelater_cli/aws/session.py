"""Owns signing in: which account and region, at which endpoint, with which clients."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import NoRegionError

from pixelater_cli.aws.refusals import explained
from pixelater_cli.errors import UsageError

SERVICES = ("s3", "iam", "lambda", "logs", "sqs", "sts")


@dataclass(frozen=True)
class Account:
    """A signed-in account in one region, and a client for each service."""

    number: str
    region: str
    partition: str
    endpoint_url: str | None
    clients: dict[str, Any]

    @property
    def speaks_tls(self) -> bool:
        """Whether requests are encrypted on their way."""
        return self.endpoint_url is None or self.endpoint_url.startswith("https:")

    @property
    def emulated(self) -> bool:
        """Whether an endpoint of somebody other than AWS was named."""
        return self.endpoint_url is not None

    @property
    def is_ministack(self) -> bool:
        """Whether the endpoint is a ministack: it alone answers at this path."""
        if self.endpoint_url is None:
            return False
        opener = build_opener(*([ProxyHandler({})] if _is_loopback(self.endpoint_url) else []))
        try:
            opener.open(f"{self.endpoint_url.rstrip('/')}/_ministack/health", timeout=10).close()
        except (URLError, TimeoutError):
            return False
        return True


def connect(profile: str | None, region: str | None, endpoint_url: str | None) -> Account:
    """Find out who is asking, and where. Raises AwsError.

    An endpoint that is not AWS's, named here, in AWS_ENDPOINT_URL or in the AWS configuration,
    needs no account: made-up credentials and us-east-1 stand in for what is not configured.
    """
    with explained():
        return _sign_in(*open_session(profile, region, endpoint_url))


def open_session(
    profile: str | None, region: str | None, endpoint_url: str | None
) -> tuple[boto3.Session, str, str | None]:
    """Find the settings, the region and the endpoint, asking no server for anything but them.

    Raises botocore's errors, and UsageError for what is no endpoint.
    """
    core = botocore.session.Session(profile=profile)
    session = boto3.Session(region_name=region, botocore_session=core)
    endpoint_url = _check_endpoint(endpoint_url) or _find_configured_endpoint(session)
    if endpoint_url:
        # The role of an EC2 instance is of no use there; asking for it takes seconds.
        core.get_component("credential_provider").remove("iam-role")
        if core.get_credentials() is None:
            core.set_credentials("emulator", "emulator")
    region = session.region_name or ("us-east-1" if endpoint_url else None)
    if region is None:
        raise NoRegionError
    return session, region, endpoint_url


def _sign_in(session: boto3.Session, region: str, endpoint_url: str | None) -> Account:
    """Make the clients and ask STS for the account's number."""
    config = Config(
        retries={"mode": "standard"},
        connect_timeout=10,
        user_agent_extra="pixelater",
        proxies={} if endpoint_url and _is_loopback(endpoint_url) else None,
        s3={"addressing_style": "path"} if endpoint_url else None,
    )
    clients = {
        service: session.client(service, region, endpoint_url=endpoint_url, config=config)
        for service in SERVICES
    }
    number = clients["sts"].get_caller_identity()["Account"]
    return Account(number, region, session.get_partition_for_region(region), endpoint_url, clients)


def _check_endpoint(endpoint_url: str | None) -> str | None:
    """Refuse what cannot be an address. An endpoint of AWS's own is none to speak of: None."""
    if not endpoint_url:
        return None
    try:
        parts = urlsplit(endpoint_url)
        named = re.fullmatch(r"[\w.:-]+", parts.hostname or "") is not None
        sound = named and parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:  # A port or an IPv6 address that is none.
        sound = False
    if not sound:
        raise UsageError(f"{endpoint_url!r} is no endpoint", "Write it like http://localhost:4566")
    return None if _is_aws(endpoint_url) else endpoint_url


def _find_configured_endpoint(session: boto3.Session) -> str | None:
    """Find the endpoint of AWS_ENDPOINT_URL or the AWS configuration, if it is not AWS's own."""
    _check_endpoint(os.environ.get("AWS_ENDPOINT_URL"))
    found: str = session.client("s3", session.region_name or "us-east-1").meta.endpoint_url
    return _check_endpoint(found)


def _is_aws(endpoint_url: str) -> bool:
    host = urlsplit(endpoint_url).hostname or ""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))


def _is_loopback(endpoint_url: str) -> bool:
    host = urlsplit(endpoint_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
