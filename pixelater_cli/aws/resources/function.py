"""Owns what the function is like, its alias, what becomes of failures, and who may invoke it.

Pure. Events go to the alias, and the alias to a published version, so what runs changes in one step
and can be put back in one. Settings come before code: new code never runs with old settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from pixelater_cli.aws.package.package import Package
from pixelater_cli.aws.resources.canonical import is_equal, list_statements
from pixelater_cli.aws.resources.property import (
    EXISTS,
    ApiCall,
    Key,
    Read,
    Ref,
    ResourceProperty,
    constant,
    describe_change,
    exists,
)
from pixelater_cli.aws.stack import ALIAS, Document, Stack

HANDLER = "pixelater_function.handler.lambda_handler"

TIMEOUT_SECONDS = 300

RETRIES = 2

EVENT_AGE_SECONDS = 6 * 60 * 60
"""An event is tried three times within six hours, the most that Lambda offers."""


NO_FUNCTION = "ResourceNotFoundException"

NOT_EVERYWHERE = frozenset({"LoggingConfig"})
"""Settings that AWS always reports and some emulators never do: what is not reported is taken as
it should be, or deploying there would never be done."""


def list_function_properties(stack: Stack, package: Package) -> Iterator[ResourceProperty]:
    """List the facts of the function and of its alias."""
    yield from _list_function(stack, package)
    yield from _list_alias(stack, package)


def _list_function(stack: Stack, package: Package) -> Iterator[ResourceProperty]:
    resource, named = f"function {stack.function}", {"FunctionName": stack.function}
    settings = function_configuration(stack)
    code = {"S3Bucket": stack.code_bucket, "S3Key": package.name_key(stack)}
    create = {
        **named,
        "Code": code,
        "Architectures": [stack.architecture],
        "Description": "Pixelates every photo that lands in the source bucket",
        "Tags": stack.tags,
        **settings,
    }
    read = partial(Read, "lambda", "get_function_configuration", named, absent=(NO_FUNCTION,))
    removal = ApiCall(f"remove {resource}", "lambda", "delete_function", named, gone=(NO_FUNCTION,))
    yield ResourceProperty(
        (resource, EXISTS),
        read(exists),
        True,
        constant(
            ApiCall(f"create {resource}", "lambda", "create_function", create, "function_active_v2")
        ),
        remove=constant(removal),
    )

    def change_settings(found: Document | None) -> tuple[ApiCall, ...]:
        found = found or {}
        changed = {
            name: value
            for name, value in settings.items()
            if name in found and not is_equal(found[name], value)
        }
        title = describe_change(f"settings of {resource}", found, changed)
        call = "update_function_configuration"
        return (ApiCall(title, "lambda", call, {**named, **changed}, "function_updated_v2"),)

    yield ResourceProperty(
        (resource, "settings"),
        read(partial(_pick_settings, list(settings))),
        settings,
        change_settings,
        _reports_all,
        included=True,
    )
    wanted = _describe_code(stack, package)
    update = {**named, "Architectures": [stack.architecture], **code}
    title = f"change code of {resource} to {package.digest[:12]}"
    yield ResourceProperty(
        (resource, "code"),
        read(_pick_code),
        wanted,
        constant(ApiCall(title, "lambda", "update_function_code", update, "function_updated_v2")),
        included=True,
    )
    yield _describe_recursion(stack)
    yield _describe_concurrency(stack)


def _describe_recursion(stack: Stack) -> ResourceProperty:
    """Describe that Lambda stops an endless loop of uploads, as it does unless told otherwise.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html. moto knows no such
    setting and answers 404.
    """
    resource, named = f"function {stack.function}", {"FunctionName": stack.function}
    put = {**named, "RecursiveLoop": "Terminate"}
    call = "function_recursion_config"
    return ResourceProperty(
        (resource, "recursion"),
        Read(
            "lambda",
            f"get_{call}",
            named,
            lambda answer: answer.get("RecursiveLoop"),
            (NO_FUNCTION, "404"),
        ),
        "Terminate",
        constant(ApiCall(f"let {resource} not run in circles", "lambda", f"put_{call}", put)),
        lambda found, _wanted: found != "Allow",
        included=True,
    )


def _describe_concurrency(stack: Stack) -> ResourceProperty:
    """Describe how many may run at a time: a number is reserved, or none is."""
    resource, named = f"function {stack.function}", {"FunctionName": stack.function}
    title, wanted = f"reserved concurrency of {resource}", stack.concurrency

    def steps(found: int | None) -> tuple[ApiCall, ...]:
        if wanted is None:
            return (ApiCall(f"remove {title}", "lambda", "delete_function_concurrency", named),)
        put = {**named, "ReservedConcurrentExecutions": wanted}
        return (
            ApiCall(
                describe_change(title, found, wanted), "lambda", "put_function_concurrency", put
            ),
        )

    return ResourceProperty(
        (resource, "concurrency"),
        Read(
            "lambda",
            "get_function_concurrency",
            named,
            lambda answer: answer.get("ReservedConcurrentExecutions"),
            (NO_FUNCTION,),
        ),
        wanted,
        steps,
    )


def _list_alias(stack: Stack, package: Package) -> Iterator[ResourceProperty]:
    resource = f"alias {ALIAS} of {stack.function}"
    named = {"FunctionName": stack.function}
    qualified = {**named, "Qualifier": ALIAS}
    settings = function_configuration(stack)
    wanted = {**settings, **_describe_code(stack, package)}

    def pick(answer: Document) -> Document:
        return {**_pick_settings(list(settings), answer), **_pick_code(answer)}

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
    yield ResourceProperty((resource, EXISTS), read, wanted, move, _reports_all)
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


def _pick_settings(names: list[str], answer: Document) -> Document:
    """Take what is reported of some settings; an environment that is empty is not reported."""
    return {
        name: answer.get(name) for name in names if name in answer or name not in NOT_EVERYWHERE
    }


def _pick_code(answer: Document) -> Document:
    architectures = answer.get("Architectures") or ["x86_64"]
    return {"CodeSha256": answer["CodeSha256"], "Architecture": architectures[0]}


def _describe_code(stack: Stack, package: Package) -> Document:
    return {"CodeSha256": package.sha256, "Architecture": stack.architecture}


def _reports_all(found: Document | None, wanted: Document) -> bool:
    return found is not None and all(is_equal(found[name], wanted[name]) for name in found)


def _fails_alike(found: Document | None, wanted: Document) -> bool:
    """Compare without the OnSuccess that Lambda reports beside OnFailure."""
    if found is None:
        return False
    target = (found.get("DestinationConfig") or {}).get("OnFailure")
    return is_equal({**found, "DestinationConfig": {"OnFailure": target}}, wanted)


def function_configuration(stack: Stack) -> Document:
    """Give the function's settings, as create and update_function_configuration take them."""
    variables = {"bucket_1": stack.destination_bucket, "PIXELATER_FAILURES": stack.queue}
    if stack.grids:
        variables["PIXELATER_GRIDS"] = ",".join(str(grid) for grid in stack.grids)
    if stack.max_pixels:
        variables["PIXELATER_MAX_PIXELS"] = str(stack.max_pixels)
    if stack.mirror_deletes:
        variables["PIXELATER_MIRROR_DELETES"] = "true"
    # Where destinations are heeded, too, a failed event would come twice.
    heeded = stack.traits.has_destinations
    letters = {} if heeded else {"DeadLetterConfig": {"TargetArn": stack.queue_arn}}
    return {
        "Runtime": stack.runtime,
        "Role": stack.role_arn,
        "Handler": HANDLER,
        "Timeout": TIMEOUT_SECONDS,
        "MemorySize": stack.memory_mb,
        "Environment": {"Variables": variables},
        "LoggingConfig": {
            "LogFormat": "JSON",
            "ApplicationLogLevel": "INFO",  # The defaults, which Lambda reports once it has them.
            "SystemLogLevel": "INFO",
            "LogGroup": stack.log_group,
        },
        **letters,
    }


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
