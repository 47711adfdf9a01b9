"""Formats that a style names: `Style("bmp")` and the others that are not the photo's own."""

from __future__ import annotations

import pytest
from PIL import Image

from pixelater import Style, TooLarge, pixelate
from pixelater.encode.formats import ENCODINGS
from tests.pictures import decode, encode, make_noise, make_rgb_profile, make_scene

NAMED = ("jpeg", "png", "webp", "gif", "tiff", "bmp", "avif")
LOSSLESS = ("png", "webp", "tiff", "bmp")


@pytest.mark.parametrize("name", NAMED)
def test_named_format_is_written(name: str) -> None:
    (mosaic,) = pixelate(encode(make_scene()), [8], Style(name.upper()))
    assert (mosaic.format, decode(mosaic.data).format) == (name.upper(), name.upper())
    assert (decode(mosaic.data).size, mosaic.warnings) == ((120, 90), ())


@pytest.mark.parametrize("name", LOSSLESS)
def test_lossless_named_format_holds_exact_means(name: str) -> None:
    photo = encode(make_noise("RGB", (120, 90)))
    exact, named = (pixelate(photo, [16], Style(f))[0] for f in ("png", name))
    shown = [decode(mosaic.data).convert("RGB").tobytes() for mosaic in (exact, named)]
    assert shown[0] == shown[1]


@pytest.mark.parametrize(("alias", "name"), [("JPG", "jpeg"), ("tif", "tiff"), ("Gif", "gif")])
def test_alias_and_case_of_a_format_are_accepted(alias: str, name: str) -> None:
    assert Style(alias).format == name


@pytest.mark.parametrize(
    ("name", "corner"),
    [
        ("bmp", (255, 0, 0)),
        ("jpeg", (254, 0, 0)),
        ("gif", None),
        ("tiff", None),
        ("avif", None),
        ("webp", None),
    ],
)
def test_transparency_is_kept_or_gets_the_background(
    name: str, corner: tuple[int, int, int] | None
) -> None:
    photo = Image.new("RGBA", (64, 64), (0, 0, 255, 255))
    photo.paste((0, 0, 0, 0), (0, 0, 32, 32))
    (mosaic,) = pixelate(encode(photo), [2], Style(name, background=(255, 0, 0)))
    made = decode(mosaic.data)
    assert mosaic.format == name.upper()
    assert made.has_transparency_data == (corner is None)
    if corner is None:
        assert made.convert("RGBA").getpixel((4, 4))[3] == 0  # type: ignore[index]
    else:
        assert made.convert("RGB").getpixel((4, 4)) == corner


@pytest.mark.parametrize("name", NAMED)
def test_named_format_holds_no_metadata(name: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret"
    photo = encode(make_scene(), "JPEG", exif=exif, comment=b"a secret")
    (mosaic,) = pixelate(photo, [8], Style(name))
    assert b"a secret" not in mosaic.data
    assert 0x010E not in decode(mosaic.data).getexif()


@pytest.mark.parametrize("name", ["gif", "bmp"])
def test_format_without_profiles_is_in_srgb(name: str) -> None:
    swapped = make_rgb_profile(rXYZ=(0.1431, 0.0606, 0.7141), bXYZ=(0.4361, 0.2225, 0.0139))
    photo = encode(Image.new("RGB", (64, 64), (250, 5, 5)), icc_profile=swapped)
    red, _, blue = decode(pixelate(photo, [8], Style(name))[0].data).convert("RGB").getpixel((9, 9))  # type: ignore[misc]
    assert (blue > 200, red < 60) == (True, True)


@pytest.mark.parametrize("name", ["tiff", "avif"])
def test_format_with_profiles_has_that_of_the_photo(name: str) -> None:
    profile = make_rgb_profile(rXYZ=(0.1431, 0.0606, 0.7141), bXYZ=(0.4361, 0.2225, 0.0139))
    photo = encode(make_scene(), icc_profile=profile)
    (exact,), (made,) = (pixelate(photo, [8], Style(each)) for each in ("png", name))
    assert decode(made.data).info["icc_profile"] == decode(exact.data).info["icc_profile"]


@pytest.mark.parametrize(("times", "loop", "expected"), [(40, 0, 0), (40, 1, None), (40, 3, 2)])
def test_webp_animation_stays_one_as_gif(times: int, loop: int, expected: int | None) -> None:
    frames = [Image.new("RGB", (64, 64), color) for color in ("red", "lime", "blue")]
    photo = encode(
        frames[0],
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=times,
        loop=loop,
        lossless=True,
    )
    made = decode(pixelate(photo, [4], Style("gif"))[0].data)
    assert (made.format, made.n_frames) == ("GIF", 3)  # type: ignore[attr-defined]
    assert (made.info["duration"], made.info.get("loop")) == (times, expected)


@pytest.mark.parametrize("name", ["jpeg", "tiff", "bmp", "avif"])
def test_animation_in_a_format_of_one_picture_is_warned_of(name: str) -> None:
    frames = [Image.new("RGB", (64, 64), color) for color in ("red", "lime")]
    photo = encode(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=40)
    (mosaic,) = pixelate(photo, [4], Style(name))
    assert mosaic.format == name.upper()
    assert mosaic.warnings == ("only the first image of several was pixelated",)


def test_named_format_is_not_replaced_because_of_its_pixels() -> None:
    size = (2100, 2000)
    assert size[0] * size[1] > ENCODINGS["BMP"].max_pixels
    photo = encode(Image.new("RGB", size, "teal"))
    assert pixelate(photo, [8], Style("bmp"))[0].format == "BMP"
    with pytest.raises(TooLarge, match=r"25 MB of mosaics, more than the limit of 24 MB"):
        pixelate(photo, [8, 16], Style("bmp"), max_written=24)


def test_side_too_long_for_a_named_format_is_warned_of() -> None:
    photo = encode(Image.new("RGB", (17_000, 10), "teal"))
    (mosaic,) = pixelate(photo, [8], Style("webp"))
    assert (mosaic.format, mosaic.warnings) == (
        "PNG",
        ("written as PNG: WEBP has at most 16,383 pixels on a side",),
    )


def test_lossy_formats_are_refused_with_a_palette() -> None:
    with pytest.raises(ValueError, match="format: avif cannot hold a palette"):
        Style("avif", palette=4)
