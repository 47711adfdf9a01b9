"""Translation of botocore's errors into AwsErrors with a hint."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import unescape

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from pixelater_cli.errors import AwsError, BadAwsSetting, MissingRegion, NotSignedIn
from pixelater_function.metadata_secret import VARIABLE

SIGN_IN = "Sign in again: `aws sso login`, or new keys with `aws configure`."
CONTINUE_HINT = "What is done so far stays: fix this and run the command again."

HINTS = {
    "ExpiredToken ExpiredTokenException InvalidAccessKeyId InvalidClientTokenId InvalidToken "
    "RequestExpired SignatureDoesNotMatch TokenRefreshRequired "
    "UnrecognizedClientException": SIGN_IN,
    "AccessDenied AccessDeniedException AuthorizationError UnauthorizedOperation": "Ask for the "
    "permission: `pixelater deploy --print-policy` prints all that deploying needs.",
    "CodeStorageExceededException LimitExceeded LimitExceededException "
    "ServiceQuotaExceededException TooManyBuckets": "Request a higher quota in the Service Quotas "
    "console, or delete what is not needed.",
    "AuthorizationHeaderMalformed IllegalLocationConstraintException PermanentRedirect": "The "
    "bucket is in another region: name it with --region.",
    "BucketAlreadyExists": "Another account has a bucket of this name: leave out --plain-names, or "
    "choose another name with --stack.",
    "NoSuchBucket": "Check whether the stack is deployed: pixelater status",
    "KMS.DisabledException KMS.KMSInvalidStateException KMS.NotFoundException": "Name a key that "
    "exists and is enabled with `pixelater deploy --kms-key`, or correct the bucket's encryption.",
    "BucketNotEmpty": "Another client has added objects: destroy again, with --purge.",
    "EntityAlreadyExists": "Another client has created it: run the command again.",
    "ResourceConflictException": "Another client is changing it: run the command again soon.",
    "PreconditionFailed PreconditionFailedException": "Another client has changed it: run the "
    "command again.",
    "OperationAborted": "S3 is busy with this bucket, for up to an hour after its deletion: run "
    "the command again later.",
    "QueueDeletedRecently AWS.SimpleQueueService.QueueDeletedRecently": "SQS requires a minute "
    "between deleting a queue and creating it again.",
    "RequestTimeTooSkewed": "Set this machine's clock: AWS accepts a difference of 15 minutes.",
}
"""Error codes of AWS, separated by spaces -> what to do."""

CODE_HINTS = {code: hint for codes, hint in HINTS.items() for code in codes.split()}

MESSAGE_HINTS = {
    "UnreservedConcurrentExecution": "This account's limit leaves no room: a smaller "
    "--concurrency, none, or a higher quota.",
    "cannot be assumed by Lambda": "Lambda does not see the new role yet: run the command again in "
    "a minute.",
    "Unable to validate the following destination": "Another notification of the bucket may have a "
    "target that does not exist: delete that notification, then run the command again.",
    "Configurations overlap": "Another notification of the bucket takes the same uploads: set "
    "--prefix or --suffix so that they do not overlap.",
}
"""Words of AWS's message, where an error code means many things -> what to do."""

SECRET = re.compile(rf"({VARIABLE}\W+)[0-9A-Fa-f]+")

MARKUP = re.compile(r"\s*<(!doctype|\?xml|html|Error)\b", re.IGNORECASE)
TITLE = re.compile(r"<(title|Message)\b[^>]*>(.*?)</\1>", re.IGNORECASE | re.DOTALL)


def find_hint(code: str, message: str) -> str:
    """Return what to do about an error of AWS."""
    hints = (hint for words, hint in MESSAGE_HINTS.items() if words in message)
    return next(hints, None) or CODE_HINTS.get(code, CONTINUE_HINT)


def missing_resource_error(resource: str, stack: str) -> AwsError:
    """Return the error of a resource that does not exist, so that the stack is not deployed."""
    return AwsError(f"{resource} does not exist", f"Deploy it: pixelater deploy --stack {stack}")


def read_error(error: boto.ClientError) -> tuple[str, str]:
    """Return the code and the message of an error.

    Lambda repeats environment variables that it refuses, so the secret is left out.
    """
    answer = error.response["Error"]
    return answer["Code"], SECRET.sub(r"\1***", answer.get("Message", ""))


@contextmanager
def translate_errors(task: str = "") -> Iterator[None]:
    """Raise AwsErrors in place of botocore's errors; `task` is what failed, in the infinitive."""
    failed = f"could not {task}: " if task else ""
    try:
        yield
    except (boto.NoCredentialsError, boto.PartialCredentialsError) as error:
        raise NotSignedIn(
            f"{failed}no AWS credentials were found",
            "Sign in with `aws configure sso` or `aws configure`, name a profile with --profile, "
            "or try it without an account: pixelater emulate photo.jpg",
        ) from error
    except boto.NoRegionError as error:
        hint = "Name one: --region eu-central-1, or AWS_DEFAULT_REGION in the environment."
        raise MissingRegion(f"{failed}no AWS region is set", hint) from error
    except boto.ProfileNotFound as error:
        raise BadAwsSetting(str(error), "List them: `aws configure list-profiles`") from error
    except (boto.InvalidRegionError, boto.UnknownRegionError) as error:
        raise BadAwsSetting(f"{failed}{error}", "Write it like this: eu-central-1") from error
    except (boto.ConnectionError, boto.HTTPClientError) as error:
        url = getattr(error, "kwargs", {}).get("endpoint_url", "the endpoint")
        hint = "Check the address, and whether a server runs there."
        raise AwsError(f"{failed}no answer from {url}", hint) from error
    except ResponseParserError as error:
        hint = "Check the address: the server there does not implement AWS's API."
        raise AwsError(f"{failed}the endpoint's answer cannot be parsed", hint) from error
    except boto.ClientError as error:
        hint = find_hint(*read_error(error))
        message = f"{failed}{format_error(error)}"
        raise (NotSignedIn if hint == SIGN_IN else AwsError)(message, hint) from error
    except boto.BotoCoreError as error:
        raise AwsError(f"{failed}{error}", "Check the AWS settings of this command.") from error


def format_error(error: boto.ClientError) -> str:
    """Format the answer to a call; of a web page or an S3 error for another service, the title."""
    code, message = read_error(error)
    if MARKUP.match(message):
        title = TITLE.search(message)
        message = unescape(title[2].strip()) if title else "a web page"
        message = message.removeprefix(f"{code} ")
    return f"{error.operation_name} answered {code}: {message}{_format_arguments(error)}"


def _format_arguments(error: boto.ClientError) -> str:
    """Format the arguments that S3 refuses, which it reports next to its message."""
    details: Mapping[str, str] = dict(error.response["Error"])
    pairs = ((details.get(f"ArgumentName{n}"), details.get(f"ArgumentValue{n}")) for n in range(9))
    named = ", ".join(f"{name} ({value})" for name, value in pairs if name)
    return f": {named}" if named else ""
