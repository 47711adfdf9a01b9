"""Markers that identify contact sheets, spritesheets and pages of pixelater."""

from __future__ import annotations

SHEET_KEYWORD, SHEET_TEXT = "Software", "pixelater contact sheet"
SPRITES_TEXT = "pixelater spritesheet"
"""The tEXt chunk of a sheet, with a registered keyword: https://www.w3.org/TR/png-3/"""

PAGE_META = '<meta name="generator" content="pixelater">'

HEAD_BYTES = 512
"""Length of the beginning of a file that contains the marker."""


def is_sheet(head: bytes) -> bool:
    """Return whether a file with this beginning is a contact sheet or spritesheet of pixelater."""
    marks = (f"tEXt{SHEET_KEYWORD}\0{text}".encode("ascii") for text in (SHEET_TEXT, SPRITES_TEXT))
    return head.startswith(b"\x89PNG\r\n\x1a\n") and any(mark in head for mark in marks)


def is_page(head: bytes) -> bool:
    """Return whether a file with this beginning is a page of pixelater."""
    return head.startswith(b"<!doctype html>") and PAGE_META.encode("ascii") in head
