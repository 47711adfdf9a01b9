"""Signs of life on a terminal, and advice on stderr."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.functional.conftest import Pixelater
from tests.functional.terminals import await_sign
from tests.pictures import encode, make_noise, make_scene


@pytest.mark.parametrize("out", ["-", "mosaics"])
@pytest.mark.parametrize("options", [[], ["--grids", "16"]])
def test_command_that_waits_for_a_photo_shows_a_sign(
    clean_environment: dict[str, str], tmp_path: Path, out: str, options: list[str]
) -> None:
    arguments = ["run", "-", "--out", out, *(options or ["--grids", "8"])]
    photo = encode(make_scene())
    code, data = await_sign(clean_environment, tmp_path, "pixelating", photo, *arguments)
    assert (code, data[:4] == b"\x89PNG") == (0, out == "-")


def test_what_auto_would_save_is_told_on_stderr(pixelater: Pixelater, tmp_path: Path) -> None:
    photo = make_noise("RGB", (40, 30)).resize((2400, 1800))
    (tmp_path / "large.jpg").write_bytes(encode(photo, "JPEG"))
    done = pixelater("run", "large.jpg", "--grids", "8")
    advice = "For exact colors, add --format auto: the 8x8 mosaic would take "
    assert (done.code, done.err.startswith(advice), advice in done.out) == (0, True, False)
    assert pixelater("run", "large.jpg", "--grids", "8", "--force", "--quiet").err == ""
    assert pixelater("run", "large.jpg", "--grids", "8", "--format", "png").err == ""


def test_small_mosaics_are_no_reason_for_advice(pixelater: Pixelater, photo: Path) -> None:
    assert pixelater("run", "photo.jpg").err == ""
