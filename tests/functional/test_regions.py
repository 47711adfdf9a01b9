"""`pixelater run` with regions: what is written, what is said, and what is refused."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image

from pixelater.regions.photo import pixelate_regions
from pixelater.regions.region import Region
from tests.functional.conftest import Pixelater, settle
from tests.functional.test_run import listing
from tests.functional.test_run_files import run_with_stdin
from tests.pictures import encode, make_noise

REGION = "8,4,16,16"


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Photos a.png and b.jpg in a folder."""
    folder = tmp_path / "album"
    folder.mkdir()
    (folder / "a.png").write_bytes(encode(make_noise("RGB", (40, 30), 1)))
    (folder / "b.jpg").write_bytes(encode(make_noise("RGB", (40, 30), 2), "JPEG"))
    return folder


def test_run_writes_the_bytes_of_the_library(
    pixelater: Pixelater, album: Path, tmp_path: Path
) -> None:
    done = pixelater("run", "album", "--region", REGION)
    assert (done.code, done.err) == (0, "")
    assert listing(tmp_path / "pixelated") == ["pixelated-regions-a.png", "pixelated-regions-b.jpg"]
    for name in ("a.png", "b.jpg"):
        made = (tmp_path / "pixelated" / f"pixelated-regions-{name}").read_bytes()
        assert made == pixelate_regions(album / name, [Region(8, 4, 16, 16)]).data


def test_the_document_has_every_region(pixelater: Pixelater, album: Path) -> None:
    done = pixelater(
        "run", str(album / "a.png"), "--region", REGION, "--region", "0,0,4,4", "--json"
    )
    (photo,) = json.loads(done.out)["photos"]
    assert [list(region.values()) for region in photo["regions"]] == [
        ["region", 8, 4, 16, 16, 1.0],
        ["region", 0, 0, 4, 4, 1.0],
    ]
    assert [mosaic["grid"] for mosaic in photo["mosaics"]] == [0]


def test_regions_of_a_file_are_for_photos_by_name(
    pixelater: Pixelater, album: Path, tmp_path: Path
) -> None:
    (tmp_path / "regions.json").write_text(json.dumps({"a.png": [REGION]}))
    done = pixelater("run", "album", "--regions", "regions.json")
    assert listing(tmp_path / "pixelated") == ["pixelated-regions-a.png"]
    assert (done.code, done.err) == (0, f"no regions found: {Path('album', 'b.jpg')}\n")


def test_names_that_no_photo_has_are_told(
    pixelater: Pixelater, album: Path, tmp_path: Path
) -> None:
    (tmp_path / "regions.json").write_text(json.dumps({"a.png": [REGION], "A.png": [REGION]}))
    done = pixelater("run", "album/a.png", "--regions", "regions.json")
    assert "warning: --regions: no photo is named A.png" in done.err.splitlines()


def test_a_photo_without_regions_can_be_copied(
    pixelater: Pixelater, album: Path, tmp_path: Path
) -> None:
    (tmp_path / "regions.json").write_text("[]")
    done = pixelater("run", "album/a.png", "--regions", "regions.json", "--copy-unchanged")
    copied = Image.open(tmp_path / "pixelated" / "pixelated-regions-a.png")
    assert done.code == 0
    assert copied.tobytes() == Image.open(album / "a.png").tobytes()


def test_an_earlier_output_goes_when_nothing_is_found(
    pixelater: Pixelater, album: Path, tmp_path: Path
) -> None:
    regions = tmp_path / "regions.json"
    regions.write_text(json.dumps([REGION]))
    pixelater("run", "album", "--regions", "regions.json")
    regions.write_text(json.dumps({"b.jpg": [REGION]}))
    pixelater("run", "album", "--regions", "regions.json")
    assert listing(tmp_path / "pixelated") == ["pixelated-regions-b.jpg"]


@pytest.mark.parametrize(
    ("changed", "found", "left"),
    [
        (False, True, ["pixelated-regions-b.jpg", "pixelated-regions-b.png"]),
        (False, False, []),
        (True, True, ["pixelated-regions-b.jpg"]),
        (True, False, []),
    ],
)
def test_outputs_in_other_formats_do_not_outlive_their_photo(
    pixelater: Pixelater,
    album: Path,
    tmp_path: Path,
    changed: bool,
    found: bool,
    left: list[str],
) -> None:
    regions = tmp_path / "regions.json"
    regions.write_text(json.dumps([REGION]))
    settle()
    line = "run", "album/b.jpg", "--regions", "regions.json"
    for more in (["--format", "png"], []):
        assert pixelater(*line, *more).code == 0
    if changed:
        (album / "b.jpg").write_bytes(encode(make_noise("RGB", (40, 30), 3), "JPEG"))
        settle()
    regions.write_text(json.dumps([REGION] if found else []))
    assert pixelater(*line, "--force").code == 0
    assert listing(tmp_path / "pixelated") == left


