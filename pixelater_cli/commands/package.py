"""`pixelater package`: build the function's zip."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from pixelater_cli import console, progress
from pixelater_cli.cli import options
from pixelater_cli.errors import BadSetting, UnusablePath
from pixelater_cli.local.files import write_whole


def package(
    file: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Output file.",
            metavar="FILE",
            click_type=options.PathWord(dir_okay=False),
        ),
    ] = None,
    output_file: Annotated[
        Path | None,
        typer.Option(
            "--output", hidden=True, metavar="FILE", click_type=options.PathWord(dir_okay=False)
        ),
    ] = None,
    runtime: options.RuntimeOption = "python3.13",
    architecture: options.Architecture = None,
    only: Annotated[
        str,
        typer.Option(
            help="Detectors to pack: faces, text, faces,text or none.",
            metavar="KINDS",
        ),
    ] = "none",
    json: options.Json = False,
) -> None:
    """Build the function's zip and list its contents.

    The digest depends on the sources only. Pillow is downloaded once and checked against its pinned
    hash. Modules are compiled if a Python of the runtime's version is installed.

    \b
    Examples:
      pixelater package
      pixelater package --out function.zip --runtime python3.14
      pixelater package --architecture x86_64 --json
      pixelater package --only faces,text

    \b
    Exit codes:
      0    built
      1    the zip cannot be built or written
      2    wrong command line, environment variable or pixelater.toml
      130  interrupted by Ctrl-C
    """  # noqa: D301 - \b, alone on a line, is for Typer: the paragraph is not wrapped
    from platformdirs import user_cache_path

    from pixelater_cli.aws.package import builder
    from pixelater_cli.local.detector_package import read_models
    from pixelater_cli.results.package import to_package_result

    file = file or output_file
    if file is not None and os.path.lexists(file) and not builder.is_package(file):
        raise UnusablePath(
            f"{file} already exists and is not a package of pixelater",
            "Choose another name or delete the file.",
        )
    kinds = _read_kinds(only)
    architecture = architecture or "arm64"
    cache = user_cache_path("pixelater")
    with progress.spinner(builder.GATHERING, progress.PATIENCE_SECONDS):
        detectors = read_models(kinds) if kinds else None
        built = builder.pack(builder.gather_for_lambda(runtime, architecture, cache, detectors))
    if file is not None:
        write_whole(file, built.data)
    path = None if file is None else str(file)
    console.show(to_package_result(built, runtime, architecture, path), json)


def _read_kinds(word: str) -> tuple[str, ...]:
    from pixelater.redaction import parse_kinds

    try:
        return parse_kinds(word)
    except ValueError as error:
        raise BadSetting("only", str(error), "Write faces,text for both.") from error
