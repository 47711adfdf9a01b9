"""LocalStack's runtime executor that runs functions as processes, for machines without Docker.

Its interface is localstack/services/lambda_/invocation/runtime_executor.py of localstack-core
4.14.0. S3, its events, asynchronous invocations, retries and destinations stay LocalStack's. What
its containers would do, pixelater's emulator does: an execution environment with AWS's runtime
client, Lambda's variables, limits and log.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from time import monotonic

from localstack import config
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from pixelater_cli.emulator.lambda_service.execution_environment import (
    ExecutionEnvironment,
    InvocationRequest,
)
from pixelater_cli.emulator.lambda_service.models import Credentials, Function


class ProcessExecutor(RuntimeExecutor):
    """One execution environment, replaced after a failure that ends its process."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:
        super().__init__(id, function_version)
        self._variables: Mapping[str, str] = {}
        self._environment: ExecutionEnvironment | None = None
        self._lock = Lock()  # Held while an environment is made or ended: none is made after stop.
        self._stopped = False

    def start(self, env_vars: Mapping[str, str]) -> None:
        """Start a process. Whether it can load the function shows with the first event."""
        self._variables = env_vars
        self._renew()

    def stop(self) -> None:
        """End the process and what it started; an event under way fails.

        The environment's folder is removed with LocalStack's temporary files.
        """
        with self._lock:
            self._stopped = True
            if self._environment:
                self._environment.kill()

    def invoke(self, payload: Mapping[str, str]) -> InvocationResult:
        environment = self._renew()
        order = InvocationRequest(
            request_id=payload["invoke-id"],
            arn=payload["invoked-function-arn"],
            payload=payload["payload"].encode(),
            received=monotonic(),
        )
        outcome, lines = environment.invoke(order)
        logs = "".join(message.rstrip("\n") + "\n" for _, message in lines)
        return InvocationResult(order.request_id, outcome.payload, outcome.failed, logs)

    def get_address(self) -> str:
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        """Return the host at which functions reach LocalStack."""
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        """Return what LocalStack's own runtime would call, and this one does not."""
        return f"http://127.0.0.1:{config.GATEWAY_LISTEN[0].port}/_localstack_lambda/{self.id}"

    def get_logs(self) -> str:
        """Return nothing: each event's log is in its result."""
        return ""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unzip the code."""
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Leave the code to LocalStack, which deletes it with the function."""

    def _renew(self) -> ExecutionEnvironment:
        """Return the environment, in place of one whose process has ended a new one."""
        with self._lock:
            current = self._environment
            if current and (current.alive or self._stopped):
                return current
            if current:
                current.close()
            function = read_function(self.function_version, self._variables)
            self._environment = ExecutionEnvironment(
                function,
                Path(self.function_version.config.code.get_unzipped_code_location()),
                Path(tempfile.mkdtemp(prefix="environment-")),
                self._variables["AWS_ENDPOINT_URL"],
                Credentials(
                    self._variables["AWS_ACCESS_KEY_ID"],
                    self._variables["AWS_SECRET_ACCESS_KEY"],
                    self._variables["AWS_SESSION_TOKEN"],
                ),
            )
            return self._environment


def read_function(version: FunctionVersion, variables: Mapping[str, str]) -> Function:
    """Read LocalStack's record of a function version."""
    settings, logging = version.config, version.config.logging_config
    return Function(
        name=version.id.function_name,
        account=version.id.account,
        region=version.id.region,
        version=version.id.qualifier,
        handler=settings.handler,
        runtime=settings.runtime,
        role=settings.role,
        timeout_seconds=settings.timeout,
        memory_mb=settings.memory_size,
        variables=tuple((settings.environment or {}).items()),
        code_sha256=settings.code.code_sha256,
        log_group=variables["AWS_LAMBDA_LOG_GROUP_NAME"],
        log_format=logging.get("LogFormat", "Text"),
        application_level=logging.get("ApplicationLogLevel", ""),
        system_level=logging.get("SystemLogLevel", "INFO"),
    )
