"""Looks of a stack: in its settings and plans, what changes leave, and what is too long."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from dataclasses import replace
from hashlib import sha256
from zlib import compress, decompress

import pytest

from pixelater.look import Look, Rule, parse_look
from pixelater.outputs import Output, list_outputs
from pixelater.style import Style
from pixelater_cli.aws.former import remember_former
from pixelater_cli.aws.operations.mosaics import S3Object, choose_outputs, find_missing
from pixelater_cli.aws.operations.stack_settings import RecordedSettings
from pixelater_cli.aws.resources.function import function_configuration, pick_settings
from pixelater_cli.aws.resources.property import describe_change
from pixelater_cli.aws.stack import Document, Stack
from pixelater_cli.aws.stack_looks import (
    MAX_VARIABLES,
    check_rules,
    check_size,
    list_looks,
    make_settings,
    measure_variables,
    show_looks,
)
from pixelater_cli.errors import BadSetting
from pixelater_function.settings import read_function_settings
from tests.unit.test_backfill import NOON, make_entries

STACK = Stack("123456789012", "eu-central-1")
NATIVE = parse_look({"grids": "8", "format": "webp", "size": "native"})
AVATARS, DOCUMENTS = Rule("avatars/", NATIVE), Rule("docs/", Look((4,)))
RULED = replace(STACK, grids=(8, 16), style=Style("png", palette="cga"), rules=(AVATARS, DOCUMENTS))


def read_variables(stack: Stack) -> dict[str, str]:
    variables: dict[str, str] = function_configuration(stack)["Environment"]["Variables"]
    return variables


def round_trip(stack: Stack) -> Stack:
    document = json.loads(json.dumps(stack.settings))
    return RecordedSettings(STACK, document).current


@pytest.mark.parametrize(
    "stack",
    [
        STACK,
        RULED,
        replace(STACK, exact=True),
        replace(STACK, placeholders=True),
        replace(STACK, rules=(Rule("", Look()),)),
        replace(STACK, former_grids=("8", "16px.webp")),
    ],
)
def test_recorded_settings_have_the_looks(stack: Stack) -> None:
    assert round_trip(stack) == stack


def test_default_looks_leave_settings_and_variables_as_they_were() -> None:
    assert not {"look", "rules", "style", "exact"} & STACK.settings.keys()
    assert read_variables(STACK) == {
        "bucket_1": "pixelater-destination-bucket",
        "PIXELATER_FAILURES": "pixelater-failures",
    }
    assert replace(STACK, **make_settings(Look())) == STACK


@pytest.mark.parametrize("key", ["avatars/a.jpg", "docs/a.jpg", "a.jpg", "Avatars/a.jpg"])
def test_function_has_the_look_of_the_stack(key: str) -> None:
    settings = read_function_settings(read_variables(RULED))
    assert list_outputs(settings.find_look(key)) == choose_outputs(RULED, key)


def test_plan_shows_words_of_looks() -> None:
    changed = replace(RULED, style=None, rules=(replace(AVATARS, look=Look((4,))),))
    before, after = (show_looks(stack.settings) for stack in (RULED, changed))
    assert describe_change("settings", before, after) == (
        "change settings: look format png, palette cga -> nothing, "
        "rule 1 avatars/: grids 8, format webp, size native -> avatars/: grids 4, "
        "rule 2 docs/: grids 4 -> nothing"
    )


@pytest.mark.parametrize(
    ("stack", "looks"),
    [
        (STACK, {}),
        (replace(STACK, grids=(8, 16)), {"look": "grids 8,16"}),
        (
            RULED,
            {
                "look": "grids 8,16, format png, palette cga",
                "rule 1": "avatars/: grids 8, format webp, size native",
                "rule 2": "docs/: grids 4",
            },
        ),
    ],
)
def test_looks_of_a_stack_are_listed(stack: Stack, looks: dict[str, str]) -> None:
    assert list_looks(stack) == looks


def test_plan_of_the_function_shows_variables() -> None:
    names = ["Environment"]
    before, after = (
        pick_settings(names, function_configuration(stack))
        for stack in (STACK, replace(RULED, rules=()))
    )
    assert describe_change("settings", before, after) == (
        "change settings: PIXELATER_GRIDS nothing -> 8,16, look nothing -> format png, palette cga"
    )


def test_variable_that_was_compressed_differently_is_the_same() -> None:
    configuration = function_configuration(RULED)
    variables = dict(read_variables(RULED))
    text = decompress(b64decode(variables["PIXELATER_LOOKS"]))
    variables["PIXELATER_LOOKS"] = b64encode(compress(text, 0)).decode()
    other = {**configuration, "Environment": {"Variables": variables}}
    assert variables != read_variables(RULED)
    assert pick_settings(["Environment"], other) == pick_settings(["Environment"], configuration)


def test_variable_of_others_is_shown_as_it_is() -> None:
    answer = {"Environment": {"Variables": {"PIXELATER_LOOKS": "?"}}}
    assert pick_settings(["Environment"], answer) == answer


@pytest.mark.parametrize(
    ("before", "after", "left"),
    [
        (STACK, STACK, ()),
        (RULED, RULED, ()),
        (replace(STACK, grids=(8, 16)), replace(STACK, grids=(16,)), ("8",)),
        (
            replace(STACK, grids=(8,)),
            replace(STACK, grids=(8,), style=Style("webp")),
            ("8",),
        ),
        (
            replace(STACK, grids=(8,), style=Style("webp")),
            replace(STACK, grids=(8,), style=Style("webp", size="native")),
            (),
        ),
        (
            replace(STACK, grids=(8,), style=Style(cell_size=16)),
            replace(STACK, grids=(8,)),
            ("16px",),
        ),
        (
            replace(STACK, grids=(8,), style=Style(palette="cga")),
            replace(STACK, grids=(8,)),
            ("8.lossless",),
        ),
        # A new rule takes keys from the look of all others.
        (replace(STACK, grids=(8,)), replace(STACK, grids=(8,), rules=(DOCUMENTS,)), ("8",)),
        # Other keys have what the rule's keys had, so it must be remembered for these.
        (replace(STACK, grids=(8,), rules=(DOCUMENTS,)), replace(STACK, grids=(8,)), ("4",)),
        (
            replace(STACK, rules=(AVATARS, DOCUMENTS)),
            replace(STACK, rules=(DOCUMENTS, AVATARS)),
            (),
        ),
        (
            replace(STACK, grids=(4, 8), rules=(Rule("a", Look((8,))), Rule("ab", Look((4,))))),
            replace(STACK, grids=(4, 8), rules=(Rule("ab", Look((4,))), Rule("a", Look((8,))))),
            ("8",),
        ),
        # Remembered, until all keys have it.
        (replace(STACK, grids=(8,), former_grids=("16",)), replace(STACK, grids=(8,)), ("16",)),
        (
            replace(STACK, grids=(8,), former_grids=("16",)),
            replace(STACK, grids=(8, 16), rules=(Rule("x", Look((8,))),)),
            ("16",),
        ),
        (replace(STACK, grids=(8,), former_grids=("16",)), replace(STACK, grids=(8, 16)), ()),
        (
            replace(STACK, grids=(8,), former_grids=("16.webp",)),
            replace(STACK, grids=(8, 16)),
            ("16.webp",),
        ),
        (replace(STACK, placeholders=True), STACK, ("preview",)),
        (STACK, replace(STACK, placeholders=True), ()),
        (replace(STACK, former_grids=("preview",)), replace(STACK, placeholders=True), ()),
        (
            replace(STACK, placeholders=True),
            replace(STACK, placeholders=True, rules=(Rule("x", Look()),)),
            ("preview",),
        ),
        (
            replace(STACK, grids=(16, 8), placeholders=True),
            replace(STACK, grids=(4,)),
            ("8", "16", "preview"),
        ),
    ],
)
def test_outputs_that_a_change_leaves_are_remembered(
    before: Stack, after: Stack, left: tuple[str, ...]
) -> None:
    assert remember_former(after, before).former_grids == left


def test_former_outputs_are_sorted_by_number() -> None:
    before = replace(STACK, grids=(16, 8, 4), style=Style("webp"))
    former = remember_former(replace(STACK, grids=(32,)), before)
    assert former.former_grids == ("4.webp", "8.webp", "16.webp")
    assert read_variables(former)["PIXELATER_FORMER_GRIDS"] == "4.webp,8.webp,16.webp"


@pytest.mark.parametrize(
    ("stack_prefix", "rule_prefix", "refused"),
    [("", "a/", False), ("in/", "in/a/", False), ("in/", "in", False), ("in/", "out/", True)],
)
def test_rule_that_matches_no_key_is_refused(
    stack_prefix: str, rule_prefix: str, refused: bool
) -> None:
    stack = replace(STACK, prefix=stack_prefix, rules=(Rule(rule_prefix, NATIVE),))
    if not refused:
        check_rules(stack)
        return
    with pytest.raises(BadSetting, match="rule out/: no key begins with 'in/' and with 'out/'"):
        check_rules(stack)


def make_colors(seed: str, count: int = 128) -> str:
    """Return colors that do not compress."""
    digest = b"".join(sha256(f"{seed}{i}".encode()).digest() for i in range(count * 3 // 32 + 1))
    return ",".join(f"#{digest[3 * i : 3 * i + 3].hex()}" for i in range(count))


def make_rules(lengths: list[int]) -> tuple[Rule, ...]:
    return tuple(
        Rule(f"{number}/", parse_look({"palette": make_colors(str(number), length)}))
        for number, length in enumerate(lengths)
    )


def test_too_long_looks_are_refused_with_the_bytes_of_each_rule() -> None:
    style = parse_look({"palette": make_colors("all", 64)}).style
    stack = replace(STACK, style=style, rules=make_rules([256, 256, 8, 256]))
    with pytest.raises(BadSetting) as caught:
        check_size(stack, read_variables(stack))
    message = str(caught.value)
    size = measure_variables(read_variables(stack))
    assert f"variables would be {size:,} bytes, and Lambda allows 4,096" in message
    named = re.findall(r"(look|rule \d/) ([\d,]+)", message)
    sizes = [int(length.replace(",", "")) for _name, length in named]
    assert [name for name, _ in named] == ["look", "rule 0/", "rule 1/", "rule 2/", "rule 3/"]
    assert sizes[3] < sizes[0] < sizes[1] < 2 * MAX_VARIABLES


def test_looks_of_4096_bytes_are_allowed() -> None:
    """Lambda measures the variables as compact JSON."""
    variables = {"a": "x" * (MAX_VARIABLES - len('{"a":""}'))}
    check_size(STACK, variables)
    with pytest.raises(BadSetting):
        check_size(STACK, {"a": variables["a"] + "x"})


def find_lack(stack: Stack, key: str, mosaics: list[str]) -> str:
    former = tuple(Output(int(word)) for word in stack.former_grids)
    return find_missing(
        S3Object(key, NOON),
        choose_outputs(stack, key),
        make_entries(mosaics, 1).get,
        lambda _key: None,
        lambda _key: {},
        former,
    )


@pytest.mark.parametrize(
    ("key", "mosaics", "lack"),
    [
        ("a.jpg", [], "missing: 8, 16"),
        ("a.jpg", ["pixelated-8x8-a.png", "pixelated-16x16-a.png"], ""),
        (
            "a.jpg",
            ["pixelated-8x8-a.jpg", "pixelated-16x16-a.jpg"],
            "missing: 8, 16",
        ),
        ("avatars/a.jpg", ["avatars/pixelated-8x8-a.webp"], ""),
        ("avatars/a.jpg", ["avatars/pixelated-8x8-a.jpg"], "missing: 8"),
        ("avatars/a.png", ["avatars/pixelated-8x8-a.png"], "missing: 8"),
        ("docs/a.jpg", ["docs/pixelated-4x4-a.jpg"], ""),
    ],
)
def test_backfill_looks_for_the_mosaics_of_each_look(
    key: str, mosaics: list[str], lack: str
) -> None:
    stack = replace(RULED, style=Style(palette="cga"), former_grids=("8",))
    assert find_lack(stack, key, mosaics) == lack


def test_settings_are_a_document() -> None:
    settings: Document = RULED.settings
    assert settings["look"] == {"format": "png", "palette": "cga"}
    assert settings["rules"][1] == {"prefix": "docs/", "grids": "4"}
