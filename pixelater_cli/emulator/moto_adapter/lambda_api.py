"""Patches that make moto's Lambda API run functions and store settings by alias, as AWS does.

Without Docker, moto runs no functions. It ignores the qualifier of an invocation and of event
settings, returns the event settings that were put first, and does not store LoggingConfig.
"""

from __future__ import annotations

import base64
import json
import logging
import time
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from moto.awslambda.models import (
    EventInvokeConfig,
    LambdaAlias,
    LambdaBackend,
    LambdaFunction,
)
from moto.awslambda.responses import LambdaResponse
from moto.utilities.utils import get_partition

from pixelater_cli.emulator.lambda_service.backend_protocol import (
    FunctionGone,
    ServiceFailed,
    Throttled,
    VariablesUnreadable,
)
from pixelater_cli.emulator.lambda_service.models import FunctionRef, InvocationOutcome
from pixelater_cli.emulator.lambda_service.quotas import find_excess
from pixelater_cli.emulator.lambda_service.service import LambdaService
from pixelater_cli.emulator.moto_adapter.patching import MotoAttribute
from pixelater_cli.emulator.strict import lambda_states
from pixelater_cli.emulator.strict.api_rules import NO_TRIGGER

LOG = logging.getLogger(__name__)

SERVICE_FAILED = 500, "ServiceException"
KMS_DENIED = 502, "KMSAccessDeniedException"
"""https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors"""

Reply = tuple[int, dict[str, str], str | bytes]


def list_lambda_patches(functions: LambdaService) -> dict[MotoAttribute, Any]:
    """Return patches of moto's Lambda API that run functions in `functions`."""

    def invoke(self: LambdaResponse) -> Reply:
        return _invoke(functions, self, self.headers.get("X-Amz-Invocation-Type", ""))

    def invoke_async(self: LambdaResponse) -> Reply:
        return _invoke(functions, self, "Event")

    def run(
        self: LambdaFunction,
        body: str,  # noqa: ARG001 (the signature is moto's)
        request_headers: object,  # noqa: ARG001
        response_headers: object,  # noqa: ARG001
    ) -> bytes:
        """Drop an event of another service of moto, whose triggers the fronts refuse."""
        LOG.warning("%s was not run: %s", self.function_name, NO_TRIGGER)
        return b""

    return {
        (LambdaResponse, "invoke"): invoke,
        (LambdaResponse, "invoke_async"): invoke_async,
        (LambdaFunction, "invoke"): run,
        **_list_event_settings(),
        **_list_logging(),
        **_list_states(functions),
    }


def _invoke(functions: LambdaService, response: LambdaResponse, kind: str) -> Reply:
    """Handle the Invoke API (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html)."""
    target, body = read_target(response), response.body or b""
    payload = body.encode() if isinstance(body, str) else body
    payload = payload or b"{}"
    if error := _check_payload(payload, kind):
        return error
    response.backend.get_function(target.name, target.qualifier or None)
    if kind == "DryRun":
        return _reply(204)
    if kind == "Event":
        functions.send(target, payload)
        return _reply(202)
    try:
        outcome = functions.invoke(target, payload)
    except Throttled:
        reason = {"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded"}
        return _reply_error(429, "TooManyRequestsException", "Rate Exceeded.", reason)
    except (FunctionGone, ServiceFailed) as error:
        unreadable = isinstance(error, VariablesUnreadable)
        return _reply_error(*(KMS_DENIED if unreadable else SERVICE_FAILED), str(error))
    return _reply_outcome(outcome, response.headers.get("X-Amz-Log-Type") == "Tail")


def _check_payload(payload: bytes, kind: str) -> Reply | None:
    excess = find_excess(len(payload), kind == "Event")
    if excess:
        return _reply_error(413, "RequestTooLargeException", excess)
    try:
        json.loads(payload)
    except ValueError as error:
        message = f"Could not parse request body into json: {error}"
        return _reply_error(400, "InvalidRequestContentException", message)
    return None


def _reply_outcome(outcome: InvocationOutcome, with_log: bool) -> Reply:
    headers = {"Content-Type": "application/json", "X-Amz-Executed-Version": outcome.version}
    if outcome.failed:
        headers["X-Amz-Function-Error"] = "Unhandled"
    if with_log:
        headers["X-Amz-Log-Result"] = base64.b64encode(outcome.log.encode()).decode()
    return _reply(200, outcome.payload, headers)


def _reply_error(
    status: int, code: str, message: str, fields: dict[str, str] | None = None
) -> Reply:
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code}
    body = json.dumps({"Type": "User", "message": message, **(fields or {})})
    return _reply(status, body, headers)


def _reply(status: int, body: str | bytes = "", headers: dict[str, str] | None = None) -> Reply:
    """Return a response in moto's form, which has the status among the headers, too."""
    return status, {**(headers or {}), "status": str(status)}, body


def read_target(response: LambdaResponse) -> FunctionRef:
    """Read the function in a request's path: a name or an ARN, which may be partial."""
    identifier = unquote(response.path.partition("/functions/")[2].partition("/")[0])
    function = identifier.partition(":function:")[2] or identifier
    name, _, suffix = function.partition(":")
    qualifier = suffix or response.querystring.get("Qualifier", [""])[0]
    partition = get_partition(response.region)
    return FunctionRef(response.current_account, response.region, name, qualifier, partition)


