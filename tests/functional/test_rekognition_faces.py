"""Faces and text that the emulator's Rekognition finds, with the real models.

The face is scikit-image's astronaut.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from pixelater_cli.local.model_store import find_folder
from pixelater_detectors.boxes import Detection, overlap
from pixelater_detectors.detect import Detectors, pad
from pixelater_detectors.models import MODELS
from pixelater_detectors.rekognition import RekognitionDetectors
from tests.functional.lambdas import BUCKET, Bench, start_bench

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
pytest.importorskip("skimage", reason="scikit-image is not installed")

if not all((find_folder() / model.file_name).exists() for model in MODELS.values()):
    pytest.skip("pixelater models install", allow_module_level=True)

ORIENTATION = 0x0112
TURNED = 6
"""The file has the photo turned to the left."""


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with start_bench() as one:
        one.connect("s3").create_bucket(Bucket=BUCKET)
        yield one


@pytest.fixture(scope="module")
def portrait() -> Image.Image:
    from skimage import data

    return Image.fromarray(data.astronaut())


@pytest.fixture(scope="module")
def sign() -> Image.Image:
    """A page with two lines of text."""
    image = Image.new("RGB", (800, 600), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(48)
    pen.text((100, 100), "NO PARKING", "black", font)
    pen.text((300, 400), "AB 12345", "black", font)
    return image


def encode(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def find_overlaps(found: list[Detection], others: list[Detection]) -> list[float]:
    assert len(found) == len(others)
    by_place = [sorted(each, key=lambda box: (box.kind, box.top)) for each in (found, others)]
    return [overlap(one, other) for one, other in zip(*by_place, strict=True)]


def test_client_finds_what_local_detectors_find(
    bench: Bench, portrait: Image.Image, sign: Image.Image
) -> None:
    """Boxes make the way to ratios and back, also where the picture was reduced or enlarged."""
    both = Image.new("RGB", (1400, 700), "white")
    both.paste(portrait, (50, 50))
    both.paste(sign, (600, 50))
    detectors = RekognitionDetectors(bench.connect("rekognition"))
    for factor in (0.5, 1, 4):
        photo = both.resize((round(both.width * factor), round(both.height * factor)))
        found = detectors.find(photo, ("faces", "text"), threshold=0.6)
        local = Detectors([find_folder()], 1).find(photo, ("faces", "text"), threshold=0.6)
        assert min(find_overlaps(found, local)) > 0.7
        assert {box.kind for box in found} == {"face", "text"}


def test_client_finds_more_than_rekognition_returns(bench: Bench) -> None:
    """Rekognition returns 100 words, and the page has 150: its parts are searched, too."""
    page = Image.new("RGB", (2400, 1800), "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(30)
    words = []
    for number in range(150):
        place = 30 + number % 10 * 240, 30 + number // 10 * 118
        pen.text(place, f"word{number}", "black", font)
        words.append(pen.textbbox(place, f"word{number}", font))
    found = RekognitionDetectors(bench.connect("rekognition")).find(page, ("text",))
    hidden = [pad(box) for box in found]
    bare = [
        (left, top)
        for left, top, right, lower in words
        if not any(
            box[0] <= left and box[1] <= top and box[2] >= right and box[3] >= lower
            for box in hidden
        )
    ]
    assert bare == []


def test_face_has_landmarks_in_the_order_of_a_face(bench: Bench, portrait: Image.Image) -> None:
    answer = bench.connect("rekognition").detect_faces(Image={"Bytes": encode(portrait)})
    (face,) = answer["FaceDetails"]
    assert face.keys() == {"BoundingBox", "Confidence", "Landmarks"}
    places = {mark["Type"]: (mark["X"] * 512, mark["Y"] * 512) for mark in face["Landmarks"]}
    assert places == {
        "eyeLeft": pytest.approx((202, 100), abs=5),
        "eyeRight": pytest.approx((250, 101), abs=5),
        "nose": pytest.approx((225, 125), abs=5),
        "mouthLeft": pytest.approx((202, 145), abs=5),
        "mouthRight": pytest.approx((243, 146), abs=5),
    }


def test_orientation_is_corrected_in_jpeg_only(bench: Bench, portrait: Image.Image) -> None:
    """https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectFaces.html."""
    exif = Image.Exif()
    exif[ORIENTATION] = TURNED
    client = bench.connect("rekognition")
    stored = portrait.rotate(90, expand=True)
    places = []
    for kind in ("JPEG", "PNG"):
        data = encode(stored, kind, exif=exif)
        faces = client.detect_faces(Image={"Bytes": data})["FaceDetails"]
        places += [round(face["BoundingBox"]["Left"], 1) for face in faces]
    upright = client.detect_faces(Image={"Bytes": encode(portrait)})["FaceDetails"]
    assert places[0] == round(upright[0]["BoundingBox"]["Left"], 1)
    assert places[0] not in places[1:]


def test_objects_are_looked_at(bench: Bench, portrait: Image.Image) -> None:
    bench.put("portrait.png", encode(portrait, "PNG"))
    image = {"S3Object": {"Bucket": BUCKET, "Name": "portrait.png"}}
    assert len(bench.connect("rekognition").detect_faces(Image=image)["FaceDetails"]) == 1


def test_text_is_found_and_not_read(bench: Bench, sign: Image.Image) -> None:
    answer = bench.connect("rekognition").detect_text(Image={"Bytes": encode(sign)})
    texts = answer["TextDetections"]
    assert [text["Type"] for text in texts] == ["LINE", "LINE", "WORD", "WORD"]
    assert not any("DetectedText" in text for text in texts)
    tops = [text["Geometry"]["BoundingBox"]["Top"] * sign.height for text in texts[:2]]
    assert tops == pytest.approx([108, 408], abs=15)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "I;16", "1"])
def test_png_of_every_mode_is_looked_at(bench: Bench, sign: Image.Image, mode: str) -> None:
    gray = sign.convert("L")
    image = gray.convert("I").point(lambda level: level * 257).convert("I;16")
    data = encode(image if mode == "I;16" else gray.convert(mode), "PNG")
    answer = bench.connect("rekognition").detect_text(Image={"Bytes": data})
    assert len(answer["TextDetections"]) == 4
