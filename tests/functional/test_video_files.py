"""`pixelater run` with videos: names of files, plans, and options that have no effect."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.clips import draw_frames, read_clip, write_clip
from tests.functional.conftest import Pixelater, settle
from tests.pictures import encode, make_scene

pytest.importorskip("av", reason="PyAV is not installed")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mov"
    write_clip(path, draw_frames(6))
    return path


@pytest.fixture
def webm(tmp_path: Path) -> Path:
    path = tmp_path / "clip.webm"
    write_clip(path, draw_frames(6), codec="libvpx-vp9")
    return path


def test_out_names_the_file_of_one_video(
    pixelater: Pixelater, clip: Path, webm: Path, tmp_path: Path
) -> None:
    for source, target in ((clip, "new/out.mp4"), (webm, "out.WEBM")):
        done = pixelater("run", source.name, "--grids", "4", "--out", target)
        assert (done.code, done.err) == (0, "")
        assert len(read_clip(tmp_path / target)[0]) == 6


@pytest.mark.usefixtures("photo", "clip", "webm")
@pytest.mark.parametrize(
    ("line", "code", "problem", "hint"),
    [
        (
            "clip.mov --out out.mov",
            2,
            "--out: mosaics cannot be written as .mov",
            "Use .mp4; to write into a folder of this name, create it first.",
        ),
        (
            "clip.mov --out out.jpg",
            1,
            "clip.mov: its mosaic is MP4, which out.jpg does not say",
            "Name the file with the suffix .mp4",
        ),
        (
            "clip.mov --out out.webm",
            1,
            "clip.mov: its mosaic is MP4, which out.webm does not say",
            "Name the file with the suffix .mp4",
        ),
        (
            "clip.webm --out out.mp4",
            1,
            "clip.webm: its mosaic is WebM, which out.mp4 does not say",
            "Name the file with the suffix .webm",
        ),
        (
            "photo.jpg --out out.mp4",
            1,
            "photo.jpg: its mosaic is JPEG, which out.mp4 does not say",
            "Name the file with the suffix .jpg",
        ),
        (
            "photo.jpg clip.mov clip.webm --out out.mp4",
            2,
            "--out out.mp4 is for one mosaic, and there are 1 photo and 2 videos",
            "Name one photo or video, or a folder with --out.",
        ),
    ],
)
def test_out_of_another_kind_is_refused(
    pixelater: Pixelater,
    tmp_path: Path,
    line: str,
    code: int,
    problem: str,
    hint: str,
) -> None:
    done = pixelater("run", *line.split(), "--grids", "4")
    assert (done.code, problem in done.err, hint in done.err) == (code, True, True)
    assert not list(tmp_path.glob("out*"))


def test_folder_with_the_suffix_of_a_video_is_a_folder(
    pixelater: Pixelater, clip: Path, tmp_path: Path
) -> None:
    (tmp_path / "out.mp4").mkdir()
    assert pixelater("run", "clip.mov", "--grids", "4,8", "--out", "out.mp4").code == 0
    assert len(list((tmp_path / "out.mp4").iterdir())) == 2


def test_videos_of_one_name_are_refused(pixelater: Pixelater, clip: Path, webm: Path) -> None:
    done = pixelater("run", "clip.mov", "clip.webm", "--grids", "4", "--name", "{grid}{suffix}")
    assert (done.code, "different photos have the same name" in done.err) == (2, True)


def test_plan_lists_videos(
    pixelater: Pixelater, clip: Path, webm: Path, photo: Path, tmp_path: Path
) -> None:
    settle()
    assert pixelater("run", "clip.webm", "--grids", "4").code == 0
    (tmp_path / "pixelated" / "pixelated-4x4-clip.mp4").write_bytes(b"a mosaic")
    options = ("clip.mov", "clip.webm", "photo.jpg", "--grids", "4,8", "--force")
    planned = pixelater("run", *options, "--plan")
    assert (planned.code, planned.out.splitlines()) == (
        3,
        [
            "create: pixelated/pixelated-4x4-photo.jpg",
            "create: pixelated/pixelated-8x8-photo.jpg",
            "replace: pixelated/pixelated-4x4-clip.mp4",
            "create: pixelated/pixelated-8x8-clip.mp4",
            "replace: pixelated/pixelated-4x4-clip.webm",
            "create: pixelated/pixelated-8x8-clip.webm",
            "Nothing was written: 4 mosaics to create, 2 to replace.",
        ],
    )
    document = json.loads(pixelater("run", *options, "--plan", "--json").out)
    made = json.loads(pixelater("run", *options, "--json").out)
    paths = [[mosaic["path"] for mosaic in each["planned"]] for each in document["videos"]]
    assert paths == [[mosaic["path"] for mosaic in each["mosaics"]] for each in made["videos"]]


def test_plan_tells_videos_that_are_up_to_date_or_would_fail(
    pixelater: Pixelater, clip: Path
) -> None:
    settle()
    assert pixelater("run", "clip.mov", "--grids", "4").code == 0
    settle()
    known = pixelater("run", "clip.mov", "--grids", "4", "--plan")
    assert (known.code, known.out) == (
        0,
        "up to date: clip.mov\n"
        "Nothing was written: 0 mosaics to create, 0 to replace, 1 video up to date.\n",
    )
    failing = pixelater("run", "clip.mov", "--palette", "4", "--plan")
    assert (failing.code, "videos take --grids only" in failing.err) == (1, True)


@pytest.mark.parametrize(
    ("names", "options", "warning"),
    [
        ("photo.jpg", "--audio drop", "warning: --audio drop has no effect: there is no video\n"),
        ("photo.jpg clip.mov", "--audio drop", ""),
        (
            "clip.mov",
            "--format webp",
            "warning: --format webp has no effect on videos, which become MP4 or WebM\n",
        ),
        ("photo.jpg clip.mov", "--format webp", ""),
    ],
)
def test_options_without_effect_are_told(
    pixelater: Pixelater, photo: Path, clip: Path, names: str, options: str, warning: str
) -> None:
    for more in ([], ["--plan"]):
        done = pixelater("run", *names.split(), "--grids", "4", *options.split(), *more)
        assert done.err == warning


def test_a_video_with_sound_is_made_again_without(pixelater: Pixelater, clip: Path) -> None:
    settle()
    pixelater("run", "clip.mov", "--grids", "4")
    settle()
    done = pixelater("run", "clip.mov", "--grids", "4", "--audio", "drop", "--json")
    assert json.loads(done.out)["videos"][0]["up_to_date"] is False


def test_photos_with_the_suffix_of_a_video_keep_their_names(
    pixelater: Pixelater, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(encode(make_scene(), "JPEG"))
    assert pixelater("run", "a.jpg", "--grids", "4", "--name", "{stem}.mp4{suffix}").code == 0
    assert (tmp_path / "pixelated" / "a.mp4.jpg").exists()


def test_a_video_that_is_cut_off_is_told(pixelater: Pixelater, tmp_path: Path) -> None:
    """Matroska has no index that would be missing: what is there can be played."""
    path = tmp_path / "clip.mkv"
    write_clip(path, draw_frames(60))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    done = pixelater("run", "clip.mkv", "--grids", "4")
    assert (done.code, "of about 60 frames could be read" in done.err) == (0, True), done.err
