"""Owns `python -m benchmarks.emulator`: what the emulator does under load, and how fast it is.

python -m benchmarks.emulator [--photos 500] [--runs 5] [--ministack]

Puts photos as fast as boto3 can from ten threads: some fail at first, some always, some are larger
than 8 MB and go in parts, some have odd keys. Every photo must end as its mosaics or as one record
in the failure queue. Plain moto, which runs nothing, is measured in the same run, and with
--ministack a ministack, which is installed in a virtual environment of its own. A photo of
2 megapixels is timed from its put to its mosaics, on servers in processes of their own.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from PIL import Image
from platformdirs import user_cache_path

from benchmarks import photos
from pixelater_cli.aws import archive
from pixelater_cli.aws.deployment import carry_out, prepare
from pixelater_cli.aws.session import Account, connect
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator import moto_service
from pixelater_cli.emulator.fleet import Settings
from pixelater_cli.emulator.function import Report
from pixelater_cli.emulator.journey import start_emulator
from tests.functional.serving import serve
from tests.live.ministack import serve_ministack

THREADS = 10
GRIDS = (8, 16, 32, 48, 64)
ROUNDS = 5
REST_SECONDS, FIRST_LOOK_SECONDS, LOOK_SECONDS = 0.5, 0.1, 0.01
"""How long to leave a server alone before each photo; when to look for mosaics first, and how often
then: what a server does for anybody is time that it has not for the photo."""

ODD = ("año/été {0}.jpg", "a+b & c=d {0}?.jpg", "deep/er/than/most/{0}.jpg", "100%/{0}#.jpg")
FAULTS = '''
"""The handler of the benchmark: pixelater's, but for keys that say how they fail."""

import os
from urllib.parse import unquote_plus

import boto3

from pixelater import handler

MARKS = boto3.client("s3")


def lambda_handler(event, context):
    key = unquote_plus(event["Records"][0]["s3"]["object"]["key"])
    if key.startswith("always/"):
        raise RuntimeError(key)
    if key.startswith("first/"):
        marks = os.environ["bucket_1"], f"marks/{key}"
        try:
            MARKS.head_object(Bucket=marks[0], Key=marks[1])
        except MARKS.exceptions.ClientError:
            MARKS.put_object(Bucket=marks[0], Key=marks[1], Body=b"")
            raise RuntimeError(key) from None
    return handler.lambda_handler(event, context)
