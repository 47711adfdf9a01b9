"""The web page of `pixelater emulate` with photos in which regions are hidden, in Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser import open_tab
from tests.functional.serving import serve
from tests.functional.test_page import READY, await_mosaics, find_card
from tests.hidden_regions import FOUND, NOTHING, WORDS, deploy_stub, put
from tests.live.conftest import clean, go_to
from tests.pipeline import Place


@pytest.fixture
def place(tmp_path: Path, make_cache: Callable[[str], Path]) -> Iterator[Place]:
    environment = clean(make_cache("pixelater"), tmp_path)
    with serve(environment, tmp_path) as serving:
        yield go_to(serving.url, environment, tmp_path)


def test_page_says_that_nothing_was_found(place: Place, chromium: str, tmp_path: Path) -> None:
    hiding = deploy_stub(place, **WORDS)
    url = f"{place.name}/pixelater-page-bucket/index.html"
    with open_tab(chromium, tmp_path / "profile", url) as tab:
        tab.wait_until(READY)
        put(hiding, "found.png", FOUND)
        await_mosaics(tab, "found.png", 1)
        put(hiding, "nothing.png", NOTHING)
        card = f"({find_card('nothing.png')})"
        tab.wait_until(f"Boolean({card}?.querySelector('.quiet'))")
        told = tab.run(f"{card}.querySelector('.quiet').textContent")
        assert (told.startswith("Nothing to hide was found"), tab.problems) == (True, [])
