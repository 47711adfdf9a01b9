"""JSON documents, checked against the shapes of botocore's models."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

Finding = tuple[str, str]
"""What is wrong: the path of a member, and the constraint, in the words of the APIs."""

NUMBERS = ("integer", "long", "float", "double")
KINDS: dict[str, Callable[[Any], bool]] = {
    "structure": lambda value: isinstance(value, dict),
    "map": lambda value: isinstance(value, dict),
    "list": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "long": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "double": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "timestamp": lambda value: isinstance(value, int | float | str),
    "blob": lambda value: isinstance(value, str) and _is_base64(value),
}


class WrongKindError(ValueError):
    """A value of another kind than its member's; it names the kind."""


def parse_json(text: bytes) -> Any:
    """Parse JSON as RFC 8259 has it: no NaN. Raises ValueError."""
    try:
        return json.loads(text.decode(), parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("Document nesting depth exceeds the maximum") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"Unrecognized token '{name}'")


def find_faults(document: Any, shape: Any, path: str = "") -> Iterator[Finding]:
    """Find what a document lacks, and which values its shape does not allow.

    Raises WrongKindError at a value of another kind.
    """
    if document is None:
        return
    if not KINDS[shape.type_name](document):
        raise WrongKindError(f"{path or 'document'} is not a {shape.type_name}")
    if shape.type_name == "structure":
        yield from _find_in_structure(document, shape, path)
    elif shape.type_name == "map":
        yield from _find_in_map(document, shape, path)
    elif shape.type_name == "list":
        yield from find_outside(len(document), shape.metadata, path, "length")
        for number, value in enumerate(document, 1):
            yield from find_faults(value, shape.member, f"{path}.{number}.member")
    elif shape.type_name == "string":
        yield from find_in_text(document, shape, path)
    elif shape.type_name == "blob":
        yield from find_outside(_count_bytes(document), shape.metadata, path, "length")
    elif shape.type_name in NUMBERS:
        yield from find_outside(document, shape.metadata, path, "value")


def _find_in_structure(document: dict[str, Any], shape: Any, path: str) -> Iterator[Finding]:
    for name in shape.required_members:
        if document.get(name) is None:
            yield _join(path, name), "Member must not be null"
    for name, value in document.items():
        member = shape.members.get(name)
        if member is not None:
            yield from find_faults(value, member, _join(path, name))


def _find_in_map(document: dict[str, Any], shape: Any, path: str) -> Iterator[Finding]:
    for name, value in document.items():
        yield from find_in_text(name, shape.key, path)
        yield from find_faults(value, shape.value, _join(path, name))


def _join(path: str, name: str) -> str:
    small = name[:1].lower() + name[1:]
    return f"{path}.{small}" if path else small


def find_in_text(text: str, shape: Any, path: str) -> Iterator[Finding]:
    """Find what a text is not: one of a set, of a length, of a pattern."""
    if shape.enum and text not in shape.enum:
        values = ", ".join(shape.enum)
        yield path, f"Member must satisfy enum value set: [{values}]"
    yield from find_outside(len(text), shape.metadata, path, "length")
    pattern = shape.metadata.get("pattern")
    compiled = _compile(pattern) if pattern else None
    if compiled is not None and not compiled.fullmatch(text):
        yield path, f"Member must satisfy regular expression pattern: {pattern}"


def find_outside(size: float, limits: dict[str, Any], path: str, what: str) -> Iterator[Finding]:
    """Find that a number is outside of limits."""
    if "min" in limits and size < limits["min"]:
        yield path, f"Member must have {what} greater than or equal to {limits['min']}"
    if "max" in limits and size > limits["max"]:
        yield path, f"Member must have {what} less than or equal to {limits['max']}"


@lru_cache(maxsize=1000)
def _compile(pattern: str) -> re.Pattern[str] | None:
    """Compile a pattern of Java's; None where Python does not know it."""
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _count_bytes(text: str) -> int:
    """Return how many bytes a text in Base64 stands for."""
    return len(text) * 3 // 4 - text[-2:].count("=")


def describe_faults(faults: list[Finding], document: Any) -> str:
    """Say what is wrong as the APIs do."""
    texts = "; ".join(
        f"Value {_quote(find_value(document, path))} at '{path}' failed to satisfy constraint: "
        f"{constraint}"
        for path, constraint in faults
    )
    noun = "error" if len(faults) == 1 else "errors"
    return f"{len(faults)} validation {noun} detected: {texts}"


def find_value(document: Any, path: str) -> Any:
    """Return the value at a path of small-letter names; None where there is none."""
    for name in path.split("."):
        if isinstance(document, dict):
            document = next(
                (value for key, value in document.items() if _join("", key) == name), None
            )
        elif isinstance(document, list) and name.isdecimal():
            document = document[int(name) - 1]
        elif name != "member":
            return None
    return document


def _quote(value: Any) -> str:
    return "null" if value is None else f"'{str(value)[:200]}'"
