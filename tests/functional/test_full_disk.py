"""What `pixelater` says where a disk, or what is behind stdout, takes no more."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.functional.conftest import Pixelater

FULL = (
    "error: cannot write to stdout: no space left on device\n"
    "  Redirect it to another file or disk.\n"
)


def test_a_closed_or_full_stdout_is_no_bug(clean_environment: dict[str, str], photo: Path) -> None:
    for redirection, code, told in ((">&-", 0, ""), (">/dev/full", 1, FULL)):
        command = f"run photo.jpg --grids 8 {redirection}"
        done = _run_in_shell(command, photo.parent, clean_environment)
        assert (done.returncode, done.stderr) == (code, told)


@pytest.mark.parametrize(
    "arguments",
    ["--help", "run --help", "--version", "run photo.jpg --json", "run photo.jpg --show"],
)
def test_a_full_disk_behind_stdout_is_told_in_words(
    clean_environment: dict[str, str], photo: Path, arguments: str
) -> None:
    done = _run_in_shell(f"{arguments} > /dev/full", photo.parent, clean_environment)
    assert (done.returncode, done.stderr) == (1, FULL)


def test_an_error_whose_document_stdout_does_not_take_is_told_in_words(
    clean_environment: dict[str, str], tmp_path: Path
) -> None:
    done = _run_in_shell("status --json > /dev/full", tmp_path, clean_environment)
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "error: no AWS region is set")


def test_mosaics_saved_before_a_photo_failed_are_told(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    (tmp_path / "pixelated" / "pixelated-16x16-photo.jpg").mkdir(parents=True)
    done = pixelater("run", "photo.jpg", "--grids", "8,16,32", "--json")
    (told,) = json.loads(done.out)["photos"]
    assert done.code == 1
    assert [one["path"] for one in told["mosaics"]] == ["pixelated/pixelated-8x8-photo.jpg"]
    assert told["error"] == (
        "cannot write pixelated/pixelated-16x16-photo.jpg: is a directory;"
        " 1 of 3 mosaics were saved"
    )
    assert pixelater("run", "photo.jpg", "--grids", "8,16,32").out == ""


def _run_in_shell(
    arguments: str, folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run pixelater with arguments and redirections."""
    return subprocess.run(  # noqa: S602
        f"{sys.executable} -m pixelater_cli {arguments}",
        shell=True,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_deploy_goes_on_when_the_reader_of_its_steps_goes_away(
    moto: str, clean_environment: dict[str, str], tmp_path: Path
) -> None:
    for more in ("", "-v"):
        command = f"deploy --yes {more} --endpoint-url {moto} 2>&1 | head -n 2"
        done = _run_in_shell(command, tmp_path, clean_environment)
        assert len(done.stdout.splitlines()) == 2
        done = _run_in_shell(f"deploy --plan --endpoint-url {moto}", tmp_path, clean_environment)
        assert done.returncode == 0, done.stdout
        command = f"destroy --purge --yes --endpoint-url {moto} 2>&1 | head -n 2"
        done = _run_in_shell(command, tmp_path, clean_environment)
        done = _run_in_shell(f"destroy --plan --endpoint-url {moto}", tmp_path, clean_environment)
        assert (done.returncode, "Nothing to remove" in done.stdout) == (0, True)
