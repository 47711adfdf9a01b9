"""Comparison of mosaics of many real files with what libvips and ffmpeg decode.

python -m benchmarks.corpus FOLDER... [--out results.jsonl] [--explained FILE] [--jobs 2]

Each file is pixelated to PNG. It counts as

- right: each cell is within TOLERANCE of libvips's, in sRGB or as stored, or else of ffmpeg's;
- refused: with a PictureError; `other` says whether another decoder reads it;
- alone: no other decoder here reads it;
- explained: more than that, for a known reason: corpus_differences.tsv has lines of
  "GLOB<tab>reason" for the test images of Pillow, libvips, libavif and sharp;
- different: more than that;
- wrong: another exception, a crash, more than a minute, or a mosaic that nothing decodes.
"""

from __future__ import annotations

import argparse
import contextlib
import fnmatch
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from pixelater import PictureError, Style, pixelate
from tests.other_decoders import TOLERANCE, decode_elsewhere, find_differences

assert sys.platform != "win32"
GRID = 8
SECONDS = 60
EXPLAINED = Path(__file__).with_name("corpus_differences.tsv")
SKIPPED = {".txt", ".md", ".py", ".js", ".sh", ".json", ".xml", ".html", ".cc", ".h", ".license"}


@dataclass(frozen=True)
class Verdict:
    """What became of a file: right, refused, alone, different or wrong, and the reason."""

    path: str
    outcome: str
    reason: str = ""
    difference: float = 0.0
    other: str = ""


def main() -> None:
    """Compare the files of all folders; print counts, and what is different or wrong."""
    options = read_options()
    if options.folders == ["-"]:
        compare_paths_of_stdin()
        return
    paths = sorted(path for folder in options.folders for path in find_files(Path(folder)))
    explained = read_explanations(options.explained)
    shares = [paths[start :: options.jobs] for start in range(options.jobs)]
    with ThreadPoolExecutor(options.jobs) as pool:
        verdicts = [
            verdict
            for share in pool.map(lambda some: [*compare_all(some)], shares)
            for verdict in share
        ]
    if options.out:
        lines = (json.dumps(asdict(verdict)) for verdict in sorted(verdicts, key=lambda v: v.path))
        options.out.write_text("\n".join(lines) + "\n")
    sys.stdout.write(describe(verdicts, explained, options.folders))


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpus")
    parser.add_argument("folders", nargs="+", help="folders of images; - is for its own workers")
    parser.add_argument("--out", type=Path, help="file for a JSON line for each image")
    parser.add_argument("--explained", type=Path, default=EXPLAINED, help="file of GLOB<tab>reason")
    parser.add_argument("--jobs", type=int, default=2, help="processes; default 2")
    return parser.parse_args()


def find_files(folder: Path) -> Iterator[Path]:
    """List the files of a folder that may be images."""
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix.lower() not in SKIPPED:
            yield path


def read_explanations(path: Path) -> list[tuple[str, str]]:
    """Read the patterns of known differences, and their reasons."""
    rows = (line.partition("\t") for line in path.read_text().splitlines() if "\t" in line)
    return [(glob, reason) for glob, _, reason in rows]


def compare_all(paths: list[Path]) -> Iterator[Verdict]:
    """Compare files in a process; if a file ends it, say so, and go on with a new one."""
    left = list(paths)
    while left:
        with subprocess.Popen(
            [sys.executable, "-m", "benchmarks.corpus", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            for path in list(left):
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.write(f"{path}\n")
                    process.stdin.flush()
                line = process.stdout.readline()
                left.remove(path)
                if not line:
                    code = process.wait()
                    reason = (
                        f"takes more than {SECONDS} s"
                        if code == -signal.SIGALRM
                        else f"ended the process: {code}"
                    )
                    yield Verdict(str(path), "wrong", reason)
                    break
                yield Verdict(**json.loads(line))
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()


def compare_paths_of_stdin() -> None:
    """Print a verdict for each path of stdin. SIGALRM ends the process when one takes too long."""
    for line in sys.stdin:
        signal.alarm(SECONDS)
        verdict = compare(Path(line.rstrip("\n")))
        signal.alarm(0)
        sys.stdout.write(json.dumps(asdict(verdict)) + "\n")
        sys.stdout.flush()


def compare(path: Path) -> Verdict:
    """Pixelate a file, and compare the cells with those of other decoders."""
    data = path.read_bytes()
    others = decode_elsewhere(data, path)
    readers = ", ".join(others)
    try:
        (mosaic,) = pixelate(data, [GRID], Style("png"), exact=True)
    except PictureError as error:
        return Verdict(str(path), "refused", f"{type(error).__name__}: {error}", 0.0, readers)
    except Exception as error:  # noqa: BLE001 - which is what is looked for
        return Verdict(str(path), "wrong", f"{type(error).__name__}: {error}", 0.0, readers)
    if not others:
        return Verdict(str(path), "alone")
    found = find_differences(data, mosaic.data, others, GRID)
    reason = ", ".join(f"{name}: {difference:.0f}" for name, difference in found.items())
    sizes = {name: frames[0].size for name, frames in others.items()}
    if set(sizes.values()) != {(mosaic.width, mosaic.height)}:
        reason += f"; {mosaic.width} x {mosaic.height}, others {sizes}"
    least = min(found.values())
    outcome = "right" if least <= TOLERANCE else "different"
    return Verdict(str(path), outcome, reason, least, readers)


def describe(verdicts: list[Verdict], explained: list[tuple[str, str]], folders: list[str]) -> str:
    """Lay out counts as a table in Markdown, then what is refused by reason, and the differences."""
    counts: dict[str, Counter[str]] = {folder: Counter() for folder in folders}
    lines = []
    for verdict in verdicts:
        folder = next(one for one in folders if verdict.path.startswith(one))
        outcome = verdict.outcome
        reason = next((why for glob, why in explained if fnmatch.fnmatch(verdict.path, glob)), "")
        if outcome == "different":
            outcome = "explained" if reason else "different"
            lines.append(f"{outcome}: {verdict.path}: {verdict.reason}: {reason}")
        elif outcome == "wrong":
            lines.append(f"wrong: {verdict.path}: {verdict.reason}")
        counts[folder][outcome] += 1
    names = ("right", "refused", "alone", "explained", "different", "wrong")
    table = [
        "| folder | files | " + " | ".join(names) + " |",
        "|---" * (len(names) + 2) + "|",
        *(
            f"| {Path(folder).name} | {count.total()} | "
            + " | ".join(str(count[name]) for name in names)
            + " |"
            for folder, count in counts.items()
        ),
    ]
    return "\n".join([*table, "", *sorted(lines)]) + "\n"


if __name__ == "__main__":
    main()
