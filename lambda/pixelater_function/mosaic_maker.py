"""Mosaics and documents of one photo: their keys and bytes, as the settings want them. No I/O."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pixelater import mosaic, naming
from pixelater.decode.messages import catch_messages
from pixelater.look import Look
from pixelater.outputs import (
    REGIONS,
    AnyOutput,
    DocumentOutput,
    concerns_regions,
    list_documents,
    list_mosaics,
    list_outputs,
    split_outputs,
)
from pixelater.style import Style
from pixelater_function.document_writer import DocumentWriter
from pixelater_function.log import Stopwatch
from pixelater_function.protocol import MosaicObject, SourceObject
from pixelater_function.recipe import compute_recipe
from pixelater_function.settings import FunctionSettings

if TYPE_CHECKING:
    from pixelater_function.hidden_maker import FindDetector


def _find_none(name: str) -> Any:
    raise ValueError(f"no detector {name}")


@dataclass(frozen=True)
class MosaicMaker:
    """Makes mosaics and documents of the photo with this key, and measures the time it takes."""

    key: str
    settings: FunctionSettings
    watch: Stopwatch
    find_detector: FindDetector = _find_none

    @property
    def look(self) -> Look:
        return self.settings.find_look(self.key)

    @property
    def recipe(self) -> str:
        """The recipe of the mosaics."""
        return compute_recipe(self.settings.limits.pixels, self.look)

    def list_recipes(self) -> dict[str, str]:
        """Return the recipes of documents by their keys, those of earlier settings included."""
        _, documents = split_outputs((*list_documents(self.look), *self.settings.former))
        return {
            each.name(self.key): compute_recipe(self.settings.limits.pixels, self.look, each.kind)
            for each in documents
        }

    def list_expected(self) -> tuple[str, ...]:
        """List the keys that mosaics and documents probably have, those that always exist."""
        if self.look.redaction:
            return (self.marker,)
        return tuple(next(iter(each.list_names(self.key))) for each in list_outputs(self.look))

    @property
    def marker(self) -> str:
        """The key of the document that says whether there is a picture; "" for whole photos."""
        return DocumentOutput(REGIONS).name(self.key) if self.look.redaction else ""

    def list_exclusive(self) -> tuple[str, ...]:
        """List the keys of what may not stay if it is not made.

        Pictures with hidden regions are at most one. Where regions are hidden, mosaics of the whole
        photo, which earlier settings made, would tell more than is wanted. Looks of whole photos
        have no list of regions either.
        """
        former = self.settings.former
        if not self.look.redaction:
            return tuple(_list_names(filter(concerns_regions, former), self.key))
        names = _list_names((*list_mosaics(self.look), *former), self.key)
        return tuple(name for name in names if name != self.marker)

    @property
    def former(self) -> tuple[AnyOutput, ...]:
        """Outputs of earlier settings, and those that this photo may have got under other names.

        In format "auto", a photo's mosaics may have been WebP, and those of its next upload PNG.
        Photos whose regions are hidden have none: theirs are exclusive.
        """
        if self.look.redaction:
            return ()
        varying = (each for each in list_outputs(self.look) if each.format == "auto")
        outputs = (*self.settings.former, *varying)
        return tuple(each for each in outputs if not concerns_regions(each))

    def list_former(self) -> list[str]:
        """List the keys of mosaics that are kept up to date if they exist."""
        return list(_list_names(self.former, self.key))

    def list_all(self) -> list[str]:
        """List all keys that mosaics can have, those of earlier settings included."""
        return list(_list_names((*list_outputs(self.look), *self.settings.former), self.key))

    def make(self, upload: SourceObject) -> Iterator[MosaicObject]:
        """Make the mosaics, one at a time, and then the documents."""
        if redaction := self.look.redaction:
            from pixelater_function.hidden_maker import make_hidden

            limits = self.settings.limits.as_arguments()
            finder = self.find_detector
            return make_hidden(self.key, upload, self.look, redaction, limits, finder, self.watch)
        return self._make(upload, self.look.grids, self.look.style, list_documents(self.look))

    def remake(self, upload: SourceObject, keys: Collection[str]) -> Iterator[MosaicObject]:
        """Make those mosaics and documents of earlier settings again that have these keys.

        They become as the look of now, in the format that their names say.
        """
        now = self.look.style
        mosaics, documents = split_outputs(self.former)
        wanted = [each for each in documents if each.name(self.key) in keys]
        if wanted:
            yield from self._make(upload, self.look.grids, now, wanted)
        styles: dict[Style, list[int]] = {}
        for output in mosaics:
            for name, written in output.list_names(self.key).items():
                if name in keys:
                    style = output.fit_style(now, written)
                    styles.setdefault(style, []).append(output.grid or self.look.grids[0])
        for style, grids in styles.items():
            yield from self._make(upload, tuple(dict.fromkeys(grids)), style)

    def _make(
        self,
        upload: SourceObject,
        grids: tuple[int, ...],
        style: Style,
        documents: Collection[DocumentOutput] = (),
    ) -> Iterator[MosaicObject]:
        limits = self.settings.limits
        writer = DocumentWriter(self.key, upload.data, documents)
        with self.watch.measure("decode"), catch_messages() as self.watch.notes:
            mosaics = mosaic.make_mosaics(
                upload.data,
                grids,
                style,
                max_pixels=limits.pixels,
                max_seconds=limits.seconds,
                max_memory=limits.memory,
                max_written=limits.written,
                exact=self.look.exact,
                visitor=writer.visitor,
            )
        while True:
            with self.watch.measure("encode"):
                made = next(mosaics, None)
            if made is None:
                break
            name = naming.name_mosaic(self.key, made)
            writer.add(name, made)
            yield MosaicObject(name, made.data, made.media_type)
        for document in documents:
            with self.watch.measure("encode"):
                data = writer.write(document)
            yield MosaicObject(document.name(self.key), data, document.media_type)


def _list_names(outputs: Iterable[AnyOutput], key: str) -> dict[str, None]:
    return dict.fromkeys(name for output in outputs for name in output.list_names(key))
