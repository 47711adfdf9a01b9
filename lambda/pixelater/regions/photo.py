"""A photo with hidden regions: opened, hidden and written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from PIL import Image

from pixelater.admission import read_limits
from pixelater.arguments import check_type
from pixelater.decode import decoder_errors
from pixelater.decode.cost import Cost, Header, estimate
from pixelater.decode.limits import check_cost
from pixelater.decode.photo import Photo, Source, open_photo, open_source, read_frames
from pixelater.decode.pixels import JPEG_FORMATS
from pixelater.encode import encoder
from pixelater.encode.formats import JPEG, Encoding
from pixelater.errors import DECODER_ERRORS, MosaicFailed
from pixelater.regions.hiding import Hiding, Picture, hide
from pixelater.regions.holding import hold
from pixelater.regions.region import Box, Length, Region, find_box
from pixelater.regions.writing import choose_encoding, read_origin, write_pictures
from pixelater.style import Style

DEFAULT_STYLE = Style()

WRITING_NS = 250
"""CPU nanoseconds for each pixel: PNG, at its slowest (a noisy photo)."""

PIXEL_BYTES = 4
COPIES = 3
"""Further images of the photo's size at one time: upright, hidden, and converted."""


@dataclass(frozen=True)
class RedactedPhoto:
    """A photo whose regions are hidden: the encoded file, upright, and what was hidden.

    `boxes` are left, top, right and lower edges. `warnings` are sentences for the photo's owner.
    """

    width: int
    height: int
    format: str
    media_type: str
    data: bytes = field(repr=False)
    boxes: tuple[Box, ...] = ()
    warnings: tuple[str, ...] = ()


def pixelate_regions(  # noqa: PLR0913 - as `pixelate`
    source: Source,
    regions: Iterable[Region],
    how: Hiding | None = None,
    style: Style | None = None,
    *,
    find: Callable[[Image.Image], Iterable[Region]] | None = None,
    max_pixels: int | None = None,
    max_seconds: int | None = None,
    max_memory: int | None = None,
    max_written: int | None = None,
    writes_unchanged: bool = True,
) -> RedactedPhoto:
    """Hide regions of a photo, and write it without metadata, in its own format if possible.

    Outside of regions, lossless formats keep every pixel, and JPEG every coefficient if possible.
    The regions are hidden in all frames of an animation. The limits are those of `pixelate`.

    `find` returns further regions of an upright RGB image: the photo, or each frame of it, in which
    they are hidden; what it misses for a while stays hidden (`holding`). Without
    `writes_unchanged`, a photo in which nothing is hidden is not encoded: its data are empty.

    Raises PictureError, BadRegion for a region outside the photo, TypeError and ValueError.

    >>> import io
    >>> file = io.BytesIO()
    >>> Image.linear_gradient("L").save(file, "PNG")
    >>> pixelate_regions(file.getvalue(), [Region(0, 0, 60, 60)]).boxes
    ((0, 0, 60, 60),)
    """
    wanted = tuple(check_type("regions", region, Region, "Regions") for region in regions)
    how, style = how or Hiding(), style or DEFAULT_STYLE
    limits = read_limits(max_pixels, max_seconds, max_memory, max_written)
    opened = open_source(source)

    def admit(header: Header) -> None:
        check_cost(_estimate(header), limits)

    photo = open_photo(opened, 1, limits.pixels, exact=True, admit=admit)
    size = photo.width, photo.height
    cells = dict[Box, int]()
    boxes = tuple(_place(region, size, cells, how.pad) for region in wanted)
    found: list[list[Box]] = []
    if find:
        images = list_upright(photo, style)
        found = [[_place(region, size, cells) for region in find(image)] for image in images]
    frames = [(*boxes, *more) for more in hold(found)] or [boxes]
    boxes += tuple(box for more in found for box in more)
    if not (boxes or how.invert or writes_unchanged):
        return RedactedPhoto(*size, photo.format, "", b"", ())
    try:
        made, again = _keep(opened, photo, boxes, how, cells, style)
        if made is None:
            made = _write(opened, photo, boxes, frames, how, cells, style)
    except DECODER_ERRORS as error:
        reason = decoder_errors.give_reason(error)
        raise MosaicFailed(f"hiding its regions failed ({reason})") from error
    check_cost(Cost(0, 0.0, len(made.data)), limits)
    warnings = (*made.warnings, *([f"encoded again, as {again}"] if again else []))
    return replace(made, warnings=warnings)


