"""Preview documents in pixelater's own emulator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.functional.serving import serve
from tests.live.conftest import clean, go_to
from tests.pipeline import Place
from tests.placeholders import *  # noqa: F403


@pytest.fixture(scope="module")
def place(
    tmp_path_factory: pytest.TempPathFactory, make_cache: Callable[[str], Path]
) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("placeholders")
    environment = clean(make_cache("pixelater"), folder)
    with serve(environment, folder) as serving:
        yield go_to(serving.url, environment, folder)
