"""What starting loads: the help of a command line needs no Pillow, boto3, moto or rich."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.functional.conftest import ROOT


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; from pixelater_cli import app; heavy = set(sys.argv[1:]); "
        "print(sorted(heavy & set(sys.modules)))"
    )
    path = os.pathsep.join([str(ROOT), str(ROOT / "lambda")])
    command = [sys.executable, "-c", script, "PIL", "boto3", "moto", "pixelater", "rich"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={"PYTHONPATH": path}
    )
    assert done.stdout.strip() == "[]"
