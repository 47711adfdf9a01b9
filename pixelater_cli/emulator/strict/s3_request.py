"""A request to S3, taken apart once for all rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

from moto.s3.responses import S3Response
from moto.s3.utils import bucket_name_from_url

from pixelater_cli.emulator.strict.s3_operations import Operation, find_operation


@dataclass(frozen=True)
class S3Request:
    """A request; header names are in small letters, and so is what `bucket` says of its host.

    `query` has the first value of each parameter. `raw_path` is the path as it was sent, where the
    server tells. `body` is None until it has been read.
    """

    method: str
    bucket: str
    key: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    operation: Operation
    raw_path: str = ""
    body: bytes | None = field(default=None, repr=False)

    @property
    def path(self) -> str:
        return f"/{self.bucket}/{self.key}"


def read_request(environ: Mapping[str, Any]) -> S3Request:
    """Read the head of a request, given as a WSGI environment."""
    method = str(environ["REQUEST_METHOD"])
    host, path = environ.get("HTTP_HOST", ""), environ.get("PATH_INFO", "")
    bucket = _find_virtual_bucket(host)
    rest = path[1:]
    if bucket is None:
        bucket, _, rest = rest.partition("/")
    text = environ.get("QUERY_STRING", "")
    query: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True) if text else ():
        query.setdefault(name, value)
    headers = _read_headers(environ)
    operation = find_operation(method, bool(bucket), bool(rest), query, headers)
    raw = str(environ.get("RAW_URI", "")).partition("?")[0]
    return S3Request(method, _decode(bucket), _decode(rest), query, headers, operation, raw)


def _read_headers(environ: Mapping[str, Any]) -> dict[str, str]:
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if name in environ:
            headers[name.replace("_", "-").lower()] = environ[name]
    return headers


@lru_cache(maxsize=1000)
def _find_virtual_bucket(host: str) -> str | None:
    """Return the bucket that a host's name begins with; None where the path names it."""
    request = SimpleNamespace(headers={"host": host}, url=f"http://{host}/")
    if not S3Response.subdomain_based_buckets(request):
        return None
    return bucket_name_from_url(request.url) or ""


def _decode(text: str) -> str:
    """Read text that WSGI gives as latin-1. Bytes that are no UTF-8 become surrogates."""
    return text.encode("latin-1").decode("utf-8", "surrogateescape")
