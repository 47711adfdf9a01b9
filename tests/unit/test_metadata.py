"""Nothing of the photo goes out but its cells and its colour profile.

Photos are made that carry a secret in every place their format has for one. The mosaics are then
taken apart: what they consist of is compared with what a mosaic needs, so even what is compressed,
or unheard of, could not go out unseen.
"""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from pixelater import Style, pixelate
from tests.file_parts import ALLOWED, list_parts
from tests.pictures import decode, encode, make_noise, make_scene
from tests.secret_photos import PHOTOS, PROFILE, SECRET, XMP, make_exif


@pytest.mark.parametrize("format", [name for name in PHOTOS if name != "MPO"])
def test_photos_contain_the_secret(format: str) -> None:
    assert SECRET in PHOTOS[format]()


@pytest.mark.parametrize("style", ["same", "jpeg", "png", "webp"])
@pytest.mark.parametrize("format", PHOTOS)
def test_mosaic_has_image_and_profile_only(format: str, style: str) -> None:
    for mosaic in pixelate(PHOTOS[format](), [2, 8, 64], Style(style)):
        assert SECRET not in mosaic.data
        assert set(list_parts(mosaic.format, mosaic.data)) <= ALLOWED[mosaic.format]


@pytest.mark.parametrize("style", ["same", "jpeg", "png", "webp", "auto"])
@pytest.mark.parametrize("format", [name for name in PHOTOS if name != "GIF"])
@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (PROFILE + SECRET, PROFILE),
        (bytes(16) + b"RGB " + bytes(16) + b"acsp" + bytes(88) + SECRET * 9, None),
        (SECRET * 9, None),
    ],
)
def test_profile_loses_its_tail_or_is_dropped(
    format: str, style: str, profile: bytes, expected: bytes | None
) -> None:
    photo = encode(make_scene(), format, icc_profile=profile)
    assert decode(photo).info["icc_profile"] == profile
    (mosaic,) = pixelate(photo, [8], Style(style))
    assert SECRET not in mosaic.data
    assert decode(mosaic.data).info.get("icc_profile") == expected


def test_heic_items_are_dropped() -> None:
    from pillow_heif import from_pillow

    buffer = BytesIO()
    from_pillow(make_scene()).save(buffer, exif=make_exif().tobytes(), xmp=XMP)
    assert SECRET in buffer.getvalue()
    (mosaic,) = pixelate(buffer.getvalue(), [8])
    assert set(list_parts("PNG", mosaic.data)) <= ALLOWED["PNG"]


@pytest.mark.parametrize("format", ["JPEG2000", "BMP", "TGA", "PPM"])
def test_other_formats_lose_the_secret(format: str) -> None:
    photo = encode(make_scene(), format, comment=SECRET.decode(), id_section=SECRET)
    assert all(SECRET not in mosaic.data for mosaic in pixelate(photo))


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF"])
def test_transparent_pixels_have_no_hidden_color(format: str) -> None:
    photo = make_noise("RGBA", (64, 64))
    photo.putalpha(Image.new("L", (64, 64), 0))
    data = encode(photo, format, **({"exact": True} if format == "WEBP" else {}))
    assert decode(data).convert("RGB").getcolors() is None
    (mosaic,) = pixelate(data, [8])
    assert decode(mosaic.data).convert("RGBA").getcolors() == [(4096, (0, 0, 0, 0))]
