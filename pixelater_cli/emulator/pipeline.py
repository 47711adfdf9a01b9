"""The emulated pipeline: start it, deploy a stack, and send a photo through it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from queue import Empty, SimpleQueue
from typing import Unpack

from pixelater_cli.aws.deploy.deployment import deploy
from pixelater_cli.aws.errors import translate_errors
from pixelater_cli.aws.package import builder
from pixelater_cli.aws.photo_settings import PhotoSettings
from pixelater_cli.aws.session import Account, connect
from pixelater_cli.aws.stack import Stack
from pixelater_cli.aws.stack_looks import fit_memory
from pixelater_cli.emulator.lambda_service.environment_pool import EmulatorSettings
from pixelater_cli.emulator.lambda_service.models import (
    EventListener,
    EventReport,
    InvocationOutcome,
)
from pixelater_cli.emulator.lambda_service.service import LambdaService
from pixelater_cli.emulator.moto_adapter import server
from pixelater_cli.emulator.moto_adapter.change_patches import StateKeeper
from pixelater_cli.emulator.scratch_folder import create_scratch_folder
from pixelater_cli.emulator.weather.weather import Weather
from pixelater_cli.errors import EmulatorError
from pixelater_cli.local.detector_package import read_detectors

EVENT_SECONDS = 10
"""The event is queued by put_object; after this time, it was not sent."""


@dataclass(frozen=True)
class Emulator:
    """A running emulator: the URL of its AWS API, and its Lambda service."""

    endpoint_url: str
    functions: LambdaService


@dataclass(frozen=True)
class Deployed:
    """A stack in the emulator, its account, and the number of steps of the deployment."""

    account: Account
    stack: Stack
    steps: int


@dataclass(frozen=True)
class PipelineResult:
    """The invocation that a photo caused, and the objects in the destination.

    `error` says why there are none: the invocation failed, or the failure queue has the photo.
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
    keeper: StateKeeper | None = None,
) -> Iterator[Emulator]:
    """Run the emulator; at the end, its servers, processes and files are removed.

    `observe` receives reports about asynchronous events, in threads of the emulator. With
    `enforce_iam`, functions may do only what the policies of their roles allow. `weather` affects
    all clients but the emulator itself. Raises EmulatorError.
    """
    with (
        create_scratch_folder() as folder,
        server.serve(host, port, weather, keeper) as endpoint_url,
        server.emulate_functions(
            folder, endpoint_url, settings, observe, enforce_iam, weather, keeper
        ) as functions,
    ):
        yield Emulator(endpoint_url, functions)


SECRET = sha256(b"pixelater emulate").hexdigest()
"""The same for all emulators: mosaics that `--persist` kept are those of their photos in the next
run, too. Whoever can read mosaics in an emulator can read all in it."""


def make_stack(account: Account, **settings: Unpack[PhotoSettings]) -> Stack:
    """Return the default stack, for this machine's Python, with settings of photos."""
    stack = Stack.for_account(
        account,
        secret=SECRET,
        runtime=builder.local_runtime(),
        architecture=builder.local_architecture(),
        **settings,
    )
    return fit_memory(stack)


def deploy_to(emulator: Emulator, **settings: Unpack[PhotoSettings]) -> Deployed:
    """Deploy the default stack with settings of photos, and a zip for this machine's Python.

    Raises PackageError or AwsError.
    """
    account = connect(None, None, emulator.endpoint_url, time.sleep)
    stack = make_stack(account, **settings)
    contents = builder.gather_for_emulator(read_detectors(stack))
    deployment = deploy(account, stack, contents, time.sleep)
    return Deployed(account, stack, len(deployment.steps))


def send_photo(emulator: Emulator, deployed: Deployed, key: str, data: bytes) -> PipelineResult:
    """Upload a photo, wait for the function's first attempt, and read the objects that it reports.

    Raises AwsError, and EmulatorError if there was no event.
    """
    s3, stack = deployed.account.clients["s3"], deployed.stack
    with emulator.functions.watch() as reports:
        with translate_errors(f"upload {key}"):
            s3.put_object(Bucket=stack.source_bucket, Key=key, Body=data)
        outcome = _await_outcome(emulator, reports, stack.source_bucket, key)
    if outcome.failed:
        return PipelineResult(outcome, error=outcome.error)
    response = json.loads(outcome.payload)
    if response["failed"]:
        return PipelineResult(outcome, error=response["failed"][0]["message"])
    bucket = stack.destination_bucket
    with translate_errors(f"download the mosaics of {key}"):
        mosaics = tuple(
            (name, s3.get_object(Bucket=bucket, Key=name)["Body"].read())
            for photo in response["photos"]
            for name in (*photo["mosaics"], *photo.get("documents", ()))
        )
    return PipelineResult(outcome, mosaics)


def _await_outcome(
    emulator: Emulator, reports: SimpleQueue[EventReport], bucket: str, key: str
) -> InvocationOutcome:
    """Wait for an attempt at a photo to end, as long as events are pending."""
    waited = 0
    while True:
        try:
            report = reports.get(timeout=1)
        except Empty:
            waited += 1
            if waited >= EVENT_SECONDS and not emulator.functions.pending:
                raise EmulatorError(
                    f"{bucket} sent no event for {key}", "This is a bug. Report it."
                ) from None
            continue
        if (report.bucket, report.key) != (bucket, key):
            continue
        if report.outcome is not None:
            return report.outcome
        if report.result == "failed":
            raise EmulatorError(f"the function did not run for {key}: {report.error}")
