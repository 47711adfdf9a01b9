"""A built zip: what it is called, its hash and its bytes."""

from __future__ import annotations

from dataclasses import dataclass, field

from pixelater_cli.aws.stack import Stack


@dataclass(frozen=True)
class Package:
    """The zip. `digest` names its contents, whatever packed them; `sha256` its bytes, in base64."""

    digest: str
    sha256: str
    data: bytes = field(repr=False)

    def name_key(self, stack: Stack) -> str:
        return f"{stack.function}/{self.digest}.zip"
