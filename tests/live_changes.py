"""A stack that is changed while photos arrive: which are lost, stale, or in the failure queue."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event, Thread

from pixelater_cli.aws.deploy.deployment import apply_plan, finish, prepare, verify
from pixelater_cli.aws.operations import stack_settings, versions
from pixelater_cli.aws.operations.failure_queue import list_failures
from pixelater_cli.aws.operations.mosaics import names_source
from pixelater_cli.aws.operations.stack_secret import add_secret
from pixelater_cli.aws.package import builder
from pixelater_cli.aws.package.builder import Contents
from pixelater_cli.aws.session import Account, connect
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.lambda_service.environment_pool import EmulatorSettings
from pixelater_cli.emulator.pipeline import Emulator, start_emulator
from pixelater_cli.errors import AwsError
from tests.pictures import encode, make_noise

RATE = 25
KEYS = 50
"""Each key is uploaded again every two seconds, with other bytes."""

TIME_SCALE = 3
"""Lambda's retries follow after 20 and 40 seconds: the failed deploy ends before, as on AWS."""

BROKEN = Contents(
    "broken",
    {
        "pixelater_function/__init__.py": b"",
        "pixelater_function/handler.py": b"def lambda_handler(event, context): raise OSError",
    },
)


@dataclass
class Traffic:
    """Uploads to the source bucket at an even rate; `sent` has the last ETag of each key."""

    account: Account
    bucket: str
    rate: float
    sent: dict[str, str] = field(default_factory=dict)
    uploads: int = 0

    def run(self, stopped: Event) -> None:
        s3, due = self.account.clients["s3"], time.monotonic()
        while not stopped.wait(max(0, due - time.monotonic())):
            due += 1 / self.rate
            key = f"photo-{self.uploads % KEYS:02}.png"
            body = encode(make_noise("RGB", (32, 32), self.uploads), "PNG")
            self.sent[key] = s3.put_object(Bucket=self.bucket, Key=key, Body=body)["ETag"]
            self.uploads += 1


@contextmanager
def send(traffic: Traffic) -> Iterator[None]:
    """Send photos meanwhile."""
    stopped = Event()
    thread = Thread(target=traffic.run, args=(stopped,))
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


@dataclass(frozen=True)
class Report:
    """What became of the uploads of some minutes, and how long the last event took."""

    uploads: int
    drained_seconds: float
    lost: tuple[str, ...]
    stale: tuple[str, ...]
    failures: tuple[str, ...]
    live: str
    log: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """The emulator, and how a stack in it is changed."""

    emulator: Emulator
    account: Account
    contents: Contents

    def deploy(self, stack: Stack, contents: Contents | None = None) -> None:
        """Deploy as `pixelater deploy` does."""
        deployment = prepare(self.account, stack, contents or self.contents, time.sleep)
        apply_plan(deployment, lambda _step: None, time.sleep, time.monotonic)
        verify(deployment, time.sleep, time.monotonic)
        finish(deployment, lambda _step: None, time.sleep)

    def fail(self, stack: Stack) -> None:
        """Deploy code that does not work, which is taken back."""
        try:
            self.deploy(stack, BROKEN)
        except AwsError as error:
            if "is active again" not in str(error):
                raise
        else:
            raise AssertionError("broken code was deployed")

    def roll_back(self, stack: Stack) -> None:
        found = stack_settings.load_settings(self.account, stack)
        versions.roll_back(self.account, found, None, time.sleep)


def change_under_traffic(
    pause: Callable[[], None],
    note: Callable[[str], None] = lambda _line: None,
    time_scale: float = TIME_SCALE,
    rate: float = RATE,
) -> Report:
    """Change the bucket, fail, go back and take a grid away while photos arrive.

    `pause` is called between the changes; `rate` is in uploads a second.
    """
    settings = EmulatorSettings(time_scale=time_scale)
    with start_emulator(settings, enforce_iam=True) as emulator:
        account = connect(None, None, emulator.endpoint_url, time.sleep)
        account.clients["s3"].create_bucket(Bucket="elsewhere")
        first = Stack.for_account(
            account,
            runtime=builder.local_runtime(),
            architecture=builder.local_architecture(),
            grids=(8, 16),
        )
        elsewhere = replace(first, adopted_destination="elsewhere")
        fewer = replace(elsewhere, grids=(8,))
        stage = Stage(emulator, account, builder.gather_for_emulator())
        stage.deploy(first)
        changes: dict[str, Callable[[], None]] = {
            "another destination": lambda: stage.deploy(elsewhere),
            "a deploy that fails": lambda: stage.fail(replace(elsewhere, memory_mb=512)),
            "rollback": lambda: stage.roll_back(elsewhere),
            "another destination again": lambda: stage.deploy(elsewhere),
            "fewer grids": lambda: stage.deploy(fewer),
        }
        traffic, log, began = (
            Traffic(account, first.source_bucket, rate),
            list[str](),
            time.monotonic(),
        )
        with send(traffic):
            for name, change in changes.items():
                pause()
                started = time.monotonic()
                change()
                log.append(
                    f"{started - began:5.1f} s: {name}, {time.monotonic() - started:.1f} s, "
                    f"version {versions.find_version(account, first)} is active"
                )
                note(log[-1])
            pause()
        ended = time.monotonic()
        while emulator.functions.pending:
            time.sleep(0.1)
        drained = time.monotonic() - ended
        mosaics = read_metadata(account, "elsewhere")
        secret = add_secret(account, first, time.sleep).metadata_key
        return Report(
            traffic.uploads,
            round(drained, 1),
            tuple(key for key in traffic.sent if f"pixelated-8x8-{key}" not in mosaics),
            tuple(
                name
                for name, metadata in mosaics.items()
                for key in (name.split("-", 2)[2],)
                if not names_source(
                    metadata, traffic.sent[key].strip('"'), key=key, metadata_key=secret
                )
            ),
            tuple(f"{one.keys}: {one.reason}" for one in list_failures(account, first)),
            json.dumps(sorted({name.split("-")[1] for name in mosaics})),
            tuple(log),
        )


def read_metadata(account: Account, bucket: str) -> dict[str, dict[str, str]]:
    """Read the metadata of each mosaic, which name its upload."""
    s3 = account.clients["s3"]
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    return {key: s3.head_object(Bucket=bucket, Key=key)["Metadata"] for key in keys}
