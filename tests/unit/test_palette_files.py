"""Palettes: the built-in ones, and files of each format, well-formed and malformed."""

from __future__ import annotations

import struct
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pixelater.palette.builtin import BUILT_IN, find_palette
from pixelater.palette.files import parse_palette
from pixelater.palette.palette import BadPalette, Color, Palette
from pixelater.palette.text_files import format_gpl, format_hex
from tests.pictures import encode

THREE: tuple[Color, ...] = ((29, 43, 83), (255, 0, 77), (0, 0, 0))

BYTES = st.integers(0, 255)
COLORS = st.lists(st.tuples(BYTES, BYTES, BYTES), min_size=1, max_size=256)


def _act(count: int | None = None) -> bytes:
    table = bytes(value for color in THREE for value in color).ljust(768, b"\xff")
    return table if count is None else table + struct.pack(">HH", count, 0xFFFF)


def _riff(colors: tuple[Color, ...] = THREE, count: int | None = None) -> bytes:
    entries = b"".join(bytes((*color, 0)) for color in colors)
    body = struct.pack("<HH", 0x300, len(colors) if count is None else count) + entries
    chunks = (
        b"note" + struct.pack("<I", 3) + b"abc\0" + b"data" + struct.pack("<I", len(body)) + body
    )
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"PAL " + chunks


def _ase(model: bytes = b"RGB ", *values: tuple[float, ...], count: int | None = None) -> bytes:
    blocks = [struct.pack(">HIH", 0xC001, 6, 2) + "g\0".encode("utf-16-be")]
    for color in values:
        block = struct.pack(">H", 2) + "c\0".encode("utf-16-be") + model
        block += struct.pack(f">{len(color)}fH", *color, 2)
        blocks.append(struct.pack(">HI", 1, len(block)) + block)
    return b"ASEF" + struct.pack(">HHI", 1, 0, count or len(blocks)) + b"".join(blocks)


def _aco(version: int, *swatches: tuple[int, int, int, int, int]) -> bytes:
    data = struct.pack(">HH", version, len(swatches))
    for swatch in swatches:
        data += struct.pack(">5H", *swatch)
        if version == 2:
            data += struct.pack(">HH", 0, 2) + "c\0".encode("utf-16-be")
    return data


def _scale(color: Color) -> tuple[float, ...]:
    return tuple(value / 255 for value in color)


def _swatch(color: Color) -> tuple[int, int, int, int, int]:
    red, green, blue = (257 * value for value in color)
    return 0, red, green, blue, 0


def _indexed(transparency: int | None = None) -> bytes:
    image = Image.new("P", (5, 1), 2)
    image.putpalette([value for color in THREE for value in color])
    return encode(image) if transparency is None else encode(image, transparency=transparency)


def _strip(*colors: tuple[int, ...]) -> bytes:
    image = Image.new("RGBA" if len(colors[0]) == 4 else "RGB", (2 * len(colors), 2))
    for column, color in enumerate(colors):
        image.paste(color, (2 * column, 0, 2 * column + 2, 2))
    return encode(image)


HEX = b"1d2b53\r\n#ff004d\n\n000000"
GPL = (
    b"GIMP Palette\nName: Three\nColumns: 3\n# three\n 29  43  83\tnavy\n255 0 77 255 red\n0 0 0\n"
)
JASC = b"JASC-PAL\r\n0100\r\n3\r\n29 43 83\r\n255 0 77 255\r\n0 0 0\r\n"


