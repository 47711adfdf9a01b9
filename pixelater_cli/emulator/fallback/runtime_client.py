"""Owns the stand-in for awslambdaric's compiled `runtime_client`, where there is none.

It is put on the path of an execution environment only, and is no part of the pixelater_cli package.
"""

import os
from http.client import HTTPConnection

_ROOT = "/2018-06-01/runtime/invocation/"


def initialize_client(user_agent):
    global _connection, _user_agent
    _connection = HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    _user_agent = user_agent


def next():
    return _call("GET", "next", None, {})


def post_invocation_result(request_id, data, content_type, invocation_id=None):
    _call("POST", f"{request_id}/response", data, {"Content-Type": content_type})


def post_error(request_id, error, xray_fault, invocation_id=None):
    headers = {
        "Content-Type": "application/json",
        "Lambda-Runtime-Function-XRay-Error-Cause": xray_fault,
    }
    _call("POST", f"{request_id}/error", error.encode(), headers)


def _call(method, path, body, headers):
    _connection.request(method, _ROOT + path, body, {"User-Agent": _user_agent, **headers})
    response = _connection.getresponse()
    content = response.read()
    if response.status not in (200, 202):
        raise RuntimeError(f"the Runtime API answered {response.status} to {path}")
    return content, dict(response.getheaders())
