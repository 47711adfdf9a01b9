"""Owns the marks by which contact sheets and pages of ours are told from other files. Pure."""

from __future__ import annotations

SHEET_KEYWORD, SHEET_TEXT = "Software", "pixelater contact sheet"
"""The tEXt chunk of a sheet; PNG has registered the keyword: https://www.w3.org/TR/png-3/"""

PAGE_META = '<meta name="generator" content="pixelater">'

HEAD = 512
"""So many bytes of a file, from its beginning, hold its mark."""


def is_sheet(head: bytes) -> bool:
    """Tell whether a file that begins so is a contact sheet of ours."""
    mark = f"tEXt{SHEET_KEYWORD}\0{SHEET_TEXT}".encode("ascii")
    return head.startswith(b"\x89PNG\r\n\x1a\n") and mark in head


def is_page(head: bytes) -> bool:
    """Tell whether a file that begins so is a page of ours."""
    return head.startswith(b"<!doctype html>") and PAGE_META.encode("ascii") in head
