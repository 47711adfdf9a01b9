"""What a service answers when it refuses a request, in the formats of S3 and of the JSON APIs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from xml.sax.saxutils import escape

from pixelater_cli.emulator.http_server.request_context import current_request

StartResponse = Callable[..., Any]

FORM = "application/x-www-form-urlencoded"

SERVICE = re.compile(r"Credential=[^,]*/([^/,]+)/aws4_request")
"""The service in the scope of a signature."""


class Refusal(Exception):
    """An error of an AWS service.

    `fields` are more elements of the error's document, `headers` more of its answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        fields: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = dict(fields or {})
        self.headers = dict(headers or {})


def incomplete_body() -> Refusal:
    """Return S3's refusal of a body of another length than was said."""
    return Refusal(
        400,
        "IncompleteBody",
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
    )


def answer_as_s3(
    refusal: Refusal, method: str, start: StartResponse, ids: tuple[str, str]
) -> Iterable[bytes]:
    """Answer as S3 does; a HEAD has no body.

    https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    """
    request_id, host_id = ids
    elements = {
        "Code": refusal.code,
        "Message": refusal.message,
        **refusal.fields,
        "RequestId": request_id,
        "HostId": host_id,
    }
    inner = "".join(f"<{name}>{escape(str(told))}</{name}>" for name, told in elements.items())
    document = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'.encode()
    start(_write_status(refusal), [("Content-Type", "application/xml"), *refusal.headers.items()])
    return [] if method == "HEAD" else [document]


def answer_as_json(refusal: Refusal, start: StartResponse) -> Iterable[bytes]:
    """Answer as the JSON APIs do; the error's type is in the body and, for REST, in a header.

    https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
    """
    document = {"__type": refusal.code, "message": refusal.message, **refusal.fields}
    headers = {
        "Content-Type": "application/json",
        "x-amzn-ErrorType": refusal.code,
        **refusal.headers,
    }
    start(_write_status(refusal), list(headers.items()))
    return [json.dumps(document).encode()]


def answer_as_query(refusal: Refusal, start: StartResponse) -> Iterable[bytes]:
    """Answer as the query APIs (IAM, STS) do.

    https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#operation-error-serialization
    """
    kind = "Sender" if refusal.status < HTTPStatus.INTERNAL_SERVER_ERROR else "Receiver"
    inner = f"<Type>{kind}</Type><Code>{refusal.code}</Code>"
    document = (
        f"<ErrorResponse><Error>{inner}<Message>{escape(refusal.message)}</Message></Error>"
        "<RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>"
    )
    start(_write_status(refusal), [("Content-Type", "text/xml"), *refusal.headers.items()])
    return [document.encode()]


def answer_in_kind(
    refusal: Refusal, environ: Mapping[str, Any], start: StartResponse
) -> Iterable[bytes]:
    """Answer a request in the format of the service that it is signed for; unsigned ones are S3's.

    Services other than S3 answer forms with XML, and all else with JSON.
    """
    scope = SERVICE.search(environ.get("HTTP_AUTHORIZATION", ""))
    is_other = scope is not None and scope[1].lower() != "s3"
    if "HTTP_X_AMZ_TARGET" in environ or environ["PATH_INFO"].startswith("/2015-03-31/"):
        return answer_as_json(refusal, start)
    if is_other and environ.get("CONTENT_TYPE", "").startswith(FORM):
        return answer_as_query(refusal, start)
    if is_other:
        return answer_as_json(refusal, start)
    return answer_as_s3(refusal, environ["REQUEST_METHOD"], start, current_request().choose_ids())


def _write_status(refusal: Refusal) -> str:
    return f"{refusal.status} {HTTPStatus(refusal.status).phrase}"
