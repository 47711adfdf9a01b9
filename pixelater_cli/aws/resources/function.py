"""The function: its settings, its code and its concurrency.

No I/O. Settings come before code: new code never runs with former settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from pixelater_cli.aws.package.package import Package
from pixelater_cli.aws.resources.canonical import is_equal
from pixelater_cli.aws.resources.property import (
    ApiCall,
    Read,
    Ref,
    ResourceProperty,
    change,
    constant,
    describe_change,
    existence,
    exists,
)
from pixelater_cli.aws.resources.role import NO_ROLE, ROLE_ID, creation_parameters
from pixelater_cli.aws.stack import Document, Stack
from pixelater_cli.aws.stack_looks import show_variables, write_looks
from pixelater_function import metadata_secret
from pixelater_function.looks_variable import LOOKS, compress

HANDLER = "pixelater_function.handler.lambda_handler"

TIMEOUT_SECONDS = 300

NO_FUNCTION = ("ResourceNotFoundException",)

ROLE_ID_TAG = "pixelater:role-id"
"""The tag that says which role the function took."""

FORMER_GRIDS = "PIXELATER_FORMER_GRIDS"

GENERATION = "PIXELATER_ROLE_GENERATION"
"""The variable that says how often the function has taken its role anew. The function does not read
it: Lambda publishes a version only if the configuration or the code is another one
(https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html)."""

NOT_EVERYWHERE = frozenset({"LoggingConfig"})
"""Settings that AWS always reports and some emulators never do. What is not reported counts as
wanted; otherwise each deploy to such an emulator would find something to change."""


def list_function_properties(stack: Stack, package: Package) -> Iterator[ResourceProperty]:
    """List the properties of the function: its settings, code, recursion and concurrency."""
    resource, named = f"function {stack.function}", {"FunctionName": stack.function}
    settings = function_configuration(stack)
    wanted = wanted_settings(stack)
    code = {"S3Bucket": stack.code_bucket, "S3Key": package.name_key(stack)}
    create = {
        **named,
        "Code": code,
        "Architectures": [stack.architecture],
        "Description": "Pixelates every photo that lands in the source bucket",
        "Tags": {**stack.tags, ROLE_ID_TAG: Ref(ROLE_ID)},
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
        shown = {
            name: value
            for name, value in wanted.items()
            if name in found and not is_equal(found[name], value)
        }
        changed = {name: settings[name] for name in shown}
        title = describe_change(f"settings of {resource}", found, shown)
        if stack.role_state.anew:
            return _take_role_anew(stack, changed)
        return (_update(title, {**named, **changed}),)

    yield ResourceProperty(
        (resource, "settings"),
        read(partial(pick_settings, list(settings))),
        wanted,
        change_settings,
        reports_all,
        included=True,
    )
    yield _role_id_property(stack)
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


def _update(title: str, parameters: Document) -> ApiCall:
    call = "update_function_configuration"
    return ApiCall(title, "lambda", call, parameters, "function_updated_v2")


def read_generation(environment: Document | None) -> int:
    """Return how often a function has taken its role anew, from its environment."""
    return int(((environment or {}).get("Variables") or {}).get(GENERATION, 0))


def _take_role_anew(stack: Stack, changed: Document) -> tuple[ApiCall, ...]:
    """Return the calls that give the function its role, though it seems to have it.

    To Lambda, an update to the same ARN changes nothing: what it has granted to the role before
    stays void. Another role and back is what helps
    (https://github.com/serverless/examples/issues/279).
    """
    resource, named = f"function {stack.function}", {"FunctionName": stack.function}
    interim = {"RoleName": stack.interim_role}
    create = creation_parameters(stack, f"Of {stack.function} for a moment") | interim
    state = stack.role_state
    ids = f": {state.taken} -> {state.id}" if state.taken and state.id else ""
    return (
        ApiCall(
            *(f"create role {stack.interim_role}", "iam", "create_role", create, "role_exists"),
        ),
        _update(
            f"give {resource} role {stack.interim_role} for a moment",
            {**named, "Role": stack.interim_role_arn},
        ),
        _update(
            f"give {resource} role {stack.role} anew, because it was created again{ids}",
            {**named, **changed, "Role": stack.role_arn},
        ),
        ApiCall(
            *(f"remove role {stack.interim_role}", "iam", "delete_role", interim),
            absent=NO_ROLE,
        ),
    )


def _role_id_property(stack: Stack) -> ResourceProperty:
    """Return as a property which role the function took; None on servers that show no tags."""
    resource, state = f"function {stack.function}", stack.role_state
    named = {"Resource": stack.function_arn}

    def pick(answer: Document) -> str | None:
        tags: dict[str, str] = answer.get("Tags") or {}
        return tags.get(ROLE_ID_TAG, "") if tags else None

    def is_same(found: str | None, _wanted: str | None) -> bool:
        if found is None:
            return True
        return found == state.id if state.id else found not in ("", state.taken)

    tag = {**named, "Tags": {ROLE_ID_TAG: Ref(ROLE_ID)}}
    title = f"note at {resource} the ID of role {stack.role}"
    return ResourceProperty(
        (resource, "role ID"),
        Read("lambda", "list_tags", named, pick, NO_FUNCTION),
        state.id or None,
        constant(ApiCall(title, "lambda", "tag_resource", tag)),
        is_same,
        included=True,
    )


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
    return _show_settings(
        {name: answer.get(name) for name in names if name in answer or name not in NOT_EVERYWHERE}
    )


def _show_settings(settings: Document) -> Document:
    """Return settings with readable looks, and without the secret.

    zlib compresses the same looks differently elsewhere.
    """
    variables = (settings.get("Environment") or {}).get("Variables")
    if not variables:
        return settings
    return {**settings, "Environment": {"Variables": show_variables(variables)}}


def wanted_settings(stack: Stack) -> Document:
    """Return what `pick_settings` should return."""
    return _show_settings(function_configuration(stack))


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
    if looks := compress(write_looks(stack)):
        variables[LOOKS] = looks
    if stack.grids:
        variables["PIXELATER_GRIDS"] = ",".join(str(grid) for grid in stack.grids)
    if stack.former_grids:
        variables[FORMER_GRIDS] = ",".join(stack.former_grids)
    for limit in ("max_pixels", "max_seconds", "max_memory", "max_written"):
        if value := getattr(stack, limit):
            variables[f"PIXELATER_{limit.upper()}"] = str(value)
    if stack.cache_control:
        variables["PIXELATER_CACHE_CONTROL"] = stack.cache_control
    if stack.mirror_deletes:
        variables["PIXELATER_MIRROR_DELETES"] = "true"
    if stack.secret:
        variables[metadata_secret.VARIABLE] = stack.secret
    if stack.role_state.generation:
        variables[GENERATION] = str(stack.role_state.generation)
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
