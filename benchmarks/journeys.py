"""Owns how long one photo takes on an emulator, and what an event costs that does nothing."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import photos
from benchmarks.servers import Serve, deploy
from pixelater import GRIDS
from pixelater_cli.aws.package import builder
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack

ROUNDS = 5
REST_SECONDS, FIRST_LOOK_SECONDS, LOOK_SECONDS = 0.5, 0.1, 0.01
"""How long to leave a server alone before each photo; when to look for mosaics first, and how often
then: what a server does for anybody is time that it has not for the photo."""


def measure_journeys(servers: Mapping[str, Serve], runs: int) -> None:
    """Time a photo of 2 megapixels from its put to its five mosaics, on fresh servers.

    They run side by side, and each photo goes to one after the other: what the machine does
    besides falls upon all of them.
    """
    with tempfile.TemporaryDirectory() as scratch:
        data = photos.write(Path(scratch), 2, "jpg").read_bytes()
    times: dict[str, list[list[float]]] = {name: [] for name in servers}
    for _ in range(ROUNDS):
        with ExitStack() as running:
            places = []
            for name, start in servers.items():
                target = running.enter_context(start())
                stack = deploy(target.account, target.contents)
                places.append((times[name], target.account.clients["s3"], stack))
                times[name].append([])
            for number in range(runs + 1):
                for told, s3, stack in places:
                    told[-1].append(time_journey(s3, stack, number, data))
    for name, rounds in times.items():
        cold, warm = [one[0] for one in rounds], [ms for one in rounds for ms in one[1:]]
        print(
            f"put to five mosaics, 2 MP, on {name}: {median(cold):.0f} ms cold (median of "
            f"{ROUNDS}), {median(warm):.0f} ms warm (median of {len(warm)})"
        )
    if len(times) > 1:
        for kind, part in (("cold", slice(1)), ("warm", slice(1, None))):
            ours, other = ([ms for one in rounds for ms in one[part]] for rounds in times.values())
            ratios = [one / another for one, another in zip(ours, other, strict=True)]
            print(f"the same photo {kind}, ours to the other's: {median(ratios):.2f} (median)")


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
    code = builder.pack(
        builder.Contents("", {"app.py": b"def handle(event, context): return None\n"})
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
