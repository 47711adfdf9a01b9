"""Files of earlier uploads that push leaves in a folder, or removes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pixelater.look import parse_look
from pixelater_cli.aws.operations.stale_downloads import list_stale
from pixelater_cli.aws.stack import Stack
from pixelater_cli.aws.stack_looks import make_settings

PLAIN = Stack("123456789012", "eu-central-1", grids=(8,))
FACES = replace(PLAIN, **make_settings(parse_look({"only": "faces"})))
AUTO = replace(PLAIN, **make_settings(parse_look({"format": "auto", "grids": "8"}), grids=(8,)))
FORMER = replace(FACES, former_grids=("8", "preview"))
PICTURE, LIST = "in/pixelated-regions-a.jpg", "in/a.jpg.regions.json"
RENAMED = "in/pixelated-regions-a.png"
MOSAIC, WEBP, PNG = (f"in/pixelated-8x8-a.{suffix}" for suffix in ("jpg", "webp", "png"))


@pytest.mark.parametrize(
    ("stack", "saved", "current", "stale"),
    [
        (FACES, {PICTURE, LIST}, {LIST}, {PICTURE}),
        (FACES, {PICTURE, LIST}, {PICTURE, LIST}, set()),
        (FACES, {PICTURE, RENAMED, LIST}, {RENAMED, LIST}, {PICTURE}),
        (FACES, {"in/pixelated-regions-b.jpg", "in/a.jpg", MOSAIC}, {LIST}, set()),
        (FORMER, {MOSAIC, "in/a.jpg.preview.json"}, {LIST}, {MOSAIC, "in/a.jpg.preview.json"}),
        (AUTO, {WEBP, PNG}, {PNG}, {WEBP}),
        (PLAIN, {MOSAIC}, {MOSAIC}, set()),
    ],
)
def test_other_names_of_a_photo_are_stale(
    stack: Stack, saved: set[str], current: set[str], stale: set[str]
) -> None:
    found = list_stale(stack, "in/a.jpg", current, saved.__contains__, lambda _key: False)
    assert set(found) == stale


@pytest.mark.parametrize(("photos", "stale"), [(set(), [RENAMED]), ({"in/a.png"}, [])])
def test_names_of_another_photo_are_not_stale(photos: set[str], stale: list[str]) -> None:
    saved = {RENAMED}
    found = list_stale(FACES, "in/a.jpg", [LIST], saved.__contains__, photos.__contains__)
    assert list(found) == stale


@pytest.mark.parametrize(
    ("stack", "saved", "stale"),
    [
        (FACES, {PICTURE, LIST}, {PICTURE, LIST}),
        (FORMER, {MOSAIC}, set()),
        (PLAIN, {MOSAIC}, set()),
    ],
)
def test_failed_photo_leaves_no_picture_with_hidden_regions(
    stack: Stack, saved: set[str], stale: set[str]
) -> None:
    found = list_stale(
        stack, "in/a.jpg", [], saved.__contains__, lambda _key: False, has_failed=True
    )
    assert set(found) == stale
