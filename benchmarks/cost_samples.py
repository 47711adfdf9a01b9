"""Inputs for benchmarks/costs.py: files of one color, and of noise, in the formats that are read.

One color is what an attacker sends, as it compresses to nothing; noise is the most work for each
pixel. Photographs are in between.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

from PIL import Image

Maker = Callable[[int, int], bytes]
"""Makes a file of width x height pixels."""


def draw(mode: str, width: int, height: int, *, noise: bool) -> Image.Image:
    """Draw noise, or one color."""
    if not noise:
        return Image.new(mode, (width, height), 0 if mode in ("F", "I", "1", "P", "L") else None)
    band = Image.effect_noise((width, height), 60)
    if mode in ("LA", "RGB", "RGBA", "CMYK", "LAB"):
        turned = band.transpose(Image.Transpose.ROTATE_180)
        return Image.merge(mode, [band, turned, band, turned][: Image.getmodebands(mode)])
    if mode == "P":
        return band.quantize(256)
    return band.convert("I").convert(mode) if mode == "I;16" else band.convert(mode)


def _save(mode: str, format: str, noise: bool, width: int, height: int, **settings: Any) -> bytes:
    file = BytesIO()
    draw(mode, width, height, noise=noise).save(file, format, **settings)
    return file.getvalue()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _write_png(
    depth: int, color_type: int, row: int, extra: bytes, interlaced: bool, width: int, height: int
) -> bytes:
    """Write a black PNG, whose rows have `row` bits a pixel."""
    rows = bytes(1 + (width * row + 7) // 8) * height + bytes(64 * 1024 * interlaced)
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, interlaced)
    chunks = _chunk(b"IHDR", header) + extra + _chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + chunks + _chunk(b"IEND", b"")


def _write_dds(bits: int, flags: int, masks: tuple[int, ...], width: int, height: int) -> bytes:
    head = struct.pack("<7I", 124, 0x1007, height, width, width * bits // 8, 0, 1)
    pixel = struct.pack("<8I", 32, flags, 0, bits, *masks)
    return (
        b"DDS "
        + head
        + bytes(44)
        + pixel
        + struct.pack("<5I", 0x1000, 0, 0, 0, 0)
        + bytes(width * height * bits // 8)
    )


def _write_bmp_rle(width: int, height: int) -> bytes:
    runs, rest = divmod(width, 255)
    row = b"\xff\1" * runs + bytes([rest, 1]) * bool(rest) + b"\0\0"
    body = row * height + b"\0\1"
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(body), 0, 0, 256, 0)
    start = 14 + 40 + 1024
    return (
        b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + header + bytes(1024) + body
    )


def _write_blp(width: int, height: int) -> bytes:
    """Write a texture with a palette; Pillow would take minutes."""
    head = b"BLP2" + struct.pack("<ibbbbII", 1, 1, 0, 0, 0, width, height)
    places = struct.pack("<32I", 20 + 128 + 1024, *[0] * 15, width * height, *[0] * 15)
    return head + places + bytes(1024) + bytes(width * height)


def _write_qoi(pixel: bytes, width: int, height: int) -> bytes:
    head = b"qoif" + struct.pack(">II", width, height) + b"\4\0"
    return head + pixel * (width * height) + b"\0" * 7 + b"\1"


def _write_ppm(magic: bytes, top: int, pixel: bytes, width: int, height: int) -> bytes:
    return b"%s\n%d %d\n%d\n" % (magic, width, height, top) + pixel * (width * height)


def _write_psd(width: int, height: int) -> bytes:
    row = b"\x81\0" * (width // 128) + (bytes([257 - width % 128, 0]) if width % 128 else b"")
    head = b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, height, width, 8, 3) + bytes(12)
    return head + b"\0\1" + struct.pack(">H", len(row)) * (3 * height) + row * (3 * height)


def _write_frames(
    format: str, count: int, mode: str, noise: bool, width: int, height: int
) -> bytes:
    """Write an animation of `count` frames, none of which is the same as the one before."""
    first = draw(mode, width, height, noise=noise)
    frames = []
    for number in range(1, count):
        frames.append(first.copy())
        frames[-1].paste(number % 2, (0, 0, 9, 9)) if not noise else None
        if noise:
            frames[-1] = first.transpose(Image.Transpose(number % 4))
            frames[-1] = frames[-1] if frames[-1].size == first.size else first.rotate(180)
    file = BytesIO()
    settings = {"lossless": True, "method": 0} if format == "WEBP" else {}
    first.save(file, format, save_all=True, append_images=frames, duration=100, **settings)
    return file.getvalue()


def _save_both(name: str, mode: str, format: str, **settings: Any) -> dict[str, Maker]:
    return {
        f"{name}, {kind}": partial(_save, mode, format, kind == "noise", **settings)
        for kind in ("flat", "noise")
    }


TRNS = _chunk(b"tRNS", b"\0\1")
PALETTE = _chunk(b"PLTE", bytes(768)) + _chunk(b"tRNS", bytes(256))

SAMPLES: dict[str, Maker] = {
    **_save_both("jpeg", "RGB", "JPEG", quality=92),
    **_save_both("jpeg L", "L", "JPEG", quality=92),
    **_save_both("jpeg CMYK", "CMYK", "JPEG", quality=92),
    **_save_both("jpeg progressive", "RGB", "JPEG", quality=92, progressive=True),
    **_save_both("png L", "L", "PNG", compress_level=1),
    **_save_both("png RGB", "RGB", "PNG", compress_level=1),
    **_save_both("png RGBA", "RGBA", "PNG", compress_level=1),
    **_save_both("png P", "P", "PNG", compress_level=1),
    **_save_both("png LA", "LA", "PNG", compress_level=1),
    **_save_both("png I;16", "I;16", "PNG", compress_level=1),
    "png 1": partial(_write_png, 1, 0, 1, b"", False),
    "png P tRNS": partial(_write_png, 8, 3, 8, PALETTE, False),
    "png L tRNS": partial(_write_png, 8, 0, 8, TRNS, False),
    "png RGB tRNS": partial(_write_png, 8, 2, 24, _chunk(b"tRNS", bytes(6)), False),
    "png I;16 tRNS": partial(_write_png, 16, 0, 16, TRNS, False),
    "png RGB 16": partial(_write_png, 16, 2, 48, b"", False),
    "png RGBA 16": partial(_write_png, 16, 6, 64, b"", False),
    "png RGBA 16 interlaced": partial(_write_png, 16, 6, 64, b"", True),
    **_save_both("gif", "P", "GIF"),
    "gif 20 frames, flat": partial(_write_frames, "GIF", 20, "P", False),
    "gif 20 frames, noise": partial(_write_frames, "GIF", 20, "P", True),
    "png 20 frames, flat": partial(_write_frames, "PNG", 20, "RGB", False),
    "png 20 frames, noise": partial(_write_frames, "PNG", 20, "RGB", True),
    "webp 20 frames, flat": partial(_write_frames, "WEBP", 20, "RGB", False),
    "webp 20 frames, noise": partial(_write_frames, "WEBP", 20, "RGB", True),
    "avif 20 frames, flat": partial(_write_frames, "AVIF", 20, "RGB", False),
    **_save_both("webp", "RGB", "WEBP", quality=85, method=0),
    **_save_both("webp lossless", "RGBA", "WEBP", lossless=True, method=0),
    **_save_both("avif", "RGB", "AVIF", speed=10),
    **_save_both("avif RGBA", "RGBA", "AVIF", speed=10, quality=95, subsampling="4:4:4"),
    **_save_both("jpeg2000", "RGB", "JPEG2000"),
    **_save_both("jpeg2000 L", "L", "JPEG2000"),
    **_save_both("jpeg2000 RGBA", "RGBA", "JPEG2000"),
    **_save_both("tiff raw", "RGB", "TIFF"),
    **_save_both("tiff lzw", "RGB", "TIFF", compression="tiff_lzw"),
    **_save_both("tiff deflate", "RGB", "TIFF", compression="tiff_adobe_deflate"),
    **_save_both("tiff packbits", "RGB", "TIFF", compression="packbits"),
    **_save_both("tiff jpeg", "RGB", "TIFF", compression="jpeg"),
    **_save_both("tiff zstd", "RGBA", "TIFF", compression="zstd"),
    **_save_both("tiff lzma", "RGB", "TIFF", compression="lzma"),
    **_save_both("tiff webp", "RGB", "TIFF", compression="webp"),
    **_save_both("tiff g4", "1", "TIFF", compression="group4"),
    **_save_both("tiff F", "F", "TIFF", compression="tiff_adobe_deflate"),
    **_save_both("tiff I;16", "I;16", "TIFF", compression="tiff_adobe_deflate"),
    **_save_both("tiff I", "I", "TIFF"),
    **_save_both("tiff LAB", "LAB", "TIFF", compression="tiff_adobe_deflate"),
    **_save_both("tiff CMYK", "CMYK", "TIFF", compression="tiff_adobe_deflate"),
    **_save_both("bmp", "RGB", "BMP"),
    "bmp rle": _write_bmp_rle,
    **_save_both("ppm", "RGB", "PPM"),
    "ppm 6 bits": partial(_write_ppm, b"P6", 63, b"\1\2\3"),
    "ppm 16 bits": partial(_write_ppm, b"P5", 65535, b"\1\2"),
    "ppm plain": partial(_write_ppm, b"P3", 255, b"1 2 3 "),
    **_save_both("tga", "RGB", "TGA"),
    **_save_both("tga rle", "RGBA", "TGA", compression="tga_rle"),
    **_save_both("sgi", "RGB", "SGI"),
    "sgi 16 bits": partial(_save, "L", "SGI", True, bpc=2),
    **_save_both("pcx", "RGB", "PCX"),
    **_save_both("im", "RGB", "IM"),
    **_save_both("msp", "1", "MSP"),
    **_save_both("xbm", "1", "XBM"),
    **_save_both("spider", "F", "SPIDER"),
    **_save_both("icns", "RGBA", "ICNS"),
    "blp": _write_blp,
    **_save_both("dds bc3", "RGBA", "DDS", pixel_format="DXT5"),
    "dds 32 bits": partial(_write_dds, 32, 0x41, (0xFF, 0xFF00, 0xFF0000, 0xFF000000)),
    "dds 8 bits": partial(_write_dds, 8, 0x41, (3, 0xC, 0x30, 0xC0)),
    "qoi, luma": partial(_write_qoi, b"\x6a"),
    "qoi, rgb": partial(_write_qoi, b"\xfe\1\2\3"),
    "psd": _write_psd,
}
