"""Running functions: queue, concurrency, retries, failure records, updates, the Invoke API."""

from __future__ import annotations

import base64
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError
from moto.logs.models import logs_backends

from pixelater_cli.emulator.fleet import Settings
from pixelater_cli.emulator.function import Target
from pixelater_cli.emulator.journey import deploy_to, send, start_emulator
from pixelater_cli.emulator.moto_account import KEPT_LINES, KEPT_STREAMS, MotoAccount
from pixelater_cli.emulator.moto_lambda import read_target
from tests.functional.lambdas import BUCKET, NAME, Bench, start_bench, zip_app
from tests.pictures import encode, make_scene

ARN_FORM = "arn:aws:lambda:us-east-1:123456789012:function:{0}:live"

BY_KEY = '''
import json, os, time, urllib.parse

def handle(event, context):
    """Do what the key says; "first" fails on the first attempt, whichever process has it."""
    if not isinstance(event, dict) or "Records" not in event:
        return event
    key = urllib.parse.unquote_plus(event["Records"][0]["s3"]["object"]["key"])
    print("attempt at", key)
    what = key.split("/")[0]
    if what == "first":
        marker = os.environ["marks"] + key.replace("/", "_")
        if not os.path.exists(marker):
            open(marker, "w").close()
            raise ValueError(key)
    if what == "always":
        raise ValueError(key)
    if what == "exit":
        os._exit(3)
    if what == "loop":
        while True:
            pass
    if what == "sleep":
        time.sleep(float(key.split("/")[1]))
    if what == "eat":
        kept = []
        while True:
            kept.append(b"x" * 2**20)
    if what == "large":
        return "x" * 7 * 2**20
    return [key, os.getpid()]
'''


@pytest.fixture
def bench() -> Iterator[Bench]:
    with start_bench() as one:
        yield one


def deploy(bench: Bench, marks: Path | None = None, **settings: Any) -> None:
    variables = {"Environment": {"Variables": {"marks": f"{marks}/"}}} if marks else {}
    bench.deploy(BY_KEY, **{**variables, **settings})


def test_an_upload_returns_while_the_function_is_still_busy(bench: Bench) -> None:
    deploy(bench)
    bench.put("sleep/1.5/a")
    assert bench.functions.pending == 1
    (report,) = bench.await_ends(1)
    assert (report.key, report.result, report.attempt, report.error) == (
        "sleep/1.5/a",
        "done",
        1,
        "",
    )
    assert (report.bucket, report.function, report.cold) == (BUCKET, NAME, True)
    assert report.duration_ms > 1500 and report.memory_mb > 5


def test_events_run_at_the_same_time_and_environments_are_reused(bench: Bench) -> None:
    deploy(bench)
    for number in range(6):
        bench.put(f"sleep/0.2/{number}")
    reports = bench.await_ends(6)
    processes = {json.loads(one.outcome.payload)[1] for one in reports if one.outcome}
    assert processes == set(bench.functions.processes)
    assert len(processes) == Settings().concurrency
    assert sorted(one.cold for one in reports) == [False] * (6 - len(processes)) + [True] * len(
        processes
    )


def test_events_wait_their_turn_in_order_on_a_machine_with_room_for_one() -> None:
    with start_bench(Settings(concurrency=1)) as bench:
        deploy(bench)
        for number in range(5):
            bench.put(f"sleep/0.05/{number}")
        reports = bench.await_ends(5)
        assert [one.key for one in reports] == [f"sleep/0.05/{number}" for number in range(5)]
        assert len(bench.functions.processes) == 1


def test_throttled_events_come_back_and_none_is_lost(bench: Bench) -> None:
    deploy(bench)
    bench.connect("lambda").put_function_concurrency(
        FunctionName=NAME, ReservedConcurrentExecutions=1
    )
    for number in range(4):
        bench.put(f"sleep/0.3/{number}")
    reports = bench.await_ends(4)
    assert {one.key for one in reports if one.result == "done"} == {
        f"sleep/0.3/{number}" for number in range(4)
    }
    assert "throttled" in {one.result for one in reports}
    assert len(bench.functions.processes) == 1
    assert bench.read_failures() == []


