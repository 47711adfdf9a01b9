"""Owns one execution environment: a function's code, unpacked, in a process of its own.

The process runs AWS's own runtime interface client (awslambdaric) against our Runtime API. It sees
the environment variables that AWS sets and none of this machine's, and it is gone after `close`.
"""

from __future__ import annotations

import importlib.util
import io
import json
import os
import signal
import subprocess
import sys
import time
import uuid
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from threading import Thread

from pixelater_cli.emulator.runtime_api import Answer, Event, RuntimeApi
from pixelater_cli.errors import EmulatorError

INIT_SECONDS = 10
"""AWS grants the init phase ten seconds
(https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html)."""

FALLBACK = Path(__file__).with_name("fallback")
"""Holds a `runtime_client` in Python, for machines where awslambdaric has no compiled one."""

HAS_COMPILED_CLIENT = importlib.util.find_spec("runtime_client") is not None


@dataclass(frozen=True)
class Function:
    """A deployed function as the service keeps it. Two with equal fields share environments."""

    name: str
    arn: str
    handler: str
    runtime: str
    version: str
    region: str
    timeout_seconds: int
    memory_mb: int
    variables: tuple[tuple[str, str], ...]
    code_sha256: str
    code: bytes = field(repr=False, compare=False)
    write_log: Callable[[str], None] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Outcome:
    """How one invocation ended: a payload (JSON), or an error in AWS's shape; and what it logged.

    `milliseconds` run from the arrival of the event, so a cold start is in them.
    """

    request_id: str
    payload: bytes
    failed: bool
    cold: bool
    log: str
    milliseconds: float

    @property
    def error(self) -> str:
        """The error's type and message, or "" when there is none."""
        if not self.failed:
            return ""
        details = json.loads(self.payload)
        return f"{details.get('errorType', 'Error')}: {details.get('errorMessage', '')}"


class Environment:
    """A running process for one function; it serves one event at a time."""

    def __init__(
        self,
        function: Function,
        folder: Path,
        endpoint_url: str,
        compiled_client: bool = HAS_COMPILED_CLIENT,
    ) -> None:
        if importlib.util.find_spec("awslambdaric") is None:
            raise EmulatorError(
                "awslambdaric, AWS's Lambda runtime client, is not installed",
                f"{sys.executable} -m pip install awslambdaric",
            )
        self.function = function
        self.alive = True
        self._fresh = True
        task_root = folder / "task"
        with zipfile.ZipFile(io.BytesIO(function.code)) as archive:
            archive.extractall(task_root)
        self._log = folder / "log"
        self._read = 0
        self._api = RuntimeApi()
        variables = _set_variables(function, task_root, self._api.address, endpoint_url)
        if not compiled_client:
            variables["PYTHONPATH"] = str(FALLBACK)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "awslambdaric", function.handler],
                cwd=task_root,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        Thread(target=self._report_exit, daemon=True).start()

    def invoke(self, payload: bytes, received: float) -> Outcome:
        """Serve one event that arrived at `received` (time.monotonic), or fail as AWS would."""
        cold, self._fresh = self._fresh, False
        self._api.initialised.wait(INIT_SECONDS)
        timeout = self.function.timeout_seconds
        event = _address(payload, self.function.arn, timeout)
        self._api.offer(event)
        try:
            answer = self._api.answers.get(timeout=timeout)
        except Empty:
            answer = _fail("Sandbox.Timedout", f"Task timed out after {timeout:.2f} seconds")
        if answer.kind == "exit":
            answer = _fail(
                "Runtime.ExitError", f"Runtime exited with error: {answer.body.decode()}"
            )
        if answer.kind not in ("response", "error"):
            self.close()
        milliseconds = (time.monotonic() - received) * 1000
        failed = answer.kind != "response"
        return Outcome(event.request_id, answer.body, failed, cold, self._read_log(), milliseconds)

    def close(self) -> None:
        """End the process and all it started, and the API it talks to."""
        if not self.alive:
            return
        self.alive = False
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._api.close()

    def _report_exit(self) -> None:
        code = self._process.wait()
        words = f"signal: {-code}" if code < 0 else f"exit status {code}"
        self._api.receive(Answer("exit", words.encode()))

    def _read_log(self) -> str:
        """Give what the process wrote since the last time; it writes before it answers."""
        with self._log.open("rb") as log:
            log.seek(self._read)
            text = log.read()
        self._read += len(text)
        return text.decode(errors="replace")


def _address(payload: bytes, function_arn: str, timeout: int) -> Event:
    """Give a payload what AWS sends along: a request id, a deadline and a trace id."""
    now = time.time()
    trace_id = f"Root=1-{int(now):08x}-{uuid.uuid4().hex[:24]};Sampled=0"
    deadline_ms = int((now + timeout) * 1000)
    return Event(str(uuid.uuid4()), deadline_ms, function_arn, trace_id, payload)


def _fail(kind: str, message: str) -> Answer:
    body = json.dumps({"errorType": kind, "errorMessage": message}).encode()
    return Answer("init error", body)


def _set_variables(
    function: Function, task_root: Path, runtime_api: str, endpoint_url: str
) -> dict[str, str]:
    """Give the environment that AWS sets, plus AWS_ENDPOINT_URL, which boto3 heeds by itself.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    variables = {
        **dict(function.variables),
        "_HANDLER": function.handler,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_REGION": function.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": time.strftime("%Y/%m/%d/") + f"[{function.version}]emulated",
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "AWS_SESSION_TOKEN": "emulator",
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_ENDPOINT_URL": endpoint_url,
        "LAMBDA_TASK_ROOT": str(task_root),
        "LAMBDA_RUNTIME_DIR": str(Path(sys.executable).parent),
        "LANG": "en_US.UTF-8",
        "PATH": os.defpath,
        "PYTHONDONTWRITEBYTECODE": "1",
        "TZ": ":UTC",
    }
    if sys.platform == "win32":
        variables["SYSTEMROOT"] = os.environ["SYSTEMROOT"]  # Sockets need it.
    return variables
