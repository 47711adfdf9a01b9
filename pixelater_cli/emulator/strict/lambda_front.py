"""The front of Lambda: every request passes its rules before moto answers it."""

from __future__ import annotations

import io
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from pixelater_cli.emulator.strict.failing import run
from pixelater_cli.emulator.strict.lambda_request import LambdaRequest, read_request
from pixelater_cli.emulator.strict.lambda_rules import RULES
from pixelater_cli.emulator.strict.refusal import Refusal, StartResponse, answer_as_json

MAX_REQUEST_BYTES = 70_167_211
"""https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html: the error names it."""


CODE = "InvalidParameterValueException"
INVOCATIONS = ("Invoke", "InvokeAsync", "InvokeWithResponseStream")


def guard_lambda(app: Any) -> Any:
    """Return a WSGI application that refuses what Lambda refuses, and leaves the rest to `app`."""

    def answer(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        try:
            request = read_request(environ, take_body(environ, MAX_REQUEST_BYTES))
            for rule in RULES:
                rule.check(request)
            return run(app, environ, _correct_status(request, start), (400, CODE))
        except Refusal as refusal:
            return answer_as_json(refusal, start)

    return answer


def _correct_status(request: LambdaRequest, start: StartResponse) -> StartResponse:
    """Answer what works with the status that the API documents; that of Invoke depends."""
    if request.name in INVOCATIONS:
        return start
    code = HTTPStatus(request.operation.http.get("responseCode", HTTPStatus.OK))

    def start_answer(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        corrected = f"{code} {code.phrase}" if status.startswith("2") else status
        return start(corrected, headers, exc_info)

    return start_answer


def take_body(environ: dict[str, Any], limit: int) -> bytes:
    """Read a body, and leave it to be read again. Raises Refusal if it is not whole."""
    declared = environ.get("CONTENT_LENGTH") or "0"
    if int(declared) > limit:
        message = f"Request must be smaller than {limit} bytes"
        raise Refusal(413, "RequestEntityTooLargeException", message)
    try:
        body: bytes = environ["wsgi.input"].read(limit + 1)
    except OSError:
        raise Refusal(400, "SerializationException", "the body is not in chunks") from None
    if len(body) > limit or len(body) < int(declared):
        raise Refusal(413 if len(body) > limit else 400, "SerializationException", "length")
    environ["wsgi.input"] = io.BytesIO(body)
    return body
