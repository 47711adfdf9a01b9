"""A built zip: its digest, its hash and its bytes."""

from __future__ import annotations

from dataclasses import dataclass, field

from pixelater_cli.aws.stack import Stack


@dataclass(frozen=True)
class Package:
    """The zip. `digest` identifies its contents, `sha256` its bytes, in base64."""

    digest: str
    sha256: str
    data: bytes = field(repr=False)

    def name_key(self, stack: Stack) -> str:
        return f"{stack.function}/{self.digest}.zip"


EMPTY_PACKAGE = Package("", "", b"")
"""Stands for the zip where none is needed: to show and to remove a stack."""
