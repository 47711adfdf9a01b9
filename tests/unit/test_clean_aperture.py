"""What an AVIF or HEIC file says is cropped away (clap) does not come back."""

from __future__ import annotations

import struct
from io import BytesIO

import pytest
from PIL import Image

from pixelater import BadCrop, Style, pixelate
from pixelater.decode.clean_aperture import find_crop
from tests.boxes import add_properties, crop_to, make_box, make_clap
from tests.pictures import decode, encode, make_noise, make_scene

SIZE = (96, 64)
CROPS = {
    "even": (16, 8, 80, 40),
    "odd": (3, 5, 90, 61),
    "right": (48, 0, 96, 64),
    "all": (0, 0, *SIZE),
}
LOWER_RIGHT = (48, 32, 96, 64)
ROTATE = [make_box(b"irot", bytes([quarters])) for quarters in range(4)]
MIRROR = [make_box(b"imir", bytes([axis])) for axis in range(2)]
PRIMARY = make_box(b"pitm", bytes(4), struct.pack(">H", 1))


def make_avif(mode: str = "RGB", **settings: object) -> bytes:
    return encode(make_scene(SIZE).convert(mode), "AVIF", **settings)


def pixelate_as_png(photo: bytes) -> bytes:
    return pixelate(photo, [8], Style("png"))[0].data


@pytest.mark.parametrize("crop", CROPS.values(), ids=CROPS)
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_cropped_avif_is_pixelated_like_its_crop(
    mode: str, crop: tuple[int, int, int, int]
) -> None:
    photo = make_avif(mode)
    cropped = add_properties(photo, crop_to(crop, SIZE))
    assert pixelate_as_png(cropped) == pixelate_as_png(encode(decode(photo).crop(crop)))


@pytest.mark.parametrize(
    ("turns", "transposes"),
    [
        ([ROTATE[1]], [Image.Transpose.ROTATE_90]),
        ([ROTATE[2]], [Image.Transpose.ROTATE_180]),
        ([ROTATE[3]], [Image.Transpose.ROTATE_270]),
        ([MIRROR[0]], [Image.Transpose.FLIP_TOP_BOTTOM]),
        ([MIRROR[1]], [Image.Transpose.FLIP_LEFT_RIGHT]),
        ([ROTATE[1], MIRROR[1]], [Image.Transpose.ROTATE_90, Image.Transpose.FLIP_LEFT_RIGHT]),
    ],
)
def test_cropped_avif_is_turned_after_that(
    turns: list[bytes], transposes: list[Image.Transpose]
) -> None:
    photo = make_avif()
    expected = decode(pixelate_as_png(encode(decode(photo).crop(LOWER_RIGHT))))
    for transpose in transposes:
        expected = expected.transpose(transpose)
    cropped = add_properties(photo, crop_to(LOWER_RIGHT, SIZE), *turns)
    mosaic = decode(pixelate_as_png(cropped))
    assert mosaic.convert("RGB").tobytes() == expected.convert("RGB").tobytes()


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_avif_sequence_is_cropped_in_all_frames(mode: str) -> None:
    frames = [
        make_scene(SIZE).convert(mode),
        make_noise(mode, SIZE),
        make_scene(SIZE).convert(mode),
    ]
    photo = encode(frames[0], "AVIF", save_all=True, append_images=frames[1:], duration=100)
    mosaic = decode(pixelate_as_png(add_properties(photo, crop_to(LOWER_RIGHT, SIZE))))
    assert (mosaic.size, mosaic.n_frames) == ((48, 32), 3)  # type: ignore[attr-defined]
    source = Image.open(BytesIO(photo))
    for number in range(3):
        source.seek(number)
        mosaic.seek(number)
        (still,) = pixelate(encode(source.crop(LOWER_RIGHT)), [8], Style("png"))
        assert mosaic.convert("RGBA").tobytes() == decode(still.data).convert("RGBA").tobytes()


def test_cropped_heic_is_cropped_by_its_decoder() -> None:
    from pillow_heif import from_pillow

    buffer = BytesIO()
    from_pillow(make_scene(SIZE)).save(buffer, quality=90)
    (whole,) = pixelate(buffer.getvalue(), [1])
    (cropped,) = pixelate(add_properties(buffer.getvalue(), crop_to(LOWER_RIGHT, SIZE)), [1])
    assert ((whole.width, whole.height), (cropped.width, cropped.height)) == (SIZE, (48, 32))


@pytest.mark.parametrize(
    "clap",
    [
        make_clap((128, 2), (96, 3), (0, 1), (0, 7)),
        make_clap((64, 1), (32, 1), (0, 5), (0, 1)),
    ],
)
def test_whole_fractions_are_applied(clap: bytes) -> None:
    photo = make_avif()
    assert find_crop(BytesIO(add_properties(photo, clap)), *SIZE) == (16, 16, 80, 48)


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ([make_clap((65, 2), (64, 1), (0, 1), (0, 1))], "65/2 pixels long"),
        ([make_clap((64, 1), (32, 0), (0, 1), (0, 1))], "32/0 pixels long"),
        ([make_clap((-64, -1), (32, 1), (0, 1), (0, 1))], "-64/-1 pixels long"),
        ([make_clap((0, 1), (32, 1), (0, 1), (0, 1))], "0/1 pixels long"),
        ([make_clap((64, 1), (32, 1), (0, 0), (0, 1))], "64/1 pixels long"),
        ([make_clap((31, 1), (32, 1), (0, 1), (0, 1))], "begins within a pixel"),
        ([make_clap((32, 1), (32, 1), (0, 1), (1, 3))], "begins within a pixel"),
        ([crop_to((40, 0, 100, 64), SIZE)], "40 to 100, is not within 0 to 96"),
        ([crop_to((0, -1, 96, 63), SIZE)], "-1 to 63, is not within 0 to 64"),
        ([crop_to(LOWER_RIGHT, SIZE)] * 2, "cropped .* twice"),
        ([ROTATE[1], crop_to(LOWER_RIGHT, SIZE)], "turned before"),
        ([MIRROR[1], crop_to(LOWER_RIGHT, SIZE)], "turned before"),
    ],
)
def test_invalid_crop_is_refused(properties: list[bytes], reason: str) -> None:
    with pytest.raises(BadCrop, match=reason):
        pixelate(add_properties(make_avif(), *properties))


