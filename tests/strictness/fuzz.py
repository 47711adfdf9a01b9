"""Requests that are put together at random, of valid and damaged parts."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel

ODD_TEXT = [
    "",
    "a",
    "0",
    "-1",
    "1",
    "99999999999",
    "é",
    "\x00",
    "a b",
    "<",
    "%",
    "true",
    "none",
    "*",
]
ODD_XML = [
    b"",
    b"<",
    b"<a/>",
    b"<Delete/>",
    b"\xff\xfe",
    b"<?xml version='1.0' encoding='none'?><a/>",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    b"{}",
]
ODD_JSON = [b"", b"{", b"[]", b"null", b"1", b'"a"', b"\xff", b"{}", b'{"a": NaN}']
S3_HEADERS = [
    *("Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"),
    *("Content-MD5", "x-amz-acl", "x-amz-tagging", "x-amz-copy-source", "x-amz-storage-class"),
    *("x-amz-grant-read", "x-amz-checksum-crc32", "x-amz-sdk-checksum-algorithm", "x-amz-mfa"),
    *("x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date", "x-amz-meta-a"),
    *("x-amz-object-lock-legal-hold", "x-amz-server-side-encryption", "Content-Type"),
    *("x-amz-expected-bucket-owner", "x-amz-copy-source-range", "x-amz-metadata-directive"),
    *(
        "x-amz-bucket-object-lock-enabled",
        "x-amz-object-ownership",
        "x-amz-website-redirect-location",
    ),
    *("x-amz-decoded-content-length", "x-amz-content-sha256", "x-amz-trailer", "Expires"),
]


DETECTIONS = ["DetectFaces", "DetectText", "DetectLabels"]


@dataclass(frozen=True)
class FuzzRequest:
    """A request to one of the services."""

    service: str
    method: str
    path: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def list_requests(seed: int, count: int, bucket: str) -> Iterator[FuzzRequest]:
    """List requests; a seed gives the same ones each time."""
    chance = random.Random(seed)
    makers = [_ask_s3, _ask_lambda, _ask_json, _ask_query]
    for _ in range(count):
        yield chance.choice(makers)(chance, bucket)


def _load(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


MODELS = {
    name: _load(name) for name in ("s3", "lambda", "logs", "sqs", "iam", "sts", "rekognition")
}


def _ask_s3(chance: random.Random, bucket: str) -> FuzzRequest:
    model = MODELS["s3"]
    names = [name for name in model.operation_names if name != "DeleteBucket"]
    operation = model.operation_model(chance.choice(names))
    uri = operation.http["requestUri"]
    place = chance.choice([bucket, bucket, bucket, "none", "a..b"])
    path = uri.replace("{Bucket}", place).replace("{Key+}", chance.choice(["key", "none", "a/b"]))
    shape = operation.input_shape
    for member in shape.members.values() if shape else ():
        required = member.name in shape.required_members
        if (
            member.serialization.get("location") == "querystring"
            and chance.random() < 0.4 + required
        ):
            value = _quote(chance.choice([*ODD_TEXT, "key", "null"]))
            path += f"{'&' if '?' in path else '?'}{member.serialization['name']}={value}"
    headers = {
        name: _as_header(chance.choice([*ODD_TEXT, f"{bucket}/key", "bytes=0-1", "AES256"]))
        for name in chance.sample(S3_HEADERS, chance.choice([0, 0, 1, 2]))
    }
    return FuzzRequest("s3", operation.http["method"], path, _make_xml(chance, operation), headers)


def _make_xml(chance: random.Random, operation: Any) -> bytes:
    shape = operation.input_shape
    payload = shape.members.get(shape.serialization.get("payload", "")) if shape else None
    if payload is None or payload.type_name != "structure" or chance.random() < 0.3:
        return chance.choice([*ODD_XML, b"text"])
    name = payload.serialization.get("name") or payload.name
    return f"<{name}>{_write_members(chance, payload, 0)}</{name}>".encode()


def _write_members(chance: random.Random, shape: Any, depth: int) -> str:
    text = ""
    for name, member in shape.members.items():
        if (name not in shape.required_members and chance.random() < 0.6) or depth > 5:
            continue
        tag = member.serialization.get("name") or name
        if member.type_name == "list" and member.serialization.get("flattened"):
            text += f"<{tag}>{_write_value(chance, member.member, depth)}</{tag}>"
        elif member.serialization.get("xmlAttribute"):
            continue
        else:
            text += f"<{tag}>{_write_value(chance, member, depth)}</{tag}>"
    return text


def _write_value(chance: random.Random, shape: Any, depth: int) -> str:
    if shape.type_name == "structure":
        return _write_members(chance, shape, depth + 1)
    if shape.type_name == "list":
        name = shape.member.serialization.get("name") or "member"
        return f"<{name}>{_write_value(chance, shape.member, depth + 1)}</{name}>"
    if getattr(shape, "enum", None) and chance.random() < 0.9:
        return str(chance.choice(shape.enum))
    return {
        "integer": chance.choice(["1", "0", "-1", "a"]),
        "boolean": chance.choice(["true", "false", "a"]),
        "timestamp": chance.choice(["2030-01-01T00:00:00Z", "a"]),
    }.get(shape.type_name, chance.choice(["key", "a", "", "1", "arn:aws:iam::1:role/a"]))


def _ask_lambda(chance: random.Random, _bucket: str) -> FuzzRequest:
    model = MODELS["lambda"]
    operation = model.operation_model(chance.choice(model.operation_names))
    path = operation.http["requestUri"]
    shape = operation.input_shape
    for name, member in shape.members.items() if shape else ():
        place, key = member.serialization.get("location"), member.serialization.get("name")
        value = chance.choice(["fuzz", "fuzz", "none", "1", "live", "$LATEST", "a b", "arn:aws:a"])
        if place == "uri":
            path = path.replace(f"{{{key}}}", _quote(value)).replace(f"{{{key}+}}", _quote(value))
        elif place == "querystring" and (name in shape.required_members or chance.random() < 0.3):
            path += f"{'&' if '?' in path else '?'}{key}={_quote(value)}"
    body = _make_json(chance, shape)
    return FuzzRequest("lambda", operation.http["method"], path, body)


def _ask_json(chance: random.Random, _bucket: str) -> FuzzRequest:
    service = chance.choice(["logs", "sqs", "rekognition"])
    model = MODELS[service]
    names = DETECTIONS if service == "rekognition" else model.operation_names
    operation = model.operation_model(chance.choice([*names]))
    headers = {
        "X-Amz-Target": f"{model.metadata['targetPrefix']}.{operation.name}",
        "Content-Type": f"application/x-amz-json-{model.metadata['jsonVersion']}",
    }
    return FuzzRequest(service, "POST", "/", _make_json(chance, operation.input_shape), headers)


def _make_json(chance: random.Random, shape: Any) -> bytes:
    if shape is None or chance.random() < 0.15:
        return chance.choice(ODD_JSON)
    return json.dumps(_make_value(chance, shape, 0)).encode()


def _make_value(chance: random.Random, shape: Any, depth: int) -> Any:
    if chance.random() < 0.04:
        return chance.choice([None, 1, "a", [], {}, True, -1, 1.5])
    if shape.type_name == "structure":
        return _make_members(chance, shape, depth)
    if shape.type_name == "list":
        return [_make_value(chance, shape.member, depth + 1)] * chance.choice([0, 1, 1, 2])
    if shape.type_name == "map":
        name = str(_make_value(chance, shape.key, depth + 1))
        return {name: _make_value(chance, shape.value, depth + 1)}
    return _make_scalar(chance, shape)


def _make_members(chance: random.Random, shape: Any, depth: int) -> dict[str, Any]:
    return {
        name: _make_value(chance, member, depth + 1)
        for name, member in shape.members.items()
        if "location" not in member.serialization
        and depth < 5
        and chance.random() < (0.95 if name in shape.required_members else 0.25)
    }


def _make_scalar(chance: random.Random, shape: Any) -> Any:
    if getattr(shape, "enum", None) and chance.random() < 0.9:
        return chance.choice(shape.enum)
    if shape.type_name in ("integer", "long"):
        least = int(shape.metadata.get("min", 0))
        return chance.choice([least, least + 1, 7, 0, -1, 10**12])
    simple: dict[str, list[Any]] = {
        "boolean": [True, False],
        "blob": ["", "YQ==", "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="],
        "timestamp": [0, 1e9, 1.5e9],
        "double": [0.5],
        "float": [0.5],
    }
    texts = ["fuzz", "a", "", "1", "none", "{}", "http://localhost/123456789012/fuzz", "é", "a b"]
    return chance.choice(simple.get(shape.type_name, texts))


def _ask_query(chance: random.Random, _bucket: str) -> FuzzRequest:
    service = chance.choice(["iam", "iam", "sts"])
    model = MODELS[service]
    operation = model.operation_model(chance.choice(model.operation_names))
    pairs = [("Action", operation.name), ("Version", str(model.metadata["apiVersion"]))]
    shape = operation.input_shape
    for name, member in shape.members.items() if shape else ():
        if chance.random() < (0.9 if name in shape.required_members else 0.2):
            key = (
                name if member.type_name in ("string", "integer", "boolean") else f"{name}.member.1"
            )
            pairs.append(
                (key, chance.choice([*ODD_TEXT, "fuzz", "fuzz", "{}", "arn:aws:iam::1:a/b"]))
            )
    body = "&".join(f"{name}={_quote(value)}" for name, value in pairs).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return FuzzRequest(service, "POST", "/", body, headers)


def _quote(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def _as_header(text: str) -> str:
    return text.encode().decode("latin-1").replace("\x00", "") or "x"
