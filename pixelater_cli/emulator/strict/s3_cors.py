"""CORS of buckets: answers to preflight requests, and headers for pages of other origins.

moto takes every rule of a bucket for one that fits, and Flask lets the pages of all origins read.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from pixelater_cli.emulator.strict.refusal import Refusal, StartResponse
from pixelater_cli.emulator.strict.s3_request import read_request
from pixelater_cli.emulator.strict.s3_state import find_bucket

PREFLIGHT = "OPTIONS"

READS = ("GET", "HEAD")

SCOPE = re.compile(r"/([^/\s]*)/aws4_request")
"""The service that a request is signed for."""

HEADERS = "access-control-"

VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"

NOT_ALLOWED = (
    "CORSResponse: This CORS request is not allowed. This is usually because the evalution of "
    "Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are "
    "not whitelisted by the resource's CORS spec."
)
"""S3's words."""


def answer_preflight(environ: Mapping[str, Any], start: StartResponse) -> Iterable[bytes]:
    """Answer a request that asks what a page may do. Raises Refusal.

    https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html
    """
    request = read_request(environ)
    if "origin" not in request.headers:
        told = "Insufficient information. Origin request header needed."
        raise Refusal(400, "BadRequest", told)
    method = request.headers.get("access-control-request-method", "null")
    if method == "null":
        raise Refusal(400, "BadRequest", f"Invalid Access-Control-Request-Method: {method}")
    fields = {"Method": method, "ResourceType": "OBJECT" if request.key else "BUCKET"}
    bucket = find_bucket(request.bucket)
    if bucket is None:
        raise Refusal(403, "AccessForbidden", "CORSResponse: Bucket not found", fields)
    if not bucket.stored.cors:
        told = "CORSResponse: CORS is not enabled for this bucket."
        raise Refusal(403, "AccessForbidden", told, fields)
    headers = list(_describe(environ))
    if not headers:
        raise Refusal(403, "AccessForbidden", NOT_ALLOWED, fields)
    start("200 OK", headers)
    return []


def let_pages_read(environ: Mapping[str, Any], start: StartResponse) -> StartResponse:
    """Return a start_response that adds what S3 adds for a page, in place of what moto adds."""

    def start_for_page(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        kept = [
            (name, value)
            for name, value in headers
            if not name.lower().startswith(HEADERS) and name.lower() != "vary"
        ]
        return start(status, [*kept, *_describe(environ)], exc_info)

    return start_for_page


def names_origin(environ: Mapping[str, Any]) -> bool:
    """Return whether a page may read, because its bucket has a rule that names its origin.

    A rule for all origins names none. Requests that are signed for other services may change
    something, whatever their method.
    """
    origin = environ.get("HTTP_ORIGIN", "")
    signed = unquote(f"{environ.get('HTTP_AUTHORIZATION', '')} {environ.get('QUERY_STRING', '')}")
    if not origin or any(name != "s3" for name in SCOPE.findall(signed)):
        return False
    request = read_request(environ)
    method = _find_method(request.headers, request.method)
    rule = _find_rule(request.bucket, origin, method)
    return method in READS and rule is not None and origin in rule.allowed_origins


def _describe(environ: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the headers that tell a page what it may do; none if no rule fits."""
    if "HTTP_ORIGIN" not in environ:
        return
    request = read_request(environ)
    origin = request.headers["origin"]
    asked = ""
    if request.method == PREFLIGHT:
        asked = request.headers.get("access-control-request-headers", "")
    names = [name.strip().lower() for name in asked.split(",") if name.strip()]
    method = _find_method(request.headers, request.method)
    rule = _find_rule(request.bucket, origin, method, names)
    if rule is None:
        return
    is_for_all = "*" in rule.allowed_origins
    yield "Access-Control-Allow-Origin", "*" if is_for_all else origin
    if not is_for_all:
        yield "Access-Control-Allow-Credentials", "true"
    yield "Access-Control-Allow-Methods", ", ".join(rule.allowed_methods)
    if names:
        yield "Access-Control-Allow-Headers", ", ".join(names)
    if rule.exposed_headers:
        yield "Access-Control-Expose-Headers", ", ".join(rule.exposed_headers)
    if rule.max_age_seconds:
        yield "Access-Control-Max-Age", str(rule.max_age_seconds)
    yield "Vary", VARY


def _find_method(headers: Mapping[str, str], method: str) -> str:
    return headers.get("access-control-request-method", "") if method == PREFLIGHT else method


def _find_rule(bucket: str, origin: str, method: str, headers: Iterable[str] = ()) -> Any:
    """Return the first rule of a bucket, as moto keeps it, that allows all of these; or None."""
    found = find_bucket(bucket)
    for rule in found.stored.cors if found else ():
        if (
            method in rule.allowed_methods
            and any(_fits(allowed, origin) for allowed in rule.allowed_origins)
            and all(
                any(_fits(allowed.lower(), name) for allowed in rule.allowed_headers or ())
                for name in headers
            )
        ):
            return rule
    return None


def _fits(allowed: str, text: str) -> bool:
    """Return whether text is what a rule allows, in which one * stands for any characters.

    >>> _fits("https://*.example.com", "https://a.example.com"), _fits("*", "a"), _fits("a", "ab")
    (True, True, False)
    """
    return re.fullmatch(".*".join(map(re.escape, allowed.split("*"))), text) is not None
