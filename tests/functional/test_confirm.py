"""At a terminal, what would be changed and where is shown before it is; a no changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.functional.conftest import Pixelater
from tests.functional.terminals import answer


@pytest.mark.parametrize(
    ("command", "memory"), [(["deploy", "--memory", "512"], 1024), (["destroy"], 1024)]
)
def test_a_no_changes_nothing_and_is_told(
    pixelater: Pixelater,
    clean_environment: dict[str, str],
    moto: str,
    connect: Callable[[str], Any],
    tmp_path: Path,
    command: list[str],
    memory: int,
) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    code, shown = answer("n", tmp_path, clean_environment, *command, "--endpoint-url", moto)
    first, *_, last = [line for line in shown.splitlines() if line != "n"]
    assert (code, last) == (3, "Nothing was changed.")
    assert first == f"Account 123456789012, us-east-1 at {moto}"
    found = connect("lambda").get_function_configuration(FunctionName="pixelater-function")
    assert found["MemorySize"] == memory
