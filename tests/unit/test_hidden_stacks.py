"""Stacks that hide regions: their settings, their permissions, and which photos lack a picture."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pixelater.look import Rule, parse_look
from pixelater_cli.aws.former import remember_former
from pixelater_cli.aws.operations.mosaics import S3Object, choose_outputs, find_missing
from pixelater_cli.aws.resources.function import function_configuration
from pixelater_cli.aws.resources.role import permissions_policy
from pixelater_cli.aws.stack import Stack
from pixelater_cli.aws.stack_looks import (
    fit_memory,
    list_local_kinds,
    make_settings,
    read_looks,
    uses_rekognition,
    warn_of_memory,
    write_looks,
)
from pixelater_cli.aws.stack_notes import note_former, note_rekognition
from pixelater_cli.emulator.serve.remote import find_done
from pixelater_function.settings import read_function_settings

PLAIN = Stack("123456789012", "eu-central-1")
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=9)
PICTURE, LIST = "pixelated-regions-a.jpg", "a.jpg.regions.json"


def hide(*rules: tuple[str, dict[str, str]], **words: str) -> Stack:
    parsed = [Rule(prefix, parse_look(each)) for prefix, each in rules]
    return replace(PLAIN, **make_settings(parse_look(words), parsed))


FACES = hide(only="faces")
AWS = hide(only="faces,text", detector="rekognition")
RULED = hide(("in/", {"only": "text"}), ("aws/", {"only": "faces", "detector": "rekognition"}))


@pytest.mark.parametrize(
    ("stack", "kinds", "rekognition"),
    [
        (PLAIN, [], False),
        (FACES, ["faces"], False),
        (AWS, [], True),
        (RULED, ["text"], True),
        (hide(only="none"), [], False),
    ],
)
def test_detectors_are_those_of_all_looks(
    stack: Stack, kinds: list[str], rekognition: bool
) -> None:
    assert (list_local_kinds(stack), uses_rekognition(stack)) == (kinds, rekognition)


@pytest.mark.parametrize("stack", [FACES, AWS, RULED])
def test_settings_and_variables_keep_what_is_hidden(stack: Stack) -> None:
    assert read_looks(PLAIN, write_looks(stack)) == stack
    variables = function_configuration(stack)["Environment"]["Variables"]
    assert read_function_settings(variables).look.redaction == stack.redaction


def list_granted(stack: Stack) -> set[str]:
    return {each["Sid"] for each in permissions_policy(stack)["Statement"]}


@pytest.mark.parametrize(
    ("stack", "granted"),
    [
        (PLAIN, set()),
        (FACES, {"DeleteMosaics"}),
        (AWS, {"DeleteMosaics", "FindRegions"}),
        (replace(PLAIN, former_grids=("0.webp",)), {"DeleteMosaics"}),
        (replace(PLAIN, former_grids=("regions",)), {"DeleteMosaics"}),
        (replace(PLAIN, former_grids=("8", "preview")), set()),
    ],
)
def test_role_may_do_what_hiding_needs(stack: Stack, granted: set[str]) -> None:
    assert list_granted(stack) - list_granted(PLAIN) == granted


@pytest.mark.parametrize(
    ("stack", "memory", "warned"), [(PLAIN, 1024, False), (FACES, 2048, True), (AWS, 1024, False)]
)
def test_local_detectors_have_more_memory(stack: Stack, memory: int, warned: bool) -> None:
    assert fit_memory(stack).memory_mb == memory
    assert (warn_of_memory(fit_memory(stack)), warn_of_memory(stack) != "") == ("", warned)


def test_former_pictures_and_lists_are_remembered() -> None:
    assert remember_former(PLAIN, FACES).former_grids == ("0", "regions")
    assert remember_former(FACES, replace(PLAIN, grids=(8,))).former_grids == ("8",)


@pytest.mark.parametrize(
    ("times", "lack"),
    [
        ({}, "missing: regions"),
        ({LIST: LATER}, ""),
        ({LIST: LATER, PICTURE: LATER}, ""),
        ({PICTURE: LATER}, "missing: regions"),
        ({LIST: LATER, PICTURE: NOON - timedelta(hours=1)}, "older: regions"),
        ({LIST: NOON - timedelta(hours=1)}, "older: regions"),
    ],
)
def test_photo_needs_its_list_and_no_older_picture(times: dict[str, datetime], lack: str) -> None:
    objects = {key: S3Object(key, time) for key, time in times.items()}
    photo = S3Object("a.jpg", NOON)
    outputs = choose_outputs(FACES, "a.jpg")
    found = find_missing(photo, outputs, objects.get, lambda _key: None, lambda _key: {})
    assert found == lack
    done = find_done({"a.jpg": photo}, {"a.jpg": photo}, objects, FACES)
    assert done == (() if lack else ("a.jpg",))


@pytest.mark.parametrize(
    ("stack", "words"),
    [
        (PLAIN, []),
        (FACES, []),
        (AWS, [["sent to Amazon Rekognition", ": 2 requests for each photo", "$1.00"]]),
        (RULED, [["sent to Amazon Rekognition", ": a request for each photo", "$1.00"]]),
        (replace(PLAIN, former_grids=("8", "0", "regions")), []),
        (replace(FACES, former_grids=("0.webp", "regions")), []),
        (
            replace(FACES, former_grids=("8", "8.webp", "16px", "0", "preview")),
            [["whole photos (8, 16px, preview) are deleted", "pixelater backfill"]],
        ),
    ],
)
def test_notes_tell_what_is_sent_and_deleted(stack: Stack, words: list[list[str]]) -> None:
    notes = [*note_rekognition(stack), *note_former(stack)]
    assert len(notes) == len(words)
    for note, wanted in zip(notes, words, strict=True):
        assert [word for word in wanted if word not in note] == []
