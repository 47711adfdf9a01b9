"""All cases, where to ask them, and what to compare."""

from __future__ import annotations

import json
import secrets
from typing import Any

import boto3

from tests.strictness import (
    detections,
    functions,
    s3_bodies,
    s3_requests,
    s3_uploads,
    s3_writes,
    services,
)
from tests.strictness.site import Case, Site

MODULES = (s3_bodies, s3_uploads, s3_writes, s3_requests, functions, services, detections)
CASES = [case for module in MODULES for case in module.CASES]


def make_site(url: str) -> Site:
    """Make a bucket, one with versions, a role, and an object to read."""

    def connect(service: str) -> Any:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, "us-east-1", endpoint_url=url, **keys)

    client, name = connect("s3"), secrets.token_hex(6)
    bucket, versioned = f"strict-{name}", f"versioned-{name}"
    for one in (bucket, versioned):
        client.create_bucket(Bucket=one)
    enabled = {"Status": "Enabled"}
    client.put_bucket_versioning(Bucket=versioned, VersioningConfiguration=enabled)
    client.put_object(Bucket=bucket, Key="key", Body=b"0123456789")
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = connect("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)
    account = connect("sts").get_caller_identity()["Account"]
    return Site(url, account, bucket, versioned, role["Role"]["Arn"])


def check_case(site: Site, case: Case) -> None:
    """Ask, and compare the answer with AWS's; what is refused must not be stored."""
    answer = case.ask(site)
    stored = site.exists("bad")
    site.ask("DELETE", f"/{site.bucket}/bad")
    assert (answer.status, answer.code) == (case.status, case.code), (answer, answer.body)
    assert not stored
    assert case.page.startswith("https://docs.aws.amazon.com/")
