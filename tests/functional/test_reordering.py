"""Deploying to an AWS that returns every list in another order than it was given."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.functional.queues import make_queue
from tests.functional.reordering import reorder
from tests.functional.serving import Serving, serve

QUEUE = "arn:aws:sqs:us-east-1:123456789012:audit"
OTHERS = {
    "QueueConfigurations": [
        {
            "Id": "audit",
            "QueueArn": QUEUE,
            "Events": ["s3:ObjectTagging:Put", "s3:ObjectAcl:Put"],
            "Filter": {
                "Key": {
                    "FilterRules": [
                        {"Name": "prefix", "Value": "in+box/"},
                        {"Name": "suffix", "Value": ".jpg"},
                    ]
                }
            },
        }
    ]
}
OPTIONS = [
    *("--source-bucket", "theirs", "--stack", "other"),
    *("--prefix", "in box/", "--suffix", "=1.png", "--mirror-deletes"),
]


@pytest.fixture
def serving(tmp_path: Path, clean_environment: Mapping[str, str]) -> Iterator[Serving]:
    """A running emulator, with a bucket whose notifications somebody else uses, too."""
    with serve(clean_environment, tmp_path) as one:
        make_queue(one.connect("sqs"), "audit")
        s3 = one.connect("s3")
        s3.create_bucket(Bucket="theirs")
        s3.put_bucket_notification_configuration(Bucket="theirs", NotificationConfiguration=OTHERS)
        yield one


def test_answer_is_reordered_and_terse() -> None:
    parsed: dict[str, Any] = {
        "Policy": json.dumps({"Statement": [{"Action": ["a"], "Resource": ["a", "b"]}]}),
        "TagSet": [{"Key": "a"}, {"Key": "b"}],
        "Rules": [{"ID": "a"}],
        "FilterRules": [{"Name": "prefix", "Value": "a"}, {"Name": "suffix", "Value": "b"}],
    }
    reorder(parsed)
    assert parsed == {
        "Policy": json.dumps({"Statement": {"Action": "a", "Resource": ["b", "a"]}}),
        "TagSet": [{"Key": "b"}, {"Key": "a"}],
        "Rules": [{"ID": "a"}],
        "FilterRules": [{"Name": "Suffix", "Value": "b"}, {"Name": "Prefix", "Value": "a"}],
    }


def test_deploy_converges_whatever_the_order_of_answers(
    serving: Serving, tmp_path: Path, clean_environment: Mapping[str, str]
) -> None:
    def run(command: str, *options: str) -> dict[str, Any]:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "tests.functional.reordering", command, *options),
                *("--endpoint-url", serving.url, "--json"),
            ],
            cwd=tmp_path,
            env={**clean_environment, "PIXELATER_SMOKE_TEST": "1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    first = run("deploy", *OPTIONS)
    assert (len(first["steps"]) > 20, first["smoke_test_seconds"] > 0) == (True, True)
    assert run("deploy", *OPTIONS)["steps"] == []
    resources = run("status", "--stack", "other")["resources"]
    assert {one["state"] for one in resources} == {"present"}
    found = serving.connect("s3").get_bucket_notification_configuration(Bucket="theirs")
    rules = found["QueueConfigurations"][0]["Filter"]["Key"]["FilterRules"]
    assert {rule["Name"]: rule["Value"] for rule in rules} == {
        "Prefix": "in+box/",
        "Suffix": ".jpg",
    }
