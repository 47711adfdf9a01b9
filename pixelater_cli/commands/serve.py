"""`pixelater emulate` without paths: serve until Ctrl-C, and print events."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pixelater_cli import console, progress
from pixelater_cli.aws.photo_settings import PhotoSettings
from pixelater_cli.cli.stack_lookup import check_name
from pixelater_cli.errors import UsageError
from pixelater_cli.hosts import is_aws, read_host

if TYPE_CHECKING:
    from pixelater_cli.aws.package.builder import Contents
    from pixelater_cli.emulator.serve.local import Server

VARIABLES = {"AWS_ACCESS_KEY_ID": "emulator", "AWS_SECRET_ACCESS_KEY": "emulator"}


def serve_until_stopped(served: AbstractContextManager[Server], exposed: bool, json: bool) -> None:
    """Serve, and print events, until Ctrl-C."""
    from pixelater_cli.results.serve import ServingResult, WeatherResult

    with served as place:
        stack, account = place.stack, place.account
        emulated = account.endpoint_url is not None
        variables = {"AWS_DEFAULT_REGION": account.region}
        if emulated:
            variables = {"AWS_ENDPOINT_URL": str(account.endpoint_url), **VARIABLES, **variables}
        if stack.name != "pixelater":
            variables["PIXELATER_STACK"] = stack.name
        result = ServingResult(
            endpoint_url=account.endpoint_url or f"AWS, {account.region}",
            source_bucket=stack.source_bucket,
            destination_bucket=stack.destination_bucket,
            function=stack.function,
            page=place.page,
            steps=place.steps,
            restored=place.restored,
            variables=variables,
            exposed=exposed,
            weather=place.weather.names if place.weather else (),
            weather_seed=place.weather.seed if place.weather else 0,
        )
        with suppress(KeyboardInterrupt):
            console.show(result, json)
            for activity in place.activities:
                console.show(activity, json)
        if place.weather:
            counts = {str(kind): count for kind, count in place.weather.counts.items()}
            console.show(WeatherResult(place.weather.seed, counts), json)


@dataclass(frozen=True)
class RemoteOptions:
    """The address or name of an emulator that is already running, and the stack to deploy to it."""

    endpoint_url: str
    backend: str | None = None
    stack: str = "pixelater"
    profile: str | None = None
    region: str | None = None
    settings: PhotoSettings = field(default_factory=PhotoSettings)


def serve_on_other_server(
    place: RemoteOptions, yes_real_aws: bool, watch: bool
) -> AbstractContextManager[Server]:
    """Deploy to an emulator that is already running. Raises UsageError for AWS without consent."""
    from platformdirs import user_cache_path

    from pixelater_cli.aws.package import builder
    from pixelater_cli.aws.session import connect
    from pixelater_cli.aws.stack import Stack
    from pixelater_cli.aws.stack_looks import fit_memory
    from pixelater_cli.emulator.serve.remote import BACKENDS, serve_remote, wait_for_backend
    from pixelater_cli.local.detector_package import read_detectors

    endpoint_url = place.endpoint_url
    if place.backend:
        backend = BACKENDS[place.backend]
        with progress.spinner(f"waiting for {backend.name}"):
            wait_for_backend(backend)
        endpoint_url = backend.endpoint_url
    if is_aws(read_host(endpoint_url)) and not yes_real_aws:
        raise UsageError(
            f"{endpoint_url} is AWS, which costs money",
            "Add --yes-real-aws to allow it, or omit --endpoint-url.",
        )
    account = connect(place.profile, place.region, endpoint_url, time.sleep)
    stack = fit_memory(
        Stack.for_account(
            account,
            name=place.stack,
            architecture=builder.local_architecture() if account.emulated else "arm64",
            server=account.server.name,
            **place.settings,
        )
    )
    check_name(stack)

    def gather() -> Contents:
        cache = user_cache_path("pixelater")
        return builder.gather_for_lambda(
            stack.runtime, stack.architecture, cache, read_detectors(stack)
        )

    return serve_remote(account, stack, gather, watch)
