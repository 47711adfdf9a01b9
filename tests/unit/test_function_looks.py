"""Looks and rules in the function: the variable that holds them, and the mosaics they lead to."""

from __future__ import annotations

import os
from base64 import b64encode
from dataclasses import replace
from zlib import compress as deflate

import pytest

from pixelater import GRIDS, pixelate
from pixelater.look import REDACTION_WORDS, WORDS, Look, Rule, parse_look
from pixelater.outputs import PREVIEW, Output, list_outputs, parse_outputs
from pixelater.presets import PRESETS
from pixelater.style import Style
from pixelater_cli.aws.stack import Stack
from pixelater_cli.aws.stack_looks import make_settings
from pixelater_cli.emulator.expected_objects import make_expected
from pixelater_function.looks_variable import compress, decompress, make_document, read_document
from pixelater_function.recipe import compute_recipe
from pixelater_function.settings import BadConfiguration, read_function_settings
from tests.pictures import encode, make_scene
from tests.unit.test_events import make_record
from tests.unit.test_handler import (
    GOOD,
    PHOTO,
    REMOVAL,
    DictionaryS3,
    change_grids,
    handle,
    list_mosaics,
    s3,
    sqs,
)

__all__ = ["s3", "sqs"]

ONE_WORD = {
    "grids": "4,12",
    "exact": "true",
    "format": "webp",
    "quality": "55",
    "optimize": "true",
    "background": "#336699",
    "cells": "square",
    "cell-size": "9",
    "size": "x3",
    "palette": "gameboy",
    "dither": "bayer4",
    "dither-strength": "0.5",
    "tone": "keep",
    "kernel": "crisp",
    "alpha-threshold": "0.4",
    "trim": "true",
    "outline": "true",
    "outline-color": "#ff0000",
    "pot": "true",
    "placeholders": "true",
}
"""A value other than the default for each word."""

NEEDED = {
    "dither": {"palette": "8"},
    "dither-strength": {"palette": "8", "dither": "floyd"},
    "tone": {"palette": "gray-4"},
    **{name: {"size": "native"} for name in ("trim", "outline", "pot")},
    "outline-color": {"outline": "true", "size": "x3"},
}
"""Words without which others have no effect."""

LOOKS = {
    **{name: {**NEEDED.get(name, {}), name: value} for name, value in ONE_WORD.items()},
    "own colors": {"palette": "#102030,#ff8800,#ffffff"},
    "auto": {"format": "auto"},
    **{name: preset.words for name, preset in PRESETS.items()},
}


STACK = Stack("123456789012", "eu-central-1")


def set_looks(
    monkeypatch: pytest.MonkeyPatch, words: dict[str, str], *rules: tuple[str, dict[str, str]]
) -> None:
    """Set the variables of the function."""
    look = parse_look(words)
    parsed = [Rule(prefix, parse_look(each)) for prefix, each in rules]
    monkeypatch.setenv("PIXELATER_GRIDS", ",".join(map(str, look.grids)))
    monkeypatch.setenv("PIXELATER_LOOKS", compress(make_document(look, parsed)))


def list_bodies(s3: DictionaryS3) -> dict[str, bytes]:
    return {key: s3.objects["mosaics", key]["Body"] for key in sorted(list_mosaics(s3))}


def test_each_word_has_a_value_to_test() -> None:
    """Those of hidden regions are in test_hidden_photos.py."""
    assert ONE_WORD.keys() | REDACTION_WORDS.keys() == WORDS.keys()


@pytest.mark.parametrize("words", LOOKS.values(), ids=LOOKS)
def test_function_makes_the_bytes_of_the_library(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch, words: dict[str, str]
) -> None:
    set_looks(monkeypatch, words)
    look = parse_look(words)
    handle(GOOD)
    stack = replace(STACK, **make_settings(look, grids=look.grids))
    assert list_bodies(s3) == make_expected(stack, "a b.jpg", PHOTO).contents


@pytest.mark.parametrize("words", LOOKS.values(), ids=LOOKS)
def test_function_finds_its_own_mosaics_without_the_photo(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch, words: dict[str, str]
) -> None:
    set_looks(monkeypatch, words)
    handle(GOOD)
    made = list_bodies(s3)
    s3.calls.clear()
    handle(GOOD)
    if words.get("format") != "auto":  # Which format that is, is known when they are made.
        assert {*s3.calls} == {"head"}
    assert list_bodies(s3) == made


