"""What a deployment finds in the account, where access is denied."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from pixelater_cli.aws.deploy.adoption import adopt
from pixelater_cli.aws.resources.role import permissions_policy
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_cli.errors import AwsError

STACK = Stack("123456789012", "eu-west-1", adopted_source="photos")


class DeniedS3:
    """An S3 that denies to read the encryption, and the bucket itself too, or not."""

    def __init__(self, accessible: bool) -> None:
        self.accessible = accessible

    def get_bucket_encryption(self, **_parameters: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetBucketEncryption")

    def head_bucket(self, **_parameters: Any) -> Any:
        if not self.accessible:
            raise ClientError({"Error": {"Code": "403"}}, "HeadBucket")
        return {}


class NothingDeployed:
    """An IAM and a Lambda before the first deploy."""

    def get_role(self, **_parameters: Any) -> Any:
        raise ClientError({"Error": {"Code": "NoSuchEntity"}}, "GetRole")

    def get_function(self, **_parameters: Any) -> Any:
        raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetFunction")


def make_account(accessible: bool) -> Account:
    empty = NothingDeployed()
    clients = {"s3": DeniedS3(accessible), "iam": empty, "lambda": empty}
    return Account("123456789012", "eu-west-1", "aws", None, clients)


def sleep(_seconds: float) -> None:
    pytest.fail("a refusal was retried")


def test_a_key_that_cannot_be_read_is_not_taken_for_none() -> None:
    with pytest.raises(AwsError, match="could not read the encryption of photos"):
        adopt(make_account(accessible=True), STACK, sleep)


def test_a_bucket_of_another_account_is_left_to_the_reading_of_the_state() -> None:
    assert adopt(make_account(accessible=False), STACK, sleep) == STACK


@pytest.mark.parametrize(
    ("partition", "region", "service"),
    [
        ("aws", "eu-west-1", "s3.eu-west-1.amazonaws.com"),
        ("aws-cn", "cn-north-1", "s3.cn-north-1.amazonaws.com.cn"),
        ("aws-us-gov", "us-gov-west-1", "s3.us-gov-west-1.amazonaws.com"),
    ],
)
def test_keys_are_used_through_s3_only(partition: str, region: str, service: str) -> None:
    stack = Stack("123456789012", region, partition, kms_key="mrk-" + 32 * "0")
    statements = permissions_policy(stack)["Statement"]
    (decrypt,) = [each for each in statements if each["Sid"] == "DecryptPhotos"]
    assert decrypt == {
        "Sid": "DecryptPhotos",
        "Effect": "Allow",
        "Action": ["kms:Decrypt"],
        "Resource": [f"arn:{partition}:kms:{region}:123456789012:key/mrk-{32 * '0'}"],
        "Condition": {"StringEquals": {"kms:ViaService": service}},
    }
