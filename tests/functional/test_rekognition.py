"""Rekognition of the emulator, without a detector: rights, regions, and what is missing."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from PIL import Image

from tests.functional.conftest import ROOT, Environment
from tests.functional.lambdas import BUCKET, Bench, start_bench

SOURCE = '''
import boto3

def handle(event, context):
    """Make calls, each of a picture that Rekognition refuses if it gets to it."""
    rekognition = boto3.client("rekognition")
    return [ask(getattr(rekognition, name), image) for name, image in event]

def ask(operation, image):
    image = {"Bytes": b"GIF89a"} if image is None else {"S3Object": image}
    try:
        operation(Image=image)
    except Exception as error:
        return error.response["Error"]["Code"]
'''

ALLOWED = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "rekognition:DetectFaces", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/in/*"},
    ],
}

REFUSED_PICTURE, REFUSED_OBJECT = "InvalidImageFormatException", "InvalidS3ObjectException"


def find_code(call: Any, **parameters: Any) -> tuple[int, str]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    answer = caught.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


def make_picture(size: tuple[int, int] = (100, 100)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with start_bench(enforce_iam=True) as one:
        one.deploy(SOURCE, ALLOWED)
        one.connect("s3").put_bucket_notification_configuration(
            Bucket=BUCKET, NotificationConfiguration={}
        )
        one.connect("s3").put_bucket_versioning(
            Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
        )
        yield one


def test_role_decides_on_operations_and_objects(bench: Bench) -> None:
    """A version needs another permission than an object, which the role does not have."""
    readable, other = {"Bucket": BUCKET, "Name": "in/a"}, {"Bucket": BUCKET, "Name": "out/a"}
    version = bench.put("in/a", b"GIF89a")["VersionId"]
    bench.put("out/a", b"GIF89a")
    calls = [
        ("detect_faces", None),
        ("detect_text", None),
        ("detect_faces", readable),
        ("detect_faces", other),
        ("detect_faces", {**readable, "Version": version}),
    ]
    assert json.loads(bench.invoke(calls)["Payload"].read()) == [
        REFUSED_PICTURE,
        "AccessDeniedException",
        REFUSED_PICTURE,
        REFUSED_OBJECT,
        REFUSED_OBJECT,
    ]


def test_keys_that_are_made_up_may_look_at_all(bench: Bench) -> None:
    bench.put("out/b", b"GIF89a")
    image = {"S3Object": {"Bucket": BUCKET, "Name": "out/b"}}
    call = bench.connect("rekognition").detect_text
    assert find_code(call, Image=image) == (400, REFUSED_PICTURE)


def test_objects_of_other_regions_are_refused(bench: Bench) -> None:
    """Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_S3Object.html."""
    bench.put("in/c", b"GIF89a")
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    elsewhere = boto3.client("rekognition", "eu-west-1", endpoint_url=bench.url, **keys)
    image = {"S3Object": {"Bucket": BUCKET, "Name": "in/c"}}
    assert find_code(elsewhere.detect_faces, Image=image) == (400, REFUSED_OBJECT)


def test_versions_are_read_and_deleted_objects_are_not(bench: Bench) -> None:
    s3, call = bench.connect("s3"), bench.connect("rekognition").detect_faces
    first = bench.put("in/d", b"GIF89a")["VersionId"]
    bench.put("in/d", make_picture((79, 100)))
    image = {"Bucket": BUCKET, "Name": "in/d"}
    codes = [find_code(call, Image={"S3Object": image})[1]]
    s3.delete_object(Bucket=BUCKET, Key="in/d")
    codes.append(find_code(call, Image={"S3Object": image})[1])
    codes.append(find_code(call, Image={"S3Object": {**image, "Version": first}})[1])
    assert codes == ["InvalidParameterException", REFUSED_OBJECT, REFUSED_PICTURE]


@pytest.mark.parametrize(
    ("operation", "parameters", "answer"),
    [
        ("detect_faces", {"Attributes": ["ALL"]}, (501, "NotImplemented")),
        ("detect_faces", {"Attributes": ["DEFAULT", "AGE_RANGE"]}, (501, "NotImplemented")),
        (
            "detect_text",
            {"Filters": {"RegionsOfInterest": [{"Polygon": [{"X": 0.5, "Y": 0.5}]}]}},
            (501, "NotImplemented"),
        ),
        ("detect_labels", {}, (400, "UnknownOperationException")),
        ("detect_moderation_labels", {}, (400, "UnknownOperationException")),
    ],
)
def test_what_detectors_cannot_tell_is_refused(
    bench: Bench, operation: str, parameters: dict[str, Any], answer: tuple[int, str]
) -> None:
    """DetectLabels of moto has invented labels."""
    call = getattr(bench.connect("rekognition"), operation)
    assert find_code(call, Image={"Bytes": make_picture()}, **parameters) == answer


def test_missing_models_are_refused_with_how_to_install_them(
    clean_environment: Environment, tmp_path: Path
) -> None:
    environment = {**clean_environment, "XDG_CACHE_HOME": str(tmp_path)}
    script = (
        "import sys; from tests.functional.test_rekognition import ask_for_both; ask_for_both()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        cwd=ROOT,
    )
    hints = [f"pixelater models install {kind}" for kind in ("faces", "text")]
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(status, code) for status, code, _ in answers] == [(501, "NotImplemented")] * 2
    assert all(hint in message for hint, (_, _, message) in zip(hints, answers, strict=True))


def ask_for_both() -> None:
    """Write how both operations answer where no model is installed: in a process of its own."""
    with start_bench() as one:
        client = one.connect("rekognition")
        for operation in (client.detect_faces, client.detect_text):
            try:
                operation(Image={"Bytes": make_picture()})
            except ClientError as error:
                status = error.response["ResponseMetadata"]["HTTPStatusCode"]
                told = error.response["Error"]
                print(json.dumps([status, told["Code"], told["Message"]]))  # noqa: T201
