"""Documents next to mosaics: when the function writes, keeps, replaces and deletes them."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import pytest

from pixelater import make_preview, mosaic, name_mosaic, pixelate
from pixelater.decode.photo import open_photo
from pixelater.look import Look, parse_look
from pixelater.outputs import (
    PREVIEW,
    DocumentOutput,
    Output,
    list_outputs,
    parse_outputs,
    sort_outputs,
)
from pixelater.placeholder.document import VERSION
from tests.pictures import encode, make_scene
from tests.unit.test_function_looks import NEWER, list_bodies, set_looks
from tests.unit.test_handler import (
    GOOD,
    PHOTO,
    REMOVAL,
    DictionaryS3,
    handle,
    list_mosaics,
    read_log,
    s3,
    sqs,
)

__all__ = ["s3", "sqs"]

NAME = "a b.jpg.preview.json"
WORDS = {"grids": "8,16", "placeholders": "true"}


def read_document(s3: DictionaryS3) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(s3.objects["mosaics", NAME]["Body"])
    return document


def test_documents_come_after_mosaics_in_lists() -> None:
    look = parse_look(WORDS)
    outputs = list_outputs(look)
    assert outputs == (Output(8), Output(16), DocumentOutput(PREVIEW))
    assert parse_outputs(map(str, outputs)) == outputs
    assert sort_outputs({*outputs, Output(0, 16)}) == [Output(0, 16), *outputs]


def test_document_is_what_preview_prints_with_the_mosaics(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PNG is decoded in full by both, so every field is the same."""
    photo = encode(make_scene((640, 480)))
    s3.objects["photos", "a b.jpg"] = {"Body": photo}
    set_looks(monkeypatch, WORDS)
    answer = handle(GOOD)
    names = [name_mosaic("a b.jpg", made) for made in pixelate(photo, (8, 16))]
    assert answer["photos"] == [{"key": "a b.jpg", "mosaics": names, "documents": [NAME]}]
    made = asdict(make_preview(photo))
    assert read_document(s3) == {
        "version": VERSION,
        "photo": "a b.jpg",
        "budget": 400,
        **made,
        "warnings": list(made["warnings"]),
        "mosaics": [
            {
                "key": name,
                "grid": grid,
                "cell_size": 0,
                "width": 640,
                "height": 480,
                "media_type": "image/png",
            }
            for name, grid in zip(names, (8, 16), strict=True)
        ],
    }
    assert s3.objects["mosaics", NAME]["ContentType"] == "application/json"