@pytest.mark.parametrize("words", LOOKS.values(), ids=LOOKS)
def test_looks_survive_the_variable(words: dict[str, str]) -> None:
    look = parse_look(words)
    rules = (Rule("a/", look), Rule("", Look()))
    document = make_document(look, rules)
    assert decompress(compress(document)) == document
    assert read_document(document) == (replace(look, grids=GRIDS), rules)


def test_default_look_needs_no_variable() -> None:
    assert compress(make_document(Look((4, 8)), ())) == ""


RULES = (("avatars/", {"grids": "8", "format": "png"}), ("av", {"cell-size": "20"}))


@pytest.mark.parametrize(
    ("key", "outputs"),
    [
        ("avatars/x.jpg", (Output(8, 0, "png"),)),
        ("avatars", (Output(0, 20),)),
        ("AVATARS/x.jpg", (Output(4, 0, "webp"),)),
        ("x/avatars/x.jpg", (Output(4, 0, "webp"),)),
    ],
)
def test_first_rule_that_matches_wins(
    monkeypatch: pytest.MonkeyPatch, key: str, outputs: tuple[Output, ...]
) -> None:
    set_looks(monkeypatch, {"grids": "4", "format": "webp"}, *RULES)
    monkeypatch.setenv("bucket_1", "mosaics")
    assert list_outputs(read_function_settings(os.environ).find_look(key)) == outputs


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("eJw=", "PIXELATER_LOOKS: it is not compressed JSON"),
        ("~", "PIXELATER_LOOKS: it is not compressed JSON"),
        (b64encode(deflate(b"[]")).decode(), "PIXELATER_LOOKS: it is not a JSON object"),
        (compress({"look": {"cells": "round"}}), "PIXELATER_LOOKS: 'round' is not one of"),
        (compress({"look": {"shape": "x"}}), "PIXELATER_LOOKS: not an option of a look"),
        (compress({"look": 5}), "PIXELATER_LOOKS: it does not describe looks"),
        (compress({"rules": [{"grids": "8"}]}), "PIXELATER_LOOKS: it does not describe looks"),
        (compress({"rules": ["8"]}), "PIXELATER_LOOKS: it does not describe looks"),
    ],
)
def test_invalid_looks_are_refused(value: str, message: str) -> None:
    with pytest.raises(BadConfiguration, match=message):
        read_function_settings({"bucket_1": "mosaics", "PIXELATER_LOOKS": value})


@pytest.mark.parametrize(
    "word", ["", "00", "0px", "x", "8.exe", "px", "16px.", "70000px", "5000", "8 "]
)
def test_word_of_no_output_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="is not an output"):
        parse_outputs([word])
    with pytest.raises(BadConfiguration, match="PIXELATER_FORMER_GRIDS"):
        read_function_settings({"bucket_1": "mosaics", "PIXELATER_FORMER_GRIDS": f"8,{word}"})


NEWER = encode(make_scene().rotate(180), "JPEG")

CHANGES = [
    ({"grids": "8"}, {"grids": "8", "format": "webp"}, "8", ["pixelated-8x8-a b.jpg"]),
    ({"grids": "8", "format": "webp"}, {"grids": "8"}, "8.webp", ["pixelated-8x8-a b.webp"]),
    ({"cell-size": "20"}, {"grids": "8"}, "20px", ["pixelated-20px-a b.jpg"]),
    ({"grids": "4"}, {"cell-size": "20"}, "4", ["pixelated-4x4-a b.jpg"]),
    ({"grids": "4", "palette": "cga"}, {"grids": "4"}, "4.lossless", ["pixelated-4x4-a b.png"]),
    ({"grids": "4"}, {"grids": "4", "palette": "cga"}, "4", ["pixelated-4x4-a b.jpg"]),
    ({"grids": "4", "format": "auto"}, {"grids": "4"}, "4.auto", ["pixelated-4x4-a b.webp"]),
]


