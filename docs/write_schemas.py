"""Schemas of the JSON documents, and the tables of json.md: made from what the commands return.

    python docs/write_schemas.py

A schema says what a document of this version may be (https://json-schema.org, draft 2020-12). A
test compares (tests/functional/test_json.py), and says what to do when a document changes.
"""

from __future__ import annotations

import json
import re
import types
from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from typing_extensions import Doc

from pixelater_cli.aws.deploy.plan import ChangedResource
from pixelater_cli.results import DOCUMENT_VERSION, CommandResult, shared_fields
from pixelater_cli.results.backfill import BackfillResult, BatchJobResult, RefreshResult
from pixelater_cli.results.deploy import DeployResult
from pixelater_cli.results.destroy import DestroyResult
from pixelater_cli.results.doctor import DoctorResult
from pixelater_cli.results.emulate import EmulateResult
from pixelater_cli.results.failures import FailuresResult
from pixelater_cli.results.models import ModelsResult
from pixelater_cli.results.package import PackageResult
from pixelater_cli.results.palette import PaletteResult
from pixelater_cli.results.presets import PresetsResult
from pixelater_cli.results.preview import PreviewResult
from pixelater_cli.results.push import PushResult
from pixelater_cli.results.rollback import RollbackResult
from pixelater_cli.results.run import RunResult
from pixelater_cli.results.run_plan import RunPlan
from pixelater_cli.results.serve import HappeningResult, ServingResult, WeatherResult
from pixelater_cli.results.spritesheet import SpritesheetResult
from pixelater_cli.results.status import StatusResult

FOLDER = Path(__file__).parent / "reference" / "schemas"
PAGE = FOLDER.with_name("json.md")
TABLE = re.compile(r"(?<=<!-- fields of )(\w+)( -->\n).*?(?=<!-- end of fields -->)", re.DOTALL)

Schema = dict[str, Any]


@dataclass(frozen=True)
class JsonError:
    """What `output.show_json_error` prints; a test validates it like all others."""

    message: Annotated[str, Doc("what went wrong, as a sentence")]
    hint: Annotated[str, Doc("what to do about it; may be empty")]
    exit_code: Annotated[int, Doc("exit code of the command")]


@dataclass(frozen=True)
class ErrorResult(CommandResult):
    """What a command prints that ends without its own document."""

    error: Annotated[JsonError, Doc("what went wrong")]


RESULTS: tuple[type[CommandResult], ...] = (
    RunResult,
    PreviewResult,
    RunPlan,
    SpritesheetResult,
    EmulateResult,
    ServingResult,
    HappeningResult,
    WeatherResult,
    DeployResult,
    PushResult,
    StatusResult,
    FailuresResult,
    BackfillResult,
    BatchJobResult,
    RefreshResult,
    RollbackResult,
    DestroyResult,
    PackageResult,
    PaletteResult,
    PresetsResult,
    ModelsResult,
    DoctorResult,
    ErrorResult,
)
TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", types.NoneType: "null"}
FIELD_TYPES = {
    "Doc": Doc,
    "Document": dict[str, Any],
    "ChangedResource": ChangedResource,
    **vars(shared_fields),
}
"""Names in the annotations of results that only type checkers import."""


def main() -> None:
    """Write every schema, and the tables of the page."""
    for path, text in make_files().items():
        path.write_text(text)


def make_files() -> dict[Path, str]:
    """Make every schema, and the page with its tables."""
    schemas = {FOLDER / f"{name}.json": schema for name, schema in make_schemas().items()}
    texts = {path: json.dumps(schema, indent=2) + "\n" for path, schema in schemas.items()}
    return {**texts, PAGE: TABLE.sub(_fill_table, PAGE.read_text())}


def make_schemas() -> dict[str, Schema]:
    """Make a schema for each document: that of a command, and "error"."""
    kinds: dict[str, list[type[CommandResult]]] = {}
    for result in RESULTS:
        kinds.setdefault(getattr(result, "command", "error"), []).append(result)
    return {name: _describe_document(name, some) for name, some in kinds.items()}


def _describe_document(name: str, results: list[type[CommandResult]]) -> Schema:
    parts: dict[str, Schema] = {}
    for result in results:
        _describe_class(result, parts)
        own = parts[result.__name__]
        command = {"type": "string"} if result is ErrorResult else {"const": name}
        own["properties"] = {"version": {"const": DOCUMENT_VERSION}, "command": command} | own[
            "properties"
        ]
        own["required"] = ["version", "command", *own["required"]]
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "pixelater: an error" if name == "error" else f"pixelater: {name}",
    }
    which = [{"$ref": f"#/$defs/{result.__name__}"} for result in results]
    return head | (which[0] if len(which) == 1 else {"oneOf": which}) | {"$defs": parts}


def _describe_class(cls: type, parts: dict[str, Schema]) -> None:
    """Add a dataclass, and those in it, to `parts`."""
    properties = {
        name: {**_describe_type(hint, parts), "description": meaning}
        for name, hint, meaning in _list_fields(cls)
    }
    parts[cls.__name__] = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
    }


def _list_fields(cls: Any) -> Iterator[tuple[str, Any, str]]:
    """List a dataclass's fields: name, type and meaning. ValueError: one has no meaning."""
    hints = get_type_hints(cls, localns=FIELD_TYPES, include_extras=True)
    for field in dataclass_fields(cls):
        hint, meaning = get_args(hints[field.name])
        yield field.name, hint, meaning.documentation


def _describe_type(hint: Any, parts: dict[str, Schema]) -> Schema:
    origin, arguments = get_origin(hint), get_args(hint)
    if is_dataclass(hint):
        _describe_class(hint, parts)  # type: ignore[arg-type]
        return {"$ref": f"#/$defs/{hint.__name__}"}  # type: ignore[union-attr]
    if origin is tuple:
        return {"type": "array", "items": _describe_type(arguments[0], parts)}
    if origin is dict:
        values = {} if arguments[1] is Any else _describe_type(arguments[1], parts)
        return {"type": "object", "additionalProperties": values or True}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, types.UnionType):
        return {"type": [TYPES[member] for member in arguments]}
    return {"type": TYPES[hint]}


def _fill_table(found: re.Match[str]) -> str:
    """Format the table of a class's fields, those of the classes in it below their own."""
    cls = next(result for result in RESULTS if result.__name__ == found[1])
    rows = "".join(f"| `{name}` | {kind} | {what} |\n" for name, kind, what in _list_rows(cls))
    return f"{found[1]}{found[2]}\n| field | type | meaning |\n|---|---|---|\n{rows}\n"


def _list_rows(cls: type, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    for name, hint, meaning in _list_fields(cls):
        is_list, arguments = get_origin(hint) is tuple, get_args(hint)
        choices = arguments if get_origin(hint) is Literal else ()
        words = ", ".join(f"`{word}`" for word in choices)
        yield prefix + name, _name_type(hint), f"{meaning}: {words}" if words else meaning
        inner = arguments[0] if is_list else hint
        if is_dataclass(inner):
            yield from _list_rows(inner, f"{prefix}{name}{'[]' if is_list else ''}.")  # type: ignore[arg-type]


def _name_type(hint: Any) -> str:
    origin, arguments = get_origin(hint), get_args(hint)
    if is_dataclass(hint) or origin is dict:
        return "object"
    if origin is tuple:
        return f"list of {_name_type(arguments[0])}s"
    if origin in (Union, types.UnionType):
        return " or ".join(TYPES[member] for member in arguments)
    return "string" if origin is Literal else TYPES[hint]


if __name__ == "__main__":
    main()
