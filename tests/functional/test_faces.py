"""Faces in photos and videos, found by the real model; the face is scikit-image's astronaut."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from pixelater_cli.local.model_store import find_folder
from pixelater_detectors.boxes import Detection
from pixelater_detectors.faces import FaceDetector
from pixelater_detectors.models import MODELS, ModelMissing, read_model
from tests.clips import read_clip, write_clip
from tests.functional.conftest import Environment, Pixelater

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
pytest.importorskip("skimage", reason="scikit-image is not installed")

FACE = 220, 115
"""The middle of the astronaut's face."""


@pytest.fixture(scope="module")
def detector() -> FaceDetector:
    try:
        return FaceDetector(read_model("faces", [find_folder()]))
    except ModelMissing as error:
        pytest.skip(f"{error}: pixelater models install")


@pytest.fixture(scope="module")
def portrait() -> Image.Image:
    from skimage import data

    return Image.fromarray(data.astronaut())


@pytest.fixture
def installed(detector: FaceDetector, clean_environment: Environment) -> None:
    """The models are in the cache folder of the commands, too."""
    folder = Path(clean_environment["XDG_CACHE_HOME"]) / "pixelater" / "models"
    folder.mkdir(parents=True, exist_ok=True)
    for model in MODELS.values():
        shutil.copy(find_folder() / model.file_name, folder)


def has_face(boxes: list[Detection], place: tuple[int, int]) -> bool:
    return any(box.left < place[0] < box.right and box.top < place[1] < box.lower for box in boxes)


