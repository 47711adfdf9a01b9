"""Text that is taken for a photo: drawings, web pages, pointers to photos, and the rest."""

from __future__ import annotations

import codecs
import re
import zlib

from pixelater.decode.known_signatures import KnownFormat

BINARY = re.compile(rb"[\0-\x08\x0b\x0e-\x1a\x1c-\x1f]")
"""Bytes that no text has (https://mimesniff.spec.whatwg.org/#binary-data-byte)."""

BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}

PDF = re.compile(rb"%PDF-\d")
PDF_BYTES = 1024
"""A PDF may have other data before its header (Adobe PDF Reference 1.7, appendix H, note 13)."""

SVG = re.compile(r"<(?:[\w.-]{1,40}:)?svg[\s>]|<!doctype\s+svg", re.I)
HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|script|iframe|h1|div|font|table|a|style|b|br|p)[\s>]",
    re.I,
)
"""Tags that web pages begin with (https://mimesniff.spec.whatwg.org/, section 7.1)."""

PROLOG_ENDS = {"<!--": "-->", "<?": "?>"}
"""Comments and processing instructions, which may come before the first tag."""

STARTS = {
    "version https://git-lfs.github.com/": KnownFormat("a Git LFS pointer", "text"),
    "data:image/": KnownFormat("a data URL, as text", "text"),
}

TEXT = KnownFormat("a text file", "text")


def find_text(head: bytes) -> KnownFormat | None:
    """Return what a text is, given its beginning; None for other data."""
    if PDF.search(head[:PDF_BYTES]):
        return KnownFormat("a PDF document", "document")
    text = _decode(head)
    if not text.strip():
        return None
    body = _skip_prolog(text)
    if HTML.match(body):
        return KnownFormat("a web page (HTML)", "text")
    if body.startswith("<") and SVG.search(body):
        return KnownFormat("an SVG drawing", "drawing")
    if text.lstrip().startswith("<?xml"):
        return KnownFormat("an XML document", "text")
    return next((kind for start, kind in STARTS.items() if text.startswith(start)), TEXT)


def find_compressed_svg(head: bytes) -> KnownFormat | None:
    """Return the format of an SVGZ, given its beginning (SVG 1.1, section C.4)."""
    try:
        text = zlib.decompressobj(wbits=31).decompress(head, len(head))
    except zlib.error:
        return None
    found = find_text(text)
    return found if found and found.family == "drawing" else None


def _decode(head: bytes) -> str:
    """Decode the beginning of a text; "" for other data."""
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            return head.removeprefix(mark).decode(encoding, "ignore")
    if BINARY.search(head):
        return ""
    try:
        # Not final: the last character may be cut off.
        return codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        mostly_ascii = 4 * len(head.decode("ascii", "ignore")) > 3 * len(head)
        return head.decode("latin-1") if mostly_ascii else ""


def _skip_prolog(text: str) -> str:
    """Return a text from its first tag."""
    text = text.lstrip()
    while ends := [end for start, end in PROLOG_ENDS.items() if text.startswith(start)]:
        text = text.partition(ends[0])[2].lstrip()
    return text
