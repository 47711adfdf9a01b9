"""Owns `python -m benchmarks.run_kills`: a killed `pixelater run` leaves whole files only, and the next finishes.

python -m benchmarks.run_kills [--kills 200] [--photos 40] [--seed 0]

In each round, `pixelater run` of a folder is killed (SIGKILL, with its worker processes) at a random
moment. Every file with a mosaic's name must then equal that of an undisturbed run. Every other round
kills the next run, too, and half of the rounds replace all mosaics of an earlier run of other photos.
The last run must make the same files as the undisturbed one, and leave no temporary files.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.pictures import encode, make_noise

assert sys.platform != "win32"
GRIDS = "8,16,32"
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


@dataclass(frozen=True)
class Round:
    """What a round found: files of the killed run, and what is wrong with them or the next run."""

    killed: int
    named: int
    temporary: int
    wrong: tuple[str, ...]
    unequal: tuple[str, ...]
    leftovers: tuple[str, ...]
    message: str = ""

    @property
    def sound(self) -> bool:
        return not (self.wrong or self.unequal or self.leftovers or self.message)


def main() -> None:
    """Kill runs, print what each left, and fail if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run_kills")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--photos", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(options.seed)  # noqa: S311
    rounds: list[Round] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_photos(folder / "before", options.photos, 1000)
        write_photos(folder / "photos", options.photos, 0)
        run_undisturbed(folder, "photos")  # Compiles modules.
        expected, seconds = run_undisturbed(folder, "photos")
        earlier, _ = run_undisturbed(folder, "before")
        while sum(found.killed for found in rounds) < options.kills:
            number = len(rounds)
            old = earlier if number % 2 else {}
            found = run_round(folder, expected, old, seconds, chance, kills=1 + number % 4 // 2)
            rounds.append(found)
            if not found.killed:
                seconds *= 0.9  # The machine is less busy than it was.
            if not found.sound:
                print(f"{number + 1}: {found}", flush=True)
            elif (number + 1) % 20 == 0:
                print(f"{number + 1} rounds, {sum(r.killed for r in rounds)} kills", flush=True)
    kills = sum(found.killed for found in rounds)
    part = sum(found.killed > 0 and 0 < found.named < len(expected) for found in rounds)
    temporary = sum(found.temporary for found in rounds)
    wrong = sum(not found.sound for found in rounds)
    print(
        f"{kills} kills in {len(rounds)} rounds, {part} with a part of the mosaics, "
        f"{temporary} temporary files left by kills; {wrong} rounds with a wrong, missing or "
        "left file"
    )
    sys.exit(1 if wrong else 0)


def write_photos(folder: Path, number: int, seed: int) -> None:
    """Write photos of several formats, with equal names for each seed."""
    folder.mkdir()
    for index in range(number):
        written = FORMATS[index % len(FORMATS)]
        name = f"{index % 2}/{index:03}.{written.lower()}"
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(encode(make_noise("RGB", (240, 180), seed + index), written))


def run_undisturbed(folder: Path, photos: str) -> tuple[dict[str, bytes], float]:
    """Return the mosaics that a run makes, and its duration."""
    started = time.monotonic()
    process = start(folder, photos, "undisturbed")
    if process.wait():
        raise SystemExit("the undisturbed run failed")
    seconds = time.monotonic() - started
    files = read_files(folder / "undisturbed")
    shutil.rmtree(folder / "undisturbed")
    return files, seconds


def run_round(
    folder: Path,
    expected: dict[str, bytes],
    earlier: dict[str, bytes],
    seconds: float,
    chance: random.Random,
    *,
    kills: int,
) -> Round:
    """Kill runs one after the other, and let the last one end."""
    out = folder / "out"
    for path in (out, folder / "cache"):
        shutil.rmtree(path, ignore_errors=True)
    for name, data in earlier.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(data)
    killed = 0
    for _ in range(kills):
        killed += kill_after(start(folder, "photos", "out"), chance.uniform(0.2, 1.0) * seconds)
    files = read_files(out)
    temporary = {name for name in files if ".pixelater-" in name}
    named = files.keys() - temporary
    wrong = {name for name in named if files[name] not in (expected.get(name), earlier.get(name))}
    done = sum(files[name] == expected.get(name) for name in named)
    last = start(folder, "photos", "out")
    _, said = last.communicate(timeout=300)
    after = read_files(out)
    leftovers = after.keys() - expected.keys()
    unequal = {name for name, data in expected.items() if after.get(name) != data}
    message = said if last.returncode else ""
    return Round(
        killed,
        done,
        len(temporary),
        tuple(sorted(wrong)),
        tuple(sorted(unequal)),
        tuple(sorted(leftovers)),
        message,
    )


def start(folder: Path, photos: str, out: str) -> subprocess.Popen[str]:
    """Start a run in a process group, with a cache for each output folder."""
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "pixelater_cli",
            "run",
            photos,
            "--out",
            out,
            "--grids",
            GRIDS,
            "-q",
        ],
        cwd=folder,
        env=os.environ | {"XDG_CACHE_HOME": str(folder / "cache" / out)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def kill_after(process: subprocess.Popen[str], seconds: float) -> bool:
    """Kill a run and its workers after some time; return whether it still ran."""
    with suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=seconds)
        return False
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return True


def read_files(folder: Path) -> dict[str, bytes]:
    """Read all files of a folder, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


if __name__ == "__main__":
    main()
