"""Errors that a user can fix: each has a message, a hint and an exit code.

Any other exception is a bug and keeps its traceback. workers.py reports a bug that occurs for a
photo as the error of that photo.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

HEIC_HINT = (
    "Install it next to pixelater: pip install pillow-heif, or: pipx inject pixelater pillow-heif"
)
"""How to install the decoder of HEIC, with pip or with pipx."""


class PixelaterError(Exception):
    """What failed, with a hint how to fix it."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(PixelaterError):
    """A wrong command line."""

    exit_code = 2


class BadSetting(UsageError):
    """A wrong value of an option.

    `option` has no leading hyphens. `place` is the environment variable, or the file and key, that
    the value comes from; "" is the command line.
    """

    def __init__(self, option: str, problem: str, hint: str = "", *, place: str = "") -> None:
        super().__init__(problem, hint)
        self.option = option
        self.place = place

    def __str__(self) -> str:
        return f"{self.place or f'--{self.option}'}: {super().__str__()}"


class Interrupted(PixelaterError):
    """Ctrl-C ended a command; the message says what remains, and what to do."""

    exit_code = 130
    """128 plus the number of SIGINT, as in shells."""


@contextmanager
def on_interrupt(what: str) -> Iterator[None]:
    """Turn Ctrl-C into Interrupted with this message."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(what) from None


class NoPhotos(PixelaterError):
    """No photo was found."""


class UnusablePath(PixelaterError):
    """A file or folder that cannot be read or written."""


class AwsError(PixelaterError):
    """AWS, or an AWS emulator, refused a request or did not answer."""


class NotSignedIn(AwsError):
    """No credentials were found, or they have expired."""


class BadAwsSetting(AwsError):
    """A region or profile that does not exist."""

    exit_code = 2


class MissingRegion(BadAwsSetting):
    """No region is set."""


class PackageError(PixelaterError):
    """The Lambda package cannot be built on this machine."""


class EmulatorError(PixelaterError):
    """The emulator cannot start, or a function in it does not answer."""


def explain_os_error(error: OSError) -> str:
    """Return the system's message for an error, in lower case.

    >>> explain_os_error(FileNotFoundError(2, "No such file or directory"))
    'no such file or directory'
    """
    return (error.strerror or str(error)).lower()
