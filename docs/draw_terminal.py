"""Writes docs/terminal.svg: what `pixelater run --show` draws in a terminal.

python -m docs.draw_terminal
"""

from __future__ import annotations

import re
from io import StringIO

from rich.console import Console
from rich.text import Text

from docs.console import ROOT
from pixelater import pixelate
from pixelater.thumbnails import decode, list_cells, make_thumbnails
from pixelater_cli.gallery.terminal import Drawing, draw_cells, fit_drawing, lay_out

COMMAND = "pixelater run examples/photo.jpg --grids 8,16,32 --show"
GRIDS = (8, 16, 32)
COLUMNS, LINES = 102, 24

FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
CLIP = re.compile(r' clip-path="url\(#pixelater-line-\d+\)"')
HALVES = re.compile(
    r'<text class="(?P<color>[\w-]+)" x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)"'
    r' textLength="(?P<width>[\d.]+)">▀+</text>'
)


def main() -> None:
    """Write the picture."""
    (ROOT / "docs" / "terminal.svg").write_text(draw(), "utf-8")


def draw() -> str:
    """Draw the example photo, as a terminal of 24-bit colors shows it."""
    data = (ROOT / "examples" / "photo.jpg").read_bytes()
    preview = make_thumbnails(data, pixelate(data, GRIDS))
    photo = preview.width, preview.height
    drawings = []
    for mosaic in preview.mosaics:
        size = fit_drawing(decode(mosaic).size, photo, (COLUMNS, LINES)).size
        lines = draw_cells(list_cells(mosaic, size), "24-bit")
        drawings.append(Drawing(mosaic.title, lines, size[0]))
    console = Console(record=True, width=COLUMNS, file=StringIO(), color_system="truecolor")
    console.print(Text(f"$ {COMMAND}"))
    console.print(Text("examples/photo.jpg"))
    for line in lay_out(drawings, COLUMNS)[:-1]:
        console.print(Text.from_ansi(line))
    return _settle(console.export_svg(title="pixelater", unique_id="pixelater"))


def _settle(picture: str) -> str:
    """Make rich's picture independent of fonts: half blocks become rectangles, no font is loaded.

    A line is 24.4 high, and its baseline is 18.5 below the top of its background.
    """
    picture = FONT.sub("", picture).replace("Fira Code, ", "")
    picture = CLIP.sub("", picture)
    return HALVES.sub(_draw_rectangle, picture)


def _draw_rectangle(text: re.Match[str]) -> str:
    top = float(text["y"]) - 18.5
    return (
        f'<rect class="{text["color"]}" x="{text["x"]}" y="{top:g}" width="{text["width"]}"'
        ' height="12.2" shape-rendering="crispEdges"/>'
    )


if __name__ == "__main__":
    main()
