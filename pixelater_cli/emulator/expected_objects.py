"""Mosaics and documents that the function should make of a photo, made by the library."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pixelater import Mosaic, make_mosaics, name_mosaic
from pixelater.outputs import REGIONS, DocumentOutput, list_documents
from pixelater.redaction import LOCAL
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_cli.aws.stack_looks import choose_look
from pixelater_function.document_writer import DocumentWriter
from pixelater_function.hidden_maker import hide
from pixelater_function.protocol import Version
from pixelater_function.regions_document import format_document

if TYPE_CHECKING:
    from pixelater_function.found_regions import Detector
    from pixelater_function.hidden_maker import FindDetector

OF_UPLOAD = ("version_id", "modified")
"""Fields of the list of regions that tell which upload it is of."""


@dataclass(frozen=True)
class ExpectedObjects:
    """Mosaics by their keys, and what each document should hold."""

    key: str
    mosaics: dict[str, Mosaic]
    documents: dict[DocumentOutput, bytes]

    @property
    def contents(self) -> dict[str, bytes]:
        """The bytes of all objects by their keys."""
        mosaics = {name: mosaic.data for name, mosaic in self.mosaics.items()}
        return mosaics | {each.name(self.key): data for each, data in self.documents.items()}

    def match(self, objects: Mapping[str, bytes]) -> bool:
        """Return whether objects are as expected. The list of regions names its upload, too."""
        regions = DocumentOutput(REGIONS)
        if regions not in self.documents:
            return objects == self.contents
        name, wanted = regions.name(self.key), json.loads(self.documents[regions])
        found = json.loads(objects.get(name, b"{}"))
        pictures = {each: data for each, data in objects.items() if each != name}
        own = {field: found.get(field) for field in wanted if field not in OF_UPLOAD}
        expected = {field: value for field, value in wanted.items() if field not in OF_UPLOAD}
        return own == expected and pictures == {
            each: mosaic.data for each, mosaic in self.mosaics.items()
        }


def make_expected(
    stack: Stack, key: str, data: bytes, find_detector: FindDetector | None = None
) -> ExpectedObjects:
    """Make the mosaics and documents of a photo as a stack does. Raises PictureError.

    A stack that hides regions needs a detector.
    """
    look = choose_look(stack, key)
    if look.redaction and find_detector:
        return _make_hidden(stack, key, data, find_detector)
    documents = list_documents(look)
    writer = DocumentWriter(key, data, documents)
    made = make_mosaics(
        data,
        look.grids,
        look.style,
        exact=look.exact,
        max_pixels=stack.max_pixels,
        max_seconds=stack.max_seconds,
        max_memory=stack.max_memory,
        max_written=stack.max_written,
        visitor=writer.visitor,
    )
    mosaics = {name_mosaic(key, mosaic): mosaic for mosaic in made}
    for name, mosaic in mosaics.items():
        writer.add(name, mosaic)
    return ExpectedObjects(key, mosaics, {each: writer.write(each) for each in documents})


def _make_hidden(
    stack: Stack, key: str, data: bytes, find_detector: FindDetector
) -> ExpectedObjects:
    from pixelater_cli.local.region_job import to_mosaic

    look = choose_look(stack, key)
    if look.redaction is None:
        raise ValueError(f"{key} has no regions")
    limits = {
        "max_pixels": stack.max_pixels,
        "max_seconds": stack.max_seconds,
        "max_memory": stack.max_memory,
        "max_written": stack.max_written,
    }
    hidden = hide(data, look, look.redaction, limits, find_detector(look.redaction.detector))
    mosaics = {}
    if hidden.regions:
        mosaic = to_mosaic(hidden.photo)
        mosaics[name_mosaic(key, mosaic)] = mosaic
    document = format_document(key, Version(""), look.redaction, hidden, next(iter(mosaics), ""))
    return ExpectedObjects(key, mosaics, {DocumentOutput(REGIONS): document})


def find_detector(name: str, account: Account) -> Detector:
    """Return the detector that a stack in the emulator has."""
    if name == LOCAL:
        from pixelater_cli.local.region_job import load_detectors

        return load_detectors()
    from pixelater_detectors.rekognition import RekognitionDetectors

    return RekognitionDetectors(account.clients["rekognition"])
