"""Own what commands return: frozen data, the shape of the JSON documents, and how it reads.

Pure, a module for each command. Every document carries `version`; a change that breaks readers
raises it. Paths are strings. A command loads its own results only: Python takes a millisecond to
make each of these classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pixelater_cli.results.formatting import Table

DOCUMENT_VERSION = 1
"""Raised by changes that break readers of documents; see docs/reference/json.md."""


CHANGES_PENDING = 3
"""Exit code: something would change, or the user answered no, so that nothing was changed."""


@dataclass(frozen=True)
class CommandResult:
    """What a command returns; its fields are its JSON document.

    `colors` are those of words that lines of text begin with, such as the state of a resource.
    """

    command: ClassVar[str]
    colors: ClassVar[Mapping[str, str]] = {}

    @property
    def exit_code(self) -> int:
        return 0

    def render(self) -> Iterator[str | Table]:
        """Put it into words, line by line, for a person."""
        raise NotImplementedError

    def render_quiet(self) -> Iterator[str | Table]:
        """Say only what cannot be done without; what is wrong `render_problems` says."""
        return iter(())

    def render_problems(self) -> Iterator[str]:
        """Say, line by line, what went wrong."""
        return iter(())
