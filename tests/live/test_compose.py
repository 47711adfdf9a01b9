"""What localstack-compose.yml runs to deploy, as a process, where the switches lead."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests.live.conftest import ROOT
from tests.pipeline import Place, remove

SERVICES = yaml.safe_load((ROOT / "localstack-compose.yml").read_text())["services"]


@pytest.fixture
def stack(place: Place) -> Iterator[Place]:
    """A stack that is removed in the end."""
    if place.name == "aws":
        pytest.skip("the compose file deploys to its own servers, never to AWS")
    other = replace(place, stack=f"{place.stack}-compose")
    yield other
    remove(other)


def play(place: Place, home: Path, **environment: str) -> str:
    """Run the command of the service `deploy`, as its container would, and return the output.

    The clone is /project, and `home`/.cache the volume.
    """
    inherited = {
        name: value
        for name, value in place.environment.items()
        if name not in ("PYTHONPATH", "XDG_CACHE_HOME")
    }
    options = dict(zip(place.deploy_options[::2], place.deploy_options[1::2], strict=True))
    settings = {
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "AWS_ENDPOINT_URL": place.name,
        "PIXELATER_STACK": place.stack,
        "PIXELATER_RUNTIME": options.get("--runtime", "python3.13"),
    }
    done = subprocess.run(
        SERVICES["deploy"]["command"],
        cwd=ROOT,
        env={**inherited, **settings, **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_deploy_service_needs_no_network_the_second_time(stack: Place, tmp_path: Path) -> None:
    first = play(stack, tmp_path)
    second = play(stack, tmp_path, PIP_INDEX_URL="http://127.0.0.1:9")
    assert f"Upload photos to  s3://{stack.stack}-source-bucket/\n" in first
    assert "No changes: the stack is up to date.\n" in second
