"""Hidden regions in the pipeline: a stub detector in the function's zip, and the real ones."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pixelater.look import parse_look
from pixelater_cli.aws.deploy.deployment import deploy
from pixelater_cli.aws.deploy.smoke_test import run_smoke_test
from pixelater_cli.aws.operations.mosaics import S3Object
from pixelater_cli.aws.operations.uploads import find_mosaics, head
from pixelater_cli.aws.package import builder
from pixelater_cli.aws.package.detector_files import DetectorFiles
from pixelater_cli.aws.session import Account, connect
from pixelater_cli.aws.stack import Stack
from pixelater_cli.aws.stack_looks import make_settings
from pixelater_cli.emulator.pipeline import (
    Deployed,
    Emulator,
    make_stack,
    send_photo,
    start_emulator,
)
from tests.functional.conftest import Pixelater
from tests.stub_detector import make_photo

STUB = b"""
from pathlib import Path
from pixelater_detectors.boxes import Detection

KINDS = ("faces", "text")

class Detectors:
    def __init__(self, folders, threads=0):
        pass

    def load(self):
        pass

    def find(self, image, kinds, threshold=None, *, thorough=False):
        red, _, _ = image.getpixel((0, 0))
        return [Detection("face", 20, 20, 50, 60, 0.9)] if red > 128 else []

def pad(box):
    return box.edges
"""
"""In place of `pixelater_detectors.detect`: no model is installed where the other tests run."""

FOUND, NOTHING = make_photo(found=True), make_photo(found=False)
PICTURE, LIST = "in/pixelated-regions-a.png", "in/a.png.regions.json"


def gather() -> builder.Contents:
    contents = builder.gather_for_emulator(DetectorFiles())
    files = {**contents.files, "pixelater_detectors/detect.py": STUB}
    return builder.Contents(contents.runtime, files, level=0)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with start_emulator(enforce_iam=True) as running:
        yield running


@pytest.fixture
def deployed(emulator: Emulator) -> Deployed:
    account = connect(None, None, emulator.endpoint_url, time.sleep)
    stack = hide(account, only="faces")
    return Deployed(account, stack, len(deploy(account, stack, gather(), time.sleep).steps))


def hide(account: Account, **words: str) -> Stack:
    return make_stack(account, **make_settings(parse_look(words)))


def list_objects(deployed: Deployed) -> list[str]:
    listed = deployed.account.clients["s3"].list_objects_v2(
        Bucket=deployed.stack.destination_bucket, Prefix="in/"
    )
    return [each["Key"] for each in listed.get("Contents", [])]


def find_sent(deployed: Deployed) -> S3Object:
    found = head(deployed.account, deployed.stack, deployed.stack.source_bucket, "in/a.png")
    assert found
    return found


def test_pictures_come_and_go_with_uploads(emulator: Emulator, deployed: Deployed) -> None:
    held = []
    for photo in (NOTHING, FOUND, NOTHING):
        assert send_photo(emulator, deployed, "in/a.png", photo).error == ""
        held.append(list_objects(deployed))
    assert held == [[LIST], [LIST, PICTURE], [LIST]]


def test_uploads_are_found_with_and_without_picture(emulator: Emulator, deployed: Deployed) -> None:
    found = []
    for photo in (FOUND, NOTHING):
        send_photo(emulator, deployed, "in/a.png", photo)
        mosaics = find_mosaics(deployed.account, deployed.stack, find_sent(deployed))
        found.append([each.key for each in mosaics.values()])
    assert found == [[PICTURE, LIST], [LIST]]


def test_smoke_test_waits_for_the_list(deployed: Deployed) -> None:
    test = run_smoke_test(deployed.account, deployed.stack, 60, time.sleep, time.monotonic)
    assert test.missing == ()


def test_role_may_call_rekognition_only_if_it_is_the_detector(emulator: Emulator) -> None:
    account = connect(None, None, emulator.endpoint_url, time.sleep)
    granted = []
    for words in ({"only": "faces", "detector": "rekognition"}, {"only": "faces"}, {}):
        stack = hide(account, **words)
        deploy(account, stack, gather(), time.sleep)
        policy = account.clients["iam"].get_role_policy(
            RoleName=stack.role, PolicyName="pixelater"
        )["PolicyDocument"]
        granted.append({each["Sid"] for each in policy["Statement"]})
    own = [{"FindRegions", "DeleteMosaics"} & each for each in granted]
    assert own == [{"FindRegions", "DeleteMosaics"}, {"DeleteMosaics"}, {"DeleteMosaics"}]


def test_missing_model_is_said_before_anything_is_deployed(
    pixelater: Pixelater, tmp_path: Path, moto: str
) -> None:
    done = pixelater(
        *("deploy", "--endpoint-url", moto, "--only", "faces", "--plan"),
        XDG_CACHE_HOME=str(tmp_path / "empty"),
    )
    assert done.code == 1
    assert "pixelater models install faces" in done.err


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--threshold", "0.2"], 2),
        (["--only", "dogs"], 2),
        (["--only", "faces", "--grids", "8"], 2),
        (["--only", "faces", "--solid-color", "red"], 2),
        (["--only", "faces", "--placeholders"], 2),
        (["--only", "faces", "--detector", "x"], 2),
        (["--preset", "privacy", "--detector", "rekognition", "--plan"], 3),
        (["--only", "faces", "--detector", "rekognition", "--plan"], 3),
    ],
    ids=" ".join,
)
def test_options_of_regions(pixelater: Pixelater, moto: str, options: list[str], code: int) -> None:
    done = pixelater("deploy", "--endpoint-url", moto, *options)
    assert (done.code, bool(done.err)) == (code, code == 2)


def test_rules_of_a_file_hide_regions_and_run_does_not_take_them(
    pixelater: Pixelater, moto: str, tmp_path: Path, photo: Path
) -> None:
    settings = 'only = "faces"\ndetector = "rekognition"\n[[rules]]\nprefix = "b/"\nonly = "none"\n'
    (tmp_path / "pixelater.toml").write_text(settings)
    done = pixelater("deploy", "--endpoint-url", moto, "--plan", "--json")
    assert done.code == 3
    assert "only faces" in done.out
    assert pixelater("run", photo.name).code == 0
    assert sorted(path.name for path in (tmp_path / "pixelated").iterdir())[0].startswith(
        "pixelated-16x16-"
    )


def test_zip_with_real_detectors_finds_the_face(
    pixelater: Pixelater, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    data = pytest.importorskip("skimage.data")
    pytest.importorskip("onnxruntime")
    from PIL import Image

    from pixelater_cli.local.model_store import find_folder, is_installed
    from pixelater_detectors.models import MODELS

    if not all(is_installed(each, find_folder()) for each in MODELS.values()):
        pytest.skip("the models are not installed")
    Image.fromarray(data.astronaut()).save(tmp_path / "face.png")
    Image.fromarray(data.coffee()).save(tmp_path / "none.png")
    for detector in ("local", "rekognition"):
        done = pixelater(
            *("emulate", "face.png", "none.png", "--only", "faces", "--detector", detector),
            *("--out", detector, "--json"),
        )
        assert done.code == 0, done.err
        regions = {
            name: json.loads((tmp_path / detector / f"{name}.regions.json").read_bytes())["regions"]
            for name in ("face.png", "none.png")
        }
        assert [len(each) for each in regions.values()] == [1, 0]
        written = sorted(path.name for path in (tmp_path / detector).iterdir())
        assert written == [
            "face.png.regions.json",
            "none.png.regions.json",
            "pixelated-regions-face.png",
        ]
