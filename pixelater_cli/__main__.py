"""Owns starting: what the command `pixelater`, and `python -m pixelater_cli`, run first."""

from __future__ import annotations

import gc
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Load the command line and run it.

    Looking for garbage while modules load, and once more at the end, finds nothing and takes a
    tenth of a short run. In between it is looked for as ever.
    """
    gc.disable()
    try:
        from pixelater_cli.app import main as run_command
    except KeyboardInterrupt:
        sys.exit(130)

    gc.freeze()
    gc.enable()
    try:
        run_command()
    finally:
        gc.freeze()


if __name__ == "__main__":
    main()