@pytest.mark.parametrize("side", [256, 512, 1500, 4000])
def test_a_face_is_found_at_any_size(
    detector: FaceDetector, portrait: Image.Image, side: int
) -> None:
    found = detector.find(portrait.resize((side, side)))
    assert len(found) == 1
    assert has_face(found, (FACE[0] * side // 512, FACE[1] * side // 512))


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_face_is_found_thoroughly(
    detector: FaceDetector, portrait: Image.Image, turns: int
) -> None:
    marked = Image.new("L", portrait.size)
    marked.paste(255, (*FACE, FACE[0] + 1, FACE[1] + 1))
    place = marked.rotate(90 * turns, expand=True).getbbox()
    assert place
    found = detector.find(portrait.rotate(90 * turns, expand=True), thorough=True)
    assert len(found) == 1
    assert has_face(found, place[:2])


def test_run_hides_the_face_and_says_where(
    pixelater: Pixelater, installed: None, portrait: Image.Image, tmp_path: Path
) -> None:
    portrait.save(tmp_path / "a.png")
    Image.linear_gradient("L").save(tmp_path / "b.png")
    done = pixelater("run", "a.png", "b.png", "--only", "faces", "--json")
    first, second = json.loads(done.out)["photos"]
    (region,) = first["regions"]
    assert (done.code, region["kind"], second["nothing"]) == (0, "face", "faces")
    assert region["left"] < FACE[0] < region["left"] + region["width"]
    made = Image.open(tmp_path / "pixelated" / "pixelated-regions-a.png")
    box = (
        region["left"],
        region["top"],
        region["left"] + region["width"],
        region["top"] + region["height"],
    )
    cells = made.crop(box).getcolors(1000)
    assert cells
    assert len(cells) <= 6 * 9


def test_no_frame_of_a_video_shows_the_face(
    pixelater: Pixelater,
    installed: None,
    detector: FaceDetector,
    portrait: Image.Image,
    tmp_path: Path,
) -> None:
    pytest.importorskip("av", reason="PyAV is not installed")
    frames = [portrait.crop((2 * x, 0, 2 * x + 320, 240)) for x in range(40)]
    frames += [portrait.crop((150 - 3 * x, 20, 470 - 3 * x, 260)) for x in range(40)]
    write_clip(tmp_path / "clip.mp4", frames)
    assert pixelater("run", "clip.mp4", "--only", "faces").code == 0
    shown, _, _ = read_clip(tmp_path / "pixelated" / "pixelated-regions-clip.mp4")
    bare = [number for number, frame in enumerate(shown) if detector.find(frame, 0.5)]
    assert (len(shown), bare) == (80, [])


def test_cells_on_the_largest_face_are_counted(
    pixelater: Pixelater, installed: None, portrait: Image.Image, tmp_path: Path
) -> None:
    """The astronaut's face is about a fifth of the picture's width."""
    portrait.save(tmp_path / "a.png")
    Image.linear_gradient("L").save(tmp_path / "b.png")
    words = "run", "a.png", "b.png", "--grids", "8,64"
    pixelater(*words)
    plain, _ = json.loads(pixelater(*words, "--json").out)["photos"]
    assert [mosaic["face_cells"] for mosaic in plain["mosaics"]] == [None, None]
    checked = pixelater(*words, "--check-faces", "--json")
    first, second = json.loads(checked.out)["photos"]
    few, many = (mosaic["face_cells"] for mosaic in first["mosaics"])
    (face,) = first["faces"]
    assert face["left"] < FACE[0] < face["left"] + face["width"]
    assert (few, 9 <= many <= 16) == (2, True)
    assert [warning.split(":")[0] for warning in first["warnings"]] == ["grid 64"]
    assert [mosaic["face_cells"] for mosaic in second["mosaics"]] == [0, 0]
    assert (second["faces"], second["warnings"]) == ([], [])


def test_faces_of_videos_are_not_checked_and_that_is_said(
    pixelater: Pixelater, installed: None, portrait: Image.Image, tmp_path: Path
) -> None:
    pytest.importorskip("av", reason="PyAV is not installed")
    write_clip(tmp_path / "clip.mp4", [portrait.crop((0, 0, 320, 240))] * 3)
    done = pixelater("run", "clip.mp4", "--grids", "4", "--check-faces")
    told = "warning: --check-faces has no effect on videos, whose faces are not checked\n"
    assert (done.code, done.err) == (0, told)


def test_preset_hides_faces_and_text_in_six_cells(
    pixelater: Pixelater, installed: None, portrait: Image.Image, tmp_path: Path
) -> None:
    signed = portrait.copy()
    ImageDraw.Draw(signed).text((20, 440), "SECRET TEXT", "white", font_size=48)
    signed.save(tmp_path / "a.png")
    options = "--only", "faces,text", "--region-cells", "6"
    (named,) = json.loads(pixelater("run", "a.png", *options, "--json").out)["photos"]
    made = (tmp_path / "pixelated" / "pixelated-regions-a.png").read_bytes()
    (tmp_path / "pixelated" / "pixelated-regions-a.png").unlink()
    done = pixelater("run", "a.png", "--preset", "privacy", "--json")
    assert json.loads(done.out)["photos"][0]["regions"] == named["regions"]
    assert {region["kind"] for region in named["regions"]} == {"face", "text"}
    assert (tmp_path / "pixelated" / "pixelated-regions-a.png").read_bytes() == made
    narrower = pixelater("run", "a.png", "--preset", "privacy", "--only", "faces", "--json")
    kinds = {region["kind"] for region in json.loads(narrower.out)["photos"][0]["regions"]}
    assert kinds == {"face"}


def make_signs() -> list[Image.Image]:
    """Draw text that moves, and that is there in the middle only."""
    frames = []
    for number in range(30):
        frame = Image.new("RGB", (480, 320), "gray")
        if 7 <= number < 20:
            place = 40 + 2 * number, 120
            ImageDraw.Draw(frame).text(place, "AB 123 CD", "black", font_size=48)
        frames.append(frame)
    return frames


def test_text_of_videos_is_hidden(pixelater: Pixelater, installed: None, tmp_path: Path) -> None:
    pytest.importorskip("av", reason="PyAV is not installed")
    write_clip(tmp_path / "clip.mp4", make_signs())
    done = pixelater("run", "clip.mp4", "--only", "text", "--solid", "--json")
    (video,) = json.loads(done.out)["videos"]
    (found,) = video["hidden"]
    assert (found["kind"], found["most"], found["frames"] >= 13) == ("text", 1, True)
    shown, _, _ = read_clip(tmp_path / "pixelated" / "pixelated-regions-clip.mp4")
    for number in range(7, 20):
        place = 40 + 2 * number, 130, 270 + 2 * number, 165
        assert max(shown[number].crop(place).convert("L").tobytes()) < 40, number


def test_turned_faces_of_videos_are_found_thoroughly(
    pixelater: Pixelater, installed: None, portrait: Image.Image, tmp_path: Path
) -> None:
    pytest.importorskip("av", reason="PyAV is not installed")
    turned = portrait.crop((60, 0, 380, 240)).transpose(Image.Transpose.ROTATE_180)
    write_clip(tmp_path / "clip.mp4", [turned] * 6)
    done = pixelater("run", "clip.mp4", "--only", "faces", "--thorough", "--json")
    (found,) = json.loads(done.out)["videos"][0]["hidden"]
    assert (found["kind"], found["frames"], found["most"]) == ("face", 6, 1)
    strict = pixelater("run", "clip.mp4", "--only", "faces", "--threshold", "1", "--json")
    assert json.loads(strict.out)["videos"][0]["nothing"] == "faces"
    assert list((tmp_path / "pixelated").iterdir()) == []
