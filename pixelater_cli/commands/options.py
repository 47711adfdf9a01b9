"""Owns the options that several commands share, so that they read the same everywhere.

Each setting of a stack can also come from an environment variable, PIXELATER_ and its name, or from
pixelater.toml (`config.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from pixelater_cli import completion
from pixelater_cli.errors import UsageError


def _setting(name: str, *flags: str, **options: Any) -> Any:
    """Make the option of a setting that PIXELATER_<NAME> sets, too."""
    return typer.Option(*flags, envvar=f"PIXELATER_{name}", show_envvar=False, **options)


Photos = Annotated[
    list[Path],
    typer.Argument(metavar="PATHS", help="Photos, or folders of photos.", readable=False),
]
MaybePhotos = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[PATHS]", help="Photos, or folders of photos.", readable=False),
]
Out = Annotated[Path, typer.Option(help="Folder for the mosaics.", metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as one JSON document.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but warnings and errors.")]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Say on stderr what becomes of every file.")
]
Plan = Annotated[bool, typer.Option("--plan", help="Show what would be done, and stop.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

Profile = Annotated[
    str | None,
    _setting(
        "PROFILE", help="AWS profile.", metavar="NAME", autocompletion=completion.complete_profile
    ),
]
Region = Annotated[str | None, _setting("REGION", help="AWS region.", metavar="NAME")]
EndpointUrl = Annotated[
    str | None,
    _setting("ENDPOINT_URL", help="An AWS stand-in, such as http://localhost:4566.", metavar="URL"),
]
StackName = Annotated[
    str,
    _setting(
        "STACK",
        "--stack",
        help="Which of several stacks.",
        metavar="NAME",
        autocompletion=completion.complete_stack,
    ),
]
PlainNames = Annotated[
    bool,
    _setting(
        "PLAIN_NAMES", "--plain-names", help="On AWS: bucket names without account and region."
    ),
]

SourceBucket = Annotated[
    str,
    _setting("SOURCE_BUCKET", help="Use this bucket, which is there already.", metavar="NAME"),
]
DestinationBucket = Annotated[
    str,
    _setting("DESTINATION_BUCKET", help="Use this bucket, which is there already.", metavar="NAME"),
]
Prefix = Annotated[str, _setting("PREFIX", help="Only keys that begin so.", metavar="TEXT")]
Suffix = Annotated[str, _setting("SUFFIX", help="Only keys that end so.", metavar="TEXT")]
Grids = Annotated[
    str | None,
    _setting("GRIDS", help="Cells across and down; default: the five.", metavar="LIST"),
]
MaxPixels = Annotated[
    int | None, _setting("MAX_PIXELS", help="Refuse larger photos.", min=1, metavar="N")
]
Memory = Annotated[
    int,
    _setting("MEMORY", help="Megabytes of the function.", min=128, max=10240, metavar="N"),
]
Concurrency = Annotated[
    int | None, _setting("CONCURRENCY", help="Reserve so many at a time.", min=0, metavar="N")
]
LogDays = Annotated[int, _setting("LOG_DAYS", help="Days to keep the log.", min=1, metavar="N")]
Runtime = Annotated[
    Literal["python3.12", "python3.13", "python3.14"],
    _setting("RUNTIME", help="python3.12, python3.13 or python3.14.", metavar="NAME"),
]
Architecture = Annotated[
    Literal["arm64", "x86_64"] | None,
    _setting("ARCHITECTURE", help="arm64 or x86_64; default: arm64.", metavar="NAME"),
]
MirrorDeletes = Annotated[
    bool,
    _setting(
        "MIRROR_DELETES",
        "--mirror-deletes/--keep-mosaics",
        help="When a photo is deleted, delete its mosaics.",
    ),
]
SmokeTest = Annotated[
    bool,
    _setting(
        "SMOKE_TEST",
        "--smoke-test/--no-smoke-test",
        help="Send a tiny picture through after changes.",
    ),
]


def read_grids(text: str) -> tuple[int, ...]:
    """Read the value of --grids. Raises UsageError."""
    from pixelater import BadGrids, parse_grids

    try:
        return parse_grids(text)
    except BadGrids as error:
        raise UsageError(f"--grids: {error}", "Write them like this: --grids 8,16,32") from error
