"""Elements of ICC profiles: which of their bytes have a meaning, and which texts are well known.

Section numbers are those of ICC.1:2022 (https://www.color.org/specification/ICC.1-2022-05.pdf).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from math import prod

TYPES: dict[str, tuple[bytes, ...]] = {
    **dict.fromkeys(("rXYZ", "gXYZ", "bXYZ", "wtpt", "bkpt"), (b"XYZ ",)),
    **dict.fromkeys(("rTRC", "gTRC", "bTRC", "kTRC"), (b"curv", b"para")),
    **dict.fromkeys(("A2B0", "A2B1", "A2B2"), (b"mft1", b"mft2", b"mAB ")),
    **dict.fromkeys(("B2A0", "B2A1", "B2A2"), (b"mft1", b"mft2", b"mBA ")),
    "chad": (b"sf32",),
    "chrm": (b"chrm",),
    "cicp": (b"cicp",),
    "desc": (b"desc", b"mluc", b"text"),
    "cprt": (b"desc", b"mluc", b"text"),
}
"""The tags that are kept, each with the types of its element (section 9.2; bkpt is of version 2).

They define colors and name the profile. Others describe devices, measurements and viewing
conditions, or are private.
"""

NEUTRAL = {"desc": "Color profile", "cprt": "Copyright of its creator"}
"""Replacements of texts that could name a person; both tags are required (section 8.2)."""

KNOWN_TEXTS = frozenset(
    (
        # Names.
        "sRGB",
        "sRGB built-in",
        "sRGB IEC61966-2.1",
        "Display P3",
        "Adobe RGB (YYYY)",
        "Compatible with Adobe RGB (YYYY)",
        "Apple RGB",
        "ColorMatch RGB",
        "ProPhoto RGB",
        "Wide Gamut RGB",
        "eciRGB v2",
        "Rec. 709",
        "GIMP built-in sRGB",
        "Generic RGB Profile",
        "Generic Gray Profile",
        "Generic Gray Gamma 2.2 Profile",
        "Generic CMYK Profile",
        "Gray Gamma 2.2",
        "Dot Gain 20%",
        "Color LCD",
        "U.S. Web Coated (SWOP) v2",
        "Coated FOGRA39 (ISO 12647-2:YYYY)",
        # Copyrights.
        "CC0",
        "Public Domain",
        "No copyright, use freely",
        "no copyright, use freely",
        "This profile is free of known copyright restrictions",
        "Copyright YYYY Adobe Systems Incorporated",
        "Copyright YYYY Adobe Systems, Inc.",
        "Copyright Apple Inc., YYYY",
        "Copyright Apple Computer, Inc., YYYY",
        "Copyright (c) YYYY Google Inc.",
        "Copyright (c) YYYY Hewlett-Packard Company",
        "Copyright YYYY International Color Consortium",
    )
)
"""Names and copyrights of profiles that very many photos carry, with YYYY for a year."""

YEAR = re.compile(r"(19|20)\d\d")

PARAMETERS = (1, 3, 4, 5, 7)
"""Numbers of parameters of a parametric curve, by its function type (table 68)."""

DESCRIPTION_TAIL = bytes(4 + 4 + 2 + 1 + 67)
"""No Unicode and no ScriptCode text (ICC.1:2001-04, section 6.5.17)."""

Spans = Iterator[tuple[int, int]]
"""Ranges of bytes that have a meaning: start, stop."""


class NotAProfile(ValueError):
    """The data is not a valid ICC profile."""


def trim(element: bytes) -> bytes:
    """Return an element cut at its own length, with zeros where nothing has a meaning.

    Raises NotAProfile or struct.error if it is shorter than it should be.
    """
    spans = [(0, 4), *MEASURES[element[:4]](element, 0)]
    trimmed = bytearray(max(stop for _, stop in spans))
    if len(trimmed) > len(element):
        raise NotAProfile("an element ends before its data")
    for start, stop in spans:
        trimmed[start:stop] = element[start:stop]
    return bytes(trimmed)


def clean_text(tag: str, element: bytes, version: int) -> bytes:
    """Return an element with the same text if that is well known, else with a neutral one.

    Version 2 has textDescriptionType and textType (ICC.1:2001-04, sections 6.5.17 and 6.5.18),
    version 4 multiLocalizedUnicodeType (section 10.15), of which the first language is kept.
    """
    text = _read_text(element)
    if YEAR.sub("YYYY", text) not in KNOWN_TEXTS:
        text = NEUTRAL[tag]
    if version > 2:
        encoded = text.encode("utf-16-be")
        return struct.pack(">4s4xII4sII", b"mluc", 1, 12, b"enUS", len(encoded), 28) + encoded
    encoded = text.encode("ascii") + b"\0"
    if tag == "desc":
        return struct.pack(">4s4xI", b"desc", len(encoded)) + encoded + DESCRIPTION_TAIL
    return struct.pack(">4s4x", b"text") + encoded


def _read_text(element: bytes) -> str:
    """Read the text of an element; "" if there is none."""
    if element.startswith(b"mluc") and len(element) >= 28:
        length, start = struct.unpack_from(">II", element, 20)
        return element[start : start + length].decode("utf-16-be", "replace").rstrip("\0")
    start = 12 if element.startswith(b"desc") else 8
    return element[start:].partition(b"\0")[0].decode("latin-1")


def _measure_curve(element: bytes, at: int) -> Spans:
    """Section 10.6."""
    (count,) = struct.unpack_from(">I", element, at + 8)
    yield at + 8, at + 12 + 2 * count


def _measure_parametric(element: bytes, at: int) -> Spans:
    """Section 10.18."""
    (function,) = struct.unpack_from(">H", element, at + 8)
    if function >= len(PARAMETERS):
        raise NotAProfile("an unknown function of a parametric curve")
    yield at + 8, at + 10
    yield at + 12, at + 12 + 4 * PARAMETERS[function]


def _measure_chromaticity(element: bytes, at: int) -> Spans:
    """Section 10.2."""
    (channels,) = struct.unpack_from(">H", element, at + 8)
    yield at + 8, at + 12 + 8 * channels


def _measure_lut8(element: bytes, at: int) -> Spans:
    """Section 10.11."""
    inputs, outputs, points = struct.unpack_from(">3B", element, at + 8)
    yield at + 8, at + 11
    yield at + 12, at + 48 + 256 * (inputs + outputs) + points**inputs * outputs


def _measure_lut16(element: bytes, at: int) -> Spans:
    """Section 10.10."""
    inputs, outputs, points = struct.unpack_from(">3B", element, at + 8)
    entries = struct.unpack_from(">2H", element, at + 48)
    numbers = entries[0] * inputs + points**inputs * outputs + entries[1] * outputs
    yield at + 8, at + 11
    yield at + 12, at + 52 + 2 * numbers


def _measure_pipeline(element: bytes, at: int) -> Spans:
    """Sections 10.12 and 10.13: up to five stages; B and M curves are on the side of the PCS."""
    inputs, outputs = struct.unpack_from(">2B", element, at + 8)
    b_curves, matrix, m_curves, table, a_curves = struct.unpack_from(">5I", element, at + 12)
    inner, outer = (outputs, inputs) if element[:4] == b"mAB " else (inputs, outputs)
    yield at + 8, at + 10
    yield at + 12, at + 32
    for start, count in ((b_curves, inner), (m_curves, inner), (a_curves, outer)):
        if start:
            yield from _measure_curves(element, start, count)
    if matrix:
        yield matrix, matrix + 48
    if table:
        points = element[table : table + inputs]
        (size,) = struct.unpack_from(">B", element, table + 16)
        yield table, table + inputs
        yield table + 16, table + 17
        yield table + 20, table + 20 + prod(points) * outputs * size


def _measure_curves(element: bytes, start: int, count: int) -> Spans:
    """Measure curves stored one after the other, each at a multiple of four bytes."""
    for _ in range(count):
        name = element[start : start + 4]
        if name not in (b"curv", b"para"):
            raise NotAProfile("a stage without curves")
        spans = [(start, start + 4), *MEASURES[name](element, start)]
        yield from spans
        start = (spans[-1][1] + 3) // 4 * 4


MEASURES: dict[bytes, Callable[[bytes, int], Spans]] = {
    b"XYZ ": lambda _, at: iter([(at + 8, at + 20)]),
    b"curv": _measure_curve,
    b"para": _measure_parametric,
    b"sf32": lambda _, at: iter([(at + 8, at + 44)]),
    b"chrm": _measure_chromaticity,
    b"cicp": lambda _, at: iter([(at + 8, at + 12)]),
    b"mft1": _measure_lut8,
    b"mft2": _measure_lut16,
    b"mAB ": _measure_pipeline,
    b"mBA ": _measure_pipeline,
}
"""Type of element -> which bytes of it have a meaning, given where it begins.

Of one size are XYZ (section 10.31, one color), sf32 (section 10.22, the matrix of chad) and cicp
(section 10.3).
"""
