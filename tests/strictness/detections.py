"""What Rekognition refuses of DetectFaces and DetectText. What it finds is tested elsewhere."""

from __future__ import annotations

import io
import json
from functools import partial
from typing import Any

from PIL import Image

from tests.strictness.services import send_json
from tests.strictness.site import (
    MISSING,
    REKOGNITION_API,
    REKOGNITION_GUIDE,
    Answer,
    Site,
    list_cases,
)

ERRORS = f"{REKOGNITION_GUIDE}/error-handling.html"
LIMITS = f"{REKOGNITION_GUIDE}/limits.html"


def write(kind: str, size: tuple[int, int] = (100, 100)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size).save(file, kind)
    return file.getvalue()


def look(site: Site, operation: str = "detect_faces", **parameters: Any) -> Answer:
    return site.call("rekognition", operation, **parameters)


def look_at(data: object, site: Site) -> Answer:
    return look(site, Image={"Bytes": data})


def look_at_object(site: Site, **names: str) -> Answer:
    return look(site, Image={"S3Object": {"Bucket": site.bucket, **names}})


def look_at_stored(data: bytes, site: Site) -> Answer:
    site.put("picture", data)
    answer = look_at_object(site, Name="picture")
    site.ask("DELETE", f"/{site.bucket}/picture")
    return answer


def filter_words(filters: Any, site: Site) -> Answer:
    return look(site, "detect_text", Image={"Bytes": write("PNG")}, Filters=filters)


def send(target: str, document: Any) -> Any:
    return partial(send_json, "rekognition", f"RekognitionService.{target}", document)


CASES = [
    *list_cases(
        ERRORS,
        400,
        "InvalidImageFormatException",
        {
            "faces in a GIF": partial(look_at, write("GIF")),
            "faces in a WebP": partial(look_at, write("WEBP")),
            "faces in a text": partial(look_at, b"no picture"),
            "faces in a part of a JPEG": partial(look_at, write("JPEG", (200, 200))[:-400]),
            "faces in an object that is a GIF": partial(look_at_stored, write("GIF")),
            "text in a GIF": lambda s: look(s, "detect_text", Image={"Bytes": write("GIF")}),
        },
    ),
    *list_cases(
        ERRORS,
        400,
        "InvalidParameterException",
        {
            "faces in nothing": lambda s: look(s, Image={}),
            "faces in bytes and an object": lambda s: look(
                s,
                Image={"Bytes": write("PNG"), "S3Object": {"Bucket": s.bucket, "Name": "key"}},
            ),
        },
    ),
    *list_cases(
        LIMITS,
        400,
        "InvalidParameterException",
        {
            "faces in a picture of 79 columns": partial(look_at, write("PNG", (79, 100))),
            "faces in a picture of 79 rows": partial(look_at, write("JPEG", (100, 79))),
        },
    ),
    *list_cases(
        LIMITS,
        400,
        "ImageTooLargeException",
        {
            "faces in an object of 15 MB and a byte": lambda s: look_at_stored(
                bytes(15 * 2**20 + 1), s
            )
        },
    ),
    *list_cases(
        ERRORS,
        400,
        "InvalidS3ObjectException",
        {
            "faces in an object without a key": look_at_object,
            "faces in an object that does not exist": lambda s: look_at_object(s, Name=MISSING),
            "faces in an object of no bucket": lambda s: look_at_object(
                s, Bucket=f"none-{MISSING}", Name="key"
            ),
            "faces in a version that does not exist": lambda s: look_at_object(
                s, Name="key", Version=MISSING
            ),
        },
    ),
    *list_cases(
        f"{REKOGNITION_API}/API_Image.html",
        400,
        "ValidationException",
        {
            "faces in no bytes": partial(look_at, b""),
            "faces in 5 MB and a byte": lambda s: look_at(bytes(5 * 2**20 + 1), s),
        },
    ),
    *list_cases(
        f"{REKOGNITION_API}/API_DetectFaces.html",
        400,
        "ValidationException",
        {
            "faces without a picture": look,
            "faces with an attribute that does not exist": lambda s: look(
                s, Image={"Bytes": write("PNG")}, Attributes=["NAME"]
            ),
        },
    ),
    *list_cases(
        f"{REKOGNITION_API}/API_S3Object.html",
        400,
        "ValidationException",
        {
            "faces in an object of a bucket of 2 characters": lambda s: look_at_object(
                s, Bucket="ab", Name="key"
            ),
            "faces in an object with a key of 1025 characters": lambda s: look_at_object(
                s, Name="k" * 1025
            ),
        },
    ),
    *list_cases(
        f"{REKOGNITION_API}/API_DetectTextFilters.html",
        400,
        "ValidationException",
        {
            "text of a confidence of 101": partial(
                filter_words, {"WordFilter": {"MinConfidence": 101}}
            ),
            "text higher than the picture": partial(
                filter_words, {"WordFilter": {"MinBoundingBoxHeight": 1.1}}
            ),
            "text in 11 regions": partial(filter_words, {"RegionsOfInterest": [{}] * 11}),
        },
    ),
    *list_cases(
        f"{REKOGNITION_API}/CommonErrors.html",
        400,
        "SerializationException",
        {
            "rekognition: what is no JSON": send("DetectFaces", b"{"),
            "rekognition: bytes that are not in Base64": send(
                "DetectFaces", json.dumps({"Image": {"Bytes": "?"}}).encode()
            ),
            "rekognition: a confidence that is a text": send(
                "DetectText",
                b'{"Image": {"Bytes": "AA=="}, "Filters": {"WordFilter": {"MinConfidence": "a"}}}',
            ),
        },
    ),
    *list_cases(
        f"{REKOGNITION_API}/CommonErrors.html",
        400,
        "UnknownOperationException",
        {"rekognition: an operation that does not exist": send("DetectGhosts", b"{}")},
    ),
]
