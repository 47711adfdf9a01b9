"""What --name may say, and what it makes of a photo."""

from __future__ import annotations

from pathlib import Path

import pytest

from pixelater import naming
from pixelater_cli.errors import UnusablePath, UsageError
from pixelater_cli.local.name_template import DEFAULT_NAME, HINT, check_photos, parse_template
from pixelater_cli.local.photo_search import STDIN, PhotoFile


def test_default_begins_with_the_prefix_of_the_library() -> None:
    assert DEFAULT_NAME.format(grid=8, stem="", suffix="") == naming.format_prefix(8)


@pytest.mark.parametrize(
    ("template", "usual", "name"),
    [
        (DEFAULT_NAME, "pixelated-8x8-a.jpg", "pixelated-8x8-a.jpg"),
        (DEFAULT_NAME, "trips/pixelated-8x8-a.b.png", "trips/pixelated-8x8-a.b.png"),
        ("{stem}-{grid}{suffix}", "trips/pixelated-8x8-a.b.png", "trips/a.b-8.png"),
        ("{grid:03}/{stem}{suffix}", "trips/pixelated-8x8-a.jpg", "trips/008/a.jpg"),
        ("{stem:.3}-{grid:2}{suffix}", "pixelated-8x8-photo.jpg", "pho- 8.jpg"),
        ("x" * 250 + "{grid}{suffix}", "pixelated-8x8-a.jpg", "x" * 250 + "8.jpg"),
        ("{{{stem}}}{suffix}", "pixelated-8x8-{grid}.jpg", "{{grid}}.jpg"),
    ],
)
def test_a_name_is_made_of_stem_grid_and_suffix(template: str, usual: str, name: str) -> None:
    assert parse_template(template, [8]).name(usual, 8) == name


@pytest.mark.parametrize("template", ["{stem:.1}./{grid}{suffix}", "a/{stem:.2}/{grid}{suffix}"])
def test_stem_that_leads_out_of_the_folder_is_refused(template: str) -> None:
    made = parse_template(template, [8])
    with pytest.raises(UnusablePath, match="outside the output folder"):
        made.name("pixelated-8x8-..a.jpg", 8)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{name}{suffix}", "unknown field {name}; the fields are {stem}, {grid}, {suffix}"),
        ("{}{suffix}", "unknown field {}; the fields are {stem}, {grid}, {suffix}"),
        ("{stem.__class__}{suffix}", "unknown field {stem.__class__}"),
        ("{stem[0]}{grid}{suffix}", "unknown field {stem[0]}"),
        ("{0}{suffix}", "unknown field {0}"),
        *(
            (template, f"unsupported format specification in {template!r}; the fields are {{stem}}")
            for template in (
                "{stem!r}{grid}{suffix}",
                "{stem!x}{grid}{suffix}",
                "{grid:{stem}}{suffix}",
                "{grid:999999999999999999}{suffix}",
                "{grid:100}{suffix}",
                "{grid:c}{suffix}",
                "{grid:.0e}{suffix}",
                "{grid:,}{suffix}",
                "{grid:\u0663}{suffix}",
                "{stem:/>9}{grid}{suffix}",
                "{stem:.0}{grid}{suffix}",
                "{suffix:.0}{grid}{suffix}",
            )
        ),
        ("{stem", "expected '}' before end of string"),
        ("{", "Single '{' encountered"),
        ("x" * 1000 + "{grid}{suffix}", "1,014 characters, more than 1,000"),
        ("x" * 250 + "{grid}{suffix}", "256 bytes in a file name, more than 255"),
        ("{grid}/" + "\u00e4" * 126 + "{suffix}", "256 bytes in a file name, more than 255"),
        ("{stem}{suffix}", "gives mosaics of different grids the same name"),
        ("{stem}-{grid}", "has neither {suffix} nor {ext}, which show the format"),
        ("/tmp/{grid}{suffix}", "is not a path below the output folder"),  # noqa: S108
        ("c:{grid}{suffix}", "is not a path below the output folder"),
        ("../{grid}{suffix}", "is not a path below the output folder"),
        ("a\\..\\{grid}{suffix}", "is not a path below the output folder"),
        ("{grid}\n{suffix}", "'{grid}\\n{suffix}' contains a control character"),
        ("\x1b[2J{grid}{suffix}", "contains a control character"),
        ("{grid}{suffix}/", "is not a path below the output folder"),
    ],
)
def test_a_template_that_cannot_be_meant_is_refused_with_a_hint(
    template: str, message: str
) -> None:
    with pytest.raises(UsageError) as refused:
        parse_template(template, [48, 50])
    assert str(refused.value).startswith("--name: ")
    assert message in str(refused.value)
    assert refused.value.hint == HINT


def test_several_photos_need_a_stem_unless_their_folders_differ() -> None:
    template = parse_template("{grid}{suffix}", [8])
    check_photos(template, [("a/x.jpg", ""), ("b/x.jpg", "")])
    check_photos(parse_template("{stem}{suffix}", [8]), [("a.jpg", ""), ("b.jpg", "")])
    with pytest.raises(UsageError, match=r"without \{stem\}"):
        check_photos(template, [("a/x.jpg", ""), ("a/y.jpg", "")])


def test_parents_tell_photos_apart_where_they_are_in_the_name() -> None:
    template = parse_template("{parent}-{grid}.{ext}", [8])
    check_photos(template, [("x.jpg", "spring"), ("y.jpg", "summer")])
    with pytest.raises(UsageError, match=r"without \{stem\}"):
        check_photos(template, [("x.jpg", "spring"), ("y.jpg", "spring")])


def test_name_has_the_folder_of_the_photo_and_the_suffix_without_its_dot() -> None:
    template = parse_template("{parent:.6}/{stem}_{grid}.{ext}", [8])
    assert template.name("pixelated-8x8-a.jpg", 8, parent="holiday") == "holida/a_8.jpg"


@pytest.mark.parametrize(
    ("path", "parent"),
    [("a.jpg", "here"), ("../b/a.jpg", "b"), ("/a.jpg", "root"), ("x/../a.jpg", "here")],
)
def test_parent_of_a_photo_is_a_name(
    path: str, parent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert PhotoFile(Path(path), "a.jpg").parent == parent
    assert STDIN.parent == "stdin"
