"""Parts of IAM policies."""

from __future__ import annotations

from collections.abc import Sequence

from pixelater_cli.aws.resources.canonical import is_equal
from pixelater_cli.aws.stack import Document


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
