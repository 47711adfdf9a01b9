"""Owns signing in: which account and region, at which endpoint, with which clients."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import NoRegionError
from botocore.utils import is_valid_endpoint_url, is_valid_ipv6_endpoint_url

from pixelater_cli.aws.errors import translate_errors
from pixelater_cli.aws.server_traits import AWS, EMULATORS, ServerTraits
from pixelater_cli.errors import UsageError
from pixelater_cli.hosts import is_aws, is_loopback, read_host

LOG = logging.getLogger(__name__)
STACK_OF_EMULATOR = "pixelater-page-bucket/stack.json"
"""Where `pixelater emulate` tells anybody what it runs."""

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

    @cached_property
    def server(self) -> ServerTraits:
        """The traits of the server at the endpoint, which is asked once who it is."""
        return _find_server(self.endpoint_url)

    @cached_property
    def emulated_runtime(self) -> str | None:
        """The one runtime that `pixelater emulate` runs, as its page says; None elsewhere."""
        return _find_runtime(self.endpoint_url)


def connect(profile: str | None, region: str | None, endpoint_url: str | None) -> Account:
    """Find out who is asking, and where. Raises AwsError.

    An endpoint that is not AWS's, named here, in AWS_ENDPOINT_URL or in the AWS configuration,
    needs no account: made-up credentials and us-east-1 stand in for what is not configured.
    """
    with translate_errors():
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
    """Ask for no URL-encoded keys in pages that go on from a key, where S3 would leave keys out.

    botocore asks for encoded keys, as XML cannot hold them all.
    """
    find_server = cache(partial(_find_server, endpoint_url))

    def change(params: dict[str, Any], **_others: Any) -> None:
        if params.get("StartAfter") and find_server().pages_by_encoded_keys:
            params.pop("EncodingType", None)

    s3.meta.events.register_last("before-parameter-build.s3.ListObjectsV2", change)


def _find_server(endpoint_url: str | None) -> ServerTraits:
    """Find out which server answers: `pixelater emulate` and what is not known are like AWS."""
    if endpoint_url is None or _find_runtime(endpoint_url) is not None:
        return AWS
    found = (one for one in EMULATORS if _ask(endpoint_url, one.health_path) is not None)
    return next(found, AWS)


def _find_runtime(endpoint_url: str | None) -> str | None:
    """Read from the page of `pixelater emulate` which runtime it runs; None elsewhere."""
    answer = _ask(endpoint_url, STACK_OF_EMULATOR)
    runtime: str | None = None if answer is None else json.loads(answer).get("runtime")
    return runtime


def _ask(endpoint_url: str | None, path: str) -> bytes | None:
    """Read what an emulator tells anybody, without credentials; None if it tells nothing."""
    if endpoint_url is None:
        return None
    is_here = is_loopback(read_host(endpoint_url))
    opener = build_opener(*([ProxyHandler({})] if is_here else []))
    try:
        with opener.open(f"{endpoint_url.rstrip('/')}/{path}", timeout=10) as answer:
            content: bytes = answer.read()
    except (URLError, ConnectionError, TimeoutError):
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
