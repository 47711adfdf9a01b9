"""Tables of the page on formats, taken from the code; cog writes them into the page."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from inspect import getdoc, getsource
from io import BytesIO
from typing import Any

from PIL import Image, ImageChops

from docs.console import ROOT
from pixelater import Mosaic, Style, errors, pixelate
from pixelater.decode.identify import REFUSED_FORMATS
from pixelater.decode.known_signatures import FAMILIES, FAMILY_REMEDIES, Family
from pixelater.decode.known_tiffs import BUILT_IN, COMPRESSIONS
from pixelater.decode.limits import Limits
from pixelater.decode.photo import Photo
from pixelater.encode import encoder
from pixelater.encode.formats import ANIMATED, ANIMATIONS, ENCODINGS, Encoding
from pixelater.encode.ktx2 import IDENTIFIER, read_ktx2
from pixelater.grid import GRIDS

NAMES = {
    "AVIF": "AVIF",
    "JPEG": "JPEG",
    "PNG": "PNG",
    "PPM": "PPM, PGM, PBM, PAM, PFM (Netpbm)",
    "GIF": "GIF",
    "TIFF": "TIFF",
    "WEBP": "WebP",
    "MPO": "JPEG with several images (MPO)",
    "FITS": "FITS (Flexible Image Transport System)",
    "HEIF": "HEIC, with the extra `heic`",
    "IMT": "IM Tools",
    "DIB": "Windows Bitmap without file header",
}
"""Names that are better than those of Pillow's plugins."""

UNLIMITED = 2**31 - 1


def show_formats(cog: Any) -> None:
    """Write a table of the formats that are read, and in which mosaics are written."""
    Image.init()
    suffixes: dict[str, list[str]] = {"HEIF": [".heic", ".heif"]}
    for suffix, name in Image.EXTENSION.items():
        suffixes.setdefault(name, []).append(suffix)
    read = sorted({*Image.ID, "MPO", "HEIF"} - REFUSED_FORMATS)
    written = [name for name in read if name in ENCODINGS]
    cog.outl("| format | files | mosaics | several images | longest side |\n|---|---|---|---|---|")
    for name in [*written, *(name for name in read if name not in ENCODINGS)]:
        encoding = ENCODINGS.get(name, ENCODINGS["PNG"])
        longest = f"{encoding.max_side:,}" if encoding.max_side < UNLIMITED else ""
        files = " ".join(suffixes.get(name, []))
        row = describe(name), files, encoding.format, find_animation(name), longest
        cog.outl(f"| {' | '.join(row)} |")


def describe(name: str) -> str:
    """Return the name of a format that a person knows."""
    plugin = Image.OPEN.get(name, (None, None))[0]
    return NAMES.get(name) or str(getattr(plugin, "format_description", name))


def find_animation(name: str) -> str:
    """Return what becomes of several images in a file of a format."""
    if name in ANIMATED:
        return "stay an animation"
    return "an animation with `--format webp` or `png`" if name in ANIMATIONS else "the first"


def show_writing(cog: Any) -> None:
    """Write a table of the formats of mosaics."""
    cog.outl("| format | color modes of Pillow | most pixels | color profile |\n|---|---|---|---|")
    for encoding in dict.fromkeys(ENCODINGS.values()):
        profile = "yes" if encoding.profiles else "no: converted to sRGB"
        if encoding.format == "JPEG2000":
            profile = "yes, if it has no tables; otherwise converted to sRGB"
        most = f"{encoding.max_pixels:,}" if encoding.max_pixels < UNLIMITED else ""
        row = encoding.format, ", ".join(encoding.modes), most, profile
        cog.outl(f"| {' | '.join(row)} |")


def show_limits(cog: Any, *names: str) -> None:
    """Write a table of constants: of the integers in a module, or of those named after a colon."""
    cog.outl("| limit | value | |\n|---|---|---|")
    for name in names:
        path, _, wanted = name.partition(":")
        module = import_module(path)
        for group, text in list_constants(getsource(module)):
            values = [getattr(module, each) for each in group]
            if not wanted.split() or set(group) <= set(wanted.split()):
                shown = ", ".join(f"{value:,}" for value in values if isinstance(value, int))
                cog.outl(f"| {', '.join(f'`{each}`' for each in group)} | {shown} | {text} |")


