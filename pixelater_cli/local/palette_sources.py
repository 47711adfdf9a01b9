"""Palettes by name, from files, and extracted from photos."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from pixelater_cli.errors import UnusablePath, UsageError
from pixelater_cli.local import photo_search, workers
from pixelater_cli.local.files import read_whole
from pixelater_cli.local.palette_files import WRITERS

if TYPE_CHECKING:
    from PIL import Image

    from pixelater.palette.palette import Palette

CELLS = 64
"""Cells on the longer side of a photo whose colors are considered."""

PHOTO = ".png"
"""The suffix of palettes that is one of photos, too."""

EXPORT = "Export it again, for example as .gpl or .hex."


def is_palette(word: str) -> bool:
    """Return whether a word is the name of a built-in palette, or of a palette file but a PNG."""
    from pixelater.palette.builtin import BUILT_IN

    suffix = Path(word).suffix.lower()
    return word.lower() in BUILT_IN or (
        suffix in WRITERS and suffix != PHOTO and Path(word).exists()
    )


def load_palette(word: str) -> Palette:
    """Return a built-in palette, or that of a file. Raises UsageError and UnusablePath."""
    from pixelater.palette import files
    from pixelater.palette.builtin import BUILT_IN
    from pixelater.palette.palette import BadPalette

    built_in = BUILT_IN.get(word.lower())
    path = Path(word)
    if built_in is not None:
        return built_in
    if not path.exists():
        raise UsageError(
            f"{word} is neither a built-in palette nor a file", "List them: pixelater palette"
        )
    try:
        return files.parse_palette(read_whole(path), path.stem)
    except UnusablePath as error:
        raise UnusablePath(f"{path}: {error}", error.hint) from error
    except BadPalette as error:
        photo = path.suffix.lower() not in WRITERS or path.suffix.lower() == PHOTO
        hint = f"To take the colors of a photo: pixelater palette extract {word}"
        raise UnusablePath(f"{path}: {error}", hint if photo else EXPORT) from error


def extract_from_photos(words: Sequence[str], count: int) -> Palette:
    """Extract the colors that suit the cells of all photos best.

    Raises UsageError, NoPhotos, and UnusablePath for a photo that cannot be pixelated.
    """
    from pixelater.palette.extract import extract_palette
    from pixelater.palette.palette import BadPalette

    search = photo_search.search_words(words, Path("-"))
    photo_search.require_photos(search)
    for path, reason in search.problems:
        raise UnusablePath(f"{path}: {reason}", photo_search.advise(reason))
    cells = [image for photo in search.photos for image in _read_cells(photo)]
    name = search.photos[0].path.stem if len(search.photos) == 1 else "extracted"
    try:
        return extract_palette(_join(cells), count, name)
    except BadPalette as error:
        raise UnusablePath(f"{words[0]}: {error}", "Name another photo.") from error


def _read_cells(photo: photo_search.PhotoFile) -> Iterator[Image.Image]:
    """Yield the square cells of a photo in sRGB, those of each frame of an animation."""
    from PIL import Image, ImageSequence

    from pixelater import Style
    from pixelater.advice import ALLOW, SMALLER
    from pixelater.decode.color_modes import PROFILE_SPACES, convert_to_rgb

    job = workers.Job((CELLS,), Style("png", cells="square", size="native"))
    (made,) = workers.run_jobs([photo_search.read_source(photo)], job, jobs=1)
    if made.error:
        hint = SMALLER if made.hint.startswith(ALLOW) else made.hint
        raise UnusablePath(f"{photo.path}: {made.error}", hint)
    with Image.open(BytesIO(made.mosaics[0].data), formats=["PNG"]) as mosaic:
        profile = mosaic.info.get("icc_profile", b"")
        for frame in ImageSequence.Iterator(mosaic):
            plain = frame if frame.mode in PROFILE_SPACES else frame.convert("RGBA")
            yield convert_to_rgb(plain, profile).convert("RGBA")


def _join(images: Iterable[Image.Image]) -> Image.Image:
    """Join the pixels of images (RGBA) to one row."""
    from PIL import Image

    data = b"".join(image.tobytes() for image in images)
    return Image.frombytes("RGBA", (len(data) // 4, 1), data)
