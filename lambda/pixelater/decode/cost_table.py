"""What decoding and encoding cost: coefficients of `pixelater.decode.cost`.

They are constants, so that each machine decides the same. `python -m benchmarks.costs` compares
what they give with what is measured; they are what a core of a server of 2026 needs, rounded up.
A nanosecond a pixel is a second for 1,000 megapixels.
"""

from __future__ import annotations

from typing import NamedTuple


class Decoding(NamedTuple):
    """Nanoseconds for each pixel and byte of a file; bytes of memory for each pixel.

    The memory is what a decoder needs besides the image itself, and `copies` is how many times it
    holds the file.
    """

    pixel_ns: float
    byte_ns: float = 0.0
    pixel_bytes: float = 0.0
    copies: float = 0.0


PYTHON = Decoding(1000.0, 320.0, 8.0, 6.0)
"""Decoders that are written in Python, and those that are not known."""

DECODINGS: dict[str, Decoding] = {
    "raw": Decoding(3.5, 0.0, 0.3),
    "zip": Decoding(4.0, 5.0, 0.1),
    "deep zip": Decoding(40.0, 8.0, 0.5, 1.0),
    "jpeg": Decoding(1.0, 9.0, 0.1),
    "jpeg2k": Decoding(28.0, 130.0, 0.0, 4.0),
    "libtiff": Decoding(12.0, 6.0, 0.5, 1.0),
    "libtiff, slow": Decoding(14.0, 30.0, 0.5, 1.0),
    "BMP": Decoding(10.0, 0.0, 16.0, 1.0),
    "TIFF": Decoding(0.0, 6.0, 0.0, 1.0),
    "gif": Decoding(5.0, 6.0, 0.1),
    "packbits": Decoding(5.0, 3.0, 0.1),
    "pcx": Decoding(5.0, 2.0, 0.1),
    "tga_rle": Decoding(5.0, 2.0, 0.1),
    "sun_rle": Decoding(5.0, 2.0, 0.1),
    "sgi_rle": Decoding(8.0, 3.0, 2.1),
    "SGI16": Decoding(8.0, 3.0, 4.1, 1.0),
    "bcn": Decoding(10.0, 3.0, 0.1),
    "xbm": Decoding(2.0, 3.0, 0.1),
    "hex": Decoding(4.0, 4.0, 0.1),
    "bit": Decoding(6.0, 3.0, 0.1),
    "fli": Decoding(5.0, 4.0, 0.1),
    "pcd": Decoding(10.0, 4.0, 0.1),
    "MSP": Decoding(3.0, 100.0, 1.0),
    "bmp_rle": Decoding(20.0, 400.0, 4.1),
    "dds_rgb": Decoding(1100.0, 0.0, 8.0, 1.0),
    "BLP1": Decoding(0.0, 320.0, 8.0, 6.0),
    "BLP2": Decoding(330.0, 320.0, 8.0, 6.0),
    "fits_gzip": Decoding(300.0, 5.0, 44.0, 1.0),
    "xpm": Decoding(1700.0, 10.0, 8.0, 2.0),
    "qoi": Decoding(800.0, 0.0, 4.2),
    "ppm": Decoding(1000.0, 0.0, 6.2),
    "ppm_plain": Decoding(900.0, 120.0, 6.2),
    "WEBP": Decoding(12.0, 48.0, 12.2, 2.0),
    "TIFF, WebP": Decoding(30.0, 48.0, 13.0, 2.0),
    "AVIF": Decoding(11.0, 65.0, 3.6, 1.0),
    "HEIF": Decoding(18.0, 100.0, 7.0, 2.0),
    "ICNS": Decoding(15.0, 5.0, 8.0, 1.0),
    "ICO": Decoding(0.0, 0.0, 0.1, 1.0),
}
"""By the name of Pillow's decoder, or of a format whose plugin decodes by itself."""

OWN_DECODERS = ("WEBP", "AVIF", "HEIF", "ICNS", "ICO")

RUNS = ("qoi",)
"""Decoders that need no time for each pixel of a run, which is a byte at least."""

SLOW_TIFF = ("lzma", "group3", "group4", "tiff_ccitt", "tiff_jpeg", "jpeg", "jp2000")
"""Compressions of TIFF that take longer for each byte."""

TIFF_PIXEL_NS = 12.0
"""A pixel of a TIFF's tile beyond the image."""

DEEP_TIFF_BYTES = 5.0
"""16-bit colors of TIFF, which are decoded once for the high bytes, and once for the low ones."""


class Planes(NamedTuple):
    """What each stored byte and each shown sample of a pixel takes, and the pixel besides."""

    byte_bytes: float
    shown_bytes: float
    pixel_bytes: float
    sample_ns: float


LEVELS, NUMBERS = Planes(2.3, 2.2, 0.0, 45.0), Planes(2.3, 5.0, 7.5, 140.0)
"""TIFF layouts that Pillow does not decode: of unsigned samples up to 16 bits, and of others, whose
range has to be found."""

SCAN_NS = 1.5
COEFFICIENT_BYTES = 2
PROGRESSIVE = Decoding(4.0, 32.0, 0.1)
"""A JPEG in several scans: for each scan its coefficients are gone through again."""

NESTED_BYTES = {"ICO": 5.0, "ICNS": 8.0, "BLP": 11.0}
"""An image inside an icon or a texture is converted, or copied through bytes."""