def test_with_no_concurrency_events_go_to_the_failure_queue_untried(bench: Bench) -> None:
    deploy(bench)
    bench.connect("lambda").put_function_concurrency(
        FunctionName=NAME, ReservedConcurrentExecutions=0
    )
    bench.put("a.jpg")
    (report,) = bench.await_ends(1)
    assert (report.result, report.attempt, report.error) == ("failed", 0, "ZeroReservedConcurrency")
    (record,) = bench.read_failures()
    assert record["requestContext"] == {
        "requestId": report.request_id,
        "functionArn": f"arn:aws:lambda:us-east-1:123456789012:function:{NAME}:$LATEST",
        "condition": "ZeroReservedConcurrency",
        "approximateInvokeCount": 0,
    }
    assert record.keys() == {"version", "timestamp", "requestContext", "requestPayload"}
    with pytest.raises(ClientError) as caught:
        bench.invoke({})
    answer = caught.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (
        "TooManyRequestsException",
        429,
    )
    assert answer["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"


def test_what_fails_once_is_done_by_the_next_attempt(bench: Bench, tmp_path: Path) -> None:
    deploy(bench, tmp_path)
    bench.put("first/a.jpg")
    first, second = bench.await_ends(1)
    assert (first.result, first.attempt, first.error) == ("retried", 1, "ValueError: first/a.jpg")
    assert (second.result, second.attempt, second.request_id) == ("done", 2, first.request_id)
    assert bench.read_failures() == []


def test_what_always_fails_is_tried_three_times_and_recorded_once(bench: Bench) -> None:
    deploy(bench)
    bench.put("always/my photo.jpg")
    reports = bench.await_ends(1)
    assert [(one.result, one.attempt) for one in reports] == [
        ("retried", 1),
        ("retried", 2),
        ("failed", 3),
    ]
    (record,) = bench.read_failures()
    event, response = record.pop("requestPayload"), record.pop("responsePayload")
    assert record == {
        "version": "1.0",
        "timestamp": record["timestamp"],
        "requestContext": {
            "requestId": reports[0].request_id,
            "functionArn": f"arn:aws:lambda:us-east-1:123456789012:function:{NAME}:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
    }
    assert event["Records"][0]["s3"]["object"]["key"] == "always/my+photo.jpg"
    assert (response["errorType"], response["errorMessage"]) == (
        "ValueError",
        "always/my photo.jpg",
    )
    assert reports[-1].recorded == "arn:aws:sqs:us-east-1:123456789012:failures"


def test_retries_and_age_are_those_that_were_set_for_the_alias(bench: Bench) -> None:
    bench.deploy(BY_KEY, qualifier="live")
    bench.set_events("live", MaximumRetryAttempts=0)
    bench.set_events("", MaximumRetryAttempts=1)
    bench.put("always/a")
    assert [one.result for one in bench.await_ends(1)] == ["failed"]
    bench.set_events("live", MaximumRetryAttempts=2, MaximumEventAgeInSeconds=100)
    bench.put("always/b")
    assert [one.result for one in bench.await_ends(1)] == ["retried", "failed"]
    context = [record["requestContext"] for record in bench.read_failures()]
    assert [(one["condition"], one["approximateInvokeCount"]) for one in context] == [
        ("RetriesExhausted", 1),
        ("EventAgeExceeded", 2),
    ]
    assert {one["functionArn"].rpartition(":")[2] for one in context} == {"live"}


def test_event_settings_are_kept_for_each_qualifier(bench: Bench) -> None:
    bench.deploy(BY_KEY, qualifier="live")
    function = bench.connect("lambda")
    function.update_function_event_invoke_config(
        FunctionName=NAME, Qualifier="live", MaximumRetryAttempts=1
    )
    settings = function.get_function_event_invoke_config(FunctionName=NAME, Qualifier="live")
    assert settings["MaximumRetryAttempts"] == 1
    assert settings["FunctionArn"].endswith(f":{NAME}:live")
    assert settings["DestinationConfig"]["OnFailure"]["Destination"].endswith(":failures")
    with pytest.raises(function.exceptions.ResourceNotFoundException):
        function.get_function_event_invoke_config(FunctionName=NAME)
    found = function.list_function_event_invoke_configs(FunctionName=NAME)
    assert [one["MaximumRetryAttempts"] for one in found["FunctionEventInvokeConfigs"]] == [1]
    function.delete_function_event_invoke_config(FunctionName=NAME, Qualifier="live")
    with pytest.raises(function.exceptions.ResourceNotFoundException):
        function.get_function_event_invoke_config(FunctionName=NAME, Qualifier="live")


def test_a_failure_queue_that_is_gone_is_told(bench: Bench) -> None:
    deploy(bench)
    nowhere = "arn:aws:sqs:us-east-1:123456789012:nowhere"
    bench.set_events(
        MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": nowhere}}
    )
    bench.put("always/a")
    (report,) = bench.await_ends(1)
    assert (report.recorded, report.error) == (
        "",
        f"ValueError: always/a (there is no queue {nowhere})",
    )


@pytest.mark.parametrize(
    ("key", "error"),
    [
        (
            "exit/a",
            "Runtime.ExitError: RequestId: {id} Error: Runtime exited with error: exit status 3",
        ),
        ("loop/a", "Sandbox.Timedout: RequestId: {id} Error: Task timed out after 1.00 seconds"),
        (
            "eat/a",
            "Runtime.OutOfMemory: RequestId: {id} Error: Runtime exited with error: signal: killed",
        ),
        (
            "large/a",
            "Function.ResponseSizeTooLarge: Response payload size (7340034 bytes) exceeded maximum "
            "allowed payload size (6291556 bytes).",
        ),
    ],
)
def test_whatever_an_event_does_it_is_tried_three_times_and_later_events_are_served(
    bench: Bench, key: str, error: str
) -> None:
    deploy(bench, Timeout=1 if key == "loop/a" else 20)
    bench.put(key)
    reports = bench.await_ends(1)
    expected = error.format(id=reports[0].request_id)
    assert [(one.result, one.attempt, one.error) for one in reports] == [
        ("retried", 1, expected),
        ("retried", 2, expected),
        ("failed", 3, expected),
    ]
    (record,) = bench.read_failures()
    assert record["responsePayload"]["errorType"] == error.partition(":")[0]
    log = "\n".join(bench.read_log())
    assert log.count(f"attempt at {key}") == 3
    assert log.count(f"Error Type: {error.partition(':')[0]}") == (0 if "Timed" in error else 3)
    assert log.count("Status: timeout") == (3 if "Timed" in error else 0)
    bench.put("later.jpg")
    (report,) = bench.await_ends(1)
    assert (report.key, report.result, report.cold) == ("later.jpg", "done", True)


def test_an_environment_killed_while_busy_fails_the_attempt_and_the_next_one_does_it(
    bench: Bench,
) -> None:
    deploy(bench)
    assert bench.invoke("warm")["StatusCode"] == 200
    (process,) = bench.functions.processes
    bench.put("sleep/1/a")
    time.sleep(0.3)
    os.kill(process, signal.SIGKILL)
    first, second = bench.await_ends(1)
    assert first.error == (
        f"Runtime.ExitError: RequestId: {first.request_id} "
        "Error: Runtime exited with error: signal: killed"
    )
    assert (second.result, second.attempt, second.cold) == ("done", 2, True)


def test_an_environment_killed_while_idle_is_replaced_unnoticed(bench: Bench) -> None:
    deploy(bench)
    bench.invoke("warm")
    (process,) = bench.functions.processes
    os.kill(process, signal.SIGKILL)
    time.sleep(0.2)
    bench.put("a.jpg")
    (report,) = bench.await_ends(1)
    assert (report.result, report.attempt, report.cold) == ("done", 1, True)


def test_a_function_that_cannot_be_imported_fails_three_times_until_it_is_mended(
    bench: Bench,
) -> None:
    bench.deploy("import nothing_of_this_name")
    bench.put("a.jpg")
    reports = bench.await_ends(1)
    words = "Unable to import module 'app': No module named 'nothing_of_this_name'"
    assert {one.error for one in reports} == {f"Runtime.ImportModuleError: {words}"}
    assert [one.cold for one in reports] == [True, True, True]
    bench.connect("lambda").update_function_code(FunctionName=NAME, ZipFile=zip_app(BY_KEY))
    bench.put("b.jpg")
    assert bench.await_ends(1)[0].result == "done"


@pytest.mark.parametrize("what", ["code", "settings"])
def test_a_change_replaces_environments_and_lets_what_runs_end(bench: Bench, what: str) -> None:
    deploy(bench)
    function = bench.connect("lambda")
    bench.put("sleep/1/a")
    time.sleep(0.7)
    (old,) = bench.functions.processes
    if what == "code":
        function.update_function_code(FunctionName=NAME, ZipFile=zip_app(BY_KEY + "#\n"))
    else:
        function.update_function_configuration(FunctionName=NAME, MemorySize=300)
    bench.put("b")
    reports = bench.await_ends(2)
    assert {one.key: one.result for one in reports} == {"sleep/1/a": "done", "b": "done"}
    assert [one.cold for one in reports if one.key == "b"] == [True]
    assert not Path(f"/proc/{old}").exists()


def test_environments_without_work_are_retired() -> None:
    with start_bench(Settings(idle_seconds=0.2)) as bench:
        deploy(bench)
        bench.invoke("warm")
        deadline = time.monotonic() + 20
        while bench.functions.processes:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert bench.invoke("again")["StatusCode"] == 200


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
    deploy(bench)
    answer = bench.invoke("a", InvocationType="DryRun")
    assert answer["StatusCode"] == 204
    assert bench.functions.processes == []


def test_an_invocation_as_an_event_returns_at_once_with_no_payload(bench: Bench) -> None:
    deploy(bench)
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
    deploy(bench)
    with pytest.raises(ClientError) as caught:
        bench.invoke("x" * (size - 2), InvocationType=kind)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
    assert caught.value.response["Error"]["Message"] == words


def test_what_cannot_be_invoked_is_refused(bench: Bench) -> None:
    deploy(bench)
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
        journey = send(emulator, deployed, "a b.png", encode(make_scene()))
        iam = deployed.account.clients["iam"]
        iam.delete_role_policy(RoleName=deployed.stack.role, PolicyName="pixelater-pipeline")
        refused = send(emulator, deployed, "c.png", encode(make_scene()))
    assert len(journey.objects) == 5
    assert "AccessDenied" in refused.outcome.error


def test_code_that_is_no_zip_is_the_services_error_and_events_wait_for_it_to_be_mended(
    bench: Bench,
) -> None:
    deploy(bench)
    function = bench.connect("lambda")
    function.update_function_code(FunctionName=NAME, ZipFile=b"no zip")
    bench.put("a.jpg")
    (report,) = bench.await_reports(bool)
    assert (report.result, report.attempt) == ("throttled", 0)
    assert report.error == "the code is no zip: File is not a zip file"
    with pytest.raises(function.exceptions.ServiceException):
        bench.invoke({})
    function.update_function_code(FunctionName=NAME, ZipFile=zip_app(BY_KEY))
    assert [one.result for one in bench.await_ends(1)][-1] == "done"


def test_an_event_for_a_function_that_is_gone_is_told_and_ends(bench: Bench) -> None:
    deploy(bench)
    bench.connect("lambda").delete_function(FunctionName=NAME)
    bench.put("a.jpg")
    (report,) = bench.await_ends(1)
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{NAME}"
    assert (report.result, report.error) == ("failed", f"there is no function {arn}")


def test_an_event_goes_to_what_the_alias_names_when_it_is_tried() -> None:
    with start_bench(Settings(time_scale=20)) as bench:
        bench.deploy(BY_KEY, qualifier="live")
        function = bench.connect("lambda")
        bench.put("always/a")
        bench.await_reports(bool)
        code = zip_app("def handle(e, c): return 2")
        function.update_function_code(FunctionName=NAME, ZipFile=code)
        version = function.publish_version(FunctionName=NAME)["Version"]
        function.update_alias(FunctionName=NAME, Name="live", FunctionVersion=version)
        last = bench.await_ends(1)[-1]
    assert last.outcome is not None
    assert (last.result, last.outcome.version, last.outcome.payload) == ("done", "2", b"2")


def test_a_record_that_is_too_large_for_the_queue_is_told(bench: Bench) -> None:
    bench.deploy("def handle(event, context): raise ValueError(event * 6)")
    bench.set_events(MaximumRetryAttempts=0)
    bench.invoke("x" * (2**20 - 2), InvocationType="Event")
    (report,) = bench.await_ends(1)
    assert (report.result, report.recorded) == ("failed", "")
    assert "(arn:aws:sqs:us-east-1:123456789012:failures: " in report.error
    assert bench.read_failures() == []


def test_of_a_log_only_the_newest_streams_and_lines_are_kept(bench: Bench) -> None:
    deploy(bench)
    account = MotoAccount()
    function = account.find(Target("123456789012", "us-east-1", NAME))
    now = int(time.time() * 1000)
    for number in range(KEPT_STREAMS + 5):
        account.write_log(function, f"{number}", [(now, f"line of {number}")])
    account.write_log(function, "long", [(now, f"{number}") for number in range(KEPT_LINES + 5)])
    group = logs_backends["123456789012"]["us-east-1"].groups[function.log_group]
    assert list(group.streams) == [*(f"{number}" for number in range(6, KEPT_STREAMS + 5)), "long"]
    assert [event.message for event in group.streams["long"].events[:1]] == ["5"]


def test_nothing_is_left_when_it_ends_while_events_run_and_wait(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with start_bench() as bench:
        deploy(bench)
        for number in range(5):
            bench.put(f"sleep/30/{number}")
        bench.put("always/a")
        time.sleep(1)
        processes = bench.functions.processes
        began = time.monotonic()
    assert time.monotonic() - began < 15
    assert processes
    assert [one for one in processes if Path(f"/proc/{one}").exists()] == []
    left = [one.name for one in set(threading.enumerate()) - before if one.is_alive()]
    assert [name for name in left if name.startswith("pixelater")] == []
