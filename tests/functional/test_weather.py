"""Weather as clients of the emulator meet it: each kind through boto3, on a clock of the test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.weather import Stormy, start_stormy

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
            "Resource": ["arn:aws:s3:::photos/*"],
        }
    ],
}


@pytest.fixture
def stormy(request: pytest.FixtureRequest) -> Iterator[Stormy]:
    """An emulator with the kinds of weather that the test names."""
    with start_stormy(request.param) as one:
        yield one


def weather(*kinds: str) -> pytest.MarkDecorator:
    """Name the kinds of weather of a test."""
    return pytest.mark.parametrize("stormy", [kinds], indirect=True, ids=["-".join(kinds)])


@weather("order")
def test_policy_comes_back_reordered_and_terse(stormy: Stormy) -> None:
    s3 = stormy.connect("s3")
    s3.create_bucket(Bucket="photos")
    s3.put_bucket_policy(Bucket="photos", Policy=json.dumps(POLICY))
    found = json.loads(s3.get_bucket_policy(Bucket="photos")["Policy"])["Statement"][0]
    given: dict[str, Any] = POLICY["Statement"][0]  # type: ignore[assignment]
    assert found["Resource"] == "arn:aws:s3:::photos/*"
    assert found["Action"] != given["Action"]
    assert sorted(found["Action"]) == sorted(given["Action"])
    assert json.loads(s3.get_bucket_policy(Bucket="photos")["Policy"])["Statement"] == [found]
    assert stormy.weather.counts == {"order": 2}
