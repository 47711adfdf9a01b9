"""Documents of one photo, made with its mosaics: from the same decode, and with their names.

No I/O.
"""

from __future__ import annotations

from collections.abc import Collection

from pixelater import outputs
from pixelater.mosaic import Mosaic
from pixelater.outputs import DocumentOutput
from pixelater.placeholder.document import (
    NamedMosaic,
    PreviewDocument,
    describe_mosaic,
    format_document,
)
from pixelater.placeholder.preview import PreviewMaker


class DocumentWriter:
    """Writes the `documents` of a photo, its key and its bytes, once its mosaics are made.

    `visitor` is to be shown the opened photo; None: no document needs its pixels.
    """

    def __init__(self, key: str, data: bytes, documents: Collection[DocumentOutput]) -> None:
        self._key = key
        self._mosaics: list[NamedMosaic] = []
        self._preview = PreviewMaker(data)
        needs_pixels = any(each.kind == outputs.PREVIEW for each in documents)
        self.visitor = self._preview if needs_pixels else None

    def add(self, name: str, mosaic: Mosaic) -> None:
        """Add a mosaic to those that documents name."""
        self._mosaics.append(describe_mosaic(name, mosaic))

    def write(self, document: DocumentOutput) -> bytes:
        """Write a document. Raises MosaicFailed."""
        match document.kind:
            case outputs.PREVIEW:
                preview = self._preview.make()
                return format_document(PreviewDocument(self._key, preview, (*self._mosaics,)))
            case kind:
                raise ValueError(f"{kind!r} is not a kind of documents")
