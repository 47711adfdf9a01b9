"""`python -m benchmarks`: measures, prints, and with --write puts it into docs/explanation/performance.md.

python -m benchmarks [--runs 5] [--photos DIR] [--write]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from compileall import compile_dir
from importlib import resources
from pathlib import Path

from PIL import Image

from benchmarks import photos
from benchmarks.measure import Cost, run, take_median
from benchmarks.ours import measure_ours
from benchmarks.peers import Job, Peer, find_peers
from benchmarks.report import Table, describe_machine, write_report, write_section
from benchmarks.startup import describe, measure_startup


def main() -> None:
    """Measure everything, alternating between peers, and show the medians."""
    options = read_options()
    peers = find_peers()
    for package in ("pixelater_cli", "pixelater"):  # As pip does for the peers.
        compile_dir(str(resources.files(package)), quiet=1)
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.photos or Path(scratch)
        jobs = [(12, "jpg"), (24, "jpg"), (12, "png"), (4, "webp")]
        sources = [photos.write(folder, *job) for job in jobs]
        tables = [compare(peers, source, Path(scratch), options.runs) for source in sources]
        sizes = (0.3, 0.5, 1, 2, 4, 6, 12, 24, 48)
        growth = {}
        for megapixels in sizes:
            source = photos.write(folder, megapixels, "jpg")
            growth[megapixels] = compare(peers[:2], source, Path(scratch), options.runs).costs
        ours = measure_ours(sources, Path(scratch), options.runs)
    startup = describe(measure_startup(max(options.runs, 15)), max(options.runs, 15))
    sys.stdout.write("\n".join([*ours.sentences, *startup]) + "\n")
    if options.write:
        write_report(tables, growth, ours, peers, describe_machine())
        write_section("start-up", startup)


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each; default 5")
    parser.add_argument("--photos", type=Path, help="folder with photo-12mp.jpg and so on")
    parser.add_argument(
        "--write", action="store_true", help="write docs/explanation/performance.md"
    )
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


main()
