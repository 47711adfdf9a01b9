"""`pixelater run` with videos: times, places and tags, and what is left when it fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from tests.clips import SECRET, draw_frames, read_clip, write_clip
from tests.functional.conftest import Pixelater, settle

pytest.importorskip("av", reason="PyAV is not installed")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    write_clip(path, draw_frames(30))
    return path


def list_made(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "pixelated").iterdir())


def test_whole_frames_have_cells_of_one_color(
    pixelater: Pixelater, clip: Path, tmp_path: Path
) -> None:
    done = pixelater("run", clip.name, "--grids", "4,8")
    assert (done.code, done.err) == (0, "")
    assert list_made(tmp_path) == ["pixelated-4x4-clip.mp4", "pixelated-8x8-clip.mp4"]
    frames, times, _ = read_clip(tmp_path / "pixelated" / "pixelated-4x4-clip.mp4")
    assert times == read_clip(clip)[1]
    for frame in frames:
        for left in range(0, 160, 40):
            inner = frame.crop((left + 4, 4, left + 36, 26))
            assert max(high - low for low, high in inner.getextrema()) <= 6  # type: ignore[misc]


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.mov"])
def test_times_of_variable_frame_rates_stay(
    pixelater: Pixelater, tmp_path: Path, name: str
) -> None:
    times = [0, 17, 34, 120, 300, 317, 333, 900]
    write_clip(tmp_path / name, draw_frames(8), times)
    pixelater("run", name, "--grids", "4")
    _, made, _ = read_clip(tmp_path / "pixelated" / "pixelated-4x4-clip.mp4")
    assert [round(1000 * time) for time in made] == times


def test_webm_stays_webm(pixelater: Pixelater, tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.webm", draw_frames(5), codec="libvpx-vp9")
    pixelater("run", "clip.webm", "--grids", "4")
    frames, _, _ = read_clip(tmp_path / "pixelated" / "pixelated-4x4-clip.webm")
    assert len(frames) == 5


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_rotation_stays(pixelater: Pixelater, tmp_path: Path, rotation: int) -> None:
    write_clip(tmp_path / "clip.mp4", draw_frames(5), rotation=rotation)
    pixelater("run", "clip.mp4", "--grids", "4")
    made = read_clip(tmp_path / "pixelated" / "pixelated-4x4-clip.mp4")[2]["rotation"]
    assert made % 360 == rotation % 360


def test_ten_bits_stay(pixelater: Pixelater, tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4", draw_frames(5), format="yuv420p10le")
    pixelater("run", "clip.mp4", "--region", "10,10,50,50")
    made = tmp_path / "pixelated" / "pixelated-regions-clip.mp4"
    assert read_clip(made)[2]["format"] == "yuv420p10le"


def test_titles_and_places_go(pixelater: Pixelater, clip: Path, tmp_path: Path) -> None:
    assert SECRET in read_clip(clip)[2]["metadata"]
    pixelater("run", clip.name, "--grids", "4")
    made = tmp_path / "pixelated" / "pixelated-4x4-clip.mp4"
    assert SECRET.encode() not in made.read_bytes()
    assert b"+47" not in made.read_bytes()


@pytest.mark.parametrize("rotation", [0, 90, 180, -90])
def test_regions_are_those_of_the_upright_video(
    pixelater: Pixelater, tmp_path: Path, rotation: int
) -> None:
    write_clip(tmp_path / "clip.mp4", draw_frames(10), rotation=rotation)
    pixelater("run", "clip.mp4", "--region", "0,0,60,40", "--solid")
    frames, _, about = read_clip(tmp_path / "pixelated" / "pixelated-regions-clip.mp4")
    before, _, _ = read_clip(tmp_path / "clip.mp4")
    for frame, other in zip(frames, before, strict=True):
        shown = frame.rotate(about["rotation"], expand=True)
        inside = shown.crop((2, 2, 58, 38)).convert("L")
        assert max(inside.tobytes()) < 24
        difference = ImageChops.difference(shown, other.rotate(about["rotation"], expand=True))
        outside = difference.crop((70, 50, *shown.size)).convert("L")
        assert max(outside.tobytes()) < 24


def test_a_video_that_is_up_to_date_is_not_made_again(pixelater: Pixelater, clip: Path) -> None:
    settle()
    pixelater("run", clip.name, "--grids", "4")
    settle()
    document = json.loads(pixelater("run", clip.name, "--grids", "4", "--json").out)
    assert (document["photos"], document["videos"][0]["up_to_date"]) == ([], True)


def test_a_damaged_video_leaves_nothing(pixelater: Pixelater, clip: Path, tmp_path: Path) -> None:
    clip.write_bytes(clip.read_bytes()[:600])
    done = pixelater("run", clip.name, "--grids", "4")
    assert (done.code, done.err.startswith("error: clip.mp4: ")) == (1, True)
    assert list((tmp_path / "pixelated").rglob("*")) == []


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ("--palette gameboy", "videos take --grids only"),
        ("--region 900,0,9,9", "is outside the video"),
    ],
)
def test_what_videos_do_not_take_is_said(
    pixelater: Pixelater, clip: Path, tmp_path: Path, options: str, problem: str
) -> None:
    done = pixelater("run", clip.name, *options.split())
    assert (done.code, problem in done.err) == (1, True), done.err
    assert list((tmp_path / "pixelated").rglob("*.mp4")) == []


def test_photos_and_videos_of_a_folder_are_made(
    pixelater: Pixelater, clip: Path, tmp_path: Path
) -> None:
    Image.new("RGB", (64, 64), "teal").save(tmp_path / "photo.png")
    done = pixelater("run", ".", "--grids", "4")
    assert (done.code, done.err) == (0, "")
    assert list_made(tmp_path) == ["pixelated-4x4-clip.mp4", "pixelated-4x4-photo.png"]


def read_area(frame: Image.Image, box: tuple[int, int, int, int]) -> bytes:
    return frame.crop(box).convert("L").tobytes()


@pytest.mark.parametrize("rotation", [0, 90])
def test_ellipses_leave_corners(pixelater: Pixelater, tmp_path: Path, rotation: int) -> None:
    write_clip(
        tmp_path / "clip.mp4", [Image.new("RGB", (160, 120), "white")] * 5, rotation=rotation
    )
    pixelater("run", "clip.mp4", "--region", "20,20,80,60", "--solid", "--ellipse")
    frames, _, about = read_clip(tmp_path / "pixelated" / "pixelated-regions-clip.mp4")
    shown = frames[2].rotate(about["rotation"], expand=True)
    assert max(read_area(shown, (40, 40, 80, 60))) < 24
    for left, top in ((20, 20), (92, 20), (20, 72), (92, 72)):
        assert min(read_area(shown, (left, top, left + 8, top + 8))) > 200


@pytest.mark.parametrize("ellipse", [[], ["--ellipse"]])
def test_all_but_the_regions_can_be_hidden(
    pixelater: Pixelater, tmp_path: Path, ellipse: list[str]
) -> None:
    frames = [Image.effect_noise((160, 120), 80).convert("RGB")] * 5
    write_clip(tmp_path / "clip.mp4", frames)
    pixelater("run", "clip.mp4", "--region", "21,21,80,60", "--invert", *ellipse)
    (before, *_), _, _ = read_clip(tmp_path / "clip.mp4")
    (shown, *_), _, _ = read_clip(tmp_path / "pixelated" / "pixelated-regions-clip.mp4")
    difference = ImageChops.difference(before, shown)
    assert sum(read_area(difference, (50, 40, 70, 60))) / 400 < 10
    assert sum(read_area(difference, (104, 0, 160, 120))) / (56 * 120) > 30
    corner = sum(read_area(difference, (22, 22, 28, 28))) / 36
    assert (corner > 25) == bool(ellipse)


def test_videos_are_counted_as_videos(pixelater: Pixelater, clip: Path, tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), "teal").save(tmp_path / "photo.png")
    done = pixelater("run", ".", "--region", "0,0,9,9", "--json")
    document = json.loads(done.out)
    (video,) = document["videos"]
    assert [photo["photo"] for photo in document["photos"]] == ["photo.png"]
    assert (video["video"], video["frames"], video["error"]) == ("clip.mp4", 30, "")
    assert video["hidden"] == [{"kind": "region", "frames": 30, "most": 1, "score": 1.0}]
    lines = pixelater("run", ".", "--region", "0,0,8,9").out.splitlines()
    assert [line.split("  ")[1].split(" hidden")[0] for line in lines[:2]] == [
        "1 region",
        "region in 30 of 30 frames",
    ]
    assert lines[2].startswith("1 photo and 1 video done, 2 mosaics")


def test_a_given_region_is_in_every_frame_at_once(pixelater: Pixelater, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (160, 120), color) for color in ("white", "blue", "white", "red")]
    write_clip(tmp_path / "clip.mp4", frames)
    pixelater("run", "clip.mp4", "--region", "40,40,40,40", "--solid")
    shown, _, _ = read_clip(tmp_path / "pixelated" / "pixelated-regions-clip.mp4")
    assert [max(read_area(frame, (44, 44, 76, 76))) < 24 for frame in shown] == [True] * 4
