"""`pixelater deploy` against a moto server, and what it says when AWS does not answer."""

from __future__ import annotations

import json
import shutil
import socket
import sys
from pathlib import Path

import pytest

from tests.functional.conftest import ROOT, Connect, Pixelater

FIRST = 33
"""Steps of the first deploy to an endpoint without TLS."""

PUBLISH = ["lambda:publish_version", "lambda:update_alias"]
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


def steps(out: str) -> list[str]:
    return [step["call"] for step in json.loads(out)["steps"]]


def test_the_first_deploy_makes_everything_and_the_second_nothing(
    pixelater: Pixelater, moto: str
) -> None:
    first = pixelater("deploy", "--endpoint-url", moto, "--json")
    assert (first.code, len(steps(first.out))) == (0, FIRST)
    second = pixelater("deploy", "--endpoint-url", moto, "--json")
    assert (second.code, steps(second.out), second.err) == (0, [], "")


def test_changed_engine_code_is_uploaded_and_updated_and_nothing_else(
    pixelater: Pixelater, moto: str, tmp_path: Path
) -> None:
    """The zip is made from the installed engine: here, a copy that stands first on the path."""
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "lambda", copy)
    path = {"PYTHONPATH": f"{ROOT}:{copy}"}
    first = pixelater("deploy", "--endpoint-url", moto, "--json", **path)
    assert len(steps(first.out)) == FIRST
    with (copy / "pixelater" / "blocks.py").open("a") as engine:
        engine.write("# touched\n")
    second = pixelater("deploy", "--endpoint-url", moto, "--json", **path)
    assert steps(second.out) == ["s3:put_object", "lambda:update_function_code", *PUBLISH]
    assert steps(pixelater("deploy", "--endpoint-url", moto, "--json", **path).out) == []


def test_a_plan_shows_the_steps_and_changes_nothing(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    plan = pixelater("deploy", "--endpoint-url", moto, "--plan", "--json")
    assert (plan.code, len(steps(plan.out))) == (3, FIRST)
    assert connect("s3").list_buckets()["Buckets"] == []
    assert connect("iam").list_roles()["Roles"] == []
    done = pixelater("deploy", "--endpoint-url", moto, "--json")
    assert steps(done.out) == steps(plan.out)
    nothing = pixelater("deploy", "--endpoint-url", moto, "--plan")
    assert (nothing.code, nothing.out.splitlines()[1:]) == (
        0,
        ["Everything is as it should be: nothing to change."],
    )


def test_the_stack_is_as_designed(pixelater: Pixelater, moto: str, connect: Connect) -> None:
    assert pixelater("deploy", AWS_ENDPOINT_URL=moto).code == 0
    names = [bucket["Name"] for bucket in connect("s3").list_buckets()["Buckets"]]
    assert sorted(names) == [
        "pixelater-code-bucket",
        "pixelater-destination-bucket",
        "pixelater-source-bucket",
    ]
    function = connect("lambda").get_function_configuration(FunctionName="pixelater-function")
    settings = {name: function[name] for name in ("Handler", "Timeout", "Runtime", "Environment")}
    assert settings == {
        "Handler": "pixelater.handler.lambda_handler",
        "Timeout": 300,
        "Runtime": "python3.13",
        "Environment": {
            "Variables": {
                "bucket_1": "pixelater-destination-bucket",
                "PIXELATER_FAILURES": "pixelater-failures",
            }
        },
    }
    trigger = connect("s3").get_bucket_notification_configuration(Bucket="pixelater-source-bucket")
    assert trigger["LambdaFunctionConfigurations"] == [
        {
            "Id": "pixelater-photo-created",
            "LambdaFunctionArn": f"{function['FunctionArn']}:live",
            "Events": ["s3:ObjectCreated:*"],
        }
    ]


def test_grids_become_a_setting_of_the_function(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    done = pixelater("deploy", "--endpoint-url", moto, "--grids", "8, 16", "--json")
    assert steps(done.out) == ["s3:put_object", "lambda:update_function_configuration", *PUBLISH]
    function = connect("lambda").get_function_configuration(FunctionName="pixelater-function")
    assert function["Environment"]["Variables"]["PIXELATER_GRIDS"] == "8,16"


def test_a_setting_changed_by_hand_is_put_back(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    connect("lambda").update_function_configuration(FunctionName="pixelater-function", Timeout=3)
    assert steps(pixelater("deploy", "--endpoint-url", moto, "--json").out) == [
        "lambda:update_function_configuration"
    ]


def test_for_people_each_step_is_told_as_it_is_done(pixelater: Pixelater, moto: str) -> None:
    done = pixelater("deploy", "--endpoint-url", moto)
    told = done.err.splitlines()
    assert (len(told), told[0]) == (FIRST, "done: create bucket pixelater-source-bucket")
    assert done.out == (
        f"Account 123456789012, us-east-1 at {moto}\n"
        "33 steps done.\n"
        "Photos go to      s3://pixelater-source-bucket\n"
        "Mosaics appear in s3://pixelater-destination-bucket\n"
    )


def test_no_credentials_are_a_clear_error(pixelater: Pixelater) -> None:
    done = pixelater("deploy", "--region", "eu-central-1")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: no AWS credentials were found\n  Sign in with ")


def test_no_region_is_a_clear_error(pixelater: Pixelater) -> None:
    done = pixelater("deploy", **KEYS)
    assert (done.code, done.err.splitlines()[0]) == (2, "error: no AWS region is set")


def test_an_endpoint_nobody_serves_is_a_clear_error(pixelater: Pixelater) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        done = pixelater("deploy", "--endpoint-url", url)
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines() == [
        f"error: no answer from {url}/",
        "  Check the address, and that the server there is running.",
    ]


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
    ],
)
def test_what_is_no_endpoint_is_a_wrong_command_line(pixelater: Pixelater, url: str) -> None:
    done = pixelater("deploy", "--endpoint-url", url)
    assert (done.code, done.err.splitlines()[0]) == (2, f"error: {url!r} is no endpoint")


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
    assert done.err.startswith("error: pip cannot fetch Pillow for python3.13 on ")
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
        "  create bucket pixelater-source-bucket (public access, ownership, encryption,",
    ]


