"""The switches that say against what the tests in this folder run; without one they are skipped.

    pytest tests/live --emulate
    pytest tests/live --emulate --weather all --weather-seed 7
    pytest tests/live --ministack
    pytest tests/live --localstack
    pytest tests/live --localstack-url http://localhost:4566
    pytest tests/live --aws --aws-profile NAME --aws-region NAME

Each run makes a stack under a name of its own and removes it in the end. On AWS that costs next to
nothing, and takes some minutes.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from pixelater_cli.aws.session import Account, connect
from pixelater_cli.emulator.weather.front import OWN_KEY
from tests.functional.serving import serve
from tests.live.localstack.server import serve_localstack
from tests.live.ministack import serve_ministack
from tests.pipeline import Place, pipeline

__all__ = ["pipeline"]

ROOT = Path(__file__).parents[2]
SWITCHES = ("emulate", "ministack", "localstack", "localstack-url", "aws")

collect_ignore = ["localstack/executor.py", "localstack/plugins.py"]
"""LocalStack loads these, where LocalStack is installed."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("pixelater", "where tests/live deploys to")
    group.addoption("--emulate", action="store_true", help="pixelater's own emulator")
    group.addoption("--weather", metavar="KINDS", help="weather of --emulate")
    group.addoption("--weather-seed", metavar="N", default="0", help="seed of the weather")
    group.addoption("--ministack", action="store_true", help="a ministack, installed and started")
    group.addoption("--localstack", action="store_true", help="a LocalStack, installed and started")
    group.addoption("--localstack-url", metavar="URL", help="a LocalStack that runs already")
    group.addoption("--aws", action="store_true", help="AWS: name a profile and a region, too")
    group.addoption("--aws-profile", metavar="NAME", help="profile for --aws")
    group.addoption("--aws-region", metavar="NAME", help="region for --aws")


def list_chosen(config: pytest.Config) -> list[str]:
    return [name for name in SWITCHES if config.getoption(f"--{name}", default=False)]


def pytest_configure(config: pytest.Config) -> None:
    chosen = list_chosen(config)
    if len(chosen) > 1:
        raise pytest.UsageError(f"one at a time: --{' --'.join(chosen)}")
    if chosen and getattr(config.option, "dist", "no") != "no":
        # The tests of a file change one stack, and count on their order.
        config.option.dist = "loadfile"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the tests of this folder without a switch.

    A client that another server has cut off leaves its socket to the garbage collector, which runs
    in whatever test comes then.
    """
    if list_chosen(config):
        for item in items:
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"))
        return
    reason = "asked for by: pytest tests/live --emulate, --ministack, --localstack or --aws"
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def place(
    pytestconfig: pytest.Config,
    tmp_path_factory: pytest.TempPathFactory,
    make_cache: Callable[[str], Path],
) -> Iterator[Place]:
    """Where the switches lead."""
    (chosen,) = list_chosen(pytestconfig)
    folder = tmp_path_factory.mktemp("live")
    environment = clean(make_cache("pixelater"), folder)
    if chosen == "aws":
        yield go_to_aws(pytestconfig, environment, folder)
    elif chosen == "emulate":
        with serve(environment, folder, *list_weather(pytestconfig)) as serving:
            clients = connect_itself(serving.url).clients
            yield replace(go_to(serving.url, environment, folder), clients=clients)
    elif chosen == "localstack-url":
        yield go_to(pytestconfig.getoption("--localstack-url"), environment, folder, seconds=300)
    else:
        start = serve_localstack if chosen == "localstack" else serve_ministack
        with start(make_cache(chosen), tmp_path_factory.mktemp(chosen)) as server:
            options = ("--runtime", server.runtime)
            yield go_to(server.endpoint_url, environment, folder, options)


def list_weather(config: pytest.Config) -> tuple[str, ...]:
    """List the options of weather; the tests' own clients have none, but events and commands do."""
    kinds = config.getoption("--weather")
    return (
        ("--weather", kinds, "--weather-seed", config.getoption("--weather-seed")) if kinds else ()
    )


def clean(cache: Path, folder: Path) -> dict[str, str]:
    """Give an environment without AWS settings; downloads are kept for the next test run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(cache),
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "lambda")]),
    }


def go_to(
    endpoint_url: str,
    environment: Mapping[str, str],
    folder: Path,
    deploy_options: tuple[str, ...] = (),
    seconds: float = 60,
) -> Place:
    return Place(
        name=endpoint_url,
        stack=name_stack(),
        options=("--endpoint-url", endpoint_url),
        environment=environment,
        clients=connect(None, "us-east-1", endpoint_url, time.sleep).clients,
        folder=folder,
        seconds=seconds,
        deploy_options=deploy_options,
    )


def connect_itself(endpoint_url: str) -> Account:
    """Connect as the emulator itself does, which has no weather."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", OWN_KEY)
        patch.setenv("AWS_SECRET_ACCESS_KEY", OWN_KEY)
        return connect(None, "us-east-1", endpoint_url, time.sleep)


def go_to_aws(config: pytest.Config, environment: Mapping[str, str], folder: Path) -> Place:
    """Take the profile and region that were named; both, so that nobody gets here by accident."""
    profile, region = config.getoption("--aws-profile"), config.getoption("--aws-region")
    if not (profile and region):
        pytest.exit("--aws needs --aws-profile NAME and --aws-region NAME", returncode=4)
    signed_in = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    signed_in.pop("AWS_ENDPOINT_URL", None)
    account = connect(profile, region, None, time.sleep)
    if account.emulated:
        pytest.exit(f"profile {profile} leads to {account.endpoint_url}, not AWS", returncode=4)
    return Place(
        name="aws",
        stack=name_stack(),
        options=("--profile", profile, "--region", region),
        environment={**environment, **signed_in, "HOME": str(Path.home())},
        clients=account.clients,
        folder=folder,
        seconds=600,  # Lambda tries again after one and after two minutes.
    )


def name_stack() -> str:
    return f"live-{secrets.token_hex(4)}"
