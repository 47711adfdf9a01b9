"""The function's role under moto's IAM enforcement: the pipeline is allowed, nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.core import set_initial_no_auth_action_count

from pixelater_cli.aws.deploy.deployer_policy import make_policy
from pixelater_cli.aws.operations import versions
from pixelater_cli.aws.session import Account, connect
from tests.functional.running import DESTINATION, SOURCE
from tests.functional.test_stack import account, deploy, destroy, make_package, make_stack

__all__ = ["account"]

Ask = Callable[..., str]

MISNAMED = ["s3:HeadBucket", "s3:HeadObject", "s3:DeleteObject"]
"""moto's own names for calls that AWS knows by others; it wants the last for buckets, too."""


@pytest.fixture(autouse=True)
def _unsigned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto not check signatures: it reckons those of requests without a body wrongly."""
    monkeypatch.setattr("moto.iam.access_control.IAMRequestBase.check_signature", lambda _: None)


@pytest.fixture
def ask(account: Account) -> Ask:
    return deploy_and_ask(account)


def deploy_and_ask(account: Account, **settings: Any) -> Ask:
    """Deploy, and ask for something as the function would: "" if it may, else the error code."""
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
            denied = "is not authorized to perform" in str(error)  # Lambda's code is a bare 403.
            return "AccessDenied" if denied else error.response["Error"]["Code"]
        if "Body" in answer:
            answer["Body"].close()
        return ""

    return ask_as_function


def test_to_mirror_deletes_it_may_delete_mosaics_and_see_what_is_gone(account: Account) -> None:
    ask = deploy_and_ask(account, mirror_deletes=True)
    assert ask("s3", "delete_object", Bucket=DESTINATION, Key="a") == ""
    assert ask("s3", "head_object", Bucket=DESTINATION, Key="a") == "404"
    assert ask("s3", "head_object", Bucket=SOURCE, Key="gone") == "404"
    assert ask("s3", "delete_object", Bucket=SOURCE, Key="a") == "AccessDenied"


def test_the_pipeline_is_allowed(ask: Ask) -> None:
    url = "https://sqs.eu-central-1.amazonaws.com/123456789012/pixelater-failures"
    assert ask("s3", "get_object", Bucket=SOURCE, Key="a") == ""
    assert ask("s3", "put_object", Bucket=DESTINATION, Key="b", Body=b"b") == ""
    etag = '"92eb5ffee6ae2fec3ad71c777531578f"'  # The MD5 of "b".
    assert ask("s3", "head_object", Bucket=DESTINATION, Key="b") == ""
    assert ask("s3", "put_object", Bucket=DESTINATION, Key="b", Body=b"c", IfMatch=etag) == ""
    assert ask("sqs", "send_message", QueueUrl=url, MessageBody="{}") == ""


def test_with_a_key_and_a_path_the_pipeline_is_allowed(account: Account) -> None:
    ask = deploy_and_ask(account, kms_key="alias/photos", role_path="/team/")
    assert ask("s3", "get_object", Bucket=SOURCE, Key="a") == ""
    assert ask("s3", "put_object", Bucket=DESTINATION, Key="b", Body=b"b") == ""
    assert ask("s3", "put_object", Bucket=SOURCE, Key="b", Body=b"b") == "AccessDenied"


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
    assert ask("s3", operation, Bucket=bucket, Key="a") == "AccessDenied"


def test_other_buckets_are_denied(ask: Ask, account: Account) -> None:
    place = {"LocationConstraint": account.region}
    account.clients["s3"].create_bucket(Bucket="another", CreateBucketConfiguration=place)
    account.clients["s3"].put_object(Bucket="another", Key="a", Body=b"a")
    assert ask("s3", "get_object", Bucket="another", Key="a") == "AccessDenied"
    assert ask("s3", "put_object", Bucket="another", Key="b", Body=b"b") == "AccessDenied"
    assert ask("s3", "list_objects_v2", Bucket=SOURCE) == "AccessDenied"


def test_reading_failures_and_invoking_functions_are_denied(ask: Ask) -> None:
    url = "https://sqs.eu-central-1.amazonaws.com/123456789012/pixelater-failures"
    assert ask("sqs", "receive_message", QueueUrl=url) == "AccessDenied"
    assert ask("lambda", "invoke", FunctionName="pixelater-function") == "AccessDenied"


def test_whoever_has_the_printed_policy_can_deploy_change_and_destroy(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = make_stack(account)
    iam = account.clients["iam"]
    iam.create_user(UserName="deployer")
    policy = make_policy(stack)
    for statement in policy["Statement"]:
        if statement["Sid"] not in ("Buckets", "Objects"):
            statement["Resource"] = "*"  # moto looks at the resources of S3 only.
    policy["Statement"].append({"Effect": "Allow", "Action": MISNAMED, "Resource": "*"})
    document = json.dumps(policy)
    iam.put_user_policy(UserName="deployer", PolicyName="all", PolicyDocument=document)
    keys = iam.create_access_key(UserName="deployer")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])

    @set_initial_no_auth_action_count(0)
    def live() -> None:
        deployer = connect(None, account.region, None, time.sleep)
        deploy(deployer, stack, make_package())
        deploy(deployer, replace(stack, memory_mb=512, prefix="in/"), make_package("second"))
        versions.roll_back(deployer, stack, None, time.sleep)
        destroy(deployer, stack)

    live()
    assert account.clients["s3"].list_buckets()["Buckets"] == []
