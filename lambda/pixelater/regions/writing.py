"""Writing of whole pictures: without loss where the format has none, and without metadata.

Of the photo's metadata, only the color profile is written, as for mosaics (`encode.encoder`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

from PIL import Image

from pixelater.decode import deep
from pixelater.decode.photo import Photo
from pixelater.decode.pixels import JPEG_FORMATS
from pixelater.encode import encoder
from pixelater.encode.formats import ANIMATED, ENCODINGS, PNG, Encoding
from pixelater.regions.hiding import Picture
from pixelater.regions.png_file import write_png
from pixelater.style import Style

if TYPE_CHECKING:
    from pixelater.decode.cost import Header

LOSSLESS_WEBP = b"VP8L"
DEEP = ("PNG", "TIFF")
"""Formats of numbers (F), and PNG of 16-bit colors."""


@dataclass(frozen=True)
class Origin:
    """How a photo was compressed: a JPEG's tables and Pillow's name of its subsampling.

    `lossless` is for WebP.
    """

    tables: tuple[list[int], ...] = ()
    subsampling: int = 0
    lossless: bool = False


def read_origin(source: bytes | BinaryIO, format: str) -> Origin:
    """Read how a photo was compressed. Raises what Pillow raises."""
    file = BytesIO(source) if isinstance(source, bytes) else source
    file.seek(0)
    if format == "WEBP":
        return Origin(lossless=LOSSLESS_WEBP in file.read())
    if format not in JPEG_FORMATS:
        return Origin()
    from PIL import JpegImagePlugin

    with Image.open(file, formats=JPEG_FORMATS) as image:
        if not isinstance(image, JpegImagePlugin.JpegImageFile):
            return Origin()
        tables = tuple(table for _, table in sorted(image.quantization.items()))
        return Origin(tables, max(JpegImagePlugin.get_sampling(image), 0))


def choose_encoding(photo: Photo, style: Style, frames: Sequence[Picture]) -> Encoding:
    """Choose the format; PNG if what is wanted cannot hold the picture.

    Without a palette to choose, "auto" is WebP, or PNG for what that cannot hold.
    """
    wanted = ENCODINGS["WEBP"] if style.format == "auto" else None
    encodings = [wanted] if wanted else encoder.choose_encodings(photo, style)
    return next((each for each in encodings if _can_hold(each, photo, frames)), PNG)


def list_encodings(header: Header, style: Style) -> tuple[Encoding, ...]:
    """List the formats of which `choose_encoding` chooses one, as far as a header tells."""
    size = header.width, header.height
    wanted = encoder.list_encodings(header.format, size, header.has_alpha, style)[0]
    first = ENCODINGS["WEBP"] if style.format == "auto" else wanted
    if max(size) > first.max_side:
        return (PNG,)
    is_still = header.frames > 1 and first.format not in ANIMATED
    is_flat = header.deep and first.format not in ("PNG", "JPEG")
    return (first, PNG) if is_still or is_flat or first.format == "GIF" else (first,)


def _can_hold(encoding: Encoding, photo: Photo, frames: Sequence[Picture]) -> bool:
    if max(photo.width, photo.height) > encoding.max_side:
        return False
    if len(frames) > 1 and encoding.format not in ANIMATED:
        return False
    if encoding.format == "GIF":
        return all(_fit_gif(frame.layers[0]) for frame in frames)
    return photo.low is None or encoding.format in ("PNG", "JPEG")


def write_pictures(
    frames: Sequence[Picture],
    photo: Photo,
    encoding: Encoding,
    style: Style,
    origin: Origin,
    durations: Sequence[int] = (),
) -> bytes:
    """Write upright pictures of a photo as a file, several as an animation."""
    if encoding.format == "GIF":
        return _write_gif(frames, photo, durations)
    first = frames[0]
    if encoding.format in DEEP and first.layers[0].mode == "F":
        return _write_numbers(first, encoding, photo.colors.profile)
    images = encoder.unite_modes([frame.layers[0] for frame in frames])
    fitted = [encoder.fit_cells(image, photo, encoding, style) for image in images]
    images, profile = [image for image, _ in fitted], fitted[0][1]
    if encoding is PNG:
        is_deep = len(first.layers) > 1 and not photo.colors.high_range
        low = first.layers[1] if is_deep else None
        return write_png(images, profile, durations, encoder.count_plays(photo), low)
    settings: dict[str, Any] = {"icc_profile": profile} if profile else {}
    if encoding.format == "WEBP":
        settings |= {"lossless": origin.lossless or style.format == "auto", "exact": True}
        settings |= {"quality": style.quality, "loop": encoder.count_plays(photo)}
        if durations:
            settings |= {"save_all": True, "append_images": images[1:], "duration": durations}
    elif encoding.format == "JPEG":
        settings["optimize"] = style.optimize
        if origin.tables:
            settings |= {"qtables": list(origin.tables), "subsampling": origin.subsampling}
        else:
            settings["quality"] = style.quality
    else:
        return encoder.save_picture(images[0], encoding, dict(encoding.settings) | settings)
    buffer = BytesIO()
    images[0].save(buffer, encoding.format, **settings)
    return buffer.getvalue()


def _write_numbers(picture: Picture, encoding: Encoding, profile: bytes) -> bytes:
    """Write an image of numbers (F): as 16-bit values, or in a TIFF as they are."""
    (numbers,) = picture.layers
    if encoding is PNG:
        high, low = deep.from_numbers(numbers, picture.black, picture.white)
        return write_png([high], profile, low=low)
    is_short = (picture.black, picture.white) == (0.0, 65535.0)
    image = _round(numbers).convert("I;16") if is_short else numbers
    settings = dict(encoding.settings) | ({"icc_profile": profile} if profile else {})
    return encoder.save_picture(image, encoding, settings)


def _round(numbers: Image.Image) -> Image.Image:
    """Round numbers that are not negative; Pillow cuts them off."""
    return numbers.point(lambda value: value * 1.0 + 0.5).convert("I")


def _write_gif(frames: Sequence[Picture], photo: Photo, durations: Sequence[int]) -> bytes:
    from pixelater.encode import gif

    images = [image for frame in frames if (image := _fit_gif(frame.layers[0]))]
    times = durations or [0]
    return gif.write_gif(images, *images[0].size, times, photo.loop if durations else None)


def _fit_gif(image: Image.Image) -> Image.Image | None:
    """Convert an image to a palette that has all of its colors; None if there are too many."""
    paletted = encoder.build_palette(image)
    return paletted if _show(paletted) == _show(image) else None


def _show(image: Image.Image) -> Image.Image:
    """Return what is seen of an image: transparent pixels have no color."""
    shown = image.convert("RGBA")
    seen = shown.getchannel("A").point(lambda alpha: 255 if alpha else 0)
    return Image.composite(shown, Image.new("RGBA", image.size, 0), seen)
