"""Owns deploying anew when the engine's code changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import resources
from pathlib import Path

from pixelater_cli.aws.deploy.deployment import deploy
from pixelater_cli.aws.package.builder import PACKAGES, Contents
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.serve.activity import Activity
from pixelater_cli.errors import AwsError, PackageError

Times = dict[str, int]


class Engine:
    """The engine's files, and where they are deployed; `gather` reads them for a package."""

    def __init__(self, account: Account, stack: Stack, gather: Callable[[], Contents]) -> None:
        self.account = account
        self.stack = stack
        self.gather = gather
        self.seen = read_times()


def reload(engine: Engine, now: float) -> Iterator[Activity]:
    """Deploy if a file is not as it was seen last; tell about it. A failure is told, too."""
    times = read_times()
    if times == engine.seen:
        return
    changed = sorted(name for name in {*times, *engine.seen} if _differs(name, times, engine.seen))
    engine.seen = times
    try:
        steps = deploy(engine.account, engine.stack, engine.gather()).steps
    except (AwsError, PackageError) as error:
        yield Activity(now, "", "failed", note=f"not deployed: {error}")
    else:
        yield Activity(
            now, "", "deployed", note=f"{', '.join(changed)} changed: {len(steps)} steps"
        )


def read_times() -> Times:
    """Tell when each of the engine's files changed last; nothing where they are not files."""
    times = {}
    for package in PACKAGES:
        folder = resources.files(package)
        if not isinstance(folder, Path):
            continue
        for path in folder.rglob("*.py"):
            with suppress(
                FileNotFoundError
            ):  # An editor may be replacing it: it is seen next time.
                times[path.relative_to(folder.parent).as_posix()] = path.stat().st_mtime_ns
    return times


def _differs(name: str, one: Times, other: Times) -> bool:
    return one.get(name) != other.get(name)
