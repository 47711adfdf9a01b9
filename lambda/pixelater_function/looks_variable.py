"""Looks in an environment variable: compressed, because Lambda allows 4 KB of variables in all.

No I/O. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

from __future__ import annotations

import binascii
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any

from pixelater.look import Look, Rule, format_look, parse_look

LOOKS = "PIXELATER_LOOKS"


def make_document(look: Look, rules: Sequence[Rule]) -> dict[str, Any]:
    """Return looks as JSON: the words that are not defaults; {} if there are none.

    The grids of `look` are not among them: PIXELATER_GRIDS has them.
    """
    words = {name: word for name, word in format_look(look).items() if name != "grids"}
    listed = [{"prefix": rule.prefix, **format_look(rule.look)} for rule in rules]
    return {name: value for name, value in (("look", words), ("rules", listed)) if value}


def read_document(document: Any) -> tuple[Look, tuple[Rule, ...]]:
    """Read looks from what `make_document` returns. Raises ValueError."""
    try:
        look = parse_look(document.get("look", {}))
        return look, tuple(map(_read_rule, document.get("rules", [])))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"it does not describe looks ({error})") from error


def _read_rule(words: dict[str, str]) -> Rule:
    others = {name: word for name, word in words.items() if name != "prefix"}
    return Rule(words["prefix"], parse_look(others))


def compress(document: dict[str, Any]) -> str:
    """Return a document as the variable has it; "" for {}."""
    if not document:
        return ""
    compact = json.dumps(document, separators=(",", ":"))
    return b64encode(zlib.compress(compact.encode(), 9)).decode()


def decompress(value: str) -> dict[str, Any]:
    """Return the document in the variable; {} for "". Raises ValueError."""
    if not value:
        return {}
    try:
        document = json.loads(zlib.decompress(b64decode(value, validate=True)))
    except (binascii.Error, zlib.error, ValueError) as error:
        raise ValueError(f"it is not compressed JSON ({error})") from error
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")
    return document
