"""Options that several commands share.

Each setting of a stack can also come from an environment variable, PIXELATER_ and its name, or from
pixelater.toml (`config.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import typer
from typer.core import TyperOption
from typer.models import TyperPath

from pixelater_cli import console
from pixelater_cli.cli import addresses, completion
from pixelater_cli.errors import BadSetting, UsageError
from pixelater_cli.local.object_key import MAX_KEY_BYTES

ACCOUNT = "Keys, roles and tags"
STACK, PICTURES = "Stack", "Photos and mosaics"
LIMITS = "Limits of photos"
FUNCTION, COURSE = "Function", "Execution"
"""Groups of options on help pages."""

ROOM_FOR_NAMES = 100
"""Bytes of a key that --prefix and --suffix leave for pixelated-64x64- and a photo's name."""


def _setting(name: str, group: str, *flags: str, **options: Any) -> Any:
    """Return the option of a setting that PIXELATER_<NAME> also sets."""
    envvar = f"PIXELATER_{name}"
    return typer.Option(*flags, envvar=envvar, show_envvar=False, rich_help_panel=group, **options)


def list_common_options() -> list[TyperOption]:
    """Return the options that every command has: --quiet and --verbose."""

    def make(flags: list[str], help: str, listener: Callable[[bool], None]) -> TyperOption:
        return TyperOption(
            param_decls=flags,
            is_flag=True,
            default=False,
            expose_value=False,
            is_eager=True,
            help=help,
            callback=lambda _context, _option, wanted: listener(wanted),
        )

    return [
        make(["-q", "--quiet"], "Print only errors and requested results.", console.set_quiet),
        make(["-v", "--verbose"], "Log files read and AWS calls to stderr.", console.set_verbose),
    ]


class PathWord(TyperPath):
    """A path that is not empty. An empty one would be the current folder."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Convert a word to a path. Raises UsageError if it is empty, or no folder."""
        hint = "Check for an empty variable. For the current folder, write a dot."
        word = check_word(value, hint) if self.dir_okay else check_word(value)
        addresses.refuse_address(str(word), is_output="--out" in param.opts)
        if not self.file_okay and Path(word).is_file():
            raise UsageError(f"{word} is a file, not a folder", "Name a folder.")
        return super().convert(word, param, ctx)


class TagWord(TyperPath):
    """A tag; a variable has several, separated by commas."""

    envvar_list_splitter: ClassVar[str] = ","

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:  # noqa: ARG002 - Typer calls it so
        """Return the word: `read_tags` parses it."""
        return value

    def shell_complete(self, ctx: Any, param: Any, incomplete: str) -> list[Any]:  # noqa: ARG002
        """Complete nothing: a tag is not a path."""
        return []


def check_word(word: Any, hint: str = "Check for an empty variable.") -> Any:
    """Return a word of the command line. Raises UsageError if it is empty."""
    if word == "":
        raise UsageError("an argument is empty", hint)
    return word


_PHOTOS: dict[str, Any] = {
    "help": "Photos or folders of photos.",
    "click_type": PathWord(readable=False),
}
Photos = Annotated[list[Path], typer.Argument(metavar="PATHS...", **_PHOTOS)]
MaybePhotos = Annotated[list[Path] | None, typer.Argument(metavar="[PATHS]...", **_PHOTOS)]
Out = Annotated[
    Path, typer.Option("--out", "-o", help="Output folder.", metavar="DIR", click_type=PathWord())
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as a JSON document.")]
Plan = Annotated[
    bool,
    typer.Option(
        "--plan", "--dry-run", help="Show what would be done and exit.", rich_help_panel=COURSE
    ),
]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.", rich_help_panel=COURSE)
]

Profile = Annotated[
    str | None,
    _setting(
        "PROFILE",
        STACK,
        help="AWS profile.",
        metavar="NAME",
        autocompletion=completion.complete_profile,
    ),
]
Region = Annotated[str | None, _setting("REGION", STACK, help="AWS region.", metavar="NAME")]
EndpointUrl = Annotated[
    str | None,
    _setting(
        "ENDPOINT_URL", STACK, help="AWS emulator, such as http://localhost:4566.", metavar="URL"
    ),
]
StackName = Annotated[
    str,
    _setting(
        "STACK",
        STACK,
        "--stack",
        help="Name of the stack.",
        metavar="NAME",
        autocompletion=completion.complete_stack,
    ),
]
PlainNames = Annotated[
    bool,
    _setting(
        "PLAIN_NAMES",
        STACK,
        "--plain-names",
        help="Name buckets without account and region on AWS.",
    ),
]

