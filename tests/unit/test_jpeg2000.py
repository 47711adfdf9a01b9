"""JPEG 2000 files with a palette, channels in another order, and other than 8 bits a sample."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pytest
from PIL import Image

from pixelater import Style, UnsupportedFormat, pixelate
from tests.pictures import decode, encode, pixels

CODESTREAM, DEPTHS = b"\xff\x4f\xff\x51", 42
"""How one begins, and where the depth of its first component is."""

SRGB, CMYK, GRAY = 16, 12, 17
SIZE = (32, 32)

Levels = tuple[int, ...]


def look(photo: bytes, mode: str = "RGBA") -> tuple[object, object]:
    """Return the upper left and the lower right pixel of a mosaic."""
    mosaic = pixels(pixelate(photo, [2], Style("png"))[0]).convert(mode)
    return mosaic.getpixel((0, 0)), mosaic.getpixel((31, 31))


def make_halves(upper: Levels, lower: Levels) -> Image.Image:
    """Make an image of two colors."""
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[len(upper)]
    image = Image.new(mode, SIZE, upper if len(upper) > 1 else upper[0])
    image.paste(lower if len(lower) > 1 else lower[0], (0, 16, 32, 32))
    return image


def darken(channels: int, dark: int, light: int) -> Levels:
    """Return a dark color, which is opaque if it has alpha."""
    return tuple(light if at in (1, 3) and at == channels - 1 else dark for at in range(channels))


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def add_boxes(photo: bytes, *added: bytes, space: int = SRGB) -> bytes:
    """Add boxes to the header of a file, and set its color space."""
    place = photo.index(b"jp2h")
    (size,) = struct.unpack(">I", photo[place - 4 : place])
    content = bytearray(photo[place + 4 : place - 4 + size])
    color = content.index(b"colr") + 7
    content[color : color + 4] = struct.pack(">I", space)
    return (
        photo[: place - 4]
        + box(b"jp2h", bytes(content) + b"".join(added))
        + photo[place - 4 + size :]
    )


def make_palette(
    indices: tuple[int, int],
    colors: Sequence[Levels],
    *channels: tuple[int, int, int],
    depths: Sequence[int] = (8, 8, 8),
    space: int = SRGB,
) -> bytes:
    """Make a file of two indices with a palette, and channels as in cmap."""
    form = ">" + "".join("B" if depth <= 8 else "H" for depth in depths)
    content = struct.pack(">HB", len(colors), len(depths)) + bytes(depth - 1 for depth in depths)
    content += b"".join(struct.pack(form, *color) for color in colors)
    mapping = channels or tuple((0, 1, column) for column in range(len(depths)))
    cmap = b"".join(struct.pack(">HBB", *channel) for channel in mapping)
    photo = encode(make_halves((indices[0],), (indices[1],)), "JPEG2000")
    return add_boxes(photo, box(b"pclr", content), box(b"cmap", cmap), space=space)


def set_depth(photo: bytes, depth: int) -> bytes:
    """Say that samples have another number of bits; half of their range stays where it is."""
    changed = bytearray(photo)
    place = photo.index(CODESTREAM)
    (number,) = struct.unpack_from(">H", photo, place + DEPTHS - 2)
    for component in range(number):
        changed[place + DEPTHS + 3 * component] = depth - 1
    return bytes(changed)


COLORS = ((0, 0, 0), (0, 0, 0), (255, 0, 0), (0, 255, 0))
RED, GREEN, BLUE = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)


def test_equal_entries_of_palette_shift_none() -> None:
    assert look(make_palette((2, 3), COLORS)) == (RED, GREEN)


def test_channels_are_mapped_to_columns() -> None:
    photo = make_palette((2, 3), COLORS, (0, 1, 2), (0, 1, 1), (0, 1, 0))
    assert look(photo) == (BLUE, GREEN)


def test_palette_can_have_alpha() -> None:
    photo = make_palette((0, 1), ((9, 9, 9, 0), (255, 0, 0, 128)), depths=(8, 8, 8, 8))
    assert look(photo) == ((0, 0, 0, 0), (255, 0, 0, 128))


def test_palette_can_have_inks() -> None:
    photo = make_palette((0, 1), ((0,) * 4, (0, 0, 0, 255)), depths=(8,) * 4, space=CMYK)
    assert look(photo) == ((255, 255, 255, 255), (0, 0, 0, 255))


@pytest.mark.parametrize("depth", [1, 4, 10, 16])
def test_palette_can_have_other_depths(depth: int) -> None:
    most = (1 << depth) - 1
    photo = make_palette((0, 1), ((most, 0, 0), (0, most, 0)), depths=(depth,) * 3)
    assert look(photo) == (RED, GREEN)


def test_indices_of_fewer_bits_are_not_scaled() -> None:
    photo = set_depth(make_palette((128 - 8 + 2, 128 - 8 + 3), COLORS), 4)
    assert look(photo) == (RED, GREEN)


def test_index_beyond_the_palette_is_its_last_entry() -> None:
    assert look(make_palette((200, 2), COLORS)) == (GREEN, RED)


def test_channel_definition_orders_channels() -> None:
    content = struct.pack(">H9H", 3, 0, 0, 3, 1, 0, 2, 2, 0, 1)
    photo = add_boxes(
        encode(make_halves((255, 0, 0), (0, 255, 0)), "JPEG2000"), box(b"cdef", content)
    )
    assert look(photo) == (BLUE, GREEN)


@pytest.mark.parametrize("depth", [1, 2, 4, 7])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_samples_of_few_bits_are_scaled(depth: int, channels: int) -> None:
    dark = 128 - (1 << depth - 1)
    light = dark + (1 << depth) - 1
    halves = make_halves((light,) * channels, darken(channels, dark, light))
    photo = set_depth(encode(halves, "JPEG2000"), depth)
    assert look(photo) == ((255, 255, 255, 255), (0, 0, 0, 255))


@pytest.mark.parametrize("channels", [2, 3, 4])
def test_light_samples_of_many_bits_do_not_overflow(channels: int) -> None:
    """Without quantization, all of the range is that of the middle; Pillow makes it black."""
    halves = make_halves((255,) * channels, darken(channels, 0, 255))
    photo = bytearray(set_depth(encode(halves, "JPEG2000", irreversible=True), 10))
    quantization = photo.index(b"\xff\x5c", photo.index(CODESTREAM))
    (length,) = struct.unpack_from(">H", photo, quantization + 2)
    photo[quantization + 4] += 0x20
    for at in range(quantization + 5, quantization + 2 + length, 2):
        photo[at] -= 0x08
    assert decode(bytes(photo)).convert("L").getextrema() == (0, 0)
    assert look(bytes(photo)) == ((255, 255, 255, 255), (0, 0, 0, 255))


def test_deep_gray_uses_its_range() -> None:
    image = Image.frombytes("I;16", SIZE, struct.pack("<512H512H", *[65535] * 512, *[0] * 512))
    assert look(encode(image, "JPEG2000"), "L") == (255, 0)


@pytest.mark.parametrize("depth", [17, 38])
def test_samples_of_more_than_16_bits_are_refused(depth: int) -> None:
    photo = set_depth(encode(make_halves((9,), (9,)), "JPEG2000"), depth)
    with pytest.raises(UnsupportedFormat, match=f"{depth} bits a sample"):
        pixelate(photo, [2])
