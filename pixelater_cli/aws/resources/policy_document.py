"""Parts of IAM policies."""

from __future__ import annotations

from collections.abc import Sequence

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
