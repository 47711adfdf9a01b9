"""Labels of contact sheets: what Pillow's own font lacks is spelt with what it has."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw

from pixelater_cli.gallery.contact_sheet import INK, _write


def draw(text: str) -> bytes:
    """Draw a label, and give its pixels."""
    image = Image.new("RGB", (400, 30), "white")
    _write(ImageDraw.Draw(image), (0, 0), text, 17, INK, 400)
    return image.tobytes()


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("Café-Müller.jpg", "Cafe-Muller.jpg"),
        ("Cafe\u0301.jpg", "Cafe.jpg"),
        ("Straße, Łódź, Ærø.jpg", "Strasse, Lodz, AEro.jpg"),
        ("写真.jpg", "??.jpg"),
        ("x\U0001f600\x07y.jpg", "x??y.jpg"),
    ],
)
def test_a_label_has_no_boxes(text: str, spelt: str) -> None:
    assert draw(text) == draw(spelt)


def test_what_the_font_has_stays() -> None:
    assert draw("a \u2026 b") != draw("a . b")
    assert draw("a \u2026 b") != draw("a ? b")
