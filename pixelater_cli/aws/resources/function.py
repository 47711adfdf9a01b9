"""The function: its settings, its code and its concurrency.

Pure. Settings come before code: new code never runs with old settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from pixelater_cli.aws.package.package import Package
from pixelater_cli.aws.resources.canonical import is_equal
from pixelater_cli.aws.resources.property import (
    EXISTS,
    ApiCall,
    Read,
    ResourceProperty,
    constant,
    describe_change,
    exists,
)
from pixelater_cli.aws.stack import Document, Stack

HANDLER = "pixelater_function.handler.lambda_handler"

TIMEOUT_SECONDS = 300


NO_FUNCTION = "ResourceNotFoundException"

NOT_EVERYWHERE = frozenset({"LoggingConfig"})
"""Settings that AWS always reports and some emulators never do: what is not reported is taken as
it should be, or deploying there would never be done."""


def list_function_properties(stack: Stack, package: Package) -> Iterator[ResourceProperty]:
    """List the properties of the function: its settings, its code and its concurrency."""
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
        read(partial(pick_settings, list(settings))),
        settings,
        change_settings,
        reports_all,
        included=True,
    )
    wanted = describe_code(stack, package)
    update = {**named, "Architectures": [stack.architecture], **code}
    title = f"change code of {resource} to {package.digest[:12]}"
    yield ResourceProperty(
        (resource, "code"),
        read(pick_code),
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


def pick_settings(names: list[str], answer: Document) -> Document:
    """Take what is reported of some settings; an environment that is empty is not reported."""
    return {
        name: answer.get(name) for name in names if name in answer or name not in NOT_EVERYWHERE
    }


def pick_code(answer: Document) -> Document:
    """Take the digest and the architecture of the code."""
    architectures = answer.get("Architectures") or ["x86_64"]
    return {"CodeSha256": answer["CodeSha256"], "Architecture": architectures[0]}


def describe_code(stack: Stack, package: Package) -> Document:
    """Return what `pick_code` should find."""
    return {"CodeSha256": package.sha256, "Architecture": stack.architecture}


def reports_all(found: Document | None, wanted: Document) -> bool:
    """Return whether all settings that are reported are as wanted."""
    return found is not None and all(is_equal(found[name], wanted[name]) for name in found)


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
