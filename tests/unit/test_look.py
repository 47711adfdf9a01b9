"""Looks as words: the same word means the same everywhere."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from pixelater.look import REDACTION_WORDS, WORDS, BadLook, Look, format_look, parse_look
from pixelater.palette import apply
from pixelater.palette.palette import Palette
from pixelater.presets import PRESETS
from pixelater.redaction import Redaction
from pixelater.style import DITHERS, Style

SAMPLES: dict[str, tuple[str, Look]] = {
    "grids": ("8,16", Look((8, 16))),
    "exact": ("true", Look(exact=True)),
    "format": ("webp", Look(style=Style("webp"))),
    "quality": ("80", Look(style=Style(quality=80))),
    "optimize": ("true", Look(style=Style(optimize=True))),
    "background": ("#ff8800", Look(style=Style(background=(255, 136, 0)))),
    "cells": ("square", Look(style=Style(cells="square"))),
    "cell-size": ("16", Look(style=Style(cell_size=16))),
    "size": ("x8", Look(style=Style(size="x8"))),
    "palette": ("gameboy", Look(style=Style(palette="gameboy"))),
    "dither": ("bayer4", Look(style=Style(dither="bayer4"))),
    "dither-strength": ("0.25", Look(style=Style(dither_strength=0.25))),
    "tone": ("keep", Look(style=Style(tone="keep"))),
    "kernel": ("crisp", Look(style=Style(kernel="crisp"))),
    "alpha-threshold": ("0.25", Look(style=Style(alpha_threshold=0.25))),
    "trim": ("true", Look(style=Style(size="native", trim=True))),
    "outline": ("true", Look(style=Style(size="native", outline=True))),
    "outline-color": ("#ff8800", Look(style=Style(outline_color=(255, 136, 0)))),
    "pot": ("true", Look(style=Style(size="native", pot=True))),
    "placeholders": ("true", Look(placeholders=True)),
    "only": ("faces,text", Look(redaction=Redaction(("faces", "text")))),
    "detector": ("rekognition", Look(redaction=Redaction(("text",), "rekognition"))),
    "threshold": ("0.25", Look(redaction=Redaction(("text",), threshold=0.25))),
    "thorough": ("true", Look(redaction=Redaction(("text",), thorough=True))),
    "region-cells": ("4", Look(redaction=Redaction(("text",), cells=4))),
    "solid": ("true", Look(redaction=Redaction(("text",), solid=True))),
    "solid-color": ("#ff8800", Look(redaction=Redaction(("text",), color=(255, 136, 0)))),
}
NEEDED = {name: {"size": "native"} for name in ("trim", "outline", "pot")} | {
    name: {"only": "text"} for name in REDACTION_WORDS if name != "only"
}
"""What an option needs next to it."""


def test_every_field_of_style_is_a_word() -> None:
    names = {field.name.replace("_", "-") for field in fields(Style)}
    own = {"grids", "exact", "placeholders", *REDACTION_WORDS}
    assert set(WORDS) == names | own == set(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_words_are_parsed_and_formatted(name: str) -> None:
    word, look = SAMPLES[name]
    words = {**NEEDED.get(name, {}), name: word}
    assert (parse_look(words), format_look(look)) == (look, words)


@pytest.mark.parametrize(
    ("word", "palette"),
    [("16", 16), ("#000000,#ff8800", Palette("", ((0, 0, 0), (255, 136, 0))))],
)
def test_palettes_are_numbers_and_colors_too(word: str, palette: Any) -> None:
    look = Look(style=Style(palette=palette))
    assert (parse_look({"palette": word}), format_look(look)) == (look, {"palette": word})


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("grids", "0"),
        ("exact", "yes"),
        ("format", "bmp2"),
        ("quality", "-1"),
        ("quality", "101"),
        ("background", "nocolor"),
        ("cell-size", "0"),
        ("size", "x0"),
        ("palette", "nosuch"),
        ("palette", "#12"),
        ("palette", "#000000,white"),
        ("palette", "257"),
        ("dither", "x"),
        ("dither-strength", "2"),
        ("dither-strength", "x"),
        ("colour", "red"),
    ],
)
def test_bad_words_name_their_option(name: str, word: str) -> None:
    with pytest.raises(BadLook) as caught:
        parse_look({name: word})
    assert caught.value.name == name


def test_words_that_contradict_each_other_name_an_option() -> None:
    with pytest.raises(BadLook) as caught:
        parse_look({"format": "jpeg", "palette": "gameboy"})
    assert caught.value.name == "format"


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_looks(name: str) -> None:
    words = PRESETS[name].words
    assert format_look(parse_look(words)) == words


def test_dithers_are_those_of_palettes() -> None:
    assert DITHERS == apply.DITHERS