@pytest.mark.parametrize(("before", "after", "former", "left"), CHANGES)
def test_later_upload_replaces_mosaics_of_former_looks(
    s3: DictionaryS3,
    monkeypatch: pytest.MonkeyPatch,
    before: dict[str, str],
    after: dict[str, str],
    former: str,
    left: list[str],
) -> None:
    set_looks(monkeypatch, before)
    handle(GOOD)
    earlier = list_bodies(s3)
    set_looks(monkeypatch, after)
    monkeypatch.setenv("PIXELATER_FORMER_GRIDS", former)
    s3.objects["photos", "a b.jpg"] = {"Body": NEWER}
    (photo,) = handle(GOOD)["photos"]
    bodies = list_bodies(s3)
    assert bodies.keys() == {*photo["mosaics"], *left}
    look = parse_look(after)
    for name in left:
        assert bodies[name] != earlier[name]
        (output,) = parse_outputs([former])
        assert isinstance(output, Output)
        style = output.fit_style(look.style, output.list_names("a b.jpg")[name])
        assert bodies[name] == pixelate(NEWER, (output.grid or 8,), style)[0].data
    s3.calls.clear()
    handle(GOOD)
    assert {*s3.calls} == {"head"}


@pytest.mark.parametrize(("before", "after", "former", "left"), CHANGES)
def test_mirrored_delete_deletes_mosaics_of_former_looks(
    s3: DictionaryS3,
    monkeypatch: pytest.MonkeyPatch,
    before: dict[str, str],
    after: dict[str, str],
    former: str,
    left: list[str],
) -> None:
    monkeypatch.setenv("PIXELATER_MIRROR_DELETES", "true")
    set_looks(monkeypatch, before)
    handle(GOOD)
    assert list_mosaics(s3) == left
    set_looks(monkeypatch, after)
    monkeypatch.setenv("PIXELATER_FORMER_GRIDS", former)
    handle(GOOD)
    assert len(list_mosaics(s3)) == 2
    del s3.objects["photos", "a b.jpg"]
    handle(REMOVAL)
    assert list_mosaics(s3) == []


def test_mosaics_of_a_new_look_replace_those_of_the_same_name(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_looks(monkeypatch, {"grids": "8", "format": "png"})
    handle(GOOD)
    set_looks(monkeypatch, {"grids": "8", "format": "png", "palette": "gameboy"})
    handle(GOOD)
    style = Style("png", palette="gameboy")
    assert list_bodies(s3) == {"pixelated-8x8-a b.png": pixelate(PHOTO, (8,), style)[0].data}


def test_mosaic_of_now_is_not_made_again_as_a_former_one(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A JPEG named photo.png: its mosaic is not the one that is probable."""
    s3.objects["photos", "a.png"] = {"Body": PHOTO}
    change_grids(monkeypatch, "8", "8.webp,8")
    for _ in range(2):
        assert handle(make_record("a.png"))["photos"][0]["mosaics"] == ["pixelated-8x8-a.jpg"]
    assert list_bodies(s3) == {"pixelated-8x8-a.jpg": pixelate(PHOTO, (8,))[0].data}


def test_mosaic_in_the_other_format_of_auto_becomes_that_of_a_later_upload(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_looks(monkeypatch, {"grids": "8", "format": "auto"})
    handle(GOOD)
    (made,) = list_bodies(s3)
    names = {"pixelated-8x8-a b.webp": "webp", "pixelated-8x8-a b.png": "png"}
    (other,) = names.keys() - {made}
    s3.objects["mosaics", other] = s3.objects.pop(("mosaics", made))
    s3.objects["photos", "a b.jpg"] = {"Body": NEWER}
    handle(GOOD)
    assert list_bodies(s3) == {
        name: pixelate(NEWER, (8,), Style(format_))[0].data for name, format_ in names.items()
    }


def test_recipe_is_of_the_look_without_grids_and_documents() -> None:
    plain = compute_recipe(None, Look())
    assert compute_recipe(None, Look((8,))) == plain
    looks = {name: {**NEEDED.get(name, {}), name: ONE_WORD[name]} for name in ONE_WORD}
    recipes = {compute_recipe(None, parse_look(words)) for words in looks.values()}
    assert len(recipes) == len(ONE_WORD) - 1
    assert recipes > {plain}


def test_recipe_of_a_document_is_of_the_look_with_grids() -> None:
    looks = (Look(), Look((8,)), Look(style=Style("webp")))
    recipes = {compute_recipe(None, look, document) for look in looks for document in ("", PREVIEW)}
    assert len(recipes) == 5
