"""Owns what a run shows besides its files: drawings in the terminal, a contact sheet, a page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pixelater_cli import console, terminal_text
from pixelater_cli.errors import UnusablePath, UsageError
from pixelater_cli.local import photo_search
from pixelater_cli.local.files import write_whole

if TYPE_CHECKING:
    from pixelater.thumbnails import PhotoThumbnails
    from pixelater_cli.local.writer import FileOwners

MOST = 400
"""Photos whose previews are kept, some 150 kB each; more fit neither a sheet nor a page."""


class Gallery:
    """Where previews go, and those kept for it. An empty path is not wanted."""

    def __init__(self, show: bool, sheet: str, page: str) -> None:
        self.show = show
        self.sheet = sheet
        self.page = page
        self.titles: list[str] = []
        self.previews: list[PhotoThumbnails] = []
        self.more = 0

    @property
    def wanted(self) -> bool:
        return bool(self.show or self.sheet or self.page)

    def check(self, json: bool, out: str) -> None:
        """Refuse what does not go together. Raises UsageError."""
        if self.show and json:
            raise UsageError("--show and --json both want stdout", "Leave one of them out.")
        if self.wanted and out == "-":
            raise UsageError("--out - gives one picture only", "Name a folder with --out.")
        if "-" in (self.sheet, self.page):
            raise UsageError(
                "a sheet or page goes into a file, not to stdout",
                "Name one, like this: --sheet sheet.png, or: --html page.html",
            )
        if self.sheet and Path(self.sheet).suffix.lower() != ".png":
            raise UsageError(
                f"--sheet: {self.sheet!r} is to be a PNG file", "Call it sheet.png, or the like."
            )
        if self.page and Path(self.page).suffix.lower() not in (".html", ".htm"):
            raise UsageError(
                f"--html: {self.page!r} is to be an HTML file", "Call it page.html, or the like."
            )

    def find_earlier_sheet(self) -> frozenset[str]:
        """Find the sheet that this run makes again: its absolute path, or nothing."""
        there = bool(self.sheet) and photo_search.is_contact_sheet(Path(self.sheet))
        return frozenset({os.path.abspath(self.sheet)} if there else ())  # noqa: PTH100

    def check_free(self, owners: FileOwners, *, replace: bool) -> None:
        """Refuse to write over a photo or a mosaic, or, unless `replace`, over what is not ours.

        Raises UnusablePath.
        """
        for path, is_ours in (
            (self.sheet, photo_search.is_contact_sheet),
            (self.page, photo_search.is_html_page),
        ):
            if not path:
                continue
            owners.check_free(Path(path))
            if os.path.lexists(path) and not replace and not is_ours(Path(path)):
                raise UnusablePath(
                    f"{path} is there already, and pixelater did not make it",
                    "Choose another name, or replace it with --force.",
                )

    def add(self, title: str, preview: PhotoThumbnails | None) -> None:
        """Draw a photo's mosaics, and keep what sheet and page need."""
        if preview is None:
            return
        if self.show:
            _draw(title, preview)
        if (self.sheet or self.page) and len(self.previews) < MOST:
            self.titles.append(title)
            self.previews.append(preview)
        else:
            self.more += 1

    def write(self, owners: FileOwners, *, replace: bool) -> tuple[str, str]:
        """Write sheet and page, if there is anything to show; give the paths of what is there."""
        if not self.previews:
            return "", ""
        self.check_free(owners, replace=replace)
        titles = [terminal_text.clean(title) for title in self.titles]
        if self.sheet:
            from pixelater_cli.gallery.contact_sheet import make_sheet

            write_whole(Path(self.sheet), make_sheet(titles, self.previews, self.more))
        if self.page:
            from pixelater_cli.gallery.html_page import make_page

            text = make_page(titles, self.previews, self.more)
            write_whole(Path(self.page), text.encode())
        return self.sheet, self.page


def _draw(title: str, preview: PhotoThumbnails) -> None:
    from pixelater.thumbnails import list_cells

    most = console.count_columns()
    drawn = [(one.grid, list_cells(one, most)) for one in preview.mosaics]
    console.show_drawings(
        title, [(_name(grid, len(rows[0]), len(rows)), rows) for grid, rows in drawn]
    )


def _name(grid: int, columns: int, rows: int) -> str:
    """Name a drawing, and say if it has fewer cells than its grid."""
    name = f"{grid} x {grid}"
    return name if (columns, rows) == (grid, grid) else f"{name}: {columns} x {rows}"
