"""The library in other people's programs: its sources, and wrong arguments named as such."""

from __future__ import annotations

import sys
import warnings
from array import array
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from io import BytesIO, StringIO, UnsupportedOperation
from pathlib import Path
from subprocess import run
from types import ModuleType
from typing import Any, cast

import pytest
from PIL import Image, ImageFile

import pixelater
import pixelater_cli
from pixelater import Style, TooLarge, name_mosaic, parse_grids, pixelate
from tests.pictures import encode, make_scene

PHOTO = encode(make_scene((64, 48)), "PNG")


def make_closed_file() -> BytesIO:
    file = BytesIO(PHOTO)
    file.close()
    return file


(MOSAIC,) = pixelate(PHOTO, [8])


class Unseekable(BytesIO):
    """A binary file that is not seekable, such as a pipe or a response of HTTP."""

    def seekable(self) -> bool:
        return False

    def seek(self, offset: int, whence: int = 0) -> int:  # noqa: ARG002
        raise UnsupportedOperation("seek")


class Eight:
    """An integer as NumPy's are."""

    def __index__(self) -> int:
        return 8


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"source": 8}, TypeError, "source must be a path, bytes or a binary file, not int"),
        (
            {"source": None},
            TypeError,
            "source must be a path, bytes or a binary file, not NoneType",
        ),
        (
            {"source": StringIO("x")},
            TypeError,
            "source must be a path, bytes or a binary file, not",
        ),
        ({"source": StringIO("")}, TypeError, "source must be a path, bytes or a binary file, not"),
        ({"source": array("B", PHOTO)}, TypeError, "source must be a path, bytes or a binary file"),
        ({"source": bytes}, TypeError, "source must be a path, bytes or a binary file, not type"),
        ({"source": ""}, ValueError, "source: the path is empty"),
        ({"source": "a\0b"}, ValueError, "source: embedded null byte"),
        ({"source": make_closed_file()}, ValueError, "source: I/O operation on closed file"),
        ({"grids": []}, ValueError, "grids: at least one is needed"),
        ({"grids": [0]}, ValueError, "grids: 0 is not from 1 to 4096"),
        ({"grids": [8, 4097]}, ValueError, "grids: 4097 is not from 1 to 4096"),
        ({"grids": 8}, TypeError, "grids must be a sequence of integers, not int"),
        ({"grids": None}, TypeError, "grids must be a sequence of integers, not NoneType"),
        ({"grids": bytearray(8)}, TypeError, "grids must be a sequence of integers, not bytearray"),
        ({"grids": [[8]]}, TypeError, "grids must be integers, not list"),
        ({"grids": "8"}, TypeError, "grids must be a sequence of integers, not str"),
        ({"grids": ["8"]}, TypeError, "grids must be integers, not str"),
        ({"grids": [8.0]}, TypeError, "grids must be integers, not float"),
        ({"grids": [True]}, TypeError, "grids must be integers, not bool"),
        ({"style": "jpeg"}, TypeError, "style must be a Style, not str"),
        ({"max_pixels": 0}, ValueError, "max_pixels: 0 is less than 1"),
        ({"max_pixels": -1}, ValueError, "max_pixels: -1 is less than 1"),
        ({"max_pixels": "1"}, TypeError, "max_pixels must be an integer, not str"),
        ({"max_pixels": True}, TypeError, "max_pixels must be an integer, not bool"),
        ({"exact": 1}, TypeError, "exact must be a bool, not int"),
        ({"max_pixels": 1e6}, TypeError, "max_pixels must be an integer, not float"),
    ],
)
def test_wrong_argument_is_named(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^{message}"):
        pixelate(**{"source": PHOTO, "grids": [8], **arguments})


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"format": "svg"}, ValueError, "format: 'svg' is not one of"),
        ({"format": None}, TypeError, "format must be a string, not NoneType"),
        ({"quality": 0}, ValueError, "quality: 0 is not from 1 to 100"),
        ({"quality": "90"}, TypeError, "quality must be an integer, not str"),
        ({"optimize": 1}, TypeError, "optimize must be a bool, not int"),
        ({"background": "white"}, TypeError, "background must be three integers"),
        ({"background": (1, 2)}, TypeError, "background must be three integers"),
        ({"background": (0, 0, 256)}, ValueError, "background: 256 is not from 0 to 255"),
    ],
)
def test_wrong_argument_of_a_style_is_named(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^{message}"):
        Style(**arguments)


@pytest.mark.parametrize(
    ("written", "format"), [("jpg", "jpeg"), ("JPG", "jpeg"), ("Png", "png"), ("same", "same")]
)
def test_style_format_ignores_case_and_jpg_is_jpeg(written: str, format: str) -> None:
    assert Style(written) == Style(format)


def test_every_kind_of_source_gives_the_same_mosaics(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(PHOTO)
    sources = [PHOTO, bytearray(PHOTO), memoryview(PHOTO), BytesIO(PHOTO), Unseekable(PHOTO)]
    sources += [path, str(path)]
    assert {pixelate(source, [8]) for source in sources} == {pixelate(PHOTO, [8])}  # type: ignore[arg-type]
    with path.open("rb") as file:
        assert pixelate(file, [8]) == pixelate(PHOTO, [8])


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_pillows_limit_is_not_used(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = encode(make_scene((64, 48)), format)
    expected = pixelate(photo, [1, 8])
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert pixelate(photo, [1, 8]) == expected


def test_two_threads_with_different_limits_do_not_meet() -> None:
    photo = encode(make_scene((64, 48)), "GIF")

    def count_refusals(max_pixels: int) -> int:
        refusals = 0
        for _ in range(50):
            try:
                pixelate(photo, [8], max_pixels=max_pixels)
            except TooLarge:
                refusals += 1
        return refusals

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(count_refusals, [64 * 48, 64 * 48 - 1])) == [0, 50]


class _Watched(ModuleType):
    """A module that does not let its attributes be set."""

    def __setattr__(self, name: str, value: object) -> None:
        if name != "__class__":
            raise AssertionError(f"{self.__name__}.{name} is set to {value!r}")
        super().__setattr__(name, value)


@pytest.mark.parametrize("style", [Style(), Style("jpeg", optimize=True), Style("webp")])
@pytest.mark.parametrize("format", ["GIF", "ICO", "JPEG", "PNG", "TIFF", "WEBP"])
def test_globals_of_pillow_and_warnings_are_not_set(
    format: str, style: Style, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = encode(make_scene((64, 48)), format)
    filters = list(warnings.filters)
    pixelate(photo, style=style)  # Pillow loads its plugins, and says so in its modules.
    for module in (Image, ImageFile):
        monkeypatch.setattr(module, "__class__", _Watched)
    pixelate(photo, style=style)
    assert warnings.filters == filters


def test_importing_the_library_changes_nothing_in_pillow() -> None:
    program = """
import warnings
from PIL import Image, ImageFile
def list_settings():
    modules = Image, ImageFile
    return [{k: v for k, v in vars(m).items() if k.isupper()} for m in modules], warnings.filters[:]
before = list_settings()
import pixelater.decode.photo, pixelater.encode.jpeg, pixelater.thumbnails
assert list_settings() == before
"""
    run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(
    ("module", "name", "now"),
    [
        ("blocks", "find_edges", "pixelater.grid"),
        ("encoding", "ENCODINGS", "pixelater.encode.formats"),
        ("encoding", "Style", "pixelater"),
        ("encoding", "write_mosaic", "pixelater.encode.encoder"),
        ("jpeg", "write_jpeg", "pixelater.encode.jpeg"),
        ("means", "average", "pixelater.averaging"),
        ("modes", "find_range", "pixelater.decode.color_modes"),
        ("mosaic", "MAX_GRID", "pixelater.grid"),
        ("mosaic", "name_mosaic", "pixelater"),
        ("picture", "MAX_PIXELS", "pixelater.decode.limits"),
        ("picture", "TooLarge", "pixelater"),
        ("picture", "open_photo", "pixelater.decode.photo"),
        ("png", "write_png", "pixelater.encode.png"),
        ("scans", "count_scans", "pixelater.decode.jpeg_scans"),
        ("webp", "write_webp", "pixelater.encode.webp"),
    ],
)
def test_former_name_warns_of_its_new_place(module: str, name: str, now: str) -> None:
    message = f"^pixelater.{module}.{name} has moved: import {name} from {now}$"
    with pytest.warns(DeprecationWarning, match=message) as warned:
        former = getattr(import_module(f"pixelater.{module}"), name)
    assert former is getattr(import_module(now), name)
    assert warned[0].filename == __file__


def test_unknown_name_of_a_former_module_is_an_attribute_error() -> None:
    former = import_module("pixelater.blocks")
    with pytest.raises(AttributeError, match=r"^module 'pixelater\.blocks' has no attribute 'x'$"):
        _ = former.x


def test_path_that_cannot_be_read_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        pixelate(tmp_path / "gone.jpg")
    with pytest.raises(IsADirectoryError):
        pixelate(tmp_path)


def test_file_that_cannot_be_read_is_a_value_error(tmp_path: Path) -> None:
    message = "^source: the file is not open for reading"
    with (tmp_path / "photo").open("wb") as file, pytest.raises(ValueError, match=message):
        pixelate(file)


def test_file_is_read_from_its_start() -> None:
    file = BytesIO(PHOTO)
    file.seek(20)
    assert pixelate(file, [8]) == pixelate(PHOTO, [8])


def test_integers_of_other_libraries_are_integers() -> None:
    eight = cast("int", Eight())
    assert pixelate(PHOTO, [eight], Style(quality=eight)) == pixelate(PHOTO, [8])
    assert Style(quality=eight) == Style(quality=8)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: name_mosaic(cast("Any", Path("p.png")), MOSAIC),
            "photo_name must be a string, not P",
        ),
        (lambda: name_mosaic("p.png", cast("Any", None)), "mosaic must be a Mosaic, not NoneType"),
        (lambda: parse_grids(cast("Any", [8])), "text must be a string, not list"),
    ],
)
def test_wrong_argument_of_a_helper_is_named(call: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=f"^{message}"):
        call()


def test_library_and_command_line_have_one_version() -> None:
    assert pixelater.__version__ == pixelater_cli.__version__
