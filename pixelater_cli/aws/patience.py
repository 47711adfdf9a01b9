"""Clients of boto3 that live with throttling and with faults of a service.

boto3 itself repeats a call twice, within seconds; AWS may throttle for longer. Errors of single
operations, such as a role that Lambda does not know yet, are repeated by `retries.call_patiently`.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ConnectionError as NoConnection
from botocore.exceptions import EndpointConnectionError, HTTPClientError

from pixelater_cli.aws.retries import (
    GENERAL_ERRORS,
    GIVEN_UP,
    LOST_ANSWER,
    PassingError,
    Sleep,
    next_pause,
)

WAITED = "pixelater-waited"
"""Entry of a call's context, which all of its attempts share: attempts and seconds of pauses."""


def make_patient(client: Any, sleep: Sleep) -> None:
    """Let a client repeat each call until throttling, or a fault of the service, is over.

    The event is botocore's own for retries (`Endpoint._needs_retry`): the first handler that does
    not return None decides, with the seconds to sleep before the next attempt.
    """

    def decide(
        response: Any, caught_exception: Exception | None, request_dict: Any, **_others: Any
    ) -> int | None:
        passing = _find_general(response, caught_exception)
        if passing is None:
            return None
        context = request_dict["context"]
        attempt, waited = context.get(WAITED, (0, 0.0))
        pause = next_pause(passing, attempt + 1, waited)
        if pause is None:
            if response is not None:
                response[1]["ResponseMetadata"][GIVEN_UP] = True
            return None
        context[WAITED] = attempt + 1, waited + pause
        sleep(pause)
        return 0

    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register_first(f"needs-retry.{service}", decide)


def _find_general(response: Any, error: Exception | None) -> PassingError | None:
    """Find what passes for any call; a server that was never reached may not exist."""
    if error is not None:
        is_lost = isinstance(error, NoConnection | HTTPClientError)
        return LOST_ANSWER if is_lost and not isinstance(error, EndpointConnectionError) else None
    code = response[1].get("Error", {}).get("Code") if response is not None else None
    return next((known for known in GENERAL_ERRORS if code in known.codes), None)