@pytest.mark.parametrize(
    ("data", "colors"),
    [
        pytest.param(HEX, THREE, id="hex"),
        pytest.param(b"\xef\xbb\xbf" + HEX, THREE, id="hex with a byte order mark"),
        pytest.param(b"; Paint.NET\nFF1D2B53\nFFFF004D\nFF000000\n", THREE, id="Paint.NET"),
        pytest.param(b"1d2b53\r\n" * 96, THREE[:1], id="hex as long as an act file"),
        pytest.param(GPL, THREE, id="gpl"),
        pytest.param(GPL.replace(b"navy", b"bl\xe5"), THREE, id="gpl in Latin-1"),
        pytest.param(JASC, THREE, id="JASC"),
        pytest.param(_riff(), THREE, id="RIFF"),
        pytest.param(_act(), (*THREE, (255, 255, 255)), id="act of 768 bytes"),
        pytest.param(_act(3), THREE, id="act with a number of colors"),
        pytest.param(_ase(b"RGB ", *map(_scale, THREE)), THREE, id="ase"),
        pytest.param(_ase(b"Gray", (0.5,)), ((128, 128, 128),), id="gray ase"),
        pytest.param(_ase(b"RGB ", (1.25, -0.5, 0)), ((255, 0, 0),), id="ase of a wide gamut"),
        pytest.param(_aco(1, *map(_swatch, THREE)), THREE, id="aco, version 1"),
        pytest.param(_aco(2, *map(_swatch, THREE)), THREE, id="aco, version 2"),
        pytest.param(_aco(1, (1, 21845, 65535, 65535, 0)), ((0, 255, 0),), id="aco of HSB"),
        pytest.param(_aco(1, (8, 2000, 0, 0, 0)), ((51, 51, 51),), id="aco of grays"),
        pytest.param(_indexed(), THREE, id="indexed PNG"),
        pytest.param(_indexed(1), (THREE[0], THREE[2]), id="indexed PNG with transparency"),
        pytest.param(_strip(*THREE), THREE, id="strip"),
        pytest.param(_strip((1, 2, 3, 255), (9, 9, 9, 0)), ((1, 2, 3),), id="strip with alpha"),
        pytest.param(encode(Image.linear_gradient("L")), None, id="256 grays"),
    ],
)
def test_palette_file_holds_its_colors(data: bytes, colors: tuple[Color, ...] | None) -> None:
    found = parse_palette(data).colors
    assert found == (colors or tuple((level, level, level) for level in range(256)))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "at least one color"),
        (b"\n; only a comment\n", "at least one color"),
        (b"hello\n", "line 1: 'hello' is not a color of six hexadecimal digits"),
        (b"ff0000\n12345\n", "line 2: '12345'"),
        (b"GIMP Palette\n1 2\n", "line 2: '1 2' is not three numbers from 0 to 255"),
        (b"GIMP Palette\n1 2 256\n", "line 2: '1 2 256'"),
        (b"GIMP Palette\n1 -2 3\n", "line 2: '1 -2 3'"),
        ("GIMP Palette\n\u0661 2 3\n".encode(), "is not three numbers"),
        (b"JASC-PAL\n0100\n", "line 3: '' is not the number of colors"),
        (b"JASC-PAL\n0100\n-1\n", "line 3: '-1'"),
        (b"JASC-PAL\n0100\n3\n1 2 3\n", "it ends after 1 of 3 colors"),
        (_riff(count=4), "the file ends too early"),
        (_riff()[:26], "the file ends too early"),
        (_riff()[:20], "the file ends too early"),
        (b"RIFF\4\0\0\0PAL ", "it has no colors"),
        (_aco(1, (2, 0, 0, 0, 0)), "its colors are CMYK"),
        (_aco(2, (7, 0, 0, 0, 0)), "its colors are Lab"),
        (_aco(1, (14, 0, 0, 0, 0)), "its colors are color space 14"),
        (_aco(2, _swatch(THREE[0]))[:-1], "the file ends too early"),
        (_ase(b"CMYK", (0, 0, 0, 0)), "its colors are CMYK"),
        (_ase(b"RGB ", (float("nan"), 0, 0)), "a color is not a number"),
        (_ase(b"RGB ", (0, 0, 0), count=0xFFFFFFFF), "the file ends too early"),
        (_ase(), "at least one color"),
        (b"\x40\1\0\0\xe0\xa5\1\0", "Aseprite sprite"),
        (encode(Image.radial_gradient("L").convert("RGB"))[:60], "the PNG cannot be decoded"),
        (encode(Image.new("RGB", (2048, 1024))), "more than a million pixels"),
        (encode(Image.merge("RGB", [Image.linear_gradient("L").rotate(t) for t in (0, 90, 0)])),
         "more than 256 colors"),
        (b"\0" * 40, "not a palette file of a known format"),
        (b"".join(b"%06x\n" % value for value in range(257)), "257 colors are too many"),
        (b"0" * (1 << 20) + b"0", "more than 1 MiB"),
    ],
)  # fmt: skip
def test_malformed_palette_file_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(BadPalette) as error:
        parse_palette(data)
    assert reason in str(error.value)


FILES = (_riff(), _ase(b"RGB ", (0, 0, 0)), _indexed(), _act(9), _aco(2, _swatch(THREE[0])))
HEADS = st.sampled_from([b"", JASC, GPL, HEX, *FILES])


@given(head=HEADS, cut=st.integers(0, 200), tail=st.binary(max_size=200))
def test_any_data_is_a_palette_or_refused(head: bytes, cut: int, tail: bytes) -> None:
    try:
        palette = parse_palette(head[:cut] + tail + head[cut + len(tail) :])
    except BadPalette:
        return
    assert 1 <= len(palette.colors) <= 256


@given(colors=COLORS)
def test_written_palette_is_read_again(colors: list[Color]) -> None:
    palette = Palette("two  words", tuple(colors))
    assert parse_palette(format_hex(palette).encode()).colors == palette.colors
    written = parse_palette(format_gpl(palette).encode())
    assert (written.name, written.colors) == ("two words", palette.colors)


def test_gpl_name_cannot_add_lines() -> None:
    assert format_gpl(Palette("a\n1 2 3", ((0, 0, 0),))).splitlines()[1] == "Name: a 1 2 3"


@pytest.mark.parametrize(
    ("name", "count"),
    [("1-bit", 2), ("gray-4", 4), ("gray-16", 16), ("gameboy", 4), ("pico-8", 16), ("nes", 55),
     ("c64", 16), ("cga", 16), ("cga-cyan", 4), ("ega", 64), ("msx", 15), ("zx-spectrum", 15),
     ("cpc", 27), ("teletext", 8), ("apple-ii", 15), ("html-16", 16), ("web-safe", 216)],
)  # fmt: skip
def test_built_in_palette_has_its_colors_and_a_source(name: str, count: int) -> None:
    palette = find_palette(name)
    assert (palette.name, len(palette.colors)) == (name, count)
    assert palette.source.startswith("https://")


def test_every_built_in_palette_is_tested() -> None:
    assert len(BUILT_IN) == 17


def test_unknown_palette_names_the_known_ones() -> None:
    with pytest.raises(BadPalette, match="'amiga' is not a built-in palette: they are 1-bit, "):
        find_palette("amiga")


def test_palette_takes_colors_of_three_bytes_only() -> None:
    with pytest.raises(ValueError, match="color: 256 is not from 0 to 255"):
        Palette("wrong", ((0, 0, 256),))
    with pytest.raises(TypeError, match="a color must be three integers"):
        Palette("wrong", ((0, 0),))  # type: ignore[arg-type]
    assert BytesIO(Palette("two", ((1, 2, 3), (4, 5, 6))).data).read() == b"\1\2\3\4\5\6"
