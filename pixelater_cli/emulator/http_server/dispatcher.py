"""Dispatch of requests to moto's services."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from flask import Response
from moto.core.request import EnvironHeaders
from moto.moto_server.werkzeug_app import (
    SIGNING_ALIASES,
    BackendRequest,
    DomainDispatcherApplication,
    create_backend_app,
)
from moto.s3.responses import S3Response
from werkzeug.exceptions import HTTPException

from pixelater_cli.emulator.http_server.origin_check import is_allowed_origin
from pixelater_cli.emulator.http_server.request_context import request_context
from pixelater_cli.emulator.strict.api_front import APIS, guard_api
from pixelater_cli.emulator.strict.authorization import check_authorization
from pixelater_cli.emulator.strict.lambda_front import guard_lambda
from pixelater_cli.emulator.strict.lengths import check_declared_length
from pixelater_cli.emulator.strict.refusal import Refusal, answer_in_kind
from pixelater_cli.emulator.strict.s3_front import guard_s3

RESET = "/moto-api/reset"

OBJECT = re.compile("/[^/]+/.", re.DOTALL)
"""The path of an object: a bucket, or a part of a key, and more of a key."""

METHODS = {"GET", "HEAD", "PUT", "POST", "DELETE"}
"""What may be done with an object."""


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
        self._knows = lru_cache(maxsize=1000)(self._find_whether_known)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if not is_allowed_origin(environ):
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"web pages from elsewhere may not use this emulator\n"]
        path = environ.get("PATH_INFO", "")
        if path.startswith("/moto-api") and path != RESET:  # Its dashboard wants Docker's package.
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"of moto's own API there is only POST /moto-api/reset\n"]
        with request_context(environ) as asked:

            def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
                return start_response(status, [*headers, *asked.headers.items()], exc_info)

            try:
                check_declared_length(environ)
                check_authorization(environ, self._knows)
            except Refusal as refusal:
                return answer_in_kind(refusal, environ, start)
            return super().__call__(environ, start)

    def _find_whether_known(self, service: str) -> bool:
        host = f"http://{SIGNING_ALIASES.get(service, service)}.us-east-1.amazonaws.com"
        return any(pattern.match(host) for _, pattern in self.backend_url_patterns)

    def get_backend_for_host(self, host: str | None) -> Any:
        return self._find(host)


def _create_app(service: Any) -> Any:
    """Make moto's application of one service, without what Flask adds to each request to debug it.

    An exception still leaves its traceback on stderr.
    """
    app = create_backend_app(service)
    app.debug = False
    app.config["PROPAGATE_EXCEPTIONS"] = True  # The fronts answer, or the server.
    if service == "s3":
        return guard_s3(_answer_objects_before(app))
    if service == "awslambda":
        return guard_lambda(app)
    return guard_api(service, app) if service in APIS else app


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
