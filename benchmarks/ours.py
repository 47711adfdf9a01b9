"""Owns measuring what has no peer: a warm process, many photos, and the function."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from subprocess import PIPE, Popen

from benchmarks.measure import run, take_median

WARM = """
import sys, time
from io import BytesIO
from statistics import median
from PIL import Image
from pixelater import pixelate
data = open(sys.argv[2], "rb").read()
def plain():
    for n in (8, 16, 32, 48, 64):
        photo = Image.open(BytesIO(data))
        small = photo.resize((n, n), Image.Resampling.BOX)
        small.resize(photo.size, Image.Resampling.NEAREST).save(BytesIO(), "JPEG", quality=90)
def ours():
    pixelate(data)
for _ in sys.stdin:
    times = [time.process_time()]
    for _ in range(5):
        vars()[sys.argv[1]]()
        times.append(time.process_time())
    print(median(stop - start for start, stop in zip(times, times[1:])), flush=True)
"""
"""For every line it is sent, does the work five times in one of two ways, and tells the median of
its CPU seconds. Each way has a process to itself, and goes on for a while: what the other leaves of
memory and caches would else count as its cost."""

MANY = 24


@dataclass(frozen=True)
class Ours:
    """What was measured: each a sentence for docs/explanation/performance.md."""

    sentences: tuple[str, ...]


def measure_ours(photos: list[Path], scratch: Path, runs: int) -> Ours:
    """Measure on photos, the first of them a JPEG of 12 megapixels."""
    return Ours(
        (
            _measure_warm(photos[0], runs),
            _measure_many(photos[0], scratch, runs),
            *_measure_function(photos),
        )
    )


def _measure_warm(photo: Path, runs: int) -> str:
    with ExitStack() as stack:
        ways = [
            stack.enter_context(
                Popen(
                    [sys.executable, "-c", WARM, way, str(photo)],
                    stdin=PIPE,
                    stdout=PIPE,
                    text=True,
                    bufsize=1,
                )
            )
            for way in ("ours", "plain")
        ]
        rounds = [[_ask(way) for way in ways] for _ in range(1 + runs)]
    ours, plain = (1000 * median(times) for times in zip(*rounds[1:], strict=True))
    return (
        f"In a warm process, the 12 MP JPEG takes {ours:.0f} ms of CPU, plain Pillow "
        f"{plain:.0f} ms: {plain / ours:.1f} times as much."
    )


def _ask(way: Popen[str]) -> float:
    """Let a process do its work, and take its CPU seconds."""
    assert way.stdin is not None
    assert way.stdout is not None
    way.stdin.write("\n")
    return float(way.stdout.readline())


def _measure_many(photo: Path, scratch: Path, runs: int) -> str:
    """Measure a folder of photos with one job and with one for each CPU."""
    folder = scratch / "many"
    folder.mkdir()
    for number in range(MANY):
        (folder / f"{number}.jpg").symlink_to(photo.resolve())
    program = [sys.executable, "-m", "pixelater_cli", "run", str(folder), "--force"]
    costs = {}
    jobs = os.cpu_count() or 1
    for number in (1, jobs):
        command = [*program, "--out", str(scratch / "out"), "--jobs", str(number)]
        costs[number] = take_median([run(command) for _ in range(runs)])
    one, several = costs[1], costs[jobs]
    return (
        f"{MANY} such photos take {one.wall:.1f} s with one job and {several.wall:.1f} s with "
        f"{jobs}: {one.wall / several.wall:.1f} times as fast, with {several.cpu - one.cpu:.2f} s "
        f"of CPU more, to start the processes."
    )


def _measure_function(photos: list[Path]) -> Iterator[str]:
    """Measure the deployed zip in `pixelater emulate`'s Lambda: Python, boto3 and all."""
    from pixelater_cli.emulator.lambda_service.memory_usage import measure_peak
    from pixelater_cli.emulator.pipeline import deploy_to, send_photo, start_emulator

    for photo in photos:
        data = photo.read_bytes()
        with start_emulator() as emulator:
            deployed = deploy_to(emulator)
            cold, *warm = (
                send_photo(emulator, deployed, photo.name, data).outcome for _ in range(6)
            )
            (process,) = emulator.functions.processes
            peak = measure_peak(process)
        yield (
            f"For {photo.name}, the function takes {cold.milliseconds:.0f} ms in a cold start and "
            f"{median(one.milliseconds for one in warm):.0f} ms when warm, from the event to the "
            f"fifth object, and {peak * 2**20 / 1e6:.0f} MB of memory."
        )