'''


@dataclass(frozen=True)
class Upload:
    """One photo to be put."""

    key: str
    data: bytes = field(repr=False)

    @property
    def fails(self) -> bool:
        return self.key.startswith("always/")


@dataclass(frozen=True)
class Target:
    """Where the pipeline is deployed to, and what its function is made of."""

    account: Account
    contents: archive.Contents


Serve = Callable[[], AbstractContextManager[Target]]


def main() -> None:
    """Measure, print, and fail if a photo was lost or told twice."""
    options = read_options()
    uploads = make_uploads(options.photos)
    with moto_service.serve() as url:
        account = connect(None, None, url)
        account.clients["s3"].create_bucket(Bucket="pixelater-source-bucket")
        show_latencies("put to plain moto", put_all(url, uploads))
    sound = measure_ours(uploads, options)
    servers: dict[str, Serve] = {"our emulator": serve_ours}
    if options.ministack:
        servers["ministack"] = serve_other
        with serve_other() as target:
            measure_load(target, uploads, "ministack")
    measure_journeys(servers, options.runs)
    sys.exit(0 if sound else 1)


def measure_ours(uploads: list[Upload], options: argparse.Namespace) -> bool:
    """Measure our own emulator; tell whether nothing was lost and no process is left."""
    reports: list[Report] = []
    settings = Settings(time_scale=options.time_scale)
    with start_emulator(settings, reports.append) as emulator, watch_memory() as used:
        account = connect(None, None, emulator.endpoint_url)
        target = Target(account, archive.gather_for_this_machine())
        sound = measure_load(target, uploads, "our emulator", lambda: emulator.functions.pending)
        processes = emulator.functions.processes
        print(f"this process grew to {max(used):.0f} MB; environments: {len(processes)}")
        measure_overhead(account, options.runs)
    left = [one for one in processes if Path(f"/proc/{one}").exists()]
    print(f"processes left: {len(left)}; reports: {Counter(one.result for one in reports)}")
    return sound and not left


@contextmanager
def serve_ours() -> Iterator[Target]:
    """Serve our emulator in a process of its own."""
    with tempfile.TemporaryDirectory() as folder, serve(os.environ, Path(folder)) as serving:
        yield Target(connect(None, None, serving.url), archive.gather_for_this_machine())


@contextmanager
def serve_other() -> Iterator[Target]:
    """Serve a ministack, which is installed in a virtual environment of its own."""
    cache = user_cache_path("pixelater")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        serve_ministack(cache / "ministack", Path(folder)) as served,
    ):
        architecture = archive.name_this_architecture()
        contents = archive.gather_for_lambda(served.runtime, architecture, cache)
        yield Target(connect(None, None, served.endpoint_url), contents)


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.emulator")
    parser.add_argument("--photos", type=int, default=500)
    parser.add_argument("--runs", type=int, default=5, help="warm runs of the timed photo")
    parser.add_argument("--time-scale", type=float, default=60.0, help="AWS's seconds in one")
    parser.add_argument("--ministack", action="store_true", help="measure a ministack, too")
    return parser.parse_args()


def make_uploads(number: int) -> list[Upload]:
    """Make the photos: one in 20 fails at first, one in 25 always, one in 100 is large."""
    picture = io.BytesIO()
    Image.effect_noise((256, 256), 60).convert("RGB").save(picture, "JPEG")
    small = picture.getvalue()
    large = small + bytes(9 * 2**20)  # What follows a JPEG's end is nothing to a decoder.
    uploads = []
    for index in range(number):
        if index % 100 == 7:
            uploads.append(Upload(f"large/{index}.jpg", large))
        elif index % 25 == 3:
            uploads.append(Upload(f"always/{index}.jpg", small))
        elif index % 20 == 5:
            uploads.append(Upload(f"first/{index}.jpg", small))
        elif index % 10 == 1:
            uploads.append(Upload(ODD[index // 10 % len(ODD)].format(index), small))
        else:
            uploads.append(Upload(f"plain/{index}.jpg", small))
    random.Random(0).shuffle(uploads)  # noqa: S311
    return uploads


def measure_load(
    target: Target, uploads: list[Upload], name: str, pending: Callable[[], int] | None = None
) -> bool:
    """Deploy with the faulty handler, put everything, wait for all ends, and check them."""
    account = target.account
    stack = deploy(account, with_faults(target.contents))
    url = str(account.endpoint_url)
    started = time.monotonic()
    show_latencies(f"put to {name}", put_all(url, uploads))
    wanted = {
        f"{folder}pixelated-{grid}x{grid}-{file}"
        for upload in uploads
        if not upload.fails
        for folder, file in [split(upload.key)]
        for grid in GRIDS
    }
    records: Counter[str] = Counter()
    failing = sum(upload.fails for upload in uploads)
    found: set[str] = set()
    deadline = time.monotonic() + 900
    while time.monotonic() < deadline:
        found = list_keys(account, stack.destination_bucket)
        records += take_failures(account, stack)
        if found >= wanted and records.total() >= failing and not (pending and pending()):
            break
        time.sleep(0.5)
    seconds = time.monotonic() - started
    records += take_failures(account, stack)
    twice = [key for key, times in records.items() if times > 1]
    strangers = [key for key in records if not key.startswith("always/")]
    print(
        f"{len(uploads)} photos in {seconds:.1f} s: {len(wanted & found)} of {len(wanted)} mosaics, "
        f"{len(records)} of {failing} failure records, {len(twice)} twice, "
        f"{len(strangers)} of photos that do not fail"
    )
    return found >= wanted and len(records) == failing and not twice and not strangers


def measure_journeys(servers: Mapping[str, Serve], runs: int) -> None:
    """Time a photo of 2 megapixels from its put to its five mosaics, on fresh servers in turns."""
    with tempfile.TemporaryDirectory() as scratch:
        data = photos.write(Path(scratch), 2, "jpg").read_bytes()
    cold: dict[str, list[float]] = {name: [] for name in servers}
    warm: dict[str, list[float]] = {name: [] for name in servers}
    for _ in range(ROUNDS):
        for name, start in servers.items():
            with start() as target:
                stack = deploy(target.account, target.contents)
                s3 = target.account.clients["s3"]
                times = [time_journey(s3, stack, number, data) for number in range(runs + 1)]
            cold[name].append(times[0])
            warm[name] += times[1:]
    for name in servers:
        print(
            f"put to five mosaics, 2 MP, on {name}: {median(cold[name]):.0f} ms cold (median of "
            f"{ROUNDS}), {median(warm[name]):.0f} ms warm (median of {len(warm[name])})"
        )


def time_journey(s3: Any, stack: Stack, number: int, data: bytes) -> float:
    """Give the milliseconds from a put to five mosaics, counted to the look that found them."""
    time.sleep(REST_SECONDS)
    began = time.perf_counter()
    s3.put_object(Bucket=stack.source_bucket, Key=f"timed/{number}.jpg", Body=data)
    last = f"timed/pixelated-64x64-{number}.jpg"
    time.sleep(FIRST_LOOK_SECONDS)
    looked = time.perf_counter()
    while not has_five(s3, stack, number, last):
        time.sleep(LOOK_SECONDS)
        looked = time.perf_counter()
    return (looked - began) * 1000


def measure_overhead(account: Account, runs: int) -> None:
    """Time what the emulator adds to a function that does nothing, warm."""
    functions = account.clients["lambda"]
    role = account.clients["iam"].get_role(RoleName=f"pixelater-function-{account.region}")
    code = archive.pack(
        archive.Contents("", {"app.py": b"def handle(event, context): return None\n"})
    ).data
    functions.create_function(
        FunctionName="nothing",
        Runtime="python3.13",
        Role=role["Role"]["Arn"],
        Handler="app.handle",
        Code={"ZipFile": code},
    )
    functions.invoke(FunctionName="nothing")
    times = []
    for _ in range(max(runs, 50)):
        began = time.perf_counter()
        functions.invoke(FunctionName="nothing")
        times.append((time.perf_counter() - began) * 1000)
    dry = []
    for _ in range(max(runs, 50)):
        began = time.perf_counter()
        functions.invoke(FunctionName="nothing", InvocationType="DryRun")
        dry.append((time.perf_counter() - began) * 1000)
    print(
        f"an event of a function that does nothing: {median(times) - median(dry):.1f} ms more than "
        f"a dry run, which is {median(dry):.1f} ms of HTTP and moto"
    )


def has_five(s3: Any, stack: Stack, number: int, last: str) -> bool:
    """Ask for the last mosaic first: a listing costs more."""
    try:
        s3.head_object(Bucket=stack.destination_bucket, Key=last)
    except s3.exceptions.ClientError:
        return False
    answer = s3.list_objects_v2(Bucket=stack.destination_bucket, Prefix="timed/")
    keys: list[str] = [entry["Key"] for entry in answer.get("Contents", [])]
    return sum(key.endswith(f"-{number}.jpg") for key in keys) == len(GRIDS)


def put_all(url: str, uploads: list[Upload]) -> list[float]:
    """Put everything from ten threads; give the milliseconds of each put of a small photo."""
    s3 = boto3.client(
        "s3",
        "us-east-1",
        endpoint_url=url,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
        config=Config(max_pool_connections=2 * THREADS, s3={"addressing_style": "path"}),
    )
    config = TransferConfig(multipart_threshold=8 * 2**20, multipart_chunksize=8 * 2**20)

    def put(upload: Upload) -> float:
        began = time.perf_counter()
        if len(upload.data) > config.multipart_threshold:
            source = io.BytesIO(upload.data)
            s3.upload_fileobj(source, "pixelater-source-bucket", upload.key, Config=config)
            return 0.0
        s3.put_object(Bucket="pixelater-source-bucket", Key=upload.key, Body=upload.data)
        return (time.perf_counter() - began) * 1000

    with ThreadPoolExecutor(THREADS) as pool:
        return [one for one in pool.map(put, uploads) if one]


def show_latencies(title: str, milliseconds: list[float]) -> None:
    """Print the median and the tail."""
    parts = quantiles(milliseconds, n=100)
    print(
        f"{title}: median {median(milliseconds):.1f} ms, 95 % {parts[94]:.1f} ms, "
        f"99 % {parts[98]:.1f} ms, most {max(milliseconds):.1f} ms"
    )


def with_faults(contents: archive.Contents) -> archive.Contents:
    """Put the benchmark's handler in front of pixelater's."""
    files = dict(contents.files)
    own = files.pop("pixelater/handler.py").decode()
    changed = FAULTS.replace(
        "from pixelater import handler", "from pixelater import own as handler"
    )
    ours = {"pixelater/own.py": own.encode(), "pixelater/handler.py": changed.encode()}
    return replace(contents, files={**files, **ours})


def deploy(account: Account, contents: archive.Contents) -> Stack:
    """Deploy as `pixelater deploy` does."""
    stack = Stack(
        account=account.number,
        region=account.region,
        runtime=contents.runtime,
        architecture=archive.name_this_architecture(),
        tls=account.speaks_tls,
        dead_letters=account.is_ministack,
    )
    carry_out(prepare(account, stack, contents), lambda _step: None)
    return stack


def split(key: str) -> tuple[str, str]:
    """Split a key into its folder, with the slash, and its file name."""
    folder, slash, name = key.rpartition("/")
    return folder + slash, name


def list_keys(account: Account, bucket: str) -> set[str]:
    """List all keys of a bucket."""
    pages = account.clients["s3"].get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {entry["Key"] for page in pages for entry in page.get("Contents", [])}


def take_failures(account: Account, stack: Stack) -> Counter[str]:
    """Take the records out of the failure queue; count them by key."""
    sqs = account.clients["sqs"]
    url = sqs.get_queue_url(QueueName=stack.queue)["QueueUrl"]
    keys: Counter[str] = Counter()
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            payload = json.loads(message["Body"])["requestPayload"]
            keys[payload["Records"][0]["s3"]["object"]["key"]] += 1
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return keys


@contextmanager
def watch_memory() -> Iterator[list[float]]:
    """Note the resident megabytes of this process, twice a second."""
    used: list[float] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.5):
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            used.append(pages * 4096 / 2**20)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield used
    finally:
        done.set()
        thread.join()


if __name__ == "__main__":
    main()
