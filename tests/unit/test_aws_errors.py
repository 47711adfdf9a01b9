"""What AWS refuses comes with what to do now."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions as boto

from pixelater_cli.aws.errors import translate_errors
from pixelater_cli.errors import AwsError


def refuse(code: str, message: str = "No.", **details: str) -> boto.ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message, **details}}
    return boto.ClientError(answer, "PutThing")


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (boto.NoCredentialsError(), "Sign in with"),
        (boto.NoRegionError(), "Name one: --region"),
        (boto.EndpointConnectionError(endpoint_url="http://x"), "Check the address"),
        (refuse("ExpiredToken"), "Sign in again"),
        (refuse("ExpiredTokenException"), "Sign in again"),
        (refuse("UnrecognizedClientException"), "Sign in again"),
        (refuse("AccessDenied", "User x may not do s3:PutThing on y"), "Ask for the permission"),
        (refuse("AccessDeniedException"), "Ask for the permission"),
        (refuse("BucketAlreadyExists"), "Another account has a bucket of this name"),
        (refuse("IllegalLocationConstraintException"), "The bucket is in another region"),
        (refuse("PermanentRedirect"), "The bucket is in another region"),
        (refuse("KMS.NotFoundException"), "Name a key that exists and is enabled"),
        (refuse("TooManyBuckets"), "Request a higher quota in the Service Quotas console"),
        (
            refuse("CodeStorageExceededException"),
            "Request a higher quota in the Service Quotas console",
        ),
        (
            refuse("InvalidParameterValueException", "decreases UnreservedConcurrentExecution"),
            "This account's limit leaves no room",
        ),
        (
            refuse("InvalidParameterValueException", "The role cannot be assumed by Lambda."),
            "Lambda does not see the new role yet",
        ),
        (refuse("ResourceConflictException", "An update is in progress"), "Another client is"),
        (
            refuse(
                "InvalidArgument", "Unable to validate the following destination configurations"
            ),
            "Another notification of the bucket may have a target that does not exist",
        ),
        (refuse("InvalidArgument", "Configurations overlap."), "Another notification"),
        (refuse("InvalidArgument", "Something new."), "What is done so far stays"),
    ],
)
def test_a_refusal_is_told_with_its_words_and_a_next_step(error: Exception, hint: str) -> None:
    with pytest.raises(AwsError) as caught, translate_errors("put a thing"):
        raise error
    assert str(caught.value).startswith("could not put a thing: ")
    assert caught.value.hint.startswith(hint)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>...",
            "Internal Server Error",
        ),
        ("<HTML><head><TITLE id=t>\nBad &amp; gone </TITLE></head>", "Bad & gone"),
        ("<html><body>sorry</body></html>", "a web page"),
        ("no <html> here", "no <html> here"),
    ],
)
def test_of_a_web_page_its_title_is_told(message: str, told: str) -> None:
    with pytest.raises(AwsError) as caught, translate_errors():
        raise refuse("500", message)
    assert str(caught.value) == f"PutThing answered 500: {told}"


def test_secret_in_the_variables_that_lambda_repeats_is_left_out() -> None:
    measured = f'{{"bucket_1":"b","PIXELATER_SECRET":"{"5e" * 32}"}}'
    words = "the environment variables you have provided exceeded the 4KB limit. String measured: "
    with pytest.raises(AwsError) as caught, translate_errors():
        raise refuse("InvalidParameterValueException", words + measured)
    assert str(caught.value).endswith('measured: {"bucket_1":"b","PIXELATER_SECRET":"***"}')


def test_what_s3_names_beside_its_message_is_told() -> None:
    stale = refuse(
        "InvalidArgument",
        "Unable to validate the following destination configurations",
        ArgumentName1="arn:aws:sqs:eu-central-1:123456789012:gone, null",
        ArgumentValue1="Not authorized to invoke function",
    )
    with pytest.raises(AwsError, match="sqs:eu-central-1:123456789012:gone"), translate_errors():
        raise stale
