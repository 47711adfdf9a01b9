"""Measured part of docs/explanation/performance.md: tables between its markers, and a plot."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Cost
from benchmarks.ours import Ours
from benchmarks.peers import Peer

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "performance.md"
COLOURS = {"pixelater": "#0b7285", "plain Pillow": "#c92a2a"}


@dataclass(frozen=True)
class Table:
    """The medians of all peers on one photo."""

    photo: str
    costs: dict[str, Cost]

    def as_text(self) -> str:
        """Lay out a table in Markdown; ratios are the program's figures over pixelater's."""
        ours = self.costs["pixelater"]
        lines = [
            f"| {self.photo} | CPU s | wall s | peak MiB | CPU ratio | memory ratio |",
            "|---|---|---|---|---|---|",
        ]
        for name, cost in self.costs.items():
            factors = f"{cost.cpu / ours.cpu:.1f} | {cost.memory / ours.memory:.1f}"
            figures = f"{cost.cpu:.2f} | {cost.wall:.2f} | {cost.memory:.0f}"
            lines.append(f"| {name} | {figures} | {factors} |")
        return "\n".join(lines) + "\n"


def write_report(
    tables: list[Table],
    growth: dict[float, dict[str, Cost]],
    ours: Ours,
    peers: list[Peer],
    machine: str,
) -> None:
    """Write the measured part of docs/explanation/performance.md, and the plot beside it."""
    PAGE.with_suffix(".svg").write_text(draw_plot(growth))
    versions = ", ".join(f"{peer.name} {peer.version}" for peer in peers)
    sizes = [
        "| megapixels | " + " | ".join(f"{name}, CPU ms" for name in COLOURS) + " | ratio |",
        "|---" * (len(COLOURS) + 2) + "|",
        *(_describe_size(size, costs) for size, costs in growth.items()),
    ]
    measured = [
        f"Machine: {machine}. Versions: {versions}.",
        *(table.as_text().rstrip() for table in tables),
        *ours.sentences,
        "![CPU time against size](performance.svg)",
        "\n".join(sizes),
    ]
    write_section("measured", measured)


def _describe_size(size: float, costs: dict[str, Cost]) -> str:
    """Lay out a line; below a ratio of 1, plain Pillow takes less."""
    ours, plain = (costs[name].cpu for name in COLOURS)
    return f"| {size} | {1000 * ours:.0f} | {1000 * plain:.0f} | {plain / ours:.1f} |"


def write_section(name: str, paragraphs: list[str], page: Path = PAGE) -> None:
    """Write what stands between the two markers of a section, and leave the rest of the page."""
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, found, rest = page.read_text().partition(start)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise ValueError(f"{page} has no section {name}")
    page.write_text(before + "\n\n".join([start, *paragraphs, end]) + after)


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


def draw_plot(growth: dict[float, dict[str, Cost]]) -> str:
    """Draw CPU seconds against megapixels, one line for each program."""
    width, height, left, top = 640, 320, 60, 20
    most = max(cost.cpu for costs in growth.values() for cost in costs.values())
    largest = max(growth)

    def place(size: float, seconds: float) -> str:
        x = left + (width - left - 90) * size / largest
        return f"{x:.1f},{height - 40 - (height - 40 - top) * seconds / most:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<path d="M{place(0, most)} L{place(0, 0)} L{place(largest, 0)}" fill="none" stroke="#555"/>',
        f'<text x="{width / 2}" y="{height - 6}" text-anchor="middle">megapixels of a JPEG</text>',
        f'<text x="14" y="{top + 4}">CPU s</text>',
    ]
    for size in growth:
        if size < 6:
            continue  # The numbers would lie over each other.
        x, y = place(size, 0).split(",")
        parts.append(f'<text x="{x}" y="{float(y) + 16}" text-anchor="middle">{size}</text>')
    for tick in range(1, int(most) + 1):
        x, y = place(0, tick).split(",")
        parts.append(f'<text x="{float(x) - 8}" y="{float(y) + 4}" text-anchor="end">{tick}</text>')
    for name, colour in COLOURS.items():
        points = [place(size, costs[name].cpu) for size, costs in growth.items()]
        parts.append(
            f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        x, y = points[-1].split(",")
        parts.append(f'<text x="{float(x) + 6}" y="{float(y) + 4}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
