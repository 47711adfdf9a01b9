"""Events of functions: queue, concurrency, retries, failure records."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from pixelater_cli.emulator.lambda_service.environment_pool import EmulatorSettings
from tests.functional.lambdas import (
    BUCKET,
    BY_KEY,
    NAME,
    Bench,
    deploy_by_key,
    start_bench,
    zip_app,
)


def test_an_upload_returns_while_the_function_is_still_busy(bench: Bench) -> None:
    deploy_by_key(bench)
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
    assert report.outcome is not None
    assert report.outcome.duration_ms > 1500 and report.outcome.memory_mb > 5


def test_events_run_at_the_same_time_and_environments_are_reused(bench: Bench) -> None:
    deploy_by_key(bench)
    for number in range(6):
        bench.put(f"sleep/0.2/{number}")
    reports = bench.await_ends(6)
    processes = {json.loads(one.outcome.payload)[1] for one in reports if one.outcome}
    assert processes == set(bench.functions.processes)
    assert len(processes) == EmulatorSettings().concurrency
    assert sorted(one.cold for one in reports) == [False] * (6 - len(processes)) + [True] * len(
        processes
    )


def test_events_wait_their_turn_in_order_on_a_machine_with_room_for_one() -> None:
    with start_bench(EmulatorSettings(concurrency=1, settling_seconds=0)) as bench:
        deploy_by_key(bench)
        for number in range(5):
            bench.put(f"sleep/0.05/{number}")
        reports = bench.await_ends(5)
        assert [one.key for one in reports] == [f"sleep/0.05/{number}" for number in range(5)]
        assert len(bench.functions.processes) == 1


def test_throttled_events_come_back_and_none_is_lost(bench: Bench) -> None:
    deploy_by_key(bench)
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
    deploy_by_key(bench)
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
    deploy_by_key(bench, tmp_path)
    bench.put("first/a.jpg")
    first, second = bench.await_ends(1)
    assert (first.result, first.attempt, first.error) == ("retried", 1, "ValueError: first/a.jpg")
    assert (second.result, second.attempt, second.request_id) == ("done", 2, first.request_id)
    assert bench.read_failures() == []


def test_what_always_fails_is_tried_three_times_and_recorded_once(bench: Bench) -> None:
    deploy_by_key(bench)
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
    deploy_by_key(bench)
    nowhere = "arn:aws:sqs:us-east-1:123456789012:nowhere"
    bench.set_events(
        MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": nowhere}}
    )
    bench.put("always/a")
    (report,) = bench.await_ends(1)
    assert (report.recorded, report.error) == (
        "",
        f"ValueError: always/a (queue {nowhere} does not exist)",
    )


def test_an_event_for_a_function_that_is_gone_is_told_and_ends(bench: Bench) -> None:
    deploy_by_key(bench)
    bench.connect("lambda").delete_function(FunctionName=NAME)
    bench.put("a.jpg")
    (report,) = bench.await_ends(1)
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{NAME}"
    assert (report.result, report.error) == ("failed", f"function {arn} does not exist")


def test_an_event_goes_to_what_the_alias_names_when_it_is_tried() -> None:
    with start_bench(EmulatorSettings(time_scale=20, settling_seconds=0)) as bench:
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
