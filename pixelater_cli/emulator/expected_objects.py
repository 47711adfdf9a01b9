"""Mosaics and documents that the function should make of a photo, made by the library."""

from __future__ import annotations

from dataclasses import dataclass

from pixelater import Mosaic, make_mosaics, name_mosaic
from pixelater.outputs import DocumentOutput, list_documents
from pixelater_cli.aws.stack import Stack
from pixelater_cli.aws.stack_looks import choose_look
from pixelater_function.document_writer import DocumentWriter


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


def make_expected(stack: Stack, key: str, data: bytes) -> ExpectedObjects:
    """Make the mosaics and documents of a photo as a stack does. Raises PictureError."""
    look = choose_look(stack, key)
    documents = list_documents(look)
    writer = DocumentWriter(key, documents)
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
