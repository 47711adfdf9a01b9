"""Execution environments: whatever a function does, it ends as AWS would end it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pixelater_cli.aws.archive import Contents, pack
from pixelater_cli.emulator.environment import Environment, Function, Outcome

ARN = "arn:aws:lambda:us-east-1:123456789012:function:try"
Start = Callable[..., Environment]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start an environment whose handler module has the given source."""
    started: list[Environment] = []

    def start_one(source: str, timeout: int = 20, compiled_client: bool = True) -> Environment:
        package = pack(Contents("", {"app.py": source.encode()}))
        function = Function(
            name="try",
            arn=ARN,
            handler="app.handle",
            runtime="python3.13",
            version="$LATEST",
            region="us-east-1",
            timeout_seconds=timeout,
            memory_mb=512,
            variables=(("bucket_1", "mosaics"),),
            code_sha256=package.sha256,
            code=package.data,
            write_log=lambda text: None,
        )
        folder = tmp_path / str(len(started))
        folder.mkdir()
        started.append(Environment(function, folder, "http://127.0.0.1:9", compiled_client))
        return started[-1]

    yield start_one
    for one in started:
        with closing(one):
            pass


def invoke(environment: Environment, event: object = None) -> Outcome:
    return environment.invoke(json.dumps(event).encode(), time.monotonic())


@pytest.mark.parametrize("compiled_client", [True, False], ids=["compiled", "in Python"])
def test_a_response_comes_back_with_either_runtime_client(
    start: Start, compiled_client: bool
) -> None:
    environment = start("def handle(event, context): return event * 2", 20, compiled_client)
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
    environment = start("def handle(event, context): raise KeyError(event)", 20, compiled_client)
    for word in ("one", "two"):
        outcome = invoke(environment, word)
        error = json.loads(outcome.payload)
        assert (outcome.failed, outcome.error) == (True, f"KeyError: '{word}'")
        assert {"errorMessage", "errorType", "requestId", "stackTrace"} <= error.keys()
    assert environment.alive


def test_what_a_function_prints_is_the_log_of_its_own_invocation(start: Start) -> None:
    environment = start("def handle(event, context): print('seen', event)")
    assert [invoke(environment, word).log for word in ("one", "two")] == [
        "seen one\n",
        "seen two\n",
    ]


def test_the_context_and_environment_are_those_of_lambda_and_not_of_this_machine(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET_OF_THIS_MACHINE", "secret")
    environment = start(
        "import os\n"
        "def handle(event, context):\n"
        "    return [dict(os.environ), context.invoked_function_arn, context.aws_request_id,\n"
        "            context.get_remaining_time_in_millis(), os.getcwd(), os.getpid()]\n"
    )
    outcome = invoke(environment)
    variables, arn, request_id, remaining, folder, process = json.loads(outcome.payload)
    assert (arn, request_id) == (ARN, outcome.request_id)
    assert 15_000 < remaining <= 20_000
    assert variables["LAMBDA_TASK_ROOT"] == folder
    assert process != os.getpid()
    assert "A_SECRET_OF_THIS_MACHINE" not in variables
    told = {
        name: variables[name] for name in ("bucket_1", "AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME")
    }
    assert told == {
        "bucket_1": "mosaics",
        "AWS_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": "try",
    }


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (
            "import time\ndef handle(e, c): time.sleep(60)",
            "Sandbox.Timedout: Task timed out after 1.00 seconds",
        ),
        (
            "import os\ndef handle(e, c): os._exit(3)",
            "Runtime.ExitError: Runtime exited with error: exit status 3",
        ),
        (
            "import os\ndef handle(e, c): os.kill(os.getpid(), 9)",
            "Runtime.ExitError: Runtime exited with error: signal: 9",
        ),
        (
            "import nothing_of_this_name",
            "Runtime.ImportModuleError: Unable to import module 'app': "
            "No module named 'nothing_of_this_name'",
        ),
        (
            "def other(e, c): pass",
            "Runtime.HandlerNotFound: Handler 'handle' missing on module 'app'",
        ),
    ],
    ids=["loops", "exits", "is killed", "cannot be imported", "has no handler"],
)
def test_a_function_that_fails_badly_ends_with_its_environment(
    start: Start, source: str, error: str
) -> None:
    environment = start(source, 1)
    outcome = invoke(environment)
    assert (outcome.failed, outcome.error) == (True, error)
    assert not environment.alive


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


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False
