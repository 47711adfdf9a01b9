"""Execution environments: whatever a function does, it ends as AWS would end it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pixelater_cli.aws.package.builder import Contents, pack
from pixelater_cli.emulator.lambda_service.code_cache import CodeCache
from pixelater_cli.emulator.lambda_service.execution_environment import (
    ExecutionEnvironment,
    InvocationRequest,
)
from pixelater_cli.emulator.lambda_service.models import Credentials, Function, InvocationOutcome

ARN = "arn:aws:lambda:us-east-1:123456789012:function:try:live"
ID = "d5d410e5-7406-5a1b-888e-4aa7492a313d"
RUNTIME_LINE = "RequestId: {id} Error: Runtime exited with error: {how}\nRuntime.ExitError"
Start = Callable[..., ExecutionEnvironment]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start an environment whose handler module has the given source."""
    started: list[ExecutionEnvironment] = []
    codes = CodeCache(tmp_path / "code")

    def start_one(
        source: str,
        timeout: int = 20,
        memory: int = 512,
        log_format: str = "Text",
        **options: object,
    ) -> ExecutionEnvironment:
        package = pack(Contents("", {"app.py": source.encode()}))
        function = Function(
            name="try",
            account="123456789012",
            region="us-east-1",
            version="$LATEST",
            handler="app.handle",
            runtime="python3.13",
            role="arn:aws:iam::123456789012:role/try",
            timeout_seconds=timeout,
            memory_mb=memory,
            variables=(("AWS_REGION", "overridden"), ("bucket_1", "mosaics")),
            code_sha256=package.sha256,
            log_group="/aws/lambda/try",
            log_format=log_format,
            code=package.data,
        )
        started.append(
            ExecutionEnvironment(
                function,
                codes.take(function),
                tmp_path / f"environment-{len(started)}",
                "http://127.0.0.1:9",
                Credentials("id", "secret", "token"),
                **options,  # type: ignore[arg-type]
            )
        )
        return started[-1]

    yield start_one
    for one in started:
        one.close()


def invoke(environment: ExecutionEnvironment, event: object = None) -> InvocationOutcome:
    return invoke_and_log(environment, event)[0]


def invoke_and_log(
    environment: ExecutionEnvironment, event: object = None
) -> tuple[InvocationOutcome, list[str]]:
    order = InvocationRequest(ID, ARN, json.dumps(event).encode(), time.monotonic())
    outcome, lines = environment.invoke(order)
    return outcome, [message for _, message in lines]


@pytest.mark.parametrize("compiled_client", [True, False], ids=["compiled", "in Python"])
def test_a_response_comes_back_with_either_runtime_client(
    start: Start, compiled_client: bool
) -> None:
    source = "def handle(event, context): return event * 2"
    environment = start(source, compiled_client=compiled_client)
    outcomes = [invoke(environment, word) for word in ("ab", "é🙂")]
    assert [json.loads(outcome.payload) for outcome in outcomes] == ["abab", "é🙂é🙂"]
    assert [(outcome.failed, outcome.cold) for outcome in outcomes] == [
        (False, True),
        (False, False),
    ]


@pytest.mark.parametrize("compiled_client", [True, False], ids=["compiled", "in Python"])
def test_an_error_has_awss_shape_and_the_process_lives_on(
    start: Start, compiled_client: bool
) -> None:
    source = "def handle(event, context): raise KeyError(event)"
    environment = start(source, compiled_client=compiled_client)
    for word in ("one", "two"):
        outcome = invoke(environment, word)
        error = json.loads(outcome.payload)
        assert (outcome.failed, outcome.error) == (True, f"KeyError: '{word}'")
        assert error.keys() == {"errorMessage", "errorType", "requestId", "stackTrace"}
        assert error["requestId"] == ID
    assert environment.alive


def test_the_log_of_an_invocation_is_what_it_printed_between_lambdas_own_lines(
    start: Start,
) -> None:
    environment = start("def handle(event, context): print('seen', event)")
    for word, init in (("one", True), ("two", False)):
        outcome, lines = invoke_and_log(environment, word)
        assert lines[:3] == [
            f"START RequestId: {ID} Version: $LATEST",
            f"seen {word}",
            f"END RequestId: {ID}",
        ]
        names = [part.partition(": ")[0] for part in lines[3].split("\t")]
        assert names == [
            "REPORT RequestId",
            "Duration",
            "Billed Duration",
            "Memory Size",
            "Max Memory Used",
            *(["Init Duration"] if init else []),
        ]
        assert outcome.log == "\n".join(lines) + "\n"


