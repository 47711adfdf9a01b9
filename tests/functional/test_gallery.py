"""`pixelater run --show`, `--sheet` and `--html`: something to look at."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from pixelater import pixelate
from pixelater.thumbnails import list_cells, make_thumbnails
from pixelater_cli.gallery.contact_sheet import MAX_THUMBNAILS, SIDE, make_sheet
from pixelater_cli.gallery.terminal import draw_cells
from tests.functional.command import Snapshot
from tests.functional.conftest import ROOT, Pixelater, settle
from tests.functional.terminals import run_at_terminal
from tests.pictures import decode, encode, make_noise, make_rgb_profile, make_scene

EXAMPLE = ROOT / "examples" / "photo.jpg"


class Page(HTMLParser):
    """What a test asks of a page: its tags, pictures and words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.images: list[dict[str, str]] = []
        self.words = self.label = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = {name: value or "" for name, value in attrs}
        if tag == "img":
            self.images.append(given)
        elif tag == "image":
            self.images.append({"src": given["href"], "alt": self.label})
        self.label = given.get("aria-label", "")

    def handle_data(self, data: str) -> None:
        self.words += data


def test_a_drawing_without_a_terminal_is_plain_text(pixelater: Pixelater, photo: Path) -> None:
    done = pixelater("run", "photo.jpg", "--grids", "8,16", "--show")
    assert (done.code, done.err, "\x1b" in done.out) == (0, "", False)
    cells = [
        list_cells(one, (43, 32))
        for one in make_thumbnails(
            photo.read_bytes(), pixelate(photo.read_bytes(), [8, 16])
        ).mosaics
    ]
    left, right = (draw_cells(rows, "ascii") for rows in cells)
    lines = done.out.splitlines()
    assert lines[:2] == ["photo.jpg", "8 x 8"]
    assert lines[2:18] == list(map(str.rstrip, left))
    assert lines[19:36] == ["16 x 16", *map(str.rstrip, right)]
    assert [line.split("  ")[0] for line in lines[37:39]] == [
        "pixelated/pixelated-8x8-photo.jpg",
        "pixelated/pixelated-16x16-photo.jpg",
    ]


@pytest.mark.parametrize(
    ("environment", "pattern"),
    [
        ({"COLORTERM": "truecolor"}, r"\x1b\[38;2;\d+;\d+;\d+;48;2;\d+;\d+;\d+m▀"),
        ({}, r"\x1b\[38;5;\d+;48;5;\d+m▀"),
    ],
)
def test_a_terminal_shows_48_cells_in_64_columns_and_24_lines(
    clean_environment: dict[str, str],
    photo: Path,
    tmp_path: Path,
    environment: dict[str, str],
    pattern: str,
) -> None:
    environment |= {"LINES": "30"}
    said = run_at_terminal(
        clean_environment | environment,
        tmp_path,
        "run",
        "photo.jpg",
        "--grids",
        "48",
        "--show",
        "-q",
    )
    assert re.search(pattern, said)
    drawn = [re.sub(r"\x1b\[[\d;]*m", "", line).rstrip("\r") for line in said.split("\n")]
    assert drawn[1] == "48 x 48"
    assert [len(line) for line in drawn[2:27]] == [64] * 24 + [0]


def test_largest_drawing_that_fits_the_height_comes_last(
    clean_environment: dict[str, str], photo: Path, tmp_path: Path
) -> None:
    environment = clean_environment | {"NO_COLOR": "1", "LINES": "24"}
    said = run_at_terminal(environment, tmp_path, "run", "photo.jpg", "--show", "--quiet")
    titles = re.findall(r"\d+ x \d+(?:, reduced)?", said)
    assert titles == ["48 x 48, reduced", "64 x 64, reduced", "8 x 8", "16 x 16", "32 x 32"]
    blocks = said.replace("\r", "").split("\n\n")[:-1]
    assert max(len(block.splitlines()) for block in blocks) <= 23


def test_no_colours_are_shown_where_none_are_wanted(
    clean_environment: dict[str, str], photo: Path, tmp_path: Path
) -> None:
    environment = clean_environment | {"NO_COLOR": "1"}
    said = run_at_terminal(environment, tmp_path, "run", "photo.jpg", "--show", "--quiet")
    assert "\x1b" not in said


