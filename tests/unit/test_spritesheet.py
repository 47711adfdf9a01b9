"""Spritesheets: places of sprites, repeated edges, and Aseprite's JSON."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from PIL import Image

from pixelater import Mosaic, Style, pixelate
from pixelater_cli.errors import UsageError
from pixelater_cli.local.sheet_layout import find_layout
from pixelater_cli.local.spritesheet import SheetOptions, Spritesheet, make_spritesheet
from tests.pictures import encode, make_noise

SCHEMA = json.loads((Path(__file__).parents[1] / "schemas" / "aseprite-sheet.json").read_text())
SIDES = st.integers(1, 40)
SIZES = st.lists(st.tuples(SIDES, SIDES), min_size=1, max_size=30)
RED, CLEAR = (200, 0, 0, 255), (0, 0, 0, 0)


def make_mosaic(image: Image.Image, **settings: Any) -> Mosaic:
    """Make a mosaic of a cell for each pixel."""
    style = Style("png", cells="square", size="native")
    (made,) = pixelate(encode(image, **settings), [64], style)
    return made


def make_sheet(*images: Image.Image, **options: Any) -> tuple[Image.Image, dict[str, Any]]:
    named = [(f"{number}.png", make_mosaic(image)) for number, image in enumerate(images)]
    return read_sheet(make_spritesheet(named, "sheet.png", SheetOptions(**options)))


def read_sheet(made: Spritesheet) -> tuple[Image.Image, dict[str, Any]]:
    """Decode a sheet and its description, which must be as the schema says."""
    described = json.loads(made.data)
    Draft202012Validator(SCHEMA).validate(described)
    with Image.open(BytesIO(made.png)) as sheet:
        assert sheet.size == made.size
        assert described["meta"]["size"] == {"w": sheet.width, "h": sheet.height}
        assert described["meta"]["format"] == ("I8" if sheet.mode == "P" else "RGBA8888")
        return sheet.convert("RGBA"), described


def cut(sheet: Image.Image, frame: dict[str, Any]) -> Image.Image:
    """Put a frame back into an image of its source's size."""
    x, y, w, h = (frame["frame"][side] for side in "xywh")
    whole = Image.new("RGBA", (frame["sourceSize"]["w"], frame["sourceSize"]["h"]))
    place = frame["spriteSourceSize"]
    assert (place["w"], place["h"]) == (w, h)
    whole.paste(sheet.crop((x, y, x + w, y + h)), (place["x"], place["y"]))
    return whole


@given(sizes=SIZES, extrude=st.integers(0, 3), padding=st.integers(0, 3), pot=st.booleans())
def test_sprites_are_inside_and_apart(
    sizes: list[tuple[int, int]], extrude: int, padding: int, pot: bool
) -> None:
    layout = find_layout(sizes, extrude, padding, pot=pot)
    taken: set[tuple[int, int]] = set()
    for (x, y), (width, height) in zip(layout.corners, sizes, strict=True):
        left, top = x - extrude, y - extrude
        right, lower = x + width + extrude, y + height + extrude
        assert 0 <= left <= right <= layout.size[0]
        assert 0 <= top <= lower <= layout.size[1]
        pixels = {(i, j) for i in range(left, right + padding) for j in range(top, lower + padding)}
        assert not pixels & taken
        taken |= pixels
    assert not pot or all(side.bit_count() == 1 for side in layout.size)


