"""Help pages in a narrow terminal."""

from __future__ import annotations

import pytest

from tests.functional.conftest import Pixelater


@pytest.mark.parametrize("command", [(), ("run",), ("push",)])
def test_help_fits_40_columns_but_for_headings_and_what_is_set_by_hand(
    pixelater: Pixelater, command: tuple[str, ...]
) -> None:
    done = pixelater(*command, "--help", COLUMNS="40")
    too_long = [line for line in done.out.splitlines() if len(line) > 40]
    assert done.code == 0
    assert [line for line in too_long if not line.startswith("    ") and line[-1] != ":"] == []
