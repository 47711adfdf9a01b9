"""ministack for tests: installed, started and stopped.

ministack runs functions with its own Python, whatever runtime they name, so that Python decides
for which runtime to deploy.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.live.servers import Server, choose_port, find_python, install, run_server

REQUIREMENTS = ("ministack==1.5.33", "boto3==1.43.106")
"""boto3 is in Lambda's runtimes; ministack brings botocore only."""

MINORS = (13, 14, 12)
"""Of the Pythons that `pixelater deploy --runtime` knows; the first is its default."""


@contextmanager
def serve_ministack(cache: Path, folder: Path) -> Iterator[Server]:
    """Serve on a free loopback port; `folder` takes its log and files."""
    python = find_python(MINORS, "ministack")
    programs = install(python, REQUIREMENTS, cache)
    port = choose_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.2",  # Between the tries of an event that fails.
    }
    health, log = f"{url}/_ministack/health", folder / "ministack.log"
    with run_server([programs / "ministack"], environment, health, log):
        yield Server(url, python.runtime)
