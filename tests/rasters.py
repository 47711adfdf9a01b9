"""TIFF images of samples of any kind, laid out as tests want them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from tests.pictures import encode
from tests.pngs import pack

Pixel = tuple[float, ...]
"""The samples of a pixel."""

BYTE, SHORT, LONG = 1, 3, 4
FORMS = {BYTE: "B", SHORT: "H", LONG: "I"}
UNSIGNED, SIGNED, FLOAT = 1, 2, 3
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR, LAB, ICC_LAB = 0, 1, 2, 3, 5, 6, 8, 9
PLAIN, DEFLATE, WEBP = 1, 8, 50001
HORIZONTAL, FLOATING_POINT = 2, 3

SAMPLE_FORMS = {
    (UNSIGNED, 8): "B",
    (UNSIGNED, 16): "H",
    (UNSIGNED, 32): "I",
    (SIGNED, 8): "b",
    (SIGNED, 16): "h",
    (SIGNED, 32): "i",
    (FLOAT, 16): "e",
    (FLOAT, 32): "f",
    (FLOAT, 64): "d",
}


@dataclass(frozen=True)
class Raster:
    """How the samples of a TIFF are laid out; `extra` says what samples after the colors are."""

    bits: int = 8
    photometric: int = RGB
    format: int = UNSIGNED
    extra: tuple[int, ...] = ()
    planar: bool = False
    order: str = "<"
    compression: int = PLAIN
    predictor: int = 1
    tiled: bool = False
    reversed: bool = False
    tags: tuple[tuple[int, int, tuple[int, ...]], ...] = ()


def make_raster(rows: Sequence[Sequence[Pixel]], raster: Raster = Raster()) -> bytes:
    """Lay out rows of pixels, in strips of three rows or tiles of 16 x 16."""
    samples = len(rows[0][0])
    planes = [(at,) for at in range(samples)] if raster.planar else [tuple(range(samples))]
    segments = [
        _compress(segment, raster, 16 if raster.tiled else len(rows[0]))
        for plane in planes
        for segment in _cut(
            [[[pixel[at] for at in plane] for pixel in row] for row in rows], raster
        )
    ]
    body = bytearray(b"II*\0" if raster.order == "<" else b"MM\0*") + bytes(4)
    offsets = []
    for segment in segments:
        offsets.append(len(body))
        body += segment
    tags: dict[int, tuple[int, Sequence[int]]] = {
        256: (SHORT, [len(rows[0])]),
        257: (SHORT, [len(rows)]),
        258: (SHORT, [raster.bits] * samples),
        259: (SHORT, [raster.compression]),
        262: (SHORT, [raster.photometric]),
        266: (SHORT, [2 if raster.reversed else 1]),
        277: (SHORT, [samples]),
        284: (SHORT, [2 if raster.planar else 1]),
        317: (SHORT, [raster.predictor]),
        339: (SHORT, [raster.format] * samples),
    }
    counts = [len(segment) for segment in segments]
    if raster.tiled:
        tags |= {322: (SHORT, [16]), 323: (SHORT, [16]), 324: (LONG, offsets), 325: (LONG, counts)}
    else:
        tags |= {273: (LONG, offsets), 278: (SHORT, [3]), 279: (LONG, counts)}
    if raster.extra:
        tags[338] = (SHORT, raster.extra)
    tags |= {tag: (kind, values) for tag, kind, values in raster.tags}
    return _add_directory(body, tags, raster.order)


def _add_directory(
    body: bytearray, tags: Mapping[int, tuple[int, Sequence[int]]], order: str
) -> bytes:
    entries = b""
    for tag, (kind, values) in sorted(tags.items()):
        packed = struct.pack(f"{order}{len(values)}{FORMS[kind]}", *values)
        if len(packed) > 4:
            body += packed
            packed = struct.pack(order + "I", len(body) - len(packed))
        entries += struct.pack(order + "HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    body[4:8] = struct.pack(order + "I", len(body))
    return bytes(body + struct.pack(order + "H", len(tags)) + entries + bytes(4))


def _cut(rows: Sequence[Sequence[Sequence[float]]], raster: Raster) -> Iterator[bytes]:
    """Cut an image, or a plane of it, into strips, or tiles that are filled with zeros."""
    if not raster.tiled:
        for top in range(0, len(rows), 3):
            yield b"".join(_pack_row(row, raster) for row in rows[top : top + 3])
        return
    empty: list[Sequence[float]] = [[0.0] * len(rows[0][0])]
    for top in range(0, len(rows), 16):
        for left in range(0, len(rows[0]), 16):
            tile = [list(row[left : left + 16]) for row in rows[top : top + 16]]
            tile = [row + empty * (16 - len(row)) for row in tile]
            tile += [empty * 16] * (16 - len(tile))
            yield b"".join(_pack_row(row, raster) for row in tile)


def _pack_row(row: Sequence[Sequence[float]], raster: Raster) -> bytes:
    samples = len(row[0])
    values = [value for pixel in row for value in pixel]
    form = SAMPLE_FORMS.get((raster.format, raster.bits))
    if raster.predictor == HORIZONTAL:
        most = 2**raster.bits
        values = [
            (int(value) - (int(values[at - samples]) if at >= samples else 0)) % most
            for at, value in enumerate(values)
        ]
    if raster.predictor == FLOATING_POINT:
        packed = struct.pack(f">{len(values)}{form}", *values)
        width = raster.bits // 8
        parted = b"".join(packed[byte::width] for byte in range(width))
        before = bytes(samples) + parted
        return bytes((new - old) % 256 for new, old in zip(parted, before, strict=False))
    if form is None:
        return pack([int(value) for value in values], raster.bits)
    whole = values if raster.format == FLOAT else [int(value) for value in values]
    return struct.pack(f"{raster.order}{len(values)}{form}", *whole)


def _compress(segment: bytes, raster: Raster, width: int) -> bytes:
    """Compress a strip or tile of a width in pixels."""
    if raster.compression == WEBP:
        mode = "RGBA" if raster.extra else "RGB"
        size = width, len(segment) // width // len(mode)
        return encode(Image.frombytes(mode, size, segment), "WEBP", lossless=True, exact=True)
    data = zlib.compress(segment) if raster.compression == DEFLATE else segment
    if raster.reversed:
        return bytes(int(f"{byte:08b}"[::-1], 2) for byte in data)
    return data
