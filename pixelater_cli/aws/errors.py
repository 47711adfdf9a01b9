"""Owns the words for what AWS refuses: a botocore error becomes an AwsError with a next step."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import unescape

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from pixelater_cli.errors import AwsError, BadAwsSetting, MissingRegion, NotSignedIn

SIGN_IN = "Sign in again: `aws sso login`, or new keys with `aws configure`."
DENIED = (
    "Ask for the permission: `pixelater deploy --print-policy` prints all that deploying takes."
)
QUOTA = "Ask for more in the Service Quotas console, remove what is not needed, or take less."
REGION = "The bucket is in another region than this command looks in: name it with --region."
CONTINUE_HINT = "What was done so far stays: mend this and run the command again."

CODE_HINTS = {
    **dict.fromkeys(
        (
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidToken",
            "RequestExpired",
            "SignatureDoesNotMatch",
            "TokenRefreshRequired",
            "UnrecognizedClientException",
        ),
        SIGN_IN,
    ),
    **dict.fromkeys(
        ("AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"),
        DENIED,
    ),
    **dict.fromkeys(
        (
            "CodeStorageExceededException",
            "LimitExceeded",
            "LimitExceededException",
            "ServiceQuotaExceededException",
            "TooManyBuckets",
        ),
        QUOTA,
    ),
    **dict.fromkeys(
        (
            "AuthorizationHeaderMalformed",
            "IllegalLocationConstraintException",
            "PermanentRedirect",
        ),
        REGION,
    ),
    "BucketAlreadyExists": "Somebody else has a bucket of this name: leave out --plain-names, or "
    "take another name with --stack.",
    "NoSuchBucket": "Is that stack deployed here? See: pixelater status",
    "BucketNotEmpty": "Somebody put something into it meanwhile: destroy again, with --purge.",
    "EntityAlreadyExists": "Somebody made it meanwhile: run the command again.",
    "ResourceConflictException": "Somebody else is changing it: run the command again in a minute.",
    "PreconditionFailedException": "Somebody else changed it meanwhile: run the command again.",
    "OperationAborted": "S3 is still busy with this bucket, after its removal up to an hour: run "
    "the command again later.",
    "QueueDeletedRecently": "SQS wants a minute between removing a queue and making it again.",
    "AWS.SimpleQueueService.QueueDeletedRecently": "SQS wants a minute between removing a queue "
    "and making it again.",
    "RequestTimeTooSkewed": "Set this machine's clock: AWS takes 15 minutes' difference at most.",
}
"""AWS's error code -> what to do now."""

MESSAGE_HINTS = (
    (
        "UnreservedConcurrentExecution",
        "This account's limit leaves no room: a smaller --concurrency, none, or more quota.",
    ),
    (
        "cannot be assumed by Lambda",
        "IAM is slow to tell Lambda of the new role: run the command again in a minute.",
    ),
    (
        "Unable to validate the following destination",
        "Another notification of the bucket goes to something that is gone or closed, perhaps: "
        "remove that notification, then run the command again.",
    ),
    (
        "Configurations overlap",
        "Another notification of the bucket takes the same uploads: set --prefix or --suffix "
        "apart from its own.",
    ),
)
"""Words of AWS's message, where one error code means many things -> what to do now."""


WEB_PAGE = re.compile(r"\s*<(!doctype html|html)\b", re.IGNORECASE)
TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


def find_hint(code: str, message: str) -> str:
    """Say what to do now about an AWS error."""
    worded = (hint for words, hint in MESSAGE_HINTS if words in message)
    return next(worded, None) or CODE_HINTS.get(code, CONTINUE_HINT)


def missing_resource_error(thing: str, stack: str) -> AwsError:
    """Say that a part of a stack is not there, which is then not deployed."""
    return AwsError(f"there is no {thing} here", f"Deploy it: pixelater deploy --stack {stack}")


@contextmanager
def translate_errors(doing: str = "") -> Iterator[None]:
    """Turn botocore's errors into AwsErrors; `doing` is what failed, in the infinitive."""
    task = f"could not {doing}: " if doing else ""
    try:
        yield
    except (boto.NoCredentialsError, boto.PartialCredentialsError) as error:
        raise NotSignedIn(
            f"{task}no AWS credentials were found",
            "Sign in with `aws configure sso` or `aws configure`, name a profile with --profile, "
            "or try it without an account: pixelater emulate photo.jpg",
        ) from error
    except boto.NoRegionError as error:
        hint = "Name one: --region eu-central-1, or AWS_DEFAULT_REGION in the environment."
        raise MissingRegion(f"{task}no AWS region is set", hint) from error
    except boto.ProfileNotFound as error:
        hint = "`aws configure list-profiles` shows what there is."
        raise BadAwsSetting(str(error), hint) from error
    except (boto.InvalidRegionError, boto.UnknownRegionError) as error:
        raise BadAwsSetting(f"{task}{error}", "Write it like this: eu-central-1") from error
    except (boto.ConnectionError, boto.HTTPClientError) as error:
        where = getattr(error, "kwargs", {}).get("endpoint_url", "the endpoint")
        hint = "Check the address, and that the server there is running."
        raise AwsError(f"{task}no answer from {where}", hint) from error
    except ResponseParserError as error:
        hint = "Check the address: what answers there does not speak AWS's protocols."
        raise AwsError(f"{task}the endpoint's answer makes no sense", hint) from error
    except boto.ClientError as error:
        code, words = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        hint = find_hint(code, words)
        found = f"{task}{word_error(error)}"
        raise (NotSignedIn if hint == SIGN_IN else AwsError)(found, hint) from error
    except boto.BotoCoreError as error:
        raise AwsError(
            f"{task}{error}", "Check the AWS settings this command runs with."
        ) from error


def word_error(error: boto.ClientError) -> str:
    """Say what a server answered to a call: of a web page, as moto's, its title."""
    code, words = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if WEB_PAGE.match(words):
        title = TITLE.search(words)
        words = unescape(title[1].strip()) if title else "a web page"
        words = words.removeprefix(f"{code} ")
    return f"{error.operation_name} answered {code}: {words}{_name_arguments(error)}"


def _name_arguments(error: boto.ClientError) -> str:
    """Name what S3 found wrong, where it says so beside its message."""
    details: Mapping[str, str] = dict(error.response["Error"])
    pairs = ((details.get(f"ArgumentName{n}"), details.get(f"ArgumentValue{n}")) for n in range(9))
    named = ", ".join(f"{name} ({value})" for name, value in pairs if name)
    return f": {named}" if named else ""
