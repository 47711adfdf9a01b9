"""Owns what `pixelater rollback` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True)
class RollbackResult:
    """What `pixelater rollback` did: the version that ran, and the one that runs now."""

    command: ClassVar[Literal["rollback"]] = "rollback"
    account: str
    region: str
    stack: str
    function: str
    left: str
    function_version: str

    @property
    def exit_code(self) -> int:
        return 0
