"""Sign-in: the account, the region, the endpoint and a client for each service."""

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
from pixelater_cli.aws.patience import make_patient
from pixelater_cli.aws.retries import Sleep
from pixelater_cli.aws.server_traits import AWS, EMULATORS, ServerTraits
from pixelater_cli.errors import UsageError
from pixelater_cli.hosts import find_vpc_hosts, is_aws, is_loopback, read_host

LOG = logging.getLogger(__name__)
STACK_OF_EMULATOR = "pixelater-page-bucket/stack.json"
"""Public document of `pixelater emulate` about its stack."""

SERVICES = ("s3", "iam", "kms", "lambda", "logs", "sqs", "sts", "s3control", "cloudwatch")

EMULATED_SERVICES = ("rekognition",)
"""Services that commands call in pixelater's own emulator, and only functions in AWS."""

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
"""The parameters that name the resource of a call."""

INVOCATION_SECONDS = 330
"""Timeout for an answer of Lambda: a function may run for 300 seconds."""


@dataclass(frozen=True)
class Account:
    """A signed-in account in one region, and a client for each service, created at first use."""

    number: str
    region: str
    partition: str
    endpoint_url: str | None
    clients: Mapping[str, Any]

    @property
    def speaks_tls(self) -> bool:
        """Whether requests to the endpoint are encrypted."""
        return self.endpoint_url is None or self.endpoint_url.startswith("https:")

    @property
    def emulated(self) -> bool:
        """Whether the endpoint is not one of AWS."""
        return self.endpoint_url is not None

    @cached_property
    def server(self) -> ServerTraits:
        """The traits of the server at the endpoint, which is probed once."""
        return _find_server(self.endpoint_url)

    @cached_property
    def emulated_runtime(self) -> str | None:
        """The runtime that `pixelater emulate` runs; None on other servers."""
        return _find_runtime(self.endpoint_url)


def connect(
    profile: str | None, region: str | None, endpoint_url: str | None, sleep: Sleep
) -> Account:
    """Sign in. Raises AwsError. The clients `sleep` until throttling and faults are over.

    An endpoint that is not AWS's, given here, in AWS_ENDPOINT_URL or in the AWS configuration,
    needs no account: credentials and region that are not configured are placeholders. A VPC
    endpoint is AWS's, and takes the requests to its service.
    """
    with translate_errors():
        vpc_endpoints = find_vpc_endpoints(endpoint_url)
        return _sign_in(*open_session(profile, region, endpoint_url), vpc_endpoints, sleep)


def find_vpc_endpoints(endpoint_url: str | None) -> dict[str, str]:
    """Return the URL of each service that a VPC endpoint leads to; {} for another endpoint.

    Raises UsageError for an endpoint of a service that is not used.
    """
    if _check_endpoint(endpoint_url) is not None or not endpoint_url:
        return {}
    parts = urlsplit(endpoint_url)
    hosts = find_vpc_hosts(read_host(endpoint_url))
    if hosts and not hosts.keys() & set(SERVICES):
        service = next(iter(hosts))
        raise UsageError(
            f"{endpoint_url} is a VPC endpoint of {service}, which pixelater does not use",
            f"Name one of {', '.join(SERVICES)}, or set AWS_ENDPOINT_URL_<SERVICE> for each.",
        )
    port = f":{parts.port}" if parts.port else ""
    return {service: f"{parts.scheme}://{host}{port}" for service, host in hosts.items()}


def open_session(
    profile: str | None, region: str | None, endpoint_url: str | None
) -> tuple[boto3.Session, str, str | None]:
    """Find the settings, the region and the endpoint, without a request to AWS.

    Raises botocore's errors, and UsageError for an invalid endpoint.
    """
    core = botocore.session.Session(profile=profile)
    if LOG.isEnabledFor(logging.DEBUG):
        _log_calls(core)
    session = boto3.Session(region_name=region, botocore_session=core)
    endpoint_url = _check_endpoint(endpoint_url) or _find_configured_endpoint(session)
    if endpoint_url:
        # The role of an EC2 instance is of no use there; requesting it takes seconds.
        core.get_component("credential_provider").remove("iam-role")
        if core.get_credentials() is None:
            core.set_credentials("emulator", "emulator")
    region = session.region_name or ("us-east-1" if endpoint_url else None)
    if region is None:
        raise NoRegionError
    return session, region, endpoint_url


def _log_calls(core: botocore.session.Session) -> None:
    """Log each call: its resource, its result, and its duration with retries.

    Events: https://docs.aws.amazon.com/boto3/latest/guide/events.html. All events of a call have
    the same `context`.
    """

    def begin(params: Any, model: Any, context: dict[str, Any], **_: Any) -> None:
        name = f"{model.service_model.service_name} {model.name}{_name_subject(params)}"
        context["pixelater"] = name, time.monotonic()

    def end(context: dict[str, Any], ending: str) -> None:
        name, started = context["pixelater"]
        LOG.debug("%s: %s, %.0f ms", name, ending, 1000 * (time.monotonic() - started))

    def finish(http_response: Any, context: dict[str, Any], **_: Any) -> None:
        end(context, str(http_response.status_code))

    def fail(exception: Exception, context: dict[str, Any], **_: Any) -> None:
        end(context, type(exception).__name__)

    core.register("before-parameter-build", begin)
    core.register("after-call", finish)
    core.register("after-call-error", fail)


