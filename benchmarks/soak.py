"""Owns `python -m benchmarks.soak`: many uploads over few keys, with faults, and nothing lost.

python -m benchmarks.soak [--uploads 2000] [--keys 200] [--seed 0]

Eight threads upload over and over the same keys, photos and now and then something that is none.
The function crashes, is stopped for its time, and gets errors of S3 from before and after the fact;
it is throttled; events are sent twice and late. In the end the five mosaics of every key must be
what `pixelater run` makes of its last upload, or a record in the failure queue must say why not.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from PIL import Image

from benchmarks.servers import deploy, put_before, take_failures, watch_memory
from pixelater import name_mosaic, pixelate
from pixelater_cli.aws.package import builder
from pixelater_cli.aws.session import Account, connect
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.lambda_service.environment_pool import EmulatorSettings
from pixelater_cli.emulator.lambda_service.models import EventReport
from pixelater_cli.emulator.pipeline import start_emulator

THREADS = 8
TIMEOUT_SECONDS = 8
RESERVED = 5
"""Environments at a time while photos are uploaded, so that events are throttled."""

FAULTS = '''
"""The soak's handler: pixelater's, with faults by chance."""

import os
import random
import time

from botocore.client import BaseClient
from botocore.exceptions import ClientError

call = BaseClient._make_api_call
chance = random.Random(os.urandom(8))


def call_or_fail(self, operation, parameters):
    """Answer as a busy S3: 503, at times after the deed was done."""
    luck = chance.random()
    if self.meta.service_model.service_name == "s3" and luck < 0.01:
        if luck < 0.005:
            call(self, operation, parameters)
        error = {"Error": {"Code": "SlowDown", "Message": "Please reduce your request rate."}}
        raise ClientError({**error, "ResponseMetadata": {"HTTPStatusCode": 503}}, operation)
    if luck < 0.015:
        os._exit(1)
    return call(self, operation, parameters)


BaseClient._make_api_call = call_or_fail

from pixelater import own


def lambda_handler(event, context):
    if chance.random() < 0.005:
        time.sleep(60)
    return own.lambda_handler(event, context)
'''


@dataclass
class Uploaded:
    """What was uploaded last under each key, in bytes; S3's answers tell no more here."""

    last: dict[str, bytes] = field(default_factory=dict)
    uploads: int = 0
    repeats: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def main() -> None:
    """Run the soak, print its figures, and fail if a key ends wrong."""
    options = read_options()
    reports: list[EventReport] = []
    settings = EmulatorSettings(concurrency=8, time_scale=60)
    with start_emulator(settings, reports.append) as emulator, watch_memory() as used:
        account = connect(None, None, emulator.endpoint_url, time.sleep)
        contents = put_before(builder.gather_for_emulator(), FAULTS)
        stack = deploy(account, contents)
        set_limits(account, stack)
        started = time.monotonic()
        uploaded = upload_all(account, stack, options)
        put_seconds = time.monotonic() - started
        account.clients["lambda"].delete_function_concurrency(FunctionName=stack.function)
        while emulator.functions.pending:
            time.sleep(0.2)
        seconds = time.monotonic() - started
        wrong, right, told = check(account, stack, uploaded)
    results = Counter(report.result for report in reports)
    print(
        f"{uploaded.uploads} uploads over {len(uploaded.last)} keys in {put_seconds:.0f} s, "
        f"{uploaded.repeats} events more, all handled after {seconds:.0f} s"
    )
    print(f"attempts and refusals: {dict(results)}; errors: {count_errors(reports)}")
    print(f"{right} keys have the mosaics of their last upload, {told} a record that says why not")
    print(f"{len(wrong)} keys are wrong: {wrong[:5]}; this process grew to {max(used):.0f} MB")
    sys.exit(1 if wrong else 0)


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak")
    parser.add_argument("--uploads", type=int, default=2000)
    parser.add_argument("--keys", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def set_limits(account: Account, stack: Stack) -> None:
    """Let the function have little time, and few environments; events go to what is published."""
    functions, named = account.clients["lambda"], {"FunctionName": stack.function}
    functions.update_function_configuration(**named, Timeout=TIMEOUT_SECONDS)
    functions.get_waiter("function_updated_v2").wait(**named)
    version = functions.publish_version(**named)["Version"]
    functions.update_alias(**named, Name="live", FunctionVersion=version)
    functions.put_function_concurrency(**named, ReservedConcurrentExecutions=RESERVED)


def upload_all(account: Account, stack: Stack, options: argparse.Namespace) -> Uploaded:
    """Upload from eight threads; a key belongs to one of them, so its last upload is known."""
    uploaded = Uploaded()

    def work(thread: int) -> None:
        chance = random.Random(options.seed * THREADS + thread)  # noqa: S311
        keys = [f"soak/{number}.png" for number in range(thread, options.keys, THREADS)]
        for _ in range(options.uploads // THREADS):
            key = chance.choice(keys)
            data = make_picture(chance) if chance.random() > 0.03 else chance.randbytes(500)
            account.clients["s3"].put_object(Bucket=stack.source_bucket, Key=key, Body=data)
            with uploaded.lock:
                uploaded.last[key] = data
                uploaded.uploads += 1
            if chance.random() < 0.1:
                repeat(account, stack, chance.choice(keys))
                with uploaded.lock:
                    uploaded.repeats += 1

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    return uploaded


def make_picture(chance: random.Random) -> bytes:
    """Draw a small PNG that no other upload equals."""
    picture = Image.frombytes("RGB", (24, 24), chance.randbytes(24 * 24 * 3)).resize((96, 96))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def repeat(account: Account, stack: Stack, key: str) -> None:
    """Send an event for a key once more, long after its time, or before there ever was a photo."""
    photo = {"key": quote_plus(key, safe="/"), "size": 1, "eTag": "0" * 32, "sequencer": "00"}
    bucket = {"name": stack.source_bucket, "arn": stack.bucket_arn(stack.source_bucket)}
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "eventTime": "2026-01-01T00:00:00.000Z",
        "s3": {"bucket": bucket, "object": photo},
    }
    account.clients["lambda"].invoke(
        FunctionName=stack.alias_arn,
        InvocationType="Event",
        Payload=json.dumps({"Records": [record]}),
    )


def check(account: Account, stack: Stack, uploaded: Uploaded) -> tuple[list[str], int, int]:
    """Compare every key's mosaics with what its last upload makes; else look for its record."""
    told = read_failures(account, stack)
    wrong, right, excused = [], 0, 0
    for key, data in sorted(uploaded.last.items()):
        if holds(lambda name: read(account, stack, name), key, data):
            right += 1
        elif (key, hashlib.md5(data, usedforsecurity=False).hexdigest()) in told:
            excused += 1
        else:
            wrong.append(key)
    return wrong, right, excused


def holds(read_mosaic: Callable[[str], bytes | None], key: str, data: bytes) -> bool:
    """Tell whether the destination has the mosaics of these bytes; never of what is no picture."""
    try:
        made = pixelate(data)
    except Exception:  # noqa: BLE001 (random bytes can be wrong in any way)
        return False
    return all(read_mosaic(name_mosaic(key, one)) == one.data for one in made)


def read(account: Account, stack: Stack, name: str) -> bytes | None:
    """Read an object of the destination; None if there is none."""
    s3 = account.clients["s3"]
    try:
        data: bytes = s3.get_object(Bucket=stack.destination_bucket, Key=name)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None
    return data


def read_failures(account: Account, stack: Stack) -> set[tuple[str, str]]:
    """Take the records out of the failure queue, ours and Lambda's: each upload's key and ETag."""
    failed: set[tuple[str, str]] = set()
    for record in take_failures(account.clients["sqs"], stack.queue):
        body: dict[str, Any] = json.loads(record)
        event = body.get("event") or body["requestPayload"]
        photo = event["Records"][0]["s3"]["object"]
        failed.add((unquote_plus(photo["key"]), photo["eTag"]))
    return failed


def count_errors(reports: list[EventReport]) -> dict[str, int]:
    """Count the attempts that failed, by the first words of their errors."""
    words = (report.error.partition(":")[0][:40] for report in reports if report.error)
    return dict(Counter(words).most_common(8))


if __name__ == "__main__":
    main()
