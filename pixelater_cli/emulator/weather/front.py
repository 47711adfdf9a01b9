"""WSGI middleware that lets weather happen to the requests of clients."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from io import BytesIO
from socket import SHUT_RDWR, socket
from typing import Any

from werkzeug.test import run_wsgi_app

from pixelater_cli.emulator.weather.answers import Answer
from pixelater_cli.emulator.weather.calls import Call, read_call
from pixelater_cli.emulator.weather.order import reorder_notification, reorder_policy, reorder_tags
from pixelater_cli.emulator.weather.weather import Reset, Weather

OWN_KEY = "pixelater-emulator"
"""The access key of the emulator itself, on which no weather has an effect."""

OBJECT_BODIES = frozenset({"PutObject", "UploadPart"})
"""Calls whose body is content."""

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


def add_weather(app: WsgiApp, weather: Weather) -> WsgiApp:
    """Wrap an application: its answers come late, in another order, or not at all."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        call = _read(environ)
        if not call.operation or call.access_key == OWN_KEY or _is_open_read(environ, call):
            return app(environ, start_response)
        met = weather.meet(call)
        if isinstance(met, Reset):
            if met.executed:
                _carry_out(app, weather, call, environ)
            return _close(environ, start_response)
        answer = met or _reorder(
            weather,
            call,
            weather.find_stale_answer(call) or _carry_out(app, weather, call, environ),
        )
        start_response(answer.status_line, list(answer.headers))
        return [answer.body]

    return answer


def _read(environ: dict[str, Any]) -> Call:
    """Read the call, and its body unless that is content; the application reads it again."""
    call = read_call(environ, b"")
    if call.service == "s3" and call.operation in OBJECT_BODIES:
        return call
    if environ.get("wsgi.input_terminated"):
        body = environ["wsgi.input"].read()
    else:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = BytesIO(body)
    return read_call(environ, body)


def _is_open_read(environ: dict[str, Any], call: Call) -> bool:
    """Return whether a request only reads, unsigned, as browsers and health checks do."""
    return not call.access_key and environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS")


def _carry_out(app: WsgiApp, weather: Weather, call: Call, environ: dict[str, Any]) -> Answer:
    """Have a call answered, and keep what it makes stale."""
    before = {
        stale: _run(app, stale.make(call).make_environ(environ))
        for stale in weather.list_reads(call)
    }
    answer = _run(app, environ)
    if answer.succeeded:
        weather.note(call, before)
    return answer


def _run(app: WsgiApp, environ: dict[str, Any]) -> Answer:
    parts, status, headers = run_wsgi_app(app, environ, buffered=True)
    return Answer(int(status.partition(" ")[0]), tuple(headers), b"".join(parts))


def _reorder(weather: Weather, call: Call, answer: Answer) -> Answer:
    """Reorder what S3 returns of a bucket's policy, notification or tags."""
    if "order" not in weather.kinds or not answer.succeeded:
        return answer
    if call.action == "s3:GetBucketPolicy":
        body = reorder_policy(answer.body.decode(), weather.rank).encode()
    elif call.action == "s3:GetBucketNotificationConfiguration":
        body = reorder_notification(answer.body, weather.rank)
    elif call.action == "s3:GetBucketTagging":
        body = reorder_tags(answer.body, weather.rank)
    else:
        return answer
    if body != answer.body:
        weather.report("order", str(call), "in another order")
    headers = [(name, value) for name, value in answer.headers if name.lower() != "content-length"]
    return Answer(answer.status, (*headers, ("Content-Length", str(len(body)))), body)


def _close(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Close the connection; what is answered then goes nowhere."""
    connection: socket = environ["werkzeug.socket"]
    with suppress(OSError):  # The client closed it before.
        connection.shutdown(SHUT_RDWR)
    start_response("500 Internal Server Error", [])
    return []
