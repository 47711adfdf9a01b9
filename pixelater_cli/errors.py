"""Owns the errors a user can mend: each says what, which, and what to do now, and has an exit code.

Anything that is not a PixelaterError is a bug and keeps its traceback; batch.py reports one that a
photo meets as that photo's error.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

HEIC_HINT = (
    "Install it beside pixelater: pip install pillow-heif, or: pipx inject pixelater pillow-heif"
)
"""What to do for HEIC, however pixelater was installed."""


class PixelaterError(Exception):
    """What went wrong, and a hint: what to do now."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(PixelaterError):
    """The command line cannot be meant this way."""

    exit_code = 2


class BadSetting(UsageError):
    """The value of an option cannot be meant.

    `option` is written without hyphens before it; `place` tells where the value came from, if not
    from the command line: an environment variable, or a file and its key.
    """

    def __init__(self, option: str, problem: str, hint: str = "", *, place: str = "") -> None:
        super().__init__(problem, hint)
        self.option = option
        self.place = place

    def __str__(self) -> str:
        return f"{self.place or f'--{self.option}'}: {super().__str__()}"


class Interrupted(PixelaterError):
    """Ctrl-C ended a command; the message says what that leaves behind, and what to do now."""

    exit_code = 130
    """128 and the number of SIGINT, as shells have it."""


@contextmanager
def on_interrupt(what: str) -> Iterator[None]:
    """Say, should Ctrl-C end this, what it leaves behind and what to do now. Raises Interrupted."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(what) from None


class NoPhotos(PixelaterError):
    """There is nothing to do: no photo was found."""


class UnusablePath(PixelaterError):
    """A file or folder that cannot be read or written."""


class AwsError(PixelaterError):
    """AWS, or the endpoint that stands in for it, did not do what was asked."""


class NotSignedIn(AwsError):
    """There are no credentials, or AWS takes them no longer."""


class BadAwsSetting(AwsError):
    """A region or a profile that is none, wherever it was named."""

    exit_code = 2


class MissingRegion(BadAwsSetting):
    """No region is named anywhere."""


class PackageError(PixelaterError):
    """The Lambda package cannot be built on this machine."""


class EmulatorError(PixelaterError):
    """The emulator cannot start, or a function in it did not answer."""


def explain_os_error(error: OSError) -> str:
    """Return what the system says of an error, in lower case.

    >>> explain_os_error(FileNotFoundError(2, "No such file or directory"))
    'no such file or directory'
    """
    return (error.strerror or str(error)).lower()
