"""Traits of the servers that answer AWS's API: what a stack must know to work on an emulator.

Pure. `session.Account.server` finds out which server answers, `Stack.server` notes its name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote

from pixelater_cli.aws.keys import decode_key, encode_key


@dataclass(frozen=True)
class ServerTraits:
    """Where a server differs from AWS; the defaults are AWS's behavior.

    `write_filter` encodes a notification's prefix and suffix as S3 compares them with keys;
    `read_filter` decodes them.
    `settings_by_version`: Lambda takes the retries and the destination of a failed event from the
    version behind the alias that was invoked, not from the alias.
    `has_destinations`: Lambda sends failed events to that destination; where it does not, only to
    the dead-letter queue in the function's configuration.
    `pages_by_encoded_keys`: S3 compares the key that a listing goes on from, encoded, with encoded
    keys, if those are asked for; their order is another one than that of the listing.
    `health_path` answers GET on this server and on none that is asked after it.
    """

    name: str
    write_filter: Callable[[str], str] = encode_key
    read_filter: Callable[[str], str] = decode_key
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
        write_filter=str,
        read_filter=str,
        has_destinations=False,
        health_path="_ministack/health",
    ),
    ServerTraits(
        "LocalStack",
        write_filter=quote,  # A space is %20, as in the key of its events.
        read_filter=unquote,
        settings_by_version=True,
        pages_by_encoded_keys=True,  # 4.14.0; 4.13.1 compares with the plain key.
        health_path="_localstack/health",
    ),
    ServerTraits("moto", write_filter=str, read_filter=str, health_path="moto-api/config"),
)
"""Servers that differ, in the order in which they are asked."""


def get_traits(name: str) -> ServerTraits:
    """Return the traits of a server by its name; of an unknown one, AWS's."""
    return next((traits for traits in EMULATORS if traits.name == name), AWS)
