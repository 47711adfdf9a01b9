"""Documents of one photo, made with its mosaics: from the same decode, and with their names.

No I/O. What makes previews is loaded for photos that have them only.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from pixelater import outputs
from pixelater.mosaic import Mosaic
from pixelater.outputs import DocumentOutput

if TYPE_CHECKING:
    from pixelater.placeholder.document import NamedMosaic
    from pixelater.placeholder.preview import PreviewMaker


class DocumentWriter:
    """Writes the `documents` of a photo, its key and its bytes, once its mosaics are made.

    `visitor` is to be shown the opened photo; None: no document needs its pixels.
    """

    def __init__(self, key: str, data: bytes, documents: Collection[DocumentOutput]) -> None:
        self._key = key
        self._mosaics: list[NamedMosaic] = []
        needs_pixels = any(each.kind == outputs.PREVIEW for each in documents)
        self.visitor = _start_preview(data) if needs_pixels else None

    def add(self, name: str, mosaic: Mosaic) -> None:
        """Add a mosaic to those that documents name."""
        if self.visitor is not None:
            from pixelater.placeholder.document import describe_mosaic

            self._mosaics.append(describe_mosaic(name, mosaic))

    def write(self, document: DocumentOutput) -> bytes:
        """Write a document. Raises MosaicFailed."""
        if self.visitor is None:
            raise ValueError(f"{document.kind!r} is not a kind of documents that needs pixels")
        from pixelater.placeholder.document import PreviewDocument, format_document

        preview = self.visitor.make()
        return format_document(PreviewDocument(self._key, preview, (*self._mosaics,)))


def _start_preview(data: bytes) -> PreviewMaker:
    from pixelater.placeholder.preview import PreviewMaker

    return PreviewMaker(data)