@pytest.mark.parametrize(
    ("count", "size", "expected"),
    [(1, (8, 8), (8, 8)), (4, (8, 8), (16, 16)), (5, (8, 8), (24, 16)), (12, (16, 8), (48, 32))],
)
def test_equal_sprites_are_on_a_grid_row_by_row(
    count: int, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    layout = find_layout([size] * count)
    assert layout.size == expected
    columns = expected[0] // size[0]
    corners = [(k % columns * size[0], k // columns * size[1]) for k in range(count)]
    assert list(layout.corners) == corners


@pytest.mark.parametrize("shape", ["array", "hash"])
def test_every_photo_is_a_frame_at_its_place(shape: str) -> None:
    images = [make_noise("RGBA", size) for size in ((5, 9), (12, 3), (7, 7))]
    sheet, described = make_sheet(*images, shape=shape)
    frames = described["frames"]
    if shape == "array":
        assert [frame.pop("filename") for frame in frames] == ["0.png", "1.png", "2.png"]
    else:
        assert list(frames) == ["0.png", "1.png", "2.png"]
        frames = list(frames.values())
    assert [cut(sheet, frame).tobytes() for frame in frames] == [x.tobytes() for x in images]
    assert {frame["duration"] for frame in frames} == {100}
    assert described["meta"]["frameTags"] == []
    assert described["meta"]["image"] == "sheet.png"


def test_trimmed_frames_remember_where_they_were() -> None:
    image = Image.new("RGBA", (9, 8))
    image.paste(RED, (2, 3, 6, 5))
    sheet, described = make_sheet(image, Image.new("RGBA", (9, 8)), trim=True)
    first, empty = described["frames"].values()
    assert first["trimmed"] is True
    assert first["spriteSourceSize"] == {"x": 2, "y": 3, "w": 4, "h": 2}
    assert first["sourceSize"] == {"w": 9, "h": 8}
    assert cut(sheet, first).tobytes() == image.tobytes()
    assert (empty["frame"]["w"], empty["frame"]["h"]) == (1, 1)
    assert sheet.size == (4, 3)


def test_animation_is_tagged_with_its_frames_and_durations() -> None:
    frames = [Image.new("RGBA", (4, 4), color) for color in (RED, (0, 9, 0, 255), (0, 0, 9, 255))]
    film = make_mosaic(frames[0], save_all=True, append_images=frames[1:], duration=[80, 120, 1000])
    named = [("logo.png", make_mosaic(frames[2])), ("run/walk.png", film)]
    sheet, described = read_sheet(make_spritesheet(named, "a.png", SheetOptions()))
    assert [*described["frames"]] == [
        *("logo.png", "run/walk 0.png", "run/walk 1.png", "run/walk 2.png")
    ]
    found = list(described["frames"].values())
    assert [frame["duration"] for frame in found] == [100, 80, 120, 1000]
    assert [cut(sheet, frame).getpixel((0, 0)) for frame in found[1:]] == [
        *(frame.getpixel((0, 0)) for frame in frames)
    ]
    assert described["meta"]["frameTags"] == [
        {"name": "walk", "from": 1, "to": 3, "direction": "forward"}
    ]


@pytest.mark.parametrize("extrude", [1, 3])
def test_edges_and_corners_of_tiles_are_repeated(extrude: int) -> None:
    tile = make_noise("RGB", (4, 5)).convert("RGBA")
    sheet, described = make_sheet(tile, tile, extrude=extrude)
    for frame in described["frames"].values():
        left, top = frame["frame"]["x"], frame["frame"]["y"]
        for y in range(-extrude, 5 + extrude):
            for x in range(-extrude, 4 + extrude):
                nearest = min(max(x, 0), 3), min(max(y, 0), 4)
                assert sheet.getpixel((left + x, top + y)) == tile.getpixel(nearest)


def test_names_that_occur_again_are_numbered() -> None:
    mosaic = make_mosaic(Image.new("RGBA", (2, 2), RED))
    names = ["a.png", "a.png", "a (2).png", "b.jpg", "a.png"]
    made = make_spritesheet([(name, mosaic) for name in names], "x.png", SheetOptions())
    assert [*read_sheet(made)[1]["frames"]] == [
        *("a.png", "a (2).png", "a (2) (2).png", "b.jpg", "a (3).png")
    ]


def test_few_colors_are_indexed_and_many_are_not() -> None:
    _, few = make_sheet(make_noise("L", (30, 30)).point(lambda level: level & 192))
    _, many = make_sheet(make_noise("RGBA", (30, 30)))
    assert (few["meta"]["format"], many["meta"]["format"]) == ("I8", "RGBA8888")


def test_sheet_of_too_many_pixels_is_refused() -> None:
    mosaic = make_mosaic(Image.new("RGBA", (2, 2), RED))
    with pytest.raises(UsageError, match="the spritesheet would have 20,004 x 10,002 pix"):
        make_spritesheet([("a.png", mosaic)] * 2, "x.png", SheetOptions(extrude=5000))
