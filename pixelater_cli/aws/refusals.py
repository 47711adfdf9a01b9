"""Owns the words for what AWS refuses: a botocore error becomes an AwsError with a next step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from pixelater_cli.errors import AwsError

HINTS = {
    "AccessDenied": "The signed-in user may not do this: ask for the permission.",
    "AccessDeniedException": "The signed-in user may not do this: ask for the permission.",
    "ExpiredToken": "The sign-in has run out: sign in again.",
    "ExpiredTokenException": "The sign-in has run out: sign in again.",
    "InvalidClientTokenId": "The credentials are not valid here: sign in again.",
    "SignatureDoesNotMatch": "The secret key is wrong: sign in again.",
    "BucketAlreadyExists": "Somebody else has a bucket of this name: leave out --plain-names.",
}


@contextmanager
def explained(doing: str = "") -> Iterator[None]:
    """Turn botocore's errors into AwsErrors; `doing` is what failed, in the infinitive."""
    task = f"could not {doing}: " if doing else ""
    try:
        yield
    except (boto.NoCredentialsError, boto.PartialCredentialsError) as error:
        raise AwsError(
            f"{task}no AWS credentials were found",
            "Sign in with `aws configure sso` or `aws configure`, name a profile with --profile, "
            "or try it without an account: pixelater emulate photo.jpg",
        ) from error
    except boto.NoRegionError as error:
        hint = "Name one: --region eu-central-1, or AWS_DEFAULT_REGION in the environment."
        raise AwsError(f"{task}no AWS region is set", hint) from error
    except boto.ProfileNotFound as error:
        raise AwsError(str(error), "`aws configure list-profiles` shows what there is.") from error
    except (boto.ConnectionError, boto.HTTPClientError) as error:
        where = getattr(error, "kwargs", {}).get("endpoint_url", "the endpoint")
        hint = "Check the address, and that the server there is running."
        raise AwsError(f"{task}no answer from {where}", hint) from error
    except ResponseParserError as error:
        hint = "Check the address: what answers there does not speak AWS's protocols."
        raise AwsError(f"{task}the endpoint's answer makes no sense", hint) from error
    except boto.ClientError as error:
        code, words = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        hint = HINTS.get(code, "What was done so far stays: mend this and run the command again.")
        raise AwsError(f"{task}{error.operation_name} answered {code}: {words}", hint) from error
    except boto.BotoCoreError as error:
        raise AwsError(
            f"{task}{error}", "Check the AWS settings this command runs with."
        ) from error
