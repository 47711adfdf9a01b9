"""Labels of contact sheets: names are transliterated to ASCII."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw

from pixelater_cli.gallery.contact_sheet import TEXT_COLOR, _write


def draw(text: str) -> bytes:
    """Draw a label, and return its pixels."""
    image = Image.new("RGB", (400, 30), "white")
    _write(ImageDraw.Draw(image), (0, 0), text, 17, TEXT_COLOR, 400)
    return image.tobytes()


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("Café-Müller.jpg", "Cafe-Muller.jpg"),
        ("Cafe\u0301.jpg", "Cafe.jpg"),
        ("Straße, Łódź, Ærø.jpg", "Strasse, Lodz, Aero.jpg"),
        ("写真.jpg", "XieZhen.jpg"),
        ("Москва.jpg", "Moskva.jpg"),
        ("x\U0001f600\x07y.jpg", "x:grinning:?y.jpg"),
    ],
)
def test_label_is_transliterated_to_ascii(text: str, spelt: str) -> None:
    assert draw(text) == draw(spelt)
