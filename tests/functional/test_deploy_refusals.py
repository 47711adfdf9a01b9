"""What `pixelater deploy` says when it cannot: no account, no answer, or what will not work."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path

import pytest

from tests.functional.command import Snapshot
from tests.functional.conftest import Connect, Pixelater
from tests.functional.queues import make_queue


def test_no_credentials_are_a_clear_error(pixelater: Pixelater, snapshot: Snapshot) -> None:
    done = pixelater("deploy", "--region", "eu-central-1")
    assert (done.code, done.out, done.err) == (1, "", snapshot)


def test_no_region_is_a_clear_error(pixelater: Pixelater, snapshot: Snapshot) -> None:
    done = pixelater("deploy", AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
    assert (done.code, done.err) == (2, snapshot)


def test_an_endpoint_nobody_serves_is_a_clear_error(
    pixelater: Pixelater, snapshot: Snapshot
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        done = pixelater("deploy", "--endpoint-url", url)
    assert (done.code, done.out, done.err.replace(url, "URL")) == (1, "", snapshot)


def test_an_unknown_profile_is_a_clear_error(pixelater: Pixelater) -> None:
    done = pixelater("deploy", "--profile", "nobody")
    assert (done.code, done.out) == (2, "")
    assert "nobody" in done.err.splitlines()[0]


@pytest.mark.parametrize(
    "url",
    [
        "localhost:4566",
        "ftp://localhost",
        "http://",
        "http://localhost:99999",
        "http://[::1",
        "http://127.0.0.1:abc",
        "http://a b:1",
        "http://my_server:4566",
        "http://bücher:4566",
    ],
)
def test_what_is_no_endpoint_is_a_wrong_command_line(
    pixelater: Pixelater, url: str, snapshot: Snapshot
) -> None:
    done = pixelater("deploy", "--endpoint-url", url)
    assert (done.code, done.err) == (2, snapshot)


@pytest.mark.real_package
def test_without_a_network_the_package_cannot_be_fetched_and_nothing_is_made(
    pixelater: Pixelater, moto: str, connect: Connect, tmp_path: Path
) -> None:
    offline = {
        "PIP_NO_INDEX": "1",
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_FIND_LINKS": "",
        "XDG_CACHE_HOME": str(tmp_path),
    }
    done = pixelater("deploy", "--endpoint-url", moto, **offline)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: pip cannot download Pillow for python3.13 on ")
    assert connect("s3").list_buckets()["Buckets"] == []


def test_a_server_that_is_no_aws_is_a_clear_error(pixelater: Pixelater, moto: str) -> None:
    done = pixelater("deploy", "--endpoint-url", f"{moto}/foo")
    assert (done.code, "Traceback" in done.err) == (1, False)


def test_an_endpoint_of_the_aws_configuration_is_no_aws_either(
    pixelater: Pixelater, moto: str, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text(f"[profile local]\nendpoint_url = {moto}\n")
    done = pixelater(
        "deploy", "--profile", "local", "--plan", AWS_CONFIG_FILE=str(tmp_path / "config")
    )
    assert done.code == 3
    assert done.out.splitlines()[:2] == [
        f"Account 123456789012, us-east-1 at {moto}",
        "  create bucket pixelater-code-bucket (public access, ownership, encryption,",
    ]


def test_a_stack_in_another_region_is_noticed_before_anything_is_made(
    pixelater: Pixelater, moto: str, connect: Connect, snapshot: Snapshot
) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    done = pixelater("deploy", "--endpoint-url", moto, "--region", "eu-central-1")
    assert (done.code, done.err) == (1, snapshot)
    assert len(connect("iam").list_roles()["Roles"]) == 1


@pytest.mark.real_package
def test_a_damaged_cache_is_fetched_anew_and_an_unusable_one_named(
    pixelater: Pixelater, moto: str, tmp_path: Path
) -> None:
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    first = pixelater("deploy", "--plan", "--endpoint-url", moto, "--json", **cache)
    (wheel,) = (tmp_path / "cache").rglob("*.whl")
    wheel.write_bytes(wheel.read_bytes()[:1000])
    again = pixelater("deploy", "--plan", "--endpoint-url", moto, "--json", **cache)
    assert json.loads(again.out)["package"] == json.loads(first.out)["package"]
    (tmp_path / "file").touch()
    done = pixelater(
        "deploy", "--plan", "--endpoint-url", moto, XDG_CACHE_HOME=str(tmp_path / "file")
    )
    assert (done.code, done.err.startswith("error: cannot use the cache folder")) == (1, True)


@pytest.mark.parametrize(
    "options",
    [
        ["--source-bucket", "one", "--destination-bucket", "one"],
        ["--stack", "Photos"],
        ["--log-days", "2"],
        ["--prefix", "a\udcff/"],
        ["--prefix", "a/", "--suffix", "\udcff.jpg"],
    ],
    ids=lambda options: ascii(" ".join(options)),
)
def test_what_cannot_be_deployed_is_a_wrong_command_line(
    pixelater: Pixelater, moto: str, options: list[str], snapshot: Snapshot
) -> None:
    done = pixelater("deploy", "--endpoint-url", moto, *options)
    assert (done.code, done.err) == (2, snapshot)


def test_a_bucket_to_be_used_must_be_there(
    pixelater: Pixelater, moto: str, connect: Connect, snapshot: Snapshot
) -> None:
    done = pixelater("deploy", "--endpoint-url", moto, "--source-bucket", "theirs")
    assert (done.code, done.err) == (1, snapshot)
    connect("s3").create_bucket(Bucket="theirs")
    assert pixelater("deploy", "--endpoint-url", moto, "--source-bucket", "theirs").code == 0


@pytest.mark.real_package
def test_a_pillow_for_another_cpu_is_refused_before_anything_is_made(
    pixelater: Pixelater, moto: str, connect: Connect, tmp_path: Path
) -> None:
    """Both wheels are pinned, so a mixed-up cache holds a right hash and the wrong machine."""
    at = ["deploy", "--endpoint-url", moto]
    cache = {"XDG_CACHE_HOME": str(tmp_path)}
    assert pixelater(*at, "--plan", "--architecture", "x86_64", **cache).code == 3
    (wheel,) = tmp_path.rglob("*.whl")
    shutil.copytree(wheel.parent, wheel.parent.with_name("pillow-python3.13-arm64"))
    done = pixelater(*at, "--architecture", "arm64", **cache)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: the package would not run on python3.13, arm64: PIL/")
    assert connect("s3").list_buckets()["Buckets"] == []


def test_a_rival_for_the_same_uploads_is_named_before_anything_is_made(
    pixelater: Pixelater, moto: str, connect: Connect, snapshot: Snapshot
) -> None:
    s3, sqs = connect("s3"), connect("sqs")
    s3.create_bucket(Bucket="theirs")
    arn = make_queue(sqs, "audit")
    rival = {"Id": "audit", "QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}
    notifications = {"QueueConfigurations": [rival]}
    s3.put_bucket_notification_configuration(
        Bucket="theirs", NotificationConfiguration=notifications
    )
    done = pixelater("deploy", "--endpoint-url", moto, "--source-bucket", "theirs")
    assert (done.code, done.out, done.err) == (1, "", snapshot)
    assert [one["Name"] for one in s3.list_buckets()["Buckets"]] == ["theirs"]


def test_emulate_names_a_rival_as_deploy_does(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    arn = make_queue(connect("sqs"), "audit")
    rival = {"Id": "audit", "QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}
    connect("s3").create_bucket(Bucket="pixelater-source-bucket")
    connect("s3").put_bucket_notification_configuration(
        Bucket="pixelater-source-bucket",
        NotificationConfiguration={"QueueConfigurations": [rival]},
    )
    done = pixelater("emulate", "--endpoint-url", moto)
    assert done.code == 1
    message = " ".join(done.err.split())
    assert f"takes the same uploads: audit, which goes to {arn}" in message


def test_rival_for_deletes_is_named_where_deletes_are_mirrored(
    pixelater: Pixelater, moto: str, connect: Connect, snapshot: Snapshot
) -> None:
    arn = make_queue(connect("sqs"), "audit")
    rule = {"Name": "prefix", "Value": "year%3D2026/"}
    rival = {
        "Id": "audit",
        "QueueArn": arn,
        "Events": ["s3:ObjectRemoved:Delete"],
        "Filter": {"Key": {"FilterRules": [rule]}},
    }
    connect("s3").create_bucket(Bucket="theirs")
    connect("s3").put_bucket_notification_configuration(
        Bucket="theirs", NotificationConfiguration={"QueueConfigurations": [rival]}
    )
    at = ["deploy", "--endpoint-url", moto, "--source-bucket", "theirs", "--prefix", "year=2026/5/"]
    assert pixelater(*at, "--plan").code == 3
    refused = pixelater(*at, "--mirror-deletes")
    assert (refused.code, refused.err) == (1, snapshot)
    assert pixelater(*at, "--mirror-deletes", "--prefix", "year=2025/").code == 0


@pytest.mark.parametrize(
    "bucket", ["pixelater-code-bucket", "pixelater-source-bucket", "s3://our-photos"]
)
def test_only_a_bucket_of_somebody_else_can_be_adopted(
    pixelater: Pixelater, moto: str, bucket: str, snapshot: Snapshot
) -> None:
    done = pixelater("deploy", "--endpoint-url", moto, "--source-bucket", bucket)
    assert (done.code, done.out, done.err) == (2, "", snapshot)


@pytest.mark.parametrize("command", ["status", "destroy", "rollback"])
def test_a_name_that_no_stack_can_have_is_refused_everywhere(
    pixelater: Pixelater, moto: str, command: str, snapshot: Snapshot
) -> None:
    done = pixelater(command, "--endpoint-url", moto, "--stack", "A")
    assert (done.code, done.out, done.err) == (2, "", snapshot)