def test_a_stack_in_another_region_is_noticed_before_anything_is_made(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    done = pixelater("deploy", "--endpoint-url", moto, "--region", "eu-central-1")
    assert (done.code, done.err.splitlines()[0]) == (
        1,
        "error: the bucket pixelater-source-bucket is in us-east-1, not in eu-central-1",
    )
    assert len(connect("iam").list_roles()["Roles"]) == 1


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


def test_a_change_is_shown_from_what_to_what(pixelater: Pixelater, moto: str) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    done = pixelater("deploy", "--endpoint-url", moto, "--memory", "512", "--plan")
    assert done.out.splitlines()[1:] == [
        "  change settings of stack pixelater (memory_mb 1024 -> 512)",
        "  change function pixelater-function (settings: MemorySize 1024 -> 512)",
        "  change alias live of pixelater-function (MemorySize 1024 -> 512)",
        "4 steps to do; nothing was changed.",
    ]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (
            ["--source-bucket", "one", "--destination-bucket", "one"],
            "error: source and destination are both one",
        ),
        (["--stack", "Photos"], "error: --stack: 'Photos' cannot be part of a bucket's name"),
        (["--log-days", "2"], "error: --log-days: CloudWatch keeps no logs for 2"),
    ],
)
def test_what_cannot_be_deployed_is_a_wrong_command_line(
    pixelater: Pixelater, moto: str, options: list[str], error: str
) -> None:
    done = pixelater("deploy", "--endpoint-url", moto, *options)
    assert (done.code, done.err.splitlines()[0]) == (2, error)


