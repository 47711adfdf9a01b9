"""What looks and rules must do wherever a stack runs.

These tests know a `place` and no more, as those of tests/pipeline.py do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from pixelater import name_mosaic, pixelate
from pixelater.look import Look, parse_look
from pixelater.presets import PRESETS
from tests.pictures import encode, make_scene
from tests.pipeline import PHOTO, Pipeline, Place, remove, steps

NEWER = encode(make_scene((300, 200)).rotate(180), "JPEG")
PREVIEW = parse_look(PRESETS["preview"].words)
AVATARS = parse_look({**PRESETS["preview"].words, "grids": "8"})
ART = parse_look({**PRESETS["preview"].words, "cell-size": "25", "palette": "gameboy"})

RULES = """
[[rules]]
prefix = "x/avatars/"
grids = [8]

[[rules]]
prefix = "x/art/"
cell-size = 25
palette = "gameboy"
"""

TOO_LONG = "".join(
    f'[[rules]]\nprefix = "x/{n}/"\npalette = "'
    + ",".join(f"#{(n * 7919 + i * i * i * 2654435761) % 2**24:06x}" for i in range(250))
    + '"\n'
    for n in range(4)
)

PRESET = ("--preset", "preview", "--prefix", "x/")


@pytest.fixture(scope="module")
def ruled(place: Place) -> Iterator[Pipeline]:
    """A stack with a preset and a prefix, removed in the end."""
    folder = place.folder / "rules"
    folder.mkdir(exist_ok=True)  # A worker may leave this module and come back.
    own = replace(place, stack=f"{place.stack}-r", folder=folder)
    try:
        yield Pipeline(own, own.run("deploy", "--yes", *PRESET))
    finally:
        (folder / "pixelater.toml").unlink(missing_ok=True)
        remove(own)


def set_rules(ruled: Pipeline, rules: str) -> None:
    (ruled.place.folder / "pixelater.toml").write_text(rules)


def make(key: str, look: Look, photo: bytes = PHOTO) -> dict[str, bytes]:
    made = pixelate(photo, look.grids, look.style, exact=look.exact)
    return {name_mosaic(key, mosaic): mosaic.data for mosaic in made}


def list_details(document: dict[str, Any]) -> set[str]:
    """List what a plan says of the settings of the stack."""
    changes = document["changes"]
    named = [one for one in changes if one["resource"].startswith("settings of stack ")]
    return {detail for one in named for detail in one["details"]}


def test_a_preset_is_deployed_to_a_prefix(ruled: Pipeline) -> None:
    set_rules(ruled, "")
    ruled.place.run("deploy", "--yes", *PRESET)
    wanted = make("x/photo.jpg", PREVIEW)
    ruled.put("x/photo.jpg", PHOTO)
    assert ruled.get(list(wanted)) == wanted
    assert steps(ruled.place.run("deploy", "--plan", *PRESET)) == []


def test_rules_give_their_keys_looks(ruled: Pipeline) -> None:
    set_rules(ruled, RULES)
    planned = ruled.place.run("deploy", "--plan", *PRESET, code=3)
    look = "format webp, cells square, size native"
    assert {each for each in list_details(planned) if "former_grids" not in each} == {
        f"rule 1 nothing -> x/avatars/: grids 8, {look}",
        f"rule 2 nothing -> x/art/: {look.replace('size', 'cell-size 25, size')}, palette gameboy",
    }
    ruled.place.run("deploy", "--yes", *PRESET)
    assert steps(ruled.place.run("deploy", "--plan", *PRESET)) == []
    wanted = dict[str, bytes]()
    for key, look_of_key in {
        "x/avatars/a.jpg": AVATARS,
        "x/art/a.jpg": ART,
        "x/a.jpg": PREVIEW,
    }.items():
        ruled.put(key, PHOTO)
        wanted |= make(key, look_of_key)
    assert "x/art/pixelated-25px-a.webp" in wanted
    assert ruled.get(list(wanted)) == wanted


def test_push_waits_for_the_mosaics_of_rules(ruled: Pipeline) -> None:
    set_rules(ruled, RULES)
    place = ruled.place
    place.run("deploy", "--yes", *PRESET)
    (place.folder / "b.jpg").write_bytes(PHOTO)
    for prefix, look in {"x/avatars/": AVATARS, "x/art/": ART}.items():
        options = ("b.jpg", "--key-prefix", prefix, "--out", f"out/{prefix}")
        (pushed,) = place.run("push", *options)["photos"]
        wanted = make(f"{prefix}b.jpg", look)
        assert [mosaic["key"] for mosaic in pushed["mosaics"]] == list(wanted)
        assert [mosaic["cell_size"] for mosaic in pushed["mosaics"]] == [look.style.cell_size or 0]


def test_mosaics_that_a_removed_rule_left_are_kept_up_to_date(ruled: Pipeline) -> None:
    """The photo of a removed rule has the look of all others, and what it had stays current."""
    set_rules(ruled, RULES)
    place, key = ruled.place, "x/art/left.jpg"
    place.run("deploy", "--yes", *PRESET)
    ruled.put(key, PHOTO)
    before = make(key, ART)
    ruled.get(list(before))
    set_rules(ruled, "")
    place.run("deploy", "--yes", *PRESET)
    place.read("backfill", "--plan", "--prefix", key, code=3)
    ruled.put(key, NEWER)
    wanted = make(key, PREVIEW, NEWER)
    assert ruled.get(list(wanted)) == wanted
    left = make(key, replace(PREVIEW, style=replace(PREVIEW.style, cell_size=25)), NEWER)
    assert left.keys() == before.keys()
    ruled.wait_until(lambda: ruled.get(list(left)) == left)
    place.read("backfill", "--plan", "--prefix", key, code=0)


def test_rollback_brings_looks_back(ruled: Pipeline) -> None:
    set_rules(ruled, RULES)
    place = ruled.place
    place.run("deploy", "--yes", *PRESET)
    set_rules(ruled, "")
    # No other test makes such mosaics, so that the version before does not know of them.
    place.run("deploy", "--yes", "--grids", "21", "--format", "webp", "--prefix", "x/")
    place.run("rollback")
    key = "x/avatars/back.jpg"
    wanted = make(key, AVATARS)
    ruled.put(key, PHOTO)
    assert ruled.get(list(wanted)) == wanted
    # It is a new version, which knows of later mosaics: so the function has its settings, too.
    assert {one["state"] for one in place.run("status")["resources"]} == {"present"}


def test_too_long_rules_are_refused_and_nothing_changes(ruled: Pipeline) -> None:
    place = ruled.place
    set_rules(ruled, "")
    place.run("deploy", "--yes", *PRESET)
    set_rules(ruled, TOO_LONG)
    refused = json.loads(place.read("deploy", "--yes", *PRESET, code=2))
    assert "Lambda allows 4,096" in refused["error"]["message"]
    assert all(f"rule x/{number}/ " in refused["error"]["message"] for number in range(4))
    set_rules(ruled, "")
    assert steps(place.run("deploy", "--plan", *PRESET)) == []
