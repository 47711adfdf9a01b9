"""Traits of the servers that implement AWS's API: where emulators differ from AWS.

No I/O. `session.Account.server` finds the server, `Stack.server` is its name.
"""

from __future__ import annotations

from dataclasses import dataclass

from pixelater_cli.aws.key_encoding import FilterEncoding


@dataclass(frozen=True)
class ServerTraits:
    """Where a server differs from AWS; the defaults are AWS's behavior.

    `filter_encoding`: how S3 wants a notification's prefix and suffix. LocalStack compares them
    with the key of its event, percent-encoded (services/s3/notifications.py of 4.14.0).
    `settings_by_version`: Lambda takes the retries and the destination of a failed event from the
    version behind the alias that was invoked, not from the alias.
    `has_destinations`: Lambda sends failed events to that destination; where it does not, only to
    the dead-letter queue in the function's configuration.
    `pages_by_encoded_keys`: if encoded keys are requested, S3 compares StartAfter with encoded
    keys, whose order differs from that of the listing.
    `health_path` answers GET on this server, and on none after it in `EMULATORS`.
    """

    name: str
    filter_encoding: FilterEncoding = "form"
    settings_by_version: bool = False
    has_destinations: bool = True
    pages_by_encoded_keys: bool = False
    health_path: str = ""


AWS = ServerTraits("AWS")
"""AWS, `pixelater emulate`, and every server that is not known to differ."""

EMULATORS = (
    # Also answers LocalStack's path, so it comes first.
    ServerTraits(
        "ministack",
        filter_encoding="none",
        has_destinations=False,
        health_path="_ministack/health",
    ),
    ServerTraits(
        "LocalStack",
        filter_encoding="percent",
        settings_by_version=True,
        pages_by_encoded_keys=True,  # 4.14.0; 4.13.1 compares with the plain key.
        health_path="_localstack/health",
    ),
    ServerTraits("moto", filter_encoding="none", health_path="moto-api/config"),
)
"""Servers that differ, in the order in which they are probed."""


def get_traits(name: str) -> ServerTraits:
    """Return the traits of a server by its name; AWS's for other names."""
    return next((traits for traits in EMULATORS if traits.name == name), AWS)
