"""What all tests share: asserts in modules they import show values; how much hypothesis tries."""

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("tests.pipeline", "tests.live.ministack")
settings.register_profile("thorough", max_examples=10_000)
