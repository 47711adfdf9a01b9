"""Folders of emulators in the temporary directory: removed at the end, or by the next emulator."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pixelater_cli.emulator.scratch_folder import (
    PREFIX,
    create_scratch_folder,
    remove_abandoned,
    remove_folder,
)
from pixelater_cli.local.files import locked

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty temporary directory."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def make_folder(parent: Path, name: str) -> Path:
    """Make a folder as a killed emulator leaves it, with code that is read-only."""
    folder = parent / name
    code = folder / "code" / "abc" / "package"
    code.mkdir(parents=True)
    (code / "module.py").write_bytes(b"")
    for entry in (code, code.parent):
        entry.chmod(0o555)
    (folder / "lock").touch()
    return folder


def test_folder_of_a_running_emulator_is_left(temporary: Path) -> None:
    with create_scratch_folder() as folder:
        remove_abandoned()
        assert (folder / "lock").is_file()
        assert folder.parent == temporary
    assert list(temporary.iterdir()) == []


def test_folder_of_a_killed_emulator_is_removed(temporary: Path) -> None:
    abandoned = make_folder(temporary, f"{PREFIX}abandoned")
    elsewhere = make_folder(temporary.parent, "elsewhere")
    (abandoned / "link").symlink_to(elsewhere)
    with create_scratch_folder():
        assert not abandoned.exists()
    assert (elsewhere / "code" / "abc" / "package" / "module.py").is_file()
    assert (elsewhere / "code" / "abc").stat().st_mode & 0o777 == 0o555


def make_link(temporary: Path) -> Path:
    make_folder(temporary.parent, "target")
    link = temporary / f"{PREFIX}link"
    link.symlink_to(temporary.parent / "target")
    return link


def make_unlocked(temporary: Path) -> Path:
    folder = make_folder(temporary, f"{PREFIX}starting")
    (folder / "lock").unlink()
    return folder


KEPT: list[Callable[[Path], Path]] = [
    lambda temporary: make_folder(temporary, "pixelater-other"),
    lambda temporary: make_folder(temporary, "other"),
    make_link,
    make_unlocked,
]


@pytest.mark.parametrize("make", KEPT)
def test_folder_of_something_else_is_left(temporary: Path, make: Callable[[Path], Path]) -> None:
    folder = make(temporary)
    remove_abandoned()
    assert (folder / "code" / "abc" / "package" / "module.py").is_file()


def test_folder_of_another_user_is_left(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_folder(temporary, f"{PREFIX}abandoned")
    monkeypatch.setattr("os.getuid", lambda: folder.stat().st_uid + 1)
    remove_abandoned()
    assert folder.is_dir()


def test_folder_removed_while_starting_is_created_again(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another emulator gets the lock before the one that has created the folder."""
    removals = [remove_folder]

    @contextmanager
    def lose_lock(path: Path, *, wait: bool) -> Iterator[None]:
        with locked(path, wait=wait):
            if removals:
                removals.pop()(path.parent)
            yield

    monkeypatch.setattr("pixelater_cli.emulator.scratch_folder.locked", lose_lock)
    with create_scratch_folder() as folder:
        assert list(temporary.iterdir()) == [folder]
        assert (folder / "lock").is_file()
