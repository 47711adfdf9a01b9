"""Pictures of the pages are what their scripts draw."""

from __future__ import annotations

from PIL import Image

from docs import draw_looks, draw_terminal
from docs.console import ROOT


def test_picture_of_the_terminal_is_that_of_its_script() -> None:
    """`python -m docs.draw_terminal` writes it again."""
    picture = (ROOT / "docs" / "terminal.svg").read_text("utf-8")
    assert picture == draw_terminal.draw()
    assert "▀" not in picture  # Its width depends on the font.
    assert "url(http" not in picture


def test_gallery_of_looks_is_that_of_its_script() -> None:
    """`python -m docs.draw_looks` writes it again."""
    with Image.open(ROOT / "docs" / "looks.png") as picture:
        assert picture.tobytes() == draw_looks.draw().tobytes()
