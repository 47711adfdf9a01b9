"""Owns `python -m benchmarks.kills`: nothing that an emulator acknowledged is lost when it is killed.

python -m benchmarks.kills [--rounds 20] [--photos 100] [--seed 0]

In each round, 16 threads upload photos to `pixelater emulate --persist`, which is killed at a random
moment, with the function at work. It starts again on the folder; each acknowledged photo must be
there with its bytes and get its five mosaics.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from pixelater import name_mosaic, pixelate
from pixelater_cli.aws.stack import Stack
from tests.functional.serving import Serving, serve
from tests.pictures import encode, make_noise

THREADS = 16
SECONDS = 300
WARM = "000.png"
"""The photo that starts the function before the others are uploaded."""

STACK = Stack("123456789012", "us-east-1")


@dataclass(frozen=True)
class Round:
    """What a round found: photos that were acknowledged, and what is wrong with some of them."""

    acknowledged: int
    seconds: float
    restored: int
    processed: int
    lost: tuple[str, ...]
    damaged: tuple[str, ...]
    without_mosaics: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not (self.lost or self.damaged or self.without_mosaics)


def main() -> None:
    """Run the rounds, print what each found, and fail if anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--photos", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(options.seed)  # noqa: S311
    found = []
    for number in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            found.append(run_round(Path(folder), make_photos(options.photos, number), chance))
        print(f"{number + 1}: {found[-1]}", flush=True)
    total = sum(one.acknowledged for one in found)
    wrong = sum(len(one.lost + one.damaged + one.without_mosaics) for one in found)
    print(f"{len(found)} kills, {total} photos acknowledged, {wrong} lost, damaged or unprocessed")
    sys.exit(1 if wrong else 0)


def make_photos(number: int, seed: int) -> dict[str, bytes]:
    """Make small photos, each unlike the others, by their keys."""
    return {
        f"{index:03}.png": encode(make_noise("RGB", (32, 32), 1000 * seed + index), "PNG")
        for index in range(number)
    }


def run_round(folder: Path, photos: Mapping[str, bytes], chance: random.Random) -> Round:
    """Upload, kill, start again and compare."""
    kept, source = folder / "kept", STACK.source_bucket
    killed = suppress(AssertionError)  # serve() wants its process to end well.
    with killed, serve(os.environ, folder, "--persist", kept) as serving:
        acknowledged = upload_and_kill(serving, photos, chance)
    started = time.monotonic()
    with serve(os.environ, folder, "--persist", kept) as serving:
        s3 = connect(serving)
        stored = list_etags(s3, source)
        expected = {key: hash_content(data) for key, data in photos.items()}
        lost = acknowledged - stored.keys()
        damaged = {key for key, etag in stored.items() if etag != expected[key]}
        before = list_etags(s3, STACK.destination_bucket)
        mosaics = {key: predict(key, photos[key]) for key in acknowledged}
        unfinished = await_mosaics(s3, mosaics)
        done = sum(not mosaics[key].items() <= before.items() for key in mosaics)
    seconds = time.monotonic() - started
    return Round(
        len(acknowledged),
        round(seconds, 1),
        int(serving.first["restored"]),
        done,
        *(tuple(sorted(keys)) for keys in (lost, damaged, unfinished)),
    )


def upload_and_kill(
    serving: Serving, photos: Mapping[str, bytes], chance: random.Random
) -> set[str]:
    """Upload from threads, kill the emulator some time after a photo, return those acknowledged."""
    s3 = connect(serving)
    s3.put_object(Bucket=STACK.source_bucket, Key=WARM, Body=photos[WARM])
    serving.read_until(WARM, "done")
    acknowledged = {WARM}
    kill_after, delay = chance.randrange(1, len(photos)), chance.random() / 10
    reached = threading.Event()

    def put(key: str) -> None:
        with suppress(BotoCoreError, ClientError):
            s3.put_object(Bucket=STACK.source_bucket, Key=key, Body=photos[key])
            acknowledged.add(key)
            if len(acknowledged) > kill_after:
                reached.set()

    with ThreadPoolExecutor(THREADS) as pool:
        uploads = [pool.submit(put, key) for key in photos if key != WARM]
        reached.wait()
        time.sleep(delay)
        serving.process.kill()
        serving.process.wait()
        for upload in uploads:
            upload.result()
    return acknowledged


def connect(serving: Serving) -> Any:
    """Connect without retries: what is not acknowledged at once was not."""
    return boto3.client(
        "s3",
        STACK.region,
        endpoint_url=serving.url,
        aws_access_key_id="emulator",
        aws_secret_access_key="emulator",  # noqa: S106
        config=Config(max_pool_connections=THREADS, retries={"total_max_attempts": 1}),
    )


def await_mosaics(s3: Any, mosaics: Mapping[str, Mapping[str, str]]) -> set[str]:
    """Wait for the mosaics of these photos; return the photos that do not get theirs."""
    deadline = time.monotonic() + SECONDS
    while True:
        found = list_etags(s3, STACK.destination_bucket).items()
        missing = {key for key, expected in mosaics.items() if not expected.items() <= found}
        if not missing or time.monotonic() > deadline:
            return missing
        time.sleep(0.3)


def list_etags(s3: Any, bucket: str, prefix: str = "") -> dict[str, str]:
    """List the objects of a bucket: keys and ETags, which are MD5s."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return {
        entry["Key"]: entry["ETag"].strip('"')
        for page in pages
        for entry in page.get("Contents", ())
    }


def predict(key: str, photo: bytes) -> dict[str, str]:
    """Return keys and ETags of a photo's mosaics."""
    return {name_mosaic(key, made): hash_content(made.data) for made in pixelate(photo)}


def hash_content(data: bytes) -> str:
    """Return the MD5, as in an ETag."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


if __name__ == "__main__":
    main()