SourceBucket = Annotated[
    str,
    _setting(
        "SOURCE_BUCKET", PICTURES, help="Existing bucket to read photos from.", metavar="NAME"
    ),
]
DestinationBucket = Annotated[
    str,
    _setting(
        "DESTINATION_BUCKET", PICTURES, help="Existing bucket to write mosaics to.", metavar="NAME"
    ),
]
Prefix = Annotated[
    str, _setting("PREFIX", PICTURES, help="Process only keys with this prefix.", metavar="TEXT")
]
Suffix = Annotated[
    str, _setting("SUFFIX", PICTURES, help="Process only keys with this suffix.", metavar="TEXT")
]


def _limit(name: str, help: str) -> Any:
    return _setting(name, LIMITS, help=help, min=1, metavar="N")


MaxPixels = Annotated[int | None, _limit("MAX_PIXELS", "Refuse photos with more pixels.")]
MaxSeconds = Annotated[
    int | None,
    _limit(
        "MAX_SECONDS", "Refuse photos that need more seconds of CPU, as estimated; default: 20."
    ),
]
MaxMemory = Annotated[
    int | None,
    _limit("MAX_MEMORY", "Refuse photos that need more MB of memory, as estimated; default: 600."),
]
MaxWritten = Annotated[
    int | None, _limit("MAX_WRITTEN", "Refuse photos whose mosaics are more MB; default: 64.")
]
MemoryOption = Annotated[
    int | None,
    _setting(
        "MEMORY",
        FUNCTION,
        help="Memory in MB; default: 1024, or 2048 with local detectors.",
        min=128,
        max=10240,
        metavar="N",
    ),
]
Concurrency = Annotated[
    int | None,
    _setting(
        "CONCURRENCY",
        FUNCTION,
        help="Reserved concurrency; 0 stops the function.",
        min=0,
        metavar="N",
    ),
]
LogDays = Annotated[
    int, _setting("LOG_DAYS", FUNCTION, help="Days to keep the log.", min=1, metavar="N")
]
RuntimeOption = Annotated[
    Literal["python3.12", "python3.13", "python3.14"],
    _setting(
        "RUNTIME",
        FUNCTION,
        help="Lambda runtime: python3.12, python3.13 or python3.14.",
        metavar="NAME",
    ),
]
Architecture = Annotated[
    Literal["arm64", "x86_64"] | None,
    _setting(
        "ARCHITECTURE", FUNCTION, help="arm64 or x86_64; default on AWS: arm64.", metavar="NAME"
    ),
]
MirrorDeletes = Annotated[
    bool,
    _setting(
        "MIRROR_DELETES",
        PICTURES,
        "--mirror-deletes/--keep-mosaics",
        help="Delete the mosaics of deleted photos.",
    ),
]
KmsKey = Annotated[
    str,
    _setting(
        "KMS_KEY", ACCOUNT, help="KMS key of the stack's buckets: ID, ARN or alias.", metavar="KEY"
    ),
]
FunctionRole = Annotated[
    str,
    _setting(
        "FUNCTION_ROLE",
        ACCOUNT,
        help="Existing role for the function, which is not changed.",
        metavar="ARN",
    ),
]
PermissionsBoundary = Annotated[
    str,
    _setting(
        "PERMISSIONS_BOUNDARY",
        ACCOUNT,
        help="Permissions boundary of the role that deploy creates.",
        metavar="ARN",
    ),
]
RolePath = Annotated[
    str, _setting("ROLE_PATH", ACCOUNT, help="Path of that role, such as /team/.", metavar="PATH")
]
Tags = Annotated[
    list[str] | None,
    _setting(
        "TAG",
        ACCOUNT,
        "--tag",
        help="Tag of all resources, such as team=imaging; repeatable.",
        metavar="NAME=VALUE",
        click_type=TagWord(),
    ),
]
PrintedPolicy = Annotated[
    Literal["deployer", "operator", "function"] | None,
    typer.Option(
        "--print-policy",
        help="Print an IAM policy: of who deploys (default), operates, or for --function-role.",
        metavar="[deployer|operator|function]",
        rich_help_panel=COURSE,
    ),
]
SmokeTestOption = Annotated[
    bool,
    _setting(
        "SMOKE_TEST",
        COURSE,
        "--smoke-test/--no-smoke-test",
        help="Run a smoke test with a small test image after changes.",
    ),
]


def check_key_part(option: str, text: str, room: int = 0) -> None:
    """Raise BadSetting for text that does not fit into an S3 key with `room` bytes to spare."""
    try:
        length = len(text.encode())
    except UnicodeEncodeError as error:  # Python reads such bytes as lone surrogates.
        problem = f"{text!r} is not valid UTF-8, as keys in S3 must be"
        raise BadSetting(option, problem, "Check the encoding of the terminal.") from error
    if length + room > MAX_KEY_BYTES:
        raise BadSetting(
            option,
            f"{length:,} bytes; an S3 key has at most {MAX_KEY_BYTES:,}",
            f"Use at most {MAX_KEY_BYTES - room:,} bytes"
            + (", which leaves room for the photo's name." if room else "."),
        )
