"""Owns the emulated pipeline as a whole: starting and ending it, and one photo's way through it."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from pixelater_cli.aws.deploy.executor import apply, read_state
from pixelater_cli.aws.deploy.plan import make_plan
from pixelater_cli.aws.errors import translate_errors
from pixelater_cli.aws.package import builder
from pixelater_cli.aws.resources.catalog import list_properties
from pixelater_cli.aws.session import Account, connect
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.lambda_service.environment_pool import EmulatorSettings
from pixelater_cli.emulator.lambda_service.models import (
    EventListener,
    EventReport,
    InvocationOutcome,
)
from pixelater_cli.emulator.lambda_service.service import LambdaService
from pixelater_cli.emulator.moto_adapter import server
from pixelater_cli.emulator.weather.weather import Weather
from pixelater_cli.errors import EmulatorError

EVENT_SECONDS = 10
"""The event is queued within put_object; one not there by then was never sent."""


@dataclass(frozen=True)
class Emulator:
    """A running emulator: where its AWS API answers, and its functions."""

    endpoint_url: str
    functions: LambdaService


@dataclass(frozen=True)
class Deployed:
    """A stack in the emulator, the account it is in, and the number of steps it took."""

    account: Account
    stack: Stack
    steps: int


@dataclass(frozen=True)
class PipelineResult:
    """One photo's way: the invocation it caused, and the objects found in the destination.

    `error` says why there are none: the invocation failed, or the photo went to the failure queue.
    """

    outcome: InvocationOutcome
    objects: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    error: str = ""


@contextmanager
def start_emulator(
    settings: EmulatorSettings | None = None,
    observe: EventListener | None = None,
    *,
    enforce_iam: bool = False,
    host: str = "127.0.0.1",
    port: int = 0,
    weather: Weather | None = None,
) -> Iterator[Emulator]:
    """Run the emulator; at the end every server, process and file of it is gone.

    `observe` is told what happens to every asynchronous event, in threads of the emulator. With
    `enforce_iam`, functions may do only what their roles' policies allow. `weather` happens to all
    clients but the emulator itself. Raises EmulatorError.
    """
    with (
        tempfile.TemporaryDirectory(prefix="pixelater-", ignore_cleanup_errors=True) as folder,
        server.serve(host, port, weather) as endpoint_url,
        server.emulate_functions(
            Path(folder), endpoint_url, settings, observe, enforce_iam, weather
        ) as functions,
    ):
        yield Emulator(endpoint_url, functions)


def deploy_to(emulator: Emulator) -> Deployed:
    """Deploy with the plan that `pixelater deploy` uses, and a zip for this machine's Python.

    Raises PackageError or AwsError.
    """
    account = connect(None, None, emulator.endpoint_url)
    stack = Stack(
        account=account.number,
        region=account.region,
        runtime=f"python{sys.version_info.major}.{sys.version_info.minor}",
        architecture=builder.local_architecture(),
        tls=account.speaks_tls,
    )
    package = builder.pack(builder.gather_for_emulator())
    facts = list_properties(stack, package)
    snapshot = read_state(account, facts)
    steps = make_plan(facts, snapshot.found)
    apply(account, steps, snapshot.outputs, lambda _step: None)
    return Deployed(account, stack, len(steps))


def send_photo(emulator: Emulator, deployed: Deployed, key: str, data: bytes) -> PipelineResult:
    """Upload a photo, wait for the function, and read back the objects it reports.

    The put returns at once, as S3's does; the notification starts the function. What fails is told
    after the first attempt. Raises AwsError, and EmulatorError if no event came.
    """
    s3, stack = deployed.account.clients["s3"], deployed.stack
    with emulator.functions.watch() as reports:
        with translate_errors(f"upload {key}"):
            s3.put_object(Bucket=stack.source_bucket, Key=key, Body=data)
        outcome = _await_outcome(emulator, reports, stack.source_bucket, key)
    if outcome.failed:
        return PipelineResult(outcome, error=outcome.error)
    answer = json.loads(outcome.payload)
    if answer["failed"]:
        return PipelineResult(outcome, error=answer["failed"][0]["message"])
    written = [name for photo in answer["photos"] for name in photo["mosaics"]]
    with translate_errors(f"download the mosaics of {key}"):
        return PipelineResult(outcome, tuple((name, _read(s3, stack, name)) for name in written))


def _await_outcome(
    emulator: Emulator, reports: SimpleQueue[EventReport], bucket: str, key: str
) -> InvocationOutcome:
    """Wait for an attempt at a photo to end; while events are pending, it may be one of them."""
    waited = 0
    while True:
        try:
            report = reports.get(timeout=1)
        except Empty:
            waited += 1
            if waited >= EVENT_SECONDS and not emulator.functions.pending:
                raise EmulatorError(
                    f"{bucket} sent no event for {key}", "This is a defect: report it."
                ) from None
            continue
        if (report.bucket, report.key) != (bucket, key):
            continue
        if report.outcome is not None:
            return report.outcome
        if report.result == "failed":
            raise EmulatorError(f"{key} was not tried: {report.error}")


def _read(s3: Any, stack: Stack, key: str) -> bytes:
    data: bytes = s3.get_object(Bucket=stack.destination_bucket, Key=key)["Body"].read()
    return data
