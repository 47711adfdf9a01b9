"""What an AVIF costs is that of its coded frames, whatever size it declares."""

from __future__ import annotations

import struct
from io import BytesIO

import pytest
from PIL import Image

from pixelater import Damaged, Style, TooLarge, Truncated, pixelate
from pixelater.decode import av1_data
from pixelater.decode.av1_data import Coded
from pixelater.decode.av1_frames import Frame, list_frames
from tests.boxes import edit
from tests.pictures import encode, make_noise, make_scene

SIZE = (96, 64)
PIXELS = SIZE[0] * SIZE[1]
KEY_FRAME, FRAME_SIZE_SAID = "0001", "1"


def declare(photo: bytes, width: int, height: int) -> bytes:
    """Change the size that an AVIF of one image declares."""
    place = photo.index(b"ispe") + 8
    return photo[:place] + struct.pack(">II", width, height) + photo[place + 8 :]


def make_unit(kind: int, bits: str) -> bytes:
    data = int(bits + "1", 2) << (-len(bits) - 1) % 8
    content = data.to_bytes(len(bits) // 8 + 1)
    return bytes([kind << 3 | 2, len(content)]) + content


def make_sequence(side_bits: int = 16, profile: int = 0, colors: str = "00000") -> bytes:
    """Make a sequence header of 64 x 64 pixels, whose frames choose nothing but their size."""
    points = "0" + "0" + "00000" + "0" * 12 + "00000"
    sides = f"{side_bits - 1:04b}" * 2 + f"{63:0{side_bits}b}" * 2
    tools = "0" + "000" + "0000" + "0" + "00" + "000"
    return make_unit(1, f"{profile:03b}" + "00" + points + sides + tools + colors)


@pytest.mark.parametrize(
    ("mode", "settings", "coded"),
    [
        ("RGB", {}, Coded(Frame(PIXELS, 1.5), PIXELS, False)),
        ("RGB", {"subsampling": "4:4:4"}, Coded(Frame(PIXELS, 3.0), PIXELS, False)),
        ("RGB", {"subsampling": "4:2:2"}, Coded(Frame(PIXELS, 2.0), PIXELS, False)),
        ("L", {"subsampling": "4:0:0"}, Coded(Frame(PIXELS, 1.0), PIXELS, False)),
        ("RGBA", {}, Coded(Frame(PIXELS, 1.5), 2 * PIXELS, False)),
    ],
)
def test_frames_of_pillow_are_found(mode: str, settings: dict[str, str], coded: Coded) -> None:
    picture = make_scene(SIZE).convert(mode)
    if mode == "RGBA":
        picture.putalpha(100)
    assert av1_data.measure(BytesIO(encode(picture, "AVIF", **settings))) == coded


def test_frames_of_an_animation_are_found() -> None:
    first, *more = (make_noise("RGB", SIZE, seed) for seed in range(5))
    file = BytesIO()
    first.save(file, "AVIF", save_all=True, append_images=more)
    coded = av1_data.measure(file)
    assert coded is not None
    assert coded.pixels // PIXELS in (5, 6)  # One may be hidden, from which others are predicted.


def test_larger_frame_than_declared_is_counted() -> None:
    photo = encode(Image.new("RGB", (3000, 3000), "red"), "AVIF", speed=10)
    liar = declare(photo, 64, 64)
    assert len(pixelate(liar, [8], Style("png"))) == 1
    with pytest.raises(TooLarge) as refused:
        pixelate(liar, [8], Style("png"), max_memory=60)
    assert (refused.value.option, refused.value.needed) == ("max-memory", 66)


@pytest.mark.parametrize(
    ("profile", "colors", "values"),
    [
        (0, "0" + "0" + "0", 1.5),
        (0, "1" + "0" + "0", 3.0),
        (0, "1" + "1" + "0", 2.0),
        (1, "1" + "0", 6.0),
        (2, "1" + "0" + "0" + "0", 4.0),
        (2, "1" + "1" + "0" + "0" + "0" + "11", 3.0),
        (2, "1" + "1" + "0" + "0" + "0" + "10", 4.0),
        (2, "1" + "1" + "0" + "0" + "0" + "0", 6.0),
        (2, "1" + "1" + "0" + "1" + f"{0x010D00:024b}", 6.0),
    ],
)
def test_bytes_of_a_pixel_are_those_of_its_planes(profile: int, colors: str, values: float) -> None:
    data = make_sequence(16, profile, colors) + make_unit(6, KEY_FRAME + "0" + "0")
    assert [*list_frames([data])] == [None, Frame(64 * 64, values)]


def test_frame_that_says_its_own_size_counts_as_the_largest_possible() -> None:
    data = make_sequence(12) + make_unit(6, KEY_FRAME + "0" + FRAME_SIZE_SAID)
    assert [*list_frames([data])] == [None, Frame(1 << 24, 1.5)]


def test_sequence_header_is_valid_for_later_samples() -> None:
    frame = make_unit(6, KEY_FRAME + "0" + "0")
    assert [*list_frames([make_sequence(), frame, frame])] == [None, *[Frame(4096, 1.5)] * 2]


def test_frame_that_is_shown_again_is_not_counted() -> None:
    assert [*list_frames([make_sequence() + make_unit(3, "1000")])] == [None, None]


@pytest.mark.parametrize("data", [b"\x0a", b"\x0e\xff", b"\x0a\xff\xff\xff", b"\x32\x01"])
def test_units_may_be_cut_off(data: bytes) -> None:
    assert all(frame is None or frame.pixels for frame in list_frames([data]))


def test_file_of_very_many_units_is_refused() -> None:
    photo = encode(Image.new("RGB", SIZE), "AVIF")

    def lengthen(name: bytes, content: bytes) -> bytes:
        return content[:-4] + struct.pack(">I", 300_000) if name == b"iloc" else content

    many = edit(photo, lengthen) + b"\x12\0" * 150_000
    with pytest.raises(TooLarge, match="more than 100,000 parts"):
        pixelate(many, [8])


@pytest.mark.parametrize("size", [(17_000, 17_000), (32_769, 8)])
def test_avif_beyond_the_limits_of_libavif_is_too_large(size: tuple[int, int]) -> None:
    photo = declare(encode(Image.new("RGB", SIZE), "AVIF"), *size)
    with pytest.raises(TooLarge, match=f"{size[0]} x {size[1]} pixels, and AVIF is read up to"):
        pixelate(photo, [8], max_pixels=1 << 30)


@pytest.mark.parametrize("size", [(16_384, 16_384), (32_768, 8)])
def test_other_avif_is_refused_for_another_reason(size: tuple[int, int]) -> None:
    photo = declare(encode(Image.new("RGB", SIZE), "AVIF"), *size)[:-20]
    with pytest.raises((Damaged, Truncated)):
        pixelate(photo, [8], max_pixels=1 << 30, max_memory=99_999, max_seconds=999)
