"""Owns what `pixelater rollback` returns. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from pixelater_cli.results import CommandResult


@dataclass(frozen=True)
class RollbackResult(CommandResult):
    """What `pixelater rollback` did: the version that ran, and the one that runs now."""

    command: ClassVar[Literal["rollback"]] = "rollback"
    account: str
    region: str
    stack: str
    function: str
    left: str
    function_version: str

    def tell(self) -> Iterator[str]:
        yield f"{self.function}: version {self.function_version} runs, no longer {self.left}"
