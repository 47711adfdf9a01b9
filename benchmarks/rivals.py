"""Owns `python -m benchmarks.rivals`: our emulator, LocalStack and ministack side by side.

python -m benchmarks.rivals [--rounds 3] [--warm 20] [--burst 200]

The servers run at the same time, in processes of their own, and take turns, so that what the
machine does besides falls upon all of them. Measured are a burst of photos, from the first put to
the last mosaic, in wall and CPU seconds, and one warm photo of 2 megapixels, from its put to its
fifth mosaic. The floor is what the function takes by itself, in this process, on an S3 that is a
dictionary; it takes turns with the servers, too.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from platformdirs import user_cache_path

from benchmarks import photos
from benchmarks.floor import measure_floor
from benchmarks.kills import list_etags, predict
from benchmarks.servers import connect_s3, deploy
from pixelater import GRIDS
from pixelater_cli.aws.package import builder
from pixelater_cli.aws.session import connect
from pixelater_cli.aws.stack import Stack
from tests.burst import OVERWRITTEN, THREADS, make_photos
from tests.functional.serving import serve
from tests.live.localstack.server import serve_localstack
from tests.live.ministack import serve_ministack
from tests.live.servers import Server

CACHE = Path(os.environ.get("PIXELATER_SERVERS", user_cache_path("pixelater-ci") / "pytest" / "d"))
"""Where the tests keep the virtual environments of LocalStack and ministack."""

assert sys.platform != "win32"
TICKS = os.sysconf("SC_CLK_TCK")
LOOK_SECONDS, BURST_LOOK_SECONDS, REST_SECONDS = 0.01, 0.5, 0.3
PATIENCE_SECONDS = 600
SLOW_SECONDS = 60
"""A server whose burst takes longer gets no other."""


@dataclass
class Rival:
    """A server with a deployed stack, and what was measured on it."""

    name: str
    s3: Any
    stack: Stack
    process: int
    bursts: list[tuple[float, float, float]] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    warm_cpu: list[float] = field(default_factory=list)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rivals")
    parser.add_argument("--rounds", type=int, default=3, help="bursts on each server")
    parser.add_argument("--warm", type=int, default=20, help="single photos in each round")
    parser.add_argument("--burst", type=int, default=200, help="photos of a burst")
    parser.add_argument("--only", default="", help="servers, separated by commas")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch, ExitStack() as running:
        picture = photos.write(Path(scratch), 2, "jpg").read_bytes()
        floors: list[float] = []
        only = options.only.split(",") if options.only else list(SERVERS)
        rivals = [running.enter_context(start(name, Path(scratch))) for name in only]
        for number in range(options.rounds):
            for _ in range(3):  # Environments that were not used for a while are started first.
                for rival in rivals:
                    time_photo(rival, f"first-{number}", picture)
            for index in range(options.warm):
                time.sleep(REST_SECONDS)
                floors.append(measure_floor(picture))
                for rival in rivals:
                    before = sum(read_cpu(rival.process))
                    rival.warm.append(time_photo(rival, f"{number}-{index}", picture))
                    rival.warm_cpu.append((sum(read_cpu(rival.process)) - before) * 1000)
            for rival in rivals:
                if all(seconds < SLOW_SECONDS for seconds, *_ in rival.bursts):
                    rival.bursts.append(time_burst(rival, number, options.burst))
                print(f"round {number + 1}, {describe(rival, median(floors))}", flush=True)
    print(f"the function by itself: {median(floors):.1f} ms (median of {len(floors)})")
    report(rivals, median(floors))


def report(rivals: list[Rival], floor: float) -> None:
    """Print our emulator's share of each other server's medians."""
    ours, *others = map(summarize, rivals)
    for other in others:
        print(
            f"{ours.name} to {other.name}: burst {ours.wall / other.wall:.2f} of the time, "
            f"{(ours.server + ours.functions) / (other.server + other.functions):.2f} of the CPU; "
            f"warm photo above the floor {(ours.warm - floor) / (other.warm - floor):.2f}, "
            f"CPU {ours.warm_cpu / other.warm_cpu:.2f}"
        )


@dataclass(frozen=True)
class Summary:
    """Medians of a server: seconds of a burst, in wall and CPU, and milliseconds of a photo.

    The system counts CPU in hundredths of a second, and that of processes that have ended only when
    their parent has waited for them.
    """

    name: str
    wall: float
    server: float
    functions: float
    warm: float
    warm_cpu: float


def summarize(rival: Rival) -> Summary:
    """Return the medians of what was measured so far."""
    wall, server, functions = (median(column) for column in zip(*rival.bursts, strict=True))
    return Summary(rival.name, wall, server, functions, median(rival.warm), median(rival.warm_cpu))


def describe(rival: Rival, floor: float) -> str:
    """Return the medians in words."""
    found = summarize(rival)
    return (
        f"{found.name}: burst {found.wall:.1f} s (median of {len(rival.bursts)}), CPU of the server "
        f"{found.server:.1f} s, of the functions {found.functions:.1f} s; warm photo "
        f"{found.warm:.1f} ms (median of {len(rival.warm)}), "
        f"{found.warm - floor:.1f} ms above the floor of {floor:.1f} ms, "
        f"CPU {found.warm_cpu:.0f} ms"
    )


@dataclass
class _Start(AbstractContextManager[Rival]):
    """A running server: its processes are those that this process has got in the meantime."""

    name: str
    folder: Path
    stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Rival:
        before = list_children(os.getpid())
        url, contents = SERVERS[self.name](self.stack, self.folder)
        (process,) = list_children(os.getpid()) - before
        account = connect(None, "us-east-1", url, time.sleep)
        s3 = connect_s3(url, THREADS)
        return Rival(self.name, s3, deploy(account, contents), process)

    def __exit__(self, *_: object) -> None:
        self.stack.close()


def start(name: str, folder: Path) -> AbstractContextManager[Rival]:
    """Start a server and deploy to it."""
    return _Start(name, folder)


def _start_ours(stack: ExitStack, folder: Path) -> tuple[str, builder.Contents]:
    environment = {name: os.environ[name] for name in os.environ if not name.startswith("AWS_")}
    serving = stack.enter_context(serve(environment, folder))
    return serving.url, builder.gather_for_emulator()


def _start_other(
    serve_other: Callable[[Path, Path], AbstractContextManager[Server]], cache: str
) -> Callable[[ExitStack, Path], tuple[str, builder.Contents]]:
    def start_other(stack: ExitStack, folder: Path) -> tuple[str, builder.Contents]:
        files = folder / cache
        files.mkdir()
        served = stack.enter_context(serve_other(CACHE / cache, files))
        contents = builder.gather_for_lambda(
            served.runtime, builder.local_architecture(), user_cache_path("pixelater")
        )
        return served.endpoint_url, contents

    return start_other


SERVERS: Mapping[str, Callable[[ExitStack, Path], tuple[str, builder.Contents]]] = {
    "pixelater emulate": _start_ours,
    "LocalStack": _start_other(serve_localstack, "localstack"),
    "ministack": _start_other(serve_ministack, "ministack"),
}


def time_burst(rival: Rival, number: int, size: int) -> tuple[float, float, float]:
    """Return wall seconds of a burst, and CPU seconds of the server and of its functions."""
    first = make_photos(range(size), seed=1000 * number)
    second = make_photos(range(0, size, max(1, size // OVERWRITTEN)), seed=1000 * number + size)
    folder = f"{number}-"
    expected: dict[str, str] = {}
    for key, data in {**first, **second}.items():
        expected |= predict(folder + key, data)
    before, began = read_cpu(rival.process), time.monotonic()

    def put(item: tuple[str, bytes]) -> None:
        key, data = item
        rival.s3.put_object(Bucket=rival.stack.source_bucket, Key=folder + key, Body=data)

    with ThreadPoolExecutor(THREADS) as pool:
        for batch in (first, second):
            list(pool.map(put, batch.items()))
    destination = rival.stack.destination_bucket
    while list_etags(rival.s3, destination, folder) != expected:
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise TimeoutError(f"{rival.name} lost a photo of the burst")
        time.sleep(BURST_LOOK_SECONDS)
    seconds, after = time.monotonic() - began, read_cpu(rival.process)
    return seconds, after[0] - before[0], after[1] - before[1]


def time_photo(rival: Rival, name: str, data: bytes) -> float:
    """Return the milliseconds from the put of a photo to the look that finds its last mosaic.

    The first mosaic is put alone, the others at the same time. A look is a HEAD for one of them.
    """
    time.sleep(REST_SECONDS)
    left = [f"pixelated-{grid}x{grid}-{name}.jpg" for grid in GRIDS]
    began = time.perf_counter()
    rival.s3.put_object(Bucket=rival.stack.source_bucket, Key=f"{name}.jpg", Body=data)
    while left:
        try:
            rival.s3.head_object(Bucket=rival.stack.destination_bucket, Key=left[0])
            left.pop(0)
        except rival.s3.exceptions.ClientError:
            if time.perf_counter() - began > PATIENCE_SECONDS:
                raise
            time.sleep(LOOK_SECONDS)
    return (time.perf_counter() - began) * 1000


def list_children(parent: int) -> set[int]:
    """Return the processes that a process has started and that run."""
    listed = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,comm="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split() for line in listed.splitlines()]
    return {int(row[0]) for row in rows if int(row[1]) == parent and row[2] != "ps"}


def read_cpu(process: int) -> tuple[float, float]:
    """Return the CPU seconds of a process, and those of its descendants (proc_pid_stat(5))."""
    values = [int(value) for value in _read_stat(process)[11:15]]
    own, ended = sum(values[:2]), sum(values[2:])
    total = 0.0
    waiting = list(list_children(process))
    while waiting:
        child = waiting.pop()
        waiting += list_children(child)
        total += sum(int(value) for value in _read_stat(child)[11:15])
    return own / TICKS, (total + ended) / TICKS


def _read_stat(process: int) -> list[str]:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # It has ended, and its parent has what it used.
        return ["0"] * 20


if __name__ == "__main__":
    main()
