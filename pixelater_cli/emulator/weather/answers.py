"""Answers of AWS: errors in the form of each service."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from uuid import uuid4
from xml.sax.saxutils import escape

from pixelater_cli.emulator.weather.calls import Call

JSON_PREFIXES = {"sqs": "com.amazonaws.sqs#"}
QUERY_NAMESPACES = {
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}


@dataclass(frozen=True)
class Answer:
    """An answer: its status, headers and body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def status_line(self) -> str:
        return f"{self.status} {HTTPStatus(self.status).phrase}"

    @property
    def succeeded(self) -> bool:
        return self.status < 300


def make_error(call: Call, status: int, code: str, message: str) -> Answer:
    """Write an error as a service does: XML of S3 and of IAM, JSON of Lambda, SQS and others."""
    request_id = str(uuid4())
    if call.service == "s3":
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{code}</Code><Message>{escape(message)}</Message>"
            f"<Resource>/{escape(call.subject)}</Resource><RequestId>{request_id}</RequestId></Error>"
        )
        headers = {"Content-Type": "application/xml"}
    elif call.service in QUERY_NAMESPACES:
        body = (
            f'<ErrorResponse xmlns="{QUERY_NAMESPACES[call.service]}"><Error>'
            f"<Type>{_name_side(status, 'Sender', 'Receiver')}</Type><Code>{code}</Code>"
            f"<Message>{escape(message)}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        headers = {"Content-Type": "text/xml"}
    elif call.service == "lambda":
        body = json.dumps({"Type": _name_side(status, "User", "Service"), "message": message})
        headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code}
    else:
        kind = JSON_PREFIXES.get(call.service, "") + code.rpartition(".")[2]
        body = json.dumps({"__type": kind, "message": message})
        headers = {"Content-Type": "application/x-amz-json-1.0"}
        if (
            call.service == "sqs"
        ):  # https://smithy.io/2.0/aws/protocols/aws-query-compatible-trait.html
            headers["x-amzn-query-error"] = f"{code};{_name_side(status, 'Sender', 'Receiver')}"
    return Answer(status, tuple(headers.items()), body.encode())


def _name_side(status: int, client: str, server: str) -> str:
    return client if status < HTTPStatus.INTERNAL_SERVER_ERROR else server
