"""Process of AWS's runtime client, with its Runtime API and its log.

It leads a process group, so that its descendants end with it. Its environment variables are those
that AWS sets, without those of this machine.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty
from threading import Thread

from pixelater_cli.emulator.lambda_service.memory_usage import MEASURED, measure, measure_peak
from pixelater_cli.emulator.lambda_service.models import Credentials, Function
from pixelater_cli.emulator.lambda_service.runtime_api import (
    RuntimeApi,
    RuntimeEvent,
    RuntimeMessage,
)
from pixelater_cli.errors import EmulatorError

FALLBACK = Path(__file__).with_name("runtime_client_shim")
"""Folder of a `runtime_client` in Python, used if awslambdaric has no compiled one."""

HAS_COMPILED_CLIENT = importlib.util.find_spec("runtime_client") is not None

MEMORY_POLL_SECONDS = 0.05
"""Interval of measuring the memory of a busy process."""

LOG_BYTES = 2**20
"""Maximum output of an event that is kept."""


def check_client() -> None:
    """Check that AWS's runtime client is installed. Raises EmulatorError."""
    if importlib.util.find_spec("awslambdaric") is None:
        raise EmulatorError(
            "awslambdaric, AWS's Lambda runtime client, is not installed",
            f"{sys.executable} -m pip install awslambdaric",
        )


class RuntimeProcess:
    """A running process. `close` kills it and its descendants."""

    def __init__(
        self, function: Function, variables: Mapping[str, str], code: Path, log: Path
    ) -> None:
        self._limit_mb = function.memory_mb
        self._peak_mb = 0.0
        self._log = log
        self._closed = False
        self._api = RuntimeApi()
        self.started = time.monotonic()
        try:
            self._process = _start_process(
                function.handler,
                code,
                {**variables, "AWS_LAMBDA_RUNTIME_API": self._api.address},
                log,
            )
        except OSError:
            self._api.close()
            raise
        self._waiter = Thread(target=self._report_exit, daemon=True)
        self._waiter.start()

    @property
    def process(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return not self._closed and self._process.poll() is None

    @property
    def peak_mb(self) -> float:
        """Peak memory since the start, as in AWS's reports."""
        if self.alive:
            self._peak_mb = max(self._peak_mb, measure_peak(self._process.pid))
        return self._peak_mb

    def offer(self, event: RuntimeEvent) -> None:
        self._api.offer(event)

    def wait(self, seconds: float) -> RuntimeMessage:
        """Wait for the next message, up to a timeout, and watch the memory."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                return self._api.messages.get(
                    timeout=min(left, MEMORY_POLL_SECONDS) if MEASURED else left
                )
            except Empty:
                self._peak_mb = max(self._peak_mb, measure(self._process.pid))
                if self._peak_mb > self._limit_mb:
                    return RuntimeMessage("out of memory")
        return RuntimeMessage("timeout")

    def read_log(self) -> str:
        """Return the output since the last call. The process writes it before its result."""
        size = self._log.stat().st_size
        with self._log.open("rb") as log:
            text = log.read(LOG_BYTES).decode(errors="replace")
        if size > LOG_BYTES:
            text += f"\n(The emulator keeps {LOG_BYTES} of {size} bytes of output.)\n"
        if size:
            os.truncate(self._log, 0)  # The process appends, and continues at the start.
        return text

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if sys.platform != "win32":
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._waiter.join()
        self._api.close()

    def _report_exit(self) -> None:
        self._api.receive(RuntimeMessage("exit", exit_code=self._process.wait()))


def _start_process(
    handler: str, code: Path, variables: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", handler],
            cwd=code,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def set_variables(
    function: Function,
    credentials: Credentials,
    code: Path,
    temporary: Path,
    endpoint_url: str,
    stream: str,
) -> dict[str, str]:
    """Return the environment variables that AWS sets, and AWS_ENDPOINT_URL for boto3.

    TMPDIR replaces a separate /tmp: Python and shells create temporary files there. The path /tmp
    itself is shared with this machine.
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
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_LAMBDA_LOG_FORMAT": function.log_format,
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "AWS_SESSION_TOKEN": credentials.session_token,
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": "169.254.79.129:2000",
        "LAMBDA_TASK_ROOT": str(code),
        "LAMBDA_RUNTIME_DIR": str(Path(sys.executable).parent),
        "LANG": "en_US.UTF-8",
        "PATH": os.defpath,
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(temporary),
        "TZ": ":UTC",
    }
    if function.application_level:
        variables["AWS_LAMBDA_LOG_LEVEL"] = function.application_level
    if sys.platform == "win32":
        variables["SYSTEMROOT"] = os.environ["SYSTEMROOT"]  # Sockets need it.
        variables["TEMP"] = variables["TMP"] = str(temporary)
    return variables
