"""What a deployed pipeline must do wherever it runs: these tests know a `place` and no more.

Collected where a conftest.py gives the place: tests/live, for the servers that its switches name,
and tests/functional, for pixelater's own emulator.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, unquote_plus
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from pixelater import name_mosaic, pixelate
from pixelater_cli.aws.server_traits import ServerTraits
from pixelater_cli.aws.session import Account
from tests.documents import check_documents
from tests.pictures import encode, make_noise, make_scene

PHOTO = encode(make_scene((300, 200)), "JPEG")


@dataclass(frozen=True)
class Place:
    """Where to deploy: the options and the environment that lead there, and how long things take.

    `seconds` is the patience with one photo, failing ones with all their tries included.
    """

    name: str
    stack: str
    options: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    clients: Mapping[str, Any] = field(repr=False)
    folder: Path
    seconds: float = 60
    deploy_options: tuple[str, ...] = ()

    @property
    def server(self) -> ServerTraits:
        """Where the server differs from AWS."""
        named = dict(zip(self.options[::2], self.options[1::2], strict=True))
        return Account("", "", "", named.get("--endpoint-url"), {}).server

    def run(self, command: str, *options: str, code: int = 0) -> dict[str, Any]:
        """Run a pixelater command on the stack, and give its JSON document."""
        out = self.read(command, *options, code=code)
        check_documents(out)
        document: dict[str, Any] = json.loads(out)
        return document

    def read(self, command: str, *options: str, code: int = 0) -> str:
        """Run a pixelater command on the stack, and give what it prints with --json."""
        if command == "deploy":
            options = (*self.deploy_options, *options)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pixelater_cli", command, "--stack", self.stack),
                *(*self.options, *options, "--json"),
            ],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
        return done.stdout


@dataclass(frozen=True)
class Pipeline:
    """A stack that is deployed, and what its first deployment said."""

    place: Place
    first: Mapping[str, Any]

    def put(self, key: str, data: bytes) -> None:
        self.place.clients["s3"].put_object(Bucket=self.first["source_bucket"], Key=key, Body=data)

    def invoke_in_vain(self, key: str) -> dict[str, Any]:
        """Invoke the function as S3 does, with an event at which it raises each time; give that.

        It tells of the bucket that mosaics go to: they would run the function again.
        """
        record = {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "s3": {
                "bucket": {"name": self.first["destination_bucket"]},
                "object": {"key": quote_plus(key)},
            },
        }
        event = {"Records": [record]}
        self.place.clients["lambda"].invoke(
            FunctionName=self.first["function"], InvocationType="Event", Payload=json.dumps(event)
        )
        return event

    def get(self, keys: list[str]) -> dict[str, bytes]:
        """Wait until all these mosaics are there, and read them."""
        s3, bucket = self.place.clients["s3"], self.first["destination_bucket"]

        def list_keys() -> set[str]:
            answer = s3.list_objects_v2(Bucket=bucket)
            return {one["Key"] for one in answer.get("Contents", ())}

        self.wait_until(lambda: set(keys) <= list_keys())
        return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}

    def take_failure(self) -> dict[str, Any]:
        """Wait for a record in the failure queue, and take it out."""
        sqs, name = self.place.clients["sqs"], f"{self.place.stack}-failures"
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        answers: list[dict[str, Any]] = []

        def receive() -> bool:
            answers[:] = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", [])
            return bool(answers)

        self.wait_until(receive)
        sqs.delete_message(QueueUrl=url, ReceiptHandle=answers[0]["ReceiptHandle"])
        record: dict[str, Any] = json.loads(answers[0]["Body"])
        return record

    def wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + self.place.seconds
        while not condition():
            assert time.monotonic() < deadline, f"not within {self.place.seconds} seconds"
            time.sleep(0.2)


@pytest.fixture(scope="module")
def pipeline(place: Place) -> Iterator[Pipeline]:
    """A pipeline, deployed from nothing and removed in the end, whatever happens."""
    try:
        yield Pipeline(place, place.run("deploy", "--yes"))
    finally:
        remove(place)


def remove(place: Place) -> None:
    """Remove the stack with all its photos; see that nothing is left."""
    place.run("destroy", "--yes", "--purge")
    left = place.run("status", code=3)["resources"]
    assert {one["resource"] for one in left if one["state"] != "missing"} == set()


def steps(document: Mapping[str, Any]) -> list[str]:
    return [step["call"] for step in document["steps"]]


def read_states(document: Mapping[str, Any]) -> dict[str, set[str]]:
    states: dict[str, set[str]] = {}
    for one in document["resources"]:
        states.setdefault(one["state"], set()).add(one["resource"])
    return states


def test_the_first_deployment_makes_everything(pipeline: Pipeline) -> None:
    made = steps(pipeline.first)
    assert {call for call in made if ":create_" in call} == {
        *("s3:create_bucket", "iam:create_role", "logs:create_log_group", "sqs:create_queue"),
        *("lambda:create_function", "lambda:create_alias"),
    }
    assert made[-2:] == ["lambda:add_permission", "s3:put_bucket_notification_configuration"]


def test_deploying_again_writes_nothing(pipeline: Pipeline) -> None:
    pipeline.place.run("deploy", "--yes")
    assert steps(pipeline.place.run("deploy", "--yes")) == []
    assert steps(pipeline.place.run("deploy", "--plan")) == []


def test_a_changed_setting_takes_only_its_own_steps(pipeline: Pipeline) -> None:
    pipeline.place.run("deploy", "--yes")
    planned = pipeline.place.run("deploy", "--plan", "--memory", "512", code=3)
    done = pipeline.place.run("deploy", "--yes", "--memory", "512")
    by_version = ["lambda:put_function_event_invoke_config"]
    expected = [
        *("s3:put_object", "lambda:update_function_configuration", "lambda:publish_version"),
        *(by_version if pipeline.place.server.settings_by_version else []),
        "lambda:update_alias",
    ]
    assert (steps(planned), steps(done)) == (expected, expected)


def test_a_change_by_somebody_else_is_seen_and_put_back(pipeline: Pipeline) -> None:
    place = pipeline.place
    place.run("deploy", "--yes")
    place.clients["s3"].delete_bucket_lifecycle(Bucket=pipeline.first["destination_bucket"])
    assert read_states(place.run("status", code=3))["drifted"] == {
        f"bucket {pipeline.first['destination_bucket']}"
    }
    assert steps(place.run("deploy", "--yes")) == ["s3:put_bucket_lifecycle_configuration"]
    assert set(read_states(place.run("status"))) == {"present"}


def test_a_version_can_be_rolled_back_and_forth(pipeline: Pipeline) -> None:
    place = pipeline.place
    place.run("deploy", "--yes")
    place.run("deploy", "--yes", "--memory", "768")
    newest = place.run("status")["function_version"]
    place.run("rollback")
    assert int(place.run("status", code=3)["function_version"]) < int(newest)
    place.run("rollback", "--to", newest)
    assert place.run("status")["function_version"] == newest


@pytest.mark.parametrize("key", ["photo.jpg", "trips/été 2026/my photo+1.jpg"])
def test_a_photo_becomes_five_mosaics_as_run_makes_them(pipeline: Pipeline, key: str) -> None:
    made = {name_mosaic(key, one): one.data for one in pixelate(PHOTO)}
    pipeline.put(key, PHOTO)
    assert pipeline.get(list(made)) == made
    assert len(made) == 5


def test_a_prefix_and_a_suffix_may_hold_any_characters(pipeline: Pipeline) -> None:
    """In a stack of its own. A key that only looks like the encoded prefix is no photo of it."""
    place, prefix, suffix = pipeline.place, "in box/\u00e4&=/", " (1)+100%.jpg"
    other = Pipeline(replace(place, stack=f"{place.stack}-p"), {})
    try:
        deploy = ("deploy", "--yes", "--prefix", prefix, "--suffix", suffix, "--no-smoke-test")
        other = replace(other, first=other.place.run(*deploy))
        assert steps(other.place.run(*deploy)) == []
        key = f"{prefix}my photo{suffix}"
        for one in (f"in+box/%C3%A4%26%3D/no{suffix}", f"{prefix}no.jpg", key):
            other.put(one, PHOTO)
        names = [name_mosaic(key, one) for one in pixelate(PHOTO)]
        other.get(names)
        listed = place.clients["s3"].list_objects_v2(Bucket=other.first["destination_bucket"])
        assert sorted(one["Key"] for one in listed["Contents"]) == sorted(names)
    finally:
        remove(other.place)


def test_many_photos_at_once_all_become_mosaics(pipeline: Pipeline) -> None:
    photos = {f"many/{n}.png": encode(make_noise("RGB", (64, 64), n)) for n in range(12)}
    for key, data in photos.items():
        pipeline.put(key, data)
    made = {
        name_mosaic(key, one): one.data for key, data in photos.items() for one in pixelate(data)
    }
    assert pipeline.get(list(made)) == made


def test_a_failing_photo_ends_in_the_failure_queue(pipeline: Pipeline) -> None:
    pipeline.put("no photo.jpg", b"no photo at all")
    record = pipeline.take_failure()
    (event,) = record["event"]["Records"]
    assert unquote_plus(event["s3"]["object"]["key"]) == "no photo.jpg"
    assert (record["pixelater"], record["version"]) == ("failure", 1)
    assert (record["key"], record["bytes"]) == ("no photo.jpg", len(b"no photo at all"))
    assert record["reason"] == "not_a_picture"
    assert record["message"] == "a text file, not an image"


@pytest.mark.parametrize("earlier", [False, True])
def test_an_event_that_fails_three_times_is_recorded(pipeline: Pipeline, earlier: bool) -> None:
    """By Lambda: what raises may pass. Also of a version that was rolled back to."""
    place = pipeline.place
    place.run("deploy", "--yes")
    if earlier:
        place.run("deploy", "--yes", "--memory", "640")
        place.run("rollback")
    version = place.run("status", code=3 if earlier else 0)["function_version"]
    event = pipeline.invoke_in_vain("a b+c.jpg")
    record = pipeline.take_failure()
    assert record["requestPayload"] == event
    context = record["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("RetriesExhausted", 3)
    if place.server.has_destinations:  # Elsewhere, records tell less.
        assert record["version"] == "1.0"
        assert record["responseContext"]["executedVersion"] == version
        assert record["responsePayload"]["errorType"] == "BadConfiguration"
        assert datetime.fromisoformat(record["timestamp"]).year > 2000
        assert context["requestId"]


def test_deleting_a_photo_deletes_its_mosaics_if_asked_for(pipeline: Pipeline) -> None:
    place, key = pipeline.place, "deleted/a (1) é.jpg"
    made = [name_mosaic(key, one) for one in pixelate(PHOTO)]
    place.run("deploy", "--yes", "--mirror-deletes")
    try:
        pipeline.put(key, PHOTO)
        pipeline.get(made)
        bucket, s3 = pipeline.first["destination_bucket"], place.clients["s3"]
        s3.delete_object(Bucket=pipeline.first["source_bucket"], Key=key)
        prefix = {"Bucket": bucket, "Prefix": "deleted/"}
        pipeline.wait_until(lambda: s3.list_objects_v2(**prefix)["KeyCount"] == 0)
        assert place.run("failures")["failures"] == []
    finally:
        place.run("deploy", "--yes")


def test_pages_of_named_origins_read_mosaics(pipeline: Pipeline) -> None:
    """Rules of others stay, whatever is deployed."""
    place, key, page = pipeline.place, "web/photo.png", "http://localhost:5173"
    bucket, s3 = pipeline.first["destination_bucket"], place.clients["s3"]
    foreign = {"ID": "a", "AllowedMethods": ["PUT"], "AllowedOrigins": ["http://localhost:9"]}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [foreign]})
    options = ("--cors", page, "--cache-control", "public, max-age=300")
    try:
        assert "s3:put_bucket_cors" in steps(place.run("deploy", "--yes", *options))
        assert steps(place.run("deploy", "--yes", *options)) == []
        pipeline.put(key, PHOTO)
        names = [name_mosaic(key, one) for one in pixelate(PHOTO)]
        pipeline.get(names)
        headers = {s3.head_object(Bucket=bucket, Key=name)["CacheControl"] for name in names}
        assert headers == {"public, max-age=300"}
        url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": names[0]})
        granted = "*" if place.server.name == "ministack" else page  # It grants all, by no rule.
        assert ask_as_page(url, "OPTIONS", page) == granted
        assert ask_as_page(url, "GET", page) == granted
    finally:
        place.run("deploy", "--yes")
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == [foreign]
    s3.delete_bucket_cors(Bucket=bucket)
    assert steps(place.run("deploy", "--yes")) == []


def ask_as_page(url: str, method: str, origin: str) -> str | None:
    """Send a request as the browser does for a page; return the origin that may read it."""
    asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    headers = asked if method == "OPTIONS" else {"Origin": origin}
    request = Request(url, headers=headers, method=method)  # noqa: S310 (http)
    with build_opener(ProxyHandler({})).open(request) as answer:
        allowed: str | None = answer.headers["Access-Control-Allow-Origin"]
        return allowed


def test_another_stack_comes_and_goes_and_leaves_nothing(pipeline: Pipeline) -> None:
    """In a stack of its own: what the other tests share stays."""
    place = pipeline.place
    other = replace(place, stack=f"{place.stack}-b")
    try:
        other.run("deploy", "--yes")
    finally:
        remove(other)
    assert steps(other.run("destroy", "--yes", "--purge")) == []
    assert set(read_states(other.run("status", code=3))) == {"missing"}
