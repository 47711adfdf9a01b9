"""Reads that are stale for a while after a write: they answer as they did before it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from werkzeug.test import create_environ

from pixelater_cli.emulator.weather.answers import Answer
from pixelater_cli.emulator.weather.calls import Call

IAM_VERSION = "2010-05-08"

BUCKET_SETTINGS = {
    "policy": ("BucketPolicy", "DeleteBucketPolicy"),
    "versioning": ("BucketVersioning", ""),
    "tagging": ("BucketTagging", "DeleteBucketTagging"),
    "encryption": ("BucketEncryption", "DeleteBucketEncryption"),
    "ownershipControls": ("BucketOwnershipControls", "DeleteBucketOwnershipControls"),
    "lifecycle": ("BucketLifecycleConfiguration", "DeleteBucketLifecycle"),
    "notification": ("BucketNotificationConfiguration", ""),
    "publicAccessBlock": ("PublicAccessBlock", "DeletePublicAccessBlock"),
}
"""The settings of a bucket, by their names in a query, and the calls that delete them."""


@dataclass(frozen=True)
class Request:
    """A request to read with: its method, path and query, headers and body."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    target: str = ""

    def make_environ(self, like: dict[str, Any]) -> dict[str, Any]:
        """Make a WSGI environment as of the client whose environment is given."""
        environ = create_environ(
            self.path,
            method=self.method,
            query_string=self.query,
            data=self.body or None,
            content_type="application/x-amz-json-1.0" if self.target else FORM,
        )
        kept = ("HTTP_HOST", "HTTP_AUTHORIZATION", "REMOTE_ADDR", "SERVER_NAME", "SERVER_PORT")
        environ |= {name: like[name] for name in kept if name in like}
        return environ | ({"HTTP_X_AMZ_TARGET": self.target} if self.target else {})


FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class StaleRead:
    """After one of the `after` calls, `read` may answer as before for so many `seconds`.

    `link` is the kind of resource that both calls name, and `make` writes the request to read with.
    """

    after: frozenset[str]
    read: str
    link: str
    seconds: tuple[float, float]
    make: Callable[[Call], Request]
    source: str


def _read_bucket(call: Call) -> Request:
    return Request("HEAD", f"/{call.names['bucket']}")


def _read_setting(name: str) -> Callable[[Call], Request]:
    return lambda call: Request("GET", f"/{call.names['bucket']}", name)


def _read_iam(operation: str, *names: str) -> Callable[[Call], Request]:
    def make(call: Call) -> Request:
        parameters = {name: str(call.parameters.get(name, "")) for name in names}
        form = {"Action": operation, "Version": IAM_VERSION, **parameters}
        return Request("POST", "/", body=urlencode(form).encode())

    return make


def _read_attributes(call: Call) -> Request:
    body = {"QueueUrl": call.parameters.get("QueueUrl"), "AttributeNames": ["All"]}
    return Request("POST", "/", body=json.dumps(body).encode(), target=ATTRIBUTES)


def _read_url(call: Call) -> Request:
    body = {"QueueName": call.names["queue"]}
    return Request("POST", "/", body=json.dumps(body).encode(), target="AmazonSQS.GetQueueUrl")


ATTRIBUTES = "AmazonSQS.GetQueueAttributes"
S3_SECONDS, IAM_SECONDS = (1.0, 20.0), (1.0, 30.0)
S3_SOURCE = "https://github.com/hashicorp/terraform-provider-aws/issues/11891"
IAM_SOURCE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html"

STALE_READS = (
    StaleRead(
        frozenset({"s3:CreateBucket"}),
        "s3:HeadBucket",
        "bucket",
        S3_SECONDS,
        _read_bucket,
        S3_SOURCE,
    ),
    *(
        StaleRead(
            frozenset({f"s3:Put{name}"} | ({f"s3:{deletion}"} if deletion else set())),
            f"s3:Get{name}",
            "bucket",
            S3_SECONDS,
            _read_setting(query),
            "https://github.com/hashicorp/terraform-provider-aws/issues/10068",
        )
        for query, (name, deletion) in BUCKET_SETTINGS.items()
    ),
    StaleRead(
        frozenset({"iam:CreateRole", "iam:DeleteRole", "iam:UpdateAssumeRolePolicy"}),
        "iam:GetRole",
        "role",
        IAM_SECONDS,
        _read_iam("GetRole", "RoleName"),
        IAM_SOURCE,
    ),
    StaleRead(
        frozenset({"iam:PutRolePolicy", "iam:DeleteRolePolicy"}),
        "iam:GetRolePolicy",
        "role",
        IAM_SECONDS,
        _read_iam("GetRolePolicy", "RoleName", "PolicyName"),
        IAM_SOURCE,
    ),
    StaleRead(
        frozenset({"iam:PutRolePolicy", "iam:DeleteRolePolicy"}),
        "iam:ListRolePolicies",
        "role",
        IAM_SECONDS,
        _read_iam("ListRolePolicies", "RoleName"),
        IAM_SOURCE,
    ),
    StaleRead(
        frozenset({"sqs:SetQueueAttributes"}),
        "sqs:GetQueueAttributes",
        "queue",
        (10, 60),
        _read_attributes,
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html",
    ),
    StaleRead(
        frozenset({"sqs:CreateQueue"}),
        "sqs:GetQueueUrl",
        "queue",
        (1, 3),
        _read_url,
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html",
    ),
)


def fit_answer(call: Call, answer: Answer) -> Answer:
    """Fit an earlier answer to a call: of all attributes of a queue, those that it asks for."""
    asked = call.parameters.get("AttributeNames", [])
    if call.action != "sqs:GetQueueAttributes" or "All" in asked or not answer.succeeded:
        return answer
    attributes = json.loads(answer.body or b"{}").get("Attributes", {})
    kept = {name: value for name, value in attributes.items() if name in asked}
    return replace(answer, body=json.dumps({"Attributes": kept}).encode())
