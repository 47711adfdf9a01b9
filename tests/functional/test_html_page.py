"""The page of `pixelater run --html` in a browser: sliders and switches, without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pixelater import Style, pixelate
from pixelater.thumbnails import make_thumbnails
from pixelater_cli.gallery.html_page import make_page
from tests.browser import Tab, open_tab
from tests.page_checks import count_roles, find_unnamed, list_low_contrasts
from tests.pictures import encode, make_scene

CLIP = "getComputedStyle(document.querySelectorAll('.before')[{}]).clipPath"
EDGE = "document.querySelector('.edge').getBoundingClientRect().x"
BOX = (
    "(b => [b.x, b.y, b.width, b.height])"
    "(document.querySelector('.slider').getBoundingClientRect())"
)
SHOWN = (
    "[...document.querySelectorAll('.after')]"
    ".filter(e => getComputedStyle(e).visibility === 'visible').map(e => e.innerText.trim())"
)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page of an oblong and an upright photo."""
    previews = []
    for size in ((300, 200), (200, 300)):
        photo = encode(make_scene(size))
        previews.append(make_thumbnails(photo, pixelate(photo, [8, 16, 32])))
    path = tmp_path / "page.html"
    path.write_text(make_page(["a <b>.png", "b.png"], previews), "utf-8")
    return path


@pytest.fixture
def tab(page: Path, chromium: str, tmp_path: Path) -> Iterator[Tab]:
    """The page without JavaScript, and without errors at the end."""
    with open_tab(chromium, tmp_path / "profile", page.as_uri()) as opened:
        opened.call("Emulation.setScriptExecutionDisabled", value=True)
        opened.resize(1100, 900)
        yield opened
        assert opened.problems == []
        assert all(url.startswith(("file:", "data:")) for url in opened.requests)


def test_edge_follows_the_mouse_and_stays_after_a_click(tab: Tab) -> None:
    left, top, width, height = tab.run(BOX)
    tab.wait_until(f"{CLIP.format(0)} === 'inset(0px 50% 0px 0px)'")
    tab.point(left + width * 0.25, top + height / 2)
    tab.wait_until(f"{CLIP.format(0)} === 'inset(0px 75% 0px 0px)'")
    tab.point(left + width * 0.9, top + height / 2, click=True)
    tab.point(left + width / 2, top - 20)
    tab.wait_until(f"{CLIP.format(0)} === 'inset(0px 10% 0px 0px)'")
    assert tab.run(CLIP.format(1)) == "inset(0px 50% 0px 0px)"


def test_edge_moves_with_arrow_keys(tab: Tab) -> None:
    tab.run("document.querySelector('.stops input:checked').focus()")
    tab.press("ArrowRight")
    tab.press("ArrowRight")
    tab.wait_until(f"{CLIP.format(0)} === 'inset(0px 40% 0px 0px)'")
    assert tab.run("document.activeElement.ariaLabel") == "60 %"


def test_edge_follows_the_finger_on_a_phone(tab: Tab) -> None:
    tab.touch(390, 844)
    left, top, width, height = tab.run(BOX)
    tab.wait_until(f"Math.abs({EDGE} - {left + width / 2}) < 3")
    tab.swipe((left + width / 2, top + height / 2), -100)
    tab.wait_until(f"{EDGE} < {left + width / 2 - 60}")
    images = "[...document.querySelectorAll('.pin > *')].map(e => e.getBoundingClientRect().x)"
    pictures = "[...document.querySelectorAll('.slider:first-child .pin > :is(img, svg)')]"
    assert tab.run(f"new Set({pictures}.map(e => e.getBoundingClientRect().x)).size") == 1
    assert tab.run(images)[0] == left


def test_switch_chooses_the_mosaic_of_all_photos(tab: Tab) -> None:
    assert tab.run(SHOWN) == ["after, 16 x 16"] * 2
    for clicked in ("#cells-3", "section:nth-of-type(2) label[for=cells-1]"):
        tab.run(f"document.querySelector('{clicked}').click()")
        shown = "after, 32 x 32" if clicked == "#cells-3" else "after, 8 x 8"
        assert tab.run(SHOWN) == [shown] * 2


@pytest.mark.parametrize(
    ("kind", "expected"), [("before", "none visible"), ("after", "inset(0px 50% 0px 0px) hidden")]
)
@pytest.mark.parametrize("phone", [False, True])
def test_switch_shows_only_photos_or_mosaics(
    tab: Tab, kind: str, expected: str, phone: bool
) -> None:
    if phone:
        tab.touch(390, 844)
    tab.run(f"document.querySelector('#only-{kind}').click()")
    style = "getComputedStyle(document.querySelector('.before'))"
    tab.wait_until(f"`${{{style}.clipPath}} ${{{style}.visibility}}` === '{expected}'")
    assert tab.run("getComputedStyle(document.querySelector('.edge')).display") == "none"


def test_strip_shows_each_mosaic(tab: Tab) -> None:
    boxes = tab.run(
        "[...document.querySelectorAll('.strip use')].map(e => e.getBoundingClientRect())"
        ".map(b => b.width > 50 && b.height > 50)"
    )
    assert boxes == [True] * 6
    strips = "[...document.querySelectorAll('.strip')].map(e => e.innerText.split('\\n').length)"
    assert tab.run(strips) == [3, 3]


def test_page_is_accessible_in_both_schemes_and_on_phones(tab: Tab) -> None:
    assert find_unnamed(tab) == []
    assert count_roles(tab, "radiogroup") == 2
    for dark in (False, True):
        tab.show_dark(dark)
        assert list_low_contrasts(tab) == []
    for width, height in ((1100, 900), (390, 844)):
        tab.resize(width, height)
        assert tab.run("document.documentElement.scrollWidth") <= width
    tab.touch(390, 844)
    assert tab.run("document.documentElement.scrollWidth") == 390


def test_switch_names_grids_where_numbers_of_cells_differ() -> None:
    previews = []
    for size in ((300, 200), (200, 300)):
        photo = encode(make_scene(size))
        previews.append(make_thumbnails(photo, pixelate(photo, [6, 12], Style(cells="square"))))
    page = make_page(["a", "b"], previews)
    assert 'aria-label="6 cells">6 cells</label>' in page
    assert [f"after, {n}" in page for n in ("6 x 4", "4 x 6", "12 x 8")] == [True] * 3
