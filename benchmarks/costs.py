"""Compares estimated costs of photos with measured ones: `python -m benchmarks.costs [FILES...]`.

Without files, the samples of cost_samples.py are made. Each is pixelated in a process of its own,
which is started from this small one: a child begins with the peak memory of its parent.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

SIDE, FRAME_SIDE = 2000, 500
SECONDS = 300

MAKE = """
import sys
from pathlib import Path
from benchmarks.cost_samples import SAMPLES
name, path, side = sys.argv[1:]
Path(path).write_bytes(SAMPLES[name](int(side), int(side)))
"""

MEASURE = """
import json, resource, sys, time
from pathlib import Path
from pixelater import PictureError, admission, pixelate
costs = []
admission.check_cost = lambda cost, limits: costs.append(cost)
started, written, error = time.process_time(), 0, ""
try:
    written = sum(len(mosaic.data) for mosaic in pixelate(Path(sys.argv[1])))
except PictureError as refusal:
    error = str(refusal)
measured = (
    time.process_time() - started,
    resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    written / 2**20,
)
guess = costs[0] if costs else None
estimated = guess and (guess.cpu_seconds, guess.memory_bytes / 2**20, guess.written_bytes / 2**20)
print(json.dumps([measured, estimated, error]))
"""

LIST = "from benchmarks.cost_samples import SAMPLES; print(*SAMPLES, sep='\\n')"


def main(files: list[str]) -> None:
    """Print a line for each file, or each sample."""
    print(f"{'':34}{'CPU s':>16}{'peak MB':>16}{'written MB':>16}")
    print(f"{'':34}" + f"{'is':>8}{'est.':>8}" * 3)
    if files:
        for file in files:
            _report(Path(file).name, file)
        return
    with TemporaryDirectory() as folder:
        path = str(Path(folder, "sample"))
        for name in _run(LIST).splitlines():
            side = FRAME_SIDE if "frames" in name else SIDE
            try:
                _run(MAKE, name, path, str(side))
            except subprocess.CalledProcessError as error:
                print(f"{name:34} cannot be made: {error.stderr.splitlines()[-1]}")
                continue
            _report(name, path)


def _report(name: str, path: str) -> None:
    try:
        measured, estimated, error = json.loads(_run(MEASURE, path))
    except subprocess.TimeoutExpired:
        print(f"{name:34} takes longer than {SECONDS} s")
        return
    if error or estimated is None:
        print(f"{name:34} {error}")
        return
    pairs = zip(measured, estimated, strict=True)
    print(f"{name:34}" + "".join(f"{found:8.1f}{guess:8.1f}" for found, guess in pairs), flush=True)


def _run(code: str, *arguments: str) -> str:
    command = [sys.executable, "-W", "ignore", "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=SECONDS)
    return done.stdout


if __name__ == "__main__":
    main(sys.argv[1:])
