"""Owns writing: which format a mosaic goes out in, in which colour mode, with what beside it.

Nothing of the photo goes out but its colour profile, where that describes what is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from PIL import Image

from pixelater import grid
from pixelater.decode.photo import Photo
from pixelater.encode.formats import ANIMATED, ANIMATIONS, ENCODINGS, JPEG, PNG, Encoding
from pixelater.style import Style

PROFILE_SPACES = {"L": b"GRAY", "LA": b"GRAY", "RGB": b"RGB ", "RGBA": b"RGB ", "CMYK": b"CMYK"}


def choose_encodings(photo: Photo, style: Style) -> tuple[Encoding, ...]:
    """List the encodings to try; the smallest result counts. What cannot be written becomes PNG."""
    side = max(photo.width, photo.height)
    if style.format == "auto":
        wanted = [ENCODINGS["WEBP"], PNG]
    elif style.format == "same":
        wanted = [ENCODINGS.get(photo.format, PNG)]
    else:
        wanted = [ENCODINGS[style.format.upper()]]
    writable = [
        one for one in wanted if _is_writable(one) and side <= one.max_side and _suits(one, photo)
    ]
    return tuple(writable) or (PNG,)


def animates(photo: Photo, style: Style) -> bool:
    """Tell whether an animation stays one."""
    written = choose_encodings(photo, style)
    return photo.format in ANIMATIONS and all(one.format in ANIMATED for one in written)


def write_mosaic(
    frames: Sequence[Image.Image],
    photo: Photo,
    encoding: Encoding,
    style: Style,
    durations: Sequence[int] = (),
) -> bytes:
    """Write averaged cells as a mosaic of the photo's size, with its colour profile if it applies.

    Several frames have `durations` in milliseconds. A profile's colour space is in bytes 16 to 19
    of its header (ICC.1:2022, section 7.2.8).
    """
    if len({cells.mode for cells in frames}) > 1:
        frames = [cells.convert("RGBA") for cells in frames]
    frames = [fit_cells(cells, photo, encoding, style) for cells in frames]
    size = photo.width, photo.height
    applies = photo.icc_profile[16:20] == PROFILE_SPACES.get(frames[0].mode)
    icc_profile = photo.icc_profile if applies else b""
    if encoding.format == "PNG":
        from pixelater.encode import png

        return png.write_png(frames, *size, icc_profile, durations, _count_plays(photo))
    if encoding.format == "WEBP":
        from pixelater.encode import webp

        return webp.write_webp(frames, *size, icc_profile, durations, _count_plays(photo))
    if encoding.format == "GIF" and durations:
        from pixelater.encode import gif

        return gif.write_gif(frames, *size, durations, photo.loop)
    settings = dict(encoding.settings) | ({"icc_profile": icc_profile} if icc_profile else {})
    if encoding.format == "JPEG":
        from pixelater.encode import jpeg

        settings |= {"quality": style.quality, "optimize": style.optimize}
        return jpeg.write_jpeg(frames[0], *size, **settings)
    if "transparency" in frames[0].info:
        settings["transparency"] = frames[0].info["transparency"]
    buffer = BytesIO()
    grid.paint(frames[0], *size).save(buffer, encoding.format, **settings)
    return buffer.getvalue()


def _count_plays(photo: Photo) -> int:
    """Say how often an animation plays: a GIF that does not say plays once, others for ever."""
    return (1 if photo.format == "GIF" else 0) if photo.loop is None else photo.loop


def fit_cells(cells: Image.Image, photo: Photo, encoding: Encoding, style: Style) -> Image.Image:
    """Bring averaged cells into a mode that the encoding can write, with no more loss than needed.

    The cells are few, so this costs nothing; the full-size mosaic is then painted in that mode.
    """
    if cells.mode == "F":
        slope = 255 / ((photo.white - photo.black) or 1)
        black = photo.black
        cells = cells.point(lambda value: value * slope + (0.5 - black * slope)).convert("L")
    if encoding.modes == ("P",):
        return _build_palette(cells)
    if cells.mode in encoding.modes:
        return cells
    if cells.mode == "CMYK":
        return _convert_cmyk(cells, photo.icc_profile)
    if cells.mode in ("LA", "RGBA") and encoding is JPEG:
        ground = Image.new("RGBA", cells.size, style.background)
        return Image.alpha_composite(ground, cells.convert("RGBA")).convert("RGB")
    return cells.convert("RGBA" if cells.mode in ("LA", "RGBA") else "RGB")


def _is_writable(encoding: Encoding) -> bool:
    """Tell whether we, or this build of Pillow, can write a format."""
    return encoding.format in ("PNG", "WEBP", "JPEG") or encoding.format in Image.SAVE


def _suits(encoding: Encoding, photo: Photo) -> bool:
    """Tell whether a format has a place for a photo's transparency; JPEG gets a background."""
    transparent = photo.image.mode in ("LA", "RGBA")
    return not transparent or encoding is JPEG or bool({"P", "RGBA"} & set(encoding.modes))


def _build_palette(cells: Image.Image) -> Image.Image:
    """Give the cells a palette of their own colours, with one transparent entry if any needs it.

    GIF knows only wholly transparent and opaque; half and more counts as opaque.
    """
    if cells.mode not in ("LA", "RGBA"):
        return cells.convert("RGB").quantize(256, Image.Quantize.MEDIANCUT)
    clear = cells.getchannel("A").point(lambda alpha: 255 if alpha < 128 else 0)
    paletted = cells.convert("RGB").quantize(255, Image.Quantize.MEDIANCUT)
    paletted.paste(255, mask=clear)
    paletted.info["transparency"] = 255
    return paletted


def _convert_cmyk(cells: Image.Image, icc_profile: bytes) -> Image.Image:
    """Bring CMYK cells to sRGB, through their profile if there is a sound one."""
    if icc_profile[16:20] != b"CMYK":
        return cells.convert("RGB")
    from PIL import ImageCms

    srgb = ImageCms.createProfile("sRGB")
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(icc_profile))
        return ImageCms.buildTransform(profile, srgb, "CMYK", "RGB").apply(cells)
    except (OSError, ImageCms.PyCMSError):
        return cells.convert("RGB")  # The profile is damaged; its colours are then anyone's guess.