def test_a_foreign_file_of_that_name_stays(
    pixelater: Pixelater, album: Path, tmp_path: Path
) -> None:
    foreign = tmp_path / "pixelated" / "pixelated-regions-a.png"
    foreign.parent.mkdir()
    foreign.write_bytes(b"somebody's")
    (tmp_path / "regions.json").write_text("[]")
    pixelater("run", "album/a.png", "--regions", "regions.json")
    assert foreign.read_bytes() == b"somebody's"


def test_a_second_run_makes_nothing_again(pixelater: Pixelater, album: Path) -> None:
    pixelater("run", "album", "--region", REGION)
    settle()
    pixelater("run", "album", "--region", REGION, "--force")
    assert "2 photos up to date" in pixelater("run", "album", "--region", REGION).out
    assert "2 photos done" in pixelater("run", "album", "--region", REGION, "--solid").out


def test_mosaics_of_regions_are_not_taken_for_photos(
    pixelater: Pixelater, album: Path, tmp_path: Path
) -> None:
    pixelater("run", "album", "--region", REGION, "--out", "album")
    pixelater("run", "album", "--grids", "8")
    assert listing(tmp_path / "pixelated") == ["pixelated-8x8-a.png", "pixelated-8x8-b.jpg"]


def test_names_of_templates_say_regions(pixelater: Pixelater, album: Path, tmp_path: Path) -> None:
    pixelater("run", "album", "--region", REGION, "--name", "{stem}-{grid}{suffix}")
    assert listing(tmp_path / "pixelated") == ["a-regions.png", "b-regions.jpg"]


def test_one_photo_goes_from_stdin_to_stdout(
    clean_environment: dict[str, str], album: Path, tmp_path: Path
) -> None:
    data = (album / "a.png").read_bytes()
    options = ["-", "--region", REGION, "--out", "-"]
    done = run_with_stdin(clean_environment, tmp_path, data, *options)
    made = pixelate_regions(data, [Region(8, 4, 16, 16)])
    assert (done.returncode, done.stdout, done.stderr) == (0, made.data, b"")


def test_a_region_outside_one_photo_is_its_error(pixelater: Pixelater, album: Path) -> None:
    (album / "large.png").write_bytes(encode(make_noise("RGB", (90, 90))))
    done = pixelater("run", "album", "--region", "60,60,20,20", "--json")
    errors = [photo["error"] for photo in json.loads(done.out)["photos"]]
    outside = "region 60,60,20,20 is outside the photo of 40 x 30 pixels"
    assert (done.code, errors) == (1, [outside, outside, ""])


def test_shape_color_and_padding_are_those_of_the_options(
    pixelater: Pixelater, album: Path, tmp_path: Path
) -> None:
    pixelater(
        *("run", "album/a.png", "--region", "10,10,4,4", "--pad", "3", "--solid"),
        *("--solid-color", "#ff0000"),
    )
    shown = Image.open(tmp_path / "pixelated" / "pixelated-regions-a.png")
    before = Image.open(io.BytesIO((album / "a.png").read_bytes()))
    red = [(x, y) for x in range(40) for y in range(30) if shown.getpixel((x, y)) == (255, 0, 0)]
    assert {(x, y) for x in range(7, 17) for y in range(7, 17)} == set(red)
    assert shown.getpixel((6, 7)) == before.getpixel((6, 7))


@pytest.mark.parametrize(
    ("line", "option"),
    [
        ("--region 1,2,3", "--region"),
        ("--region 1,2,3,0", "--region"),
        ("--regions nosuch.json", "nosuch.json"),
        ("--only cats", "--only"),
        ("--region 1,1,9,9 --region-cells 0", "--region-cells"),
        ("--region 1,1,9,9 --pad -3", "--pad"),
        ("--region 1,1,9,9 --solid-color red", "--solid-color"),
        ("--region 1,1,9,9 --solid --solid-color nocolor", "--solid-color"),
        ("--only faces --threshold 2", "--threshold"),
        ("--region 1,1,9,9 --threshold 0.2", "--threshold"),
        ("--ellipse", "--ellipse"),
        ("--region 1,1,9,9 --grids 8", "--grids"),
        ("--region 1,1,9,9 --palette gameboy", "--palette"),
    ],
)
def test_wrong_options_are_named(pixelater: Pixelater, album: Path, line: str, option: str) -> None:
    done = pixelater("run", "album", *line.split())
    assert done.code == 2
    assert done.err.startswith(f"error: {option}")
