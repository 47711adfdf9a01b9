"""What becomes of requests that moto fails at, although their form is right."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from typing import Any

from pixelater_cli.emulator.strict.refusal import Refusal, StartResponse

Error = tuple[int, str]
"""The status and the code of an error."""

UNKNOWN: Error = 400, "UnknownOperationException"

NOT_INSTALLED: Error = 501, "NotImplemented"
"""Of an operation for which moto needs a package that is not installed, such as docker."""


def run(
    app: Any,
    environ: dict[str, Any],
    start: StartResponse,
    failed: Error,
    absent: Error = UNKNOWN,
) -> Iterable[bytes]:
    """Run a WSGI application. Raises Refusal where it does not know an operation, or fails.

    moto looks up what it was given without asking whether it is there; AWS would refuse that. An
    exception leaves its traceback on stderr: it may be a bug.
    """
    try:
        answered: Iterable[bytes] = app(environ, start)
    except Refusal:
        raise
    except NotImplementedError as error:
        message = f"this emulator does not have the operation: {error}"
        raise Refusal(*absent, message) from None
    except ImportError as error:
        message = f"this emulator does not have the operation: {error}"
        raise Refusal(*NOT_INSTALLED, message) from None
    except Exception as error:
        traceback.print_exc()
        message = f"this emulator cannot do what is asked: {type(error).__name__}: {error}"
        raise Refusal(*failed, message) from error
    return answered
