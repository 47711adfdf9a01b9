"""The front of the APIs in JSON, such as CloudWatch Logs, and of query APIs (IAM, STS)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from botocore.loaders import Loader
from botocore.model import ServiceModel

from pixelater_cli.emulator.strict.api_rules import CHECKS
from pixelater_cli.emulator.strict.failing import run
from pixelater_cli.emulator.strict.lambda_front import take_body
from pixelater_cli.emulator.strict.refusal import (
    Refusal,
    StartResponse,
    answer_as_json,
    answer_as_query,
)
from pixelater_cli.emulator.strict.shapes import (
    WrongKindError,
    describe_faults,
    find_faults,
    parse_json,
)

MAX_REQUEST_BYTES = 8 * 2**20
"""More than any request of these APIs may have; SQS takes messages of 1 MiB."""

CBOR = "HTTP_SMITHY_PROTOCOL"
"""The header of requests in CBOR, which are left to moto
(https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html)."""

SCALARS = ("string", "integer", "long", "boolean")


@dataclass(frozen=True)
class Api:
    """An API, and how it refuses members that do not meet their constraints."""

    service: str
    missing: str
    invalid: str


APIS = {
    api.service: api
    for api in (
        Api("logs", "InvalidParameterException", "InvalidParameterException"),
        Api("sqs", "MissingParameter", "InvalidParameterValue"),
        Api("iam", "ValidationError", "ValidationError"),
        Api("sts", "ValidationError", "ValidationError"),
        Api("kms", "ValidationException", "ValidationException"),
        Api("cloudwatch", "MissingParameter", "InvalidParameterValue"),
        Api("resourcegroupstaggingapi", "InvalidParameterException", "InvalidParameterException"),
        Api("events", "ValidationException", "ValidationException"),
        Api("rekognition", "ValidationException", "ValidationException"),
        Api("sns", "InvalidParameter", "InvalidParameter"),
    )
}
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/rekognition/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html
"""


def guard_api(service: str, app: Any) -> Any:
    """Return a WSGI application that refuses what the API refuses, and leaves the rest to `app`."""
    api = APIS[service]

    def answer(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        is_json = "HTTP_X_AMZ_TARGET" in environ
        try:
            if environ["REQUEST_METHOD"] == "POST" and CBOR not in environ:
                body = take_body(environ, MAX_REQUEST_BYTES)
                _check(api, environ, body, _read_json if is_json else _read_query)
            return run(app, environ, start, (400, api.invalid))
        except Refusal as refusal:
            return (answer_as_json if is_json else answer_as_query)(refusal, start)

    return answer


def _check(
    api: Api,
    environ: Mapping[str, Any],
    body: bytes,
    read: Callable[[Mapping[str, Any], bytes, ServiceModel], tuple[Any, dict[str, Any]]],
) -> None:
    operation, document = read(environ, body, _load_model(api.service))
    shape = operation.input_shape
    if shape is not None:
        try:
            faults = list(find_faults(document, shape))
        except WrongKindError as error:
            raise Refusal(400, "SerializationException", str(error)) from None
        if faults:
            is_missing = any(constraint == "Member must not be null" for _, constraint in faults)
            code = api.missing if is_missing else api.invalid
            raise Refusal(400, code, describe_faults(faults, document))
    for check in CHECKS.get(f"{api.service}.{operation.name}", ()):
        check(document)


def _read_json(
    environ: Mapping[str, Any], body: bytes, model: ServiceModel
) -> tuple[Any, dict[str, Any]]:
    name = str(environ["HTTP_X_AMZ_TARGET"]).rpartition(".")[2]
    operation = _find_operation(model, name, "UnknownOperationException")
    try:
        document = (parse_json(body) if body else None) or {}
    except ValueError as error:
        raise Refusal(400, "SerializationException", str(error)) from None
    return operation, document


def _read_query(
    environ: Mapping[str, Any], body: bytes, model: ServiceModel
) -> tuple[Any, dict[str, Any]]:
    """Read the members of a form that are values; of the others, only that they are there."""
    pairs = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    pairs += parse_qsl(body.decode(errors="replace"), keep_blank_values=True)
    form = dict(pairs)
    operation = _find_operation(model, form.get("Action", ""), "InvalidAction")
    document: dict[str, Any] = {}
    shape = operation.input_shape
    for name, member in shape.members.items() if shape is not None else ():
        if member.type_name in SCALARS and name in form:
            document[name] = _read_value(form[name], member.type_name)
        elif any(given.startswith(f"{name}.") for given in form):
            document[name] = {"list": [], "map": {}, "structure": {}}.get(member.type_name)
    return operation, document


def _read_value(text: str, kind: str) -> Any:
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    return int(text) if kind != "string" and text.lstrip("-").isdecimal() else text


def _find_operation(model: ServiceModel, name: str, code: str) -> Any:
    if name not in _list_operations(model.service_name):
        raise Refusal(400, code, f"Could not find operation {name or '(none)'}")
    return model.operation_model(name)


@cache
def _list_operations(service: str) -> frozenset[str]:
    return frozenset(_load_model(service).operation_names)


@cache
def _load_model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)