def test_more_cells_than_columns_are_drawn_as_fewer(pixelater: Pixelater, tmp_path: Path) -> None:
    (tmp_path / "large.png").write_bytes(encode(make_noise("RGB", (200, 100))))
    lines = pixelater("run", "large.png", "--grids", "100", "--show").out.splitlines()
    assert lines[1] == "100 x 100, reduced"
    assert max(len(line) for line in lines[2:22]) <= 80
    assert lines[22] == ""  # 80 x 40 half lines: as oblong as the photo.


def test_a_sheet_holds_the_photo_and_all_grids(pixelater: Pixelater, tmp_path: Path) -> None:
    ramp = Image.linear_gradient("L")
    blue = Image.merge("RGB", [Image.new("L", ramp.size), ramp, Image.new("L", ramp.size, 255)])
    blue.save(tmp_path / "blue.png")
    done = pixelater("run", "blue.png", "--sheet", "sheet.png")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[-1] == "sheet.png: contains small copies of the photos"
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert (sheet.format, sheet.mode, dict(sheet.info)) == (
            "PNG",
            "RGB",
            {"Software": "pixelater contact sheet"},
        )
        assert sheet.width == 16 + 6 * (SIDE + 16)
        pixels = [sheet.getpixel((18 + n * (SIDE + 16), 55)) for n in range(6)]
    assert len(set(pixels)) > 1
    assert all(red < 4 and blue > 251 for red, _, blue in pixels)  # type: ignore[misc]


def test_a_page_is_complete_and_says_what_it_shows(pixelater: Pixelater, tmp_path: Path) -> None:
    name = 'a <b>&".jpg'
    (tmp_path / name).write_bytes(EXAMPLE.read_bytes())
    done = pixelater("run", name, "--html", "page.html", "--json")
    assert json.loads(done.out)["page"] == "page.html"
    page = Page((tmp_path / "page.html").read_text("utf-8"))
    assert not {"script", "link", "b", "iframe"} & set(page.tags)
    assert [image["alt"] for image in page.images] == [
        *(f"{name} in {n} x {n} cells" for n in (8, 16, 32, 48, 64)),
        f"{name}, original",
    ]
    assert f"{name} 1200 x 1600" in page.words
    pictures = [decode(b64decode(image["src"].partition("base64,")[2])) for image in page.images]
    assert [one.size for one in pictures] == [
        *((n, n) for n in (8, 16, 32, 48, 64)),
        (480, 640),
    ]
    for one in pictures:
        assert dict(one.getexif()) == {} and "comment" not in one.info
    assert all(image["src"].startswith("data:image/") for image in page.images)


def test_the_cells_shown_are_those_of_the_mosaic() -> None:
    photo = encode(make_noise("RGB", (300, 200)))
    mosaics = pixelate(photo, [8, 48])
    for mosaic, copy in zip(mosaics, make_thumbnails(photo, mosaics).mosaics, strict=True):
        whole = decode(mosaic.data).convert("RGB")
        cells = list_cells(copy)
        assert (len(cells), {len(row) for row in cells}) == (mosaic.rows, {mosaic.columns})
        middles = [
            [(2 * n + 1) * side // (2 * number) for n in range(number)]
            for side, number in ((300, mosaic.columns), (200, mosaic.rows))
        ]
        expected = [[whole.getpixel((x, y)) for x in middles[0]] for y in middles[1]]
        assert cells == expected


def test_colours_are_shown_in_srgb() -> None:
    swapped = make_rgb_profile(rXYZ=(0.1431, 0.0606, 0.7141), bXYZ=(0.4361, 0.2225, 0.0139))
    photo = encode(Image.new("RGB", (64, 64), (250, 5, 5)), icc_profile=swapped)
    preview = make_thumbnails(photo, pixelate(photo, [8]))
    (red, _, blue), *_ = list_cells(preview.mosaics[0])[0]  # type: ignore[misc]
    assert (blue > 200, red < 60) == (True, True)
    shown = decode(preview.photo.data)
    assert "icc_profile" not in shown.info
    assert shown.getpixel((9, 9))[2] > 200  # type: ignore[index]


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "I;16", "1", "F"])
def test_photos_of_any_mode_can_be_shown(mode: str) -> None:
    scene = make_scene()
    if mode == "I;16":
        image = Image.frombytes("I;16", (30, 20), bytes(range(200)) * 6)
    else:
        image = scene.convert(mode)
    photo = encode(image, "TIFF" if mode in ("CMYK", "F") else "PNG")
    preview = make_thumbnails(photo, pixelate(photo, [8]))
    assert (preview.width, preview.height) == image.size
    assert len(list_cells(preview.mosaics[0])) == 8
    assert decode(make_sheet(["a photo"], [preview])).width == 16 + 2 * (SIDE + 16)


