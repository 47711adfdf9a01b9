"""Reasons of failures as one word, from the names of errors."""

from __future__ import annotations

import re

HEAD_ERROR_CODES = {"403": "AccessDenied", "404": "NoSuchKey"}
"""The error of a HEAD request has no body, so that its code is the status."""


def spell(name: str) -> str:
    """Spell the name of an error in snake case.

    >>> spell("NotAPicture"), spell("AccessDenied"), spell("NoSuchKey")
    ('not_a_picture', 'access_denied', 'no_such_key')
    """
    return (
        re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
        .replace(".", "_")
        .lower()
    )
