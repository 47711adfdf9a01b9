"""Owns the errors a user can mend: each says what, which, and what to do now, and has an exit code.

Anything that is not a PixelaterError is a bug and keeps its traceback.
"""

from __future__ import annotations


class PixelaterError(Exception):
    """What went wrong, and a hint: what to do now."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(PixelaterError):
    """The command line cannot be meant this way."""

    exit_code = 2


class NoPhotos(PixelaterError):
    """There is nothing to do: no photo was found."""


class UnusablePath(PixelaterError):
    """A file or folder that cannot be read or written."""


class AwsError(PixelaterError):
    """AWS, or the endpoint that stands in for it, did not do what was asked."""


class PackageError(PixelaterError):
    """The Lambda package cannot be built on this machine."""


class EmulatorError(PixelaterError):
    """The emulator cannot start, or a function in it did not answer."""
