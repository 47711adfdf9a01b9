"""What `pixelater preview` prints, writes, keeps and refuses."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pixelater import make_preview
from pixelater_cli.local.preview_cache import PreviewCache
from pixelater_cli.local.run_cache import take_stamp
from tests.documents import check_documents
from tests.functional.conftest import Environment, Pixelater, settle
from tests.pictures import encode, make_scene

SCENE = encode(make_scene((64, 48)))
FLAT = encode(Image.new("RGBA", (30, 60), (200, 30, 40, 120)))


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """A folder with two photos, one of them below it, and a text."""
    folder = tmp_path / "album"
    (folder / "b c").mkdir(parents=True)
    (folder / "a.png").write_bytes(SCENE)
    (folder / "b c" / "d'e.png").write_bytes(FLAT)
    (folder / "notes.txt").write_text("notes")
    settle()
    return folder


def read(text: str) -> Any:
    check_documents(text)
    return json.loads(text)


def test_document_has_what_the_library_makes(pixelater: Pixelater, album: Path) -> None:
    done = pixelater("preview", "album", "--json")
    document = read(done.out)
    assert (done.code, document["budget"], document["passed_over"]) == (0, 400, 1)
    photos = {photo["photo"]: photo for photo in document["photos"]}
    for path, data in (("album/a.png", SCENE), ("album/b c/d'e.png", FLAT)):
        made = make_preview(data)
        assert photos[path] == {
            "photo": path,
            **vars(made),
            "warnings": [],
            "error": "",
            "hint": "",
            "up_to_date": False,
            "mosaics": [],
        }


def test_budget_limits_every_data_uri(pixelater: Pixelater, album: Path) -> None:
    document = read(pixelater("preview", "album", "--budget", "150", "--json").out)
    assert document["budget"] == 150
    assert [0 < len(photo["data_uri"]) <= 150 for photo in document["photos"]] == [True, True]


def test_small_budget_is_answered_with_a_warning(pixelater: Pixelater, album: Path) -> None:
    done = pixelater("preview", "album/a.png", "--budget", "90")
    assert done.code == 0
    assert done.err == (
        "warning: album/a.png: the thumbhash shows more than a data URI of 100 characters or "
        "fewer\n"
    )


def test_second_preview_is_up_to_date(pixelater: Pixelater, album: Path) -> None:
    first, second = (read(pixelater("preview", "album", "--json").out) for _ in range(2))
    assert [photo["up_to_date"] for photo in first["photos"]] == [False, False]
    assert [photo.pop("up_to_date") for photo in second["photos"]] == [True, True]
    for photo in first["photos"]:
        del photo["up_to_date"]
    assert first["photos"] == second["photos"]


@pytest.mark.parametrize("change", ["budget", "force", "photo", "limit"])
def test_changed_preview_is_made_again(pixelater: Pixelater, album: Path, change: str) -> None:
    pixelater("preview", "album/a.png")
    options = {
        "budget": ["--budget", "300"],
        "force": ["--force"],
        "limit": ["--max-pixels", "9999"],
    }
    if change == "photo":
        (album / "a.png").write_bytes(FLAT)
    (photo,) = read(pixelater("preview", "album/a.png", *options.get(change, []), "--json").out)[
        "photos"
    ]
    assert photo["up_to_date"] is False
    assert photo["width"] == (30 if change == "photo" else 64)


@pytest.mark.parametrize(
    "entry",
    [
        "[]",
        '["set", [1, 2, 3], []]',
        '["set", [1, 2, 3], [1, 2, "", "", "", "", false, [3]]]',
        '["set", [1, 2, 3], [1, 2, "", "", "", "", 0, []]]',
        '["set", [1, 2, 3], [1, "2", "", "", "", "", false, []]]',
        "{",
        "[" * 5000,
    ],
)
def test_damaged_entry_is_no_preview(tmp_path: Path, entry: str) -> None:
    photo = tmp_path / "a.png"
    photo.write_bytes(SCENE)
    cache = PreviewCache(tmp_path / "previews.jsonl")
    cache.lines[str(photo)] = entry
    assert cache.find(photo, "set") is None
    assert cache.problem == "some lines are damaged"


def test_cached_preview_is_that_of_the_file_and_settings(tmp_path: Path) -> None:
    photo = tmp_path / "a.png"
    photo.write_bytes(SCENE)
    settle()
    made = make_preview(SCENE, 90)
    PreviewCache(tmp_path / "c.jsonl").record(photo, "set", take_stamp(photo), made)
    cache = PreviewCache(tmp_path / "c.jsonl")
    assert cache.find(photo, "set") == made
    assert cache.find(photo, "other") is None
    os.utime(photo, ns=(1, 1))
    assert (cache.find(photo, "set"), cache.problem) == (None, "")


class Images(HTMLParser):
    """The attributes of all <img> of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag == "img"
        self.found.append(dict(attrs))


