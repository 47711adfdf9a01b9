"""moto's server, with functions that run without Docker.

While the emulator runs, it replaces some functions of moto: `patching` lists them, and `s3`,
`lambda_api` and `backend` explain why.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from urllib.request import ProxyHandler, Request, build_opener

from moto import settings as moto_settings

from pixelater_cli.emulator.http_server.dispatcher import RESET, create_app
from pixelater_cli.emulator.http_server.server import WsgiServer
from pixelater_cli.emulator.lambda_service.environment_pool import EmulatorSettings
from pixelater_cli.emulator.lambda_service.models import EventListener
from pixelater_cli.emulator.lambda_service.service import LambdaService
from pixelater_cli.emulator.moto_adapter import (
    backend,
    change_patches,
    lambda_api,
    listings,
    patching,
    queue_patches,
    s3,
)
from pixelater_cli.emulator.moto_adapter.change_patches import StateKeeper
from pixelater_cli.emulator.strict.enforcement import list_enforcement
from pixelater_cli.emulator.weather.front import OWN_KEY, add_weather
from pixelater_cli.emulator.weather.weather import Weather
from pixelater_cli.hosts import write_url

EMULATOR_SETTINGS = {
    "AWS_ACCESS_KEY_ID": OWN_KEY,
    "AWS_SECRET_ACCESS_KEY": "emulator",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


@contextmanager
def serve(
    host: str = "127.0.0.1",
    port: int = 0,
    weather: Weather | None = None,
    keeper: StateKeeper | None = None,
) -> Iterator[str]:
    """Serve moto without any resources, by default on a free loopback port, and yield its URL.

    moto uses boto3 in this process, so the user's AWS settings are removed in the meantime. In a
    container, moto would ask Docker for its address, in a process whose pipe it leaves open.
    """
    with _without_aws_settings(), _set_in_moto("is_docker", lambda: False):
        app = create_app(keeper.keep if keeper else None)
        server = WsgiServer(host, port, add_weather(app, weather) if weather else app)
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        url = write_url(host, server.server_port)
        opener = build_opener(ProxyHandler({}))
        try:
            opener.open(Request(f"{url}{RESET}", method="POST")).close()  # noqa: S310 (http)
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
def emulate_functions(
    folder: Path,
    endpoint_url: str,
    settings: EmulatorSettings | None = None,
    observe: EventListener | None = None,
    enforce_iam: bool = False,
    weather: Weather | None = None,
    keeper: StateKeeper | None = None,
) -> Iterator[LambdaService]:
    """Run the functions deployed to moto, and patch its events and its Lambda API.

    With `enforce_iam`, functions may do only what the policies of their roles allow. Raises
    EmulatorError if this version of moto is not supported, or awslambdaric is not installed.
    """
    patching.check_moto()
    with closing(
        LambdaService(backend.MotoBackend(), folder, endpoint_url, settings, observe, keeper)
    ) as functions:
        send = weather.delay_events(functions.send) if weather else functions.send
        replacements = {
            **s3.list_s3_patches(keeper.defer(send) if keeper else send),
            **lambda_api.list_lambda_patches(functions),
            **listings.list_listing_patches(),
            **queue_patches.list_queue_patches(),
            **(change_patches.list_change_patches(keeper) if keeper else {}),
        }
        unchecked_requests = moto_settings.INITIAL_NO_AUTH_ACTION_COUNT
        if enforce_iam:
            replacements |= list_enforcement()
            unchecked_requests = 0
        with (
            patching.patched(replacements),
            _set_in_moto("INITIAL_NO_AUTH_ACTION_COUNT", unchecked_requests),
        ):
            yield functions


@contextmanager
def _set_in_moto(name: str, value: object) -> Iterator[None]:
    """Change a setting of moto, and restore it at the end."""
    original = getattr(moto_settings, name)
    setattr(moto_settings, name, value)
    try:
        yield
    finally:
        setattr(moto_settings, name, original)
