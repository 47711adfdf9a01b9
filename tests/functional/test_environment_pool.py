"""Environments of functions: what ends them, what replaces them, and that none is left."""

from __future__ import annotations

import io
import threading
import time
import zipfile
from pathlib import Path

import pytest
from moto.awslambda.utils import get_backend

from pixelater_cli.emulator.lambda_service.environment_pool import EmulatorSettings
from tests.functional.lambdas import (
    BY_KEY,
    NAME,
    Bench,
    deploy_by_key,
    start_bench,
    zip_app,
)
from tests.functional.posix import kill


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
    deploy_by_key(bench, Timeout=1 if key == "loop/a" else 20)
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
    deploy_by_key(bench)
    assert bench.invoke("warm")["StatusCode"] == 200
    (process,) = bench.functions.processes
    bench.put("sleep/1/a")
    time.sleep(0.3)
    kill(process)
    first, second = bench.await_ends(1)
    assert first.error == (
        f"Runtime.ExitError: RequestId: {first.request_id} "
        "Error: Runtime exited with error: signal: killed"
    )
    assert (second.result, second.attempt, second.cold) == ("done", 2, True)


def test_an_environment_killed_while_idle_is_replaced_unnoticed(bench: Bench) -> None:
    deploy_by_key(bench)
    bench.invoke("warm")
    (process,) = bench.functions.processes
    kill(process)
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
    deploy_by_key(bench)
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
    with start_bench(EmulatorSettings(idle_seconds=0.2, settling_seconds=0)) as bench:
        deploy_by_key(bench)
        bench.invoke("warm")
        deadline = time.monotonic() + 20
        while bench.functions.processes:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert bench.invoke("again")["StatusCode"] == 200


def test_code_that_is_no_zip_is_the_services_error_and_events_wait_for_it_to_be_mended(
    bench: Bench,
) -> None:
    """Lambda takes none such; here it was damaged where it is kept."""
    deploy_by_key(bench)
    function = bench.connect("lambda")
    kept = get_backend("123456789012", "us-east-1").get_function(NAME)
    kept.code_bytes, kept.code_sha_256 = b"no zip", "0"
    bench.put("a.jpg")
    (report,) = bench.await_reports(bool)
    assert (report.result, report.attempt) == ("throttled", 0)
    assert report.error == "the code is not a zip: File is not a zip file"
    with pytest.raises(function.exceptions.ServiceException):
        bench.invoke({})
    function.update_function_code(FunctionName=NAME, ZipFile=zip_app(BY_KEY))
    assert [one.result for one in bench.await_ends(1)][-1] == "done"


def test_code_that_cannot_be_unpacked_is_the_services_error_and_nobody_waits_for_it(
    bench: Bench,
) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in ("app", "app/more.py", "app.py"):
            archive.writestr(name, "")
    deploy_by_key(bench)
    function = bench.connect("lambda")
    function.update_function_code(FunctionName=NAME, ZipFile=data.getvalue())
    with pytest.raises(function.exceptions.ServiceException, match="cannot be unpacked"):
        bench.invoke({})
    bench.put("a.jpg")
    (report,) = bench.await_reports(bool)
    assert (report.result, report.attempt) == ("throttled", 0)
    function.update_function_code(FunctionName=NAME, ZipFile=zip_app(BY_KEY))
    assert [one.result for one in bench.await_ends(1)][-1] == "done"


def test_nothing_is_left_when_it_ends_while_events_run_and_wait(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with start_bench() as bench:
        deploy_by_key(bench)
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