def _name_subject(parameters: Any) -> str:
    """Name the resource of a call: a bucket and a key, a function, a role."""
    names = [str(parameters[name]) for name in SUBJECTS if parameters.get(name)]
    return f" {'/'.join(names)}" if names else ""


class _Clients(dict[str, Any]):
    """Clients by service. Each takes up to a tenth of a second, so it is created at first use."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, service: str) -> Any:
        if service not in (*SERVICES, *EMULATED_SERVICES):
            raise KeyError(service)
        return self.setdefault(service, self._make(service))


def _sign_in(
    session: boto3.Session,
    region: str,
    endpoint_url: str | None,
    vpc_endpoints: Mapping[str, str],
    sleep: Sleep,
) -> Account:
    """Create the clients and request the account's number from STS."""
    config = Config(
        retries={"mode": "standard"},
        connect_timeout=10,
        user_agent_extra="pixelater",
        proxies={} if endpoint_url and is_loopback(read_host(endpoint_url)) else None,
        s3={"addressing_style": "path"} if endpoint_url else None,
    )
    for_lambda = config.merge(Config(read_timeout=INVOCATION_SECONDS))

    def make_client(service: str) -> Any:
        chosen = for_lambda if service == "lambda" else config
        url = endpoint_url or vpc_endpoints.get(service)
        client = session.client(service, region, endpoint_url=url, config=chosen)
        make_patient(client, sleep)
        if service == "s3" and endpoint_url:
            _list_by_plain_keys(client, endpoint_url)
        return client

    clients = _Clients(make_client)
    number = clients["sts"].get_caller_identity()["Account"]
    return Account(number, region, session.get_partition_for_region(region), endpoint_url, clients)


def _list_by_plain_keys(s3: Any, endpoint_url: str) -> None:
    """Request plain keys in pages that start after a key, where S3 would leave keys out.

    botocore requests encoded keys, because XML cannot hold all keys.
    """
    find_server = cache(partial(_find_server, endpoint_url))

    def change(params: dict[str, Any], **_: Any) -> None:
        if params.get("StartAfter") and find_server().pages_by_encoded_keys:
            params.pop("EncodingType", None)

    s3.meta.events.register_last("before-parameter-build.s3.ListObjectsV2", change)


def _find_server(endpoint_url: str | None) -> ServerTraits:
    """Find the traits of the server; `pixelater emulate` and unknown servers have those of AWS."""
    if endpoint_url is None or _find_runtime(endpoint_url) is not None:
        return AWS
    found = (known for known in EMULATORS if _probe(endpoint_url, known.health_path) is not None)
    return next(found, AWS)


def _find_runtime(endpoint_url: str | None) -> str | None:
    """Read which runtime `pixelater emulate` runs; None from other servers."""
    answer = _probe(endpoint_url, STACK_OF_EMULATOR)
    runtime: str | None = None if answer is None else json.loads(answer).get("runtime")
    return runtime


def _probe(endpoint_url: str | None, path: str) -> bytes | None:
    """Read a public document of an emulator; None if there is none."""
    if endpoint_url is None:
        return None
    without_proxy = is_loopback(read_host(endpoint_url))
    opener = build_opener(*([ProxyHandler({})] if without_proxy else []))
    try:
        with opener.open(f"{endpoint_url.rstrip('/')}/{path}", timeout=10) as answer:
            content: bytes = answer.read()
    except (URLError, ConnectionError, TimeoutError):
        return None
    return content


def _check_endpoint(endpoint_url: str | None) -> str | None:
    """Return the endpoint, None for one of AWS. Raises UsageError for one that boto3 refuses."""
    if not endpoint_url:
        return None
    try:
        parts = urlsplit(endpoint_url)
        known = is_valid_endpoint_url(endpoint_url) or is_valid_ipv6_endpoint_url(endpoint_url)
        valid = known and parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:  # An invalid port or IPv6 address.
        valid = False
    if not valid:
        raise UsageError(
            f"{endpoint_url!r} is not an endpoint", "Write it like http://localhost:4566"
        )
    return None if is_aws(read_host(endpoint_url)) else endpoint_url


def _find_configured_endpoint(session: boto3.Session) -> str | None:
    """Find the endpoint of AWS_ENDPOINT_URL or the AWS configuration, None if it is AWS's."""
    _check_endpoint(os.environ.get("AWS_ENDPOINT_URL"))
    found: str = session.client("s3", session.region_name or "us-east-1").meta.endpoint_url
    return _check_endpoint(found)
