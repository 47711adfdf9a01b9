"""What all tests share: asserts in the modules that tests import show their values, too."""

import pytest

pytest.register_assert_rewrite("tests.pipeline", "tests.live.ministack")
