"""Animations stay animated: each frame pixelated, their times, loops and transparency kept."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import GifImagePlugin, Image, ImageSequence

from pixelater import Style, TooLarge, pixelate
from pixelater.decode import photo as photos
from pixelater.encode.delays import split_delays
from tests.pictures import encode, make_noise

DURATIONS = [100, 200, 300, 40]


def make_frames(mode: str) -> list[Image.Image]:
    """Make frames whose left half is transparent in turn, if the mode has alpha."""
    frames = []
    for number in range(4):
        frame = Image.new("RGB", (66, 50), (number * 60, 20, 200 - number * 30)).convert(mode)
        if mode == "RGBA" and number % 2:
            frame.paste((0, 0, 0, 0), (0, 0, 33, 50))
        frames.append(frame)
    return frames


def encode_animation(format: str, mode: str, loop: int | None = 3) -> bytes:
    """Encode the frames with Pillow."""
    first, *others = make_frames(mode)
    settings: dict[str, object] = {"lossless": True} if format == "WEBP" else {}
    settings |= {"disposal": 2} if format == "GIF" else {}
    settings |= {} if loop is None else {"loop": loop}
    buffer = BytesIO()
    first.save(buffer, format, save_all=True, append_images=others, duration=DURATIONS, **settings)
    return buffer.getvalue()


def read(data: bytes, right: int = 65) -> list[tuple[float, object, object]]:
    """List the duration, the upper left and the upper right pixel of each frame."""
    frames: list[tuple[float, object, object]] = []
    with Image.open(BytesIO(data)) as image:
        for frame in ImageSequence.Iterator(image):
            pixels = frame.convert("RGBA")
            corners = pixels.getpixel((0, 0)), pixels.getpixel((right, 0))
            frames.append((frame.info["duration"], *corners))
    return frames


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
@pytest.mark.parametrize("wanted", ["same", "png", "webp", "auto"])
def test_frames_keep_their_durations(format: str, mode: str, wanted: str) -> None:
    animation = encode_animation(format, mode)
    (made,) = pixelate(animation, [2], Style(wanted))
    assert made.warnings == ()
    pictures = [frame.convert("RGBA") for frame in make_frames(mode)]
    corners = [(picture.getpixel((0, 0)), picture.getpixel((65, 0))) for picture in pictures]
    assert read(made.data) == [
        (duration, *pair) for duration, pair in zip(DURATIONS, corners, strict=True)
    ]
    with Image.open(BytesIO(made.data)) as mosaic:
        assert mosaic.info["loop"] == 3 + (format == "GIF") - (made.format == "GIF")
        assert mosaic.size == (66, 50)


@pytest.mark.parametrize(("loop", "plays"), [(None, 1), (0, 0), (1, 2), (3, 4), (0xFFFF, 0x10000)])
def test_gif_plays_as_often_in_other_formats(loop: int | None, plays: int) -> None:
    """The extension of a GIF counts the plays after the first."""
    (made,) = pixelate(encode_animation("GIF", "RGB", loop), [2], Style("png"))
    with Image.open(BytesIO(made.data)) as mosaic:
        assert mosaic.info["loop"] == plays


def test_gif_that_plays_once_stays_so() -> None:
    (made,) = pixelate(encode_animation("GIF", "RGB", loop=None), [2])
    with Image.open(BytesIO(made.data)) as mosaic:
        assert "loop" not in mosaic.info


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_animation_as_jpeg_has_first_frame_and_a_warning(format: str) -> None:
    (made,) = pixelate(encode_animation(format, "RGBA"), [2], Style("jpeg"))
    assert made.format == "JPEG"
    assert made.warnings == ("only the first image of several was pixelated",)


def test_default_image_of_apng_is_skipped() -> None:
    first, *others = make_frames("RGB")
    buffer = BytesIO()
    first.save(buffer, "PNG", save_all=True, append_images=others, duration=100, default_image=True)
    (made,) = pixelate(buffer.getvalue(), [2])
    assert len(read(made.data)) == 3


def test_tiff_pages_give_first_and_a_warning() -> None:
    pages = [make_noise("L", (90, 90), seed) for seed in range(3)]
    buffer = BytesIO()
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:])
    (made,) = pixelate(buffer.getvalue(), [8])
    assert made.warnings == ("only the first image of several was pixelated",)


def test_too_many_frames_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "MAX_FRAMES", 3)
    with pytest.raises(TooLarge, match="more than 3 pictures"):
        pixelate(encode_animation("GIF", "RGB"), [2])


def test_fractions_of_milliseconds_keep_their_sum() -> None:
    frames = [make_noise("RGB", (8, 8), seed) for seed in range(60)]
    photo = encode(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=1000 / 60)
    assert sum(read_durations(pixelate(photo, [2])[0].data)) == 1000


@pytest.mark.parametrize(
    ("wanted", "written"),
    [("png", [65_000_000]), ("webp", [0xFFFFFF, 0xFFFFFF, 0xFFFFFF, 65_000_000 - 3 * 0xFFFFFF])],
)
def test_frame_longer_than_format_allows_is_repeated(wanted: str, written: list[int]) -> None:
    frames = [make_noise("RGB", (8, 8), seed) for seed in range(2)]
    photo = encode(
        frames[0], "PNG", save_all=True, append_images=frames[1:], duration=65_000_000, loop=70_000
    )
    (mosaic,) = pixelate(photo, [2], Style(wanted))
    assert read_durations(mosaic.data) == written * 2


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("duration", "frames"), [(655_350, 2), (655_350, 1), (655_340, 1), (100, 5), (0, 3)]
)
def test_equal_frames_keep_their_duration(format: str, duration: int, frames: int) -> None:
    other = make_noise("RGB", (8, 8))
    photo = encode_gif([(Image.new("RGB", (8, 8)), duration)] * frames + [(other, 100)])
    wanted = "same" if format == "GIF" else format.lower()
    (mosaic,) = pixelate(photo, [2], Style(wanted))
    assert sum(read_durations(mosaic.data)) == duration * frames + 100
    corners = [upper_left for _, upper_left, _ in read(mosaic.data, right=7)]
    assert set(corners[:-1]) == {(0, 0, 0, 255)} != {corners[-1]}


def test_gif_of_equal_frames_keeps_its_duration() -> None:
    photo = encode_gif([(Image.new("RGB", (8, 8)), 655_350)] * 3)
    (mosaic,) = pixelate(photo, [2])
    assert read_durations(mosaic.data) == [655_350] * 3


def test_animation_too_long_for_its_format_is_refused() -> None:
    with pytest.raises(ValueError, match="the animation is too long for this format"):
        split_delays([2**32], (1,), 1000)


def test_later_gif_frame_can_be_transparent() -> None:
    opaque = make_noise("RGB", (64, 64)).quantize(255)
    half = opaque.copy()
    half.paste(255, (0, 0, 32, 64))
    photo = encode(
        opaque,
        "GIF",
        save_all=True,
        append_images=[half],
        disposal=2,
        duration=50,
        transparency=255,
    )
    for data in (photo, pixelate(photo, [32])[0].data):
        frames = [frame.convert("RGBA") for frame in ImageSequence.Iterator(open_bytes(data))]
        alphas = [frame.getchannel("A") for frame in frames]
        assert [alpha.getpixel((5, 5)) for alpha in alphas] == [255, 0]
        assert [alpha.getpixel((60, 5)) for alpha in alphas] == [255, 255]


def encode_gif(frames: list[tuple[Image.Image, int]]) -> bytes:
    """Encode pictures, equal ones too, each with its duration in milliseconds."""
    parts: list[bytes] = []
    for frame, duration in frames:
        paletted = frame.quantize(256)
        parts += [] if parts else GifImagePlugin.getheader(paletted)[0]
        parts += GifImagePlugin.getdata(
            paletted, duration=duration, disposal=2, include_color_table=True
        )
    return b"".join(parts) + b";"


def open_bytes(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def read_durations(data: bytes) -> list[int]:
    """List the duration of each frame; WebP tells it only once decoded."""
    durations = []
    with Image.open(BytesIO(data)) as image:
        for frame in ImageSequence.Iterator(image):
            frame.load()
            durations.append(round(frame.info["duration"]))
    return durations
