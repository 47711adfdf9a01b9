"""Preview documents as bytes: written and parsed again, and refused if they are damaged."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelater import Preview, make_preview
from pixelater.placeholder.document import (
    BadDocument,
    LaterFormat,
    NamedMosaic,
    PreviewDocument,
    format_document,
    parse_document,
)
from tests.pictures import encode, make_noise, make_scene

PREVIEW = Preview(
    4, 3, "#0a0b0c", "3ggGFQYbdzCXWI9TtkeqSnHgTwjK", "LHHeI2%h4oxA0fI9JCbxib~Txa9H", ""
)
MOSAIC = NamedMosaic("in/pixelated-8x8-a.jpg", 8, 0, 4, 3, "image/jpeg")
DOCUMENT = PreviewDocument("in/a.jpg", PREVIEW, (MOSAIC,))
VALUES: dict[str, Any] = json.loads(format_document(DOCUMENT))


def change(**values: object) -> bytes:
    """Return the document with other values; None leaves a field out."""
    changed = {**VALUES, **values}
    return json.dumps({k: v for k, v in changed.items() if v is not None}).encode()


@pytest.mark.parametrize(
    "make",
    [lambda: make_scene((64, 48)), lambda: make_noise("RGBA", (9, 300))],
    ids=["RGB", "RGBA"],
)
@pytest.mark.parametrize("budget", [0, 90, 400, 3000])
def test_document_of_any_preview_is_parsed(make: Callable[[], Any], budget: int) -> None:
    preview = make_preview(encode(make()), budget)
    document = PreviewDocument("trips/a b.jpg", preview, (MOSAIC, MOSAIC), budget)
    assert parse_document(format_document(document)) == document


@given(st.text())
def test_document_of_any_key_is_ascii_and_parsed(key: str) -> None:
    document = replace(DOCUMENT, photo=key)
    data = format_document(document)
    assert (data.isascii(), parse_document(data)) == (True, document)


def test_unknown_fields_of_a_document_are_passed_over() -> None:
    assert parse_document(change(added={"any": 1})) == DOCUMENT


def test_document_of_a_later_format_is_told_from_a_damaged_one() -> None:
    with pytest.raises(LaterFormat, match="it has format 2, of a later pixelater"):
        parse_document(change(version=2, data_uri=5))


NOT_JSON, NOT_ONE = "it is not JSON", "it is not a preview document"
DAMAGED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", NOT_JSON),
    "cut": (format_document(DOCUMENT)[:-9], NOT_JSON),
    "not text": (b"\xff\xfe\x00", NOT_JSON),
    "nested": (b"[" * 100_000, NOT_JSON),
    "a list": (b"[1]", NOT_ONE),
    "another document": (b'{"regions": []}', NOT_ONE),
    "a version that is none": (change(version=True), NOT_ONE),
    **{
        f"without {name}": (change(**{name: None}), f"its {name} is missing or wrong")
        for name in VALUES
        if name != "version"
    },
    **{
        f"{name}: {value!r}": (change(**{name: value}), f"its {name} is missing or wrong")
        for name, value in (
            ("photo", 5),
            ("width", -1),
            ("width", 4.5),
            ("height", True),
            ("dominant_color", "red; background: url(//example.com)"),
            ("dominant_color", "#0a0b0c\n"),
            ("thumbhash", "javascript:alert(1)"),
            ("blurhash", "<script>"),
            ("data_uri", "https://example.com/track.gif"),
            ("data_uri", "data:text/html;base64,AAAA"),
            ("data_uri", "data:image/svg+xml;base64,AAAA"),
            ("data_uri", 'data:image/png;base64,AAAA) url("//example.com")'),
            ("has_alpha", 1),
            ("warnings", "text"),
            ("warnings", [1]),
            ("mosaics", {}),
        )
    },
    "a mosaic without key": (change(mosaics=[{"grid": 8}]), "its key is missing or wrong"),
    "a mosaic that is none": (change(mosaics=[8]), "an entry is not an object"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_document_is_refused(name: str) -> None:
    data, message = DAMAGED[name]
    with pytest.raises(BadDocument) as caught:
        parse_document(data)
    assert (type(caught.value), str(caught.value)) == (BadDocument, message)