def test_a_bucket_to_be_used_must_be_there(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    done = pixelater("deploy", "--endpoint-url", moto, "--source-bucket", "theirs")
    assert (done.code, done.err.splitlines()[0]) == (1, "error: there is no bucket theirs")
    connect("s3").create_bucket(Bucket="theirs")
    assert pixelater("deploy", "--endpoint-url", moto, "--source-bucket", "theirs").code == 0


def test_settings_come_from_the_environment_too(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    settings = {"PIXELATER_STACK": "other", "PIXELATER_GRIDS": "8"}
    assert pixelater("deploy", "--endpoint-url", moto, **settings).code == 0
    function = connect("lambda").get_function_configuration(FunctionName="other-function")
    assert function["Environment"]["Variables"] == {
        "bucket_1": "other-destination-bucket",
        "PIXELATER_FAILURES": "other-failures",
        "PIXELATER_GRIDS": "8",
    }


def test_the_status_tells_what_is_missing_and_what_drifted(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    at = ["--endpoint-url", moto]
    nothing = pixelater("status", *at, "--json")
    assert nothing.code == 3
    assert {one["state"] for one in json.loads(nothing.out)["resources"]} == {"missing"}
    pixelater("deploy", *at, "--memory", "512")
    whole = json.loads(pixelater("status", *at, "--json").out)
    assert {one["state"] for one in whole["resources"]} == {"present"}
    assert (whole["function_version"], whole["failures"], whole["errors"]) == ("1", 0, [])
    connect("lambda").update_function_configuration(FunctionName="pixelater-function", Timeout=3)
    connect("sqs").delete_queue(QueueUrl=f"{moto}/123456789012/pixelater-failures")
    done = pixelater("status", *at)
    assert done.code == 3
    assert "  drifted  function pixelater-function  settings: Timeout 3 -> 300\n" in done.out
    assert "  missing  queue pixelater-failures  attributes\n" in done.out


def test_rolling_back_lets_the_version_before_run(pixelater: Pixelater, moto: str) -> None:
    at = ["--endpoint-url", moto]
    pixelater("deploy", *at)
    refused = pixelater("rollback", *at)
    assert (refused.code, refused.err) == (1, "error: version 1 is the first\n  There are: 1.\n")
    pixelater("deploy", *at, "--memory", "512")
    done = pixelater("rollback", *at)
    assert (done.code, done.out) == (0, "pixelater-function: version 1 runs, no longer 2\n")
    assert pixelater("rollback", *at, "--to", "2").code == 0


def test_destroying_keeps_photos_unless_purged(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    at = ["--endpoint-url", moto]
    pixelater("deploy", *at)
    connect("s3").put_object(Bucket="pixelater-destination-bucket", Key="mosaic", Body=b"x")
    plan = pixelater("destroy", *at, "--plan")
    assert (plan.code, plan.out.splitlines()[1]) == (
        3,
        "  keep bucket pixelater-destination-bucket",
    )
    assert pixelater("destroy", *at, "--yes").code == 0
    buckets = connect("s3").list_buckets()["Buckets"]
    assert [one["Name"] for one in buckets] == ["pixelater-destination-bucket"]
    assert pixelater("destroy", *at, "--yes", "--purge").code == 0
    again = pixelater("destroy", *at, "--yes", "--purge")
    assert (again.code, again.out.splitlines()[1]) == (
        0,
        "Nothing is left of stack pixelater to remove.",
    )
    assert connect("s3").list_buckets()["Buckets"] == []
    assert connect("iam").list_roles()["Roles"] == []
    assert connect("lambda").list_functions()["Functions"] == []


def test_destroying_a_stack_that_never_was_is_fine(pixelater: Pixelater, moto: str) -> None:
    assert pixelater("destroy", "--yes", "--endpoint-url", moto).code == 0


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


def test_a_package_is_built_alike_each_time_and_shown_part_by_part(
    pixelater: Pixelater, tmp_path: Path
) -> None:
    one, other = (pixelater("package", "-o", name, "--json") for name in ("a.zip", "b.zip"))
    assert Path(tmp_path, "a.zip").read_bytes() == Path(tmp_path, "b.zip").read_bytes()
    shown = json.loads(one.out)
    assert shown == {**json.loads(other.out), "path": "a.zip"}
    assert shown["bytes"] == Path(tmp_path, "a.zip").stat().st_size
    assert {part["name"] for part in shown["parts"] if part["files"]} >= {"engine", "Pillow"}


def test_the_deployers_policy_is_printed_and_nothing_else_done(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    done = pixelater("deploy", "--endpoint-url", moto, "--print-policy")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["Version"] == "2012-10-17"
    assert connect("s3").list_buckets()["Buckets"] == []


def test_a_rival_for_the_same_uploads_is_named_before_anything_is_made(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    s3, sqs = connect("s3"), connect("sqs")
    s3.create_bucket(Bucket="theirs")
    url = sqs.create_queue(QueueName="audit")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    rival = {"Id": "audit", "QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}
    notifications = {"QueueConfigurations": [rival]}
    s3.put_bucket_notification_configuration(
        Bucket="theirs", NotificationConfiguration=notifications
    )
    done = pixelater("deploy", "--endpoint-url", moto, "--source-bucket", "theirs")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "error: another notification of theirs takes the same uploads: "
        f"audit, which goes to {arn}\n"
        "  S3 tells one receiver of each upload: set --prefix or --suffix apart from its\n"
        "  own.\n"
    )
    assert [one["Name"] for one in s3.list_buckets()["Buckets"]] == ["theirs"]


def test_photos_from_another_bucket_take_the_trigger_off_the_former(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    s3, at = connect("s3"), ["deploy", "--endpoint-url", moto]
    s3.create_bucket(Bucket="theirs")
    assert pixelater(*at).code == 0
    assert pixelater(*at, "--source-bucket", "theirs").code == 0
    former = s3.get_bucket_notification_configuration(Bucket="pixelater-source-bucket")
    now = s3.get_bucket_notification_configuration(Bucket="theirs")
    assert "LambdaFunctionConfigurations" not in former
    assert len(now["LambdaFunctionConfigurations"]) == 1
    again = pixelater(*at, "--source-bucket", "theirs", "--json")
    assert (again.code, steps(again.out)) == (0, [])


def test_our_own_emulator_gets_the_package_that_it_can_run(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    """Its page says which runtime that is: the Python it runs in itself."""
    runtime = f"python3.{sys.version_info.minor}"
    connect("s3").create_bucket(Bucket="pixelater-page-bucket")
    connect("s3").put_object(
        Bucket="pixelater-page-bucket",
        Key="stack.json",
        Body=json.dumps({"runtime": runtime}),
        ACL="public-read",
    )
    nothing = {"PIP_NO_INDEX": "1", "XDG_CACHE_HOME": "/dev/null"}
    assert pixelater("deploy", "--endpoint-url", moto, **nothing).code == 0
    function = connect("lambda").get_function_configuration(FunctionName="pixelater-function")
    assert function["Runtime"] == runtime


def test_a_reservation_that_is_no_longer_wanted_is_removed(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    at = ["deploy", "--endpoint-url", moto]
    assert pixelater(*at, "--concurrency", "0").code == 0
    done = pixelater(*at, "--json")
    assert steps(done.out) == ["s3:put_object", "lambda:delete_function_concurrency"]
    left = connect("lambda").get_function_concurrency(FunctionName="pixelater-function")
    assert "ReservedConcurrentExecutions" not in left


@pytest.mark.parametrize(
    ("bucket", "error"),
    [
        ("pixelater-code-bucket", "pixelater-code-bucket is the stack's own"),
        ("pixelater-source-bucket", "pixelater-source-bucket is the stack's own"),
        ("s3://our-photos", "'s3://our-photos' is no name of a bucket"),
    ],
)
def test_only_a_bucket_of_somebody_else_can_be_adopted(
    pixelater: Pixelater, moto: str, bucket: str, error: str
) -> None:
    done = pixelater("deploy", "--endpoint-url", moto, "--source-bucket", bucket)
    assert (done.code, done.out, done.err.splitlines()[0]) == (
        2,
        "",
        f"error: --source-bucket: {error}",
    )


def test_destroying_removes_the_own_bucket_in_whose_place_another_was_adopted(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    connect("s3").create_bucket(Bucket="theirs")
    assert pixelater("deploy", "--endpoint-url", moto).code == 0
    assert pixelater("deploy", "--endpoint-url", moto, "--source-bucket", "theirs").code == 0
    assert pixelater("destroy", "--endpoint-url", moto, "--yes").code == 0
    assert [one["Name"] for one in connect("s3").list_buckets()["Buckets"]] == ["theirs"]


def test_with_nobody_to_ask_nothing_is_destroyed(pixelater: Pixelater, moto: str) -> None:
    assert pixelater("deploy", "--endpoint-url", moto).code == 0
    done = pixelater("destroy", "--endpoint-url", moto)
    assert (done.code, done.err.splitlines()[0]) == (2, "error: there is nobody here to ask")
    assert pixelater("status", "--endpoint-url", moto).code == 0


@pytest.mark.parametrize("command", ["status", "destroy", "rollback"])
def test_a_name_that_no_stack_can_have_is_refused_everywhere(
    pixelater: Pixelater, moto: str, command: str
) -> None:
    done = pixelater(command, "--endpoint-url", moto, "--stack", "A")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: --stack: 'A' cannot be part of a bucket's name")
