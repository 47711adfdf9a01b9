"""Consent to an endpoint or a profile from a settings file that the user did not name.

A pixelater.toml can come with a downloaded folder. It could send photos, and requests signed with
the user's credentials, to any server. So where it names one, or a profile, the user is asked.
Values on the command line and in the environment are the user's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import typer
from typer.core import TyperOption

from pixelater_cli import console
from pixelater_cli.errors import UsageError
from pixelater_cli.results import CHANGES_PENDING

CONSENT = "pixelater.trust-config"
"""Key in Typer's `meta`, which all contexts of a command line share."""

HELP = "Use the endpoint and the profile of pixelater.toml without asking."

PLAIN_URL = r"https?://(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::[0-9]+)?/?"
"""A URL whose host every parser reads the same way: urllib.parse takes 127.0.0.1 for the host of
http://example.com\\@127.0.0.1, and urllib3, which connects, example.com."""


def make_trust_option() -> TyperOption:
    """Return the option --trust-config of a command."""
    return TyperOption(
        param_decls=["--trust-config"],
        is_flag=True,
        default=False,
        expose_value=False,
        help=HELP,
        callback=lambda context, _option, wanted: trust_config(context, wanted),
    )


def trust_config(context: Any, wanted: bool) -> None:
    """Note that the user trusts the settings file, if `wanted`."""
    if wanted:
        context.meta[CONSENT] = True


def require_trust(context: Any) -> None:
    """Ask whether to use the endpoint and the profile of a file that the user did not name.

    Exits if the answer is no. Raises UsageError without a terminal.
    """
    root = context.find_root()
    source = root.get_parameter_source("config")
    is_named = source is not None and source.name != "DEFAULT"
    is_local = context.params.get("from_stack") is False  # `preview` of local photos.
    if is_named or is_local or context.meta.get(CONSENT):
        return
    from_file = {
        parameter.name.replace("_", "-"): context.params.get(parameter.name)
        for parameter in context.command.params
        if _comes_from_file(context, parameter.name)
    }
    doubtful = [f"{name} = {value!r}" for name, value in find_doubtful(from_file)]
    if not doubtful:
        return
    if not console.can_ask():
        hint = f"If you trust it, add --trust-config, or name it: pixelater --config {root.obj} ..."
        raise UsageError(f"{root.obj} is used only with consent: {', '.join(doubtful)}", hint)
    plan = [f"{root.obj} in this folder sets:", *(f"  {setting}" for setting in doubtful)]
    if not console.confirm(plan, "Go on?"):
        raise typer.Exit(CHANGES_PENDING)


def find_doubtful(settings: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """Find the settings that need consent: any profile, and an endpoint that is not loopback."""
    endpoint_url, profile = settings.get("endpoint-url"), settings.get("profile")
    if endpoint_url and not _is_loopback_url(endpoint_url):
        yield "endpoint-url", endpoint_url
    if profile:
        yield "profile", profile


def _comes_from_file(context: Any, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "DEFAULT_MAP"


def _is_loopback_url(url: str) -> bool:
    from pixelater_cli.hosts import is_loopback

    found = re.fullmatch(PLAIN_URL, url, re.IGNORECASE)
    return found is not None and is_loopback((found[1] or found[2]).lower())
