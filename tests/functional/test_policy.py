"""The function's role under moto's IAM enforcement: the pipeline is allowed, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.core import set_initial_no_auth_action_count

from pixelater_cli.aws.session import Account
from tests.functional.test_stack import account, deploy, make_package, make_stack

__all__ = ["account"]

SOURCE, DESTINATION = "pixelater-source-bucket", "pixelater-destination-bucket"
Ask = Callable[..., str]


@pytest.fixture
def ask(account: Account) -> Ask:
    return deploy_and_ask(account)


def deploy_and_ask(account: Account, **settings: Any) -> Ask:
    """Deploy, and ask for something as the function would: "" if it may, else the HTTP status."""
    stack = replace(make_stack(account), **settings)
    deploy(account, stack, make_package())
    for bucket in (SOURCE, DESTINATION):
        account.clients["s3"].put_object(Bucket=bucket, Key="a", Body=b"a")
    answer = account.clients["sts"].assume_role(RoleArn=stack.role_arn, RoleSessionName="function")
    keys = answer["Credentials"]

    def ask_as_function(service: str, operation: str, **parameters: Any) -> str:
        client = boto3.client(
            service,
            account.region,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )
        call = set_initial_no_auth_action_count(0)(getattr(client, operation))
        try:
            answer = call(**parameters)
        except ClientError as error:
            return str(error.response["ResponseMetadata"]["HTTPStatusCode"])
        if "Body" in answer:
            answer["Body"].close()
        return ""

    return ask_as_function


def test_to_mirror_deletes_it_may_delete_mosaics_and_see_what_is_gone(account: Account) -> None:
    ask = deploy_and_ask(account, mirror_deletes=True)
    assert ask("s3", "delete_object", Bucket=DESTINATION, Key="a") == ""
    assert ask("s3", "head_object", Bucket=DESTINATION, Key="a") == "404"
    assert ask("s3", "head_object", Bucket=SOURCE, Key="gone") == "404"
    assert ask("s3", "delete_object", Bucket=SOURCE, Key="a") == "403"


def test_the_pipeline_is_allowed(ask: Ask) -> None:
    url = "https://sqs.eu-central-1.amazonaws.com/123456789012/pixelater-failures"
    assert ask("s3", "get_object", Bucket=SOURCE, Key="a") == ""
    assert ask("s3", "put_object", Bucket=DESTINATION, Key="b", Body=b"b") == ""
    etag = '"92eb5ffee6ae2fec3ad71c777531578f"'  # The MD5 of "b".
    assert ask("s3", "head_object", Bucket=DESTINATION, Key="b") == ""
    assert ask("s3", "put_object", Bucket=DESTINATION, Key="b", Body=b"c", IfMatch=etag) == ""
    assert ask("sqs", "send_message", QueueUrl=url, MessageBody="{}") == ""


@pytest.mark.parametrize(
    ("operation", "bucket"),
    [
        ("get_object", "pixelater-code-bucket"),
        ("put_object", SOURCE),
        ("put_object", "pixelater-code-bucket"),
        ("delete_object", SOURCE),
        ("delete_object", DESTINATION),
    ],
)
def test_other_objects_and_other_deeds_are_denied(ask: Ask, operation: str, bucket: str) -> None:
    assert ask("s3", operation, Bucket=bucket, Key="a") == "403"


def test_other_buckets_are_denied(ask: Ask, account: Account) -> None:
    place = {"LocationConstraint": account.region}
    account.clients["s3"].create_bucket(Bucket="another", CreateBucketConfiguration=place)
    account.clients["s3"].put_object(Bucket="another", Key="a", Body=b"a")
    assert ask("s3", "get_object", Bucket="another", Key="a") == "403"
    assert ask("s3", "put_object", Bucket="another", Key="b", Body=b"b") == "403"
    assert ask("s3", "list_objects_v2", Bucket=SOURCE) == "403"


def test_reading_failures_and_invoking_functions_are_denied(ask: Ask) -> None:
    url = "https://sqs.eu-central-1.amazonaws.com/123456789012/pixelater-failures"
    assert ask("sqs", "receive_message", QueueUrl=url) == "403"
    assert ask("lambda", "invoke", FunctionName="pixelater-function") == "403"
