"""What all tests share: asserts in modules they import show values; how much hypothesis tries."""

from collections.abc import Iterator

import pytest
from hypothesis import settings
from PIL import Image

pytest.register_assert_rewrite("tests.pipeline", "tests.live.servers")
settings.register_profile("thorough", max_examples=10_000)


@pytest.fixture(scope="module", autouse=True)
def _pillows_limit() -> Iterator[None]:
    """Put back Pillow's limit of pixels, which the engine sets for the process it runs in."""
    kept = Image.MAX_IMAGE_PIXELS
    yield
    Image.MAX_IMAGE_PIXELS = kept
