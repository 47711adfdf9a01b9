"""Calls of AWS APIs, read from HTTP requests."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from botocore.loaders import Loader

SCOPE = re.compile(r"([^/=]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
"""The scope of a signature: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html"""

BUCKET_HOST = re.compile(
    r"(?!s3\.)(?P<bucket>[a-z0-9][a-z0-9.-]+?)\.(?:s3[.-].*|localhost)(?::\d+)?"
)
"""A host that names a bucket, as virtual-hosted-style requests have it."""

LAMBDA_PATH = re.compile(r"/20\d\d-\d\d-\d\d/")
FUNCTION_IN_ARN = re.compile(r":function:([\w-]+)")
BUCKET_SLASHES = 2
"""Slashes in the path of a bucket that ends with one."""

LABEL = re.compile(r"{(\w+)\+?}")


@dataclass(frozen=True)
class Call:
    """One call: service and operation as in IAM's actions, and the names that it mentions.

    `names` holds, by kind of resource ("bucket", "object", "function", "role", "queue", "picture"),
    what the call is about. `reads` tells whether it changes nothing.
    """

    service: str
    operation: str
    names: Mapping[str, str] = field(default_factory=dict)
    region: str = "us-east-1"
    access_key: str = ""
    query: str = ""
    body: bytes = field(default=b"", repr=False)

    @property
    def action(self) -> str:
        """The call as in a policy: s3:PutObject."""
        return f"{self.service}:{self.operation}"

    @property
    def subject(self) -> str:
        """The most specific name, or "" if the call is about the whole account."""
        kinds = ("object", "picture", "bucket", "function", "role", "queue", "log group")
        return next((self.names[kind] for kind in kinds if kind in self.names), "")

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters in the body: of a form, or of a JSON object; none otherwise."""
        return _read_parameters(self.body)

    def __str__(self) -> str:
        return f"{self.service} {self.operation} {self.subject}".rstrip()


def read_call(environ: Mapping[str, Any], body: bytes) -> Call:
    """Read a call from a WSGI environment and the body of the request."""
    query = environ.get("QUERY_STRING", "")
    signed = (
        environ.get("HTTP_AUTHORIZATION", "") or parse_qs(query).get("X-Amz-Credential", [""])[0]
    )
    scope = SCOPE.search(signed)
    access_key, region, service = scope.groups() if scope else ("", "us-east-1", "")
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    names: dict[str, str] = {}
    if target:
        service = service or "sqs"
        operation = target.rpartition(".")[2]
    elif service in ("iam", "sts"):
        operation = str(_read_parameters(body).get("Action", ""))
    else:
        service = service or ("lambda" if LAMBDA_PATH.match(environ["PATH_INFO"]) else "s3")
        operation, names = _find_route(service, environ, _read_path(service, environ), query)
    if service != "s3":
        names |= _name_resources(_read_parameters(body))
    elif operation == "PutBucketNotificationConfiguration":
        found = FUNCTION_IN_ARN.search(body.decode(errors="replace"))
        names |= {"function": found[1]} if found else {}
    return Call(service, operation, names, region, access_key, query, body)


def _read_path(service: str, environ: Mapping[str, Any]) -> str:
    """Read the path as an API's model has it: with the bucket, and without a slash at its end."""
    path = str(environ["PATH_INFO"]).encode("latin-1").decode(errors="replace")  # PEP 3333
    if service != "s3":
        return path.rstrip("/") or "/"
    host = BUCKET_HOST.fullmatch(environ.get("HTTP_HOST", ""))
    path = f"/{host['bucket']}{path}" if host else path
    return path.rstrip("/") if path.count("/") == BUCKET_SLASHES else path


def _read_parameters(body: bytes) -> dict[str, Any]:
    if body[:1] == b"{":
        try:
            parameters = json.loads(body)
        except ValueError:
            return {}
        return parameters if isinstance(parameters, dict) else {}
    return dict(parse_qsl(body.decode(errors="replace")))


