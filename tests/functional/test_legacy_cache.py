"""Run caches of 0.1.0: the mosaics that they list are pixelater's."""

from __future__ import annotations

import json
from pathlib import Path
from zlib import crc32

import pytest

from pixelater_cli.local.legacy_cache import load_legacy_lines
from pixelater_cli.local.run_cache import RunCache, find_cache
from tests.functional.conftest import Pixelater
from tests.pictures import encode, make_scene

RECORDED = (
    "'{folder}/photo.png'\t(\"((Order(grids=(8, 16), style=Style(format='same', quality=90, "
    "optimize=False, background=(255, 255, 255)), max_pixels=None, exact=False, preview=False), "
    "'{{stem}}-{{grid}}{{suffix}}'), '13.0.0', 1795475973000000000)\", "
    "(202342, 1795704083933199047, 1795704083933199047), "
    "((8, '{folder}/pixelated/photo-8.png', 0, "
    "(50118, 1795704084317042590, 1795704084317042590)), "
    "(16, '{folder}/pixelated/photo-16.png', 0, "
    "(78358, 1795704084317479526, 1795704084317479526))), (), ())"
)
"""What `pixelater run photo.png --grids 8,16 --name "{stem}-{grid}{suffix}"` of 0.1.0 wrote."""

COMMAND = ("run", "photo.png", "--grids", "8,16", "--name", "{stem}-{grid}{suffix}", "--json")


def write_legacy_cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a photo, its mosaics as 0.1.0 left them, and the cache of 0.1.0 that lists them."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    (folder / "photo.png").write_bytes(encode(make_scene()))
    out = folder / "pixelated"
    out.mkdir()
    for name in ("photo-8.png", "photo-16.png"):
        (out / name).write_bytes(b"a mosaic of 0.1.0")
    path = find_cache() / "runs" / f"{crc32(str(out).encode()):08x}"
    path.parent.mkdir(parents=True)
    path.write_text(RECORDED.format(folder=folder))
    return path


def test_mosaics_of_0_1_0_are_replaced_without_force(
    pixelater: Pixelater, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    legacy = write_legacy_cache(tmp_path, monkeypatch)
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    first, second = (json.loads(pixelater(*COMMAND, **environment).out) for _ in range(2))
    assert [photo["error"] for photo in (*first["photos"], *second["photos"])] == ["", ""]
    assert [photo["up_to_date"] for photo in first["photos"]] == [False]
    assert (tmp_path / "pixelated" / "photo-8.png").read_bytes().startswith(b"\x89PNG")
    assert not legacy.exists()
    assert legacy.with_suffix(".jsonl").exists()


def test_file_unknown_to_the_cache_of_0_1_0_still_wants_force(
    pixelater: Pixelater, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    legacy = write_legacy_cache(tmp_path, monkeypatch)
    legacy.write_text(legacy.read_text().replace("photo-8.png", "other-8.png"))
    done = pixelater(*COMMAND, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert done.code == 1
    assert (tmp_path / "pixelated" / "photo-8.png").read_bytes() == b"a mosaic of 0.1.0"


def test_legacy_cache_lists_its_mosaics_until_a_new_one_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    legacy = write_legacy_cache(tmp_path, monkeypatch)
    cache = RunCache(legacy.with_suffix(".jsonl"), legacy)
    names = (str(tmp_path / "pixelated" / f"photo-{grid}.png") for grid in (8, 16))
    assert (cache.list_mosaics(), cache.problem) == (frozenset(names), "")


@pytest.mark.parametrize(
    "damaged",
    ["", "'a", "'a'\t(", "'a'\t{1}", "'a'\tb'x'", "'a'\t" + "(" * 5000, "[" * 5000, "\t\t", "é"],
)
def test_damaged_lines_of_a_legacy_cache_are_skipped(tmp_path: Path, damaged: str) -> None:
    path = tmp_path / "0123abcd"
    path.write_text(f"{damaged}\n'b'\t(1, 2)\n")
    whole = {} if damaged == "é" else {"b": "[1, 2]"}
    assert load_legacy_lines(path, 100_000) == whole
