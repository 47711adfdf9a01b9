"""Owns finding out, step by step and within seconds, whether somebody is signed in, and where."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Thread

from boto3 import Session
from botocore.config import Config
from botocore.exceptions import NoCredentialsError

from pixelater_cli.aws.errors import translate_errors
from pixelater_cli.aws.session import Account, open_session
from pixelater_cli.errors import MissingRegion, PixelaterError

TIMEOUT_SECONDS = 5
"""As long as all of it may take: name servers, sign-in pages and metadata services included."""

ANY_REGION = "us-east-1"

Tell = Callable[[str, str | PixelaterError], None]
"""Takes what was looked at, and what was found, or why it fails."""

SOURCES = {
    "env": "the environment",
    "shared-credentials-file": "the credentials file",
    "config-file": "the configuration file",
    "sso": "single sign-on",
    "assume-role": "a role of the profile",
    "iam-role": "this machine's role",
    "container-role": "this container's role",
    "explicit": "nowhere: made up, as the endpoint needs none",
}


def identify(profile: str | None, region: str | None, endpoint_url: str | None, tell: Tell) -> None:
    """Find settings, credentials and identity; `tell` hears of each as it is found.

    What comes after something that fails is not looked at, but for a region that is missing.
    """
    looked_at = ["settings"]
    errors: list[PixelaterError] = []

    def work() -> None:
        try:
            _identify(profile, region, endpoint_url, looked_at, tell)
        except PixelaterError as error:
            errors.append(error)

    # Nothing bounds the time that looking up a name takes; the thread ends with the process.
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
        tell(looked_at[-1], errors[0])


def placeholder_account(region: str | None) -> Account:
    """Give an account nobody has signed in to, with words where its number and region would be.

    Raises BadAwsSetting.
    """
    with translate_errors():
        partition = Session().get_partition_for_region(region) if region else "aws"
    return Account("ACCOUNT", region or "REGION", partition, None, {})


def _identify(
    profile: str | None,
    region: str | None,
    endpoint_url: str | None,
    looked_at: list[str],
    tell: Tell,
) -> None:
    with translate_errors():
        session, found_region, found_url = _open(profile, region, endpoint_url, tell)
        looked_at.append("credentials")
        credentials = session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        source = SOURCES.get(credentials.method, credentials.method)
        tell("credentials", f"from {source}")
        looked_at.append("identity")
        patience = Config(
            connect_timeout=TIMEOUT_SECONDS,
            read_timeout=TIMEOUT_SECONDS,
            retries={"total_max_attempts": 1},
        )
        client = session.client("sts", found_region, endpoint_url=found_url, config=patience)
        started = time.monotonic()
        arn = client.get_caller_identity()["Arn"]
        milliseconds = 1000 * (time.monotonic() - started)
        tell("identity", f"{arn}, says {client.meta.endpoint_url} in {milliseconds:.0f} ms")


def _open(
    profile: str | None, region: str | None, endpoint_url: str | None, tell: Tell
) -> tuple[Session, str, str | None]:
    """Find the settings. Who is signed in is known in every region, so a missing one is told only.

    Raises botocore's errors.
    """
    try:
        with translate_errors():
            found = open_session(profile, region, endpoint_url)
    except MissingRegion as error:
        found = open_session(profile, ANY_REGION, endpoint_url)
        tell("settings", error)
    else:
        tell("settings", f"profile {found[0].profile_name}, region {found[1]}")
    return found
