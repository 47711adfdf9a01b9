"""Both detectors in the emulated pipeline, with the real models, and roles that are enforced.

The face is scikit-image's astronaut.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
from PIL import Image

from pixelater.look import parse_look
from pixelater_cli.aws.resources.role import POLICY_NAME
from pixelater_cli.aws.stack_looks import make_settings
from pixelater_cli.emulator.pipeline import (
    Deployed,
    Emulator,
    deploy_to,
    send_photo,
    start_emulator,
)
from pixelater_cli.local.model_store import find_folder
from pixelater_detectors.detect import Detectors
from pixelater_detectors.models import MODELS
from pixelater_function.found_regions import Search, hide_regions

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
data = pytest.importorskip("skimage.data", reason="scikit-image is not installed")


if not all((find_folder() / model.file_name).exists() for model in MODELS.values()):
    pytest.skip("pixelater models install", allow_module_level=True)

PICTURE, LIST = "in/pixelated-regions-a.jpg", "in/a.jpg.regions.json"


def encode(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90)
    return file.getvalue()


FACE = encode(Image.fromarray(data.astronaut()))
PLAIN = encode(Image.radial_gradient("L").convert("RGB"))


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with start_emulator(enforce_iam=True) as running:
        yield running


def hide(emulator: Emulator, detector: str) -> Deployed:
    words = {"only": "faces", "detector": detector}
    return deploy_to(emulator, **make_settings(parse_look(words)))


@pytest.mark.parametrize("detector", ["local", "rekognition"])
def test_face_is_found_and_its_picture_goes_with_it(emulator: Emulator, detector: str) -> None:
    deployed = hide(emulator, detector)
    made = []
    for photo in (FACE, PLAIN):
        sent = send_photo(emulator, deployed, "in/a.jpg", photo)
        assert sent.error == ""
        document = json.loads(dict(sent.objects)[LIST])
        kinds = [region["kind"] for region in document["regions"]]
        made.append((document["detector"], kinds, [name for name, _ in sent.objects]))
    assert made == [(detector, ["face"], [PICTURE, LIST]), (detector, [], [LIST])]


def test_local_detector_makes_the_picture_of_the_command_line(emulator: Emulator) -> None:
    sent = send_photo(emulator, hide(emulator, "local"), "in/a.jpg", FACE)
    look = parse_look({"only": "faces"})
    assert look.redaction
    detectors = Detectors([find_folder()], 1)
    search = Search(look.redaction.kinds)
    made = hide_regions(FACE, (), search, detectors, look.redaction.how, look.file_style, {})
    assert dict(sent.objects)[PICTURE] == made.photo.data


def test_role_without_permission_leaves_nothing(emulator: Emulator) -> None:
    deployed = hide(emulator, "rekognition")
    iam, named = deployed.account.clients["iam"], {"RoleName": deployed.stack.role}
    named["PolicyName"] = POLICY_NAME
    policy = iam.get_role_policy(**named)["PolicyDocument"]
    statements = [each for each in policy["Statement"] if each["Sid"] != "FindRegions"]
    reduced = json.dumps({**policy, "Statement": statements})
    iam.put_role_policy(**named, PolicyDocument=reduced)
    sent = send_photo(emulator, deployed, "in/denied.jpg", FACE)
    assert "DetectFaces" in sent.error
    listed = deployed.account.clients["s3"].list_objects_v2(
        Bucket=deployed.stack.destination_bucket, Prefix="in/denied"
    )
    assert listed["KeyCount"] == 0
