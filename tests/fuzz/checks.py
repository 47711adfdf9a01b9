"""What the fuzzer looks for: each check raises AssertionError for a finding.

Findings are exceptions that are not documented, mosaics that cannot be decoded, more in a mosaic
than its cells and profile, and costs over the limits.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Sequence
from io import BytesIO
from itertools import product

from PIL import Image

from pixelater import GRIDS, Mosaic, PictureError, Style, pixelate
from pixelater.encode.ktx2 import read_ktx2
from pixelater.grid import find_edges, paint
from tests.file_parts import ALLOWED, list_parts
from tests.secret_photos import SECRET

MAX_SECONDS = 20.0
MAX_MEMORY_MB = 600
MAX_WRITTEN = 64_000_000
"""What a photo may cost: seconds of CPU, resident memory in addition to the process's, and bytes of
mosaics."""

FEW_PIXELS = 1_000_000
"""The limit of some inputs: others have the usual ones."""

STYLES = (
    Style(),
    Style("auto"),
    Style("jpeg", quality=50, optimize=True, background=(0, 128, 255)),
    Style("png"),
    Style("webp"),
    Style("jpeg", quality=100),
)
GRID_CHOICES: tuple[tuple[int, ...], ...] = (GRIDS, (1,), (3, 7), (64,), (4096,))

LOSSLESS = ("PNG", "WEBP", "GIF", "TIFF", "BMP", "PPM", "TGA", "KTX2")

EXTRA_SAMPLES = 338
PARTS = ALLOWED | {
    "JPEG": {*ALLOWED["JPEG"], "APP14 Adobe"},
    "TIFF": {*ALLOWED["TIFF"], EXTRA_SAMPLES},
}
"""What mosaics may consist of: with inks, and with transparency, too."""

HEADER_BYTES = 3
"""An input is a style, grids and limits, a byte each, and a photo."""


def check_input(data: bytes) -> str:
    """Pixelate an input of the fuzzer and check what is made; return what became of it."""
    style, grids, limits = data[:HEADER_BYTES].ljust(HEADER_BYTES, b"\0")
    return check_photo(
        data[HEADER_BYTES:],
        GRID_CHOICES[grids % len(GRID_CHOICES)],
        STYLES[style % len(STYLES)],
        FEW_PIXELS if limits % 16 == 15 else None,
        bool(limits & 64),
    )


def check_photo(
    photo: bytes, grids: Sequence[int], style: Style, max_pixels: int | None, exact: bool
) -> str:
    """Pixelate a photo and check what is made; return the name of the error, or an empty string."""
    memory = _read_peak_mb()
    started = time.process_time()
    refusal, message = "", "made"
    mosaics: tuple[Mosaic, ...] = ()
    try:
        mosaics = pixelate(photo, grids, style, max_pixels=max_pixels, exact=exact)
    except PictureError as error:
        refusal, message = type(error).__name__, str(error)
    seconds = time.process_time() - started
    more = _read_peak_mb() - memory
    written = sum(len(mosaic.data) for mosaic in mosaics)
    assert message.strip(), f"{refusal} without a reason"
    assert "object at 0x" not in message, f"an address in a message: {message}"
    assert seconds < MAX_SECONDS, f"{seconds:.1f} s of CPU"
    assert more < MAX_MEMORY_MB, f"{more:.0f} MB of memory"
    assert written < MAX_WRITTEN, f"{written:,} bytes written"
    for mosaic in mosaics:
        check_mosaic(mosaic)
    return refusal


def _read_peak_mb() -> float:
    """Read the most memory that the process had resident; Linux counts in kilobytes."""
    if sys.platform != "linux":
        return 0.0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def check_mosaic(mosaic: Mosaic) -> None:
    """Decode a mosaic: its format and size, each cell of one color, nothing else in the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        _check_decoded(mosaic)
    if 2 * mosaic.columns <= mosaic.width:  # Else the secret may be pixels that are shown.
        assert SECRET not in mosaic.data, "metadata in the mosaic"
    if mosaic.format in PARTS:
        others = set(list_parts(mosaic.format, mosaic.data)) - PARTS[mosaic.format]
        assert not others, f"{others} in the mosaic"


def _check_decoded(mosaic: Mosaic) -> None:
    try:
        if mosaic.format == "KTX2":
            image = read_ktx2(mosaic.data)[0]
        else:
            image = Image.open(BytesIO(mosaic.data), formats=[mosaic.format])
        size = mosaic.width, mosaic.height
        assert image.size == size, f"{image.size} instead of {size}"
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            image.load()
            if mosaic.format in LOSSLESS:
                check_cells(image, mosaic.columns, mosaic.rows)
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise AssertionError(f"the mosaic cannot be decoded as {mosaic.format}: {error}") from error


def check_cells(image: Image.Image, columns: int, rows: int) -> None:
    """Check that each cell has one color: the mosaic equals its own first pixels, painted."""
    colors = image.convert("RGBA")
    across, down = find_edges(image.width, columns), find_edges(image.height, rows)
    cells = Image.new("RGBA", (columns, rows))
    cells.putdata([colors.getpixel((x, y)) for y, x in product(down[:-1], across[:-1])])
    painted = paint(cells, *image.size)
    assert painted.tobytes() == colors.tobytes(), "a cell has more than one color"
