"""Hidden regions in the emulated pipeline, by a stub detector in the function's zip."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from pixelater.look import parse_look
from pixelater_cli.aws.deploy.deployment import deploy
from pixelater_cli.aws.deploy.smoke_test import run_smoke_test
from pixelater_cli.aws.operations.mosaics import S3Object
from pixelater_cli.aws.operations.uploads import find_mosaics, head
from pixelater_cli.aws.package import builder
from pixelater_cli.aws.package.detector_files import DetectorFiles
from pixelater_cli.aws.resources.role import POLICY_NAME
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
from tests.stub_detector import CODE, MODULE, make_photo

FOUND, NOTHING = make_photo(found=True), make_photo(found=False)
PICTURE, LIST = "in/pixelated-regions-a.png", "in/a.png.regions.json"


def gather() -> builder.Contents:
    contents = builder.gather_for_emulator(DetectorFiles())
    module = contents.files[MODULE] + CODE
    return builder.Contents(contents.runtime, {**contents.files, MODULE: module}, level=0)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with start_emulator(enforce_iam=True) as running:
        yield running


@pytest.fixture
def deployed(emulator: Emulator) -> Deployed:
    account = connect(None, None, emulator.endpoint_url, time.sleep)
    deployment = deploy(account, hide(account, only="faces"), gather(), time.sleep)
    return Deployed(account, deployment.stack, len(deployment.steps))


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
            RoleName=stack.role, PolicyName=POLICY_NAME
        )["PolicyDocument"]
        granted.append({each["Sid"] for each in policy["Statement"]})
    own = [{"FindRegions", "DeleteMosaics"} & each for each in granted]
    assert own == [{"FindRegions", "DeleteMosaics"}, {"DeleteMosaics"}, {"DeleteMosaics"}]
