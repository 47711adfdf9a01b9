"""Photos of kinds that Pillow does not write, made in code, for comparison with other decoders."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import product

from PIL import Image

from tests.boxes import add_properties, make_box
from tests.pictures import encode, make_scene

PSD_MODES = {"1": 0, "L": 1, "P": 2, "RGB": 3, "CMYK": 4}
"""Color modes of Photoshop's header (Adobe Photoshop File Formats Specification)."""

DDS_RGB, DDS_GRAY, DDS_ALPHA = 0x40, 0x20000, 0x1
DDS_KINDS = {
    "565": (16, (0xF800, 0x7E0, 0x1F, 0)),
    "1555": (16, (0x7C00, 0x3E0, 0x1F, 0x8000)),
    "4444": (16, (0xF00, 0xF0, 0xF, 0xF000)),
    "888": (24, (0xFF0000, 0xFF00, 0xFF, 0)),
    "8888": (32, (0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
}
"""Bits of a pixel, and the masks of red, green, blue and alpha."""


def make_photos(size: tuple[int, int]) -> Iterator[tuple[str, bytes, str]]:
    """Make photos: a name, the photo, and its media type if browsers show it."""
    scene = make_scene(size)
    clear = scene.copy()
    clear.putalpha(Image.linear_gradient("L").resize(size))
    for mode, turn, mirror in product(("RGB", "RGBA"), range(4), (None, 0, 1)):
        avif = encode(clear if mode == "RGBA" else scene, "AVIF", quality=95, subsampling="4:4:4")
        boxes = [make_box(b"irot", bytes([turn]))]
        boxes += [] if mirror is None else [make_box(b"imir", bytes([mirror]))]
        yield f"AVIF {mode} irot={turn} imir={mirror}", add_properties(avif, *boxes), "image/avif"
    others = [scene.rotate(angle) for angle in (90, 180)]
    yield "MPO", encode(scene, "MPO", save_all=True, append_images=others, quality=95), "image/jpeg"
    for lossless, picture in product((False, True), (scene, clear)):
        frames = [picture.rotate(angle) for angle in (90, 180)]
        animation = encode(
            picture,
            "WEBP",
            save_all=True,
            append_images=frames,
            duration=[40, 70, 500],
            lossless=lossless,
            quality=95,
            loop=3,
        )
        yield f"WEBP animation {picture.mode} lossless={lossless}", animation, "image/webp"
    for bits, uses_png in (
        (1, False),
        (4, False),
        (8, False),
        (24, False),
        (32, False),
        (32, True),
    ):
        yield f"ICO {bits}" + " PNG" * uses_png, make_icon(clear, bits, uses_png), "image/x-icon"
    for mode, packs in product(PSD_MODES, (False, True)):
        yield f"PSD {mode}" + " packed" * packs, make_photoshop(scene.convert(mode), packs), ""
    for name, (bits, masks) in DDS_KINDS.items():
        yield f"DDS {name}", make_texture(clear, bits, masks), ""
    yield "PCX planes", make_planes(scene.quantize(16)), ""


def make_icon(picture: Image.Image, bits: int, uses_png: bool) -> bytes:
    """Make an icon of two sizes, the larger of which is last (BITMAPINFOHEADER, and its mask)."""
    large, small = (picture.resize(side) for side in ((96, 72), (16, 16)))
    entries, images, start = b"", b"", 6 + 2 * 16
    for image in (small, large):
        data = encode(image) if uses_png else make_bitmap(image, bits)
        entries += struct.pack("<BBBBHHII", *image.size, 0, 0, 1, bits, len(data), start)
        start += len(data)
        images += data
    return struct.pack("<HHH", 0, 1, 2) + entries + images


def make_bitmap(picture: Image.Image, bits: int) -> bytes:
    """Make the data of an icon: a header of a doubled height, colors, and a mask of one bit."""
    width, height = picture.size
    colors, palette = picture.convert("RGB"), b""
    if bits == 32:
        row, pixels = 4 * width, picture.tobytes("raw", "BGRA", 0, -1)
    elif bits == 24:
        row = -(-3 * width // 4) * 4
        pixels = colors.tobytes("raw", "BGR", row, -1)
    else:
        indexed = colors.quantize(2**bits)
        entries = indexed.getpalette() or []
        entries += [0] * (3 * 2**bits - len(entries))
        palette = b"".join(
            bytes([*entries[at : at + 3][::-1], 0]) for at in range(0, 3 * 2**bits, 3)
        )
        row = -(-bits * width // 32) * 4
        pixels = b"".join(
            _pack(indexed.crop((0, y, width, y + 1)).tobytes(), bits).ljust(row, b"\0")
            for y in reversed(range(height))
        )
    hidden = picture.getchannel("A").point([255 * (level < 128) for level in range(256)])
    mask = b"".join(
        hidden.crop((0, y, width, y + 1)).convert("1").tobytes().ljust(-(-width // 32) * 4, b"\0")
        for y in reversed(range(height))
    )
    header = struct.pack("<IiiHHIIiiII", 40, width, 2 * height, 1, bits, 0, 0, 0, 0, 0, 0)
    return header + palette + pixels + mask


def _pack(values: bytes, bits: int) -> bytes:
    """Pack values of a few bits each, the first one highest."""
    number = 8 // bits
    values = values.ljust(-(-len(values) // number) * number, b"\0")
    return bytes(
        sum(value << 8 - bits * (at + 1) for at, value in enumerate(values[start : start + number]))
        for start in range(0, len(values), number)
    )


def make_photoshop(picture: Image.Image, packs: bool) -> bytes:
    """Make a Photoshop document: its merged image, plane after plane."""
    width, height = picture.size
    bands = picture.split() if picture.mode not in ("1", "P") else (picture,)
    palette = b""
    if picture.mode == "P":
        colors = bytes(picture.getpalette() or []).ljust(768, b"\0")
        palette = colors[0::3] + colors[1::3] + colors[2::3]
    invert = picture.mode in ("1", "CMYK")  # Ink is stored as its complement, black as 1.
    rows = [
        bytes(value ^ 255 * invert for value in band.crop((0, y, width, y + 1)).tobytes())
        for band in bands
        for y in range(height)
    ]
    header = struct.pack(">4sH6xHIIHH", b"8BPS", 1, len(bands), height, width, 8, 3)
    depth = 1 if picture.mode == "1" else 8
    header = header[:22] + struct.pack(">HH", depth, PSD_MODES[picture.mode])
    head = header + struct.pack(">I", len(palette)) + palette + bytes(8)
    if not packs:
        return head + b"\0\0" + b"".join(rows)
    packed = [_pack_bits(row) for row in rows]
    lengths = struct.pack(f">{len(packed)}H", *map(len, packed))
    return head + b"\0\1" + lengths + b"".join(packed)


def _pack_bits(row: bytes) -> bytes:
    """Pack a row as literal runs of PackBits."""
    runs = [row[at : at + 128] for at in range(0, len(row), 128)]
    return b"".join(bytes([len(run) - 1]) + run for run in runs)


def make_texture(picture: Image.Image, bits: int, masks: tuple[int, ...]) -> bytes:
    """Make an uncompressed texture (DDS_HEADER and DDS_PIXELFORMAT of Direct3D)."""
    width, height = picture.size
    flags = DDS_RGB | (DDS_ALPHA if masks[3] else 0)
    pixel_format = struct.pack("<8I", 32, flags, 0, bits, *masks)
    header = struct.pack("<7I44x", 124, 0x100F, height, width, width * bits // 8, 0, 0)
    data = bytearray()
    for pixel in picture.get_flattened_data():
        assert isinstance(pixel, tuple)
        value = 0
        for level, mask in zip(pixel, masks, strict=True):
            if mask:
                lowest = mask & -mask
                value |= round(level * (mask // lowest) / 255) * lowest
        data += value.to_bytes(bits // 8, "little")
    return b"DDS " + header + pixel_format + struct.pack("<5I", 0x1000, 0, 0, 0, 0) + bytes(data)


def make_planes(picture: Image.Image) -> bytes:
    """Make a PCX of 16 colors, whose four bits are in four planes (ZSoft PCX manual)."""
    width, height = picture.size
    row = -(-width // 16) * 2
    palette = bytes(picture.getpalette() or [])[:48].ljust(48, b"\0")
    header = struct.pack("<4B6H", 10, 5, 1, 1, 0, 0, width - 1, height - 1, 72, 72)
    header += palette + struct.pack("<2B2H58x", 0, 4, row, 1)
    data = bytearray()
    for y in range(height):
        indices = picture.crop((0, y, width, y + 1)).tobytes()
        for plane in range(4):
            bits = _pack(bytes(index >> plane & 1 for index in indices), 1).ljust(row, b"\0")
            data += b"".join(b"\xc1" + bytes([byte]) for byte in bits)
    return header + bytes(data)
