"""`pixelater doctor`: check this machine's setup."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pixelater_cli import __version__, console, progress
from pixelater_cli.cli import options
from pixelater_cli.errors import UsageError
from pixelater_cli.results.formatting import format_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pixelater_cli.errors import PixelaterError
    from pixelater_cli.results.doctor import Check


def doctor(
    context: typer.Context,
    profile: options.Profile = None,
    region: options.Region = None,
    endpoint_url: options.EndpointUrl = None,
    json: options.Json = False,
) -> None:
    """Check this machine's setup and suggest fixes.

    Checks Python, Pillow, disk space, the emulator's parts, the AWS credentials, the endpoint and
    Docker. Changes nothing, and waits a few seconds at most for each answer.

    \b
    Examples:
      pixelater doctor
      pixelater doctor --profile work --region eu-central-1
      pixelater doctor --endpoint-url http://localhost:4566

    \b
    Exit codes:
      0    photos can be pixelated on this machine, even if other checks fail
      1    photos cannot be pixelated on this machine
      2    wrong command line
      130  interrupted by Ctrl-C
    """  # noqa: D301 - \b, alone on a line, is for Typer: the paragraph is not wrapped
    from platformdirs import user_cache_path

    from pixelater_cli import system_checks
    from pixelater_cli.results.doctor import DoctorResult

    checks = list(system_checks.run_checks(Path.cwd(), user_cache_path("pixelater")))
    checks += _check_file(context.find_root().obj)
    with progress.spinner("checking the AWS credentials"):
        checks += _check_account(profile, region, endpoint_url)
    result = DoctorResult(__version__, tuple(checks))
    console.show(result, json)
    raise typer.Exit(result.exit_code)


def _check_account(
    profile: str | None, region: str | None, endpoint_url: str | None
) -> list[Check]:
    """Check the credentials, the region and the endpoint."""
    from pixelater_cli.aws.identity import identify
    from pixelater_cli.results.doctor import Check

    checks: list[Check] = []

    def note(name: str, found: str | PixelaterError) -> None:
        works = isinstance(found, str)
        advice = "" if isinstance(found, str) else found.hint
        checks.append(Check("deploy", name, works, str(found), advice))

    identify(profile, region, endpoint_url, note)
    return checks


def _check_file(path: Path) -> Iterator[Check]:
    """Check the settings file, if it exists."""
    from pixelater_cli.cli.config import load_config
    from pixelater_cli.results.doctor import Check

    if not os.path.lexists(path):
        return
    try:
        settings = load_config(path)
    except UsageError as error:
        yield Check("deploy", "settings file", False, str(error), error.hint)
    else:
        yield Check(
            "deploy",
            "settings file",
            True,
            f"{path}, {format_count(len(settings.values), 'setting')}",
        )
