"""The front of S3: every request passes its rules before moto answers it."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pixelater_cli.emulator.http_server.request_context import current_request
from pixelater_cli.emulator.strict import chunked
from pixelater_cli.emulator.strict.failing import run
from pixelater_cli.emulator.strict.refusal import (
    Refusal,
    StartResponse,
    answer_as_s3,
    incomplete_body,
)
from pixelater_cli.emulator.strict.s3_cors import PREFLIGHT, answer_preflight, let_pages_read
from pixelater_cli.emulator.strict.s3_documents import simplify
from pixelater_cli.emulator.strict.s3_head_rules import find_coding
from pixelater_cli.emulator.strict.s3_parameters import forget_invalid
from pixelater_cli.emulator.strict.s3_request import S3Request, read_request
from pixelater_cli.emulator.strict.s3_rules import BODY_RULES, HEAD_RULES

MALFORMED = 400, "InvalidRequest"
BUG = 500, "InternalError"
"""How a request with parameters fails, and one without: that is seldom malformed, so clients are to
try again."""

ABSENT = 405, "MethodNotAllowed"

TIMEOUT_MESSAGE = (
    "Your socket connection to the server was not read from or written to within the timeout "
    "period. Idle connections will be closed."
)


def guard_s3(app: Any) -> Any:
    """Return a WSGI application that refuses what S3 refuses, and leaves the rest to `app`."""

    def answer(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        method = str(environ["REQUEST_METHOD"])
        try:
            if method == PREFLIGHT:
                return answer_preflight(environ, start)
            start = let_pages_read(environ, start)
            _check(environ)
            failed = MALFORMED if environ.get("QUERY_STRING") else BUG
            return run(app, environ, start, failed, ABSENT)
        except Refusal as refusal:
            return answer_as_s3(refusal, method, start, current_request().choose_ids())

    return answer


def _check(environ: dict[str, Any]) -> None:
    forget_invalid(environ)
    request = read_request(environ)
    for rule in HEAD_RULES:
        rule.check(request)
    if _has_body(environ):
        request = _read_body(environ, request)
    elif request.method not in ("PUT", "POST"):
        return
    for rule in BODY_RULES:
        rule.check(request)
    simplify(environ, request)


def _has_body(environ: dict[str, Any]) -> bool:
    return environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ


def _read_body(environ: dict[str, Any], request: S3Request) -> S3Request:
    """Read the body, decode its chunks, and leave both to moto as if it had been sent so."""
    try:
        body: bytes = environ["wsgi.input"].read()
    except OSError:  # No chunk where one was announced.
        raise incomplete_body() from None
    if getattr(environ["wsgi.input"], "timed_out", False):
        raise Refusal(400, "RequestTimeout", TIMEOUT_MESSAGE)
    declared = environ.get("CONTENT_LENGTH", "")
    if declared and len(body) < int(declared):
        raise incomplete_body()
    coding = find_coding(request.headers)
    headers = dict(request.headers)
    if chunked.is_chunked(coding):
        length = int(headers["x-amz-decoded-content-length"])
        decoded = chunked.decode(body, coding, length, headers.get("x-amz-trailer", ""))
        body = decoded.content
        headers |= decoded.trailers
        _forget_chunks(environ, decoded.trailers)
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    return replace(request, headers=headers, body=body)


def _forget_chunks(environ: dict[str, Any], trailers: dict[str, str]) -> None:
    """Make the environment that of a body without chunks, with its trailers as headers."""
    environ["HTTP_X_AMZ_CONTENT_SHA256"] = "UNSIGNED-PAYLOAD"
    for name in ("HTTP_TRANSFER_ENCODING", "HTTP_X_AMZ_TRAILER", "wsgi.input_terminated"):
        environ.pop(name, None)
    codings = environ.get("HTTP_CONTENT_ENCODING", "").split(",")
    left = [coding.strip() for coding in codings if coding.strip().lower() != "aws-chunked"]
    if any(left):
        environ["HTTP_CONTENT_ENCODING"] = ", ".join(left)
    else:
        environ.pop("HTTP_CONTENT_ENCODING", None)
    for name, value in trailers.items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