JPEG2000_BAND_BYTES = 5.3
AVIF_ALPHA_BYTES, AVIF_GRID_BYTES, AVIF_UNKNOWN_BYTES = 3.0, 2.8, 6.0
"""Of a pixel, besides those of its planes (`cost_header`)."""

AVIF_CODED_BYTES = 1.5
"""A coded pixel beyond the size that an AVIF declares, besides its planes."""

FULL_JPEG_NS = 6.0
"""What is added at the full size of a JPEG."""


class Mode(NamedTuple):
    """Bytes of a pixel as decoded, what its conversion adds, and its nanoseconds; the bands."""

    stored: int
    converted: int
    pixel_ns: float
    bands: int


MODES: dict[str, Mode] = {
    "1": Mode(1, 1, 2.0, 1),
    "L": Mode(1, 0, 0.0, 1),
    "P": Mode(1, 4, 3.0, 3),
    "PA": Mode(4, 4, 5.0, 4),
    "LA": Mode(4, 0, 0.0, 2),
    "La": Mode(4, 4, 5.0, 2),
    "RGB": Mode(4, 0, 0.0, 3),
    "RGBA": Mode(4, 0, 0.0, 4),
    "RGBX": Mode(4, 4, 3.0, 3),
    "RGBa": Mode(4, 4, 5.0, 4),
    "CMYK": Mode(4, 0, 0.0, 4),
    "YCbCr": Mode(4, 4, 5.0, 3),
    "HSV": Mode(4, 4, 20.0, 3),
    "LAB": Mode(4, 4, 35.0, 3),
    "I": Mode(4, 4, 4.0, 1),
    "F": Mode(4, 0, 1.0, 1),
}
SHORT = Mode(2, 4, 4.0, 1)
"""Modes that begin with I;16."""

TRANSPARENT = {"L": Mode(1, 4, 5.0, 2), "RGB": Mode(4, 4, 9.0, 4), "P": Mode(1, 4, 5.0, 4)}
"""With a transparent color, which becomes alpha."""

DEEP = {"L": Mode(2, 4, 0.0, 1), "LA": Mode(8, 8, 0.0, 2), "RGB": Mode(8, 0, 0.0, 3)}
DEEP_TRANSPARENT = Mode(8, 14, 25.0, 4)
"""16-bit PNG files: the high bytes and the low ones are two images."""

AVERAGING_NS = {1: 2.0, 2: 5.0, 3: 3.5, 4: 8.0}
"""By the bands of the averaged mode."""

DEEP_AVERAGING_NS = 20.0
CELL_NS, CELL_BYTES = 200.0, 75.0
"""Of averaging, for each band of a cell."""

FRAME_NS = 10.0
FRAME_BYTES = 17.0
"""An animation, for each pixel: frames are composed, copied and converted."""

STILL_GIF_BYTES = 9.5
"""A GIF of one frame, which is composed like those of an animation."""

FRAME_GRID_NS = 600_000.0
"""Work for each frame and grid that depends on no size."""

FRAME_GRID_BYTES = 1500.0


class Encoding(NamedTuple):
    """Nanoseconds and bytes of memory for each pixel and each cell of a mosaic."""

    pixel_ns: float
    cell_ns: float
    pixel_bytes: float
    cell_bytes: float


PAINTED = Encoding(28.0, 100.0, 8.2, 0.0)
"""What Pillow writes from an image of all pixels."""

ENCODINGS: dict[str, Encoding] = {
    "PNG": Encoding(0.2, 2600.0, 0.1, 345.0),
    "WEBP": Encoding(0.2, 6500.0, 0.1, 950.0),
    "JPEG": Encoding(1.0, 600.0, 0.3, 350.0),
    "GIF": Encoding(8.0, 1800.0, 1.6, 40.0),
    "TIFF": Encoding(32.0, 100.0, 8.2, 0.0),
    "AVIF": Encoding(110.0, 6500.0, 46.0, 0.0),
    "JPEG2000": Encoding(110.0, 6500.0, 2.0, 0.0),
    "KTX2": Encoding(120.0, 0.0, 48.0, 0.0),
}
"""By format; others are like `PAINTED`."""

JPEG2000_WRITTEN_BYTES, JPEG2000_KEPT_BYTES = 14.5, 16 << 20
"""A band of a pixel, and what the allocator keeps of earlier mosaics, if they are small."""

SEARCHED_NS = 17_000.0
"""A cell of a WebP that has a pixel for each (`native`)."""

PIXELS_PER_CELL = 30
"""Cells of fewer pixels cost AVIF and JPEG 2000 no more."""

GIF_FRAME_BYTES, GIF_CODE_BYTES, GIF_CRISP_NOISE = 800, 3.1, 1.5
"""A frame with its palette, and a code with those that repeat it; crisp cells differ more."""

BASE_BYTES = 40 << 20
BASE_SECONDS = 0.2
"""The interpreter with Pillow and its plugins."""

CRISP_NS, CRISP_BYTES = 5_000.0, 800.0
"""A cell from its 16 samples, and the bytes of all of them at that time."""

INKS_BYTES, INKS_NS = 4.0, 60.0
"""A pixel of CMYK that is converted to RGB, for crisp cells."""

DITHER_NS, COLOR_NS, PALETTE_BYTES = 3_000.0, 12.0, 100.0
"""A cell with any dither, what a color of the palette adds, and the bytes at that time."""

EXTRACTION_NS, EXTRACTED_NS, EXTRACTION_BYTES = 2_500.0, 150.0, 500.0
"""The same of finding the colors of a palette."""
