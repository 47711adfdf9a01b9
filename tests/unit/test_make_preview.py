"""Previews of photos: what is in them, at any budget, of any kind of photo."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from dataclasses import FrozenInstanceError

import pytest
from PIL import Image

from pixelater import NotAPicture, Preview, TooLarge, make_preview
from tests.file_parts import list_parts
from tests.pictures import (
    decode,
    encode,
    make_cmyk_profile,
    make_noise,
    make_rgb_profile,
    make_scene,
)
from tests.secret_photos import PHOTOS, SECRET
from tests.unit.test_orientation import SHORT, make_exif

BICUBIC = Image.Resampling.BICUBIC
POOR = "the thumbhash shows more than a data URI of 100 characters or fewer"

Draw = Callable[[], bytes]


def paint(*colors: tuple[tuple[int, ...], int]) -> bytes:
    """Encode a picture of stripes, each of a color and so many columns."""
    image = Image.new("RGBA", (sum(columns for _, columns in colors), 20))
    left = 0
    for color, columns in colors:
        image.paste(color, (left, 0, left + columns, 20))
        left += columns
    return encode(image)


def read_uri(preview: Preview) -> tuple[str, bytes]:
    """Return the media type of a data URI, and its bytes."""
    head, body = preview.data_uri.split(";base64,")
    return head.removeprefix("data:"), b64decode(body, validate=True)


def show(preview: Preview) -> Image.Image:
    """Enlarge the picture of a data URI as a browser does."""
    picture = decode(read_uri(preview)[1]).convert("RGB")
    return picture.resize((preview.width, preview.height), BICUBIC)


def find_mean_difference(one: Image.Image, other: Image.Image) -> float:
    pairs = zip(one.tobytes(), other.tobytes(), strict=True)
    return sum(abs(a - b) for a, b in pairs) / len(one.tobytes())


PICTURES: dict[str, Draw] = {
    "scene": lambda: encode(make_scene((640, 480)), "JPEG", quality=95),
    "noise": lambda: encode(make_noise("RGB", (300, 200))),
    "transparent noise": lambda: encode(make_noise("RGBA", (300, 200))),
    "one pixel": lambda: encode(Image.new("RGB", (1, 1), "red")),
    "one color": lambda: encode(Image.new("RGB", (300, 200), "#123456")),
    "one row": lambda: encode(make_scene((2000, 1))),
    "one column": lambda: encode(make_scene((1, 2000))),
    "gray": lambda: encode(Image.linear_gradient("L")),
    "bits": lambda: encode(Image.linear_gradient("L").convert("1")),
    "16 bits": lambda: encode(Image.new("I;16", (40, 30), 40_000)),
    "inks": lambda: encode(make_noise("CMYK", (60, 40)), "JPEG"),
    "inks with a profile": lambda: encode(
        make_noise("CMYK", (60, 40)), "JPEG", icc_profile=make_cmyk_profile()
    ),
    "clear": lambda: paint(((9, 9, 9, 0), 30)),
    "glass": lambda: paint(((200, 100, 50, 90), 30)),
}


@pytest.mark.parametrize("budget", [0, 1, 25, 62, 63, 64, 90, 100, 101, 155, 400, 1001, 10_000])
@pytest.mark.parametrize("name", PICTURES)
def test_data_uri_is_a_picture_within_its_budget(name: str, budget: int) -> None:
    preview = make_preview(PICTURES[name](), budget)
    assert len(preview.data_uri) <= budget
    if preview.data_uri:
        media_type, data = read_uri(preview)
        picture = decode(data)
        assert Image.MIME[picture.format or ""] == media_type
        across, down = picture.size
        assert across <= preview.width and down <= preview.height
        longer = max(preview.width, preview.height)
        assert abs(down * longer - preview.height * max(across, down)) <= longer
        assert abs(across * longer - preview.width * max(across, down)) <= longer
    else:
        assert budget <= 100


@pytest.mark.parametrize("name", PICTURES)
def test_hashes_have_their_lengths(name: str) -> None:
    preview = make_preview(PICTURES[name]())
    assert 21 <= len(b64decode(preview.thumbhash, validate=True)) - preview.has_alpha <= 26 or (
        1 in (preview.width, preview.height)
    )
    assert len(preview.blurhash) == 28


@pytest.mark.parametrize(
    ("draw", "size"),
    [
        (lambda: encode(make_scene((640, 480))), (640, 480)),
        (lambda: encode(make_scene((640, 480)), "JPEG", exif=make_exif(SHORT)), (480, 640)),
        (lambda: encode(make_scene((640, 480)), "JPEG", exif=make_exif(SHORT, 3)), (640, 480)),
    ],
)
def test_size_is_that_of_the_upright_photo(draw: Draw, size: tuple[int, int]) -> None:
    preview = make_preview(draw())
    assert (preview.width, preview.height) == size


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_270),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_90),
    ],
)
def test_turned_photo_has_the_preview_of_the_upright_one(
    orientation: int, turn: Image.Transpose
) -> None:
    scene = make_noise("RGB", (96, 51)).resize((192, 102), Image.Resampling.NEAREST)
    turned = encode(scene, exif=make_exif(SHORT, orientation))
    assert make_preview(turned) == make_preview(encode(scene.transpose(turn)))


@pytest.mark.parametrize(("budget", "most"), [(100, 16.0), (150, 9.0), (400, 5.0), (1000, 3.0)])
def test_data_uri_shows_the_photo(budget: int, most: float) -> None:
    scene = make_scene((640, 480))
    preview = make_preview(encode(scene), budget)
    assert find_mean_difference(show(preview), scene) < most


@pytest.mark.parametrize(
    ("draw", "color"),
    [
        (lambda: paint(((10, 20, 200, 255), 70), ((240, 230, 0, 255), 30)), "#0a14c8"),
        (lambda: paint(((10, 20, 200, 255), 30), ((240, 230, 0, 255), 70)), "#f0e600"),
        (lambda: paint(((10, 20, 200, 0), 70), ((240, 230, 0, 255), 30)), "#f0e600"),
        (lambda: paint(((200, 100, 50, 102), 30)), "#c86432"),
        (lambda: paint(((200, 100, 50, 0), 30)), "#00000000"),
        (lambda: encode(Image.new("L", (9, 9), 77)), "#4d4d4d"),
    ],
)
def test_dominant_color_is_that_of_most_visible_pixels(draw: Draw, color: str) -> None:
    assert make_preview(draw()).dominant_color == color


def test_colors_of_a_profile_are_converted_to_srgb() -> None:
    swapped = make_rgb_profile(
        rXYZ=(0.3851, 0.7169, 0.0971), gXYZ=(0.4361, 0.2225, 0.0139), bXYZ=(0.1431, 0.0606, 0.7141)
    )
    photo = encode(Image.new("RGB", (40, 30), (255, 0, 0)), icc_profile=swapped)
    red, green, blue = bytes.fromhex(make_preview(photo).dominant_color[1:])
    assert red < 10 and green > 245 and blue < 10


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        (lambda: encode(make_scene()), False),
        (lambda: encode(make_scene().convert("RGBA")), False),
        (lambda: paint(((1, 2, 3, 255), 9), ((1, 2, 3, 254), 9)), True),
        (lambda: paint(((1, 2, 3, 0), 9)), True),
    ],
)
def test_alpha_is_reported_if_a_part_is_transparent(draw: Draw, expected: bool) -> None:
    assert make_preview(draw()).has_alpha is expected


def test_transparent_photo_keeps_its_alpha_in_the_data_uri() -> None:
    preview = make_preview(paint(((200, 0, 0, 255), 50), ((0, 0, 200, 0), 50)))
    picture = decode(read_uri(preview)[1])
    middle = picture.height // 2
    assert picture.getpixel((0, middle)) == (200, 0, 0, 255)
    assert picture.getpixel((picture.width - 1, middle)) == (0, 0, 0, 0)


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
def test_animation_has_the_preview_of_its_first_image(format: str) -> None:
    first, second = (Image.new("RGB", (40, 30), color) for color in ("red", "blue"))
    exact = {"lossless": True} if format == "WEBP" else {}
    data = encode(first, format, save_all=True, append_images=[second], duration=100, **exact)
    assert make_preview(data) == make_preview(encode(first))


@pytest.mark.parametrize("format", PHOTOS)
@pytest.mark.parametrize("budget", [120, 400, 3000])
def test_data_uri_has_no_metadata(format: str, budget: int) -> None:
    media_type, data = read_uri(make_preview(PHOTOS[format](), budget))
    assert SECRET not in data
    kind = media_type.removeprefix("image/").upper()
    assert set(list_parts(kind, data)) <= {"RIFF", "WEBP", "VP8", "VP8L", "VP8X", "ALPH"} | (
        {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"}
    )


@pytest.mark.parametrize(
    ("name", "budget", "warnings"),
    [
        ("scene", 400, ()),
        ("scene", 101, ()),
        ("scene", 100, (POOR,)),
        ("one color", 100, ()),
        ("one color", 62, ("no picture fits into a data URI of 62 characters; use the thumbhash",)),
        ("scene", 1, ("no picture fits into a data URI of 1 characters; use the thumbhash",)),
        ("scene", 0, ()),
    ],
)
def test_small_budgets_have_a_warning(name: str, budget: int, warnings: tuple[str, ...]) -> None:
    assert make_preview(PICTURES[name](), budget).warnings == warnings


def test_preview_is_frozen() -> None:
    preview = make_preview(PICTURES["one color"]())
    with pytest.raises(FrozenInstanceError):
        preview.width = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("budget", "error", "message"),
    [
        (-1, ValueError, "budget: -1 is not from 0 to 10000"),
        (10_001, ValueError, "budget: 10001 is not from 0 to 10000"),
        ("400", TypeError, "budget must be an integer, not str"),
        (True, TypeError, "budget must be an integer, not bool"),
    ],
)
def test_wrong_budget_is_refused(budget: int, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{message}$"):
        make_preview(PICTURES["one pixel"](), budget)


def test_limits_and_errors_are_those_of_mosaics() -> None:
    with pytest.raises(NotAPicture):
        make_preview(b"no picture")
    with pytest.raises(TooLarge):
        make_preview(PICTURES["noise"](), max_pixels=59_999)
    assert make_preview(PICTURES["noise"](), max_pixels=60_000).width == 300