def test_photo_is_decoded_once_for_mosaics_and_preview(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[bytes] = []

    def count(source: bytes, *arguments: Any, **named: Any) -> Any:
        opened.append(source)
        return open_photo(source, *arguments, **named)

    monkeypatch.setattr(mosaic, "open_photo", count)
    set_looks(monkeypatch, WORDS)
    handle(GOOD)
    assert (opened, len(list_mosaics(s3))) == ([PHOTO], 3)


def test_log_counts_mosaics_without_documents(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_looks(monkeypatch, WORDS)
    handle(GOOD)
    assert [line["mosaics"] for line in read_log(capsys)] == [2]


def change_grids(words: dict[str, str]) -> dict[str, str]:
    return {**words, "grids": "8"}


def keep(words: dict[str, str]) -> dict[str, str]:
    return words


@pytest.mark.parametrize(
    ("change", "calls", "named"),
    [(keep, {"head"}, 2), (change_grids, {"head", "get", "put"}, 1)],
)
def test_document_is_written_again_if_its_mosaics_are_others(
    s3: DictionaryS3,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[dict[str, str]], dict[str, str]],
    calls: set[str],
    named: int,
) -> None:
    set_looks(monkeypatch, WORDS)
    handle(GOOD)
    s3.calls.clear()
    set_looks(monkeypatch, change(WORDS))
    handle(GOOD)
    assert ({*s3.calls}, len(read_document(s3)["mosaics"])) == (calls, named)


def test_mosaics_stay_proven_when_documents_are_added(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_looks(monkeypatch, {"grids": "8,16"})
    handle(GOOD)
    mosaics = list_bodies(s3)
    set_looks(monkeypatch, WORDS)
    for calls in ({"head", "get", "put"}, {"head"}):
        s3.calls.clear()
        handle(GOOD)
        assert {*s3.calls} == calls
    bodies = list_bodies(s3)
    assert bodies.keys() == {*mosaics, NAME}
    assert {name: bodies[name] for name in mosaics} == mosaics


def test_document_that_is_not_wanted_any_more_stays_current(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_looks(monkeypatch, WORDS)
    handle(GOOD)
    before = read_document(s3)
    set_looks(monkeypatch, {"grids": "8,16"})
    monkeypatch.setenv("PIXELATER_FORMER_GRIDS", PREVIEW)
    s3.objects["photos", "a b.jpg"] = {"Body": NEWER}
    (photo,) = handle(GOOD)["photos"]
    assert "documents" not in photo
    after = read_document(s3)
    assert after["thumbhash"] == make_preview(NEWER).thumbhash != before["thumbhash"]
    assert after["mosaics"] == before["mosaics"]
    s3.calls.clear()
    handle(GOOD)
    assert {*s3.calls} == {"head"}


def test_document_of_no_former_deploy_is_not_made(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_looks(monkeypatch, {"grids": "8"})
    monkeypatch.setenv("PIXELATER_FORMER_GRIDS", PREVIEW)
    handle(GOOD)
    assert list_mosaics(s3) == ["pixelated-8x8-a b.jpg"]


@pytest.mark.parametrize("former", [False, True])
def test_mirrored_delete_deletes_the_document(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch, former: bool
) -> None:
    monkeypatch.setenv("PIXELATER_MIRROR_DELETES", "true")
    set_looks(monkeypatch, WORDS)
    handle(GOOD)
    assert len(list_mosaics(s3)) == 3
    if former:
        set_looks(monkeypatch, {"grids": "8,16"})
        monkeypatch.setenv("PIXELATER_FORMER_GRIDS", PREVIEW)
    del s3.objects["photos", "a b.jpg"]
    handle(REMOVAL)
    assert list_mosaics(s3) == []


def test_rule_decides_whether_there_is_a_document(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_looks(monkeypatch, {"grids": "8"}, ("a", WORDS))
    handle(GOOD)
    assert NAME in list_mosaics(s3)


def test_placeholders_are_no_part_of_the_default_look() -> None:
    assert list_outputs(Look()) == list_outputs(replace(Look(), placeholders=True))[:-1]


@pytest.mark.parametrize("grids", ["1", "8", "16"])
@pytest.mark.parametrize("size", [(100, 130), (300, 250), (700, 500), (1300, 1000)])
def test_preview_next_to_few_cells_is_that_of_the_command(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch, grids: str, size: tuple[int, int]
) -> None:
    """A JPEG of few cells is decoded in less detail than placeholders need."""
    photo = encode(make_scene(size), "JPEG")
    s3.objects["photos", "a b.jpg"] = {"Body": photo}
    set_looks(monkeypatch, {**WORDS, "grids": grids})
    handle(GOOD)
    made = asdict(make_preview(photo))
    assert {name: read_document(s3)[name] for name in made} == {**made, "warnings": []}


def test_preview_next_to_many_cells_is_nearly_that_of_the_command(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A JPEG of many cells is decoded in more detail: colors differ by some levels at most."""
    photo = encode(make_scene((1300, 1000)), "JPEG")
    s3.objects["photos", "a b.jpg"] = {"Body": photo}
    set_looks(monkeypatch, {**WORDS, "grids": "64"})
    handle(GOOD)
    made, document = make_preview(photo), read_document(s3)
    colors = [
        bytes.fromhex(color[1:]) for color in (made.dominant_color, document["dominant_color"])
    ]
    assert max(abs(a - b) for a, b in zip(*colors, strict=True)) <= 2
    pairs = zip(b64decode(made.thumbhash), b64decode(document["thumbhash"]), strict=True)
    assert sum(a != b for a, b in pairs) <= 6
