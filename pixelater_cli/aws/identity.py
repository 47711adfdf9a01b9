"""Check of the sign-in, step by step, within seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Thread

from boto3 import Session
from botocore.config import Config
from botocore.exceptions import NoCredentialsError

from pixelater_cli.aws.errors import translate_errors
from pixelater_cli.aws.session import Account, find_vpc_endpoints, open_session
from pixelater_cli.errors import MissingRegion, PixelaterError

TIMEOUT_SECONDS = 5
"""Timeout for all of it: name servers, sign-in pages and metadata services included."""

CONFIG = Config(
    connect_timeout=TIMEOUT_SECONDS,
    read_timeout=TIMEOUT_SECONDS,
    retries={"total_max_attempts": 1},
)

ANY_REGION = "us-east-1"

Report = Callable[[str, str | PixelaterError], None]
"""Takes the name of a step, and what was found, or why the step fails."""

SOURCES = {
    "env": "the environment",
    "shared-credentials-file": "the credentials file",
    "config-file": "the configuration file",
    "sso": "single sign-on",
    "assume-role": "a role of the profile",
    "iam-role": "this machine's role",
    "container-role": "this container's role",
    "explicit": "placeholder (emulators need no credentials)",
}


def identify(
    profile: str | None, region: str | None, endpoint_url: str | None, report: Report
) -> None:
    """Find settings, credentials and identity, and call `report` with each.

    The first failure ends it, except a missing region.
    """
    begun = ["settings"]
    errors: list[PixelaterError] = []

    def work() -> None:
        try:
            _identify(profile, region, endpoint_url, begun, report)
        except PixelaterError as error:
            errors.append(error)

    # Resolving a host name has no timeout; the thread ends with the process.
    thread = Thread(target=work, daemon=True)
    thread.start()
    thread.join(TIMEOUT_SECONDS)
    if thread.is_alive():
        errors.append(
            PixelaterError(
                f"no answer within {TIMEOUT_SECONDS} s", "Check the network, or the endpoint."
            )
        )
    if errors:
        report(begun[-1], errors[0])


def placeholder_account(region: str | None) -> Account:
    """Return an account without signing in, with placeholders for its number and region.

    Raises BadAwsSetting.
    """
    with translate_errors():
        partition = Session().get_partition_for_region(region) if region else "aws"
    return Account("ACCOUNT", region or "REGION", partition, None, {})


def _identify(
    profile: str | None,
    region: str | None,
    endpoint_url: str | None,
    begun: list[str],
    report: Report,
) -> None:
    with translate_errors():
        try:
            with translate_errors():
                session, name, url = open_session(profile, region, endpoint_url)
            report("settings", f"profile {session.profile_name}, region {name}")
        except MissingRegion as error:  # STS answers in every region.
            session, name, url = open_session(profile, ANY_REGION, endpoint_url)
            report("settings", error)
        begun.append("credentials")
        credentials = session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        report("credentials", f"from {SOURCES.get(credentials.method, credentials.method)}")
        begun.append("identity")
        url = url or find_vpc_endpoints(endpoint_url).get("sts")
        client = session.client("sts", name, endpoint_url=url, config=CONFIG)
        started = time.monotonic()
        arn = client.get_caller_identity()["Arn"]
        milliseconds = 1000 * (time.monotonic() - started)
        report("identity", f"{arn}, says {client.meta.endpoint_url} in {milliseconds:.0f} ms")
