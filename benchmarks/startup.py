"""Owns measuring start-up: Typer alone, the overview, and a picture of a few pixels.

python -m benchmarks.startup [--runs 15] [--write]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from compileall import compile_dir
from importlib import resources
from pathlib import Path

from PIL import Image

from benchmarks.measure import Cost, run, take_median
from benchmarks.report import describe_machine, write_section

TYPER, HELP, TINY = "python -c 'import typer'", "pixelater --help", "pixelater run tiny.png"
LIMITS = {HELP: 1.5, TINY: 2.5}
"""How many times as long as Typer alone each may take."""


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
            HELP: [program, "--help"],
            TINY: [program, "run", str(tiny), "--force", "--out", out],
        }
        rounds = [
            {name: run(command) for name, command in commands.items()} for _ in range(runs + 1)
        ]
    return {name: take_median([one[name] for one in rounds[1:]]) for name in commands}


def describe(costs: dict[str, Cost], runs: int) -> list[str]:
    """Put the costs into a table in Markdown, under what was measured and how."""
    base = costs[TYPER]
    rows = [
        "| start-up | CPU ms | wall ms | CPU, Typer = 1 | wall, Typer = 1 | at most |",
        "|---|---|---|---|---|---|",
    ]
    for name, cost in costs.items():
        figures = f"{1000 * cost.cpu:.0f} | {1000 * cost.wall:.0f}"
        factors = f"{cost.cpu / base.cpu:.2f} | {cost.wall / base.wall:.2f}"
        rows.append(f"| `{name}` | {figures} | {factors} | {LIMITS.get(name, '')} |")
    return [
        f"Machine: {describe_machine()}. Medians of {runs} runs, in turns; tiny.png has 80 x 80 "
        "pixels, and `--force` creates its five mosaics each time.",
        "\n".join(rows),
    ]


if __name__ == "__main__":
    main()
