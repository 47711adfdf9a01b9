"""Owns `python -m benchmarks`: measures, prints, and with --write puts it into docs/PERFORMANCE.md.

python -m benchmarks [--runs 5] [--photos DIR] [--write]
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from benchmarks import photos
from benchmarks.measure import Cost, run, take_median
from benchmarks.peers import Job, Peer, find_peers
from benchmarks.report import Table, write_report

WARM = """
import sys, time
from io import BytesIO
from PIL import Image
from pixelater import pixelate
data = open(sys.argv[1], "rb").read()
def plain():
    for n in (8, 16, 32, 48, 64):
        photo = Image.open(BytesIO(data))
        small = photo.resize((n, n), Image.Resampling.BOX)
        small.resize(photo.size, Image.Resampling.NEAREST).save(BytesIO(), "JPEG", quality=90)
def time_of(work):
    start = time.process_time()
    work()
    return time.process_time() - start
ours = lambda: pixelate(data)
ours(), plain()
pairs = [(time_of(ours), time_of(plain)) for _ in range(int(sys.argv[2]))]
print(sorted(o for o, _ in pairs)[len(pairs) // 2], sorted(p for _, p in pairs)[len(pairs) // 2])
"""


def main() -> None:
    """Measure everything, alternating between peers, and show the medians."""
    options = read_options()
    peers = find_peers()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.photos or Path(scratch)
        jobs = [(12, "jpg"), (24, "jpg"), (12, "png"), (4, "webp")]
        sources = [photos.write(folder, *job) for job in jobs]
        tables = [compare(peers, source, Path(scratch), options.runs) for source in sources]
        sizes = (1, 2, 6, 12, 24, 48)
        growth = {}
        for megapixels in sizes:
            source = photos.write(folder, megapixels, "jpg")
            growth[megapixels] = compare(peers[:2], source, Path(scratch), options.runs).costs
        ours, plain = measure_warm(sources[0], options.runs)
    print(f"warm process, 12 MP JPEG: {ours * 1000:.0f} ms against {plain * 1000:.0f} ms")
    if options.write:
        write_report(tables, growth, (ours, plain), peers, describe_machine())


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each; default 5")
    parser.add_argument("--photos", type=Path, help="folder with photo-12mp.jpg and so on")
    parser.add_argument("--write", action="store_true", help="write docs/PERFORMANCE.md")
    return parser.parse_args()


def compare(peers: list[Peer], source: Path, scratch: Path, runs: int) -> Table:
    """Run the peers in turn on one photo: a warm-up each, then `runs` rounds."""
    with Image.open(source) as photo:
        width, height = photo.size
    costs: dict[str, list[Cost]] = {peer.name: [] for peer in peers}
    failures: dict[str, str] = {}
    for round_ in range(runs + 1):
        for peer in peers:
            out = scratch / "out" / peer.name / source.name
            out.mkdir(parents=True, exist_ok=True)
            job = Job(source, out, width, height)
            if peer.name in failures:
                continue
            try:
                cost = run(peer.command(job), peer.standard_input(job))
            except subprocess.CalledProcessError as error:
                failures[peer.name] = error.stderr.decode(errors="replace").strip()[-200:]
                continue
            if round_:
                costs[peer.name].append(cost)
    table = Table(source.name, {name: take_median(some) for name, some in costs.items() if some})
    sys.stdout.write(f"{table.as_text()}\n")
    for name, reason in failures.items():
        sys.stdout.write(f"{name} failed: {reason}\n")
    sys.stdout.flush()
    return table


def measure_warm(source: Path, runs: int) -> tuple[float, float]:
    """Measure CPU seconds within one process, after a warm-up: ours, and the plain Pillow way's."""
    command = [sys.executable, "-c", WARM, str(source), str(runs)]
    ours, plain = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(ours), float(plain)


def describe_machine() -> str:
    """Name what it was measured on."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = lines[0].partition(":")[2].strip() if lines else model
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    )


main()
