"""Previews of a run: drawings in the terminal, a contact sheet, an HTML page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pixelater_cli import console, terminal_text
from pixelater_cli.errors import UnusablePath, UsageError
from pixelater_cli.local import photo_search
from pixelater_cli.local.files import write_whole
from pixelater_cli.local.part_files import remove_leftovers

if TYPE_CHECKING:
    from pixelater.thumbnails import PhotoThumbnails
    from pixelater_cli.gallery.hidden_page import Report
    from pixelater_cli.local.file_owners import FileOwners

MAX_PREVIEWS = 400
"""Previews in memory, 150 kB each. Neither a sheet nor a page has room for more."""


class Gallery:
    """Previews for the terminal, a sheet and a page. An empty path: not wanted."""

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

    def check(self, json: bool, out: str, plan: bool) -> None:
        """Raise UsageError for options that cannot be combined."""
        if plan and (self.wanted or out == "-"):
            option = "--out -" if out == "-" else "--show, --sheet and --html"
            raise UsageError(f"--plan lists files, and does not go with {option}", "Omit one.")
        for option, wanted in (("--show", self.show), ("--out -", out == "-")):
            if wanted and json:
                raise UsageError(f"{option} and --json both write to stdout", "Omit one of them.")
        if self.wanted and out == "-":
            raise UsageError("--out - writes one mosaic only", "Name a folder with --out.")
        if "-" in (self.sheet, self.page):
            raise UsageError(
                "sheets and pages cannot be written to stdout",
                "Name a file: --sheet sheet.png, or --html page.html",
            )
        if self.sheet and Path(self.sheet).suffix.lower() != ".png":
            raise UsageError(
                f"--sheet: {self.sheet!r} is not a PNG file", "Use a name such as sheet.png."
            )
        if self.page and Path(self.page).suffix.lower() not in (".html", ".htm"):
            raise UsageError(
                f"--html: {self.page!r} is not an HTML file", "Use a name such as page.html."
            )

    def check_alone(self, out: str, plan: bool, mipmaps: bool) -> None:
        """Raise UsageError for options that a spritesheet does not go with."""
        if self.wanted or plan or mipmaps or out == "-":
            others = "--show, --sheet, --html, --plan, --mipmaps and --out -"
            raise UsageError(f"--spritesheet does not go with {others}", "Omit one.")

    def find_earlier_sheet(self) -> frozenset[str]:
        """Return the absolute path of the sheet that this run replaces, if it exists."""
        exists = bool(self.sheet) and photo_search.is_contact_sheet(Path(self.sheet))
        return frozenset({os.path.abspath(self.sheet)} if exists else ())  # noqa: PTH100

    def check_free(self, owners: FileOwners, *, replace: bool) -> None:
        """Raise UnusablePath for a photo or a mosaic, and without `replace` for a foreign file."""
        for path, is_own in (
            (self.sheet, photo_search.is_contact_sheet),
            (self.page, photo_search.is_html_page),
        ):
            if not path:
                continue
            owners.check_free(Path(path))
            if os.path.lexists(path) and not replace and not is_own(Path(path)):
                raise UnusablePath(
                    f"{path} already exists and was not created by pixelater",
                    "Choose another name, or overwrite it with --force.",
                )

    def add(self, title: str, preview: PhotoThumbnails | None) -> None:
        """Draw a photo's mosaics, and keep its preview for sheet and page."""
        if preview is None:
            return
        if self.show:
            _draw(title, preview)
        if (self.sheet or self.page) and len(self.previews) < MAX_PREVIEWS:
            self.titles.append(title)
            self.previews.append(preview)
        else:
            self.more += 1

    def write(self, owners: FileOwners, report: Report | None, *, replace: bool) -> tuple[str, str]:
        """Write sheet and page, and return their paths; "" for each that is not written.

        If regions were hidden, `report` says which: the page then lists them.
        """
        if report and self.page:
            self.check_free(owners, replace=replace)
            self._write_report(report)
        if not self.previews:
            return "", self.page if report else ""
        self.check_free(owners, replace=replace)
        titles = [terminal_text.clean(title) for title in self.titles]
        if self.sheet:
            from pixelater_cli.gallery.contact_sheet import make_sheet

            write_whole(Path(self.sheet), make_sheet(titles, self.previews, self.more))
        if self.page and not report:
            from pixelater_cli.gallery.html_page import make_page

            text = make_page(titles, self.previews, self.more)
            write_whole(Path(self.page), text.encode())
        for path in filter(None, (self.sheet, self.page)):
            remove_leftovers(Path(path).parent)
        return self.sheet, self.page

    def _write_report(self, report: Report) -> None:
        from pixelater_cli.gallery.hidden_page import make_hidden_page

        previews = dict(zip(self.titles, self.previews, strict=True))
        write_whole(Path(self.page), make_hidden_page(previews, report).encode())
        remove_leftovers(Path(self.page).parent)


def _draw(title: str, preview: PhotoThumbnails) -> None:
    from pixelater.thumbnails import decode, list_cells
    from pixelater_cli.gallery.terminal import fit_drawing

    photo = preview.width, preview.height
    room = console.measure_room()
    fitted = [(each, fit_drawing(decode(each).size, photo, room)) for each in preview.mosaics]
    # The largest that fits comes last, where it stays on the screen.
    fitted.sort(key=lambda pair: (pair[1].is_whole, pair[0].grid))
    console.show_drawings(
        title,
        [
            (each.title + ("" if fit.is_whole else ", reduced"), list_cells(each, fit.size))
            for each, fit in fitted
        ],
    )
