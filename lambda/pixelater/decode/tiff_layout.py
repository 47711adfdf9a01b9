"""How the samples of a TIFF image are laid out, and who decodes them.

Pillow has a list of layouts that it decodes, a few of them wrongly; other modules of this folder
decode the rest. Section numbers are those of TIFF 6.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from pixelater.decode.known_signatures import refuse_kind
from pixelater.decode.tiff_directory import HEIGHT, PHOTOMETRIC, WIDTH, Directory

BITS, COMPRESSION, FILL_ORDER, OFFSETS, ORIENTATION, SAMPLES = 258, 259, 266, 273, 274, 277
ROWS_PER_STRIP, BYTE_COUNTS, PLANAR, PREDICTOR, COLOR_MAP = 278, 279, 284, 317, 320
TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_BYTE_COUNTS = 322, 323, 324, 325
EXTRA_SAMPLES, SAMPLE_FORMAT, SUBSAMPLING, INK_SET, PROFILE = 338, 339, 530, 332, 34675

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, SEPARATED, YCBCR, LAB, ICC_LAB = 0, 1, 2, 3, 5, 6, 8, 9
"""PhotometricInterpretation (section 8; ICC Lab: Adobe Photoshop TIFF Technical Notes)."""

COLORS = {
    WHITE_IS_ZERO: 1,
    BLACK_IS_ZERO: 1,
    RGB: 3,
    PALETTE: 1,
    SEPARATED: 4,
    YCBCR: 3,
    LAB: 3,
    ICC_LAB: 3,
}
"""PhotometricInterpretation -> number of samples, to which extra ones are added."""

UNSIGNED, SIGNED, FLOAT = 1, 2, 3
"""SampleFormat (section 19)."""

UNSPECIFIED, ASSOCIATED, UNASSOCIATED = 0, 1, 2
"""ExtraSamples (section 18): the colors of associated alpha are multiplied by it."""

NO_COMPRESSION, LZW, DEFLATE, OLD_DEFLATE, PACK_BITS = 1, 5, 8, 32946, 32773
LZMA, ZSTD = 34925, 50000
BYTE_COMPRESSIONS = (NO_COMPRESSION, LZW, DEFLATE, OLD_DEFLATE, PACK_BITS, LZMA, ZSTD)
"""Compressions of bytes, whatever they mean (libtiff, tiff.h); others are those of images."""

WEBP = 50001

HORIZONTAL, FLOATING_POINT = 2, 3
"""Predictors (section 14, and Adobe Photoshop TIFF Technical Note 3)."""

UNKNOWN_TO_PILLOW = b"MM\0+"
"""How a BigTIFF begins whose highest bytes come first."""

READ_BITS = {UNSIGNED: (*range(1, 17), 32), SIGNED: (8, 16, 32), FLOAT: (16, 32, 64)}
PREDICTED_BITS = {HORIZONTAL: (8, 16, 32), FLOATING_POINT: (16, 32, 64)}


class Segments(NamedTuple):
    """Strips, or tiles, in which an image is stored: their size in pixels, and where they are."""

    is_tiled: bool
    width: int
    height: int
    offsets: tuple[int, ...]
    byte_counts: tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """A TIFF image: its size, and its samples and where they are.

    All samples have the same number of bits. `color_map` has 16-bit values, all red ones first.
    """

    width: int
    height: int
    bits: int
    format: int
    samples: int
    photometric: int
    extra: tuple[int, ...]
    is_planar: bool
    compression: int
    predictor: int
    fill_order: int
    orientation: int
    color_map: tuple[int, ...]
    segments: Segments

    @property
    def colors(self) -> int:
        return COLORS[self.photometric]

    @property
    def alpha(self) -> int:
        """Which kind of alpha follows the colors; UNSPECIFIED is none."""
        return self.extra[0] if self.extra and self.extra[0] in (1, 2) else UNSPECIFIED

    @property
    def used_samples(self) -> int:
        """How many samples are shown: the colors, and alpha."""
        return self.colors + bool(self.alpha)


def read_layout(directory: Directory) -> Layout | None:
    """Read how an image is laid out; None if Pillow knows best: its codec says it."""
    photometric = directory.get(PHOTOMETRIC, -1)
    compression = directory.get(COMPRESSION, NO_COMPRESSION)
    samples = directory.get(SAMPLES, 1)  # Some files list more values than that.
    bits = set(directory.list_values(BITS)[:samples] or (1,))
    formats = set(directory.list_values(SAMPLE_FORMAT)[:samples] or (UNSIGNED,))
    if photometric not in COLORS or compression not in (*BYTE_COMPRESSIONS, WEBP):
        return None
    is_planar = directory.get(PLANAR, 1) == 2 and samples > 1
    is_subsampled = (directory.list_values(SUBSAMPLING) or (2, 2)) != (1, 1)
    if photometric == YCBCR and is_subsampled and (is_planar or compression == NO_COMPRESSION):
        raise refuse_kind("a TIFF with subsampled colors that are not compressed")
    if len(bits) > 1 or len(formats) > 1:
        raise refuse_kind("a TIFF whose samples have different numbers of bits")
    width, height = directory.get(WIDTH), directory.get(HEIGHT)
    extra = directory.list_values(EXTRA_SAMPLES)[: max(samples - COLORS[photometric], 0)]
    return Layout(
        width,
        height,
        bits.pop(),
        formats.pop(),
        samples,
        photometric,
        extra,
        is_planar,
        compression,
        directory.get(PREDICTOR, 1) if compression in BYTE_COMPRESSIONS else 1,
        directory.get(FILL_ORDER, 1),
        directory.get(ORIENTATION, 1),
        directory.list_values(COLOR_MAP),
        _read_segments(directory, width, height),
    )


def _read_segments(directory: Directory, width: int, height: int) -> Segments:
    if offsets := directory.list_values(TILE_OFFSETS):
        size = directory.get(TILE_WIDTH), directory.get(TILE_HEIGHT)
        return Segments(True, *size, offsets, directory.list_values(TILE_BYTE_COUNTS))
    rows = min(directory.get(ROWS_PER_STRIP, height) or height, height)
    offsets, counts = directory.list_values(OFFSETS), directory.list_values(BYTE_COUNTS)
    return Segments(False, width, rows, offsets, counts)


def suits_pillow(layout: Layout, header: bytes) -> bool:
    """Return whether Pillow decodes a layout rightly (PIL/TiffImagePlugin.py, OPEN_INFO).

    It takes numbers that libtiff has decompressed, and ordered for the machine, for those of the
    file.
    """
    swaps = header.startswith(b"M") and layout.compression != NO_COMPRESSION
    if _is_unusual(layout, header) or layout.photometric == ICC_LAB:
        return False
    if layout.is_planar and (layout.extra or layout.photometric not in (RGB, SEPARATED)):
        return False
    if layout.samples > 1:
        return layout.bits == 8 and layout.format == UNSIGNED and _knows_extra(layout)
    key = layout.photometric, layout.bits
    if layout.format == UNSIGNED:
        return layout.bits in (1, 2, 4, 8) or key == (BLACK_IS_ZERO, 16)
    if layout.format == FLOAT:
        return layout.bits == 32 and not swaps
    return key in ((BLACK_IS_ZERO, 16), (BLACK_IS_ZERO, 32)) and not swaps


def _is_unusual(layout: Layout, header: bytes) -> bool:
    return (
        header.startswith(UNKNOWN_TO_PILLOW) or layout.fill_order != 1 or layout.compression == WEBP
    )


def _knows_extra(layout: Layout) -> bool:
    first, *others = layout.extra or (None,)
    if len(layout.extra) != layout.samples - layout.colors:
        return layout.photometric == RGB and layout.samples == 4 and not layout.extra
    if layout.photometric in (RGB, SEPARATED):
        known = (None, 0, 2) if layout.photometric == RGB else (None, 0)
        return first in known and not any(others) and len(layout.extra) < 4
    return not layout.extra


def has_two_bytes(layout: Layout, header: bytes) -> bool:
    """Return whether Pillow decodes a layout of 16 bits, so that each byte can be had."""
    return (
        not (_is_unusual(layout, header) or layout.is_planar)
        and layout.bits == 16
        and layout.format == UNSIGNED
        and layout.photometric in (RGB, SEPARATED)
        and len(layout.extra) == layout.samples - layout.colors
        and layout.extra in ((), (UNSPECIFIED,), (UNASSOCIATED,))[: 1 if layout.colors == 4 else 3]
    )


def check_support(layout: Layout) -> None:
    """Raise UnsupportedFormat for a layout that nothing here decodes."""
    name = {UNSIGNED: "unsigned", SIGNED: "signed", FLOAT: "floating-point"}.get(layout.format)
    if name is None or layout.bits not in READ_BITS[layout.format]:
        raise refuse_kind(f"a TIFF with {layout.bits}-bit {name or 'unknown'} samples")
    if layout.compression == WEBP and (
        layout.bits != 8 or layout.is_planar or layout.samples not in (3, 4)
    ):
        raise refuse_kind("a TIFF compressed with WebP whose samples are not 3 or 4 of 8 bits")
    if layout.samples < layout.colors:
        raise refuse_kind(f"a TIFF with {layout.samples} samples for {layout.colors} colors")
    if layout.predictor != 1 and layout.bits not in PREDICTED_BITS.get(layout.predictor, ()):
        raise refuse_kind(f"a TIFF with predictor {layout.predictor} for {layout.bits} bits")
    if layout.photometric in (PALETTE, YCBCR) and (layout.bits > 8 or layout.format != UNSIGNED):
        raise refuse_kind(f"a TIFF with a palette or YCbCr colors of {layout.bits} bits")
    if layout.photometric in (LAB, ICC_LAB) and (layout.bits not in (8, 16) or layout.format == 3):
        raise refuse_kind(f"a TIFF with Lab colors of {layout.bits} bits")
