"""Mipmaps of mosaics, as PNG files next to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from pixelater import Mosaic
from pixelater_cli.errors import UnusablePath, UsageError

if TYPE_CHECKING:
    from PIL import Image

    from pixelater.look import Look
    from pixelater_cli.local.output_file import Output

MAX_PIXELS = 1 << 24
"""Of a mosaic: levels take 44 bytes of memory a pixel."""


@dataclass(frozen=True)
class Mipmap(Mosaic):
    """A mosaic at half its size, or less; its `level` is 1 or more."""

    level: int = 0


def check_mipmaps(output: Output, *, wanted: bool, plan: bool = False) -> None:
    """Raise UsageError for an output that cannot hold mipmaps, if wanted, and for a plan."""
    if not wanted:
        return
    if plan:
        raise UsageError("--plan lists mosaics, and does not go with --mipmaps", "Omit one.")
    if output.style.format != "png":
        raise UsageError(
            f"--mipmaps are PNG files, and mosaics are {output.style.format}",
            "Add --format png, or write all levels into one file with --format ktx2.",
        )
    if output.is_one:
        raise UsageError(
            f"--out {output.out} is for one file, and --mipmaps are several",
            "Name a folder with --out, or write one file with --format ktx2.",
        )
    if "stem" not in output.template.fields and output.template.fields:
        raise UsageError(
            "--mipmaps have the names of mosaics with another {stem}, which --name lacks",
            'Write it like --name "{stem}-{grid}{suffix}"',
        )


def fit_look(look: Look, mipmaps: bool, ktx2: bool, chosen: str) -> Look:
    """Return a look for mipmaps, which are PNG files, or for KTX files.

    They take precedence over the format of a preset or a file; one that is `chosen` on the command
    line must go with them. Raises UsageError.
    """
    if ktx2 and (mipmaps or chosen.lower() not in ("", "same", "ktx2")):
        other = "--mipmaps" if mipmaps else f"--format {chosen}"
        raise UsageError(f"--ktx2 is --format ktx2, and does not go with {other}", "Omit one.")
    if ktx2 or (mipmaps and chosen.lower() in ("", "same")):
        return replace(look, style=replace(look.style, format="ktx2" if ktx2 else "png"))
    return look


def add_mipmaps(mosaics: Iterable[Mosaic]) -> Iterator[Mosaic]:
    """Yield mosaics, each followed by its mipmaps, the largest first.

    Raises UnusablePath for mosaics of more than MAX_PIXELS.
    """
    for mosaic in mosaics:
        if mosaic.width * mosaic.height > MAX_PIXELS:
            raise UnusablePath(
                f"its mosaic of {mosaic.width:,} x {mosaic.height:,} pixels is too large for "
                "mipmaps",
                "Make a smaller one, such as with --size native.",
            )
        yield mosaic
        yield from _make_mipmaps(mosaic)


def _make_mipmaps(mosaic: Mosaic) -> Iterator[Mipmap]:
    """Make the mipmaps of a mosaic (PNG); those of an animation are of its first frame."""
    from PIL import Image

    from pixelater.decode.color_modes import PROFILE_SPACES, convert_to_rgb
    from pixelater.encode.mipmaps import make_mipmaps

    with Image.open(BytesIO(mosaic.data), formats=["PNG"]) as image:
        plain = image if image.mode in PROFILE_SPACES else image.convert("RGBA")
        base = convert_to_rgb(plain, image.info.get("icc_profile", b""))
    opaque = base.mode == "RGB" or base.getchannel("A").getextrema() == (255, 255)
    for level, smaller in enumerate(make_mipmaps(base)):
        if level:
            data = _write_png(smaller.convert("RGB") if opaque else smaller)
            size = smaller.size
            yield Mipmap(
                *(mosaic.grid, mosaic.columns, mosaic.rows, *size, "PNG", "image/png", data),
                cell_size=mosaic.cell_size,
                level=level,
            )


def _write_png(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def name_level(photo_name: str, mosaic: Mosaic) -> str:
    """Return the photo's name that a mosaic is named after: that of a mipmap has its level.

    trips/photo.jpg, level 2 -> trips/photo-mip2.jpg
    """
    if not isinstance(mosaic, Mipmap):
        return photo_name
    path = PurePosixPath(photo_name)
    suffix = path.suffix
    return photo_name.removesuffix(suffix) + f"-mip{mosaic.level}{suffix}"
