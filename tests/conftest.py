"""What all tests share: asserts that show values, missing programs, how much hypothesis tries."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

import pytest
from hypothesis import settings

from pixelater_cli.local.workers import count_cpus

pytest.register_assert_rewrite(
    *("tests.burst", "tests.hidden_regions", "tests.operating", "tests.pipeline"),
    *("tests.placeholders", "tests.rules", "tests.live.servers"),
)
settings.register_profile("default", max_examples=25, deadline=None)
settings.register_profile("ci", max_examples=200, deadline=None)
settings.register_profile("thorough", max_examples=10_000, deadline=None)
settings.load_profile("default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require-programs",
        action="store_true",
        help="fail, instead of skipping tests, when Chromium, Node.js or the AWS CLI is missing",
    )
    parser.addoption(
        "--seeds",
        type=int,
        default=1,
        metavar="N",
        help="seeds of the weather to test (default: 1)",
    )


def pytest_configure() -> None:
    """Let the programs that tests start obey Ctrl-C: shells ignore it in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test with the argument `weather_seed` for as many seeds as --seeds says."""
    if "weather_seed" in metafunc.fixturenames:
        metafunc.parametrize("weather_seed", range(metafunc.config.getoption("--seeds")))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Run two tests for each CPU at a time: every other one waits for a server or a process."""
    return min(2 * count_cpus(), 16)


@pytest.fixture(scope="session")
def make_cache(pytestconfig: pytest.Config) -> Iterator[Callable[[str], Path]]:
    """Make a folder in pytest's cache; with `-p no:cacheprovider`, one that does not stay."""
    cache: pytest.Cache | None = getattr(pytestconfig, "cache", None)
    with TemporaryDirectory() as folder:
        yield Path(folder).joinpath if cache is None else cache.mkdir


@pytest.fixture(scope="session")
def report_missing(pytestconfig: pytest.Config) -> Callable[[str], NoReturn]:
    """Skip a test because a program is missing; with --require-programs, fail it."""
    return pytest.fail if pytestconfig.getoption("--require-programs") else pytest.skip
