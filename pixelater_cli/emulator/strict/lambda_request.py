"""A request to Lambda, taken apart once for all rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote

from botocore.loaders import Loader
from botocore.model import ServiceModel
from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaFunction
from moto.awslambda.utils import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID

from pixelater_cli.emulator.strict.refusal import Refusal
from pixelater_cli.emulator.strict.shapes import parse_json

PLACE = re.compile(r"\{(\w+)\+?\}")
REGION = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/")


@dataclass(frozen=True)
class LambdaRequest:
    """A request; `operation` is None for one that Lambda does not have.

    `parameters` are the members that path, query and headers give; `document` is the body.
    """

    operation: Any
    region: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    document: dict[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        """The operation's name."""
        return str(self.operation.name) if self.operation is not None else ""

    @property
    def function_name(self) -> str:
        """The function without its qualifier."""
        named = self.parameters.get("FunctionName") or str(self.document.get("FunctionName", ""))
        return (named.partition(":function:")[2] or named).partition(":")[0]

    @property
    def qualifier(self) -> str:
        """The version or alias that is named after the function or by itself; or ""."""
        named = self.parameters.get("FunctionName", "")
        within = (named.partition(":function:")[2] or named).partition(":")[2]
        return within or self.parameters.get("Qualifier", "")

    @property
    def function(self) -> LambdaFunction | None:
        """The function as moto keeps it, without its versions."""
        return find_function(self.region, self.function_name)


def find_function(region: str, name: str, qualifier: str | None = None) -> LambdaFunction | None:
    """Return a function or a version of it."""
    try:
        return get_backend(DEFAULT_ACCOUNT_ID, region).get_function(name, qualifier)
    except LambdaClientError:
        return None


def read_request(environ: Mapping[str, Any], body: bytes) -> LambdaRequest:
    """Read a request, given as a WSGI environment. Raises Refusal if its body is no JSON."""
    operation, parameters = _find_operation(environ["REQUEST_METHOD"], _read_path(environ))
    region = REGION.search(environ.get("HTTP_AUTHORIZATION", ""))
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    headers = {
        name[5:].replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if operation is not None:
        parameters |= _read_members(operation, query, headers)
    is_document = operation is not None and not _has_payload(operation) and bool(body)
    return LambdaRequest(
        operation,
        region[1] if region else "us-east-1",
        parameters,
        headers,
        body,
        _read_document(body) if is_document else {},
    )


def _read_path(environ: Mapping[str, Any]) -> str:
    """Read the path as it was sent, where the server tells: an ARN may be encoded in it."""
    raw = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ["PATH_INFO"])
    return raw.partition("?")[0]


def _has_payload(operation: Any) -> bool:
    shape = operation.input_shape
    return shape is not None and "payload" in shape.serialization


def _read_document(body: bytes) -> dict[str, Any]:
    try:
        document = parse_json(body)
    except ValueError as error:
        message = f"Could not parse request body into json: {error}"
        raise Refusal(400, "InvalidRequestContentException", message) from None
    if not isinstance(document, dict):
        message = "Could not parse request body into json: not an object"
        raise Refusal(400, "InvalidRequestContentException", message)
    return document


def _read_members(
    operation: Any, query: Mapping[str, str], headers: Mapping[str, str]
) -> dict[str, str]:
    found: dict[str, str] = {}
    shape = operation.input_shape
    for name, member in shape.members.items() if shape is not None else ():
        place, key = member.serialization.get("location"), member.serialization.get("name", "")
        if place == "querystring" and key in query:
            found[name] = query[key]
        elif place == "header" and key.lower() in headers:
            found[name] = headers[key.lower()]
    return found


def _find_operation(method: str, path: str) -> tuple[Any, dict[str, str]]:
    for its_method, pattern, operation in _load_operations():
        if its_method == method and (match := pattern.fullmatch(path)):
            return operation, {name: unquote(value) for name, value in match.groupdict().items()}
    return None, {}


@cache
def _load_operations() -> list[tuple[str, re.Pattern[str], Any]]:
    model = ServiceModel(Loader().load_service_model("lambda", "service-2"), "lambda")
    operations = [model.operation_model(name) for name in model.operation_names]
    operations.sort(key=lambda one: one.http["requestUri"].count("{"))
    return [(one.http["method"], _write_pattern(one), one) for one in operations]


def _write_pattern(operation: Any) -> re.Pattern[str]:
    """Write the pattern of an operation's path, with its members as groups."""
    names = {
        member.serialization["name"]: name
        for name, member in operation.input_shape.members.items()
        if member.serialization.get("location") == "uri"
    }
    path = operation.http["requestUri"].partition("?")[0].rstrip("/")
    parts = PLACE.split(path)
    pattern = "".join(
        f"(?P<{names[part]}>[^/]+)" if number % 2 else re.escape(part)
        for number, part in enumerate(parts)
    )
    return re.compile(f"{pattern}/?")
