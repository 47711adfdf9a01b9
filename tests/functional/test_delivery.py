"""The delivery protocol on moto's S3: its conditions, and whole histories of interleaved handlings.

moto heeds If-None-Match and If-Match on PutObject and If-Match on DeleteObject, but does not check
and write in one step; so here requests are made one at a time, which is what S3 promises.
"""

from __future__ import annotations

import json
from contextlib import nullcontext
from typing import Any

import pytest

from pixelater_cli.emulator.pipeline import deploy_to, send_photo, start_emulator
from pixelater_function.delivery import deliver
from pixelater_function.protocol import (
    CheckPhoto,
    DeleteMosaic,
    DeliveryJob,
    Request,
    SourceObject,
    Version,
)
from pixelater_function.s3 import Destination, execute, send_request
from tests.functional.conftest import Connect
from tests.model_s3 import KEY, ModelS3, make, make_photo
from tests.unit.test_delivery import Histories, PlainDeletes, Restorations, explore

OWNER = "123456789012"
PLACE = Destination("photos", KEY, "mosaics", OWNER)


class MotoS3(ModelS3):
    """A model's S3 whose objects are in moto."""

    client: Any = None

    def put_photo(self, data: bytes) -> None:
        self.client.put_object(Bucket="photos", Key=KEY, Body=data)
        self.upload = True  # type: ignore[assignment] # that there is one is all that is asked

    def delete_photo(self) -> None:
        self.client.delete_object(Bucket="photos", Key=KEY)
        self.upload = None

    def answer(self, request: Request) -> Any:
        if isinstance(request, DeleteMosaic) and request.etag and not self.conditional_deletes:
            return None
        return send_request(self.client, PLACE, request)

    def holds_mosaics_of_the_photo(self) -> bool:
        return self.read("mosaics") == {
            one.key: one.data
            for data in self.read("photos").values()
            for one in make(SourceObject(Version(""), data))
        }

    def read(self, bucket: str) -> dict[str, bytes]:
        keys = [
            one["Key"] for one in self.client.list_objects_v2(Bucket=bucket).get("Contents", [])
        ]
        return {key: self.client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


@pytest.fixture
def s3(connect: Connect) -> MotoS3:
    there = MotoS3()
    there.client = connect("s3")
    for bucket in ("photos", "mosaics"):
        there.client.create_bucket(Bucket=bucket)
    return there


@pytest.mark.parametrize("kind", [Histories, Restorations, PlainDeletes])
@pytest.mark.parametrize("seed", range(3))
def test_every_history_ends_well_on_moto(s3: MotoS3, kind: type[Histories], seed: int) -> None:
    class OnMoto(kind):  # type: ignore[valid-type,misc]
        def open_s3(self) -> ModelS3:
            s3.conditional_deletes = self.conditional_deletes
            return s3

    if seed % 2:
        versioning = {"Status": "Enabled"}
        s3.client.put_bucket_versioning(Bucket="photos", VersioningConfiguration=versioning)
    explore(OnMoto, seed)


def run(s3: MotoS3, photo: DeliveryJob) -> str:
    return execute(s3.client, PLACE, deliver(photo), lambda _part: nullcontext()).outcome


def test_a_photo_is_delivered_replaced_and_removed(s3: MotoS3) -> None:
    s3.put_photo(b"a")
    assert run(s3, make_photo()) == "done"
    assert run(s3, make_photo()) == "unchanged"
    s3.put_photo(b"b")
    assert run(s3, make_photo()) == "done"
    assert s3.holds_mosaics_of_the_photo()
    s3.delete_photo()
    assert run(s3, make_photo(mirror=True)) == "removed"
    assert s3.read("mosaics") == {}


def test_a_photo_that_the_deployed_function_refuses_is_in_the_failure_queue() -> None:
    with start_emulator() as emulator:
        deployed = deploy_to(emulator)
        journey = send_photo(emulator, deployed, "text.jpg", b"no photo at all")
        sqs = deployed.account.clients["sqs"]
        url = sqs.get_queue_url(QueueName=deployed.stack.queue)["QueueUrl"]
        (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert journey.error == "NotAPicture: a text file, not an image"
    record = json.loads(message["Body"])
    assert (record["reason"], record["key"], record["bytes"], record["request_id"]) == (
        "not_a_picture",
        "text.jpg",
        15,
        journey.outcome.request_id,
    )


def test_reading_and_checking_tell_the_same_version(s3: MotoS3) -> None:
    versioning = {"Status": "Enabled"}
    s3.client.put_bucket_versioning(Bucket="photos", VersioningConfiguration=versioning)
    s3.put_photo(b"a")
    first = s3.answer(CheckPhoto())
    s3.put_photo(b"a")
    second = s3.answer(CheckPhoto())
    assert first.etag == second.etag
    assert first.version_id != second.version_id
