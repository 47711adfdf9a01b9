"""The function's alias: the version that runs, what becomes of failures, and who may invoke it.

Pure. Events go to the alias, and the alias to a published version, so what runs changes in one step
and can be put back in one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pixelater_cli.aws.package.package import Package
from pixelater_cli.aws.resources.canonical import is_equal, list_statements
from pixelater_cli.aws.resources.function import (
    NO_FUNCTION,
    describe_code,
    function_configuration,
    pick_code,
    pick_settings,
    reports_all,
)
from pixelater_cli.aws.resources.property import (
    EXISTS,
    ApiCall,
    Key,
    Read,
    Ref,
    ResourceProperty,
    describe_change,
)
from pixelater_cli.aws.stack import ALIAS, Document, Stack

RETRIES = 2

EVENT_AGE_SECONDS = 6 * 60 * 60
"""An event is tried three times within six hours, the most that Lambda offers."""


def list_alias_properties(stack: Stack, package: Package) -> Iterator[ResourceProperty]:
    """List the properties of the alias: its version, retries and failure queue, its permission."""
    resource = f"alias {ALIAS} of {stack.function}"
    named = {"FunctionName": stack.function}
    qualified = {**named, "Qualifier": ALIAS}
    settings = function_configuration(stack)
    wanted = {**settings, **describe_code(stack, package)}

    def pick(answer: Document) -> Document:
        return {**pick_settings(list(settings), answer), **pick_code(answer)}

    def move(found: Any) -> tuple[ApiCall, ...]:
        place = {**named, "Name": ALIAS, "FunctionVersion": Ref("Version")}
        verb, call = ("create", "create_alias") if found is None else ("move", "update_alias")
        return (
            ApiCall(
                f"publish {stack.function}", "lambda", "publish_version", named, keep="Version"
            ),
            *(of_version.steps(None) if stack.traits.settings_by_version else ()),
            ApiCall(f"{verb} {resource} to that version", "lambda", call, place),
        )

    # LocalStack looks aliases up for GetFunction, but not for GetFunctionConfiguration.
    read = Read(
        *("lambda", "get_function", qualified, pick, (NO_FUNCTION,)),
        keep="Version",
        part="Configuration",
    )
    yield ResourceProperty((resource, EXISTS), read, wanted, move, reports_all)
    yield _describe_failures(stack, (resource, "failures"), ALIAS)
    of_version = _describe_failures(stack, (resource, "failures by version"), Ref("Version"))
    if stack.traits.settings_by_version:
        yield replace(of_version, included=True)
    yield _describe_permission(stack, resource, qualified)


def _describe_failures(stack: Stack, key: Key, qualifier: str | Ref) -> ResourceProperty:
    """Describe what becomes of events that fail, for the alias or for the version it stands for."""
    resource, _ = key
    call, failures = "function_event_invoke_config", invocation_settings(stack)
    qualified = {"FunctionName": stack.function, "Qualifier": qualifier}
    whose = resource if isinstance(qualifier, str) else f"the version of {resource}"
    title = f"retries and failure queue of {whose}"
    return ResourceProperty(
        key,
        Read(
            "lambda",
            f"get_{call}",
            qualified,
            lambda answer: {name: answer.get(name) for name in failures},
            (NO_FUNCTION,),
        ),
        failures,
        lambda found: (
            ApiCall(
                describe_change(title, found, failures),
                "lambda",
                f"put_{call}",
                {**qualified, **failures},
            ),
        ),
        _fails_alike,
    )


def _describe_permission(stack: Stack, resource: str, qualified: Document) -> ResourceProperty:
    def pick(answer: Document) -> Document | None:
        statements = list_statements(answer["Policy"])
        return next((one for one in statements if one.get("Sid") == stack.statement_id), None)

    def steps(found: Any) -> tuple[ApiCall, ...]:
        title = f"let {stack.source_bucket} invoke {resource}"
        add = ApiCall(title, "lambda", "add_permission", permission(stack))
        if found is None:
            return (add,)
        old = {**qualified, "StatementId": stack.statement_id}
        return (
            ApiCall(
                f"remove outdated permission of {resource}", "lambda", "remove_permission", old
            ),
            add,
        )

    read = Read("lambda", "get_policy", qualified, pick, (NO_FUNCTION,))
    return ResourceProperty((resource, "permission"), read, permission_statement(stack), steps)


def _fails_alike(found: Document | None, wanted: Document) -> bool:
    """Compare without the OnSuccess that Lambda reports beside OnFailure."""
    if found is None:
        return False
    target = (found.get("DestinationConfig") or {}).get("OnFailure")
    return is_equal({**found, "DestinationConfig": {"OnFailure": target}}, wanted)


def invocation_settings(stack: Stack) -> Document:
    """Say what becomes of an event that fails: two more tries, then the failure queue."""
    return {
        "MaximumRetryAttempts": RETRIES,
        "MaximumEventAgeInSeconds": EVENT_AGE_SECONDS,
        "DestinationConfig": {"OnFailure": {"Destination": stack.queue_arn}},
    }


def permission(stack: Stack) -> Document:
    """Let the source bucket, in this account only, invoke the alias (add_permission)."""
    return {
        "FunctionName": stack.function,
        "Qualifier": ALIAS,
        "StatementId": stack.statement_id,
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
        "SourceArn": stack.bucket_arn(stack.source_bucket),
        "SourceAccount": stack.account,
    }


def permission_statement(stack: Stack) -> Document:
    """Give the permission as it reads in the alias's policy (get_policy)."""
    wanted = permission(stack)
    return {
        "Sid": stack.statement_id,
        "Effect": "Allow",
        "Principal": {"Service": wanted["Principal"]},
        "Action": wanted["Action"],
        "Resource": stack.alias_arn,
        "Condition": {
            "ArnLike": {"AWS:SourceArn": wanted["SourceArn"]},
            "StringEquals": {"AWS:SourceAccount": wanted["SourceAccount"]},
        },
    }
