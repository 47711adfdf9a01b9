"""Watcher that deploys the library and the function again when their code changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import resources
from pathlib import Path

from pixelater_cli.aws.deploy.deployment import deploy
from pixelater_cli.aws.package.builder import PACKAGES, Contents
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_cli.errors import AwsError, PackageError
from pixelater_cli.results.serve import HappeningResult


class CodeWatcher:
    """The code that a stack runs; `gather` reads it for a package."""

    def __init__(self, account: Account, stack: Stack, gather: Callable[[], Contents]) -> None:
        self.account = account
        self.stack = stack
        self.gather = gather
        self.times = read_times()

    def reload(self, now: float) -> Iterator[HappeningResult]:
        """Deploy if a file has changed since the last call, and yield the result."""
        times = read_times()
        if times == self.times:
            return
        changed = sorted(
            name for name in {*times, *self.times} if times.get(name) != self.times.get(name)
        )
        self.times = times
        try:
            steps = deploy(self.account, self.stack, self.gather(), time.sleep).steps
        except (AwsError, PackageError) as error:
            yield HappeningResult(now, "", "failed", note=f"not deployed: {error}")
        else:
            yield HappeningResult(
                now, "", "deployed", note=f"{', '.join(changed)} changed: {len(steps)} steps"
            )


def read_times() -> dict[str, int]:
    """Return the modification time of each file of the code; empty if it is in a zip."""
    times = {}
    for package in PACKAGES:
        folder = resources.files(package)
        if not isinstance(folder, Path):
            continue
        for path in folder.rglob("*.py"):
            with suppress(FileNotFoundError):  # An editor is replacing the file.
                times[path.relative_to(folder.parent).as_posix()] = path.stat().st_mtime_ns
    return times