def _name_resources(parameters: Mapping[str, Any]) -> dict[str, str]:
    names = {
        "role": str(parameters.get("RoleName") or parameters.get("Role") or "").rpartition("/")[2],
        "policy": str(parameters.get("PolicyName", "")),
        "queue": str(parameters.get("QueueName") or parameters.get("QueueUrl") or "").rpartition(
            "/"
        )[2],
        "function": _name_function(str(parameters.get("FunctionName", ""))),
        "log group": str(parameters.get("logGroupName", "")),
    }
    code = parameters.get("Code") or parameters
    if isinstance(code, dict) and "S3Key" in code:
        names["object"] = f"{code.get('S3Bucket')}/{code['S3Key']}"
    image = parameters.get("Image")
    if isinstance(image, dict):
        names |= _name_picture(image)
    return {kind: name for kind, name in names.items() if name}


def _name_picture(image: Mapping[str, Any]) -> dict[str, str]:
    """Name what Rekognition is to look at: an object, or bytes, by the start of their digest."""
    stored = image.get("S3Object")
    if isinstance(stored, dict):
        return {"object": f"{stored.get('Bucket')}/{stored.get('Name')}"}
    return {"picture": sha256(str(image.get("Bytes")).encode()).hexdigest()[:12]}


def _name_function(name: str) -> str:
    """Return the bare name of a function given by its name or its ARN, with or without qualifier.

    >>> _name_function("arn:aws:lambda:eu-west-1:123456789012:function:mine:live")
    'mine'
    """
    return (name.partition(":function:")[2] or name).partition(":")[0]


@dataclass(frozen=True)
class _Route:
    """How an operation is told from others: its method, path, and required query and headers."""

    operation: str
    method: str
    path: re.Pattern[str]
    query: frozenset[str]
    headers: frozenset[str]
    deprecated: bool

    def rank(self) -> tuple[int, bool]:
        return len(self.query) + len(self.headers), not self.deprecated


def _find_route(
    service: str, environ: Mapping[str, Any], path: str, query: str
) -> tuple[str, dict[str, str]]:
    """Find the operation of a REST API by botocore's model of it, and the names in the path."""
    given = parse_qs(query, keep_blank_values=True).keys()
    method = environ["REQUEST_METHOD"]
    routes = [
        route
        for route in _list_routes(service)
        if route.method == method
        and route.path.fullmatch(path)
        and route.query <= given
        and all(f"HTTP_{name.upper().replace('-', '_')}" in environ for name in route.headers)
    ]
    if not routes:
        return "", {}
    best = max(routes, key=_Route.rank)
    match = best.path.fullmatch(path)
    found = match.groupdict() if match else {}
    names = {}
    if "Bucket" in found:
        names["bucket"] = found["Bucket"]
    if "Key" in found:
        names["object"] = f"{found['Bucket']}/{found['Key']}"
    if "FunctionName" in found:
        names["function"] = _name_function(found["FunctionName"])
    return best.operation, names


@cache
def _list_routes(service: str) -> tuple[_Route, ...]:
    model = Loader().load_service_model(service, "service-2")
    return tuple(_make_route(model, name) for name in model["operations"])


def _make_route(model: Mapping[str, Any], name: str) -> _Route:
    operation = model["operations"][name]
    path, _, query = operation["http"]["requestUri"].partition("?")
    shape = model["shapes"].get(operation.get("input", {}).get("shape", ""), {})
    required: dict[str, set[str]] = {"querystring": set(), "header": set()}
    for member in shape.get("required", ()):
        where = shape["members"][member]
        if where.get("location") in required:
            required[where["location"]].add(where["locationName"])
    return _Route(
        name,
        operation["http"]["method"],
        re.compile(LABEL.sub(_match_label, path), re.DOTALL),
        frozenset(parse_qs(query, keep_blank_values=True)) | required["querystring"],
        frozenset(required["header"]),
        operation.get("deprecated", False),
    )


def _match_label(label: re.Match[str]) -> str:
    return f"(?P<{label[1]}>{'.+' if label[0].endswith('+}') else '[^/]+'})"
