"""The emulator refuses what AWS refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pixelater_cli.emulator.lambda_service.environment_pool import EmulatorSettings
from tests.functional.lambdas import start_bench
from tests.strictness.site import Site
from tests.strictness.suite import *  # noqa: F403
from tests.strictness.suite import make_site


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with start_bench(EmulatorSettings()) as bench:
        yield make_site(bench.url)
