"""Results of commands: frozen data, rendered as JSON documents or as text.

A command loads only its own module, because each dataclass takes a millisecond to create. Paths are
strings, as in JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pixelater_cli.results.formatting import Table

DOCUMENT_VERSION = 1
"""Raised by changes that break programs that read documents; see docs/reference/json.md."""


CHANGES_PENDING = 3
"""Exit code: nothing was changed, though something would be (--plan, status), or the user answered
no. The other exit codes are in errors.py; 0 is success."""


@dataclass(frozen=True)
class CommandResult:
    """Result of a command; its fields are those of its JSON document.

    `colors` are for the first words of lines, such as the state of a resource.
    """

    command: ClassVar[str]
    colors: ClassVar[Mapping[str, str]] = {}

    @property
    def exit_code(self) -> int:
        return 0

    def render(self) -> Iterator[str | Table]:
        """Yield the lines and tables of the text."""
        raise NotImplementedError

    def render_quiet(self) -> Iterator[str | Table]:
        """Yield only the lines that --quiet prints, without problems."""
        return iter(())

    def render_advice(self) -> Iterator[str]:
        """Yield the lines for stderr that follow the text, unless --quiet."""
        return iter(())

    def render_problems(self) -> Iterator[str]:
        """Yield the lines about errors and warnings."""
        return iter(())
