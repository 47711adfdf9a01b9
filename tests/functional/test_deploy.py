"""`pixelater deploy` against a moto server, and what follows it: status, rollback, destroy."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from pixelater_function.metadata_secret import is_secret
from tests.functional.command import Snapshot
from tests.functional.conftest import ROOT, Connect, Pixelater
from tests.functional.test_stack import FIRST

PUBLISH = ["lambda:publish_version", "lambda:update_alias"]


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
    cli_process: Pixelater, moto: str, tmp_path: Path
) -> None:
    """The zip is made from the installed engine: here, a copy that stands first on the path."""
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "lambda", copy)
    path = {"PYTHONPATH": f"{ROOT}:{copy}"}
    first = cli_process("deploy", "--endpoint-url", moto, "--json", **path)
    assert len(steps(first.out)) == FIRST
    with (copy / "pixelater" / "grid.py").open("a") as engine:
        engine.write("# touched\n")
    second = cli_process("deploy", "--endpoint-url", moto, "--json", **path)
    assert steps(second.out) == ["s3:put_object", "lambda:update_function_code", *PUBLISH]
    assert steps(cli_process("deploy", "--endpoint-url", moto, "--json", **path).out) == []


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
        ["No changes: the stack is up to date."],
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
    secret = settings["Environment"]["Variables"].pop("PIXELATER_SECRET")
    stored = connect("s3").get_object(
        Bucket="pixelater-code-bucket", Key="pixelater-function/secret"
    )
    assert stored["Body"].read().decode() == secret
    assert settings == {
        "Handler": "pixelater_function.handler.lambda_handler",
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


def test_for_people_each_step_is_told_as_it_is_done(
    pixelater: Pixelater, moto: str, snapshot: Snapshot
) -> None:
    done = pixelater("deploy", "--endpoint-url", moto)
    assert len(done.err.splitlines()) == FIRST
    assert re.sub("upload zip .*", "upload zip", done.err) == snapshot(name="steps")
    assert done.out.replace(moto, "ENDPOINT") == snapshot(name="result")


def test_a_change_is_shown_from_what_to_what(
    pixelater: Pixelater, moto: str, snapshot: Snapshot
) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    done = pixelater("deploy", "--endpoint-url", moto, "--memory", "512", "--plan")
    assert (done.code, done.out.replace(moto, "ENDPOINT")) == (3, snapshot)


def test_settings_come_from_the_environment_too(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    settings = {"PIXELATER_STACK": "other", "PIXELATER_GRIDS": "8"}
    assert pixelater("deploy", "--endpoint-url", moto, **settings).code == 0
    function = connect("lambda").get_function_configuration(FunctionName="other-function")
    variables = function["Environment"]["Variables"]
    assert is_secret(variables.pop("PIXELATER_SECRET"))
    assert variables == {
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


def test_rolling_back_lets_the_version_before_run(
    pixelater: Pixelater, moto: str, snapshot: Snapshot
) -> None:
    at = ["--endpoint-url", moto]
    pixelater("deploy", *at)
    refused = pixelater("rollback", *at)
    assert (refused.code, refused.err.replace(moto, "URL")) == (1, snapshot)
    pixelater("deploy", *at, "--memory", "512")
    done = pixelater("rollback", *at)
    assert (done.code, done.out) == (0, "pixelater-function: rolled back from version 2 to 1\n")
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
        "Nothing to remove in stack pixelater.",
    )
    assert connect("s3").list_buckets()["Buckets"] == []
    assert connect("iam").list_roles()["Roles"] == []
    assert connect("lambda").list_functions()["Functions"] == []


def test_destroying_a_stack_that_never_was_is_fine(pixelater: Pixelater, moto: str) -> None:
    assert pixelater("destroy", "--yes", "--endpoint-url", moto).code == 0


@pytest.mark.real_package
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


def test_destroying_removes_the_own_bucket_in_whose_place_another_was_adopted(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    connect("s3").create_bucket(Bucket="theirs")
    assert pixelater("deploy", "--endpoint-url", moto).code == 0
    assert pixelater("deploy", "--endpoint-url", moto, "--source-bucket", "theirs").code == 0
    assert pixelater("destroy", "--endpoint-url", moto, "--yes").code == 0
    assert [one["Name"] for one in connect("s3").list_buckets()["Buckets"]] == ["theirs"]


def test_with_nobody_to_ask_nothing_is_destroyed(
    pixelater: Pixelater, moto: str, snapshot: Snapshot
) -> None:
    assert pixelater("deploy", "--endpoint-url", moto).code == 0
    done = pixelater("destroy", "--endpoint-url", moto)
    assert (done.code, done.err) == (2, snapshot)
    assert pixelater("status", "--endpoint-url", moto).code == 0


def test_status_shows_who_may_read_mosaics_and_for_how_long_they_are_kept(
    pixelater: Pixelater, moto: str
) -> None:
    at = ["--endpoint-url", moto]
    settings = ["--cors", "https://b.example", "--cors", "https://a.example"]
    settings += ["--cache-control", "no-cache"]
    assert pixelater("deploy", *at, *settings).code == 0
    status = json.loads(pixelater("status", *at, "--json").out)
    shown = ["CORS: https://a.example, https://b.example", "Cache-Control: no-cache"]
    lines = map(str.strip, pixelater("status", *at).out.splitlines())
    assert [line for line in lines if line in shown] == shown
    assert (status["cors"], status["cache_control"]) == (
        ["https://a.example", "https://b.example"],
        "no-cache",
    )
    assert pixelater("deploy", *at).code == 0
    status = json.loads(pixelater("status", *at, "--json").out)
    assert (status["cors"], status["cache_control"]) == ([], "")
    states = {one["resource"]: one["state"] for one in status["resources"]}
    assert states["bucket pixelater-destination-bucket"] == "present"


def test_changed_origins_and_headers_take_only_their_own_steps(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    at = ["deploy", "--endpoint-url", moto, "--json", "--cors"]
    assert pixelater(*at, "*").code == 0
    changed = pixelater(*at, "https://a.example", PIXELATER_CACHE_CONTROL="max-age=60")
    assert steps(changed.out) == [
        *("s3:put_object", "s3:put_bucket_cors", "lambda:update_function_configuration"),
        *PUBLISH,
    ]
    function = connect("lambda").get_function_configuration(FunctionName="pixelater-function")
    assert function["Environment"]["Variables"]["PIXELATER_CACHE_CONTROL"] == "max-age=60"
    same = pixelater(
        *at[:-1], PIXELATER_CORS="https://a.example", PIXELATER_CACHE_CONTROL="max-age=60"
    )
    assert steps(same.out) == []
