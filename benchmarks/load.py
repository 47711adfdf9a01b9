"""Owns a load of photos on an emulator: some fail, and each must end as mosaics or as one record."""

from __future__ import annotations

import io
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import median, quantiles

from boto3.s3.transfer import TransferConfig
from PIL import Image

from benchmarks.servers import Target, connect_s3, deploy, put_before, take_failures
from pixelater import GRIDS
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack

THREADS = 10
ODD = ("año/été {0}.jpg", "a+b & c=d {0}?.jpg", "deep/er/than/most/{0}.jpg", "100%/{0}#.jpg")
FAULTS = '''
"""The handler of the benchmark: pixelater's, but for keys that say how they fail."""

import os
from urllib.parse import unquote_plus

import boto3

from pixelater import own

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
    return own.lambda_handler(event, context)
'''


@dataclass(frozen=True)
class Upload:
    """One photo to be put."""

    key: str
    data: bytes = field(repr=False)

    @property
    def fails(self) -> bool:
        return self.key.startswith("always/")


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
    stack = deploy(account, put_before(target.contents, FAULTS))
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
        records += count_failures(account, stack)
        if found >= wanted and records.total() >= failing and not (pending and pending()):
            break
        time.sleep(0.5)
    seconds = time.monotonic() - started
    records += count_failures(account, stack)
    twice = [key for key, times in records.items() if times > 1]
    strangers = [key for key in records if not key.startswith("always/")]
    print(
        f"{len(uploads)} photos in {seconds:.1f} s: {len(wanted & found)} of {len(wanted)} mosaics, "
        f"{len(records)} of {failing} failure records, {len(twice)} twice, "
        f"{len(strangers)} of photos that do not fail"
    )
    return found >= wanted and len(records) == failing and not twice and not strangers


def put_all(url: str, uploads: list[Upload]) -> list[float]:
    """Put everything from ten threads; give the milliseconds of each put of a small photo."""
    s3 = connect_s3(url, 2 * THREADS)
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


def split(key: str) -> tuple[str, str]:
    """Split a key into its folder, with the slash, and its file name."""
    folder, slash, name = key.rpartition("/")
    return folder + slash, name


def list_keys(account: Account, bucket: str) -> set[str]:
    """List all keys of a bucket."""
    pages = account.clients["s3"].get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {entry["Key"] for page in pages for entry in page.get("Contents", [])}


def count_failures(account: Account, stack: Stack) -> Counter[str]:
    """Take the records out of the failure queue; count them by key."""
    payloads = (
        json.loads(record)["requestPayload"]
        for record in take_failures(account.clients["sqs"], stack.queue)
    )
    return Counter(payload["Records"][0]["s3"]["object"]["key"] for payload in payloads)
