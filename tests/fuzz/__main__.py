"""Fuzz pixelate() and the writers with atheris.

python -m tests.fuzz {photos,writers} [--seconds 60] [--corpus FOLDER] [LIBFUZZER OPTION...]
python -m tests.fuzz photos FILE   # again what one input did

Needs `pip install -e '.[dev,fuzz]'`, on Linux. A finding ends the run with a traceback, and its
input is kept as crash-HASH (or timeout-, oom-HASH) in the corpus folder.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["PIL", "pixelater"]):
    from tests.fuzz import checks, seeds, writers

MAX_BYTES = 1 << 16
MEMORY_MB = 2048
SLOW_SECONDS = 60
"""libFuzzer's own limits, for what never returns to the checks."""

UNREPAIRED = 0.2
"""Share of inputs whose checksums stay wrong."""


@dataclass(frozen=True)
class Target:
    """What is fuzzed: the check of an input, and the inputs to start from."""

    check: Callable[[bytes], object]
    make_seeds: Callable[[], Iterator[tuple[str, bytes]]]


def make_photo_inputs() -> Iterator[tuple[str, bytes]]:
    """Make an input of each photo, with styles and grids in turn."""
    for number, (name, photo) in enumerate(seeds.make_seeds()):
        yield name, bytes([number % 6, number % 5, 0]) + photo


TARGETS = {
    "photos": Target(checks.check_input, make_photo_inputs),
    "writers": Target(writers.check_writer, writers.make_seeds),
}


def main() -> None:
    """Write the seeds to the corpus, and fuzz until the time is over or something is found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("input", type=Path, nargs="?", help="a file to check, instead of fuzzing")
    parser.add_argument("--seconds", type=int, default=60, help="0: until Ctrl-C; default 60")
    parser.add_argument("--corpus", type=Path, help="folder to keep inputs in")
    options, others = parser.parse_known_args()
    target = TARGETS[options.target]
    warnings.simplefilter("ignore")  # Pillow's, about damaged photos.
    if options.input:
        sys.stdout.write(f"{target.check(options.input.read_bytes()) or 'fine'}\n")
        return
    corpus = options.corpus or Path(tempfile.mkdtemp(prefix="pixelater-fuzz-"))
    corpus.mkdir(parents=True, exist_ok=True)
    for name, data in target.make_seeds():
        (corpus / name).write_bytes(data)
    arguments = [
        f"-max_total_time={options.seconds}",
        f"-artifact_prefix={corpus}{os.sep}",
        f"-max_len={MAX_BYTES}",
        f"-rss_limit_mb={MEMORY_MB}",
        f"-timeout={SLOW_SECONDS}",
        "-print_final_stats=1",
        *others,
        str(corpus),
    ]
    atheris.Setup([sys.argv[0], *arguments], target.check, custom_mutator=mutate)
    atheris.Fuzz()


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """Mutate an input, and repair the checksums of most PNGs."""
    mutated = bytes(atheris.Mutate(data, max_size))
    if random.Random(seed).random() < UNREPAIRED:
        return mutated
    head, photo = mutated[: checks.HEADER_BYTES], mutated[checks.HEADER_BYTES :]
    return head + seeds.repair_checksums(photo)


if __name__ == "__main__":
    main()
