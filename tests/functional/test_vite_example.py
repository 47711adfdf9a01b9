"""examples/vite: built with npm, and looked at in Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from PIL import Image

from tests.browser import Tab
from tests.functional.command import Environment
from tests.functional.conftest import ROOT
from tests.functional.test_web_example import LOADED, emulator, tab, upload
from tests.pictures import encode

__all__ = ["emulator", "tab"]

pytestmark = pytest.mark.slow

EXAMPLE = ROOT / "examples" / "vite"
SECONDS = 300
MADE = ("node_modules", "dist", "package-lock.json")
"""What a user's build may have left in the checkout."""

Build = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def project(
    tmp_path: Path, clean_environment: Environment, report_missing: Callable[[str], NoReturn]
) -> Path:
    """A copy of the example with its packages, and with a photo and a file that is none."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        report_missing("Node.js and npm are not on the PATH")
    folder = tmp_path / "vite"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(*MADE))
    photo = encode(Image.new("RGB", (600, 400), (190, 40, 40)), "JPEG")
    (folder / "public" / "photos" / 'it\'s a "red" & <one>.jpg').write_bytes(photo)
    (folder / "public" / "photos" / "broken.jpg").write_bytes(b"not a photo")
    install = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(
        install,
        cwd=folder,
        env=clean_environment,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        report_missing("npm cannot install vite")
    return folder


@pytest.fixture
def build(project: Path, clean_environment: Environment) -> Build:
    """Return a function that builds the page with the programs of a PATH."""

    def run(path: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["npm", "run", "build"],
            cwd=project,
            env={**clean_environment, "PATH": path},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    return run


def test_built_page_shows_placeholders_without_a_script(
    project: Path, build: Build, emulator: str, tab: Tab
) -> None:
    built = build(f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert built.returncode == 0, built.stderr
    assert "photos/broken.jpg: " in built.stdout + built.stderr
    assert not (project / "package-lock.json").exists()
    tab.hold("*/photos/*")
    tab.open(f"{upload(emulator, project / 'dist')}/index.html")
    held = tab.run(
        "[...document.images].map((one) => [getComputedStyle(one).backgroundImage.slice(0, 9), "
        "Math.abs(one.clientWidth / one.clientHeight - 1.5) < .01, one.naturalWidth])"
    )
    assert held == [['url("data', True, 0]]
    tab.release()
    tab.wait_until(LOADED)
    assert tab.run("[shifts, document.scripts.length]") == [[], 0]


def test_build_without_pixelater_says_what_is_missing(
    project: Path, build: Build, tmp_path: Path
) -> None:
    """The PATH has Node.js only."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("node", "npm", "sh"):
        found = shutil.which(name)
        assert found
        (programs / name).symlink_to(found)
    built = build(str(programs))
    assert built.returncode != 0
    assert "pixelater cannot be run (ENOENT)" in built.stdout + built.stderr
    assert not (project / "dist" / "index.html").exists()
