"""Owns deploying anew when the engine's code changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import resources
from pathlib import Path

from pixelater_cli.aws.deploy.executor import apply, find_stored, read_state
from pixelater_cli.aws.deploy.plan import make_plan
from pixelater_cli.aws.package.builder import PACKAGES, Contents, pack
from pixelater_cli.aws.resources.catalog import list_properties
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_cli.errors import AwsError, PackageError
from pixelater_cli.results.serve import HappeningResult

Times = dict[str, int]


class Engine:
    """The engine's files, and where they are deployed; `gather` reads them for a package."""

    def __init__(self, account: Account, stack: Stack, gather: Callable[[], Contents]) -> None:
        self.account = account
        self.stack = stack
        self.gather = gather
        self.seen = read_times()


def bring_up_to_date(account: Account, stack: Stack, contents: Contents) -> int:
    """Deploy as `pixelater deploy` does; give the number of steps. Raises AwsError."""
    package = find_stored(account, stack, contents.digest) or pack(contents)
    facts = list_properties(stack, package)
    snapshot = read_state(account, facts)
    steps = make_plan(facts, snapshot.found)
    apply(account, steps, snapshot.outputs, lambda _step: None)
    return len(steps)


def reload(engine: Engine, now: float) -> Iterator[HappeningResult]:
    """Deploy if a file is not as it was seen last; tell about it. A failure is told, too."""
    times = read_times()
    if times == engine.seen:
        return
    changed = sorted(name for name in {*times, *engine.seen} if _differs(name, times, engine.seen))
    engine.seen = times
    try:
        steps = bring_up_to_date(engine.account, engine.stack, engine.gather())
    except (AwsError, PackageError) as error:
        yield HappeningResult(now, "", "failed", note=f"not deployed: {error}")
    else:
        yield HappeningResult(
            now, "", "deployed", note=f"{', '.join(changed)} changed: {steps} steps"
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
