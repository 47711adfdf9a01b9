"""`pixelater deploy --print-policy` before anybody has signed in."""

from __future__ import annotations

import json
import time

import pytest
from moto import mock_aws

from pixelater_cli.aws.session import connect
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


def test_regions_without_regional_names_need_plain_ones(
    pixelater: Pixelater, snapshot: Snapshot
) -> None:
    done = pixelater("deploy", "--print-policy", "--region", "me-south-1")
    assert (done.code, done.out, done.err) == (2, "", snapshot)
    plain = pixelater("deploy", "--print-policy", "--region", "me-south-1", "--plain-names")
    assert plain.code == 0


def test_a_name_too_long_for_the_region_is_refused(
    pixelater: Pixelater, snapshot: Snapshot
) -> None:
    arguments = ("deploy", "--print-policy", "--stack", "holiday-in-italy", "--region")
    assert pixelater(*arguments, "us-east-1").code == 0
    done = pixelater(*arguments, "eu-central-1")
    assert (done.code, done.out, done.err) == (2, "", snapshot)


def test_a_vpc_endpoint_of_another_service_is_refused(
    pixelater: Pixelater, snapshot: Snapshot
) -> None:
    url = "https://vpce-1a-2b.kinesis.eu-west-1.vpce.amazonaws.com"
    done = pixelater("status", "--region", "eu-west-1", "--endpoint-url", url)
    assert (done.code, done.out, done.err) == (2, "", snapshot)


@pytest.mark.parametrize("url", ["vpce-1a-2b.s3.eu-west-1", "bucket.vpce-1a-2b.s3.eu-west-1"])
def test_a_vpc_endpoint_takes_the_requests_to_its_service(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        account = connect(None, "eu-west-1", f"https://{url}.vpce.amazonaws.com", time.sleep)
    hosts = {name: account.clients[name].meta.endpoint_url for name in ("s3", "s3control", "sqs")}
    assert hosts == {
        "s3": "https://bucket.vpce-1a-2b.s3.eu-west-1.vpce.amazonaws.com",
        "s3control": "https://control.vpce-1a-2b.s3.eu-west-1.vpce.amazonaws.com",
        "sqs": "https://sqs.eu-west-1.amazonaws.com",
    }
    assert not account.emulated


def test_of_adopted_buckets_only_what_the_smoke_test_uploads_may_be_deleted(
    pixelater: Pixelater,
) -> None:
    named = ("--source-bucket", "photos", "--destination-bucket", "mosaics", "--prefix", "a?/")
    done = pixelater("deploy", "--print-policy", "--region", "eu-west-1", *named)
    deleting = [
        resource
        for statement in json.loads(done.out)["Statement"]
        if "s3:DeleteObject" in statement["Action"]
        for resource in statement["Resource"]
    ]
    assert deleting == [
        "arn:aws:s3:::pixelater-code-bucket-ACCOUNT-eu-west-1-an/*",
        "arn:aws:s3:::photos/a${?}/pixelater-smoke-test/*",
        "arn:aws:s3:::mosaics/a${?}/pixelater-smoke-test/*",
    ]
