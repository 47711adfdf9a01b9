"""The Invoke API, a function's log, and its role."""

from __future__ import annotations

import base64
import json
import time
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError
from moto.logs.models import logs_backends

from pixelater_cli.emulator.lambda_service.models import FunctionRef
from pixelater_cli.emulator.moto_adapter.backend import KEPT_LINES, KEPT_STREAMS, MotoBackend
from pixelater_cli.emulator.moto_adapter.lambda_api import read_target
from pixelater_cli.emulator.pipeline import deploy_to, send_photo, start_emulator
from tests.functional.lambdas import (
    BUCKET,
    BY_KEY,
    NAME,
    Bench,
    deploy_by_key,
    start_bench,
)
from tests.pictures import encode, make_scene

ARN_FORM = "arn:aws:lambda:us-east-1:123456789012:function:{0}:live"


def test_an_invocation_that_waits_gives_the_answer_the_version_and_the_log(bench: Bench) -> None:
    bench.deploy(BY_KEY, qualifier="live")
    answer = bench.invoke({"a": 1}, LogType="Tail", Qualifier="live")
    assert json.loads(answer["Payload"].read()) == {"a": 1}
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "1")
    assert "FunctionError" not in answer
    log = base64.b64decode(answer["LogResult"]).decode().splitlines()
    assert [line.split()[0] for line in log] == ["START", "END", "REPORT"]
    assert bench.read_log() == log
    assert bench.invoke({}, Qualifier="$LATEST")["ExecutedVersion"] == "$LATEST"
    assert "LogResult" not in bench.invoke({})


@pytest.mark.parametrize("name", ["pixelater-function", "function"])
@pytest.mark.parametrize("form", ["{0}", "{0}:live", "123456789012:function:{0}:live", ARN_FORM])
def test_a_function_is_named_by_its_name_or_a_partial_or_whole_arn(name: str, form: str) -> None:
    path = f"/2015-03-31/functions/{quote(form.format(name))}/invocations"
    request: Any = SimpleNamespace(
        path=path, querystring={}, current_account="123456789012", region="us-east-1"
    )
    target = read_target(request)
    assert (target.name, target.qualifier) == (name, "live" if form.endswith("live") else "")


def test_an_error_is_given_as_lambda_gives_it(bench: Bench) -> None:
    bench.deploy("def handle(event, context): raise KeyError(event)")
    answer = bench.invoke("a")
    error = json.loads(answer["Payload"].read())
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert (error["errorType"], error["errorMessage"]) == ("KeyError", "'a'")


def test_a_dry_run_runs_nothing(bench: Bench) -> None:
    deploy_by_key(bench)
    answer = bench.invoke("a", InvocationType="DryRun")
    assert answer["StatusCode"] == 204
    assert bench.functions.processes == []


def test_an_invocation_as_an_event_returns_at_once_with_no_payload(bench: Bench) -> None:
    deploy_by_key(bench)
    answer = bench.invoke("a", InvocationType="Event")
    assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")
    (report,) = bench.await_ends(1)
    assert (report.result, report.key) == ("done", "")


@pytest.mark.parametrize(
    ("size", "kind", "words"),
    [
        (
            6 * 2**20 + 1,
            "RequestResponse",
            "6291457 byte payload is too large for the RequestResponse invocation type "
            "(limit 6291456 bytes)",
        ),
        (
            2**20 + 1,
            "Event",
            "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)",
        ),
    ],
)
def test_a_payload_that_is_too_large_is_refused(
    bench: Bench, size: int, kind: str, words: str
) -> None:
    deploy_by_key(bench)
    with pytest.raises(ClientError) as caught:
        bench.invoke("x" * (size - 2), InvocationType=kind)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
    assert caught.value.response["Error"]["Message"] == words


def test_what_cannot_be_invoked_is_refused(bench: Bench) -> None:
    deploy_by_key(bench)
    function = bench.connect("lambda")
    with pytest.raises(function.exceptions.ResourceNotFoundException):
        function.invoke(FunctionName="nobody")
    with pytest.raises(function.exceptions.ResourceNotFoundException):
        bench.invoke({}, Qualifier="nobody")
    with pytest.raises(function.exceptions.InvalidRequestContentException):
        function.invoke(FunctionName=NAME, Payload=b"{no json")


def test_the_log_is_in_the_group_and_format_that_were_set(bench: Bench) -> None:
    logging = {"LogFormat": "JSON", "LogGroup": "elsewhere", "SystemLogLevel": "WARN"}
    source = "import logging\ndef handle(event, context): logging.error('seen')"
    bench.deploy(source, LoggingConfig=logging)
    function = bench.connect("lambda")
    bench.invoke({})
    assert [json.loads(line)["message"] for line in bench.read_log("elsewhere")] == ["seen"]
    configuration = function.get_function_configuration(FunctionName=NAME)
    assert configuration["LoggingConfig"] == {"ApplicationLogLevel": "INFO", **logging}
    function.update_function_configuration(FunctionName=NAME, LoggingConfig={"LogFormat": "Text"})
    bench.invoke({})
    assert [line.split()[0] for line in bench.read_log()] == ["START", "[ERROR]", "END", "REPORT"]


