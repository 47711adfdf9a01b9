"""Photos with hidden regions in pixelater's own emulator, where roles are enforced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.functional.serving import serve
from tests.hidden_regions import *  # noqa: F403
from tests.live.conftest import clean, go_to
from tests.pipeline import Place


@pytest.fixture(scope="module")
def place(
    tmp_path_factory: pytest.TempPathFactory, make_cache: Callable[[str], Path]
) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("hidden")
    environment = clean(make_cache("pixelater"), folder)
    with serve(environment, folder, "--enforce-iam") as serving:
        yield go_to(serving.url, environment, folder)
