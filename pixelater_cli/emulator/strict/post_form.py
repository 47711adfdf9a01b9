"""What S3 refuses of uploads by a form.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import time
from datetime import datetime
from typing import IO, Any

from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from pixelater_cli.emulator.strict.lengths import MAX_BYTES
from pixelater_cli.emulator.strict.refusal import Refusal
from pixelater_cli.emulator.strict.s3_head_rules import check_key_size
from pixelater_cli.emulator.strict.s3_request import S3Request

LENGTH_RANGE = "content-length-range"


def check_form_type(request: S3Request) -> None:
    """Refuse a POST of anything but a form. Raises Refusal."""
    if request.operation.name != "PostObject":
        return
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != "multipart/form-data":
        raise Refusal(
            412,
            "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
            {"Condition": "Bucket POST must be of the enclosure-type multipart/form-data"},
        )
    if not options.get("boundary"):
        raise _malformed()


def check_form(request: S3Request) -> None:
    """Refuse a form without a key or a file, or whose policy does not allow it. Raises Refusal."""
    if request.operation.name != "PostObject":
        return
    fields, files = _parse(request)
    key = fields.get("key")
    if not key:
        raise _wrong(
            "Bucket POST must contain a field named 'key'.  If it is specified, please check the "
            "order of the fields.",
            "key",
        )
    check_key_size(len(key.encode()))
    if len(files) != 1:
        raise _wrong("POST requires exactly one file upload per request.", "file")
    if "policy" in fields:
        _check_policy(fields["policy"], len(files[0]))
    status = fields.get("success_action_status", "204")
    if not status.isdecimal():
        raise _wrong("The success_action_status must be a status code", "success_action_status")


def _parse(request: S3Request) -> tuple[dict[str, str], list[bytes]]:
    body = request.body or b""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    parser = FormDataParser(_open_file, silent=False)
    try:
        _, form, files = parser.parse(io.BytesIO(body), kind, len(body), options)
    except ValueError:
        raise _malformed() from None
    names = {name.lower(): value for name, value in form.items()}
    contents = [file.stream.read() for file in files.values()]
    if "file" in names:
        contents.append(names["file"].encode())
    return names, contents


def _open_file(
    total_content_length: int | None,  # noqa: ARG001 (the signature is werkzeug's)
    content_type: str | None,  # noqa: ARG001
    filename: str | None,  # noqa: ARG001
    content_length: int | None = None,  # noqa: ARG001
) -> IO[bytes]:
    return io.BytesIO()


def _check_policy(text: str, size: int) -> None:
    """Refuse a policy that is none, or has expired, or a file of another size.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
    """
    try:
        policy: Any = json.loads(base64.b64decode(text, validate=True))
        until = datetime.fromisoformat(policy["expiration"]).timestamp()
        conditions = list(policy["conditions"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        message = "Invalid Policy: Invalid JSON."
        raise Refusal(400, "InvalidPolicyDocument", message) from None
    if until < time.time():
        raise Refusal(403, "AccessDenied", "Invalid according to Policy: Policy expired.")
    for condition in conditions:
        if isinstance(condition, list) and condition[:1] == [LENGTH_RANGE]:
            _check_size(condition[1:], size)


def _check_size(limits: list[Any], size: int) -> None:
    try:
        least, most = map(int, limits)
    except (TypeError, ValueError):
        message = "Invalid Policy: Invalid Simple-Condition"
        raise Refusal(400, "InvalidPolicyDocument", message) from None
    if size > min(most, MAX_BYTES):
        message = "Your proposed upload exceeds the maximum allowed size"
        sizes = {"ProposedSize": size, "MaxSizeAllowed": most}
        raise Refusal(400, "EntityTooLarge", message, sizes)
    if size < least:
        message = "Your proposed upload is smaller than the minimum allowed size"
        sizes = {"ProposedSize": size, "MinSizeAllowed": least}
        raise Refusal(400, "EntityTooSmall", message, sizes)


def _malformed() -> Refusal:
    message = "The body of your POST request is not well-formed multipart/form-data."
    return Refusal(400, "MalformedPOSTRequest", message)


def _wrong(message: str, name: str) -> Refusal:
    return Refusal(400, "InvalidArgument", message, {"ArgumentName": name, "ArgumentValue": ""})