def _place(region: Region, size: tuple[int, int], cells: dict[Box, int], pad: Length = 0) -> Box:
    """Find the box of a region, and note how many cells it has; the fewest of equal boxes."""
    box = find_box(region, size, pad)
    if region.cells:
        cells[box] = min(region.cells, cells.get(box, region.cells))
    return box


def _keep(
    source: bytes | BinaryIO,
    photo: Photo,
    boxes: Sequence[Box],
    how: Hiding,
    cells: Mapping[Box, int],
    style: Style,
) -> tuple[RedactedPhoto | None, str]:
    """Hide regions of a JPEG without encoding it again, or say why that is not possible."""
    if photo.format not in JPEG_FORMATS or style.format != "same":
        return None, ""
    from pixelater.regions.jpeg.errors import Unsuited
    from pixelater.regions.kept_jpeg import keep_jpeg

    try:
        kept = keep_jpeg(source, photo, boxes, how, cells)
    except Unsuited as reason:
        return None, str(reason)
    return _describe(photo, JPEG, kept.data, kept.boxes, 1), ""


def _write(
    source: bytes | BinaryIO,
    photo: Photo,
    boxes: tuple[Box, ...],
    by_frame: Sequence[Sequence[Box]],
    how: Hiding,
    cells: Mapping[Box, int],
    style: Style,
) -> RedactedPhoto:
    """Hide regions, those of each frame, and encode the photo again."""
    origin = read_origin(source, photo.format)
    frames, durations = _hide_all(photo, by_frame, how, cells, style)
    encoding = choose_encoding(photo, style, frames)
    data = write_pictures(frames, photo, encoding, style, origin, durations)
    return _describe(photo, encoding, data, boxes, len(frames))


def _describe(
    photo: Photo, encoding: Encoding, data: bytes, boxes: tuple[Box, ...], frames: int
) -> RedactedPhoto:
    warnings = tuple(_find_warnings(photo, boxes, frames))
    size = photo.width, photo.height
    return RedactedPhoto(*size, encoding.format, encoding.media_type, data, boxes, warnings)


def list_upright(photo: Photo, style: Style) -> Iterator[Image.Image]:
    """List the photo, or all frames of an animation that stays one, as upright RGB images."""
    images: Iterable[Image.Image] = [photo.image]
    if photo.animation and encoder.animates(photo, style, [(photo.width, photo.height)]):
        images = (frame for frame, _ in read_frames(photo.animation, photo.crop))
    for image in images:
        shown = encoder.convert_cells(image, photo)
        if "A" in shown.getbands():  # What is transparent is white, as on most pages.
            ground = Image.new("RGBA", shown.size, "white")
            shown = Image.alpha_composite(ground, shown)
        (upright,) = _turn([shown.convert("RGB")], photo).layers
        yield upright


def _hide_all(
    photo: Photo,
    by_frame: Sequence[Sequence[Box]],
    how: Hiding,
    cells: Mapping[Box, int],
    style: Style,
) -> tuple[list[Picture], list[int]]:
    """Hide the regions of all frames of an animation that stays one; return durations, too.

    If all frames have the same regions, `by_frame` has one list.
    """
    if photo.animation is None or not encoder.animates(photo, style, [(photo.width, photo.height)]):
        layers = [layer for layer in (photo.image, photo.low) if layer]
        return [hide(_turn(layers, photo), by_frame[0], how, cells)], []
    frames, durations = [], []
    for number, (frame, duration) in enumerate(read_frames(photo.animation, photo.crop)):
        boxes = by_frame[0] if len(by_frame) == 1 else by_frame[number]
        frames.append(hide(_turn([frame], photo), boxes, how, cells))
        durations.append(duration)
    return frames, durations


def _turn(layers: Sequence[Image.Image], photo: Photo) -> Picture:
    """Make layers upright."""
    turn = photo.transpose
    upright = layers if turn is None else [layer.transpose(turn) for layer in layers]
    return Picture(tuple(upright), photo.black, photo.white)


def _estimate(header: Header) -> Cost:
    """Estimate the cost of hiding regions: of decoding, and of writing as many pixels."""
    cost = estimate(header, (1,), ("PNG",))
    pixels = header.pixels * header.frames
    return Cost(
        cost.memory_bytes + COPIES * PIXEL_BYTES * pixels,
        cost.cpu_seconds + WRITING_NS * pixels / 1e9,
        0,
    )


def _find_warnings(photo: Photo, boxes: Sequence[Box], frames: int) -> Iterator[str]:
    if not boxes:
        yield "nothing is hidden"
    if photo.animation is not None and frames == 1:
        yield "only the first image of several was kept"
