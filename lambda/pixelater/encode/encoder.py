"""Choice of a mosaic's format, and conversion to a color mode of that format.

Of the photo's metadata, only the color profile is written, if it describes the mosaic.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from io import BytesIO
from typing import Any

from PIL import Image

from pixelater import grid
from pixelater.decode.color_modes import GRAY_MODES, PROFILE_SPACES, convert_to_rgb
from pixelater.decode.photo import Photo
from pixelater.encode.formats import ANIMATED, ANIMATIONS, ENCODINGS, JPEG, PNG, Encoding
from pixelater.style import FORMATS, LOSSY, Style


def choose_encodings(
    photo: Photo, style: Style, size: tuple[int, int] | None = None
) -> tuple[Encoding, ...]:
    """List the encodings to try, of which the smallest file is taken; PNG if none is possible.

    `size` is that of the mosaic if it is not the photo's.
    """
    has_alpha = photo.image.mode in ("LA", "RGBA")
    return list_encodings(photo.format, size or (photo.width, photo.height), has_alpha, style)


def list_encodings(
    format: str, size: tuple[int, int], has_alpha: bool, style: Style
) -> tuple[Encoding, ...]:
    """List the encodings to try for a mosaic of a size, of a photo's format and transparency.

    A format that the style names is also taken for more than `max_pixels`, up to the limits on the
    cost of a photo, and with a background.
    """
    width, height = size
    has_alpha = has_alpha or style.outline or style.pot
    is_named = style.format not in ("auto", "same")
    is_lossless = style.palette is not None or style.makes_sprites
    if style.format == "auto":
        wanted = [ENCODINGS["WEBP"], PNG]
    elif style.format == "same":
        wanted = [ENCODINGS.get(format, PNG)]
    else:
        wanted = [ENCODINGS[style.format.upper()]]
    writable = [
        encoding
        for encoding in wanted
        if _is_writable(encoding)
        and max(size) <= encoding.max_side
        and (is_named or width * height <= encoding.max_pixels)
        and (is_named or _suits(encoding, has_alpha))
        and not (is_lossless and encoding.format.lower() in LOSSY)
    ]
    return tuple(writable) or (PNG,)


def explain_fallback(style: Style) -> str:
    """Return why a mosaic is not in the format that the style names."""
    encoding = ENCODINGS[style.format.upper()]
    if not _is_writable(encoding):
        return f"this build of Pillow does not write {encoding.format}"
    return f"{encoding.format} has at most {encoding.max_side:,} pixels on a side"


def animates(photo: Photo, style: Style, sizes: Iterable[tuple[int, int]]) -> bool:
    """Return whether an animation stays one, in mosaics of all sizes."""
    return all(keeps_frames(photo.format, choose_encodings(photo, style, s)) for s in set(sizes))


def keeps_frames(format: str, encodings: Sequence[Encoding]) -> bool:
    """Return whether an animation of a format stays one in all encodings."""
    return format in ANIMATIONS and all(encoding.format in ANIMATED for encoding in encodings)


def write_mosaic(
    frames: Sequence[Image.Image],
    photo: Photo,
    encoding: Encoding,
    style: Style,
    durations: Sequence[int] = (),
    size: tuple[int, int] | None = None,
    sides: grid.Sides | None = None,
) -> bytes:
    """Write averaged cells as a mosaic of the photo's size, with its color profile if it applies.

    Cells are spread evenly over the file, unless `sides` are their edges.

    Several frames have `durations` in milliseconds. Cells in the colors of a palette are of mode P.
    """
    size = size or (photo.width, photo.height)
    frames = unite_modes(frames)
    fitted = [fit_cells(cells, photo, encoding, style) for cells in frames]
    frames, icc_profile = [cells for cells, _ in fitted], fitted[0][1]
    if size == frames[0].size and style.times and not durations and encoding.format in NATIVE:
        from pixelater.encode import native

        return native.write_native(frames[0], encoding.format, icc_profile)
    if encoding.format == "PNG":
        from pixelater.encode import png

        return png.write_png(frames, *size, icc_profile, durations, count_plays(photo), sides)
    if encoding.format == "WEBP":
        from pixelater.encode import webp

        return webp.write_webp(frames, *size, icc_profile, durations, count_plays(photo), sides)
    if encoding.format == "GIF" and durations:
        from pixelater.encode import gif

        if photo.format != "GIF":
            durations = gif.round_durations(durations)
        return gif.write_gif(frames, *size, durations, _count_repetitions(photo), sides)
    settings = dict(encoding.settings) | ({"icc_profile": icc_profile} if icc_profile else {})
    if encoding.format == "JPEG":
        from pixelater.encode import jpeg

        settings |= {"quality": style.quality, "optimize": style.optimize}
        if frames[0].mode == "RGB":  # Gray and CMYK have no chroma.
            settings["subsampling"] = jpeg.choose_subsampling(*frames[0].size, *size)
        return jpeg.write_jpeg(frames[0], *size, sides, **settings)
    if "transparency" in frames[0].info:
        settings["transparency"] = frames[0].info["transparency"]
    return save_picture(grid.paint(frames[0], *size, sides), encoding, settings)


def unite_modes(images: Sequence[Image.Image]) -> Sequence[Image.Image]:
    """Convert images to one mode: some frames of an animation may be gray, or have no alpha."""
    modes = {image.mode for image in images}
    if len(modes) == 1:
        return images
    return [image.convert("LA" if modes == {"L", "LA"} else "RGBA") for image in images]


def save_picture(picture: Image.Image, encoding: Encoding, settings: dict[str, Any]) -> bytes:
    """Write a picture of all its pixels: as texture, or with Pillow's encoder of a format."""
    if encoding.format == "KTX2":
        from pixelater.encode import ktx2

        return ktx2.write_ktx2(picture)
    buffer = BytesIO()
    picture.save(buffer, encoding.format, **settings)
    if encoding.format == "JPEG2000" and "icc_profile" in settings:
        from pixelater.encode import jpeg2000

        return jpeg2000.add_profile(buffer.getvalue(), settings["icc_profile"])
    return buffer.getvalue()


