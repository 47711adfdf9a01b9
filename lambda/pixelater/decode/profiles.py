"""Color profiles (ICC) of mosaics: only what parses, and only what defines colors.

The profile of a photo is untrusted: it can be any text, or have bytes after its end, between its
tags or in private tags. So a profile is parsed and written again, which does not change one without
these. It is parsed here and not by LittleCMS, whose versions differ in what they accept, and which
takes milliseconds to load.

Section numbers are those of ICC.1:2022 (https://www.color.org/specification/ICC.1-2022-05.pdf).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import pairwise

from pixelater.decode.profile_elements import TYPES, NotAProfile, clean_text, trim

MAX_BYTES = 4 << 20
"""Larger than any profile of a press; each mosaic carries a copy."""

HEADER_BYTES = 128
MAX_TAGS = 200

CHANNELS = {b"RGB ": 3, b"GRAY": 1, b"CMYK": 4}
"""The color spaces that mosaics are written in (section 7.2.6), and their channels."""

CONNECTION_SPACES = (b"XYZ ", b"Lab ")
CLASSES = (b"scnr", b"mntr", b"prtr", b"spac")
"""Profiles that say what the values of an image mean (section 7.2.5)."""

VERSIONS = (2, 4)
PLATFORMS = (b"APPL", b"MSFT", b"SGI ", b"SUNW")
PROGRAMS = (b"lcms", b"appl", b"APPL", b"ADBE", b"Lino", b"HP  ", b"GOOG", b"argl")
"""Color management modules and creators that are kept (sections 7.2.3 and 7.2.17)."""

D50 = struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
"""The illuminant, always the same (section 7.2.16)."""

DEFINING: dict[bytes, tuple[str, ...]] = {
    b"RGB ": ("rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC"),
    b"GRAY": ("kTRC",),
}
"""The tags that define colors in a profile without tables (sections 8.3 and 8.4)."""

TABLES = ("A2B0", "A2B1", "A2B2")

Tags = dict[str, tuple[int, bytes]]
"""Tag -> where its element began, and the element, trimmed."""


def clean_profile(profile: object) -> bytes:
    """Return a color profile with nothing else in it; b"" if it is invalid.

    Removed are bytes after the declared length, tags that do not define colors, bytes between
    elements, the device's manufacturer and model, and texts that are not well known.
    """
    if not isinstance(profile, bytes):
        return b""  # A TIFF's tag can be of any type.
    try:
        return _rebuild(profile)
    except (NotAProfile, struct.error):
        return b""


def find_element(profile: bytes, tag: str) -> bytes:
    """Return the element of a tag of a profile that has been cleaned; b"" if it has none."""
    (count,) = struct.unpack_from(">I", profile, HEADER_BYTES)
    for name, start, length in struct.iter_unpack(">4sII", profile[132 : 132 + 12 * count]):
        if name == tag.encode("latin-1"):
            return profile[start : start + length]
    return b""


def has_tables(profile: bytes) -> bool:
    """Return whether a profile that has been cleaned defines colors by tables."""
    return any(find_element(profile, tag) for tag in TABLES)


def _rebuild(profile: bytes) -> bytes:
    (size,) = struct.unpack_from(">I", profile)
    if not HEADER_BYTES < size <= min(len(profile), MAX_BYTES):
        raise NotAProfile("it declares another size")
    data = profile[:size]
    version, space = data[8], data[16:20]
    if (
        data[36:40] != b"acsp"
        or version not in VERSIONS
        or data[12:16] not in CLASSES
        or space not in CHANNELS
        or data[20:24] not in CONNECTION_SPACES
    ):
        raise NotAProfile("invalid header")
    tags = dict(_read_tags(data, version, CHANNELS[space]))
    if not (tags.keys() & set(TABLES) or tags.keys() >= set(DEFINING.get(space, TABLES))):
        raise NotAProfile("no color data")
    return write_profile(data, tags)


def _read_tags(data: bytes, version: int, channels: int) -> Iterator[tuple[str, tuple[int, bytes]]]:
    """Read the tags that are kept (section 7.3). Raises NotAProfile."""
    (count,) = struct.unpack_from(">I", data, HEADER_BYTES)
    first = HEADER_BYTES + 4 + 12 * count
    if count > MAX_TAGS or first > len(data):
        raise NotAProfile("tag table exceeds the profile")
    entries: dict[str, tuple[int, int]] = {}
    for name, start, length in struct.iter_unpack(">4sII", data[HEADER_BYTES + 4 : first]):
        tag = name.decode("latin-1")
        if tag in entries or start < first or start + length > len(data):
            raise NotAProfile("duplicate tag, or tag out of bounds")
        entries[tag] = start, start + length
    kept = {tag: span for tag, span in entries.items() if tag in TYPES}
    if any(stop > start for (_, stop), (start, _) in pairwise(sorted(set(kept.values())))):
        raise NotAProfile("elements overlap")
    for tag, (start, stop) in kept.items():
        yield tag, (start, _clean_element(tag, data[start:stop], version, channels))


def _clean_element(tag: str, element: bytes, version: int, channels: int) -> bytes:
    if element[:4] not in TYPES[tag]:
        raise NotAProfile("a tag has an element of another type")
    if tag in ("desc", "cprt"):
        return clean_text(tag, element, version)
    expected = {"A2B": bytes((channels, 3)), "B2A": bytes((3, channels))}.get(tag[:3])
    if expected and element[8:10] != expected:
        raise NotAProfile("a table has other channels")
    return trim(element)


def write_profile(data: bytes, tags: Tags) -> bytes:
    """Lay out a profile: elements in the order they had, without gaps (section 7.4)."""
    place = HEADER_BYTES + 4 + 12 * len(tags)
    places: dict[tuple[int, bytes], int] = {}
    body = bytearray()
    for start, element in sorted(set(tags.values())):
        places[start, element] = place + len(body)
        body += element + bytes(-len(element) % 4)
    table = struct.pack(">I", len(tags))
    for tag, found in tags.items():
        table += struct.pack(">4sII", tag.encode("latin-1"), places[found], len(found[1]))
    return _write_header(data, place + len(body)) + table + body


def _write_header(data: bytes, size: int) -> bytes:
    """Write a header (section 7.2) with the fields that concern colors; the rest is zero."""
    program, creator = (name if name in PROGRAMS else b"" for name in (data[4:8], data[80:84]))
    platform = data[40:44] if data[40:44] in PLATFORMS else b""
    intent = data[67] if data[67] <= 3 else 0
    return b"".join(
        (
            struct.pack(">I4s", size, program),
            data[8:10] + b"\0\0",
            data[12:24],
            _clean_date(data[24:36]),
            struct.pack(">4s4s20xI", b"acsp", platform, intent),
            D50,
            struct.pack(">4s44x", creator),
        )
    )


def _clean_date(date: bytes) -> bytes:
    """Return a date and time (section 4.2) if it is plausible, else zeros."""
    year, *rest = struct.unpack(">6H", date)
    limits = (12, 31, 23, 59, 59)
    plausible = 1990 <= year < 2100 and all(map(int.__le__, rest, limits))
    return date if plausible else bytes(12)
