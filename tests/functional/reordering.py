"""A botocore whose answers come in another order and shape, as AWS's do.

    python -m tests.functional.reordering deploy --endpoint-url http://127.0.0.1:4566

runs a pixelater command with it.
"""

from __future__ import annotations

import json
from typing import Any

import botocore.session

from pixelater_cli.__main__ import main

DOCUMENTS = ("Policy", "PolicyDocument", "AssumeRolePolicyDocument")


def reorder(parsed: dict[str, Any], **_context: Any) -> None:
    """Change an answer: lists are reversed, filter rules called Prefix and Suffix, policies terse.

    A handler for botocore's event `after-call`.
    """
    for name, value in parsed.items():
        parsed[name] = _turn(value, name)


def _turn(value: Any, name: str = "", terse: bool = False) -> Any:
    terse = terse or name in DOCUMENTS
    if name in DOCUMENTS and isinstance(value, str):
        return json.dumps(_turn(json.loads(value), name))
    if isinstance(value, dict):
        turned = {key: _turn(one, key, terse) for key, one in value.items()}
        is_rule = name == "FilterRules"
        return turned | {"Name": turned["Name"].capitalize()} if is_rule else turned
    if isinstance(value, list):
        entries = [_turn(one, name, terse) for one in reversed(value)]
        return entries[0] if terse and len(entries) == 1 else entries
    return value


def reorder_everything() -> None:
    """Make every session of botocore in this process return reordered answers."""
    make = botocore.session.Session.__init__

    def make_session(self: Any, *arguments: Any, **options: Any) -> None:
        make(self, *arguments, **options)
        self.register("after-call", reorder)

    botocore.session.Session.__init__ = make_session


if __name__ == "__main__":
    reorder_everything()
    main()
