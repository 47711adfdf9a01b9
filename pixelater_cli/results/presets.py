"""Result of `pixelater presets`, as JSON document and as text."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pixelater_cli.results import CommandResult
from pixelater_cli.results.formatting import wrap

if TYPE_CHECKING:
    from typing_extensions import Doc

FLAGS = {"true": "--{}", "false": "--no-{}"}
"""How switches are written on the command line."""


@dataclass(frozen=True)
class ShownPreset:
    """A preset."""

    name: Annotated[str, Doc("name, as in `--preset NAME`")]
    purpose: Annotated[str, Doc("what it is for; empty for one of the settings file")]
    source: Annotated[str, Doc("settings file that it is from; empty: built in")]
    options: Annotated[dict[str, str], Doc("options and their values, as in the settings file")]


@dataclass(frozen=True)
class PresetsResult(CommandResult):
    """Result of `pixelater presets`."""

    command: ClassVar[Literal["presets"]] = "presets"
    presets: Annotated[tuple[ShownPreset, ...], Doc("presets: those built in, then the others")]

    def render(self) -> Iterator[str]:
        for number, preset in enumerate(self.presets):
            if number:
                yield ""
            yield preset.name
            yield from wrap(preset.purpose or f"From {preset.source}.", "  ")
            yield from wrap(f"  {_format_options(preset.options)}")

    def render_quiet(self) -> Iterator[str]:
        yield from (preset.name for preset in self.presets)


def _format_options(options: Mapping[str, str]) -> str:
    """Return options as on a command line.

    >>> _format_options({"palette": "my colors.hex", "exact": "true"})
    "--palette 'my colors.hex' --exact"
    """
    return " ".join(
        FLAGS[value].format(name) if value in FLAGS else f"--{name} {shlex.quote(value)}"
        for name, value in options.items()
    )
