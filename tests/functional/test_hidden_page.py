"""The page of `pixelater run --html` where regions are hidden."""

from __future__ import annotations

import io
import json
import re
from base64 import b64decode
from pathlib import Path

import pytest
from PIL import Image

from tests.browser import open_tab
from tests.functional.conftest import Pixelater
from tests.page_checks import find_unnamed, list_low_contrasts
from tests.pictures import encode, make_noise

REGIONS = {"a.png": ["8,4,16,16", "30,10,5,5"], "b <i>.jpg": ["0,0,50%,50%"]}


@pytest.fixture
def page(pixelater: Pixelater, tmp_path: Path) -> Path:
    """The page of two photos with regions, one without, a damaged one, and a PDF."""
    folder = tmp_path / "album"
    folder.mkdir()
    (folder / "a.png").write_bytes(encode(make_noise("RGB", (40, 30), 1)))
    (folder / "b <i>.jpg").write_bytes(encode(Image.new("RGB", (400, 300), "teal"), "JPEG"))
    (folder / "c.png").write_bytes(encode(make_noise("RGB", (40, 30), 3)))
    (folder / "d.png").write_bytes(b"\x89PNG")
    (folder / "e.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "regions.json").write_text(json.dumps(REGIONS))
    done = pixelater("run", "album", "--regions", "regions.json", "--solid", "--html", "page.html")
    assert done.code == 1
    return tmp_path / "page.html"


def test_page_lists_what_is_hidden_and_what_is_not_processed(page: Path) -> None:
    text = page.read_text()
    cells = re.findall(r"<td>([^<]*)</td>", text.replace("<td></td>", ""))
    assert cells == [
        *("1", "region", "8", "4", "16", "16", "1.00"),
        *("2", "region", "30", "10", "5", "5", "1.00"),
        *("1", "region", "0", "0", "208", "160", "1.00"),
    ]
    missing = [line.partition(": ")[0] for line in re.findall(r"<li>(.*)</li>", text)]
    assert missing == ["album/c.png", "album/d.png", "album/e.pdf"]
    assert "3 regions in 2 photos" in text
    assert re.findall(r"<h2>(.*)</h2>", text)[1:] == ["album/a.png", "album/b &lt;i&gt;.jpg"]


def test_page_shows_none_of_the_hidden_pixels(page: Path) -> None:
    data = re.findall(r"data:[a-z/]+;base64,([^\"]+)", page.read_text())
    shown = [Image.open(io.BytesIO(b64decode(each))).convert("L") for each in data]
    assert [image.size for image in shown] == [(40, 30), (400, 300)]
    assert max(shown[0].crop((10, 6, 22, 18)).tobytes()) < 30
    assert max(shown[1].crop((10, 10, 190, 140)).tobytes()) < 30


def test_page_is_accessible_in_both_schemes(page: Path, chromium: str, tmp_path: Path) -> None:
    with open_tab(chromium, tmp_path / "profile", page.as_uri()) as tab:
        tab.resize(1100, 900)
        assert find_unnamed(tab) == []
        for dark in (False, True):
            tab.show_dark(dark)
            assert list_low_contrasts(tab) == []
        tab.touch(390, 844)
        assert tab.run("document.documentElement.scrollWidth") == 390
        assert tab.problems == []


def test_page_is_written_where_nothing_is_found(pixelater: Pixelater, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encode(make_noise("RGB", (40, 30), 1)))
    (tmp_path / "regions.json").write_text("[]")
    pixelater("run", "a.png", "--regions", "regions.json", "--html", "page.html")
    assert "a.png: no regions found" in (tmp_path / "page.html").read_text()
