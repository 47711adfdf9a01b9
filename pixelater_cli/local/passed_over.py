"""Files that a search passes over although they look like something to pixelate.

Videos, raw photos, drawings and PDF documents are known by their suffix or their content; photos
whose suffix is another are known by their content. Whatever else is in a folder, such as texts and
archives, is passed over without a word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from pixelater.decode.video_names import is_video_name
from pixelater_cli.results.formatting import format_count

RAW_SUFFIXES = (
    ".3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .fff .gpr .iiq .kdc .mef .mos .mrw .nef .nrw .orf "
    ".pef .raf .rw2 .rwl .sr2 .srf .srw .x3f"
)
"""Raw photos (ExifTool, lib/Image/ExifTool.pm, %fileTypeLookup)."""

OTHER_SUFFIXES = (
    ".aae .cfg .conf .css .csv .db .htm .html .ini .js .json .log .md .php .py .rst .sh .srt .toml "
    ".txt .url .xml .xmp .yaml .yml"
)
"""Texts and sidecar files, which are not opened."""

KINDS = {
    ".ai": "Illustrator drawing",
    ".djvu": "DjVu document",
    ".emf": "Windows metafile",
    ".eps": "EPS drawing",
    ".exr": "OpenEXR image",
    ".hdr": "Radiance image",
    ".heics": "HEIC sequence",
    ".heifs": "HEIC sequence",
    ".hif": "HEIC image",
    ".jls": "JPEG-LS image",
    ".jxl": "JPEG XL image",
    ".jxr": "JPEG XR image",
    ".pdf": "PDF document",
    ".ps": "PostScript document",
    ".psb": "Photoshop document",
    ".svg": "SVG drawing",
    ".svgz": "SVG drawing",
    ".wdp": "JPEG XR image",
    ".wmf": "Windows metafile",
    ".xcf": "GIMP image",
}
"""Suffix -> what the file is, where its content may not tell."""

MOSAIC = "mosaic"

FAMILIES = ("image", "drawing", "raw photo", "video")
DOCUMENTS = ("a PDF document", "a DjVu document")
"""What may be meant, of all that content tells."""

PHOTOS = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"8BPS": "Photoshop",
    b"\0\0\0\x0cjP  ": "JPEG 2000",
}
"""First bytes of photos."""

WEBP = re.compile(rb"RIFF....WEBP", re.S)
HEIF = re.compile(rb"....ftyp(avi[fs]|he[iv][cxms]|mif1|msf1)", re.S)

OTHER_SUFFIX = " with the suffix of another format"


def find_kind(path: Path, read_head: Callable[[Path], bytes]) -> str:
    """Return what a file is that may be meant; "" for any other file.

    `read_head` reads its first bytes, which are needed if its suffix does not tell.
    """
    suffix = path.suffix.lower()
    if is_video_name(path.name):
        return "video"
    if suffix in RAW_SUFFIXES.split():
        return "raw photo"
    if suffix in KINDS or suffix in OTHER_SUFFIXES.split():
        return KINDS.get(suffix, "")
    return _find_kind_by_content(read_head(path))


def _find_kind_by_content(head: bytes) -> str:
    from pixelater.decode.known_formats import find_in_tables

    if HEIF.match(head):
        return f"HEIC or AVIF image{OTHER_SUFFIX}"
    known = find_in_tables(head)
    if known is not None and known.family in ("video", "raw photo"):
        return known.family
    if known is not None and (known.family in FAMILIES or known.name in DOCUMENTS):
        return known.name.partition(" ")[2]
    if WEBP.match(head):
        return f"WebP image{OTHER_SUFFIX}"
    name = next((name for start, name in PHOTOS.items() if head.startswith(start)), "")
    return f"{name} image{OTHER_SUFFIX}" if name else ""


def count_kinds(kinds: Iterable[str]) -> Iterator[str]:
    """Yield how many files of each kind there are: 1 video, 2 raw photos."""
    for kind, count in Counter(kinds).items():
        noun, *rest = kind.split(" with ", 1)
        yield " with ".join([format_count(count, noun), *rest])
