"""The Authorization header: its form, before it decides which service a request is for.

Signatures are not verified, because keys are invented.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sqs.models import sqs_backends

from pixelater_cli.emulator.strict.refusal import Refusal

VERSION_2 = re.compile(r"AWS [^\s:,/]+:[^\s,]+")
VERSION_4 = re.compile(r"AWS4-HMAC-SHA256\s+(.*)", re.DOTALL)
VERSION_4A = re.compile(r"AWS4-ECDSA-P256-SHA256\s+(.*)", re.DOTALL)
CREDENTIAL = re.compile(r"([^/\s]+)/(\d{8})/([^/\s]+)/([^/\s]+)/aws4_request")


def check_authorization(environ: Mapping[str, Any], knows: Callable[[str], bool]) -> None:
    """Refuse a header that is no signature, or one for an unknown service or region.

    `knows` tells whether a service is emulated. Raises Refusal.
    """
    header = environ.get("HTTP_AUTHORIZATION")
    if header is None or VERSION_2.fullmatch(header) or VERSION_4A.fullmatch(header):
        return
    read = VERSION_4.fullmatch(header)
    if read is None:
        fields = {"ArgumentName": "Authorization", "ArgumentValue": header}
        raise Refusal(400, "InvalidArgument", "Unsupported Authorization Type", fields)
    parts = dict(part.strip().partition("=")[::2] for part in read[1].split(","))
    for name in ("Credential", "SignedHeaders", "Signature"):
        if not parts.get(name):
            raise _malformed(f"The authorization header requires {name}")
    scope = CREDENTIAL.fullmatch(parts["Credential"])
    if scope is None:
        raise _malformed(
            "the Credential is mal-formed; expecting "
            '"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
        )
    if scope[3] not in list_regions():
        raise _malformed(f"the region '{scope[3]}' is wrong; expecting 'us-east-1'")
    if not knows(scope[4].lower()):
        raise _malformed(f'incorrect service "{scope[4]}"; this emulator does not have it')


@cache
def list_regions() -> frozenset[str]:
    """Return the regions that signatures may name."""
    return frozenset(sqs_backends[DEFAULT_ACCOUNT_ID].regions) | {"aws-global"}


def _malformed(message: str) -> Refusal:
    text = f"The authorization header is malformed; {message}"
    return Refusal(400, "AuthorizationHeaderMalformed", text)
