"""Mosaics of one photo: their keys, and their bytes, as the settings want them. No I/O."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pixelater import mosaic, naming
from pixelater.decode.messages import catch_messages
from pixelater.look import Look
from pixelater.outputs import Output, list_outputs
from pixelater.style import Style
from pixelater_function.log import Stopwatch
from pixelater_function.protocol import MosaicObject, SourceObject
from pixelater_function.settings import FunctionSettings


@dataclass(frozen=True)
class MosaicMaker:
    """Makes the mosaics of the photo with this key, and measures the time that takes."""

    key: str
    settings: FunctionSettings
    watch: Stopwatch

    @property
    def look(self) -> Look:
        return self.settings.find_look(self.key)

    def list_expected(self) -> tuple[str, ...]:
        """List the keys that the mosaics probably have."""
        return tuple(next(iter(each.list_names(self.key))) for each in list_outputs(self.look))

    @property
    def former(self) -> tuple[Output, ...]:
        """Outputs of earlier settings, and those that this photo may have got under other names.

        In format "auto", a photo's mosaics may have been WebP, and those of its next upload PNG.
        """
        varying = (each for each in list_outputs(self.look) if each.format == "auto")
        return (*self.settings.former, *varying)

    def list_former(self) -> list[str]:
        """List the keys of mosaics that are kept up to date if they exist."""
        return list(_list_names(self.former, self.key))

    def list_all(self) -> list[str]:
        """List all keys that mosaics can have, those of earlier settings included."""
        return list(_list_names((*list_outputs(self.look), *self.settings.former), self.key))

    def make(self, upload: SourceObject) -> Iterator[MosaicObject]:
        """Make the mosaics, one at a time."""
        return self._make(upload, self.look.grids, self.look.style)

    def remake(self, upload: SourceObject, keys: Collection[str]) -> Iterator[MosaicObject]:
        """Make those mosaics of earlier settings again that have these keys.

        They become as the look of now, in the format that their names say.
        """
        styles: dict[Style, list[int]] = {}
        for output in self.former:
            for name, written in output.list_names(self.key).items():
                if name in keys:
                    style = output.fit_style(self.look.style, written)
                    styles.setdefault(style, []).append(output.grid or self.look.grids[0])
        for style, grids in styles.items():
            yield from self._make(upload, tuple(dict.fromkeys(grids)), style)

    def _make(
        self, upload: SourceObject, grids: tuple[int, ...], style: Style
    ) -> Iterator[MosaicObject]:
        limits = self.settings.limits
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
            )
        while True:
            with self.watch.measure("encode"):
                made = next(mosaics, None)
            if made is None:
                return
            yield MosaicObject(naming.name_mosaic(self.key, made), made.data, made.media_type)


def _list_names(outputs: Collection[Output], key: str) -> dict[str, None]:
    return dict.fromkeys(name for output in outputs for name in output.list_names(key))
