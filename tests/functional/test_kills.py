"""An emulator that is killed while photos are uploaded; `python -m benchmarks.kills` does more."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.kills import make_photos, run_round


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_kill_during_uploads_loses_no_acknowledged_photo(tmp_path: Path, seed: int) -> None:
    """Each photo is there with its bytes after a restart, and gets its five mosaics."""
    found = run_round(tmp_path, make_photos(100, seed), random.Random(seed))
    assert found.sound, found
    assert found.acknowledged > 0
