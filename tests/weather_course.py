"""A stack's life under weather: what each command meets, on a virtual clock.

    pytest -n 0 -m slow -s tests/functional/test_weather_course.py

prints what fails at the first try, and why.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from moto.awslambda.models import lambda_backends
from moto.iam.models import iam_backends
from moto.logs.models import logs_backends
from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends

from pixelater_cli.aws.package import builder
from pixelater_cli.emulator.weather.front import OWN_KEY
from tests.burst import make_photos, predict_etags
from tests.functional.command import Done
from tests.weather import Stormy

ACCOUNT, REGION = "123456789012", "us-east-1"
SOURCE, DESTINATION = "pixelater-source-bucket", "pixelater-destination-bucket"
CHANGED = (
    *("deploy", "--yes", "--json", "--memory", "512", "--log-days", "7", "--concurrency", "2"),
    *("--grids", "8,16", "--max-pixels", "1000000", "--mirror-deletes"),
    *("--prefix", "in/", "--suffix", ".png"),
)
PAUSE_SECONDS = 60
"""How long a patient user waits before they run a command again."""


@dataclass(frozen=True)
class Step:
    """A command of the course; `check` returns what is wrong with its document, or ""."""

    name: str
    arguments: tuple[str, ...]
    check: Callable[[dict[str, object]], str] = lambda _document: ""


@dataclass(frozen=True)
class Outcome:
    """How one try of a step ended: its exit code and error, and the seconds that it took."""

    step: str
    attempt: int
    code: int
    error: str
    seconds: float

    @property
    def failed(self) -> bool:
        return bool(self.code or self.error)

    def __str__(self) -> str:
        return f"{self.step}, try {self.attempt}, {self.seconds:.0f} s: {self.error or 'done'}"


def _expect_nothing(document: dict[str, object]) -> str:
    steps = document["steps"]
    return f"not converged: {json.dumps(steps)}" if steps else ""


DEPLOY = Step("deploy", ("deploy", "--yes", "--json"))
REDEPLOY = Step("redeploy", DEPLOY.arguments, _expect_nothing)
CHANGE = Step("change every setting", CHANGED)
ROLLBACK = Step("rollback", ("rollback", "--json"))
DESTROY = Step("destroy", ("destroy", "--purge", "--yes", "--json"))
COURSE = (DEPLOY, REDEPLOY, CHANGE, Step("redeploy changed", CHANGED, _expect_nothing), ROLLBACK)


def publish_runtime(stormy: Stormy) -> None:
    """Say, as the emulator's page does, which runtime the functions have."""
    s3 = stormy.connect("s3", access_key=OWN_KEY)
    s3.create_bucket(Bucket="pixelater-page-bucket")
    body = json.dumps({"runtime": builder.local_runtime()}).encode()
    place = {"Bucket": "pixelater-page-bucket", "Key": "stack.json"}
    s3.put_object(**place, Body=body, ACL="public-read")


def run_step(
    run: Callable[..., Done], stormy: Stormy, step: Step, tries: int = 1
) -> Iterator[Outcome]:
    """Run a command until it succeeds, waiting between tries."""
    for attempt in range(1, tries + 1):
        started = stormy.clock.now()
        with stormy.clock.replacing_time():
            done = run(*step.arguments, "--endpoint-url", stormy.url, PIXELATER_SMOKE_TEST="1")
        document = json.loads(done.out) if done.out else {}
        error = document.get("error", {}).get("message", "") or ("" if done.out else done.err)
        outcome = Outcome(
            step.name,
            attempt,
            done.code,
            error or step.check(document),
            stormy.clock.now() - started,
        )
        yield outcome
        if not outcome.failed:
            return
        stormy.clock.sleep(PAUSE_SECONDS)


def send_photos(stormy: Stormy, count: int) -> list[str]:
    """Upload photos, let all events end, and list the mosaics that are missing or wrong."""
    photos = make_photos(range(count), seed=0)
    s3 = stormy.connect("s3", attempts=5)
    for key, data in photos.items():
        s3.put_object(Bucket=SOURCE, Key=key, Body=data)
    stormy.settle()
    expected, found = predict_etags(photos), list_stored(DESTINATION)
    return [key for key, etag in expected.items() if found.get(key) != etag]


def list_stored(bucket: str) -> dict[str, str]:
    """List keys and ETags as moto has them, without weather."""
    buckets = s3_backends[ACCOUNT]["aws"].buckets
    return {key.name: key.etag.strip('"') for key in buckets[bucket].keys.values()}


def list_left() -> list[str]:
    """List what is left of all stacks in all services, but for the page's bucket."""
    return [
        *(name for name in s3_backends[ACCOUNT]["aws"].buckets if "page" not in name),
        *(role.name for role in iam_backends[ACCOUNT]["aws"].get_roles()),
        *(each.function_name for each in lambda_backends[ACCOUNT][REGION].list_functions()),
        *sqs_backends[ACCOUNT][REGION].queues,
        *logs_backends[ACCOUNT][REGION].groups,
    ]


def format_outcomes(seed: int, outcomes: Sequence[Outcome], missing: Sequence[str]) -> str:
    """Format what failed, a line each."""
    lines = [f"seed {seed}: {outcome}" for outcome in outcomes if outcome.failed]
    if missing:
        lines.append(f"seed {seed}: photos: {len(missing)} mosaics missing: {missing[:3]}")
    return "\n".join(lines) or f"seed {seed}: nothing failed"
