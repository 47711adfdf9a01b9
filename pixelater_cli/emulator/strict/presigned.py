"""Presigned URLs, of both signature versions: their parameters and how long they are good.

Signatures are not verified, because keys are invented.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html#RESTAuthenticationQueryStringAuth
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from pixelater_cli.emulator.strict.authorization import list_regions
from pixelater_cli.emulator.strict.refusal import Refusal
from pixelater_cli.emulator.strict.s3_request import S3Request

MAX_SECONDS = 7 * 24 * 60 * 60
SKEW_SECONDS = 15 * 60

VERSION_4 = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
)
VERSION_2 = ("AWSAccessKeyId", "Signature", "Expires")
ALGORITHM, SIGNATURE, KEY_ID = VERSION_4[0], VERSION_4[2], VERSION_2[0]

CREDENTIAL = re.compile(r"[^/]+/(?P<date>\d{8})/(?P<region>[^/]+)/s3/aws4_request")
DATE = re.compile(r"\d{8}")
NUMBER = re.compile(r"-?[0-9]{1,18}")


def check_presigned(request: S3Request) -> None:
    """Refuse a URL whose signature is not complete or has expired. Raises Refusal."""
    query = request.query
    is_version_4 = any(name in query for name in (ALGORITHM, "X-Amz-Credential", SIGNATURE))
    is_version_2 = KEY_ID in query or "Signature" in query
    if not (is_version_4 or is_version_2):
        return
    if "authorization" in request.headers:
        raise Refusal(
            400,
            "InvalidArgument",
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "
            "Signature query string parameter or the Authorization header should be specified",
            {"ArgumentName": "Authorization", "ArgumentValue": request.headers["authorization"]},
        )
    if is_version_4:
        _check_version_4(query, time.time())
    else:
        _check_version_2(query, time.time())


def _check_version_4(query: Mapping[str, str], now: float) -> None:
    if not all(name in query for name in VERSION_4):
        raise _wrong(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, "
            "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
            "X-Amz-Expires parameters."
        )
    if query[ALGORITHM] not in ("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"):
        raise _wrong('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"')
    if query[ALGORITHM] == "AWS4-HMAC-SHA256":  # The other algorithm is for all regions.
        _check_scope(query["X-Amz-Credential"], query["X-Amz-Date"])
    signed, seconds = _read_date(query["X-Amz-Date"]), _read_seconds(query["X-Amz-Expires"])
    if signed - SKEW_SECONDS > now:
        raise Refusal(403, "AccessDenied", "Request is not yet valid")
    if signed + seconds < now:
        raise _expired(signed + seconds, now, {"X-Amz-Expires": query["X-Amz-Expires"]})


def _check_scope(credential: str, date: str) -> None:
    scope = CREDENTIAL.fullmatch(credential)
    problem = "Error parsing the X-Amz-Credential parameter; "
    if scope is None:
        raise _wrong(
            f"{problem}the Credential is mal-formed; "
            'expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
        )
    if scope["region"] not in list_regions():
        raise _wrong(f"{problem}the region '{scope['region']}' is wrong; expecting 'us-east-1'")
    if DATE.match(date) and scope["date"] != date[:8]:
        raise _wrong(
            f'Invalid credential date "{scope["date"]}". This date is not the same as '
            f'X-Amz-Date: "{date[:8]}".'
        )


def _read_date(text: str) -> float:
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise _wrong(
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
        ) from None


def _read_seconds(text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise _wrong("X-Amz-Expires should be a number")
    seconds = int(text)
    if seconds < 0:
        raise _wrong("X-Amz-Expires must be non-negative")
    if seconds > MAX_SECONDS:
        raise _wrong(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given "
            "X-Amz-Expires must be less than 604800 seconds"
        )
    return seconds


def _check_version_2(query: Mapping[str, str], now: float) -> None:
    if not all(name in query for name in VERSION_2):
        raise Refusal(
            403,
            "AccessDenied",
            "Query-string authentication requires the Signature, Expires and "
            "AWSAccessKeyId parameters",
        )
    if not NUMBER.fullmatch(query["Expires"]):
        message = f"Invalid date (should be seconds since epoch): {query['Expires']}"
        raise Refusal(403, "AccessDenied", message)
    until = int(query["Expires"])
    if until < now:
        raise _expired(until, now, {})


def _expired(until: float, now: float, fields: Mapping[str, str]) -> Refusal:
    times = {"Expires": _write_time(until), "ServerTime": _write_time(now)}
    return Refusal(403, "AccessDenied", "Request has expired", {**fields, **times})


def _write_time(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError):  # Before the year 1.
        return str(seconds)


def _wrong(message: str) -> Refusal:
    return Refusal(400, "AuthorizationQueryParametersError", message)