NATIVE = ("PNG", "WEBP")
"""Formats whose encoders here are made for large cells."""


def count_plays(photo: Photo) -> int:
    """Return how often an animation plays (0: forever). By default, a GIF plays once."""
    if photo.format != "GIF":
        return photo.loop or 0
    return 1 if photo.loop is None else photo.loop + 1 if photo.loop else 0


def _count_repetitions(photo: Photo) -> int | None:
    """Return how often an animation is repeated after it was played (0: forever; None: never)."""
    if photo.format == "GIF":
        return photo.loop
    return {0: 0, 1: None}.get(plays := photo.loop or 0, plays - 1)


def fit_cells(
    cells: Image.Image, photo: Photo, encoding: Encoding, style: Style
) -> tuple[Image.Image, bytes]:
    """Convert averaged cells to a mode of the encoding, with as little loss as possible.

    Cells are few, so this is fast; the mosaic is then painted in that mode. Returns the color
    profile that says what their values mean, too; where the encoding cannot carry it, cells are
    converted to sRGB. A profile's color space is in bytes 16 to 19 (ICC.1:2022, section 7.2.8).
    """
    if cells.mode == "P":
        return _expand_palette(cells, encoding), b""
    cells, profile = _find_levels(cells, photo)
    if profile[16:20] == PROFILE_SPACES["RGB"] and cells.mode in GRAY_MODES:
        cells = cells.convert("RGBA" if cells.mode == "LA" else "RGB")
    if profile and not (_carries(encoding, profile) and cells.mode in encoding.modes):
        cells, profile = convert_to_rgb(cells, profile), b""
    if encoding.modes == ("P",):
        return build_palette(cells), b""
    if cells.mode in encoding.modes:
        return cells, profile
    if cells.mode in ("LA", "RGBA") and "RGBA" not in encoding.modes:
        ground = Image.new("RGBA", cells.size, style.background)
        return Image.alpha_composite(ground, cells.convert("RGBA")).convert("RGB"), b""
    return cells.convert("RGBA" if cells.mode in ("LA", "RGBA") else "RGB"), b""


def convert_cells(cells: Image.Image, photo: Photo) -> Image.Image:
    """Convert averaged cells to sRGB (RGB, or RGBA), as a palette needs them."""
    cells, profile = _find_levels(cells, photo)
    return convert_to_rgb(cells, profile)


def _find_levels(cells: Image.Image, photo: Photo) -> tuple[Image.Image, bytes]:
    """Convert averaged cells to 8 bits of standard range, with the photo's profile."""
    cells = scale_levels(cells, photo)
    profile = photo.colors.profile
    if photo.colors.high_range:
        from pixelater.decode.tone_mapping import tone_map

        cells = tone_map(cells, photo.colors.high_range)
    return cells, profile


def scale_levels(cells: Image.Image, photo: Photo) -> Image.Image:
    """Convert an image of more than eight bits (F) to gray; others stay."""
    if cells.mode != "F":
        return cells
    slope = 255 / ((photo.white - photo.black) or 1)
    black = photo.black
    return cells.point(lambda value: value * slope + (0.5 - black * slope)).convert("L")


def _expand_palette(cells: Image.Image, encoding: Encoding) -> Image.Image:
    """Convert cells in the colors of a palette to RGB, or RGBA, for formats without one."""
    if encoding.format in ("PNG", "GIF"):
        return cells
    return cells.convert("RGBA" if cells.has_transparency_data else "RGB")


def _carries(encoding: Encoding, profile: bytes) -> bool:
    """Return whether files can carry a profile; those of JPEG 2000, none with tables."""
    if encoding.format == "JPEG2000":
        from pixelater.decode import profiles

        return not profiles.has_tables(profile)
    return encoding.profiles


def _is_writable(encoding: Encoding) -> bool:
    """Return whether pixelater, or this build of Pillow, can write a format."""
    if encoding.format in ("PNG", "WEBP", "JPEG", "KTX2"):
        return True
    if encoding.format.lower() in FORMATS:  # Pillow loads a plugin when it is needed to read.
        import_module(f"PIL.{encoding.format.capitalize()}ImagePlugin")
    return encoding.format in Image.SAVE


def _suits(encoding: Encoding, has_alpha: bool) -> bool:
    """Return whether a format can hold transparency if there is any; JPEG gets a background."""
    return not has_alpha or encoding is JPEG or bool({"P", "RGBA"} & set(encoding.modes))


def build_palette(cells: Image.Image) -> Image.Image:
    """Convert cells to a palette, with one transparent entry if there is transparency.

    A pixel of a GIF is transparent or opaque; an alpha of one half or more is opaque.
    """
    if cells.mode not in ("LA", "RGBA"):
        return cells.convert("RGB").quantize(256, Image.Quantize.MEDIANCUT)
    clear = cells.getchannel("A").point(lambda alpha: 255 if alpha < 128 else 0)
    paletted = cells.convert("RGB").quantize(255, Image.Quantize.MEDIANCUT)
    paletted.paste(255, mask=clear)
    paletted.info["transparency"] = 255
    return paletted