def test_a_log_as_json_has_the_events_of_the_telemetry_api(start: Start) -> None:
    source = "import logging\ndef handle(event, context): logging.warning('seen %s', event)"
    environment = start(source, log_format="JSON")
    lines = [json.loads(line) for line in invoke_and_log(environment, "one")[1]]
    assert [line.get("type") for line in lines] == ["platform.start", None, "platform.report"]
    assert lines[0]["record"] == {"requestId": ID, "version": "$LATEST"}
    assert (lines[1]["level"], lines[1]["message"], lines[1]["requestId"]) == (
        "WARNING",
        "seen one",
        ID,
    )
    report = lines[2]["record"]
    assert (report["requestId"], report["status"]) == (ID, "success")
    assert report["metrics"].keys() == {
        "durationMs",
        "billedDurationMs",
        "memorySizeMB",
        "maxMemoryUsedMB",
        "initDurationMs",
    }


def test_of_a_flood_of_output_only_the_beginning_is_kept_and_the_next_log_is_its_own(
    start: Start,
) -> None:
    environment = start("def handle(event, context): print('x' * event + 'end')")
    flood = invoke_and_log(environment, 3 * 2**20)[1]
    assert [len(line) for line in flood[1:2]] == [2**20]
    assert flood[2].startswith("(The emulator keeps 1048576 of 3145732 bytes")
    assert invoke_and_log(environment, 2)[1][1:2] == ["xxend"]


def test_the_context_and_environment_are_those_of_lambda_and_not_of_this_machine(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET_OF_THIS_MACHINE", "secret")
    environment = start(
        "import os, tempfile\n"
        "def handle(event, context):\n"
        "    return [dict(os.environ), context.invoked_function_arn, context.aws_request_id,\n"
        "            context.get_remaining_time_in_millis(), os.getcwd(), os.getpid(),\n"
        "            tempfile.gettempdir(), os.listdir(tempfile.gettempdir())]\n"
    )
    outcome = invoke(environment)
    variables, arn, request_id, remaining, folder, process, temporary, files = json.loads(
        outcome.payload
    )
    assert (arn, request_id, process) == (ARN, ID, environment.process)
    assert 15_000 < remaining <= 20_000
    assert variables["LAMBDA_TASK_ROOT"] == folder
    assert (variables["TMPDIR"], files) == (temporary, [])
    assert variables["_X_AMZN_TRACE_ID"].startswith("Root=1-")
    assert variables["AWS_LAMBDA_LOG_STREAM_NAME"] == environment.stream
    assert "A_SECRET_OF_THIS_MACHINE" not in variables
    told = {
        "_HANDLER": "app.handle",
        "bucket_1": "mosaics",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": "try",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/try",
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "token",
        "TZ": ":UTC",
    }
    assert {name: variables[name] for name in told} == told


@pytest.mark.parametrize(
    ("source", "error_type", "message", "line", "report"),
    [
        (
            "while True: pass",
            "Sandbox.Timedout",
            f"RequestId: {ID} Error: Task timed out after 1.00 seconds",
            f"Z {ID} Task timed out after 1.00 seconds\n",
            ["Status: timeout"],
        ),
        (
            "os._exit(3)",
            "Runtime.ExitError",
            f"RequestId: {ID} Error: Runtime exited with error: exit status 3",
            RUNTIME_LINE.format(id=ID, how="exit status 3"),
            ["Status: error", "Error Type: Runtime.ExitError"],
        ),
        (
            "os._exit(0)",
            "Runtime.ExitError",
            f"RequestId: {ID} Error: Runtime exited without providing a reason",
            f"RequestId: {ID} Error: Runtime exited without providing a reason\nRuntime.ExitError",
            ["Status: error", "Error Type: Runtime.ExitError"],
        ),
        (
            "os.kill(os.getpid(), 9)",
            "Runtime.ExitError",
            f"RequestId: {ID} Error: Runtime exited with error: signal: killed",
            RUNTIME_LINE.format(id=ID, how="signal: killed"),
            ["Status: error", "Error Type: Runtime.ExitError"],
        ),
        (
            "os.kill(os.getpid(), 11)",
            "Runtime.ExitError",
            f"RequestId: {ID} Error: Runtime exited with error: signal: segmentation fault",
            RUNTIME_LINE.format(id=ID, how="signal: segmentation fault"),
            ["Status: error", "Error Type: Runtime.ExitError"],
        ),
    ],
    ids=["loops", "exits", "exits without a reason", "is killed", "crashes"],
)
def test_a_function_that_ends_its_runtime_fails_in_awss_words(
    start: Start, source: str, error_type: str, message: str, line: str, report: list[str]
) -> None:
    environment = start(f"import os\ndef handle(event, context):\n    {source}", 1)
    outcome, lines = invoke_and_log(environment)
    assert outcome.failed
    assert json.loads(outcome.payload) == {"errorType": error_type, "errorMessage": message}
    assert lines[0] == f"START RequestId: {ID} Version: $LATEST"
    assert lines[1].endswith(line)
    assert lines[2] == f"END RequestId: {ID}"
    assert lines[3].split("\t")[6:] == report
    assert not environment.alive


def test_a_function_that_takes_too_much_memory_is_killed(start: Start) -> None:
    source = (
        "import time\n"
        "def handle(event, context):\n"
        "    kept = []\n"
        "    while True:\n"
        "        kept.append(b'x' * 2**20)\n"
        "        time.sleep(0.001)\n"
    )
    environment = start(source, memory=128)
    outcome, lines = invoke_and_log(environment)
    assert json.loads(outcome.payload) == {
        "errorType": "Runtime.OutOfMemory",
        "errorMessage": f"RequestId: {ID} Error: Runtime exited with error: signal: killed",
    }
    assert outcome.memory_mb == 128
    assert lines[-1].split("\t")[4:] == [
        "Max Memory Used: 128 MB",
        lines[-1].split("\t")[5],
        "Status: error",
        "Error Type: Runtime.OutOfMemory",
    ]
    assert not environment.alive


def test_memory_of_processes_a_function_starts_counts(start: Start) -> None:
    eat = "kept = b'x' * 200 * 2**20; import time; time.sleep(60)"
    source = (
        "import subprocess, sys\n"
        f'def handle(event, context): subprocess.run([sys.executable, "-c", "{eat}"])\n'
    )
    assert invoke(start(source, memory=128)).error.startswith("Runtime.OutOfMemory: ")


def test_a_response_of_seven_megabytes_is_refused(start: Start) -> None:
    environment = start("def handle(event, context): return 'x' * event")
    assert json.loads(invoke(environment, 6 * 2**20 - 2).payload) == "x" * (6 * 2**20 - 2)
    outcome, lines = invoke_and_log(environment, 7 * 2**20)
    assert json.loads(outcome.payload) == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size (7340034 bytes) exceeded maximum allowed payload "
        "size (6291556 bytes).",
    }
    assert lines[-1].split("\t")[5:] == [
        "Status: error",
        "Error Type: Function.ResponseSizeTooLarge",
    ]


