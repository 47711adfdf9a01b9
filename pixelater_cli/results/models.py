"""Result of `pixelater models`, as JSON document and as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pixelater_cli.results import CommandResult
from pixelater_cli.results.formatting import Table, format_size

if TYPE_CHECKING:
    from typing_extensions import Doc


@dataclass(frozen=True)
class ModelState:
    """A model of a detector."""

    kind: Annotated[str, Doc("what it finds: faces or text")]
    title: Annotated[str, Doc("its name")]
    installed: Annotated[bool, Doc("whether it is installed")]
    bytes: Annotated[int, Doc("size of its file")]
    license: Annotated[str, Doc("license of the weights")]
    origin: Annotated[str, Doc("who trained it, and on what")]
    package: Annotated[str, Doc("package that it is taken from")]
    sha256: Annotated[str, Doc("SHA-256 of its file, in hexadecimal")]


@dataclass(frozen=True)
class ModelsResult(CommandResult):
    """Result of `pixelater models`."""

    command: ClassVar[Literal["models"]] = "models"
    action: Annotated[Literal["list", "install", "remove"], Doc("what was done")]
    models: Annotated[tuple[ModelState, ...], Doc("the models")]

    def render(self) -> Iterator[str | Table]:
        rows = tuple(
            (
                model.kind,
                model.title,
                "yes" if model.installed else "no",
                format_size(model.bytes),
                model.license,
            )
            for model in self.models
        )
        yield Table(("Finds", "Model", "Installed", "Size", "License"), rows)
        yield ""
        for model in self.models:
            yield f"{model.title}: {model.origin}."