def test_crop_without_item_is_ignored() -> None:
    photo = make_avif()
    unused = add_properties(photo, crop_to(LOWER_RIGHT, SIZE), item=2)
    assert pixelate_as_png(unused) == pixelate_as_png(photo)


def test_frames_cropped_in_different_ways_are_refused() -> None:
    entries = [make_entry(crop_to(LOWER_RIGHT, SIZE)), make_entry()]
    with pytest.raises(BadCrop, match="in different ways"):
        find_crop(make_movie(b"avis", *(make_track(entry) for entry in entries)), *SIZE)


@pytest.mark.parametrize(
    ("brand", "crop"),
    [(b"avis", (48, 0, 96, 64)), (b"mif1", (48, 0, 96, 64)), (b"avif", (0, 0, 48, 64))],
)
def test_crop_is_that_of_the_brand(brand: bytes, crop: tuple[int, int, int, int]) -> None:
    """As libavif does, which decodes tracks unless the major brand says avif."""
    track = make_track(make_entry(crop_to((48, 0, 96, 64), SIZE)))
    auxiliary = make_track(make_entry(), make_box(b"tref", make_box(b"auxl", bytes(4))))
    items = make_items(PRIMARY, [crop_to((0, 0, 48, 64), SIZE)], {1: [1]})
    assert find_crop(make_movie(brand, auxiliary, track, items=items), *SIZE) == crop


@pytest.mark.parametrize("wide", [False, True])
def test_crop_of_a_grid_is_applied_to_the_whole(wide: bool) -> None:
    tiles = make_references(wide, 1, [2, 3])
    items = make_items(PRIMARY, [crop_to(LOWER_RIGHT, SIZE)], {1: [1], 2: []}, tiles, wide=wide)
    assert find_crop(make_movie(b"avif", items=items), *SIZE) == LOWER_RIGHT


@pytest.mark.parametrize("wide", [False, True])
def test_crop_of_a_grids_tiles_is_refused(wide: bool) -> None:
    tiles = make_references(wide, 1, [2, 3])
    items = make_items(PRIMARY, [crop_to(LOWER_RIGHT, SIZE)], {3: [1]}, tiles, wide=wide)
    with pytest.raises(BadCrop, match="tiles"):
        find_crop(make_movie(b"avif", items=items), *SIZE)


def test_box_with_large_or_no_size_is_read() -> None:
    clap = crop_to(LOWER_RIGHT, SIZE)
    items = make_items(PRIMARY, [struct.pack(">I4sQ", 1, b"clap", 48) + clap[8:]], {1: [1]})
    file = make_movie(b"avif").getvalue() + struct.pack(">I4s", 0, b"meta") + items[8:]
    assert find_crop(BytesIO(file), *SIZE) == LOWER_RIGHT


def test_position_of_file_is_kept() -> None:
    file = BytesIO(make_avif())
    file.seek(7)
    find_crop(file, *SIZE)
    assert file.tell() == 7


def test_box_longer_than_its_parent_is_damage() -> None:
    clap = crop_to(LOWER_RIGHT, SIZE)[:-1]
    with pytest.raises(struct.error, match="a box of 40 bytes in one of 39"):
        find_crop(make_movie(b"avif", items=make_items(PRIMARY, [clap], {1: [1]})), *SIZE)


def make_entry(*properties: bytes) -> bytes:
    return make_box(b"av01", bytes(78), *properties)


def make_track(entry: bytes, *others: bytes) -> bytes:
    table = make_box(b"stbl", make_box(b"stsd", bytes(7), b"\1", entry))
    return make_box(b"trak", *others, make_box(b"mdia", make_box(b"minf", table)))


def make_movie(brand: bytes, *tracks: bytes, items: bytes = b"") -> BytesIO:
    movie = make_box(b"moov", *tracks) if tracks else b""
    return BytesIO(make_box(b"ftyp", brand, bytes(4)) + items + movie)


def make_references(wide: bool, item: int, tiles: list[int]) -> bytes:
    form = "I" if wide else "H"
    content = struct.pack(f">{form}H{len(tiles)}{form}", item, len(tiles), *tiles)
    return make_box(b"iref", bytes([wide, 0, 0, 0]), make_box(b"dimg", content))


def make_items(
    primary: bytes,
    properties: list[bytes],
    associations: dict[int, list[int]],
    *others: bytes,
    wide: bool = False,
) -> bytes:
    """Make a meta box; `wide` items have IDs of 32 bits, and indices of 15."""
    form = ">IB" if wide else ">HB"
    content = bytes([wide, 0, 0, wide]) + struct.pack(">I", len(associations))
    for item, indices in associations.items():
        content += struct.pack(form, item, len(indices))
        content += b"".join(
            struct.pack(">H", 0x8000 | one) if wide else bytes([0x80 | one]) for one in indices
        )
    ipma = make_box(b"ipma", content)
    return make_box(
        b"meta", bytes(4), primary, *others, make_box(b"iprp", make_box(b"ipco", *properties), ipma)
    )
