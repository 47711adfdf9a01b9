"""The thumbnail that comes first in a TIFF file is not taken for the photo."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import BytesIO

import pytest
from PIL import Image

from pixelater import ThumbnailOnly, pixelate
from pixelater.tiff_directory import check_first
from tests.pictures import decode, encode, make_scene

SMALL, LARGE = (16, 12), (64, 48)
NEW_SUBFILE_TYPE, SUBFILE_TYPE, PHOTOMETRIC, CHILDREN = 254, 255, 262, 330
SHORT, LONG, IFD, LONG8, IFD8 = 3, 4, 13, 16, 18
RGB, CFA, LINEAR_RAW = 2, 32803, 34892


@dataclass(frozen=True)
class Page:
    """A gray picture of some size, with further tags of one value, and children."""

    size: tuple[int, int]
    tags: tuple[tuple[int, int], ...] = ()
    children: tuple[Page, ...] = ()


def make_tiff(
    *pages: Page, order: str = "<", big: bool = False, head: bytes = b"", pointer: int = LONG
) -> bytes:
    """Lay out pages after some bytes behind the header, children before their parents."""
    place_form, count_form = ("Q", "Q") if big else ("I", "H")
    mark = b"II" if order == "<" else b"MM"
    header = mark + struct.pack(
        order + ("HHHQ" if big else "HI"), *((43, 8, 0, 0) if big else (42, 0))
    )
    file = bytearray(header + head)
    width = 8 if big else 4

    def add(page: Page) -> tuple[int, int]:
        """Add a page; return where it is, and where it names the place of the next one."""
        children = [add(child)[0] for child in page.children]
        pixels = len(file)
        file.extend(bytes(page.size[0] * page.size[1]))
        values: dict[int, tuple[int, list[int]]] = {
            256: (SHORT, [page.size[0]]),
            257: (SHORT, [page.size[1]]),
            258: (SHORT, [8]),
            259: (SHORT, [1]),
            262: (SHORT, [1]),
            273: (LONG, [pixels]),
            277: (SHORT, [1]),
            278: (SHORT, [page.size[1]]),
            279: (LONG, [page.size[0] * page.size[1]]),
        }
        values |= {tag: (LONG, [value]) for tag, value in page.tags}
        if children:
            values[CHILDREN] = (pointer, children)
        entries = b""
        for tag, (kind, numbers) in sorted(values.items()):
            form = {SHORT: "H", LONG: "I", IFD: "I", LONG8: "Q", IFD8: "Q"}[kind]
            value = struct.pack(f"{order}{len(numbers)}{form}", *numbers)
            if len(value) > width:
                file.extend(value)
                value = struct.pack(order + place_form, len(file) - len(value))
            entries += struct.pack(f"{order}HH{place_form}", tag, kind, len(numbers))
            entries += value.ljust(width, b"\0")
        start = len(file)
        file.extend(struct.pack(order + count_form, len(values)) + entries + bytes(width))
        return start, len(file) - width

    place = len(header) - width
    for page in pages:
        start, following = add(page)
        file[place : place + width] = struct.pack(order + place_form, start)
        place = following
    return bytes(file)


THUMBNAIL = Page(SMALL, ((NEW_SUBFILE_TYPE, 1),))
REFUSED = {
    "first": (THUMBNAIL, Page(LARGE)),
    "first, other bits too": (Page(SMALL, ((NEW_SUBFILE_TYPE, 3),)), Page(LARGE)),
    "first, old tag": (Page(SMALL, ((SUBFILE_TYPE, 2),)), Page(LARGE, ((SUBFILE_TYPE, 1),))),
    "parent": (Page(SMALL, THUMBNAIL.tags, (Page(LARGE),)),),
    "parent of several": (Page(SMALL, THUMBNAIL.tags, (Page(LARGE), Page(SMALL), THUMBNAIL)),),
    "parent that does not say so": (Page(SMALL, (), (Page(LARGE),)),),
    "raw child": (Page(SMALL, (), (Page(SMALL, ((PHOTOMETRIC, CFA),)),)),),
    "raw page": (Page(SMALL), Page(LARGE, ((PHOTOMETRIC, LINEAR_RAW),))),
}
READ = {
    "one": (Page(LARGE),),
    "one that says it is reduced": (THUMBNAIL,),
    "pyramid of pages": (Page(LARGE), THUMBNAIL),
    "pyramid of children": (Page(LARGE, (), (THUMBNAIL, Page(SMALL))),),
    "pages, a larger one later": (Page(SMALL, ((NEW_SUBFILE_TYPE, 2),)), Page(LARGE)),
    "pages, old tag": (Page(SMALL, ((SUBFILE_TYPE, 3),)), Page(LARGE, ((SUBFILE_TYPE, 3),))),
    "mask as large": (Page(LARGE, (), (Page(LARGE, ((NEW_SUBFILE_TYPE, 4),)),)),),
}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("pages", REFUSED.values(), ids=REFUSED)
def test_thumbnail_of_the_photo_is_refused(pages: tuple[Page, ...], order: str) -> None:
    with pytest.raises(ThumbnailOnly, match="only a thumbnail of the photo"):
        pixelate(make_tiff(*pages, order=order))


@pytest.mark.parametrize("pages", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("pointer", [LONG8, IFD8])
def test_thumbnail_in_a_bigtiff_is_refused(pages: tuple[Page, ...], pointer: int) -> None:
    with pytest.raises(ThumbnailOnly):
        pixelate(make_tiff(*pages, big=True, pointer=pointer))


def test_thumbnail_with_children_of_type_ifd_is_refused() -> None:
    with pytest.raises(ThumbnailOnly):
        pixelate(make_tiff(*REFUSED["parent"], pointer=IFD))


def test_preview_of_a_canon_raw_file_is_refused() -> None:
    with pytest.raises(ThumbnailOnly):
        pixelate(make_tiff(Page(SMALL), head=b"CR\2\0" + bytes(4)))


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("pages", READ.values(), ids=READ)
def test_first_picture_that_is_the_photo_is_read(pages: tuple[Page, ...], big: bool) -> None:
    (mosaic,) = pixelate(make_tiff(*pages, big=big), [8])
    assert (mosaic.width, mosaic.height) == pages[0].size


def test_pages_that_pillow_writes_are_read() -> None:
    pages = [make_scene(LARGE), make_scene(SMALL)]
    photo = encode(pages[1], "TIFF", save_all=True, append_images=pages[:1])
    assert decode(photo).size == SMALL
    assert pixelate(photo, [8])[0].width == SMALL[0]


def test_directories_that_follow_each_other_in_a_circle_end() -> None:
    photo = bytearray(make_tiff(Page(LARGE), Page(SMALL)))
    photo[-4:] = photo[4:8]
    check_first(BytesIO(photo))


@pytest.mark.parametrize("following", [0xFFFFFFF0, 1])
def test_directories_that_are_not_there_are_left_out(following: int) -> None:
    photo = bytearray(make_tiff(Page(LARGE)))
    photo[-4:] = struct.pack("<I", following)
    assert pixelate(bytes(photo), [8])[0].width == LARGE[0]


def test_file_stays_where_it_is() -> None:
    file = BytesIO(encode(Image.new("L", SMALL), "TIFF"))
    file.seek(5)
    check_first(file)
    assert file.tell() == 5
