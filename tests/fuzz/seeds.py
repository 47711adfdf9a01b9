"""Seeds of the fuzzer: small photos of every format and mode, made in code."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any

from PIL import Image, features

from tests import odd_photos
from tests.pictures import (
    encode,
    encode_endless_fli,
    encode_interlaced,
    make_cmyk_profile,
    make_noise,
    make_scene,
)
from tests.rasters import WEBP, Raster, make_raster
from tests.secret_photos import PHOTOS
from tests.tiffs import Page, make_tiff

SIZE = (24, 18)
SIGNATURE = b"\x89PNG\r\n\x1a\n"

MODES: dict[str, tuple[str, ...]] = {
    "AVIF": ("RGB", "RGBA", "L"),
    "BLP": ("P",),
    "BMP": ("1", "L", "P", "RGB", "RGBA"),
    "DDS": ("L", "LA", "RGB", "RGBA"),
    "GIF": ("1", "L", "P"),
    "ICNS": ("RGBA",),
    "ICO": ("RGB", "RGBA"),
    "IM": ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "F"),
    "JPEG": ("L", "RGB", "CMYK", "YCbCr"),
    "JPEG2000": ("L", "LA", "RGB", "RGBA", "I;16", "CMYK"),
    "MSP": ("1",),
    "PCX": ("1", "L", "P", "RGB"),
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "PPM": ("1", "L", "RGB", "I;16", "F"),
    "QOI": ("RGB", "RGBA"),
    "SGI": ("L", "RGB", "RGBA"),
    "SPIDER": ("F",),
    "TGA": ("1", "L", "LA", "P", "RGB", "RGBA"),
    "TIFF": ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I", "I;16", "F"),
    "WEBP": ("RGB", "RGBA"),
    "XBM": ("1",),
}
"""Formats that Pillow writes -> modes; the settings of some make more kinds of them."""

Settings = dict[str, Any]

SETTINGS: dict[str, tuple[tuple[Settings, str], ...]] = {
    "BLP": (({}, ""), ({"blp_version": "BLP1"}, "")),
    "DDS": (
        ({}, ""),
        ({"pixel_format": "DXT1"}, ""),
        ({"pixel_format": "DXT5"}, ""),
        ({"pixel_format": "BC5"}, "RGB"),
    ),
    "GIF": (({}, ""), ({"interlace": 0}, "")),
    "JPEG": (
        ({}, ""),
        ({"progressive": True}, ""),
        ({"subsampling": "4:4:4", "restart_marker_blocks": 1}, ""),
    ),
    "JPEG2000": (({}, ""), ({"no_jp2": True}, ""), ({"tile_size": (16, 16)}, "")),
    "TGA": (({}, ""), ({"compression": "tga_rle"}, "L LA P RGB RGBA")),
    "TIFF": (
        ({}, ""),
        ({"compression": "tiff_lzw"}, ""),
        ({"compression": "tiff_adobe_deflate"}, ""),
        ({"compression": "packbits"}, ""),
        ({"compression": "jpeg"}, "L RGB CMYK YCbCr"),
        ({"compression": "group4"}, "1"),
    ),
    "WEBP": (({"lossless": True}, ""), ({"quality": 60}, "")),
}
"""Formats that are written in several ways -> settings of Pillow's writers, and the modes that they
suit, if not all."""

ANIMATIONS = ("AVIF", "GIF", "PNG", "TIFF", "WEBP", "MPO")


def list_kinds() -> Iterator[tuple[str, str, Settings]]:
    """List the formats that Pillow writes here, with their modes and settings."""
    for name, modes in MODES.items():
        if name == "AVIF" and not features.check("avif"):
            continue
        for mode in modes:
            for settings, suited in SETTINGS.get(name, (({}, ""),)):
                if not suited or mode in suited.split():
                    yield name, mode, settings


def describe(settings: Settings) -> str:
    """Describe settings, as a part of a name."""
    return ",".join(f"{name}={value}" for name, value in settings.items())


def make_seeds() -> Iterator[tuple[str, bytes]]:
    """Make a photo of each kind, with a name for its file."""
    for name, mode, settings in list_kinds():
        yield (
            f"{name} {mode} {describe(settings)}".strip(),
            encode(make_photo(mode), name, **settings),
        )
    for name in ANIMATIONS:
        frames = [make_noise("RGB", SIZE, seed) for seed in range(3)]
        settings = {"save_all": True, "append_images": frames[1:], "duration": 70, "loop": 3}
        yield f"{name}-frames", encode(frames[0], name, **settings)
    yield from ((f"{name}-secret", make()) for name, make in PHOTOS.items())
    yield "PNG-interlaced", encode_interlaced(make_scene(SIZE))
    yield "FLI", encode_endless_fli()
    yield "FTEX", make_ftex()
    yield "TIFF-CMYK-profile", encode(make_photo("CMYK"), "TIFF", icc_profile=make_cmyk_profile())
    yield from ((name, photo) for name, photo, _ in odd_photos.make_photos(SIZE))
    for tiled in (False, True):
        raster = Raster(extra=(2,), tiled=tiled, compression=WEBP)
        yield f"TIFF-webp-{tiled}", make_raster([[(200.0, 100.0, 50.0, 128.0)] * 20] * 18, raster)
    yield "TIFF-children", make_tiff(Page((16, 12), ((254, 1),), (Page((32, 24)),)))
    yield "TIFF-big", make_tiff(Page((16, 12)), order=">", big=True)
    for depth, color in ((2, 0), (4, 0), (4, 3), (16, 2), (16, 4), (16, 6)):
        yield f"PNG-{depth}-{color}", make_png(depth, color)


def make_photo(mode: str, size: tuple[int, int] = SIZE) -> Image.Image:
    """Make a photo of a mode, with some transparency if it has any."""
    if mode in ("I;16", "I"):
        wide = make_noise("L", size).convert("I").point(lambda value: value * 257)
        return wide.convert("I;16") if mode == "I;16" else wide
    scene = make_scene(size)
    if mode == "LAB":
        return Image.merge("LAB", scene.split())
    if mode in ("LA", "RGBA"):
        scene.putalpha(Image.linear_gradient("L").resize(size))
    return scene.convert(mode)


def make_png(depth: int, color: int) -> bytes:
    """Make a PNG of a bit depth and color type that Pillow does not write, with a tRNS and gAMA."""
    width, height = SIZE
    bands = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    row = (width * bands * depth + 7) // 8
    pixels = make_noise("L", (row + 1, height)).tobytes()
    rows = b"".join(b"\0" + pixels[y * (row + 1) + 1 :][:row] for y in range(height))
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))]
    chunks += [(b"gAMA", struct.pack(">I", 45455))]
    if color == 3:
        chunks += [(b"PLTE", bytes(range(48)))]
    if color in (0, 2, 3):
        chunks += [(b"tRNS", bytes(2 * bands))]
    chunks += [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return join_chunks(chunks)


def make_ftex() -> bytes:
    """Make an uncompressed texture of IW2:EOC, as PIL/FtexImagePlugin.py reads it."""
    pixels = make_scene(SIZE).tobytes()
    header = struct.pack("<4s8i", b"FTEX", 1, *SIZE, 1, 1, 1, 32, len(pixels))
    return header + pixels


def join_chunks(chunks: list[tuple[bytes, bytes]]) -> bytes:
    """Join the chunks of a PNG, each with its checksum."""
    return SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def repair_checksums(data: bytes) -> bytes:
    """Set the checksums of a PNG's chunks, without which Pillow goes no further."""
    if not data.startswith(SIGNATURE):
        return data
    parts = [SIGNATURE]
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        stop = at + 8 + int.from_bytes(data[at : at + 4])
        if stop + 4 > len(data):
            break
        parts += [data[at:stop], struct.pack(">I", zlib.crc32(data[at + 4 : stop]))]
        at = stop + 4
    return b"".join([*parts, data[at:]])
