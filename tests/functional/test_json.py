"""The JSON documents: their schemas, the page that shows them, and the real ones."""

from __future__ import annotations

import json
import re

import pytest

from docs import write_schemas
from pixelater_cli.cli.lazy_group import COMMAND_NAMES
from tests.documents import check_documents
from tests.functional.conftest import Pixelater

PAGE = write_schemas.PAGE.read_text()
CHANGED = (
    "The JSON documents are not those of docs/. If a field is new: python docs/write_schemas.py. "
    "If one is gone, or has another type or meaning, programs that read it break: then raise "
    "VERSION in pixelater_cli/results/__init__.py first, and tell them in CHANGELOG.md."
)


def test_schemas_and_tables_are_those_of_the_code() -> None:
    committed = {path: path.read_text() for path in write_schemas.FOLDER.glob("*.json")}
    committed[write_schemas.PAGE] = PAGE
    assert committed == write_schemas.make_files(), CHANGED


def test_every_command_has_a_schema_but_logs_which_passes_lines_on() -> None:
    lines = {"serving", "happening", "weather", "error"}
    assert write_schemas.make_schemas().keys() == (set(COMMAND_NAMES) - {"logs"}) | lines


def test_the_page_has_an_example_of_every_document() -> None:
    examples = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    check_documents("\n".join(json.dumps(example) for example in examples))
    named = ["error" if "error" in one else one["command"] for one in examples]
    assert set(named) == write_schemas.make_schemas().keys()
    assert (len(named), named.count("backfill")) == (len(write_schemas.RESULTS), 3)


def test_a_document_with_a_field_too_many_is_noticed(pixelater: Pixelater) -> None:
    document = json.loads(pixelater("emulate", "gone.jpg", "--json").out)
    with pytest.raises(AssertionError, match="'extra' was unexpected"):
        check_documents(json.dumps({**document, "extra": 1}))
    with pytest.raises(AssertionError, match="'version' is a required property"):
        check_documents(json.dumps({k: v for k, v in document.items() if k != "version"}))
