"""Results of `benchmarks.privacy` that are kept in a folder, so that a run can be continued."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.measure import Cost
from benchmarks.privacy_scores import Found


class Results:
    """Results by name: those in a folder are not measured again."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def take(self, name: str, measure: Callable[[], Any]) -> Any:
        """Return what was measured before, or measure and keep it; it is JSON."""
        if self._folder is None:
            return measure()
        path = self._folder / f"{name.replace(' ', '-')}.json"
        if path.exists():
            return json.loads(path.read_text())
        made = measure()
        self._folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(made))
        return made

    def take_found(
        self, name: str, measure: Callable[[], tuple[list[Found], Cost]]
    ) -> tuple[list[Found], Cost]:
        """Return what a program found, and what that took."""

        def describe() -> dict[str, Any]:
            found, cost = measure()
            return {"found": [asdict(each) for each in found], "cost": asdict(cost)}

        made = self.take(name, describe)
        found = [
            Found(
                tuple(map(tuple, each["boxes"])), tuple(map(tuple, each["areas"])), each["ellipse"]
            )
            for each in made["found"]
        ]
        return found, Cost(**made["cost"])
