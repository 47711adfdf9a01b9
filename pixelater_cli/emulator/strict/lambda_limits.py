"""What Lambda refuses of members: unknown ones, those beyond a limit, markers, triggers."""

from __future__ import annotations

import json

from moto.awslambda.utils import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID

from pixelater_cli.emulator.strict.api_rules import NO_TRIGGER
from pixelater_cli.emulator.strict.lambda_request import LambdaRequest
from pixelater_cli.emulator.strict.refusal import Refusal
from pixelater_cli.emulator.strict.shapes import describe_faults

CONCURRENCY = 1000
"""Concurrent executions of an account, by default
(https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)."""

MIN_UNRESERVED = 100

MAX_VARIABLES = 4096
"""Bytes of all environment variables; the message of the refusal shows that Lambda measures them as
JSON (https://github.com/github-aws-runners/terraform-aws-github-runner/issues/3594)."""

MAX_TIMEOUT = 900
MAX_NAME_LENGTH = 64
"""Of a function's name without its account and region. Botocore's model has other limits."""


def wrong(message: str) -> Refusal:
    """Return Lambda's refusal of a member's value."""
    fields = {"Type": "User"}
    return Refusal(400, "InvalidParameterValueException", message, fields)


def check_known(request: LambdaRequest) -> None:
    """Refuse members that an operation does not have. Raises Refusal."""
    shape = request.operation.input_shape
    known = shape.members if shape is not None else {}
    for name in request.document:
        if name not in known:
            raise wrong(f"Unknown parameter {name} of {request.name}")


def check_limits(request: LambdaRequest) -> None:
    """Refuse a timeout or a new name that is too long. Raises Refusal."""
    if request.name not in ("CreateFunction", "UpdateFunctionConfiguration"):
        return
    limits = {
        "timeout": (request.document.get("Timeout") or 0, "value", MAX_TIMEOUT),
        "functionName": (len(request.function_name), "length", MAX_NAME_LENGTH),
    }
    values = {**request.parameters, **request.document}
    faults = [
        (path, f"Member must have {what} less than or equal to {limit}")
        for path, (size, what, limit) in limits.items()
        if size > limit
    ]
    if faults:
        raise Refusal(400, "ValidationException", describe_faults(faults, values))


def check_variables(request: LambdaRequest) -> None:
    """Refuse environment variables that are too long together. Raises Refusal."""
    if request.name not in ("CreateFunction", "UpdateFunctionConfiguration"):
        return
    variables = (request.document.get("Environment") or {}).get("Variables") or {}
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > MAX_VARIABLES:
        raise wrong(
            "Lambda was unable to configure your environment variables because the environment "
            f"variables you have provided exceeded the 4KB limit. String measured: {measured}"
        )


def check_marker(request: LambdaRequest) -> None:
    """Refuse to continue a list: moto's are complete, so none has ended before. Raises Refusal."""
    if request.parameters.get("Marker"):
        raise wrong("Invalid value for parameter Marker")


def check_trigger(request: LambdaRequest) -> None:
    """Refuse event source mappings, which the emulator does not have. Raises Refusal."""
    if request.name == "CreateEventSourceMapping":
        raise wrong(NO_TRIGGER)


def check_concurrency(request: LambdaRequest) -> None:
    """Refuse to reserve more than an account may. Raises Refusal."""
    if request.name != "PutFunctionConcurrency" or request.function is None:
        return
    functions = get_backend(DEFAULT_ACCOUNT_ID, request.region).list_functions()
    reserved = sum(
        int(function.reserved_concurrency or 0)
        for function in functions
        if function.function_name != request.function_name
    )
    if CONCURRENCY - reserved - request.document["ReservedConcurrentExecutions"] < MIN_UNRESERVED:
        raise wrong(
            "Specified ReservedConcurrentExecutions for function decreases account's "
            f"UnreservedConcurrentExecution below its minimum value of [{MIN_UNRESERVED}]."
        )
