"""LocalStack core for tests: installed, started and stopped, without Docker or an account.

Every setting is explained in localstack/config.py of localstack-core 4.14.0, and most of them in
https://docs.localstack.cloud/aws/customization/configuration-options/.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from tests.live.servers import Server, choose_port, find_python, install, run_server

ROOT = Path(__file__).parents[3]
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
"""LocalStack core with what the compose file's services need, and what runs functions.

Pinned as pip resolved them, so that the same LocalStack is tested everywhere.
"""

MINORS = (13,)
"""The requirements are pinned for Python 3.13, which LocalStack's image has, too."""

METADATA = """\
Metadata-Version: 2.1
Name: pixelater-localstack
Version: 1
"""

ENTRY_POINTS = """\
[localstack.lambda.runtime_executor]
process = tests.live.localstack.plugins:ProcessExecutorPlugin

[localstack.hooks.on_infra_start]
move_objects = tests.live.localstack.plugins:move_objects
"""


@contextmanager
def serve_localstack(cache: Path, folder: Path) -> Iterator[Server]:
    """Serve on a free loopback port; `folder` takes its log, and its files while it runs."""
    python = find_python(MINORS, "LocalStack")
    programs = install(python, REQUIREMENTS.read_text().split(), cache)
    port = choose_port()
    url = f"http://127.0.0.1:{port}"
    command: list[str | Path] = [programs / "python", "-m", "localstack.runtime.main"]
    with TemporaryDirectory(dir=folder) as files:
        environment = set_variables(port, Path(files))
        health, log = f"{url}/_localstack/health", folder / "localstack.log"
        with run_server(command, environment, health, log):
            yield Server(url, python.runtime)


def set_variables(port: int, folder: Path) -> dict[str, str]:
    """Return the environment: the compose file's settings, and those that replace a container."""
    temporary = folder / "tmp"
    temporary.mkdir()
    return {
        **read_compose_settings(),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(register_plugins(folder / "plugins"))]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(folder),
        "TMPDIR": str(temporary),
        "FILESYSTEM_ROOT": str(folder),
        "OVERRIDE_IN_DOCKER": "0",
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "LOCALSTACK_HOST": f"localhost:{port}",  # In URLs of queues: sqs.us-east-1.localhost:PORT.
        "DNS_ADDRESS": "0",  # No DNS server.
        "DISABLE_EVENTS": "1",  # No statistics are sent.
        "SKIP_SSL_CERT_DOWNLOAD": "1",
    }


def read_compose_settings() -> Mapping[str, str]:
    """Read the environment of the service `localstack` in the compose file."""
    services = yaml.safe_load((ROOT / "localstack-compose.yml").read_text())["services"]
    settings: dict[str, str] = services["localstack"]["environment"]
    return settings


def register_plugins(folder: Path) -> Path:
    """Write what an installed package would say: that it has plugins for LocalStack.

    https://packaging.python.org/en/latest/specifications/entry-points/
    """
    information = folder / "pixelater_localstack-1.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(METADATA)
    (information / "entry_points.txt").write_text(ENTRY_POINTS)
    return folder