def test_lines_of_previews_fit_80_columns(pixelater: Pixelater, tmp_path: Path) -> None:
    (tmp_path / "a photo with a rather long name.png").write_bytes(SCENE)
    done = pixelater("preview", "a photo with a rather long name.png")
    first, second, _total = done.out.splitlines()
    assert (len(first) <= 80, second.startswith("    ")) == (True, True)


def test_html_has_size_and_background(pixelater: Pixelater, album: Path) -> None:
    done = pixelater("preview", "album", "--as", "html")
    assert (done.code, done.err) == (0, "")
    opaque, transparent = Images(done.out).found
    scene, flat = make_preview(SCENE), make_preview(FLAT)
    assert opaque == {
        "src": "album/a.png",
        "width": "64",
        "height": "48",
        "alt": "",
        "loading": "lazy",
        "decoding": "async",
        "style": f"background:{scene.dominant_color} url({scene.data_uri}) center/cover no-repeat",
    }
    assert transparent["src"] == "album/b%20c/d%27e.png"
    assert transparent["onload"] == "this.style.background='none'"
    assert flat.data_uri in (transparent["style"] or "")


def test_html_without_a_data_uri_has_the_color(pixelater: Pixelater, album: Path) -> None:
    done = pixelater("preview", "album/a.png", "--as", "html", "--budget", "0")
    (image,) = Images(done.out).found
    assert image["style"] == f"background:{make_preview(SCENE).dominant_color}"


def test_css_has_a_rule_for_each_src(pixelater: Pixelater, album: Path) -> None:
    done = pixelater("preview", "album", "--as", "css")
    scene = make_preview(SCENE)
    assert done.out == (
        'img[src="album/a.png"] {\n'
        "  aspect-ratio: 64 / 48;\n"
        f"  background: {scene.dominant_color} url({scene.data_uri}) center/cover no-repeat;\n"
        "}\n"
        'img[src="album/b%20c/d%27e.png"] {\n'
        "  aspect-ratio: 30 / 60;\n"
        "  /* no background, which would stay visible: the photo is transparent */\n"
        "}\n"
    )


def test_next_has_the_properties_of_its_image(pixelater: Pixelater, album: Path) -> None:
    scene = {
        "src": "album/a.png",
        "width": 64,
        "height": 48,
        "blurDataURL": make_preview(SCENE).data_uri,
    }
    assert json.loads(pixelater("preview", "album/a.png", "--as", "next").out) == scene
    both = json.loads(pixelater("preview", "album", "--as", "next").out)
    assert both[0] == scene
    assert [each["src"] for each in both] == ["album/a.png", "album/b%20c/d%27e.png"]


@pytest.mark.parametrize("form", ["html", "css", "next"])
def test_form_of_failed_photos_only_is_empty(
    pixelater: Pixelater, tmp_path: Path, form: str
) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    done = pixelater("preview", "broken.jpg", "--as", form)
    assert done.code == 1
    assert done.out.strip() == ("[]" if form == "next" else "")
    assert done.err.startswith("error: broken.jpg: ")


def test_others_are_previewed_if_a_photo_fails(pixelater: Pixelater, album: Path) -> None:
    (album / "0.jpg").write_bytes(b"no photo")
    done = pixelater("preview", "album", "nothing.jpg", "--json")
    photos = read(done.out)["photos"]
    assert done.code == 1
    assert [bool(photo["error"]) for photo in photos] == [True, False, False, True]
    assert [photo["width"] for photo in photos] == [0, 64, 30, 0]


