"""Owns what running functions takes of moto: functions, settings, roles, logs and queues.

It goes to moto's models and not over HTTP: the service itself asks nobody for permission.
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

KEY_SECONDS = 12 * 60 * 60
"""How long a function's keys are good; its environments share them for half of that."""

KEPT_STREAMS = 200
KEPT_LINES = 10_000
"""How much of a log is kept, so that a server that runs for days stays within bounds."""


class MotoBackend:
    """The Service that functions run in: moto's, in this process."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, ...], tuple[float, Credentials]] = {}

    def find(self, target: FunctionRef) -> Function:
        """Give the function as moto keeps it now. Raises FunctionGone."""
        found = _find(target, target.qualifier)
        logging = read_logging(found)
        return Function(
            name=found.function_name,
            account=found.account_id,
            region=found.region,
            version=str(found.version),
            handler=str(found.handler),
            runtime=str(found.run_time),
            role=found.role,
            timeout_seconds=int(found.timeout),
            memory_mb=int(found.memory_size),
            variables=tuple(sorted(found.environment_vars.items())),
            code_sha256=found.code_sha_256,
            log_group=logging["LogGroup"],
            log_format=logging["LogFormat"],
            application_level=logging.get("ApplicationLogLevel", ""),
            system_level=logging.get("SystemLogLevel", "INFO"),
            code=found.code_bytes,
        )

    def find_concurrency(self, target: FunctionRef) -> int | None:
        reserved = _find(target, "").reserved_concurrency
        return None if reserved is None else int(reserved)

    def find_settings(self, target: FunctionRef) -> EventSettings:
        try:
            found = find_event_settings(_find(target, ""), target.qualified_arn)
        except FunctionGone:
            found = None
        config: dict[str, Any] = found.config if found else {}
        defaults, where = EventSettings(), config.get("DestinationConfig") or {}
        return EventSettings(
            max_retries=config.get("MaximumRetryAttempts", defaults.max_retries),
            max_age_seconds=config.get("MaximumEventAgeInSeconds", defaults.max_age_seconds),
            on_failure=(where.get("OnFailure") or {}).get("Destination", ""),
            on_success=(where.get("OnSuccess") or {}).get("Destination", ""),
        )

    def assume_role(self, function: Function) -> Credentials:
        owner, now = (*function.identity, function.role), time.monotonic()
        until, keys = self._keys.get(owner, (now, None))
        if keys is None or until <= now:
            keys = _assume_role(function)
            self._keys[owner] = now + KEY_SECONDS / 2, keys
        return keys

    def write_log(self, function: Function, stream: str, lines: Sequence[LogLine]) -> None:
        """Append to the stream. The group is made if need be: moto has no log without one."""
        backend = logs_backends[function.account][function.region]
        backend.ensure_log_group(function.log_group)
        backend.ensure_log_stream(function.log_group, stream)
        events = [{"timestamp": moment, "message": message} for moment, message in lines]
        backend.put_log_events(function.log_group, stream, events)
        streams = backend.groups[function.log_group].streams
        del streams[stream].events[:-KEPT_LINES]
        for name in list(streams)[:-KEPT_STREAMS]:
            streams.pop(name, None)

    def deliver(self, destination: str, record: str) -> None:
        """Put a record into an SQS queue. Raises UndeliverableRecord."""
        _, _, service, region, account, name = destination.split(":", 5)
        if service != "sqs":
            raise UndeliverableRecord(f"{destination}: only SQS queues are emulated destinations")
        try:
            sqs_backends[account][region].send_message(name, record)
        except QueueDoesNotExist:
            raise UndeliverableRecord(f"there is no queue {destination}") from None
        except SQSException as error:
            raise UndeliverableRecord(f"{destination}: {error}") from error


def _find(target: FunctionRef, qualifier: str) -> LambdaFunction:
    try:
        backend = get_backend(target.account, target.region)
        return backend.get_function(target.name, qualifier or None)
    except LambdaClientError as error:
        raise FunctionGone(f"there is no function {target.arn}") from error


def _assume_role(function: Function) -> Credentials:
    backend = sts_backends[function.account][get_partition(function.region)]
    role = backend.assume_role(
        region_name=function.region,
        role_session_name=function.name,
        role_arn=function.role,
        policy="",
        duration=KEY_SECONDS,
        external_id="",
    )
    return Credentials(role.access_key_id, role.secret_access_key, role.session_token)