def show_costs(cog: Any) -> None:
    """Write a table of what a photo may cost by default."""
    costs = Limits()
    cog.outl(
        "| a photo may take, as estimated from its header | by default | option |\n|---|---|---|"
    )
    cog.outl(f"| CPU time | {costs.seconds} s | `--max-seconds` |")
    cog.outl(f"| memory | {costs.memory} MB | `--max-memory` |")
    cog.outl(f"| mosaics | {costs.written} MB | `--max-written` |")


def list_constants(source: str) -> Iterator[tuple[list[str], str]]:
    r"""List the constants of a module, each group with the docstring that follows it.

    >>> list(list_constants('A = 1\nB: int = 2\n"Two."\nC = 3\n'))
    [(['A', 'B'], 'Two.')]
    """
    names: list[str] = []
    for node in ast.parse(source).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                names.append(name)
            case ast.Expr(value=ast.Constant(value=str(text))) if names:
                yield names, " ".join(text.split())
                names = []
            case _:
                names = []


def show_refusals(cog: Any) -> None:
    """Write a table of the errors of photos."""
    cog.outl("| error | meaning |\n|---|---|")
    for name, error in vars(errors).items():
        if isinstance(error, type) and issubclass(error, errors.PictureError):
            cog.outl(f"| `{name}` | {(getdoc(error) or '').splitlines()[0]} |")


def show_known(cog: Any) -> None:
    """Write a table of the formats that are recognized, but not read."""
    known: dict[Family, list[str]] = {}
    for family, rows in FAMILIES:
        known.setdefault(family, []).extend(name for *_, name, _ in rows)
    cog.outl("| kind | formats | remedy |\n|---|---|---|")
    for family, names in known.items():
        formats = ", ".join(dict.fromkeys(name.split(" ", 1)[1] for name in names))
        cog.outl(f"| {family} | {formats} | {FAMILY_REMEDIES[family]} |")


def show_compressions(cog: Any) -> None:
    """Write the compressions of TIFF that are named, but not read."""
    named = {name for number, name in COMPRESSIONS.items() if number not in BUILT_IN}
    cog.outl(f"Compressions of TIFF that are not read: {', '.join(sorted(named))}.")


def show_exactness(cog: Any, photo: str) -> None:
    """Write a table of how far mosaics of a photo, in each format, are from the means of cells.

    The means are those in PNG.
    """
    exact = pixelate((ROOT / photo).read_bytes(), GRIDS, Style("png"), exact=True)
    cog.outl(f"| format | {' | '.join(f'{grid}x{grid}' for grid in GRIDS)} |")
    cog.outl(f"|---|{'---|' * len(GRIDS)}")
    for encoding in dict.fromkeys(ENCODINGS.values()):
        levels = [compare(mosaic, encoding) for mosaic in exact]
        cog.outl(f"| {encoding.format} | {' | '.join(levels)} |")


def compare(mosaic: Mosaic, encoding: Encoding) -> str:
    """Write a mosaic in another format; return its differences from the first."""
    expected = open_rgb(mosaic.data)
    cells = expected.resize((mosaic.columns, mosaic.rows), Image.Resampling.NEAREST)
    photo = Photo(cells, mosaic.width, mosaic.height, encoding.format)
    shown = open_rgb(encoder.write_mosaic([cells], photo, encoding, Style()))
    most, usual = measure(shown, expected)
    return f"{most} ({usual})" if most else "0"


def open_rgb(data: bytes) -> Image.Image:
    """Decode a picture, or the first level of a texture, to RGB."""
    if data.startswith(IDENTIFIER):
        return read_ktx2(data)[0].convert("RGB")
    return Image.open(BytesIO(data)).convert("RGB")


def measure(one: Image.Image, other: Image.Image) -> tuple[int, int]:
    """Return the largest difference of two pictures, and that within which 99 % of values are."""
    difference = ImageChops.difference(one, other)
    bands = [band.histogram() for band in difference.split()]
    counts = [sum(band) for band in zip(*bands, strict=True)]
    most = max(level for level, count in enumerate(counts) if count)
    usual, seen = -1, 0
    while seen < 0.99 * sum(counts):
        usual += 1
        seen += counts[usual]
    return most, usual
