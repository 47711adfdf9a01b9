"""What a photo costs before it is decoded: memory, CPU time and bytes written.

Pure functions of its header, the grids and the formats written. Nothing is timed, so that each
machine decides the same; the figures are estimates, most of them from above.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt

from pixelater.decode import cost_table as table
from pixelater.decode.cost_table import Decoding, Mode
from pixelater.encode.formats import MAX_SEARCHED, WORTH_SPLICING
from pixelater.layout import SAMPLES, Layout, find_layouts
from pixelater.style import Style

DEFAULT_STYLE = Style()

JPEG_UNIT = 16
"""Pixels of the side of a JPEG's unit, at most."""


@dataclass(frozen=True)
class Header:
    """What costs depend on. `codec` is Pillow's name of the decoder, `mode` that of the image.

    `bytes` is the size of the file, `scale` the divisor of a JPEG that is decoded in part, and
    `coefficients` the number for each pixel that a JPEG of several scans has. `times` is how often
    all is decoded, and `nested` whether the image is one inside a file of `format`. `extra_bytes`
    and `extra_ns` are what decoding takes besides, whatever the number of pixels.
    """

    format: str
    codec: str
    mode: str
    width: int
    height: int
    bytes: int = 0
    frames: int = 1
    scans: int = 1
    scale: int = 1
    coefficients: float = 3.0
    transparent: bool = False
    deep: bool = False
    times: int = 1
    nested: bool = False
    extra_bytes: float = 0.0
    extra_ns: float = 0.0

    @property
    def pixels(self) -> int:
        return self.width * self.height

    @property
    def has_alpha(self) -> bool:
        """Whether the image is averaged with alpha."""
        return self.transparent or self.mode in ("LA", "La", "PA", "RGBA", "RGBa")


@dataclass(frozen=True)
class Cost:
    """The most memory at one time, the CPU seconds of a core, and the size of all mosaics."""

    memory_bytes: int
    cpu_seconds: float
    written_bytes: int


def estimate(
    header: Header, grids: Sequence[int], formats: Sequence[str], style: Style = DEFAULT_STYLE
) -> Cost:
    """Estimate the cost of a photo's mosaics, each of which is written in all of the formats."""
    mosaics = find_layouts((header.width, header.height), grids, style)
    if style.kernel == "crisp" and header.mode == "CMYK":
        header = _add_conversion(header)
    written = [sum(_count_written(header, grid, name) for grid in mosaics) for name in formats]
    seconds = _time_decoding(header) + _time_averaging(header, mosaics)
    seconds += sum(_time_encoding(header, grid, name) for grid in mosaics for name in formats)
    seconds += header.frames * sum(_time_looks(grid, style) for grid in mosaics)
    memory = [
        _measure_decoding(header),
        _measure_looks(header, mosaics, style),
        _measure_averaging(header, mosaics),
        *(_measure_encoding(header, mosaics, name) for name in formats),
    ]
    return Cost(
        round(table.BASE_BYTES + header.bytes + max(memory)),
        table.BASE_SECONDS + seconds / 1e9,
        round(max(written)),
    )


def _add_conversion(header: Header) -> Header:
    """Add what it takes to convert CMYK to RGB."""
    pixels = header.pixels / header.scale**2
    return replace(
        header,
        extra_bytes=header.extra_bytes + pixels * table.INKS_BYTES,
        extra_ns=header.extra_ns + pixels * table.INKS_NS,
    )


def _find_mode(header: Header) -> Mode:
    if header.deep:
        return (
            table.DEEP_TRANSPARENT
            if header.transparent
            else table.DEEP.get(
                header.mode, table.DEEP["L"] if header.mode.startswith("I") else table.DEEP["RGB"]
            )
        )
    if header.transparent and header.mode in table.TRANSPARENT:
        return table.TRANSPARENT[header.mode]
    if header.mode.startswith("I;"):
        return table.SHORT
    return table.MODES.get(header.mode, table.MODES["YCbCr"])


def _find_decoding(header: Header) -> Decoding:
    if header.codec == "zip" and header.deep:
        return table.DECODINGS["deep zip"]
    if header.codec == "jpeg" and header.scans > 1:
        return table.PROGRESSIVE
    return table.DECODINGS.get(header.codec, table.PYTHON)


