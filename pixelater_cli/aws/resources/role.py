"""IAM role of the function."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pixelater_cli.aws.resources.policy_document import (
    DECRYPT,
    ENCRYPT,
    LAMBDA,
    allow,
    allow_keys,
    make_policy_document,
    make_trust_policy,
    unite_policies,
)
from pixelater_cli.aws.resources.property import (
    EXISTS,
    ApiCall,
    Read,
    ResourceProperty,
    change,
    constant,
    existence,
    exists,
)
from pixelater_cli.aws.stack import Document, Stack, name_interim
from pixelater_cli.aws.stack_looks import hides_regions, uses_rekognition

POLICY_NAME = "pixelater-pipeline"

NO_ROLE = ("NoSuchEntity",)

ROLE_ID = "RoleId"
"""The output of the calls that read or create the role."""


def list_role_properties(stack: Stack, live: Stack | None = None) -> Iterator[ResourceProperty]:
    """List the properties of the role: that it exists, its trust policy and its permissions.

    With `live`, the settings of the version that runs until another takes its place, the role has
    the permissions of both.
    """
    if stack.function_role:
        yield _existing_role_property(stack)
        return
    resource, named = f"role {stack.role}", {"RoleName": stack.role}
    trust, policy = make_trust_policy(LAMBDA), permissions_policy(stack)
    create = creation_parameters(stack, f"What {stack.function} may do")
    if live is not None:
        policy = unite_policies(permissions_policy(live), policy)
    yield existence(
        resource,
        _read_role(named),
        ApiCall(
            *(f"create {resource}", "iam", "create_role", create, "role_exists"),
            output=ROLE_ID,
            part="Role",
        ),
        ApiCall(f"remove {resource}", "iam", "delete_role", named, absent=NO_ROLE),
    )
    if stack.permissions_boundary:
        yield _boundary_property(stack)
    update = {**named, "PolicyDocument": json.dumps(trust)}
    title = f"change trust of {resource}"
    yield ResourceProperty(
        (resource, "trust"),
        Read("iam", "get_role", named, lambda answer: answer["Role"]["AssumeRolePolicyDocument"]),
        trust,
        constant(ApiCall(title, "iam", "update_assume_role_policy", update)),
        included=True,
    )
    target = {**named, "PolicyName": POLICY_NAME}
    put = {**target, "PolicyDocument": json.dumps(policy)}
    title = f"policy {POLICY_NAME} of {resource}"
    yield ResourceProperty(
        (resource, "policy"),
        Read("iam", "get_role_policy", target, lambda answer: answer["PolicyDocument"], NO_ROLE),
        policy,
        change(title, None, "iam", "put_role_policy", put),
        remove=constant(_delete_policy(resource, target)),
    )


def creation_parameters(stack: Stack, description: str) -> Document:
    """Return the parameters that create the function's role."""
    bounded = {"PermissionsBoundary": stack.permissions_boundary}
    return {
        "RoleName": stack.role,
        "AssumeRolePolicyDocument": json.dumps(make_trust_policy(LAMBDA)),
        "Description": description,
        "Tags": stack.tag_list,
        "Path": stack.role_path,
        **(bounded if stack.permissions_boundary else {}),
    }


def _read_role(named: Document) -> Read:
    return Read("iam", "get_role", named, exists, NO_ROLE, ROLE_ID, "Role")


def list_former_role_properties(stack: Stack) -> Iterator[ResourceProperty]:
    """List the roles that former versions of the function have: a stack's removal removes them.

    So it does with the interim roles that interrupted deploys have left.
    """
    own = () if stack.function_role else (stack.role,)
    interim = (name_interim(role) for role in (*stack.former_roles, *own))
    for name in (*stack.former_roles, *interim):
        resource, named = f"role {name}", {"RoleName": name}
        target = {**named, "PolicyName": POLICY_NAME}
        yield ResourceProperty(
            (resource, EXISTS),
            Read("iam", "get_role", named, exists, NO_ROLE),
            True,
            constant(),
            remove=constant(
                ApiCall(f"remove {resource}", "iam", "delete_role", named, absent=NO_ROLE)
            ),
        )
        yield ResourceProperty(
            (resource, "policy"),
            Read("iam", "get_role_policy", target, exists, NO_ROLE),
            True,
            constant(),
            remove=constant(_delete_policy(resource, target)),
        )


