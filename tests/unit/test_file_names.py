"""Which names of files stay below a folder."""

from __future__ import annotations

import ntpath
import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelater_cli.local.file_names import find_problem

PARTS = st.sampled_from(
    [
        *("..", ".", "", "a", "..a", "...", ".. ", "a.", "C:", "c:x", "nul", "NUL.txt", "com1"),
        *("\\", "..\\..", "\\\\host\\share", "a:b", "x\0", "\n", "\x7f", "COM¹", "con .jpg", "~"),
    ]
)
NAMES = st.lists(PARTS | st.text(max_size=3), min_size=1, max_size=5).flatmap(
    lambda parts: st.sampled_from(["/".join(parts), "\\".join(parts), "".join(parts)])
)


@given(NAMES)
def test_name_without_problem_stays_below_on_posix(name: str) -> None:
    if not find_problem(name, windows=False):
        path = posixpath.normpath(posixpath.join("/base/out", name))
        assert path.startswith("/base/out/")
        assert "\0" not in path


@given(NAMES)
def test_name_without_problem_stays_below_on_windows(name: str) -> None:
    if not find_problem(name, windows=True):
        path = ntpath.normpath(ntpath.join("D:\\base\\out", name))
        assert path.startswith("D:\\base\\out\\")
        assert ":" not in path[2:]
        for part in path.split("\\"):
            assert part == part.rstrip(" .")
            assert part.split(".")[0].strip().lower() not in ("nul", "con", "com1", "com¹")


@pytest.mark.parametrize(
    ("name", "posix", "windows"),
    [
        ("a/b.jpg", "", ""),
        ("..a/b..jpg", "", ""),
        ("a//b.jpg", "", ""),
        ("concert/nully.com1.jpg", "", ""),
        ("été 2026/my photo+1.jpg", "", ""),
        ("12:30.jpg", "", "is not a file name on Windows"),
        ("a\nb.jpg", "", "is not a file name on Windows"),
        ("lpt9/a.jpg", "", "is not a file name on Windows"),
        ("a./b.jpg", "", "is not a file name on Windows"),
        ("C:/a.jpg", "", "leads out of {folder}"),
        ("C:a.jpg", "", "leads out of {folder}"),
        ("a\\..\\..\\b.jpg", "", "leads out of {folder}"),
        ("\\\\host\\share\\a.jpg", "", "leads out of {folder}"),
        ("a/../b.jpg", "leads out of {folder}", "leads out of {folder}"),
        ("/a.jpg", "leads out of {folder}", "leads out of {folder}"),
        ("//a.jpg", "leads out of {folder}", "leads out of {folder}"),
        ("a\0.jpg", "is not a file name", "is not a file name"),
        (".", "is not a file name", "is not a file name"),
    ],
)
def test_names_have_these_problems(name: str, posix: str, windows: str) -> None:
    assert (find_problem(name, windows=False), find_problem(name, windows=True)) == (posix, windows)
