"""The contract with moto: every private part that is replaced or used, and what moving one says."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from pixelater_cli.emulator.moto_adapter import patching
from pixelater_cli.emulator.pipeline import start_emulator
from pixelater_cli.emulator.serve.keeper import Keeper
from pixelater_cli.errors import EmulatorError

PARTS = [
    pytest.param(part, id=f"{part[0].__name__}.{part[1]}")
    for part in {**patching.REPLACED, **patching.USED}
]


def test_this_moto_is_put_together_as_is_known() -> None:
    patching.check_moto()


@pytest.mark.parametrize("part", PARTS)
def test_when_moto_drops_a_part_the_emulator_names_it_and_says_what_to_do(
    part: patching.MotoAttribute, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, name = part
    monkeypatch.setattr(owner, name, None)
    with pytest.raises(EmulatorError, match=rf"{owner.__name__}\.{name} does not exist") as caught:
        start_emulator().__enter__()
    assert caught.value.hint.startswith("Install a supported version: pip install 'moto==")


@pytest.mark.parametrize("part", PARTS)
def test_when_moto_changes_a_parts_parameters_the_emulator_tells_both(
    part: patching.MotoAttribute, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, name = part
    monkeypatch.setattr(owner, name, lambda self, something_new: None)
    with pytest.raises(EmulatorError, match=r"takes \(self, something_new\), expected \("):
        patching.check_moto()


def test_at_the_end_all_parts_are_motos_again(tmp_path: Path) -> None:
    before = {part: inspect.getattr_static(*part) for part in patching.REPLACED}
    with start_emulator(enforce_iam=True, keeper=Keeper(tmp_path)):
        during = {part: inspect.getattr_static(*part) for part in patching.REPLACED}
    assert {part for part in before if before[part] is during[part]} == set()
    assert {part: inspect.getattr_static(*part) for part in patching.REPLACED} == before
