"""What becomes of requests that moto fails at, although their form is right."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from typing import Any

from pixelater_cli.emulator.strict.refusal import Refusal, StartResponse


def run(app: Any, environ: dict[str, Any], start: StartResponse, code: str) -> Iterable[bytes]:
    """Run a WSGI application. Raises Refusal where it does not know an operation, or fails.

    moto looks up what it was given without asking whether it is there; AWS would refuse that. An
    exception leaves its traceback on stderr: it may be a bug.
    """
    try:
        answered: Iterable[bytes] = app(environ, start)
    except NotImplementedError as error:
        message = f"this emulator does not have the operation: {error}"
        raise Refusal(400, "UnknownOperationException", message) from None
    except ImportError as error:  # A package that moto needs for it.
        message = f"this emulator does not have the operation: {error}"
        raise Refusal(400, "UnknownOperationException", message) from None
    except Exception as error:
        traceback.print_exc()
        message = f"this emulator cannot do what is asked: {type(error).__name__}: {error}"
        raise Refusal(400, code, message) from error
    return answered
