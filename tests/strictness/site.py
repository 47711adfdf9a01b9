"""A server to ask, and what it is asked: requests as they are, and calls of boto3."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

S3_API = "https://docs.aws.amazon.com/AmazonS3/latest/API"
S3_GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide"
S3_ERRORS = f"{S3_API}/ErrorResponses.html#ErrorCodeList"
INTEGRITY = f"{S3_GUIDE}/checking-object-integrity-upload.html"
CHUNKS = f"{S3_API}/sigv4-streaming-trailers.html"
LAMBDA_API = "https://docs.aws.amazon.com/lambda/latest/api"
LAMBDA_GUIDE = "https://docs.aws.amazon.com/lambda/latest/dg"
LOGS_API = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference"
SQS_API = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference"
REKOGNITION_API = "https://docs.aws.amazon.com/rekognition/latest/APIReference"
REKOGNITION_GUIDE = "https://docs.aws.amazon.com/rekognition/latest/dg"

SIGNED = (
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, "
    "SignedHeaders=host, Signature=0"
)
MISSING = "0123456789abcdef"

Headers = Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What a request is answered with; `code` is the error's."""

    status: int
    code: str
    headers: Headers
    body: bytes = field(repr=False)
    told: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Site:
    """A server to ask, with a bucket, a versioned bucket, a role and a queue of its own."""

    url: str
    account: str
    bucket: str
    versioned: str
    role: str

    @cached_property
    def clients(self) -> dict[str, Any]:
        """Clients that send what they are given and try once."""
        config = Config(
            retries={"total_max_attempts": 1},
            parameter_validation=False,
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
        )
        names = ("s3", "lambda", "iam", "sqs", "logs", "kms", "rekognition")
        return {
            name: boto3.client(
                name,
                "us-east-1",
                endpoint_url=self.url,
                aws_access_key_id="test",
                aws_secret_access_key="test",
                config=config,
            )
            for name in names
        }

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = b"",
        headers: Headers | None = None,
        service: str = "s3",
    ) -> Answer:
        """Make a request as it is; without a body (None) it has no length either."""
        parts = urlsplit(self.url)
        connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        signed = {"Host": parts.netloc, "Authorization": SIGNED.format(service=service)}
        if body is not None:
            signed["Content-Length"] = str(len(body))
        with closing(connect(parts.netloc, timeout=30)) as connection:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            given = {name.title(): value for name, value in (headers or {}).items()}
            for name, value in {**signed, **given}.items():
                if value:  # "" leaves a header out.
                    connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            content = answer.read()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, read_code(content, told), told, content)

    def put(self, key: str = "key", body: bytes | None = b"x", **headers: str) -> Answer:
        """Put an object; names of headers have _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("PUT", f"/{self.bucket}/{quote(key)}", body, named)

    def call(self, service: str, operation: str, **parameters: Any) -> Answer:
        """Call an operation with boto3."""
        try:
            answer = getattr(self.clients[service], operation)(**parameters)
        except ClientError as error:
            told = error.response["ResponseMetadata"]
            code = error.response["Error"]["Code"]
            return Answer(told["HTTPStatusCode"], code, told["HTTPHeaders"], str(error).encode())
        told = answer["ResponseMetadata"]
        return Answer(told["HTTPStatusCode"], "", told["HTTPHeaders"], b"", answer)

    def begin_upload(self, key: str = "upload", **parameters: Any) -> str:
        answer = self.clients["s3"].create_multipart_upload(
            Bucket=self.bucket, Key=key, **parameters
        )
        return str(answer["UploadId"])

    def exists(self, key: str) -> bool:
        return self.ask("HEAD", f"/{self.bucket}/{quote(key)}").status == 200


def read_code(body: bytes, headers: Headers) -> str:
    """Read the code of an error."""
    named = re.search(rb"<Code>(.*?)</Code>", body)
    if named:
        return named[1].decode()
    if "x-amzn-errortype" in headers:
        return headers["x-amzn-errortype"].partition(":")[0]
    try:
        document = json.loads(body)
    except ValueError:
        return ""
    kind = document.get("__type", "") if isinstance(document, dict) else ""
    return str(kind).rpartition("#")[2]


@dataclass(frozen=True)
class Case:
    """Something to ask, and the status and code that AWS answers with."""

    name: str
    page: str
    ask: Callable[[Site], Answer]
    status: int
    code: str


def list_cases(
    page: str, status: int, code: str, requests: Mapping[str, Callable[[Site], Answer]]
) -> list[Case]:
    """List cases that are answered alike."""
    return [Case(name, page, ask, status, code) for name, ask in requests.items()]