def _time_decoding(header: Header) -> float:
    """Return nanoseconds: of a file's bytes once, of its pixels for each frame."""
    decoding, mode = _find_decoding(header), _find_mode(header)
    pixel_ns = decoding.pixel_ns
    if header.codec == "jpeg":
        pixel_ns += table.SCAN_NS * header.scans if header.scans > 1 else 0.0
        pixel_ns += table.FULL_JPEG_NS if header.scale == 1 else 0.0
    converted = header.pixels * mode.pixel_ns / header.scale**2
    composed = header.pixels * table.FRAME_NS if header.frames > 1 else 0.0
    data = header.bytes * decoding.byte_ns * header.times
    decoded = min(header.pixels, header.bytes) if header.codec in table.RUNS else header.pixels
    pixels = decoded * pixel_ns * header.times + converted + composed
    return data + pixels * header.frames + header.extra_ns * header.times


def _measure_decoding(header: Header) -> float:
    """Return bytes while an image is decoded and converted."""
    decoding, mode = _find_decoding(header), _find_mode(header)
    extra = decoding.pixel_bytes
    if header.codec == "jpeg2k":
        extra += table.JPEG2000_BAND_BYTES * mode.bands
    if header.codec == "AVIF" and header.has_alpha:
        extra += table.AVIF_ALPHA_BYTES
    if header.frames > 1:
        extra += table.FRAME_BYTES
    elif header.codec == "gif":
        extra += table.STILL_GIF_BYTES
    if header.nested:
        extra += table.NESTED_BYTES.get(header.format, 0.0)
    if header.times > 1 and not header.deep:
        extra += mode.stored + mode.bands
    decoded = header.pixels * (mode.stored + mode.converted + extra) / header.scale**2
    if header.codec == "jpeg" and header.scans > 1:
        decoded += header.pixels * header.coefficients * table.COEFFICIENT_BYTES
    return decoded + header.bytes * decoding.copies + header.extra_bytes


def _time_averaging(header: Header, mosaics: Sequence[Layout]) -> float:
    bands = _find_mode(header).bands
    pixel_ns = table.DEEP_AVERAGING_NS if header.deep else table.AVERAGING_NS[bands]
    cells = sum(_count_averaged(grid) for grid in mosaics) * bands * table.CELL_NS
    return (header.pixels / header.scale**2 * pixel_ns + cells) * header.frames


def _measure_averaging(header: Header, mosaics: Sequence[Layout]) -> float:
    """Return bytes while an image is averaged: itself, a strip of it, rows of cells, and cells."""
    mode = _find_mode(header)
    pixels = header.pixels / header.scale**2
    image = max(mode.stored, mode.converted)
    has_floats = header.deep or header.has_alpha
    strip = image + (8 * mode.bands if has_floats else 0)
    rows = len(set().union(*(grid.averaged[1] for grid in mosaics))) - 1
    pieces = rows * header.width * (image + 8 * mode.bands)
    cells = max(map(_count_averaged, mosaics)) * mode.bands * table.CELL_BYTES
    frames = table.FRAME_BYTES * pixels if header.frames > 1 else 0.0
    return pixels * image + strip * pixels / rows + pieces + cells + frames + _hold(header, mosaics)


def _count_averaged(grid: Layout) -> int:
    return grid.cells * SAMPLES**2 if grid.crisp else grid.cells


def _time_looks(grid: Layout, style: Style) -> float:
    """Return nanoseconds to make cells crisp and to find their colors in a palette."""
    work = table.CRISP_NS if grid.crisp else 0.0
    if style.palette is not None:
        work += table.DITHER_NS + _count_colors(style) * table.COLOR_NS
    if isinstance(style.palette, int):
        work += table.EXTRACTION_NS + _count_colors(style) * table.EXTRACTED_NS
    return grid.cells * work


def _measure_looks(header: Header, mosaics: Sequence[Layout], style: Style) -> float:
    """Return bytes while the cells of all frames get their colors."""
    work = max(grid.cells * (table.CRISP_BYTES if grid.crisp else 0.0) for grid in mosaics)
    cells = max(grid.cells for grid in mosaics)
    if style.palette is not None:
        work = max(work, cells * header.frames * table.PALETTE_BYTES)
    if isinstance(style.palette, int):
        work = max(work, cells * header.frames * table.EXTRACTION_BYTES)
    return work and work + _hold(header, mosaics)


def _count_colors(style: Style) -> int:
    palette = style.palette
    return palette if isinstance(palette, int) else len(getattr(palette, "colors", ()))


