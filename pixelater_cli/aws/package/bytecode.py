"""Compilation of the zip's modules for the Python that will run them, if it is installed.

Lambda cannot write to the folder of the code, so without this every cold start compiles Pillow
again: a quarter of a second on a fast CPU. The compiled modules have a hash of their source that is
not checked (PEP 552), because the dates in a zip are fixed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pixelater_cli.errors import PackageError

TASK_ROOT = "/var/task"
"""Where Lambda unpacks the zip: tracebacks name it, not folders of this machine."""


def compile_modules(files: Mapping[str, bytes], runtime: str) -> dict[str, bytes]:
    """Compile the Python files; nothing if no Python of that runtime is installed.

    Raises PackageError if one cannot be compiled.
    """
    python = _find_python(runtime)
    if python is None:
        return {}
    sources = {name: content for name, content in files.items() if name.endswith(".py")}
    with tempfile.TemporaryDirectory(prefix="pixelater-") as scratch:
        folder = Path(scratch)
        for name, content in sources.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        command = [python, "-I", "-m", "compileall", "-q", "-s", scratch, "-p", TASK_ROOT]
        command += ["--invalidation-mode", "unchecked-hash", scratch]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            output = " ".join(done.stdout.replace(TASK_ROOT, "").split())
            raise PackageError(f"a module does not compile: {output}", "Fix it, and try again.")
        compiled = folder.rglob("*.pyc")
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in compiled}


def _find_python(runtime: str) -> str | None:
    """Find an interpreter for a runtime, "python3.13": this one, or the one of that name."""
    version = runtime.removeprefix("python")
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    named = shutil.which(runtime)
    if named is None:
        return None
    script = "import sys; print(*sys.version_info[:2], sep='.')"
    answer = subprocess.run(
        [named, "-I", "-c", script], capture_output=True, text=True, check=False
    )
    return named if answer.stdout.strip() == version else None
