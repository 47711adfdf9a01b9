"""Owns serving moto, and joining it with the functions that run for it.

moto without Docker answers put_object and runs nothing. While the emulator runs, some of its parts
are replaced; `seam` lists them, `moto_s3`, `moto_lambda` and `moto_account` tell why.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from urllib.request import ProxyHandler, Request, build_opener

from moto import settings as moto_settings

from pixelater_cli.emulator.http_server.dispatcher import (
    RESET,
    _Dispatcher,
)
from pixelater_cli.emulator.http_server.server import WsgiServer
from pixelater_cli.emulator.lambda_service.environment_pool import EmulatorSettings
from pixelater_cli.emulator.lambda_service.models import EventListener
from pixelater_cli.emulator.lambda_service.service import LambdaService
from pixelater_cli.emulator.moto_adapter import backend, lambda_api, patching, s3
from pixelater_cli.emulator.strict.enforcement import list_enforcement
from pixelater_cli.hosts import write_url

EMULATOR_SETTINGS = {
    "AWS_ACCESS_KEY_ID": "emulator",
    "AWS_SECRET_ACCESS_KEY": "emulator",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


@contextmanager
def serve(host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve moto, emptied, by default on a free loopback port; give its URL.

    moto uses boto3 in this process, so the user's AWS settings are put aside meanwhile.
    """
    with _without_aws_settings(), _outside_docker(), _serve(host, port) as url:
        yield url


@contextmanager
def _serve(host: str, port: int) -> Iterator[str]:
    server = WsgiServer(host, port, _Dispatcher())
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    url = write_url(host, server.server_port)
    direct = build_opener(ProxyHandler({}))
    try:
        direct.open(Request(f"{url}{RESET}", method="POST")).close()  # noqa: S310 (http)
        yield url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def _without_aws_settings() -> Iterator[None]:
    kept = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    for name in kept:
        del os.environ[name]
    os.environ.update(EMULATOR_SETTINGS)
    try:
        yield
    finally:
        for name in EMULATOR_SETTINGS:
            del os.environ[name]
        os.environ.update(kept)


@contextmanager
def _outside_docker() -> Iterator[None]:
    """Keep moto in a container from asking Docker for its address, for each function.

    It would do so in a process whose pipe it leaves open, and nobody needs the address.
    """
    kept = moto_settings.is_docker
    moto_settings.is_docker = lambda: False
    try:
        yield
    finally:
        moto_settings.is_docker = kept


@contextmanager
def emulate_functions(
    folder: Path,
    endpoint_url: str,
    settings: EmulatorSettings | None = None,
    observe: EventListener | None = None,
    enforce_iam: bool = False,
) -> Iterator[LambdaService]:
    """Run the functions deployed to moto, and mend its events and its Lambda API meanwhile.

    With `enforce_iam`, functions may do what their roles' policies allow. Raises EmulatorError if
    moto has moved a part that is replaced, or if awslambdaric is not installed.
    """
    patching.check_moto()
    account = backend.MotoBackend()
    with closing(LambdaService(account, folder, endpoint_url, settings, observe)) as functions:
        replacements = {
            **s3.list_s3_patches(functions.send),
            **lambda_api.list_lambda_patches(functions),
        }
        if enforce_iam:
            replacements |= list_enforcement()
        with patching.patched(replacements), _count_authorised(0 if enforce_iam else None):
            yield functions


@contextmanager
def _count_authorised(requests: int | None) -> Iterator[None]:
    """Let moto enforce policies after that many requests; None leaves it as it is."""
    kept = moto_settings.INITIAL_NO_AUTH_ACTION_COUNT
    if requests is not None:
        moto_settings.INITIAL_NO_AUTH_ACTION_COUNT = requests
    try:
        yield
    finally:
        moto_settings.INITIAL_NO_AUTH_ACTION_COUNT = kept