def test_a_functions_role_is_enforced_if_asked_for() -> None:
    allowed = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    source = (
        "import boto3, os\n"
        "def handle(event, context):\n"
        "    s3 = boto3.client('s3')\n"
        f"    body = s3.get_object(Bucket='{BUCKET}', Key='a b')['Body'].read().decode()\n"
        "    try:\n"
        f"        s3.put_object(Bucket='{BUCKET}', Key='b', Body=b'b')\n"
        "    except Exception as error:\n"
        "        return [body, str(error), boto3.client('sts').get_caller_identity()['Arn']]\n"
    )
    with start_bench(enforce_iam=True) as bench:
        bench.deploy(source, {"Version": "2012-10-17", "Statement": [allowed]})
        bench.connect("s3").put_bucket_notification_configuration(
            Bucket=BUCKET, NotificationConfiguration={}
        )
        bench.put("a b", b"body")
        body, error, arn = json.loads(bench.invoke({})["Payload"].read())
    assert (body, arn) == ("body", f"arn:aws:sts::123456789012:assumed-role/{NAME}/{NAME}")
    assert "(AccessDenied)" in error


def test_the_whole_stack_works_with_its_own_role_enforced() -> None:
    with start_emulator(enforce_iam=True) as emulator:
        deployed = deploy_to(emulator)
        journey = send_photo(emulator, deployed, "a b.png", encode(make_scene()))
        iam = deployed.account.clients["iam"]
        iam.delete_role_policy(RoleName=deployed.stack.role, PolicyName="pixelater-pipeline")
        refused = send_photo(emulator, deployed, "c.png", encode(make_scene()))
    assert len(journey.objects) == 5
    assert "AccessDenied" in refused.outcome.error


def test_of_a_log_only_the_newest_streams_and_lines_are_kept(bench: Bench) -> None:
    deploy_by_key(bench)
    account = MotoBackend()
    function = account.find(FunctionRef("123456789012", "us-east-1", NAME))
    now = int(time.time() * 1000)
    for number in range(KEPT_STREAMS + 5):
        account.write_log(function, f"{number}", [(now, f"line of {number}")])
    account.write_log(function, "long", [(now, f"{number}") for number in range(KEPT_LINES + 5)])
    group = logs_backends["123456789012"]["us-east-1"].groups[function.log_group]
    assert list(group.streams) == [*(f"{number}" for number in range(6, KEPT_STREAMS + 5)), "long"]
    assert [event.message for event in group.streams["long"].events[:1]] == ["5"]


def test_an_event_that_is_nested_too_deeply_is_refused_as_no_json(bench: Bench) -> None:
    deploy_by_key(bench)
    with pytest.raises(ClientError) as refused:
        bench.connect("lambda").invoke(FunctionName=NAME, Payload=b"[" * 100_000)
    assert refused.value.response["Error"]["Code"] == "InvalidRequestContentException"


LONG_NAME = "a" * 65


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("update_function_configuration", {"Timeout": 901}),
        ("update_alias", {"Name": "live", "RoutingConfig": {"AdditionalVersionWeights": {"1": 5}}}),
        (
            "create_function",
            {
                "FunctionName": LONG_NAME,
                "Role": "arn:aws:iam::123456789012:role/any",
                "Code": {"ZipFile": b"any"},
            },
        ),
    ],
)
def test_settings_beyond_the_limits_of_lambda_are_refused(
    bench: Bench, operation: str, members: dict[str, Any]
) -> None:
    bench.deploy(BY_KEY, qualifier="live")
    with pytest.raises(ClientError, match="less than or equal to") as refused:
        getattr(bench.connect("lambda"), operation)(**{"FunctionName": NAME, **members})
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_environment_variables_of_more_than_4_kb_are_refused(bench: Bench) -> None:
    """Lambda measures them as JSON: {"ab":"..."} of 4096 bytes."""
    bench.deploy(BY_KEY)
    update = bench.connect("lambda").update_function_configuration
    variables = {"ab": "x" * 4087}
    assert update(FunctionName=NAME, Environment={"Variables": variables})["Environment"]
    bench.connect("lambda").get_waiter("function_updated_v2").wait(FunctionName=NAME)
    with pytest.raises(ClientError, match="exceeded the 4KB limit") as refused:
        update(FunctionName=NAME, Environment={"Variables": {"ab": "x" * 4088}})
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"
