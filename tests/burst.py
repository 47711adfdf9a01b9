"""What a deployed pipeline must do under a burst of uploads, wherever it runs.

This test knows a `place` and no more, as those of tests/pipeline.py do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from pixelater import name_mosaic, pixelate
from tests.pictures import encode, make_noise
from tests.pipeline import Pipeline

PHOTOS = 200
OVERWRITTEN = 20
THREADS = 16
SECONDS = 600


def make_photos(numbers: Iterable[int], seed: int) -> dict[str, bytes]:
    """Make small photos, each unlike the others, by their keys."""
    return {
        f"burst/{number:03}.png": encode(make_noise("RGB", (64, 64), seed + number), "PNG")
        for number in numbers
    }


def list_etags(pipeline: Pipeline) -> dict[str, str]:
    """List the mosaics: key and ETag, which is the MD5 of what S3 encrypts with its own keys.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    """
    pages = pipeline.place.clients["s3"].get_paginator("list_objects_v2")
    return {
        entry["Key"]: entry["ETag"].strip('"')
        for page in pages.paginate(Bucket=pipeline.first["destination_bucket"])
        for entry in page.get("Contents", ())
    }


def predict_etags(photos: Mapping[str, bytes]) -> dict[str, str]:
    """Return key and ETag of the mosaics that these photos become."""
    return {
        name_mosaic(key, mosaic): hashlib.md5(mosaic.data, usedforsecurity=False).hexdigest()
        for key, data in photos.items()
        for mosaic in pixelate(data)
    }


@pytest.fixture
def patient(pipeline: Pipeline) -> Pipeline:
    """A pipeline whose photos may take as long as a burst of them does."""
    return replace(pipeline, place=replace(pipeline.place, seconds=SECONDS))


def test_burst_of_photos_loses_none_and_leaves_none_stale(patient: Pipeline) -> None:
    """Every tenth photo is overwritten while the function is at work on the first uploads.

    One more photo comes last: no mosaic of the burst may have changed when its own are there.
    """
    first = make_photos(range(PHOTOS), seed=0)
    second = make_photos(range(0, PHOTOS, PHOTOS // OVERWRITTEN), seed=PHOTOS)
    with ThreadPoolExecutor(THREADS) as pool:
        for photos in (first, second):
            list(pool.map(patient.put, photos, photos.values()))
    expected = predict_etags({**first, **second})
    patient.wait_until(lambda: list_etags(patient) == expected)
    patient.put("last.png", first["burst/000.png"])
    expected |= predict_etags({"last.png": first["burst/000.png"]})
    patient.wait_until(lambda: len(list_etags(patient)) == len(expected))
    assert list_etags(patient) == expected
    assert patient.place.run("failures")["failures"] == []