def test_a_photo_lying_on_its_side_is_shown_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = encode(make_scene((120, 60)), "JPEG", exif=exif)
    preview = make_thumbnails(photo, pixelate(photo, [8]))
    assert (preview.width, preview.height) == (60, 120)
    assert decode(preview.photo.data).size == (60, 120)


@pytest.mark.parametrize(("grid", "size"), [(8, (200, 150)), (64, (640, 480))])
def test_a_large_photo_is_decoded_in_no_more_detail_than_for_its_mosaics(
    grid: int, size: tuple[int, int]
) -> None:
    photo = encode(make_scene((1600, 1200)), "JPEG")
    preview = make_thumbnails(photo, pixelate(photo, [grid]))
    assert (preview.width, preview.height) == (1600, 1200)
    assert decode(preview.photo.data).size == size


@pytest.mark.slow
def test_a_sheet_is_bounded_and_says_how_many_it_leaves_off() -> None:
    photo = encode(make_scene((24, 18)))
    preview = make_thumbnails(photo, pixelate(photo))
    most = MAX_THUMBNAILS // 6
    full = decode(make_sheet(["x" * 500] * most, [preview] * most))
    over = decode(make_sheet(["x"] * (most + 40), [preview] * (most + 40)))
    assert over.size == (full.width, full.height + 34)
    assert full.width * full.height < 30_000_000


def test_sheets_and_pages_tell_of_photos_without_preview(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"no photo")
    done = pixelater("run", "bad.jpg", "photo.jpg", "--sheet", "s.png", "--html", "p.html")
    assert done.code == 1
    assert done.out.splitlines()[-1] == "s.png and p.html: contains small copies of the photos"
    done = pixelater("run", "bad.jpg", "--sheet", "none.png")
    assert (done.code, (tmp_path / "none.png").exists()) == (1, False)


@pytest.mark.parametrize(
    "line",
    [
        "--show --json",
        "--sheet sheet.jpg",
        "--html photo2.jpg",
        "--html -",
        "--sheet -",
        "--html p.html --out -",
    ],
)
def test_what_does_not_go_together_is_refused(
    pixelater: Pixelater, photo: Path, line: str, snapshot: Snapshot
) -> None:
    before = photo.read_bytes()
    done = pixelater("run", "photo.jpg", *line.split())
    assert (done.code, done.err) == (2, snapshot)
    assert photo.read_bytes() == before


@pytest.mark.parametrize("taken", ["photo.png", "pixelated/pixelated-8x8-photo.png"])
def test_a_sheet_goes_over_no_photo_and_no_mosaic(
    pixelater: Pixelater, tmp_path: Path, taken: str, snapshot: Snapshot
) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(encode(make_scene()))
    done = pixelater("run", "photo.png", "--sheet", taken)
    assert (done.code, done.err) == (1, snapshot)
    assert photo.read_bytes() == encode(make_scene())


def test_what_is_up_to_date_is_made_again_to_be_shown(pixelater: Pixelater, photo: Path) -> None:
    settle()
    for _ in range(2):
        document = json.loads(pixelater("run", "photo.jpg", "--sheet", "s.png", "--json").out)
        assert (document["photos"][0]["up_to_date"], document["sheet"]) == (False, "s.png")
    done = json.loads(pixelater("run", "photo.jpg", "--json").out)
    assert done["photos"][0]["up_to_date"] is True


def test_a_damaged_profile_hides_no_picture() -> None:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[128:132] = b"\xff\xff\xff\xff"
    photo = encode(make_scene(), icc_profile=bytes(profile))
    preview = make_thumbnails(photo, pixelate(photo, [8]))
    assert len(list_cells(preview.mosaics[0])) == 8
