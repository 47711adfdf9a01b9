"""Identification of a photo's format by its content, with the plugins of Pillow.

`Image.open` would also compare the size with `Image.MAX_IMAGE_PIXELS`, which a library must not
set: it is one for all threads of the program. The size is checked here instead, before a plugin
decodes or allocates anything.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image

from pixelater.decode import jpeg_scans
from pixelater.decode.decoder_errors import SAVE_AS
from pixelater.errors import (
    Damaged,
    MissingDecoder,
    NotAPicture,
    PictureError,
    UnsupportedFormat,
)

if TYPE_CHECKING:
    from pixelater.decode.cost import Header

COMMON_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "PPM")
"""Formats that Pillow registers without importing all plugins."""

TIFF_SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""TIFF has two versions in two orders of bytes (libtiff, tiff.h)."""

SIGNATURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    **dict.fromkeys(TIFF_SIGNATURES, "TIFF"),
    b"BM": "BMP",
}
"""First bytes of most photos: one plugin is then enough, which saves a tenth of a start."""

READ_SIGNATURES = {
    **{start: name for start, name in SIGNATURES.items() if name != "BMP"},
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"8BPS": "PSD",
    b"\0\0\0\x0cjP  ": "JPEG 2000",
}
"""First bytes of files that are damaged if no plugin accepts them. A text may begin with BM."""

HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1")
"""Brands of HEIC files (ISO/IEC 23008-12, annex B, and section 10.2 for mif1)."""

REFUSED_FORMATS = frozenset({"EPS", "IPTC", "WMF", "BUFR", "GRIB", "HDF5", "MPEG"})
"""EPS would start Ghostscript on untrusted input, and IPTC opens any format inside it, with EPS
among them (PIL/IptcImagePlugin.py, load); the others have no decoder of their own."""

SKIPPED = (SyntaxError, IndexError, TypeError, struct.error)
"""What a plugin raises for data of another format, as in Image.open."""


def identify(
    file: BinaryIO, max_pixels: int, admit: Callable[[Header], None] | None = None
) -> Image.Image:
    """Open a photo, trying Pillow's rarer plugins only if the common ones decline.

    `admit` is called with the headers of images inside the file, and may raise. Raises NotAPicture,
    MissingDecoder, TooLarge for what a plugin would decode while it opens the file, and what
    plugins raise for damaged data.
    """
    file.seek(0)
    head = file.read(16)
    if not head:
        raise NotAPicture("the file is empty", "Copy it again from its source.")
    if image := _open_by_signature(file, head):
        return image
    if image := open_image(file, COMMON_FORMATS, max_pixels, admit):
        return image
    Image.init()
    # TGA has no signature: videos and metafiles are taken for it.
    from pixelater.decode.known_signatures import find_signature

    unread = {*REFUSED_FORMATS, "TGA"} if find_signature(head) else REFUSED_FORMATS
    rare = [name for name in Image.ID if name not in unread]
    if image := open_image(file, rare, max_pixels, admit):
        return image
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
        return _open_heic(file)
    raise _explain_refusal(file, head)


def _open_by_signature(file: BinaryIO, head: bytes) -> Image.Image | None:
    """Open a photo in the formats that most are in, or that Pillow decodes wrongly in part."""
    known = next((name for start, name in SIGNATURES.items() if head.startswith(start)), None)
    if known == "PNG":
        from pixelater.decode import png_chunks

        return png_chunks.open_still(file)
    if known == "TIFF":
        from pixelater.decode import tiff_pixels

        if image := tiff_pixels.open_photo(file):
            return image
        raise _explain_refusal(file, head)
    if known == "BMP":
        from pixelater.decode import bmp_fields

        return bmp_fields.open_photo(file)
    if known:
        jpeg_scans.check_segments(file)
        import_module(f"PIL.{known.capitalize()}ImagePlugin")
        return open_image(file, [known])
    return None


def open_image(
    file: BinaryIO,
    formats: Iterable[str],
    max_pixels: int | None = None,
    admit: Callable[[Header], None] | None = None,
) -> Image.Image | None:
    """Open a file as the first format whose plugin accepts it, regardless of Pillow's limit.

    With `max_pixels`, images inside the file are checked before; `admit` gets their headers.
    """
    file.seek(0)
    head = file.read(16)
    for name in formats:
        if name not in Image.OPEN:
            Image.preinit()
        if name not in Image.OPEN:
            Image.init()
        factory, accepts = Image.OPEN[name]
        with suppress(*SKIPPED):
            accepted = accepts is None or accepts(head)
            if not accepted or isinstance(accepted, str):  # A string says what is not installed.
                continue
            if max_pixels is not None:
                from pixelater.decode import embedded

                embedded.check(name, file, max_pixels, admit)
            file.seek(0)
            return factory(COPIES[name](file.read()) if name in COPIES else file, "")
    return None


class _ShortReader(BytesIO):
    """File whose first read returns 16 bytes, as a pipe may do.

    If it returned 30, the WebP plugin would apply Pillow's limit to the size in them
    (PIL/WebPImagePlugin.py, _get_size).
    """

    def read(self, size: int | None = -1) -> bytes:
        return super().read(16 if self.tell() == 0 else size)


def _copy_icon(data: bytes) -> BytesIO:
    from pixelater.decode import icons

    return icons.choose_icon(data)


COPIES: dict[str, Callable[[bytes], BytesIO]] = {
    "WEBP": _ShortReader,
    "FTEX": BytesIO,
    "ICO": _copy_icon,
}
"""Formats whose plugins get a copy of the file. That of FTEX closes it (PIL/FtexImagePlugin.py)."""


def _explain_refusal(file: BinaryIO, head: bytes) -> PictureError:
    """Return the error of a file that no plugin accepts. Raises TooLarge for an AVIF."""
    from pixelater.decode.known_formats import find_known
    from pixelater.decode.known_signatures import AVIF_STARTS

    for _, accepts in Image.OPEN.values():
        with suppress(*SKIPPED):
            missing = accepts is not None and accepts(head)
            if isinstance(missing, str):
                return MissingDecoder(f"its decoder is not installed ({missing})", SAVE_AS)
    known = find_known(file)
    if known:
        kind = UnsupportedFormat if known.is_image else NotAPicture
        return kind(known.message, known.remedy)
    for start, name in READ_SIGNATURES.items():
        if head.startswith(start):
            return Damaged(f"the header of this {name} is damaged")
    if head[4:12] in AVIF_STARTS:
        from pixelater.decode import avif_size

        avif_size.check(file)
        return Damaged("this AVIF is damaged, or of a kind that is not supported")
    return NotAPicture("not a recognized image format")


def _open_heic(file: BinaryIO) -> Image.Image:
    try:
        from pillow_heif import HeifImageFile
    except ImportError as error:
        raise MissingDecoder(
            "a HEIC photo, and its decoder, the package pillow-heif, is not installed"
        ) from error
    file.seek(0)
    # The plugin is not registered, which would change what Image.open reads in the whole program.
    try:
        return HeifImageFile(file, "")  # type: ignore[no-untyped-call]
    except SyntaxError as error:
        if "not identified" not in str(error):
            raise
        from pixelater.decode.known_formats import find_codec

        known = find_codec(file)
        raise UnsupportedFormat(known.message, known.remedy) from error
