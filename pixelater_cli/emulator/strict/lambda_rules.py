"""The rules of Lambda that moto lacks, each with the page of AWS's documentation it follows."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.awslambda.utils import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID

from pixelater_cli.emulator.strict import lambda_limits as limits
from pixelater_cli.emulator.strict.lambda_limits import wrong
from pixelater_cli.emulator.strict.lambda_request import LambdaRequest, find_function
from pixelater_cli.emulator.strict.lambda_states import refuse_while_busy
from pixelater_cli.emulator.strict.refusal import Refusal
from pixelater_cli.emulator.strict.s3_state import find_bucket
from pixelater_cli.emulator.strict.shapes import (
    Finding,
    WrongKindError,
    describe_faults,
    find_faults,
    find_in_text,
    parse_json,
)

API = "https://docs.aws.amazon.com/lambda/latest/api"
GUIDE = "https://docs.aws.amazon.com/lambda/latest/dg"

LATEST = "$LATEST"
MAX_ZIP_BYTES = 50 * 2**20
MAX_UNZIPPED_BYTES = 262_144_000

UPDATES = ("UpdateFunctionCode", "UpdateFunctionConfiguration", "PublishVersion")


def check_operation(request: LambdaRequest) -> None:
    """Refuse requests for what Lambda does not have. Raises Refusal."""
    if request.operation is None:
        raise Refusal(
            404, "ResourceNotFoundException", "The resource you requested does not exist."
        )


def check_members(request: LambdaRequest) -> None:
    """Refuse members that are missing or do not meet their constraints. Raises Refusal."""
    shape = request.operation.input_shape
    if shape is None:
        return
    document = {**request.document, **request.parameters}
    faults: list[Finding] = []
    try:
        for name, member in shape.members.items():
            faults += _find_faults(request, name, member)
    except WrongKindError as error:
        raise Refusal(400, "SerializationException", str(error)) from None
    faults += [
        (name[:1].lower() + name[1:], "Member must not be null")
        for name in shape.required_members
        if document.get(name) is None and name != shape.serialization.get("payload")
    ]
    if faults:
        raise Refusal(400, "ValidationException", describe_faults(faults, document))


def _find_faults(request: LambdaRequest, name: str, member: Any) -> list[Finding]:
    path = name[:1].lower() + name[1:]
    if name in request.parameters and member.type_name == "string":
        return list(find_in_text(request.parameters[name], member, path))
    if name in request.parameters and member.type_name in ("integer", "long"):
        if not request.parameters[name].lstrip("-").isdecimal():
            raise WrongKindError(f"{path} is not a number")
        return list(find_faults(int(request.parameters[name]), member, path))
    return list(find_faults(request.document.get(name), member, path))


def check_state(request: LambdaRequest) -> None:
    """Refuse to run, change or publish a function that is not ready. Raises Refusal."""
    kinds = {
        "Invoke": ("Pending",),
        "InvokeAsync": ("Pending",),
        **dict.fromkeys(UPDATES, ("Pending", "InProgress")),
    }.get(request.name)
    function = request.function if kinds else None
    if kinds and function is not None:
        refuse_while_busy(function, kinds)


def check_payload(request: LambdaRequest) -> None:
    """Refuse an event that is no JSON. Raises Refusal."""
    if request.name not in ("Invoke", "InvokeAsync") or not request.body:
        return
    try:
        parse_json(request.body)
    except ValueError as error:
        message = f"Could not parse request body into json: {error}"
        fields = {"Type": "User"}
        raise Refusal(400, "InvalidRequestContentException", message, fields) from None


def check_code(request: LambdaRequest) -> None:
    """Refuse code that is no zip, or is not where it should be. Raises Refusal."""
    if request.name == "CreateFunction":
        code = request.document.get("Code") or {}
    elif request.name == "UpdateFunctionCode":
        code = request.document
    else:
        return
    if code.get("ZipFile") is not None:
        _check_zip(base64.b64decode(code["ZipFile"]))
    elif code.get("S3Bucket") and code.get("S3Key"):
        _check_zip(_read_stored(code["S3Bucket"], code["S3Key"]))
    elif not code.get("ImageUri"):
        raise wrong("Please provide a source for function code.")


def _read_stored(bucket: str, key: str) -> bytes:
    found = find_bucket(bucket)
    problem = "Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}"
    if found is None:
        told = "The specified bucket does not exist"
        raise wrong(problem.format("NoSuchBucket", told))
    stored = found.stored.keys.get(key)
    if not hasattr(stored, "value"):
        raise wrong(problem.format("NoSuchKey", "The specified key does not exist."))
    data: bytes = stored.value
    return data


def _check_zip(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sizes = [member.file_size for member in archive.infolist()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        raise wrong(
            "Could not unzip uploaded file. Please check your file, then try to upload again."
        ) from None
    if not sizes:
        raise wrong("Uploaded file must be a non-empty zip")
    if sum(sizes) > MAX_UNZIPPED_BYTES:
        raise wrong(f"Unzipped size must be smaller than {MAX_UNZIPPED_BYTES} bytes")


def check_revision(request: LambdaRequest) -> None:
    """Refuse a change of another revision than the one named. Raises Refusal."""
    given = request.document.get("RevisionId")
    if not given or request.name not in (*UPDATES, "UpdateAlias"):
        return
    latest: object = request.function
    if latest is None:
        return
    if request.name == "UpdateAlias":
        backend = get_backend(DEFAULT_ACCOUNT_ID, request.region)
        aliases = {one.name: one for one in _list_aliases(backend, request.function_name)}
        latest = aliases.get(request.parameters.get("Name", ""))
    if latest is not None and given != getattr(latest, "revision_id", given):
        raise Refusal(
            412,
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the "
            "GetFunction/GetAlias API to retrieve the latest Revision Id",
        )


def check_digest(request: LambdaRequest) -> None:
    """Refuse to publish other code than the one named. Raises Refusal."""
    given = request.document.get("CodeSha256")
    function = request.function if request.name == "PublishVersion" and given else None
    if function is not None and given != function.code_sha_256:
        raise wrong(
            f"CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST "
            f"({function.code_sha_256}). Please try again with the CodeSHA256 in $LATEST."
        )


def check_statement(request: LambdaRequest) -> None:
    """Refuse a second statement of the same name. Raises Refusal."""
    function = request.function if request.name == "AddPermission" else None
    if function is None:
        return
    sid = request.document["StatementId"]
    base = f"{function.function_arn.partition(':function:')[0]}:function:{request.function_name}"
    resource = f"{base}:{request.qualifier}" if request.qualifier else base
    for statement in function.policy.statements:
        if (statement.get("Sid"), statement.get("Resource")) == (sid, resource):
            raise Refusal(
                409,
                "ResourceConflictException",
                f"The statement id ({sid}) provided already exists. Please provide a new "
                "statement id, or remove the existing statement.",
            )


def check_deletion(request: LambdaRequest) -> None:
    """Refuse to delete a version that an alias names, an alias, or $LATEST. Raises Refusal."""
    if request.name != "DeleteFunction" or not request.qualifier:
        return
    qualifier, function = request.qualifier, request.function
    if function is None:
        return
    if qualifier == LATEST:
        raise wrong("$LATEST version cannot be deleted without deleting the function.")
    backend = get_backend(DEFAULT_ACCOUNT_ID, request.region)
    aliases = _list_aliases(backend, request.function_name)
    if any(alias.name == qualifier for alias in aliases):
        raise wrong("Deletion of aliases is not currently supported.")
    users = [alias.name for alias in aliases if qualifier in _list_versions(alias)]
    version = find_function(request.region, request.function_name, qualifier)
    if users and version is not None:
        raise Refusal(
            409,
            "ResourceConflictException",
            f"Alias: {users} reference this version ({version.function_arn}). Please remove the "
            "alias from pointing to this version before deleting the function version",
        )


def _list_aliases(backend: Any, function: str) -> list[Any]:
    return list(backend.list_aliases(function))


def _list_versions(alias: Any) -> set[str]:
    weights = (alias.routing_config or {}).get("AdditionalVersionWeights") or {}
    return {alias.function_version, *weights}


@dataclass(frozen=True)
class Rule:
    """What Lambda refuses, where AWS says so, and the check: it raises Refusal."""

    refused: str
    page: str
    check: Callable[[LambdaRequest], None]


RULES = (
    Rule("an operation that does not exist", f"{API}/API_Operations.html", check_operation),
    Rule("members without their constraints", f"{API}/CommonErrors.html", check_members),
    Rule(
        "members that an operation does not have",
        f"{API}/API_UpdateFunctionConfiguration.html",
        limits.check_known,
    ),
    Rule(
        "a timeout or a name that is too long",
        f"{API}/API_CreateFunction.html",
        limits.check_limits,
    ),
    Rule(
        "environment variables of more than 4 KB",
        f"{GUIDE}/gettingstarted-limits.html",
        limits.check_variables,
    ),
    Rule("a marker of no list", f"{API}/API_ListFunctions.html", limits.check_marker),
    Rule("an event source mapping", f"{GUIDE}/invocation-recursion.html", limits.check_trigger),
    Rule(
        "reserving more than an account may",
        f"{GUIDE}/configuration-concurrency.html",
        limits.check_concurrency,
    ),
    Rule("an event that is no JSON", f"{API}/API_Invoke.html#API_Invoke_Errors", check_payload),
    Rule("a function that is not ready", f"{GUIDE}/functions-states.html", check_state),
    Rule("another revision", f"{API}/API_UpdateFunctionCode.html", check_revision),
    Rule("code that is no zip", f"{GUIDE}/configuration-function-zip.html", check_code),
    Rule("a digest of other code", f"{API}/API_PublishVersion.html", check_digest),
    Rule("a statement of the same name", f"{API}/API_AddPermission.html", check_statement),
    Rule("deleting what is in use", f"{API}/API_DeleteFunction.html", check_deletion),
)
"""Checked in this order."""