def test_file_is_the_same_as_long_as_the_photos_are(
    pixelater: Pixelater, album: Path, tmp_path: Path
) -> None:
    path = tmp_path / "previews.json"
    done = pixelater("preview", "album", "--out", "previews.json")
    assert re.fullmatch(
        r"2 previews made, written to previews.json, 1 other file skipped \(\d+\.\d s\)\n", done.out
    )
    first = path.read_text()
    assert read(first)["photos"] == [
        {**photo, "up_to_date": False}
        for photo in read(pixelater("preview", "album", "--json").out)["photos"]
    ]
    again = pixelater("preview", "album", "-o", "previews.json")
    assert "2 previews up to date, written to previews.json" in again.out
    assert path.read_text() == first


@pytest.mark.parametrize("form", ["html", "css", "next"])
def test_file_has_what_would_be_printed(
    pixelater: Pixelater, album: Path, tmp_path: Path, form: str
) -> None:
    printed = pixelater("preview", "album", "--as", form).out
    for _ in range(2):
        done = pixelater("preview", "album", "--as", form, "--out", "made")
        assert (done.code, done.err) == (0, "")
        assert (tmp_path / "made").read_text() == printed
        assert "written to made" in done.out


@pytest.mark.parametrize("name", ["album/a.png", "album/./a.png", "link.png"])
def test_photo_is_not_overwritten(
    pixelater: Pixelater, album: Path, tmp_path: Path, name: str
) -> None:
    os.link(album / "a.png", tmp_path / "link.png")
    done = pixelater("preview", "album", "--out", name, "--force")
    assert done.code == 1
    assert done.err.endswith("is a photo or a mosaic\n  Choose another file with --out.\n")
    assert (album / "a.png").read_bytes() == SCENE


def test_foreign_file_is_overwritten_with_force_only(
    pixelater: Pixelater, album: Path, tmp_path: Path
) -> None:
    path = tmp_path / "notes.json"
    path.write_text('{"notes": 1}')
    refused = pixelater("preview", "album", "--out", "notes.json")
    assert refused.code == 1
    assert refused.err == (
        "error: notes.json already exists and was not created by pixelater\n"
        "  Choose another name, or overwrite it with --force.\n"
    )
    assert path.read_text() == '{"notes": 1}'
    assert pixelater("preview", "album", "--out", "notes.json", "--force").code == 0
    assert len(read(path.read_text())["photos"]) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--as", "html", "--json"), "--as and --json both write to stdout"),
        (("--as", "next", "--budget", "0"), "--as next needs data URIs"),
        (("--budget", "-1"), "--budget: "),
        (("--budget", "10001"), "--budget: "),
        (("--budget", "small"), "--budget: "),
        (("--as", "xml"), "--as: "),
    ],
)
def test_wrong_command_line_is_refused(
    pixelater: Pixelater, album: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = pixelater("preview", "album", *arguments)
    assert (done.code, done.err.startswith(f"error: {message}")) == (2, True)


def test_photo_on_stdin_is_previewed(clean_environment: Environment, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pixelater_cli", "preview", "-", "--json"],
        cwd=tmp_path,
        env=clean_environment,
        input=SCENE,
        capture_output=True,
        check=True,
    )
    (photo,) = read(done.stdout.decode())["photos"]
    assert (photo["photo"], photo["width"], photo["height"]) == ("-", 64, 48)


def test_folder_without_photos_fails(pixelater: Pixelater, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = pixelater("preview", "empty")
    assert (done.code, done.err.splitlines()[0]) == (1, "error: empty: no photos in this folder")


def test_many_photos_are_previewed_in_order(pixelater: Pixelater, tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"{number}.png").write_bytes(encode(make_scene((20 + number, 30))))
    document = read(pixelater("preview", ".", "--jobs", "2", "--json").out)
    assert [photo["width"] for photo in document["photos"]] == [*range(20, 29)]
