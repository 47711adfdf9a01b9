"""Result of `pixelater palette`, as JSON document and as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pixelater_cli.results import CommandResult
from pixelater_cli.results.formatting import Table

if TYPE_CHECKING:
    from typing_extensions import Doc

    from pixelater.palette.palette import Palette


@dataclass(frozen=True)
class PaletteColors:
    """A palette."""

    name: Annotated[str, Doc("name: built in, in the file, or of the file")]
    source: Annotated[str, Doc("where the colors of a built-in palette come from, or the files")]
    colors: Annotated[tuple[str, ...], Doc("colors as six hexadecimal digits")]


@dataclass(frozen=True)
class PaletteResult(CommandResult):
    """Result of `pixelater palette`."""

    command: ClassVar[Literal["palette"]] = "palette"
    action: Annotated[Literal["list", "show", "extract"], Doc("what was done")]
    palettes: Annotated[tuple[PaletteColors, ...], Doc("palettes")]
    path: Annotated[str | None, Doc("file that was written; null: none")]

    def render(self) -> Iterator[str | Table]:
        if self.action == "list":
            rows = tuple((p.name, str(len(p.colors)), p.source) for p in self.palettes)
            yield Table(("Palette", "Colors", "Source"), rows, right=frozenset({"Colors"}))
        elif self.path is None:
            yield from self.render_quiet()
        else:
            colors = sum(len(palette.colors) for palette in self.palettes)
            yield f"{self.path}: {colors} color{'s' * (colors != 1)}"

    def render_quiet(self) -> Iterator[str | Table]:
        """Yield the colors, a line each: a .hex file."""
        if self.path is None:
            for palette in self.palettes:
                yield from [palette.name] if self.action == "list" else palette.colors


def to_palette_colors(palette: Palette) -> PaletteColors:
    """Return a palette with its colors as digits."""
    digits = tuple(bytes(color).hex() for color in palette.colors)
    return PaletteColors(palette.name, palette.source, digits)
