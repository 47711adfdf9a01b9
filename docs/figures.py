"""Figures that several pages show, taken from the page on performance."""

from __future__ import annotations

import re
from typing import Any

from docs.console import ROOT

PAGE = ROOT / "docs" / "explanation" / "performance.md"
ROW = re.compile(r"^\| (?P<name>[^|]+) \|.* \| (?P<cpu>[\d.]+) \| [\d.]+ \|$", re.MULTILINE)


def show_cpu_ratios(cog: Any, photo: str) -> None:
    """Write a table of the CPU time of all programs for a photo, the fastest first."""
    _, _, table = PAGE.read_text().partition(f"| {photo} |")
    ratios = {row["name"]: float(row["cpu"]) for row in ROW.finditer(table.partition("\n\n")[0])}
    cog.outl("| program | CPU ratio |\n|---|---|")
    for name, ratio in sorted(ratios.items(), key=lambda item: item[1]):
        cog.outl(f"| {name} | {ratio} |")