def _hold(header: Header, mosaics: Sequence[Layout]) -> float:
    """Return the bytes of the cells of all frames of an animation."""
    if header.frames == 1:
        return 0.0
    cells = sum(4 * grid.cells + table.FRAME_GRID_BYTES for grid in mosaics)
    return header.frames * cells


def _time_encoding(header: Header, grid: Layout, name: str) -> float:
    encoding = table.ENCODINGS.get(name, table.PAINTED)
    cells = grid.written
    if name in ("AVIF", "JPEG2000"):
        cells = min(cells, ceil(grid.pixels / table.PIXELS_PER_CELL))
    work = grid.pixels * encoding.pixel_ns + cells * encoding.cell_ns
    if name == "WEBP" and cells == grid.pixels:
        work += min(cells, MAX_SEARCHED) * table.SEARCHED_NS
    return header.frames * (work + (table.FRAME_GRID_NS if header.frames > 1 else 0.0))


def _measure_encoding(header: Header, mosaics: Sequence[Layout], name: str) -> float:
    """Return bytes while a mosaic is encoded; the photo's own pixels are not needed any more."""
    encoding = table.ENCODINGS.get(name, table.PAINTED)
    most = max(grid.written for grid in mosaics)
    largest = max(grid.pixels for grid in mosaics)
    if name == "JPEG" and any(_is_painted(grid) for grid in mosaics):
        encoding = table.PAINTED
    pixel_bytes = encoding.pixel_bytes
    if name == "JPEG2000":
        pixel_bytes += table.JPEG2000_WRITTEN_BYTES * _find_mode(header).bands
    painted = largest * pixel_bytes + most * encoding.cell_bytes
    painted += table.JPEG2000_KEPT_BYTES if name == "JPEG2000" else 0.0
    sizes = [_count_written(header, grid, name) for grid in mosaics]
    files = sum(sizes) + max(sizes)
    cells = sum(grid.written for grid in mosaics) * 4
    return painted + files + cells + _hold(header, mosaics)


def _is_painted(grid: Layout) -> bool:
    """Return whether a JPEG has too many distinct rows of blocks for one of them to be repeated."""
    return grid.rows * JPEG_UNIT > WORTH_SPLICING * grid.size[1]


def _count_codes(grid: Layout) -> float:
    """Return the bytes of a GIF's codes (LZW), as measured with photographs.

    Each row of a cell continues the codes of the row above, the longer the cell is. Noise of 256
    colors takes half as much again.
    """
    across, down = grid.size[0] / grid.columns, grid.size[1] / grid.rows
    side, cells = sqrt(across * down), sqrt(grid.cells)
    runs: float = min(cells, cells**0.7 * side**0.25 * (down / across) ** 0.15)
    return table.GIF_CODE_BYTES * sqrt(grid.pixels) * runs


def _count_written(header: Header, grid: Layout, name: str) -> float:
    """Return the bytes of a mosaic's file.

    Of one row of pixels, an encoder writes each cell once, and then that it is repeated.
    """
    bands = _find_mode(header).bands
    pixels, sides = grid.pixels, sum(grid.size)
    match name:
        case "PNG":
            size = 0.001 * bands * pixels + 1.5 * bands * grid.written
        case "WEBP":
            size = 0.0005 * pixels + 4.0 * grid.written
        case "JPEG":
            edges = 2.4 * max(grid.columns, grid.rows) * sides
            size = 0.006 * bands * pixels + min(edges, 0.27 * (bands + 1) * pixels)
        case "GIF":
            noise = table.GIF_CRISP_NOISE if grid.crisp else 1.0
            size = table.GIF_FRAME_BYTES + min(noise * _count_codes(grid), 0.9 * pixels)
        case "TIFF":
            runs = sqrt(2 * bands * min(grid.columns / grid.size[0], 1.0))
            size = 1.4 * pixels * min(runs, 1.0) * (bands / 3)
        case "AVIF":
            size = 0.01 * pixels + min(180.0 * grid.written, pixels)
        case "JPEG2000":
            size = 0.01 * pixels + min(100.0 * bands * grid.written, 0.5 * bands * pixels)
        case "KTX2":  # Four bytes a pixel, and a third more for mipmaps.
            size = 5.5 * pixels + 500
        case _:
            size = float(bands * pixels)
    return header.frames * size
