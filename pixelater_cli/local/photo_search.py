"""Search for photos in files, folders and patterns, and on stdin."""

from __future__ import annotations

import logging
import os
import re
import stat
import sys
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pixelater_cli.errors import NoPhotos, UnusablePath, UsageError, explain_os_error
from pixelater_cli.gallery import markers
from pixelater_cli.local import passed_over
from pixelater_cli.local.files import MAX_FILE_BYTES

LOG = logging.getLogger(__name__)
HEIC_SUFFIXES = (".heic", ".heif")
"""Photos even if their decoder is not installed, which the library then reports."""


NAME_PHOTOS = "Name photos or folders of photos."
PIPE_PHOTO = "Pipe a photo: pixelater run - < photo.jpg"
MISSING = "does not exist"
NO_PHOTOS = "no photos in this folder"
VIDEO = "video"
UNMATCHED = "no files match this pattern"
HEAD_BYTES = 2 * markers.HEAD_BYTES
"""What is read of a file that is not named as a photo."""

PATTERN = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class PhotoFile:
    """A photo. `name` is its path below the folder that was searched, with "/"."""

    path: Path
    name: str

    @property
    def parent(self) -> str:
        """The name of the folder that the photo is in; that of stdin is "stdin"."""
        if self is STDIN:
            return self.name
        return Path(os.path.abspath(self.path)).parent.name or "root"  # noqa: PTH100 - keeps links


STDIN = PhotoFile(Path("-"), "stdin")
"""The photo on stdin."""


@dataclass(frozen=True)
class Search:
    """Photos, and paths without photos, each with the reason.

    `videos` are those that are to be pixelated, too. `passed_over` are files that are not named as
    photos, and mosaics and contact sheets; `not_pixelated` are those among them that may be meant,
    each with what it is.
    """

    photos: tuple[PhotoFile, ...]
    problems: tuple[tuple[Path, str], ...]
    passed_over: tuple[Path, ...] = ()
    not_pixelated: tuple[tuple[Path, str], ...] = ()
    videos: tuple[PhotoFile, ...] = ()


def find_photos(arguments: Sequence[Path], out: Path) -> Search:
    """Search files and folders for photos. Raises NoPhotos if none was found."""
    search = search_photos(arguments, out)
    require_photos(search)
    return search


def require_photos(search: Search) -> None:
    """Raise NoPhotos if none was found, and no video."""
    if not search.photos and not search.videos:
        reasons = "; ".join(f"{path}: {reason}" for path, reason in search.problems)
        hints = {advise(reason) for _path, reason in search.problems}
        hint = hints.pop() if len(hints) == 1 else NAME_PHOTOS
        if not reasons and search.not_pixelated:
            reasons, hint = "only mosaics were named", "To pixelate one again, name it alone."
        raise NoPhotos(reasons or "only a contact sheet was named", hint)


def advise(problem: str) -> str:
    """Return a hint for a path without photos."""
    return "Check the path." if problem in (MISSING, UNMATCHED) else NAME_PHOTOS


def search_words(
    words: Sequence[str], out: Path, known: Container[str] = (), *, videos: bool = False
) -> Search:
    """Search for the photos that the words of a command line name: "-" is that on stdin.

    With `videos`, these are found, too, by their names.

    Raises UsageError for "-" next to other words.
    """
    if "-" not in words:
        return search_photos([Path(word) for word in words], out, known, videos=videos)
    if len(words) > 1:
        raise UsageError(
            "- is the photo on stdin and excludes other paths", "Write a file called - as ./-"
        )
    return Search((STDIN,), ())


def search_photos(
    arguments: Sequence[Path], out: Path, known: Container[str] = (), *, videos: bool = False
) -> Search:
    """Search files, folders and patterns for photos.

    A file is taken as it is named. A folder is searched, in order, for files with the suffix of an
    image format. Hidden files, mosaics, contact sheets, the output folder and linked folders are
    skipped, because a link may lead back to where it is. A mosaic is taken if it is named alone: a
    pattern of the shell may have found it. A pattern that the shell did not expand is
    expanded as a shell would. `known` are absolute paths of mosaics with any names, and of a
    contact sheet that is about to be made again, which is skipped even if it is named.
    """
    photos: dict[Path, PhotoFile] = {}
    films: dict[Path, PhotoFile] = {}
    problems: list[tuple[Path, str]] = []
    others: dict[Path, str] = {}
    expanded = list(_expand(arguments))
    for argument in expanded:
        problem = _find_problem(argument)
        if problem:
            problems.append((argument, problem))
        elif argument.is_dir():
            found = {path: _judge(path, known) for path in _walk(argument, out, problems)}
            wanted = [path for path, kind in found.items() if kind is None]
            shown = [path for path, kind in found.items() if videos and kind == VIDEO]
            left = {
                path: kind
                for path, kind in sorted(found.items())
                if kind is not None and path not in shown
            }
            others |= left
            for path in wanted:
                photos.setdefault(path, _name_below(argument, path))
            for path in shown:
                films.setdefault(path, _name_below(argument, path))
            if not wanted and not shown:
                named = ", ".join(passed_over.count_kinds(filter(None, left.values())))
                problems.append((argument, NO_PHOTOS + (f" ({named})" if named else "")))
        elif _is_known(argument, known) and is_contact_sheet(argument):
            others[argument] = ""
        elif len(expanded) > 1 and _is_mosaic(argument, known):
            others[argument] = passed_over.MOSAIC
        elif videos and passed_over.find_kind(argument, lambda _path: b"") == VIDEO:
            films.setdefault(argument, PhotoFile(argument, argument.name))
        else:
            photos.setdefault(argument, PhotoFile(argument, argument.name))
    return Search(
        tuple(photos.values()),
        tuple(problems),
        tuple(others),
        tuple((path, kind) for path, kind in others.items() if kind),
        tuple(films.values()),
    )


