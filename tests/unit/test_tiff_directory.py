"""The thumbnail that comes first in a TIFF file is not taken for the photo."""

from __future__ import annotations

import struct
from io import BytesIO

import pytest

from pixelater import ThumbnailOnly, pixelate
from pixelater.decode.tiff_directory import TiffSource, find_photo
from tests.pictures import decode, encode, make_scene
from tests.tiffs import IFD, IFD8, LONG8, Page, make_tiff

SMALL, LARGE = (16, 12), (64, 48)
NEW_SUBFILE_TYPE, SUBFILE_TYPE, PHOTOMETRIC = 254, 255, 262
CFA, LINEAR_RAW = 32803, 34892

THUMBNAIL = Page(SMALL, ((NEW_SUBFILE_TYPE, 1),))
THUMBNAIL_FIRST = {
    "first": (THUMBNAIL, Page(LARGE)),
    "first, other bits too": (Page(SMALL, ((NEW_SUBFILE_TYPE, 3),)), Page(LARGE)),
    "first, old tag": (Page(SMALL, ((SUBFILE_TYPE, 2),)), Page(LARGE, ((SUBFILE_TYPE, 1),))),
    "parent": (Page(SMALL, THUMBNAIL.tags, (Page(LARGE),)),),
    "parent of several": (Page(SMALL, THUMBNAIL.tags, (Page(LARGE), Page(SMALL), THUMBNAIL)),),
    "parent that does not say so": (Page(SMALL, (), (Page(LARGE),)),),
}
RAW = {
    "raw child": (Page(SMALL, (), (Page(SMALL, ((PHOTOMETRIC, CFA),)),)),),
    "raw page": (Page(SMALL), Page(LARGE, ((PHOTOMETRIC, LINEAR_RAW),))),
    "mask only": (THUMBNAIL, Page(LARGE, ((NEW_SUBFILE_TYPE, 4),))),
    "reduced child": (Page(SMALL, THUMBNAIL.tags, (Page(LARGE, ((NEW_SUBFILE_TYPE, 1),)),)),),
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
@pytest.mark.parametrize("pages", THUMBNAIL_FIRST.values(), ids=THUMBNAIL_FIRST)
def test_photo_after_its_thumbnail_is_read(pages: tuple[Page, ...], order: str) -> None:
    (mosaic,) = pixelate(make_tiff(*pages, order=order), [8])
    assert (mosaic.width, mosaic.height) == LARGE


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("pages", THUMBNAIL_FIRST.values(), ids=THUMBNAIL_FIRST)
@pytest.mark.parametrize("pointer", [LONG8, IFD8])
def test_photo_after_its_thumbnail_in_a_bigtiff_is_read(
    pages: tuple[Page, ...], pointer: int, order: str
) -> None:
    (mosaic,) = pixelate(make_tiff(*pages, order=order, big=True, pointer=pointer), [8])
    assert (mosaic.width, mosaic.height) == LARGE


def test_photo_in_children_of_type_ifd_is_read() -> None:
    (mosaic,) = pixelate(make_tiff(*THUMBNAIL_FIRST["parent"], pointer=IFD), [8])
    assert (mosaic.width, mosaic.height) == LARGE


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("pages", RAW.values(), ids=RAW)
def test_thumbnail_of_what_cannot_be_read_is_refused(pages: tuple[Page, ...], order: str) -> None:
    with pytest.raises(ThumbnailOnly, match="only a thumbnail; the photo itself cannot be read"):
        pixelate(make_tiff(*pages, order=order))


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


def test_circular_directories_end() -> None:
    photo = bytearray(make_tiff(Page(LARGE), Page(SMALL)))
    photo[-4:] = photo[4:8]
    photo_found = find_photo(TiffSource(BytesIO(photo)))
    assert photo_found is not None and photo_found.pixels == LARGE[0] * LARGE[1]


@pytest.mark.parametrize("following", [0xFFFFFFF0, 1])
def test_missing_directories_are_ignored(following: int) -> None:
    photo = bytearray(make_tiff(Page(LARGE)))
    photo[-4:] = struct.pack("<I", following)
    assert pixelate(bytes(photo), [8])[0].width == LARGE[0]
