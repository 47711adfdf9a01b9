"""Changes a stack while 25 photos a second arrive, and counts what is lost, stale or failed.

    python -m benchmarks.live_changes

runs for a minute or more in the emulator, which enforces the function's role.
Retries are as late as on AWS.
"""

from __future__ import annotations

import time

from tests.live_changes import RATE, change_under_traffic

PAUSE_SECONDS = 10
"""Pause before and after each of the five changes."""


def main() -> None:
    """Run, and print each change and the counts."""
    report = change_under_traffic(lambda: time.sleep(PAUSE_SECONDS), print, time_scale=1)
    print(f"{report.uploads} uploads at {RATE} a second, drained {report.drained_seconds} s later")
    print(f"{len(report.lost)} lost, {len(report.stale)} stale, {len(report.failures)} failures")
    print(f"mosaics of {report.live}")


if __name__ == "__main__":
    main()
