"""Looks and rules from layers: what each inherits, and what replaces what."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pixelater.look import format_look
from pixelater_cli.cli.config import CONFIGURATION, Configuration
from pixelater_cli.cli.look_options import GIVEN, GivenWord
from pixelater_cli.cli.look_settings import read_look, read_rules
from pixelater_cli.errors import BadSetting

PRESETS = {"mine": {"grids": "5", "size": "x2"}, "cells": {"cell-size": "9"}}


def make_context(rule: dict[str, str], **options: str) -> Any:
    """Make a context of Typer with options of the command line, and one rule."""
    given = {
        name.replace("_", "-"): GivenWord(word, "COMMANDLINE", f"--{name}")
        for name, word in options.items()
    }
    rules = ({"prefix": "a/", **rule},)
    return SimpleNamespace(
        command=SimpleNamespace(name="deploy"),
        meta={GIVEN: given, CONFIGURATION: Configuration({}, PRESETS, rules)},
        find_root=lambda: SimpleNamespace(obj=Path("pixelater.toml")),
    )


@pytest.mark.parametrize(
    ("options", "rule", "expected"),
    [
        ({}, {}, {}),
        ({"format": "png"}, {}, {"format": "png"}),
        ({"format": "png"}, {"format": "webp"}, {"format": "webp"}),
        ({"size": "x3"}, {"preset": "mine"}, {"grids": "5", "size": "x2"}),
        ({}, {"preset": "mine", "size": "native"}, {"grids": "5", "size": "native"}),
        ({"preset": "mine"}, {"grids": "7"}, {"grids": "7", "size": "x2"}),
        ({"grids": "4"}, {"cell-size": "9"}, {"cell-size": "9"}),
        ({"cell_size": "9"}, {"grids": "4"}, {"grids": "4"}),
        ({"grids": "4"}, {"preset": "cells"}, {"cell-size": "9"}),
        ({"preset": "cells"}, {"preset": "mine"}, {"grids": "5", "size": "x2"}),
        ({"palette": "16"}, {"palette": "none"}, {}),
        ({"palette": "nes", "dither": "blue"}, {"palette": "none"}, {"dither": "blue"}),
        ({"preset": "preview"}, {"preset": "moderation"}, {"grids": "8", "format": "webp"}),
    ],
)
def test_a_rule_inherits_the_look_then_its_preset(
    options: dict[str, str], rule: dict[str, str], expected: dict[str, str]
) -> None:
    context = make_context(rule, **options)
    (found,) = read_rules(context, read_look(context)).rules
    words = format_look(found.look)
    if options.get("preset") == "preview":
        expected = {**expected, "cells": "square", "size": "native"}
    assert (found.prefix, words) == ("a/", expected)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (
            {"size": "big"},
            "rule 1: size: 'big' is not photo, native, or x1 to x100",
        ),
        ({"preset": "x"}, "rule 1: preset: 'x' is not a preset"),
        (
            {"grids": "x"},
            "rule 1: grids: 'x' is not a grid",
        ),
        ({"palette": "no.hex"}, "rule 1: palette: no.hex: cannot read it"),
    ],
)
def test_errors_of_rules_name_them(rule: dict[str, str], message: str) -> None:
    context = make_context(rule)
    with pytest.raises(BadSetting) as caught:
        read_rules(context, read_look(context))
    assert str(caught.value).startswith(f"pixelater.toml: {message}")
