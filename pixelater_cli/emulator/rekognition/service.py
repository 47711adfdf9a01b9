"""Rekognition's API: DetectFaces and DetectText. Everything else is refused.

moto answers DetectText with a fixed text, and other operations with invented results: a test
against them would show nothing.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask
from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import AccessDeniedError
from moto.core.responses import BaseResponse
from moto.core.utils import convert_to_flask_response

from pixelater_cli.emulator.moto_adapter import stored_objects
from pixelater_cli.emulator.rekognition import pictures
from pixelater_cli.emulator.rekognition.answers import (
    TEXT_MODEL,
    describe_faces,
    describe_text,
    read_min_confidence,
)
from pixelater_cli.emulator.strict.enforcement import may_read_object
from pixelater_cli.emulator.strict.refusal import Refusal
from pixelater_cli.emulator.strict.rekognition_rules import NOT_IMPLEMENTED
from pixelater_cli.errors import PixelaterError
from pixelater_cli.local.region_job import explained, load_detectors
from pixelater_detectors.boxes import Detection

_DETECTION = ThreadPoolExecutor(1, "rekognition")
"""One thread for all pictures: a decoded one and its detector take .4 GB, and glibc keeps memory
for each thread that allocated it."""


def create_app() -> Flask:
    """Create Rekognition's application."""
    app = Flask("rekognition")
    view = convert_to_flask_response(RekognitionResponse.dispatch)
    app.add_url_rule("/", "rekognition", view, methods=["POST"])
    return app


class RekognitionResponse(BaseResponse):
    """A request to Rekognition. Methods are named after operations."""

    def __init__(self) -> None:
        super().__init__(service_name="rekognition")

    def detect_faces(self) -> TYPE_RESPONSE:
        found, size = self._detect("faces")
        return _write({"FaceDetails": describe_faces(found, size)})

    def detect_text(self) -> TYPE_RESPONSE:
        filters = self._document.get("Filters") or {}
        found, size = self._detect("text", read_min_confidence(filters) / 100)
        texts = describe_text(found, size, filters)
        return _write({"TextDetections": texts, "TextModelVersion": TEXT_MODEL})

    def _authenticate_and_authorize_normal_action(self, resource: str = "*") -> None:
        try:
            super()._authenticate_and_authorize_normal_action(resource)
        except AccessDeniedError as error:
            message = f"{error.message} on resource: {resource}"
            raise Refusal(400, "AccessDeniedException", message) from None

    @property
    def _document(self) -> Mapping[str, Any]:
        document: Mapping[str, Any] = json.loads(self.body)
        return document

    def _detect(
        self, kind: str, threshold: float | None = None
    ) -> tuple[list[Detection], tuple[int, int]]:
        """Find what is of a kind in the picture. Raises Refusal."""
        image = self._document["Image"]
        stored = image.get("S3Object")
        data = self._read(stored) if stored else base64.b64decode(image["Bytes"])
        return _DETECTION.submit(_find, data, kind, threshold).result()

    def _read(self, stored: Mapping[str, str]) -> bytes:
        """Read an object of the caller's account and of this region. Raises Refusal."""
        bucket, key = stored["Bucket"], stored["Name"]
        version = stored_objects.find_version(
            self.current_account, bucket, key, stored.get("Version")
        )
        region = stored_objects.find_region(self.current_account, bucket)
        allowed = may_read_object(self, bucket, key, versioned="Version" in stored)
        if version is None or region != self.region or not allowed:
            raise Refusal(
                400,
                "InvalidS3ObjectException",
                "Unable to get object metadata from S3. Check object key, region and/or access "
                "permissions.",
            )
        if version.size > pictures.MAX_OBJECT_BYTES:
            raise pictures.refuse_size()
        data: bytes = version.value
        return data


def _find(
    data: bytes, kind: str, threshold: float | None
) -> tuple[list[Detection], tuple[int, int]]:
    """Return what is found in a file, and the size of its picture. Raises Refusal."""
    picture = pictures.decode(data)
    try:
        with explained():
            return load_detectors().find(picture, (kind,), threshold), picture.size
    except PixelaterError as error:
        raise Refusal(*NOT_IMPLEMENTED, f"{error}. {error.hint}") from error


def _write(answer: Mapping[str, Any]) -> TYPE_RESPONSE:
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer)
