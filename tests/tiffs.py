"""TIFF files of several pictures, laid out as tests want them."""

from __future__ import annotations

import struct
from dataclasses import dataclass

SHORT, LONG, IFD, LONG8, IFD8 = 3, 4, 13, 16, 18
"""Types of values."""

CHILDREN = 330


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
