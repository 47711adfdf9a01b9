"""What a deployment finds in the account: the keys of buckets, an existing role, former settings.

Nothing is changed. `prepare` reads it before a plan is made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from pixelater_cli.aws.errors import read_error, translate_errors
from pixelater_cli.aws.former import remember_former
from pixelater_cli.aws.resources.bucket import NO_ENCRYPTION, read_encryption
from pixelater_cli.aws.resources.function import NO_FUNCTION, ROLE_ID_TAG, read_generation
from pixelater_cli.aws.resources.policy_document import LAMBDA
from pixelater_cli.aws.resources.role import NO_ROLE, POLICY_NAME
from pixelater_cli.aws.retries import Sleep, call_patiently
from pixelater_cli.aws.role_state import RoleState
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Document, Stack
from pixelater_cli.errors import AwsError

NO_KEY = ("NotFoundException",)


def adopt(account: Account, stack: Stack, sleep: Sleep, *former: Stack) -> Stack:
    """Return the stack with the keys of its buckets, its role, and what `former` have left.

    Raises AwsError.
    """
    stack = add_role_state(account, stack, sleep)
    if stack.role_state.anew and not stack.role_state.id:
        # IAM may not show a role that an interrupted deploy has created.
        stack = add_role_state(account, stack, sleep, is_patient=True)
    if stack.function_role:
        _check_role(account, stack, sleep)
    if stack.kms_key:
        _check_key(account, stack, sleep)
    source, destination = (
        _find_key(account, stack, former, bucket, sleep)
        for bucket in (stack.source_bucket, stack.destination_bucket)
    )
    found = replace(stack, source_key=source, destination_key=destination)
    return remember_former(found, *former)


def add_role_state(
    account: Account, stack: Stack, sleep: Sleep, *, is_patient: bool = False
) -> Stack:
    """Return the stack with the state of its role, and of the function's ties to it.

    Raises AwsError.
    """
    role = _find_role(account, stack, sleep, is_patient)
    role_id = "" if role is None else role["RoleId"]
    named = {"FunctionName": stack.function}
    with translate_errors(f"read the function {stack.function}"):
        found = _find(account.clients["lambda"].get_function, named, NO_FUNCTION, sleep)
    if found is None:
        return replace(stack, role_state=RoleState(role_id))
    configuration = found["Configuration"]
    taken = (found.get("Tags") or {}).get(ROLE_ID_TAG, "")
    has_role = configuration["Role"] in (stack.role_arn, stack.interim_role_arn)
    anew = has_role and (not role_id or taken not in ("", role_id))
    generation = read_generation(configuration.get("Environment"))
    return replace(stack, role_state=RoleState(role_id, taken, generation + anew, anew))


def check_foreign_policies(account: Account, stack: Stack, sleep: Sleep) -> None:
    """Raise AwsError if others gave policies to a role of the stack: IAM would not delete it."""
    roles = [*stack.former_roles, *([] if stack.function_role else [stack.role])]
    found = [(role, policy) for role in roles for policy in _list_foreign(account, role, sleep)]
    if not found:
        return
    named = "; ".join(f"role {role} has {policy}" for role, policy in found)
    raise AwsError(
        f"IAM does not delete a role with policies that others attached: {named}",
        "Remove them with `aws iam delete-role-policy` (inline) or `aws iam detach-role-policy`, "
        "then destroy again.",
    )


def _find_key(
    account: Account, stack: Stack, former: Sequence[Stack], bucket: str, sleep: Sleep
) -> str:
    """Return the customer managed key that others chose for a bucket, or ""."""
    own = bucket in stack.own_buckets
    if own and stack.kms_key:
        return ""
    with translate_errors(f"read the encryption of {bucket}"):
        try:
            answer = call_patiently(
                account.clients["s3"].get_bucket_encryption, stack.owned(bucket), sleep, _is_absent
            )
        except ClientError as error:
            code, _ = read_error(error)
            # `read_state` explains why access to the whole bucket is denied.
            denied = code == "AccessDenied" and (
                own or not _is_accessible(account, stack, bucket, sleep)
            )
            if not denied and not _is_absent(error):
                raise
            return ""
    found = read_encryption(stack, answer) or ""
    set_before = {key for each in former for key in (each.key_arn(each.kms_key), *each.former_keys)}
    return found if ":kms:" in found and not (own and found in set_before) else ""


def _is_absent(error: ClientError) -> bool:
    return read_error(error)[0] in (NO_ENCRYPTION, "NoSuchBucket")


def _is_accessible(account: Account, stack: Stack, bucket: str, sleep: Sleep) -> bool:
    try:
        call_patiently(account.clients["s3"].head_bucket, stack.owned(bucket), sleep)
    except ClientError:
        return False
    return True


def _find_role(account: Account, stack: Stack, sleep: Sleep, is_patient: bool = False) -> Any:
    """Find the function's role; None if it does not exist."""
    with translate_errors(f"read the role {stack.role}"):
        call, named = account.clients["iam"].get_role, {"RoleName": stack.role}
        found = _find(call, named, NO_ROLE, sleep, is_patient)
    return found and found["Role"]