def find_event_settings(latest: LambdaFunction, arn: str) -> EventInvokeConfig | None:
    """Find the event settings of a qualified ARN in moto's list."""
    return next((config for config in latest.event_invoke_config if config.arn == arn), None)


def _list_event_settings() -> dict[MotoAttribute, Any]:
    def find(response: LambdaResponse) -> tuple[LambdaFunction, str, EventInvokeConfig | None]:
        target = read_target(response)
        latest = response.backend.get_function(target.name)
        return latest, target.qualified_arn, find_event_settings(latest, target.qualified_arn)

    def put(response: LambdaResponse, config: dict[str, Any]) -> str:
        latest, arn, old = find(response)
        new = EventInvokeConfig(arn, time.time(), config)  # type: ignore[arg-type]
        kept = [config for config in latest.event_invoke_config if config is not old]
        latest.event_invoke_config[:] = [*kept, new]  # All versions share the list.
        return json.dumps(new.response())

    def put_settings(self: LambdaResponse) -> str:
        return put(self, json.loads(self.body))

    def update_settings(self: LambdaResponse) -> str:
        _, _, old = find(self)
        return put(self, {**(old.config if old else {}), **json.loads(self.body)})

    def get_settings(self: LambdaResponse) -> Reply:
        _, arn, settings = find(self)
        if settings is None:
            return _reply_no_settings(arn)
        return _reply(200, json.dumps(settings.response()))

    def delete_settings(self: LambdaResponse) -> Reply:
        latest, arn, settings = find(self)
        if settings is None:
            return _reply_no_settings(arn)
        latest.event_invoke_config.remove(settings)
        return _reply(204)

    def list_settings(self: LambdaResponse) -> str:
        latest, _, _ = find(self)
        configs = [config.response() for config in latest.event_invoke_config]
        return json.dumps({"FunctionEventInvokeConfigs": configs})

    name = "function_event_invoke_config"
    return {
        (LambdaResponse, f"put_{name}"): put_settings,
        (LambdaResponse, f"update_{name}"): update_settings,
        (LambdaResponse, f"get_{name}"): get_settings,
        (LambdaResponse, f"delete_{name}"): delete_settings,
        (LambdaResponse, f"list_{name}s"): list_settings,
    }


def _reply_no_settings(arn: str) -> Reply:
    message = f"The function {arn} doesn't have an EventInvokeConfig"
    return _reply_error(404, "ResourceNotFoundException", message)


def read_logging(function: LambdaFunction) -> dict[str, str]:
    """Return the LoggingConfig of a function as AWS does, with defaults."""
    stored: dict[str, str] = getattr(function, "logging_config", None) or {}
    config = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function.function_name}", **stored}
    if config["LogFormat"] == "JSON":
        config = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **config}
    return config


def _list_logging() -> dict[MotoAttribute, Any]:
    create, report = LambdaFunction.__init__, LambdaFunction.get_configuration
    update = LambdaFunction.update_configuration

    def create_function(
        self: Any, account_id: str, spec: dict[str, Any], region: str, version: str | int = 1
    ) -> None:
        create(self, account_id, spec, region, version)
        self.logging_config = spec.get("LoggingConfig")

    def get_configuration(self: LambdaFunction, on_create: bool = False) -> dict[str, Any]:
        state = lambda_states.describe(self, on_create)
        return {**report(self, on_create), **state, "LoggingConfig": read_logging(self)}

    def update_configuration(self: Any, config_updates: dict[str, Any]) -> dict[str, Any]:
        if "LoggingConfig" in config_updates:
            self.logging_config = config_updates["LoggingConfig"]
        return update(self, config_updates)

    return {
        (LambdaFunction, "__init__"): create_function,
        (LambdaFunction, "get_configuration"): get_configuration,
        (LambdaFunction, "update_configuration"): update_configuration,
    }


def _list_states(functions: LambdaService) -> dict[MotoAttribute, Any]:
    """Give what lets a new or changed function settle, and each change have its revision."""
    settings = functions.settings
    create, update = LambdaBackend.create_function, LambdaBackend.update_function_configuration
    update_code, update_alias = LambdaBackend.update_function_code, LambdaAlias.update

    def begin(function: LambdaFunction, kind: lambda_states.Kind) -> None:
        lambda_states.begin(function, kind, settings.settling_seconds, settings.clock)

    def create_function(self: LambdaBackend, spec: dict[str, Any]) -> LambdaFunction:
        created = create(self, spec)
        name = created.function_name
        stored = [self.get_function(name)]
        if spec.get("Publish"):  # What is created is a copy, with the number of this version.
            stored += [created, self.get_function(name, str(created.version))]
        for function in stored:
            begin(function, "Pending")
        return created

    def change(alter: Any) -> Any:
        def alter_function(
            self: LambdaBackend, function_name: str, qualifier: str, body: dict[str, Any]
        ) -> dict[str, Any] | None:
            function = self.get_function(function_name, qualifier)
            if not body.get("DryRun"):
                begin(function, "InProgress")
            answer: dict[str, Any] | None = alter(self, function_name, qualifier, body)
            return answer

        return alter_function

    def alter_alias(
        self: Any, description: str | None, function_version: str | None, routing_config: Any
    ) -> None:
        update_alias(self, description, function_version, routing_config)
        self.revision_id = str(uuid4())

    return {
        (LambdaBackend, "create_function"): create_function,
        (LambdaBackend, "update_function_code"): change(update_code),
        (LambdaBackend, "update_function_configuration"): change(update),
        (LambdaAlias, "update"): alter_alias,
    }
