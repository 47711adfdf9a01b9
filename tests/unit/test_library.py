"""The library in other people's programs: its sources, and wrong arguments named as such."""

from __future__ import annotations

from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest

import pixelater
import pixelater_cli
from pixelater import Style, pixelate
from tests.pictures import encode, make_scene

PHOTO = encode(make_scene((64, 48)), "PNG")


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
        ({"grids": []}, ValueError, "grids: there is none"),
        ({"grids": [0]}, ValueError, "grids: 0 is not from 1 to 4096"),
        ({"grids": [8, 4097]}, ValueError, "grids: 4097 is not from 1 to 4096"),
        ({"grids": 8}, TypeError, "grids must be a sequence of integers, not int"),
        ({"grids": "8"}, TypeError, "grids must be a sequence of integers, not str"),
        ({"grids": ["8"]}, TypeError, "grids must be integers, not str"),
        ({"grids": [8.0]}, TypeError, "grids must be integers, not float"),
        ({"grids": [True]}, TypeError, "grids must be integers, not bool"),
        ({"style": "jpeg"}, TypeError, "style must be a Style, not str"),
        ({"max_pixels": 0}, ValueError, "max_pixels: 0 is less than 1"),
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
        ({"format": "bmp"}, ValueError, "format: 'bmp' is not one of"),
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
def test_format_of_a_style_may_be_written_as_people_do(written: str, format: str) -> None:
    assert Style(written) == Style(format)


def test_every_kind_of_source_gives_the_same_mosaics(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(PHOTO)
    sources = [PHOTO, bytearray(PHOTO), BytesIO(PHOTO), path, str(path)]
    assert {pixelate(source, [8]) for source in sources} == {pixelate(PHOTO, [8])}  # type: ignore[arg-type]
    with path.open("rb") as file:
        assert pixelate(file, [8]) == pixelate(PHOTO, [8])


def test_path_that_cannot_be_read_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        pixelate(tmp_path / "gone.jpg")


def test_library_and_command_line_have_one_version() -> None:
    assert pixelater.__version__ == pixelater_cli.__version__