@pytest.mark.parametrize(
    ("source", "error_type", "message"),
    [
        (
            "import nothing_of_this_name",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'nothing_of_this_name'",
        ),
        (
            "def other(e, c): pass",
            "Runtime.HandlerNotFound",
            "Handler 'handle' missing on module 'app'",
        ),
        ("raise ValueError('at once')", "ValueError", "at once"),
        (
            "import os\nos._exit(4)",
            "Runtime.ExitError",
            f"RequestId: {ID} Error: Runtime exited with error: exit status 4",
        ),
    ],
    ids=["cannot be imported", "has no handler", "raises while loaded", "exits while loaded"],
)
def test_a_function_that_cannot_be_loaded_is_tried_a_second_time_and_fails(
    start: Start, source: str, error_type: str, message: str
) -> None:
    environment = start(source)
    outcome, lines = invoke_and_log(environment)
    error = json.loads(outcome.payload)
    assert (error["errorType"], error["errorMessage"]) == (error_type, message)
    reports = [line.split("\t")[1:] for line in lines if line.startswith("INIT_REPORT ")]
    assert reports == [
        ["Phase: init", "Status: error", f"Error Type: {error_type}"],
        ["Phase: invoke", "Status: error", f"Error Type: {error_type}"],
    ]
    assert lines[-1].split("\t")[5:] == ["Status: error", f"Error Type: {error_type}"]
    assert not environment.alive


def test_an_init_phase_that_takes_too_long_is_repeated_within_the_timeout(start: Start) -> None:
    source = "import time\ntime.sleep(1)\ndef handle(event, context): return 'at last'"
    environment = start(source, init_seconds=0.3)
    outcome, lines = invoke_and_log(environment)
    assert json.loads(outcome.payload) == "at last"
    assert lines[0].split("\t")[1:] == ["Phase: init", "Status: timeout"]
    assert outcome.duration_ms > 1000
    assert "Init Duration" not in lines[-1]


def test_a_function_may_start_processes_and_none_outlives_it(start: Start) -> None:
    environment = start(
        "import subprocess\n"
        "def handle(event, context):\n"
        "    return subprocess.Popen(['sleep', '300']).pid\n"
    )
    child = int(invoke(environment).payload)
    environment.close()
    deadline = time.monotonic() + 10
    while _runs(child):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_code_is_read_only_and_shared_by_environments_of_the_same_zip(start: Start) -> None:
    source = (
        "import os\n"
        "def handle(event, context):\n"
        "    mode = os.stat(__file__).st_mode & 0o777, os.stat('.').st_mode & 0o777\n"
        "    return [os.getcwd(), *mode]\n"
    )
    first, second = (json.loads(invoke(start(source)).payload) for _ in range(2))
    other = json.loads(invoke(start(source + "# other\n")).payload)
    assert first[1:] == [0o555, 0o555]
    assert first == second
    assert first[0] != other[0]


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_keys_are_no_part_of_what_is_shown() -> None:
    assert os.linesep not in repr(Credentials("id", "secret", "token"))
    assert "secret" not in repr(Credentials("id", "secret", "token"))