def _delete_policy(resource: str, target: Document) -> ApiCall:
    title = f"remove policy {POLICY_NAME} of {resource}"
    return ApiCall(title, "iam", "delete_role_policy", target, absent=NO_ROLE)


def _existing_role_property(stack: Stack) -> ResourceProperty:
    """Return a role that is not the stack's as a property: it exists or not; nothing sets it."""
    read = _read_role({"RoleName": stack.role})
    return ResourceProperty((f"role {stack.role}", EXISTS), read, True, constant())


def _boundary_property(stack: Stack) -> ResourceProperty:
    """Return the role's permissions boundary as a property. Without one, nothing is removed."""
    resource, named = f"role {stack.role}", {"RoleName": stack.role}
    wanted = stack.permissions_boundary

    def pick(answer: Document) -> str:
        boundary = answer["Role"].get("PermissionsBoundary") or {}
        return str(boundary.get("PermissionsBoundaryArn", ""))

    put = {**named, "PermissionsBoundary": wanted}
    title, call = f"permissions boundary of {resource}", "put_role_permissions_boundary"
    return ResourceProperty(
        (resource, "permissions boundary"),
        Read("iam", "get_role", named, pick),
        wanted,
        change(title, wanted, "iam", call, put),
        included=True,
    )


REKOGNITION = ["rekognition:DetectFaces", "rekognition:DetectText"]
"""Actions without resources
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrekognition.html)."""


def permissions_policy(stack: Stack) -> Document:
    """Return a policy that lets the function read photos, write mosaics, log and record failures.

    To replace a mosaic on condition of its ETag, S3 requires s3:GetObject on it, too
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html). To mirror
    deletes, the function must know that a photo does not exist: S3 tells only callers with
    s3:ListBucket. Pictures with hidden regions are deleted if nothing is found any more.
    aws:ResourceAccount excludes buckets of these names in other accounts. KMS keys may be used
    through S3 only.
    """
    photos, mosaics = map(stack.bucket_arn, (stack.source_bucket, stack.destination_bucket))
    of_buckets = [
        allow("ReadPhotos", ["s3:GetObject"], f"{photos}/*"),
        allow("WriteMosaics", ["s3:GetObject", "s3:PutObject"], f"{mosaics}/*"),
    ]
    if stack.mirror_deletes:
        of_buckets += [
            allow("ListPhotos", ["s3:ListBucket"], photos),
            allow("ListMosaics", ["s3:ListBucket"], mosaics),
        ]
    if stack.mirror_deletes or hides_regions(stack):
        of_buckets.append(allow("DeleteMosaics", ["s3:DeleteObject"], f"{mosaics}/*"))
    keys = [
        *allow_keys(stack, "DecryptPhotos", DECRYPT, [stack.find_key(stack.source_bucket)]),
        *allow_keys(stack, "EncryptMosaics", ENCRYPT, [stack.find_key(stack.destination_bucket)]),
        *allow_keys(stack, "DecryptFormerObjects", DECRYPT, stack.former_keys),
    ]
    own_account = {"Condition": {"StringEquals": {"aws:ResourceAccount": stack.account}}}
    logging = ["logs:CreateLogStream", "logs:PutLogEvents"]
    return make_policy_document(
        *({**statement, **own_account} for statement in of_buckets),
        *keys,
        allow("WriteLog", logging, f"{stack.log_group_arn}:*"),
        allow("RecordFailures", ["sqs:SendMessage"], stack.queue_arn),
        *([allow("FindRegions", REKOGNITION, "*")] if uses_rekognition(stack) else []),
    )
