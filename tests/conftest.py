"""What all tests share: asserts that show values, missing programs, how much hypothesis tries."""

from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
from hypothesis import settings
from PIL import Image

pytest.register_assert_rewrite("tests.pipeline", "tests.live.servers")
settings.register_profile("thorough", max_examples=10_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require-programs",
        action="store_true",
        help="fail, instead of skipping tests, when Chromium or the AWS CLI is missing",
    )


@pytest.fixture(scope="session")
def report_missing(pytestconfig: pytest.Config) -> Callable[[str], NoReturn]:
    """Skip a test because a program is missing; with --require-programs, fail it."""
    return pytest.fail if pytestconfig.getoption("--require-programs") else pytest.skip


@pytest.fixture(scope="module", autouse=True)
def _pillows_limit() -> Iterator[None]:
    """Put back Pillow's limit of pixels, which the engine sets for the process it runs in."""
    kept = Image.MAX_IMAGE_PIXELS
    yield
    Image.MAX_IMAGE_PIXELS = kept
