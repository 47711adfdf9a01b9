"""Owns what the function is like, its alias, what becomes of failures, and who may invoke it.

Pure. Events go to the alias, and the alias to a published version, so what runs changes in one step
and can be put back in one. Settings come before code: new code never runs with old settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from pixelater_cli.aws import documents as want
from pixelater_cli.aws.canonical import is_equal, list_statements
from pixelater_cli.aws.facts import EXISTS, Fact, Key, Output, Read, Step, is_there, just, word
from pixelater_cli.aws.stack import ALIAS, Document, Package, Stack

NO_FUNCTION = "ResourceNotFoundException"

NOT_EVERYWHERE = frozenset({"LoggingConfig"})
"""Settings that AWS always reports and some emulators never do: what is not reported is taken as
it should be, or deploying there would never be done."""


def list_function_facts(stack: Stack, package: Package) -> Iterator[Fact]:
    """List the facts of the function and of its alias."""
    yield from _list_function(stack, package)
    yield from _list_alias(stack, package)


def _list_function(stack: Stack, package: Package) -> Iterator[Fact]:
    resource, named = f"function {stack.function}", {"FunctionName": stack.function}
    settings = want.function_configuration(stack)
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
    removal = Step(f"remove {resource}", "lambda", "delete_function", named, gone=(NO_FUNCTION,))
    yield Fact(
        (resource, EXISTS),
        read(is_there),
        True,
        just(Step(f"create {resource}", "lambda", "create_function", create, "function_active_v2")),
        remove=just(removal),
    )

    def change_settings(found: Document | None) -> tuple[Step, ...]:
        found = found or {}
        changed = {
            name: value
            for name, value in settings.items()
            if name in found and not is_equal(found[name], value)
        }
        title = word(f"settings of {resource}", found, changed)
        call = "update_function_configuration"
        return (Step(title, "lambda", call, {**named, **changed}, "function_updated_v2"),)

    yield Fact(
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
    yield Fact(
        (resource, "code"),
        read(_pick_code),
        wanted,
        just(Step(title, "lambda", "update_function_code", update, "function_updated_v2")),
        included=True,
    )
    yield _describe_recursion(stack)
    yield _describe_concurrency(stack)


def _describe_recursion(stack: Stack) -> Fact:
    """Describe that Lambda stops an endless loop of uploads, as it does unless told otherwise.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html. moto knows no such
    setting and answers 404.
    """
    resource, named = f"function {stack.function}", {"FunctionName": stack.function}
    put = {**named, "RecursiveLoop": "Terminate"}
    call = "function_recursion_config"
    return Fact(
        (resource, "recursion"),
        Read(
            "lambda",
            f"get_{call}",
            named,
            lambda answer: answer.get("RecursiveLoop"),
            (NO_FUNCTION, "404"),
        ),
        "Terminate",
        just(Step(f"let {resource} not run in circles", "lambda", f"put_{call}", put)),
        lambda found, _wanted: found != "Allow",
        included=True,
    )


def _describe_concurrency(stack: Stack) -> Fact:
    """Describe how many may run at a time: a number is reserved, or none is."""
    resource, named = f"function {stack.function}", {"FunctionName": stack.function}
    title, wanted = f"reserved concurrency of {resource}", stack.concurrency

    def steps(found: int | None) -> tuple[Step, ...]:
        if wanted is None:
            return (Step(f"remove {title}", "lambda", "delete_function_concurrency", named),)
        put = {**named, "ReservedConcurrentExecutions": wanted}
        return (Step(word(title, found, wanted), "lambda", "put_function_concurrency", put),)

    return Fact(
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


def _list_alias(stack: Stack, package: Package) -> Iterator[Fact]:
    resource = f"alias {ALIAS} of {stack.function}"
    named = {"FunctionName": stack.function}
    qualified = {**named, "Qualifier": ALIAS}
    settings = want.function_configuration(stack)
    wanted = {**settings, **_describe_code(stack, package)}

    def pick(answer: Document) -> Document:
        return {**_pick_settings(list(settings), answer), **_pick_code(answer)}

    def move(found: Any) -> tuple[Step, ...]:
        place = {**named, "Name": ALIAS, "FunctionVersion": Output("Version")}
        verb, call = ("create", "create_alias") if found is None else ("move", "update_alias")
        return (
            Step(f"publish {stack.function}", "lambda", "publish_version", named, keep="Version"),
            *(of_version.steps(None) if stack.traits.settings_by_version else ()),
            Step(f"{verb} {resource} to that version", "lambda", call, place),
        )

    # LocalStack looks aliases up for GetFunction, but not for GetFunctionConfiguration.
    read = Read(
        *("lambda", "get_function", qualified, pick, (NO_FUNCTION,)),
        keep="Version",
        part="Configuration",
    )
    yield Fact((resource, EXISTS), read, wanted, move, _reports_all)
    yield _describe_failures(stack, (resource, "failures"), ALIAS)
    of_version = _describe_failures(stack, (resource, "failures by version"), Output("Version"))
    if stack.traits.settings_by_version:
        yield replace(of_version, included=True)
    yield _describe_permission(stack, resource, qualified)


def _describe_failures(stack: Stack, key: Key, qualifier: str | Output) -> Fact:
    """Describe what becomes of events that fail, for the alias or for the version it stands for."""
    resource, _ = key
    call, failures = "function_event_invoke_config", want.invocation_settings(stack)
    qualified = {"FunctionName": stack.function, "Qualifier": qualifier}
    whose = resource if isinstance(qualifier, str) else f"the version of {resource}"
    title = f"retries and failure queue of {whose}"
    return Fact(
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
            Step(word(title, found, failures), "lambda", f"put_{call}", {**qualified, **failures}),
        ),
    )


def _describe_permission(stack: Stack, resource: str, qualified: Document) -> Fact:
    def pick(answer: Document) -> Document | None:
        statements = list_statements(answer["Policy"])
        return next((one for one in statements if one.get("Sid") == stack.statement_id), None)

    def steps(found: Any) -> tuple[Step, ...]:
        title = f"let {stack.source_bucket} invoke {resource}"
        add = Step(title, "lambda", "add_permission", want.permission(stack))
        if found is None:
            return (add,)
        old = {**qualified, "StatementId": stack.statement_id}
        return (
            Step(f"remove outdated permission of {resource}", "lambda", "remove_permission", old),
            add,
        )

    read = Read("lambda", "get_policy", qualified, pick, (NO_FUNCTION,))
    return Fact((resource, "permission"), read, want.permission_statement(stack), steps)


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
