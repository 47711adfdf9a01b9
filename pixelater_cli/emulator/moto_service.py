"""Owns the seam to moto: serving its S3, Lambda and IAM, and taking over how it runs functions.

moto without Docker answers put_object and runs nothing. It calls LambdaFunction.invoke for events
and for the Invoke API alike; that one method is replaced while the emulator runs. It is private to
moto, so its shape is checked first, and pyproject.toml pins moto's major version.
"""

from __future__ import annotations

import base64
import inspect
import os
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from threading import Thread
from urllib.request import ProxyHandler, Request, build_opener

from moto.awslambda.models import LambdaFunction
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from pixelater_cli.emulator.environment import Function
from pixelater_cli.emulator.functions import Functions
from pixelater_cli.errors import EmulatorError

EMULATOR_SETTINGS = {
    "AWS_ACCESS_KEY_ID": "emulator",
    "AWS_SECRET_ACCESS_KEY": "emulator",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}

SEAM = ["self", "body", "request_headers", "response_headers"]


@contextmanager
def serve() -> Iterator[str]:
    """Serve moto, emptied, on a free loopback port; give its URL.

    moto uses boto3 in this process, so the user's AWS settings are put aside meanwhile.
    """
    with _without_aws_settings(), _serve() as url:
        yield url


@contextmanager
def _serve() -> Iterator[str]:
    app = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_QuietHandler)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    direct = build_opener(ProxyHandler({}))
    try:
        direct.open(Request(f"{url}/moto-api/reset", method="POST")).close()  # noqa: S310 (http)
        yield url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def _without_aws_settings() -> Iterator[None]:
    kept = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    for name in kept:
        del os.environ[name]
    os.environ.update(EMULATOR_SETTINGS)
    try:
        yield
    finally:
        for name in EMULATOR_SETTINGS:
            del os.environ[name]
        os.environ.update(kept)


@contextmanager
def run_functions_with(functions: Functions) -> Iterator[None]:
    """Send moto's invocations to `functions`. Raises EmulatorError if moto has moved the seam."""
    original = LambdaFunction.invoke
    if list(inspect.signature(original).parameters) != SEAM:
        raise EmulatorError(
            "this version of moto runs functions in a way pixelater does not know",
            "Install one that is known to work: pip install 'moto>=5.2,<6'",
        )

    def invoke(
        self: LambdaFunction,
        body: str,
        request_headers: Mapping[str, str],
        response_headers: MutableMapping[str, str],
    ) -> bytes:
        function, event = _describe(self), (body or "{}").encode()
        if _choose_type(request_headers) == "Event":
            functions.submit_asynchronously(function, event)
            return b""
        outcome = functions.submit(function, event).result()
        if outcome.failed:
            response_headers["x-amz-function-error"] = "Unhandled"
        tail = outcome.log.encode()[-4096:]
        response_headers["x-amz-log-result"] = base64.b64encode(tail).decode()
        return outcome.payload

    LambdaFunction.invoke = invoke  # type: ignore[method-assign]
    try:
        yield
    finally:
        LambdaFunction.invoke = original  # type: ignore[method-assign]


def _choose_type(request_headers: Mapping[str, str]) -> str:
    """Moto's S3 passes no headers, and S3 invokes asynchronously; the Invoke API names the type."""
    if not request_headers:
        return "Event"
    return request_headers.get("x-amz-invocation-type", "RequestResponse")


def _describe(function: LambdaFunction) -> Function:
    def write_log(text: str) -> None:
        function.logs_backend.ensure_log_group(function.logs_group_name)
        function.save_logs(text)

    return Function(
        name=function.function_name,
        arn=function.function_arn,
        handler=str(function.handler),
        runtime=str(function.run_time),
        version=str(function.version),
        region=function.region,
        timeout_seconds=int(function.timeout),
        memory_mb=int(function.memory_size),
        variables=tuple(sorted(function.environment_vars.items())),
        code_sha256=function.code_sha_256,
        code=function.code_bytes,
        write_log=write_log,
    )


class _QuietHandler(MotoRequestHandler):
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing: the command that runs the emulator speaks for it."""
