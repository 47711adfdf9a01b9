"""Measuring of start-up: the imports alone, the overview, and a photo of a few pixels.

python -m benchmarks.startup [--runs 15] [--write]
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

from benchmarks.measure import Cost, run, take_median
from benchmarks.report import describe_machine, write_section

TYPER, HELP, TINY = "python -c 'import typer'", "pixelater --help", "pixelater run tiny.png"
IMPORTS = "python -c 'import typer, PIL.Image'"
WORK = "pixelate() of tiny.png, in a process that has done it before"
HELP_LIMIT = 1.5
"""How many times the CPU of Typer alone the overview may take."""
TINY_LIMIT = 0.03
"""Seconds of CPU that a run may take in addition to the imports and the work."""

TINY_WORK = """
import sys, time
from statistics import median
from pixelater import pixelate
times = [time.process_time()]
for _ in range(15):
    pixelate(sys.argv[1])
    times.append(time.process_time())
print(median(stop - start for start, stop in zip(times[1:], times[2:])))
"""


def main() -> None:
    """Measure, show the table, and write it if that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.startup")
    parser.add_argument("--runs", type=int, default=15, help="counted runs of each; default 15")
    parser.add_argument(
        "--write", action="store_true", help="write docs/explanation/performance.md"
    )
    options = parser.parse_args()
    costs = measure_startup(options.runs)
    text = describe(costs, options.runs)
    sys.stdout.write("\n\n".join(text) + "\n")
    if options.write:
        write_section("start-up", text)


def measure_startup(runs: int) -> dict[str, Cost]:
    """Run each in turn, once uncounted and then `runs` times; take the median of each figure."""
    for package in ("pixelater_cli", "pixelater", "typer"):  # As pip does.
        compile_dir(str(resources.files(package)), quiet=1)
    with tempfile.TemporaryDirectory() as scratch:
        tiny = Path(scratch, "tiny.png")
        Image.new("RGB", (80, 80), "red").save(tiny)
        program = str(Path(sys.executable).with_name("pixelater"))
        out = str(Path(scratch, "out"))
        commands = {
            TYPER: [sys.executable, "-c", "import typer"],
            IMPORTS: [sys.executable, "-c", "import typer, PIL.Image"],
            HELP: [program, "--help"],
            TINY: [program, "run", str(tiny), "--force", "--out", out],
        }
        rounds = [
            {name: run(command) for name, command in commands.items()} for _ in range(runs + 1)
        ]
        work = [_measure_work(tiny) for _ in range(3)]
    costs = {name: take_median([one[name] for one in rounds[1:]]) for name in commands}
    return costs | {WORK: take_median(work)}


def _measure_work(photo: Path) -> Cost:
    """Measure the work alone, which takes as long as its CPU, in a process of its own."""
    command = [sys.executable, "-c", TINY_WORK, str(photo)]
    seconds = float(subprocess.run(command, capture_output=True, check=True).stdout)
    return Cost(seconds, seconds, 0)


def describe(costs: dict[str, Cost], runs: int) -> list[str]:
    """Put the costs into a table in Markdown, under what was measured and how."""
    limits = {
        HELP: HELP_LIMIT * costs[TYPER].cpu,
        TINY: costs[IMPORTS].cpu + costs[WORK].cpu + TINY_LIMIT,
    }
    rows = ["| start-up | CPU ms | wall ms | CPU ms, at most |", "|---|---|---|---|"]
    for name, cost in costs.items():
        limit = f"{1000 * limits[name]:.0f}" if name in limits else ""
        code = name if name == WORK else f"`{name}`"
        rows.append(f"| {code} | {1000 * cost.cpu:.0f} | {1000 * cost.wall:.0f} | {limit} |")
    return [
        f"Machine: {describe_machine()}. Medians of {runs} runs, in turns; tiny.png has 80 x 80 "
        "pixels, and `--force` creates its five mosaics each time.",
        "\n".join(rows),
    ]


if __name__ == "__main__":
    main()
