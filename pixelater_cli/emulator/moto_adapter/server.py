"""Owns serving moto, and joining it with the functions that run for it.

moto without Docker answers put_object and runs nothing. While the emulator runs, some of its parts
are replaced; `seam` lists them, `moto_s3`, `moto_lambda` and `moto_account` tell why.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from flask import Response
from moto import settings as moto_settings
from moto.core.request import EnvironHeaders
from moto.moto_server.werkzeug_app import (
    BackendRequest,
    DomainDispatcherApplication,
    create_backend_app,
)
from moto.s3.responses import S3Response
from werkzeug.exceptions import HTTPException

from pixelater_cli.emulator.http_server.origin_check import is_welcome
from pixelater_cli.emulator.http_server.request_context import asking
from pixelater_cli.emulator.http_server.server import Server
from pixelater_cli.emulator.lambda_service.environment_pool import Settings
from pixelater_cli.emulator.lambda_service.models import Observer
from pixelater_cli.emulator.lambda_service.service import Functions
from pixelater_cli.emulator.moto_adapter import backend, lambda_api, patching, s3
from pixelater_cli.hosts import write_url

RESET = "/moto-api/reset"
OBJECT = re.compile("/[^/]+/.", re.DOTALL)
"""The path of an object: a bucket, or a part of a key, and more of a key."""

METHODS = {"GET", "HEAD", "PUT", "POST", "DELETE"}
"""What may be done with an object."""

EMULATOR_SETTINGS = {
    "AWS_ACCESS_KEY_ID": "emulator",
    "AWS_SECRET_ACCESS_KEY": "emulator",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


@contextmanager
def serve(host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve moto, emptied, by default on a free loopback port; give its URL.

    moto uses boto3 in this process, so the user's AWS settings are put aside meanwhile.
    """
    with _without_aws_settings(), _outside_docker(), _serve(host, port) as url:
        yield url


@contextmanager
def _serve(host: str, port: int) -> Iterator[str]:
    server = Server(host, port, _Dispatcher())
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    url = write_url(host, server.server_port)
    direct = build_opener(ProxyHandler({}))
    try:
        direct.open(Request(f"{url}{RESET}", method="POST")).close()  # noqa: S310 (http)
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
def _outside_docker() -> Iterator[None]:
    """Keep moto in a container from asking Docker for its address, for each function.

    It would do so in a process whose pipe it leaves open, and nobody needs the address.
    """
    kept = moto_settings.is_docker
    moto_settings.is_docker = lambda: False
    try:
        yield
    finally:
        moto_settings.is_docker = kept


@contextmanager
def emulate_functions(
    folder: Path,
    endpoint_url: str,
    settings: Settings | None = None,
    observe: Observer | None = None,
    enforce_iam: bool = False,
) -> Iterator[Functions]:
    """Run the functions deployed to moto, and mend its events and its Lambda API meanwhile.

    With `enforce_iam`, functions may do what their roles' policies allow. Raises EmulatorError if
    moto has moved a part that is replaced, or if awslambdaric is not installed.
    """
    patching.check()
    account = backend.MotoAccount()
    with closing(Functions(account, folder, endpoint_url, settings, observe)) as functions:
        replacements = {
            **s3.list_replacements(functions.send),
            **lambda_api.list_replacements(functions),
        }
        if enforce_iam:
            replacements |= backend.list_enforcement()
        with patching.replaced(replacements), _count_authorised(0 if enforce_iam else None):
            yield functions


@contextmanager
def _count_authorised(requests: int | None) -> Iterator[None]:
    """Let moto enforce policies after that many requests; None leaves it as it is."""
    kept = moto_settings.INITIAL_NO_AUTH_ACTION_COUNT
    if requests is not None:
        moto_settings.INITIAL_NO_AUTH_ACTION_COUNT = requests
    try:
        yield
    finally:
        moto_settings.INITIAL_NO_AUTH_ACTION_COUNT = kept


class _Headers(EnvironHeaders):
    """A request's headers, made of its environment once: moto goes through all of them five times.

    moto says by the environment, too, what the names of metadata were.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        super().__init__(environ)
        self._pairs = list(super().__iter__())

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)


class _Dispatcher(DomainDispatcherApplication):
    """Finds the part of moto that answers a request, and keeps strangers out.

    It remembers which service a host name stands for: moto looks for it among its folders and some
    hundred patterns, at every request, under a lock.
    """

    def __init__(self) -> None:
        super().__init__(_create_app)
        self._find = lru_cache(maxsize=1000)(super().get_backend_for_host)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if not is_welcome(environ):
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"web pages from elsewhere may not use this emulator\n"]
        path = environ.get("PATH_INFO", "")
        if path.startswith("/moto-api") and path != RESET:  # Its dashboard wants Docker's package.
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"of moto's own API there is only POST /moto-api/reset\n"]
        with asking(environ) as asked:

            def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
                return start_response(status, [*headers, *asked.headers.items()], exc_info)

            return super().__call__(environ, start)

    def get_backend_for_host(self, host: str | None) -> Any:
        return self._find(host)


def _create_app(service: Any) -> Any:
    """Make moto's application of one service, without what Flask adds to each request to debug it.

    An exception still leaves its traceback on stderr.
    """
    app = create_backend_app(service)
    app.debug = False
    return _answer_objects_before(app) if service == "s3" else app


def _answer_objects_before(app: Any) -> Any:
    """Have moto answer requests for objects without Flask, which is a quarter of their time.

    The others are left to `app`, as are those of web pages, which may ask what they may ask.
    """

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        plain = environ["REQUEST_METHOD"] in METHODS and "HTTP_ORIGIN" not in environ
        if not (plain and OBJECT.match(environ["PATH_INFO"])):
            return app(environ, start_response)
        request = BackendRequest(environ, populate_request=False)  # No circle keeps the body.
        request.headers = _Headers(environ)
        try:
            status, headers, body = S3Response.key_dispatch(
                request, request.raw_url, dict(request.headers)
            )
        except HTTPException as error:
            return error(environ, start_response)
        response = Response(body, status, headers)
        if request.method == "HEAD":  # What has no body has a length all the same.
            response.headers.update(headers)
        return response(environ, start_response)

    return answer
