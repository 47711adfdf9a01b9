"""Access to moto's functions, event settings, roles, logs and queues, for the Lambda service.

It uses moto's models instead of HTTP, because AWS's own services need no IAM permissions.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaFunction
from moto.awslambda.utils import get_backend
from moto.logs.models import logs_backends
from moto.sqs.exceptions import QueueDoesNotExist, SQSException
from moto.sqs.models import sqs_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from pixelater_cli.emulator.lambda_service.backend_protocol import FunctionGone, UndeliverableRecord
from pixelater_cli.emulator.lambda_service.models import (
    Credentials,
    EventSettings,
    Function,
    FunctionRef,
    LogLine,
)
from pixelater_cli.emulator.moto_adapter.lambda_api import find_event_settings, read_logging

ROLE_SECONDS = 12 * 60 * 60
"""Validity of a role's credentials. Environments of a function share them for half of it."""

KEPT_STREAMS = 200
KEPT_LINES = 10_000
"""Streams of a log group, and events of a stream, that are kept, to limit memory."""


class MotoBackend:
    """The Service protocol, implemented by moto in this process."""

    def __init__(self) -> None:
        self._credentials: dict[tuple[str, ...], tuple[float, Credentials]] = {}

    def find(self, target: FunctionRef) -> Function:
        """Return the current state of the function. Raises FunctionGone."""
        function = _find(target, target.qualifier)
        logging = read_logging(function)
        return Function(
            name=function.function_name,
            account=function.account_id,
            region=function.region,
            version=str(function.version),
            handler=str(function.handler),
            runtime=str(function.run_time),
            role=function.role,
            timeout_seconds=int(function.timeout),
            memory_mb=int(function.memory_size),
            variables=tuple(sorted(function.environment_vars.items())),
            code_sha256=function.code_sha_256,
            log_group=logging["LogGroup"],
            log_format=logging["LogFormat"],
            application_level=logging.get("ApplicationLogLevel", ""),
            system_level=logging.get("SystemLogLevel", "INFO"),
            code=function.code_bytes,
        )

    def find_concurrency(self, target: FunctionRef) -> int | None:
        reserved = _find(target, "").reserved_concurrency
        return None if reserved is None else int(reserved)

    def find_settings(self, target: FunctionRef) -> EventSettings:
        try:
            settings = find_event_settings(_find(target, ""), target.qualified_arn)
        except FunctionGone:
            settings = None
        config: dict[str, Any] = settings.config if settings else {}
        defaults, destinations = EventSettings(), config.get("DestinationConfig") or {}
        return EventSettings(
            max_retries=config.get("MaximumRetryAttempts", defaults.max_retries),
            max_age_seconds=config.get("MaximumEventAgeInSeconds", defaults.max_age_seconds),
            on_failure=(destinations.get("OnFailure") or {}).get("Destination", ""),
            on_success=(destinations.get("OnSuccess") or {}).get("Destination", ""),
        )

    def assume_role(self, function: Function) -> Credentials:
        owner, now = (*function.identity, function.role), time.monotonic()
        expiry, credentials = self._credentials.get(owner, (now, None))
        if credentials is None or expiry <= now:
            credentials = _assume_role(function)
            self._credentials[owner] = now + ROLE_SECONDS / 2, credentials
        return credentials

    def write_log(self, function: Function, stream: str, lines: Sequence[LogLine]) -> None:
        """Append to a log stream, and create it and its group if needed."""
        backend = logs_backends[function.account][function.region]
        backend.ensure_log_group(function.log_group)
        backend.ensure_log_stream(function.log_group, stream)
        events = [{"timestamp": timestamp, "message": message} for timestamp, message in lines]
        backend.put_log_events(function.log_group, stream, events)
        streams = backend.groups[function.log_group].streams
        del streams[stream].events[:-KEPT_LINES]
        for name in list(streams)[:-KEPT_STREAMS]:
            streams.pop(name, None)

    def deliver(self, destination: str, record: str) -> None:
        """Send a record to an SQS queue. Raises UndeliverableRecord."""
        _, _, service, region, account, name = destination.split(":", 5)
        if service != "sqs":
            raise UndeliverableRecord(f"{destination}: only SQS queues are emulated destinations")
        try:
            sqs_backends[account][region].send_message(name, record)
        except QueueDoesNotExist:
            raise UndeliverableRecord(f"queue {destination} does not exist") from None
        except SQSException as error:
            raise UndeliverableRecord(f"{destination}: {error}") from error


def _find(target: FunctionRef, qualifier: str) -> LambdaFunction:
    try:
        backend = get_backend(target.account, target.region)
        return backend.get_function(target.name, qualifier or None)
    except LambdaClientError as error:
        raise FunctionGone(f"function {target.arn} does not exist") from error


def _assume_role(function: Function) -> Credentials:
    backend = sts_backends[function.account][get_partition(function.region)]
    role = backend.assume_role(
        region_name=function.region,
        role_session_name=function.name,
        role_arn=function.role,
        policy="",
        duration=ROLE_SECONDS,
        external_id="",
    )
    return Credentials(role.access_key_id, role.secret_access_key, role.session_token)
