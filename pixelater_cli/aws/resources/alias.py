"""The function's alias: the version that runs, what happens to failed events, who may invoke it.

No I/O. Events go to the alias, and the alias to a published version, so one call changes what runs,
and one call changes it back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pixelater_cli.aws.package.package import Package
from pixelater_cli.aws.resources.canonical import is_equal, list_statements
from pixelater_cli.aws.resources.function import (
    NO_FUNCTION,
    pick_code,
    pick_settings,
    reports_all,
    wanted_code,
    wanted_settings,
)
from pixelater_cli.aws.resources.property import (
    EXISTS,
    ApiCall,
    Key,
    Read,
    Ref,
    ResourceProperty,
    change,
)
from pixelater_cli.aws.stack import ALIAS, Document, Stack

RETRIES = 2

EVENT_AGE_SECONDS = 6 * 60 * 60
"""Three attempts within six hours, the most that Lambda offers."""


def list_alias_properties(
    stack: Stack, package: Package, former_sources: Sequence[str] = (), live: Stack | None = None
) -> Iterator[ResourceProperty]:
    """List the properties of the alias: its version, retries and failure queue, its permissions.

    Former source buckets have no permission, but that of `live`, the settings of the version that
    runs until another takes its place.
    """
    resource = f"alias {ALIAS} of {stack.function}"
    named = {"FunctionName": stack.function}
    qualified = {**named, "Qualifier": ALIAS}
    settings = wanted_settings(stack)
    wanted = {**settings, **wanted_code(stack, package)}

    def pick(answer: Document) -> Document:
        return {**pick_settings(list(settings), answer), **pick_code(answer)}

    def move(found: Any) -> tuple[ApiCall, ...]:
        parameters = {**named, "Name": ALIAS, "FunctionVersion": Ref("Version")}
        verb, call = ("create", "create_alias") if found is None else ("move", "update_alias")
        title = f"publish {stack.function}"
        return (
            ApiCall(title, "lambda", "publish_version", named, output="Version"),
            *(of_version.steps(None) if stack.traits.settings_by_version else ()),
            ApiCall(f"{verb} {resource} to that version", "lambda", call, parameters),
        )

    # LocalStack looks aliases up for GetFunction, but not for GetFunctionConfiguration.
    read = Read(
        *("lambda", "get_function", qualified, pick, NO_FUNCTION),
        output="Version",
        part="Configuration",
    )
    yield ResourceProperty((resource, EXISTS), read, wanted, move, reports_all)
    yield _failures_property(stack, (resource, "failures"), ALIAS)
    of_version = _failures_property(stack, (resource, "failures by version"), Ref("Version"))
    if stack.traits.settings_by_version:
        yield replace(of_version, included=True)
    if former_sources:
        yield _former_permission_property(stack, resource, qualified, live)
    yield _permission_property(stack, resource, qualified)


def _failures_property(stack: Stack, key: Key, qualifier: str | Ref) -> ResourceProperty:
    """Return what happens to failed events, for the alias or for the version that it points to."""
    resource, _ = key
    call, wanted = "function_event_invoke_config", invocation_settings(stack)
    qualified = {"FunctionName": stack.function, "Qualifier": qualifier}
    owner = resource if isinstance(qualifier, str) else f"the version of {resource}"
    title = f"retries and failure queue of {owner}"

    def pick(answer: Document) -> Document:
        return {name: answer.get(name) for name in wanted}

    steps = change(title, wanted, "lambda", f"put_{call}", {**qualified, **wanted})
    read = Read("lambda", f"get_{call}", qualified, pick, NO_FUNCTION)
    return ResourceProperty(key, read, wanted, steps, _is_same_without_successes)


def _permission_property(stack: Stack, resource: str, qualified: Document) -> ResourceProperty:
    def pick(answer: Document) -> Document | None:
        statements = list_statements(answer["Policy"])
        return next((each for each in statements if each.get("Sid") == stack.statement_id), None)

    def steps(found: Any) -> tuple[ApiCall, ...]:
        title = f"let {stack.source_bucket} invoke {resource}"
        add = ApiCall(title, "lambda", "add_permission", permission(stack))
        if found is None:
            return (add,)
        outdated = {**qualified, "StatementId": stack.statement_id}
        title = f"remove outdated permission of {resource}"
        return (ApiCall(title, "lambda", "remove_permission", outdated), add)

    read = Read("lambda", "get_policy", qualified, pick, NO_FUNCTION)
    return ResourceProperty((resource, "permission"), read, permission_statement(stack), steps)


def _former_permission_property(
    stack: Stack, resource: str, qualified: Document, live: Stack | None
) -> ResourceProperty:
    """Return the permission of a former source bucket, while the version `live` still needs it."""
    sid = f"{stack.statement_id}-former"
    former = permission(stack if live is None else live) | {"StatementId": sid}
    statement = {**permission_statement(stack if live is None else live), "Sid": sid}
    wanted = None if live is None or live.source_bucket == stack.source_bucket else statement

    def pick(answer: Document) -> Document | None:
        statements = list_statements(answer["Policy"])
        return next((each for each in statements if each.get("Sid") == sid), None)

    def steps(found: Any) -> tuple[ApiCall, ...]:
        title = f"no longer let a former source bucket invoke {resource}"
        target = {**qualified, "StatementId": sid}
        remove = ApiCall(title, "lambda", "remove_permission", target, absent=NO_FUNCTION)
        title = f"let the former source bucket invoke {resource} until it is replaced"
        add = ApiCall(title, "lambda", "add_permission", former)
        return (*((remove,) if found else ()), *((add,) if wanted else ()))

    read = Read("lambda", "get_policy", qualified, pick, NO_FUNCTION)
    return ResourceProperty((resource, "former permission"), read, wanted, steps)


def _is_same_without_successes(found: Document | None, wanted: Document) -> bool:
    """Compare without the OnSuccess that Lambda reports next to OnFailure."""
    if found is None:
        return False
    target = (found.get("DestinationConfig") or {}).get("OnFailure")
    return is_equal({**found, "DestinationConfig": {"OnFailure": target}}, wanted)


def invocation_settings(stack: Stack) -> Document:
    """Return what happens to a failed event: two retries, then the failure queue."""
    return {
        "MaximumRetryAttempts": RETRIES,
        "MaximumEventAgeInSeconds": EVENT_AGE_SECONDS,
        "DestinationConfig": {"OnFailure": {"Destination": stack.queue_arn}},
    }


def permission(stack: Stack) -> Document:
    """Return the permission of the source bucket, in this account only, for add_permission."""
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
    """Return the permission as the alias's policy has it (get_policy)."""
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
