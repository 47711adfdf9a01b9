"""Parts of IAM policies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pixelater_cli.aws.resources.canonical import is_equal
from pixelater_cli.aws.stack import Document, Stack

DECRYPT = ("kms:Decrypt",)
ENCRYPT = ("kms:Decrypt", "kms:GenerateDataKey")
"""S3 needs Decrypt to write, too, in parts
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html)."""

ALIAS = ":alias/"

LAMBDA = "lambda.amazonaws.com"

DOMAINS = {"aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu"}
"""Partition -> the domain in the condition kms:ViaService, if not amazonaws.com."""


def make_policy_document(*statements: Document) -> Document:
    """Return a policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(sid: str, actions: Sequence[str], resource: str | list[str]) -> Document:
    """Return a statement that allows actions on a resource."""
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resource}


def make_trust_policy(service: str) -> Document:
    """Return the policy that lets a service of AWS, and no other principal, assume a role."""
    return make_policy_document(
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    )


def allow_keys(
    stack: Stack,
    sid: str,
    actions: Sequence[str],
    keys: Sequence[str],
    *,
    only_through_s3: bool = True,
) -> Iterator[Document]:
    """List statements that allow actions with KMS keys, if wanted only through S3 in its region.

    `keys` are ARNs of keys and aliases; empty ones are left out. IAM does not know an alias as a
    resource, but the aliases of a key as a condition
    (https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html).
    """
    through_s3: Document = {}
    if only_through_s3:
        through_s3 = {"StringEquals": {"kms:ViaService": name_s3(stack)}}
    direct = [key for key in keys if key and ALIAS not in key]
    if direct:
        yield allow(sid, actions, direct) | ({"Condition": through_s3} if through_s3 else {})
    for number, key in enumerate((key for key in keys if ALIAS in key), 1):
        owner, _, name = key.partition(ALIAS)
        alias = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": f"alias/{name}"}}
        statement = allow(f"{sid}OfAlias{number}", actions, f"{owner}:key/*")
        yield {**statement, "Condition": through_s3 | alias}


def name_s3(stack: Stack) -> str:
    """Return S3's name in the condition kms:ViaService."""
    return f"s3.{stack.region}.{DOMAINS.get(stack.partition, 'amazonaws.com')}"


def unite_policies(live: Document, wanted: Document) -> Document:
    """Return a policy that allows what either does: `wanted`, and what only `live` has.

    Statements that differ in their resources only become one.
    """
    statements: list[Document] = list(wanted["Statement"])
    for statement in live["Statement"]:
        if any(is_equal(statement, known) for known in statements):
            continue
        rest = {**statement, "Resource": ""}
        like = (n for n, known in enumerate(statements) if {**known, "Resource": ""} == rest)
        if (number := next(like, None)) is not None:
            both = {*_list(statements[number]["Resource"]), *_list(statement["Resource"])}
            statements[number] = {**statement, "Resource": sorted(both)}
        else:
            statements.append({**statement, "Sid": f"{statement['Sid']}Before"})
    return make_policy_document(*statements)


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
