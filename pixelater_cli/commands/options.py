"""Owns the options that several commands share, so that they read the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pixelater_cli.errors import UsageError

Photos = Annotated[
    list[Path],
    typer.Argument(metavar="PATHS", help="Photos, or folders of photos.", readable=False),
]
Out = Annotated[Path, typer.Option(help="Folder for the mosaics.", metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as one JSON document.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but warnings and errors.")]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Say on stderr what becomes of every file.")
]
Profile = Annotated[str | None, typer.Option(help="AWS profile.", metavar="NAME")]
Region = Annotated[str | None, typer.Option(help="AWS region.", metavar="NAME")]
EndpointUrl = Annotated[
    str | None,
    typer.Option(help="An AWS stand-in, such as http://localhost:4566.", metavar="URL"),
]
StackName = Annotated[
    str,
    typer.Option(
        "--stack", help="Which of several stacks.", metavar="NAME", envvar="PIXELATER_STACK"
    ),
]
PlainNames = Annotated[
    bool, typer.Option("--plain-names", help="On AWS: bucket names without account and region.")
]
Plan = Annotated[bool, typer.Option("--plan", help="Show what would be done, and stop.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def read_grids(text: str) -> tuple[int, ...]:
    """Read the value of --grids. Raises UsageError."""
    from pixelater import BadGrids, parse_grids

    try:
        return parse_grids(text)
    except BadGrids as error:
        raise UsageError(f"--grids: {error}", "Write them like this: --grids 8,16,32") from error
