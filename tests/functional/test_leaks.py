"""No sharp output is left when a detector fails, a disk is full, or a process is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from pixelater_cli.local.model_store import find_folder
from pixelater_detectors.models import MODELS
from tests.functional.conftest import SECONDS, Environment, Pixelater, start

if sys.platform == "win32":
    pytest.skip("signals and limits are POSIX's", allow_module_level=True)
pytest.importorskip("av", reason="PyAV is not installed")

from tests.clips import read_clip, write_clip

SECRET_COLOR = 255, 0, 255
"""The color that is hidden in all inputs."""

BOX = 40, 30, 120, 90
COMMAND = sys.executable, "-m", "pixelater_cli", "run", "album", "--out", "out"
REGION = ("--region", "40,30,80,60", "--solid", "--solid-color", "black")


@pytest.fixture
def environment(clean_environment: Environment, tmp_path: Path) -> Environment:
    """Temporary files and the cache are in folders of this test."""
    for name in ("temp", "cache"):
        (tmp_path / name).mkdir()
    folders = {"TMPDIR": str(tmp_path / "temp"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    return clean_environment | folders


def draw(count: int, size: tuple[int, int] = (320, 240)) -> Iterator[Image.Image]:
    noise = Image.effect_noise(size, 90).convert("RGB")
    for _ in range(count):
        frame = noise.copy()
        frame.paste(SECRET_COLOR, BOX)
        yield frame


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """A clip of 200 frames, and photos."""
    folder = tmp_path / "album"
    folder.mkdir()
    write_clip(folder / "clip.mp4", draw(200))
    (photo,) = draw(1)
    for name in ("a.jpg", "b.png", "c.webp", "d.tiff", "e.gif"):
        photo.save(folder / name)
    return folder


def is_sharp(image: Image.Image) -> bool:
    """Return whether some pixels have the secret color."""
    red, green, blue = image.convert("RGB").resize((32, 24)).split()
    pairs = zip(red.tobytes(), green.tobytes(), blue.tobytes(), strict=True)
    return any(r > 180 and g < 90 and b > 180 for r, g, b in pairs)


def list_sharp(*folders: Path) -> list[str]:
    """List the files in which the secret can be seen, whatever they are called."""
    import av

    found = []
    for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        try:
            with Image.open(path) as image:
                sharp = is_sharp(image)
        except OSError:
            try:
                sharp = any(map(is_sharp, read_clip(path)[0]))
            except (av.FFmpegError, IndexError):
                sharp = False
        found += [path.name] if sharp else []
    return found


def test_secrets_are_seen_by_these_tests(album: Path) -> None:
    assert sorted(list_sharp(album)) == ["a.jpg", "b.png", "c.webp", "clip.mp4", "d.tiff", "e.gif"]


def list_complete(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if not path.name.startswith("."))


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("seconds", [0.4, 0.9, 1.4])
def test_a_signal_leaves_neither_sharp_nor_partial_files(
    environment: Environment, album: Path, tmp_path: Path, kind: int, seconds: float
) -> None:
    out = tmp_path / "out"
    with start(["run", "album", "--out", "out", *REGION], tmp_path, environment) as process:
        wait_for_part(out, process)
        time.sleep(seconds - 0.4)
        os.killpg(process.pid, kind)
        process.communicate(timeout=SECONDS)
    assert list_sharp(out, tmp_path / "temp", tmp_path / "cache") == []
    for name in list_complete(out):
        if name.endswith(".mp4"):
            assert len(read_clip(out / name)[0]) == 200
        else:
            with Image.open(out / name) as image:
                image.load()
    if kind == signal.SIGINT:
        assert [path for path in out.rglob("*") if path.name.startswith(".")] == []
    finish(environment, tmp_path)
    assert len(list(out.rglob("*"))) == 6


def wait_for_part(folder: Path, process: subprocess.Popen[str]) -> None:
    """Wait until something is being written."""
    while process.poll() is None and not (folder.is_dir() and any(folder.iterdir())):
        time.sleep(0.01)


def finish(environment: Environment, folder: Path) -> None:
    subprocess.run(
        [*COMMAND, *REGION], cwd=folder, env=environment, check=True, capture_output=True
    )


@pytest.mark.parametrize("earlier", [False, True])
@pytest.mark.parametrize("most", [3_000, 40_000])
def test_a_full_disk_leaves_nothing(
    environment: Environment, album: Path, tmp_path: Path, most: int, earlier: bool
) -> None:
    """Files can have so many bytes, as if the disk was full then.

    What an earlier run has made of photos that cannot be written goes, too.
    """
    if earlier:
        finish(environment, tmp_path)
    command = " ".join([*COMMAND, *REGION, "--force"])
    done = subprocess.run(
        ["bash", "-c", f"trap '' XFSZ; exec prlimit --fsize={most} {command}"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert (done.returncode, "clip.mp4" in done.stderr) == (1, True), done.stderr
    out = tmp_path / "out"
    assert list_sharp(out, tmp_path / "temp", tmp_path / "cache") == []
    assert [path.name for path in out.iterdir() if path.stat().st_size > most] == []
    assert "clip.mp4" not in str(list_complete(out))
    assert [path for path in out.iterdir() if path.name.startswith(".")] == []


FAILING = """
class SessionOptions: pass
def set_default_logger_severity(level): pass
class InferenceSession:
    def __init__(self, *arguments, **more): {opening}
    def get_inputs(self): return [self]
    name = "input"
    def run(self, *arguments): raise RuntimeError("no memory")
"""


@pytest.mark.parametrize("opening", ["pass", "raise RuntimeError('no model')"])
@pytest.mark.parametrize("earlier", [False, True])
def test_a_failing_detector_leaves_nothing(
    environment: Environment, album: Path, tmp_path: Path, opening: str, earlier: bool
) -> None:
    """Another onnxruntime is found first. What an earlier run has made goes, too."""
    models = tmp_path / "cache" / "pixelater" / "models"
    models.mkdir(parents=True)
    for model in MODELS.values():
        source = find_folder() / model.file_name
        if not source.exists():
            pytest.skip("the models are not installed: pixelater models install")
        (models / model.file_name).write_bytes(source.read_bytes())
    if earlier:
        finish(environment, tmp_path)
        assert len(list_complete(tmp_path / "out")) == 6
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake" / "onnxruntime.py").write_text(FAILING.format(opening=opening))
    path = os.pathsep.join([str(tmp_path / "fake"), environment["PYTHONPATH"]])
    done = subprocess.run(
        [*COMMAND, "--preset", "privacy"],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.count("error: album")) == (1, 6), done.stderr
    assert list((tmp_path / "out").rglob("*")) == []
    assert list_sharp(tmp_path / "temp", tmp_path / "cache") == []


@pytest.mark.parametrize("state", ["missing", "damaged"])
def test_a_model_that_cannot_be_used_leaves_nothing(
    cli_process: Pixelater, album: Path, tmp_path: Path, state: str
) -> None:
    models = tmp_path / "cache" / "pixelater" / "models"
    models.mkdir(parents=True)
    if state == "damaged":
        for model in MODELS.values():
            (models / model.file_name).write_bytes(b"not a model")
    folders = {"TMPDIR": str(tmp_path / "temp"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    (tmp_path / "temp").mkdir()
    done = cli_process("run", "album", "--out", "out", "--preset", "privacy", **folders)
    assert (done.code, done.err.count("error: ")) == (1, 1), done.err
    assert list((tmp_path / "out").rglob("*")) == []
    assert list_sharp(tmp_path / "temp") == []
