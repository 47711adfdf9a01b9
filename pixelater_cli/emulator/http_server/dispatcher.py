"""WSGI application of the emulator: rules in front of moto's services, outermost first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from moto.core.utils import convert_to_flask_response
from moto.moto_server.werkzeug_app import (
    HTTP_METHODS,
    SIGNING_ALIASES,
    BackendRequest,
    DomainDispatcherApplication,
    create_backend_app,
)
from moto.s3.responses import S3Response

from pixelater_cli.emulator.http_server.origin_check import (
    explain_refusal,
    is_allowed_origin,
    is_host,
    may_be_rebound,
)
from pixelater_cli.emulator.http_server.request_context import request_context
from pixelater_cli.emulator.rekognition import service as rekognition
from pixelater_cli.emulator.strict.api_front import APIS, guard_api
from pixelater_cli.emulator.strict.authorization import check_authorization
from pixelater_cli.emulator.strict.failing import run
from pixelater_cli.emulator.strict.lambda_front import guard_lambda
from pixelater_cli.emulator.strict.lengths import check_declared_length
from pixelater_cli.emulator.strict.refusal import Refusal, answer_in_kind
from pixelater_cli.emulator.strict.s3_cors import names_origin
from pixelater_cli.emulator.strict.s3_front import guard_s3

RESET = "/moto-api/reset"

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
"""Content types whose body moto parses instead of storing it."""

BINARY = "binary/octet-stream"
SENT_TYPE = "pixelater.content_type"

OBJECT_RULE = '/<regex("[^/]+"):bucket_name_path>/<regex("(?s:.+)"):key_name>'
"""moto's rule for an object, for keys that contain line breaks, too."""


class MotoApplication(DomainDispatcherApplication):
    """moto's services. The service of a host name is looked up only once.

    moto searches its folders and some hundred patterns, for each request and under a lock.
    """

    def __init__(self) -> None:
        super().__init__(_create_service)
        self._find = lru_cache(maxsize=1000)(super().get_backend_for_host)
        self._knows = lru_cache(maxsize=1000)(self._find_whether_known)

    def knows(self, service: str) -> bool:
        """Return whether a service, by its name in signatures, is emulated."""
        return self._knows(service)

    def _find_whether_known(self, service: str) -> bool:
        host = f"http://{SIGNING_ALIASES.get(service, service)}.us-east-1.amazonaws.com"
        return any(pattern.match(host) for _, pattern in self.backend_url_patterns)

    def get_backend_for_host(self, host: str | None) -> Any:
        return self._find(host)


def create_app(
    keep: Callable[[WSGIApplication], WSGIApplication] | None = None,
) -> WSGIApplication:
    """Create the application that the emulator serves; `keep` is put around moto's services."""
    moto = MotoApplication()
    services = store_forms(keep(moto) if keep else moto)
    return refuse_origins(hide_moto_api(provide_context(check_heads(services, moto.knows))))


def refuse_origins(app: WSGIApplication) -> WSGIApplication:
    """Refuse requests of web pages from other origins, and of clients that name another host.

    A page may read a bucket whose CORS configuration names its origin.
    """

    def respond(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        host = environ.get("HTTP_HOST", "")
        if not is_host(host):
            start_response("400 Bad Request", [("Content-Type", "text/plain")])
            return [f"Host {host!r} is not a host and a port\n".encode()]
        if is_allowed_origin(environ) or (not may_be_rebound(environ) and names_origin(environ)):
            return app(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain")])
        return [f"{explain_refusal(environ)}\n".encode()]

    return respond


def hide_moto_api(app: WSGIApplication) -> WSGIApplication:
    """Hide moto's own API except for its reset. Its dashboard needs the package of Docker."""

    def respond(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == RESET or not path.startswith("/moto-api"):
            return app(environ, start_response)
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"only POST /moto-api/reset of moto's own API is available\n"]

    return respond


def provide_context(app: WSGIApplication) -> WSGIApplication:
    """Provide the request to what runs within it, and add the context's headers to the response."""

    def respond(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with request_context(environ) as context:

            def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
                return start_response(status, [*headers, *context.headers.items()], exc_info)

            return app(environ, start)

    return respond


def check_heads(app: WSGIApplication, knows: Callable[[str], bool]) -> WSGIApplication:
    """Refuse bodies that are too long, malformed signatures, and what moto fails at.

    It may fail before it has found the service, and in services that have no rules here.
    """

    def respond(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            check_declared_length(environ)
            check_authorization(environ, knows)
            return run(app, environ, start_response, (400, "InvalidRequest"))
        except Refusal as refusal:
            return answer_in_kind(refusal, environ, start_response)

    return respond


def store_forms(app: WSGIApplication) -> WSGIApplication:
    """Store the body of a PUT as it is. curl and urllib label every body a form.

    To find the service of a request, moto reads forms.
    """

    def respond(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        content_type = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if environ["REQUEST_METHOD"] == "PUT" and content_type in FORMS:
            environ[SENT_TYPE], environ["CONTENT_TYPE"] = environ["CONTENT_TYPE"], BINARY
        return app(environ, start_response)

    return respond


def restore_type(app: WSGIApplication) -> WSGIApplication:
    """Undo what `store_forms` did to the content type, which S3 stores."""

    def respond(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if SENT_TYPE in environ:
            environ["CONTENT_TYPE"] = environ.pop(SENT_TYPE)
        return app(environ, start_response)

    return respond


class S3Request(BackendRequest):
    """A request to S3. Only a POST is a form; the body of a PUT is an object, whatever its type."""

    @property
    def want_form_data_parsed(self) -> bool:
        return self.method == "POST"


def _create_service(service: Any) -> Any:
    """Create moto's application for a service, behind its rules. Exceptions reach the server.

    The body of a request is freed with its response: Flask's debug mode and werkzeug's cache make
    requests refer to themselves, which keeps them until the next garbage collection.
    """
    app = rekognition.create_app() if service == "rekognition" else create_backend_app(service)
    app.debug = False
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.request_class = partial(BackendRequest, populate_request=False)  # type: ignore[assignment]
    if service == "s3":
        view = convert_to_flask_response(S3Response.key_dispatch)
        app.add_url_rule(OBJECT_RULE, "object", view, methods=HTTP_METHODS)
        app.request_class = partial(S3Request, populate_request=False)  # type: ignore[assignment]
        return restore_type(guard_s3(app))
    if service == "awslambda":
        return guard_lambda(app)
    return guard_api(service, app) if service in APIS else app
