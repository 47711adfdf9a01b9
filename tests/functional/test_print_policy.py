"""`pixelater deploy --print-policy` before anybody has signed in."""

from __future__ import annotations

import json

import pytest

from tests.functional.command import Snapshot
from tests.functional.conftest import Pixelater

KEYS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}


@pytest.mark.parametrize(
    ("arguments", "bucket"),
    [
        ([], "aws:s3:::mine-source-bucket-ACCOUNT-REGION-an"),
        (["--region", "cn-north-1"], "aws-cn:s3:::mine-source-bucket-ACCOUNT-cn-north-1-an"),
    ],
    ids=["no region", "no credentials"],
)
def test_without_an_account_words_stand_where_it_belongs(
    pixelater: Pixelater, arguments: list[str], bucket: str, snapshot: Snapshot
) -> None:
    done = pixelater("deploy", "--print-policy", "--stack", "mine", *arguments)
    assert (done.code, done.err) == (0, snapshot)
    buckets = json.loads(done.out)["Statement"][0]["Resource"]
    assert f"arn:{bucket}" in buckets


def test_a_deployment_itself_still_needs_an_account(pixelater: Pixelater) -> None:
    assert pixelater("deploy", "--plan", "--region", "eu-central-1").code == 1
    assert pixelater("deploy", "--plan", **KEYS).code == 2


def test_a_profile_that_is_none_gives_no_policy(pixelater: Pixelater) -> None:
    done = pixelater("deploy", "--print-policy", "--profile", "none")
    assert (done.code, done.out) == (2, "")
