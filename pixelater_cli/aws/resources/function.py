"""The function: its settings, its code and its concurrency.

Pure. Settings come before code: new code never runs with former settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from pixelater_cli.aws.package.package import Package
from pixelater_cli.aws.resources.canonical import is_equal
from pixelater_cli.aws.resources.property import (
    ApiCall,
    Read,
    ResourceProperty,
    change,
    constant,
    describe_change,
    existence,
    exists,
)
from pixelater_cli.aws.stack import Document, Stack

HANDLER = "pixelater_function.handler.lambda_handler"

TIMEOUT_SECONDS = 300

NO_FUNCTION = ("ResourceNotFoundException",)

NOT_EVERYWHERE = frozenset({"LoggingConfig"})
"""Settings that AWS always reports and some emulators never do. What is not reported counts as
wanted; otherwise each deploy to such an emulator would find something to change."""


def list_function_properties(stack: Stack, package: Package) -> Iterator[ResourceProperty]:
    """List the properties of the function: its settings, code, recursion and concurrency."""
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
    read = partial(Read, "lambda", "get_function_configuration", named, absent=NO_FUNCTION)
    yield existence(
        resource,
        read(exists),
        ApiCall(f"create {resource}", "lambda", "create_function", create, "function_active_v2"),
        ApiCall(f"remove {resource}", "lambda", "delete_function", named, absent=NO_FUNCTION),
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
        read(partial(pick_settings, list(settings))),
        settings,
        change_settings,
        reports_all,
        included=True,
    )
    update = {**named, "Architectures": [stack.architecture], **code}
    title = f"change code of {resource} to {package.digest[:12]}"
    yield ResourceProperty(
        (resource, "code"),
        read(pick_code),
        wanted_code(stack, package),
        constant(ApiCall(title, "lambda", "update_function_code", update, "function_updated_v2")),
        included=True,
    )
    # Lambda ends endless loops of uploads, unless that is turned off. moto answers 404.
    # https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
    title, put = f"let {resource} not run in circles", {**named, "RecursiveLoop": "Terminate"}
    yield ResourceProperty(
        (resource, "recursion"),
        Read(
            *("lambda", "get_function_recursion_config", named),
            lambda answer: answer.get("RecursiveLoop"),
            (*NO_FUNCTION, "404"),
        ),
        "Terminate",
        constant(ApiCall(title, "lambda", "put_function_recursion_config", put)),
        lambda found, _wanted: found != "Allow",
        included=True,
    )
    yield _concurrency_property(stack)


def _concurrency_property(stack: Stack) -> ResourceProperty:
    """Return the reserved concurrency as a property; None: nothing is reserved."""
    resource, named = f"function {stack.function}", {"FunctionName": stack.function}
    title, wanted, call = f"reserved concurrency of {resource}", stack.concurrency, "concurrency"

    put = {**named, "ReservedConcurrentExecutions": wanted}
    steps = change(title, wanted, "lambda", f"put_function_{call}", put)
    if wanted is None:
        steps = constant(ApiCall(f"remove {title}", "lambda", f"delete_function_{call}", named))

    def pick(answer: Document) -> int | None:
        return answer.get("ReservedConcurrentExecutions")

    read = Read("lambda", f"get_function_{call}", named, pick, NO_FUNCTION)
    return ResourceProperty((resource, "concurrency"), read, wanted, steps)


def pick_settings(names: list[str], answer: Document) -> Document:
    """Pick the settings of these names; Lambda does not report an empty environment."""
    return {
        name: answer.get(name) for name in names if name in answer or name not in NOT_EVERYWHERE
    }


def pick_code(answer: Document) -> Document:
    """Pick the hash and the architecture of the code."""
    architectures = answer.get("Architectures") or ["x86_64"]
    return {"CodeSha256": answer["CodeSha256"], "Architecture": architectures[0]}


def wanted_code(stack: Stack, package: Package) -> Document:
    """Return what `pick_code` should return."""
    return {"CodeSha256": package.sha256, "Architecture": stack.architecture}


def reports_all(found: Document | None, wanted: Document) -> bool:
    """Return whether all settings that are reported are as wanted."""
    return found is not None and all(is_equal(found[name], wanted[name]) for name in found)


def function_configuration(stack: Stack) -> Document:
    """Return the function's settings, as create and update_function_configuration take them."""
    variables = {"bucket_1": stack.destination_bucket, "PIXELATER_FAILURES": stack.queue}
    if stack.grids:
        variables["PIXELATER_GRIDS"] = ",".join(str(grid) for grid in stack.grids)
    if stack.former_grids:
        variables["PIXELATER_FORMER_GRIDS"] = ",".join(str(grid) for grid in stack.former_grids)
    if stack.max_pixels:
        variables["PIXELATER_MAX_PIXELS"] = str(stack.max_pixels)
    if stack.mirror_deletes:
        variables["PIXELATER_MIRROR_DELETES"] = "true"
    # Where destinations work, too, a failed event would come twice.
    needs_dead_letters = not stack.traits.has_destinations
    dead_letters = {"DeadLetterConfig": {"TargetArn": stack.queue_arn}}
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
        **(dead_letters if needs_dead_letters else {}),
    }
