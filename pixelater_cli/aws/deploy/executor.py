"""boto3 calls on a stack: `read_state` reads the current state, `apply` executes a plan."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from pixelater_cli.aws.deploy.plan import find_differing
from pixelater_cli.aws.errors import CONTINUE_HINT, read_error, translate_errors
from pixelater_cli.aws.package.package import Package
from pixelater_cli.aws.resources.property import (
    EXISTS,
    ApiCall,
    FoundValues,
    Key,
    Read,
    Ref,
    ResourceProperty,
)
from pixelater_cli.aws.retries import (
    POLL_SECONDS,
    Now,
    Sleep,
    call_patiently,
    is_done_before,
    wait_for,
)
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_cli.errors import AwsError

EMULATOR_POLL_SECONDS = 0.1
"""Interval of asking an emulator whether a function is ready: its functions settle faster."""

DELETE_AT_A_TIME = 1000
"""The most that S3 takes: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html.
LocalStack may list more than that at a time."""

NOT_IN_XML = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters of keys that a request with a list of keys cannot hold
(https://www.w3.org/TR/xml/#charsets)."""

CONVERGENCE_SECONDS = 120.0
"""How long AWS may answer as before a change: SQS a minute
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html),
IAM longer at times (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html)."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 15.0
"""Pauses between reads double from the first to the longest."""

NO_PACKAGE = ("404", "403", "NoSuchBucket")

WAITER_PARAMETERS = ("Bucket", "RoleName", "FunctionName")


@dataclass(frozen=True)
class CurrentState:
    """The current value of each property, and the outputs that API calls may need."""

    found: FoundValues
    outputs: Mapping[str, str]


def read_state(
    account: Account, properties: Iterable[ResourceProperty], sleep: Sleep
) -> CurrentState:
    """Read the current value of properties, changing nothing. Raises AwsError."""
    return _reread(account, properties, CurrentState({}, {}), sleep)


def await_state(
    account: Account,
    properties: Sequence[ResourceProperty],
    state: CurrentState,
    sleep: Sleep,
    now: Now,
) -> CurrentState:
    """Read again what differs from what is wanted, until nothing does or the time is up.

    AWS may answer for seconds as before a change: SQS up to a minute, IAM for minutes. Raises
    AwsError.
    """
    started, pause = now(), FIRST_PAUSE
    while differing := _find_unsettled(properties, state):
        left = started + CONVERGENCE_SECONDS - now()
        if left <= 0:
            break
        sleep(min(pause, left))
        pause = min(pause * 2, LONGEST_PAUSE)
        state = _reread(account, differing, state, sleep)
    return state


def _find_unsettled(
    properties: Sequence[ResourceProperty], state: CurrentState
) -> tuple[ResourceProperty, ...]:
    """Find what differs; the settings of what is not found cannot be read."""
    missing = {
        each.key[0]
        for each in properties
        if each.key[1] == EXISTS and state.found.get(each.key) is None and each.wanted is not None
    }
    differing = {each.key for each in find_differing(properties, state.found)}
    return tuple(each for each in properties if each.key in differing or each.key[0] in missing)


def _reread(
    account: Account, properties: Iterable[ResourceProperty], state: CurrentState, sleep: Sleep
) -> CurrentState:
    """Read properties in place of what was found of them."""
    found: dict[Key, Any] = dict(state.found)
    outputs = dict(state.outputs)
    with translate_errors():
        for each in properties:
            resource, aspect = each.key
            absent = aspect != EXISTS and found.get((resource, EXISTS)) is None
            found[each.key] = None if absent else _read(account, each.read, outputs, sleep)
    return CurrentState(found, outputs)


def find_stored(account: Account, stack: Stack, digest: str, sleep: Sleep) -> Package | None:
    """Find the package of a digest in the code bucket, so that it need not be built again."""
    key = Package(digest, "", b"").name_key(stack)
    with translate_errors():
        try:
            place = {**stack.owned(stack.code_bucket), "Key": key}
            head = call_patiently(
                account.clients["s3"].head_object,
                place,
                sleep,
                lambda error: read_error(error)[0] in NO_PACKAGE,
            )
        except ClientError as error:
            # `read_state` explains a 403.
            if read_error(error)[0] not in NO_PACKAGE:
                raise
            return None
    sha256 = head["Metadata"].get("sha256")
    return None if sha256 is None else Package(digest, sha256, b"")


def apply(
    account: Account,
    steps: Sequence[ApiCall],
    outputs: Mapping[str, str],
    done: Callable[[ApiCall], None],
    sleep: Sleep,
) -> dict[str, str]:
    """Execute a plan, and call `done` after each step; return the outputs. Raises AwsError."""
    values = dict(outputs)
    for step in steps:
        with translate_errors(step.title):
            _call(account, step, values, sleep)
        done(step)
    return values


def _read(account: Account, read: Read, outputs: dict[str, str], sleep: Sleep) -> Any:
    """Read the value of one property; None for the error codes of what is absent."""
    call = getattr(account.clients[read.service], read.operation)
    parameters = fill_in(read.parameters, outputs)
    try:
        answer = call_patiently(
            call, parameters, sleep, lambda error: read_error(error)[0] in read.absent
        )
    except ClientError as error:
        code, _ = read_error(error)
        # HEAD has no body, so the code is the status; 403 does not mean absent.
        if read.operation == "head_bucket" and code == "403":
            raise AwsError(
                f"the bucket {read.parameters['Bucket']} belongs to another account, or this user "
                "has no access to it",
                "Leave out --plain-names, or check the signed-in account.",
            ) from error
        if code not in read.absent:
            raise
        return None
    if read.operation == "head_bucket":
        _check_region(account, read.parameters["Bucket"], answer)
    if read.part:
        answer = answer[read.part]
    if read.output:
        outputs[read.output] = answer[read.output]
    return read.pick(answer)


def _call(account: Account, step: ApiCall, values: dict[str, str], sleep: Sleep) -> None:
    client = account.clients[step.service]
    parameters = fill_in(step.parameters, values)
    if step.body is not None:
        parameters["Body"] = step.body
    if step.operation == "delete_objects":
        _empty_bucket(client, parameters, sleep)
        return
    call = getattr(client, step.operation)
    try:
        answer = call_patiently(
            call, parameters, sleep, lambda error: read_error(error)[0] in step.absent
        )
    except ClientError as error:
        if read_error(error)[0] in step.absent:
            return
        done = is_done_before(step.operation, error) or _is_stored(client, parameters, error)
        if not done:
            raise
        answer = _read_created(client, step, parameters, sleep) if step.output else {}
    if step.output:
        values[step.output] = (answer[step.part] if step.part else answer)[step.output]
    if step.wait:
        names = {name: parameters[name] for name in WAITER_PARAMETERS if name in parameters}
        poll_seconds = EMULATOR_POLL_SECONDS if account.emulated else POLL_SECONDS
        wait_for(client, step.wait, names, sleep, poll_seconds)


def _is_stored(s3: Any, parameters: Mapping[str, Any], error: ClientError) -> bool:
    """Return whether an object that must not exist before is one that an earlier attempt stored."""
    if "IfNoneMatch" not in parameters or read_error(error)[0] != "PreconditionFailed":
        return False
    target = {name: parameters[name] for name in ("Bucket", "Key", "ExpectedBucketOwner")}
    stored: bytes = s3.get_object(**target)["Body"].read()
    return bool(stored == parameters["Body"])


def _read_created(client: Any, step: ApiCall, parameters: dict[str, Any], sleep: Sleep) -> Any:
    """Read what an earlier attempt has created, whose answer was lost."""
    read = getattr(client, step.operation.replace("create_", "get_"))
    named = {name: parameters[name] for name in WAITER_PARAMETERS if name in parameters}
    return call_patiently(read, named, sleep)


def _empty_bucket(s3: Any, owned: dict[str, Any], sleep: Sleep) -> None:
    """Delete all objects, their earlier versions and delete markers.

    Each listing is from the start, because LocalStack does not continue after every key.
    """
    before: list[dict[str, str]] = []
    while versions := _list_versions(s3, owned, sleep):
        if versions == before:
            raise AwsError(
                f"S3 did not delete {versions[0]['Key']}, and does not say why", CONTINUE_HINT
            )
        for version in versions:
            if NOT_IN_XML.search(version["Key"]):
                call_patiently(s3.delete_object, {**owned, **version}, sleep)
        listed = [version for version in versions if not NOT_IN_XML.search(version["Key"])]
        for start in range(0, len(listed), DELETE_AT_A_TIME):
            batch = listed[start : start + DELETE_AT_A_TIME]
            request = {**owned, "Delete": {"Objects": batch, "Quiet": True}}
            answer = call_patiently(s3.delete_objects, request, sleep)
            for error in answer.get("Errors", []):
                raise AwsError(
                    f"S3 did not delete {error['Key']}: {error['Code']}: {error['Message']}",
                    CONTINUE_HINT,
                )
        before = versions


def _list_versions(s3: Any, owned: dict[str, Any], sleep: Sleep) -> list[dict[str, str]]:
    """List the first page of a bucket's objects, their earlier versions and delete markers."""
    page = call_patiently(s3.list_object_versions, owned, sleep)
    entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
    return [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in entries]


def fill_in(parameters: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """Put values in the place of their names, at any depth."""

    def fill(value: Any) -> Any:
        if isinstance(value, Ref):
            return values[value.name]
        return fill_in(value, values) if isinstance(value, dict) else value

    return {name: fill(value) for name, value in parameters.items()}


def _check_region(account: Account, bucket: str, answer: Mapping[str, Any]) -> None:
    region = answer.get("BucketRegion") or account.region
    if region != account.region:
        raise AwsError(
            f"the bucket {bucket} is in {region}, not in {account.region}",
            f"A bucket invokes functions in its own region only: deploy with --region {region}.",
        )