def _name_below(folder: Path, path: Path) -> PhotoFile:
    return PhotoFile(path, path.relative_to(folder).as_posix())


def _judge(path: Path, known: Container[str]) -> str | None:
    """Return None for a photo in a folder; else what it is if it may be meant, or "".

    A mosaic in a folder is not named: there may be hundreds.
    """
    if _is_mosaic(path, known):
        return ""
    named_so = is_named_as_photo(path)
    if problem := _find_problem(path):
        return problem if named_so else ""
    if not named_so:
        return passed_over.find_kind(path, read_head)
    return "" if path.suffix.lower() == ".png" and is_contact_sheet(path) else None


def _is_mosaic(path: Path, known: Container[str]) -> bool:
    """Return whether a file is named like a mosaic, or was made by an earlier run."""
    from pixelater.naming import is_mosaic_name

    return is_mosaic_name(path.name) or _is_known(path, known)


def _is_known(path: Path, known: Container[str]) -> bool:
    return os.path.abspath(path) in known  # noqa: PTH100 - links are kept, as in the cache


def list_foreign_mosaics(search: Search, known: Container[str]) -> Iterator[Path]:
    """List what was passed over because of its name only: it may be a photo after all."""
    for path, kind in search.not_pixelated:
        if kind == passed_over.MOSAIC and not _is_known(path, known):
            yield path


def is_contact_sheet(path: Path) -> bool:
    """Return whether a file is a contact sheet of pixelater."""
    return markers.is_sheet(read_head(path))


def is_html_page(path: Path) -> bool:
    """Return whether a file is a page of pixelater."""
    return markers.is_page(read_head(path))


def read_source(photo: PhotoFile) -> Path | bytes:
    """Return the path of a photo, or the bytes on stdin. Raises UnusablePath."""
    return read_stdin() if photo is STDIN else photo.path


def read_stdin() -> bytes:
    """Read the photo that comes in on stdin. Raises UnusablePath."""
    if sys.stdin is None or sys.stdin.isatty():
        raise UnusablePath("no input on stdin", PIPE_PHOTO)
    data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
    if not data:
        raise UnusablePath("stdin is empty", PIPE_PHOTO)
    if len(data) > MAX_FILE_BYTES:
        raise UnusablePath(f"stdin: more than {MAX_FILE_BYTES:,} bytes")
    return data


def _expand(arguments: Sequence[Path]) -> Iterator[Path]:
    """Expand patterns in sorted order; the name of an existing file is not a pattern."""
    for argument in arguments:
        text = str(argument)
        if PATTERN.search(text) and not os.path.lexists(argument):
            yield from (Path(path) for path in _match(text) or [text])
        else:
            yield argument


def _match(pattern: str) -> list[str]:
    """List the matches of a pattern; with ** each file once, even if links lead to it."""
    from glob import glob

    found = sorted(glob(pattern, recursive=True), key=len)  # noqa: PTH207 - Path's takes no ".."
    if "**" in pattern:
        found = list({os.path.realpath(path): path for path in reversed(found)}.values())
    return sorted(found)


def _find_problem(path: Path) -> str:
    """Return why a path is not a readable file or folder, or ""."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return UNMATCHED if PATTERN.search(str(path)) else MISSING
    except OSError as error:
        return f"cannot read it: {explain_os_error(error)}"
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return ""
    return "not a file or folder"


def _walk(folder: Path, out: Path, problems: list[tuple[Path, str]]) -> Iterator[Path]:
    """List the files of a folder and its subfolders; add unreadable folders to `problems`."""

    def add_problem(error: OSError) -> None:
        problems.append((Path(error.filename), f"cannot read it: {explain_os_error(error)}"))

    kept_out = os.path.realpath(out)
    for parent, folders, names in os.walk(folder, onerror=add_problem):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and os.path.realpath(Path(parent, name)) != kept_out
        )
        yield from (Path(parent, name) for name in sorted(names) if not name.startswith("."))


def is_named_as_photo(path: Path) -> bool:
    """Return whether the suffix of a file is that of a format that is read."""
    from PIL import Image

    from pixelater.decode.identify import REFUSED_FORMATS

    suffix = path.suffix.lower()
    known = Image.registered_extensions().get(suffix)
    # Pillow only writes PDF. It opens MPO as the JPEG that it begins with.
    readable = known == "MPO" or (known in Image.OPEN and known not in REFUSED_FORMATS)
    return suffix in HEIC_SUFFIXES or readable


def read_head(path: Path) -> bytes:
    """Read the beginning of a file, which tells what it is; b"" if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""