def _find(
    call: Callable[..., Any],
    parameters: Document,
    absent: tuple[str, ...],
    sleep: Sleep,
    is_patient: bool = False,
) -> Any:
    """Read what may not exist; None then. With patience, wait for what is not seen yet."""

    def is_absent(error: ClientError) -> bool:
        return read_error(error)[0] in absent

    try:
        final = (lambda _error: False) if is_patient else is_absent
        return call_patiently(call, parameters, sleep, final)
    except ClientError as error:
        if not is_absent(error):
            raise
        return None


def _check_key(account: Account, stack: Stack, sleep: Sleep) -> None:
    """Raise AwsError for a key that does not exist, or cannot be used.

    S3 sets it as the encryption of a bucket, but then refuses every object. Who may use a key
    may be forbidden to look at it: then nothing is checked.
    """
    key = stack.key_arn(stack.kms_key)
    with translate_errors(f"read the KMS key {stack.kms_key}"):
        try:
            found = _find(account.clients["kms"].describe_key, {"KeyId": key}, NO_KEY, sleep)
        except ClientError as error:
            if read_error(error)[0] != "AccessDeniedException":
                raise
            return
    state = found["KeyMetadata"]["KeyState"] if found else ""
    if state != "Enabled":
        why = f"is {state}" if state else "does not exist"
        raise AwsError(
            f"the KMS key {stack.kms_key} {why} in {stack.region}",
            "Name a key that exists and is enabled with --kms-key.",
        )


def _check_role(account: Account, stack: Stack, sleep: Sleep) -> None:
    """Raise AwsError for a role that does not exist, or that Lambda cannot assume."""
    role = _find_role(account, stack, sleep)
    if role is None or role["Arn"] != stack.function_role:
        raise AwsError(
            f"the role {stack.function_role} does not exist",
            "Create it, or omit --function-role: then deploy creates one.",
        )
    if not any(map(_trusts_lambda, _as_list(role["AssumeRolePolicyDocument"]["Statement"]))):
        raise AwsError(
            f"the role {stack.function_role} cannot be assumed by Lambda",
            f"Allow {LAMBDA} to sts:AssumeRole in the role's trust policy.",
        )
    if stack.role_state.anew:
        raise AwsError(
            f"the role {stack.function_role} was created again, and the function cannot use it yet",
            "Deploy with another --function-role, then with this one again.",
        )


def _trusts_lambda(statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal", {})
    services = _as_list(principal.get("Service", [])) if isinstance(principal, dict) else []
    actions = _as_list(statement.get("Action", []))
    allowed = any(action in actions for action in ("sts:AssumeRole", "sts:*", "*"))
    return statement["Effect"] == "Allow" and LAMBDA in services and allowed


def _list_foreign(account: Account, role: str, sleep: Sleep) -> list[str]:
    """List the policies of a role that are not the stack's; none if the role does not exist."""
    iam = account.clients["iam"]

    def read(operation: str, part: str) -> list[Any]:
        pages = iam.get_paginator(operation).paginate(RoleName=role)
        return [entry for page in pages for entry in page[part]]

    with translate_errors(f"list the policies of {role}"):
        names, attached = (
            _find(read, {"operation": operation, "part": part}, NO_ROLE, sleep) or []
            for operation, part in (
                ("list_role_policies", "PolicyNames"),
                ("list_attached_role_policies", "AttachedPolicies"),
            )
        )
    return [
        *(f"the inline policy {name}" for name in names if name != POLICY_NAME),
        *(f"the attached policy {policy['PolicyArn']}" for policy in attached),
    ]


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
