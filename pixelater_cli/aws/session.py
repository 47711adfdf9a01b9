"""Owns signing in: which account and region, at which endpoint, with which clients."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import NoRegionError
from botocore.utils import is_valid_endpoint_url, is_valid_ipv6_endpoint_url

from pixelater_cli.addresses import is_aws, is_loopback, read_host
from pixelater_cli.aws.refusals import explained
from pixelater_cli.errors import UsageError

LOG = logging.getLogger(__name__)
STACK_OF_EMULATOR = "pixelater-page-bucket/stack.json"
"""Where `pixelater emulate` tells anybody what it runs."""

LOCALSTACK, MINISTACK = "_localstack/health", "_ministack/health"
"""Where the two tell anybody that they run."""

SERVICES = ("s3", "iam", "lambda", "logs", "sqs", "sts", "s3control")

SUBJECTS = (
    "Bucket",
    "Key",
    "FunctionName",
    "RoleName",
    "QueueName",
    "QueueUrl",
    "logGroupName",
    "logGroupNamePrefix",
)
"""The parameters that name what a call is about."""

INVOCATION_SECONDS = 330
"""How long to wait for an answer of Lambda: a function may run for 300 seconds."""


@dataclass(frozen=True)
class Account:
    """A signed-in account in one region, and a client for each service, made when first used."""

    number: str
    region: str
    partition: str
    endpoint_url: str | None
    clients: Mapping[str, Any]

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
        return _ask(self.endpoint_url, MINISTACK) is not None

    @property
    def compares_filters_raw(self) -> bool:
        """Whether notification filters are compared as written, where S3 decodes them first.

        LocalStack 4.14, ministack 1.5 and moto 5.2 do so; AWS and `pixelater emulate` decode.
        """
        return self.emulated and self.emulated_runtime is None

    @property
    def is_localstack(self) -> bool:
        """Whether the endpoint is a LocalStack."""
        return _is_localstack(self.endpoint_url)

    @property
    def emulated_runtime(self) -> str | None:
        """The one runtime that `pixelater emulate` runs, as its page says; None elsewhere."""
        answer = _ask(self.endpoint_url, STACK_OF_EMULATOR)
        runtime: str | None = None if answer is None else json.loads(answer).get("runtime")
        return runtime


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
    if LOG.isEnabledFor(logging.DEBUG):
        _tell_of_calls(core)
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


def _tell_of_calls(core: botocore.session.Session) -> None:
    """Log each call: what it is about, how it ended, and after how long, with its retries.

    Events: https://docs.aws.amazon.com/boto3/latest/guide/events.html. Their `context` is one and
    the same from a call's beginning to its end.
    """

    def begin(params: Any, model: Any, context: dict[str, Any], **_others: Any) -> None:
        name = f"{model.service_model.service_name} {model.name}{_name_subject(params)}"
        context["pixelater"] = name, time.monotonic()

    def end(context: dict[str, Any], ending: str) -> None:
        name, started = context["pixelater"]
        LOG.debug("%s: %s, %.0f ms", name, ending, 1000 * (time.monotonic() - started))

    def finish(http_response: Any, context: dict[str, Any], **_others: Any) -> None:
        end(context, str(http_response.status_code))

    def fail(exception: Exception, context: dict[str, Any], **_others: Any) -> None:
        end(context, type(exception).__name__)

    core.register("before-parameter-build", begin)
    core.register("after-call", finish)
    core.register("after-call-error", fail)


def _name_subject(parameters: Any) -> str:
    """Name what a call is about: a bucket, with a key if there is one, a function, a role."""
    names = [str(parameters[name]) for name in SUBJECTS if parameters.get(name)]
    return f" {'/'.join(names)}" if names else ""


class _Clients(dict[str, Any]):
    """Clients by service. To make one takes up to a tenth of a second: none is made in vain."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, service: str) -> Any:
        if service not in SERVICES:
            raise KeyError(service)
        return self.setdefault(service, self._make(service))


def _sign_in(session: boto3.Session, region: str, endpoint_url: str | None) -> Account:
    """Make the clients and ask STS for the account's number."""
    config = Config(
        retries={"mode": "standard"},
        connect_timeout=10,
        user_agent_extra="pixelater",
        proxies={} if endpoint_url and is_loopback(read_host(endpoint_url)) else None,
        s3={"addressing_style": "path"} if endpoint_url else None,
    )
    patient = config.merge(Config(read_timeout=INVOCATION_SECONDS))

    def make_client(service: str) -> Any:
        chosen = patient if service == "lambda" else config
        client = session.client(service, region, endpoint_url=endpoint_url, config=chosen)
        if service == "s3" and endpoint_url:
            _list_by_plain_keys(client, endpoint_url)
        return client

    clients = _Clients(make_client)
    number = clients["sts"].get_caller_identity()["Account"]
    return Account(number, region, session.get_partition_for_region(region), endpoint_url, clients)


def _list_by_plain_keys(s3: Any, endpoint_url: str) -> None:
    """Let LocalStack list in order: no URL-encoded keys in pages that go on from a key.

    botocore asks for encoded keys, as XML cannot hold them all. LocalStack then compares the
    encoded key to go on from with encoded keys, whose order is another one than that of its
    listing, and leaves keys out (4.14.0; 4.13.1 compares with the plain one).
    """
    is_localstack = cache(partial(_is_localstack, endpoint_url))

    def change(params: dict[str, Any], **_others: Any) -> None:
        if params.get("StartAfter") and is_localstack():
            params.pop("EncodingType", None)

    s3.meta.events.register_last("before-parameter-build.s3.ListObjectsV2", change)


def _is_localstack(endpoint_url: str | None) -> bool:
    """Tell whether a LocalStack answers; a ministack answers at its path, too."""
    return _ask(endpoint_url, LOCALSTACK) is not None and _ask(endpoint_url, MINISTACK) is None


def _ask(endpoint_url: str | None, path: str) -> bytes | None:
    """Read what an emulator tells anybody, without credentials; None if it tells nothing."""
    if endpoint_url is None:
        return None
    is_here = is_loopback(read_host(endpoint_url))
    opener = build_opener(*([ProxyHandler({})] if is_here else []))
    try:
        with opener.open(f"{endpoint_url.rstrip('/')}/{path}", timeout=10) as answer:
            content: bytes = answer.read()
    except (URLError, TimeoutError):
        return None
    return content


def _check_endpoint(endpoint_url: str | None) -> str | None:
    """Refuse what boto3 takes for no URL. An endpoint of AWS's own is none to speak of: None."""
    if not endpoint_url:
        return None
    try:
        parts = urlsplit(endpoint_url)
        known = is_valid_endpoint_url(endpoint_url) or is_valid_ipv6_endpoint_url(endpoint_url)
        sound = known and parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:  # A port or an IPv6 address that is none.
        sound = False
    if not sound:
        raise UsageError(f"{endpoint_url!r} is no endpoint", "Write it like http://localhost:4566")
    return None if is_aws(read_host(endpoint_url)) else endpoint_url


def _find_configured_endpoint(session: boto3.Session) -> str | None:
    """Find the endpoint of AWS_ENDPOINT_URL or the AWS configuration, if it is not AWS's own."""
    _check_endpoint(os.environ.get("AWS_ENDPOINT_URL"))
    found: str = session.client("s3", session.region_name or "us-east-1").meta.endpoint_url
    return _check_endpoint(found)
