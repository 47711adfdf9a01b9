"""Check of JSON documents against docs/reference/schemas: the tests check every one they see."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

SCHEMAS = Path(__file__).parents[1] / "docs" / "reference" / "schemas"


def check_output(arguments: Sequence[object], code: int, out: str) -> None:
    """Check what a command printed on stdout, if it was asked for JSON and ended by itself."""
    words = [str(word) for word in arguments]
    options = words[: words.index("--")] if "--" in words else words
    if "--json" not in options or "--print-policy" in options or code not in range(4):
        return
    if "logs" in words and code == 0:
        assert all(isinstance(json.loads(line), dict) for line in out.splitlines())
        return
    assert out.endswith("}\n"), out
    check_documents(out)


def check_documents(text: str) -> None:
    """Check lines of JSON, each a document. AssertionError: one is not what its schema says."""
    for line in text.splitlines():
        document = json.loads(line)
        name = "error" if "error" in document else document["command"]
        problem = best_match(_load(name).iter_errors(document))
        assert problem is None, f"docs/reference/schemas/{name}.json: {problem.message}: {line}"


@cache
def _load(name: str) -> Draft202012Validator:
    return Draft202012Validator(_close(json.loads((SCHEMAS / f"{name}.json").read_text())))


def _close(schema: Any) -> Any:
    """Allow no fields but those named. For readers the schemas are open: fields may be added."""
    if isinstance(schema, list):
        return [_close(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _close(one) for name, one in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        closed["additionalProperties"] = False
    return closed
