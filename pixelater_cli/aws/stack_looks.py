"""The looks of a stack: which mosaics its photos become, and how settings and plans show looks.

No I/O.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace

from pixelater.grid import GRIDS
from pixelater.look import Look, Rule, find_look
from pixelater.redaction import LOCAL, REKOGNITION, Redaction
from pixelater.style import Style
from pixelater_cli.aws.photo_settings import LookFields
from pixelater_cli.aws.stack import Document, Stack
from pixelater_cli.errors import BadSetting
from pixelater_function import metadata_secret
from pixelater_function.looks_variable import (
    LOOKS,
    compress,
    decompress,
    make_document,
    read_document,
)
from pixelater_function.mosaic_metadata import MetadataKey

DEFAULT_STYLE = Style()

MAX_VARIABLES = 4096
"""Bytes that Lambda allows the environment variables of a function, as JSON
(https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html;
https://github.com/github-aws-runners/terraform-aws-github-runner/issues/3594)."""


DETECTOR_MEMORY, LEAST_DETECTOR_MEMORY = 2048, 1769
"""MB of functions with a local detector: by default, and for one whole CPU
(https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html)."""

REGIONS_WORDS = ("0", "regions")
"""How former outputs name the photo with hidden regions, and its document (`pixelater.outputs`)."""


def make_look(stack: Stack) -> Look:
    """Return the look of photos that no rule matches."""
    return Look(
        stack.grids or GRIDS,
        stack.style or DEFAULT_STYLE,
        stack.exact,
        stack.placeholders,
        stack.redaction,
    )


def list_redactions(stack: Stack) -> list[Redaction]:
    """List what is hidden in the photos of a stack, by its look and by its rules."""
    looks = (make_look(stack), *(rule.look for rule in stack.rules))
    return [look.redaction for look in looks if look.redaction]


def list_local_kinds(stack: Stack) -> list[str]:
    """List the kinds that the local detector looks for; [] if it is not used."""
    local = [each for each in list_redactions(stack) if each.detector == LOCAL]
    return sorted({kind for each in local for kind in each.kinds})


def uses_rekognition(stack: Stack) -> bool:
    """Return whether photos of a stack are sent to Amazon Rekognition."""
    return any(each.detector == REKOGNITION for each in list_redactions(stack))


def fit_memory(stack: Stack) -> Stack:
    """Return the stack with the memory that its detector needs, if that is more than its own."""
    if not list_local_kinds(stack):
        return stack
    return replace(stack, memory_mb=max(stack.memory_mb, DETECTOR_MEMORY))


def warn_of_memory(stack: Stack) -> str:
    """Return a warning if a local detector has less memory than it needs; "" if not."""
    if stack.memory_mb >= LEAST_DETECTOR_MEMORY or not list_local_kinds(stack):
        return ""
    return (
        f"warning: with {stack.memory_mb} MB, the local detector has less than one CPU and little "
        f"room for large photos; it needs {LEAST_DETECTOR_MEMORY} MB, and {DETECTOR_MEMORY} by "
        "default"
    )


def hides_regions(stack: Stack) -> bool:
    """Return whether photos of a stack have pictures with hidden regions, or had them."""
    former = any(word.partition(".")[0] in REGIONS_WORDS for word in stack.former_grids)
    return former or bool(list_redactions(stack))


def choose_look(stack: Stack, key: str) -> Look:
    """Return the look of the photo with this key."""
    return find_look(make_look(stack), stack.rules, key)


def make_settings(
    look: Look, rules: Iterable[Rule] = (), grids: tuple[int, ...] = ()
) -> LookFields:
    """Return the settings of a stack with these looks; () are the default grids."""
    style = None if look.style == DEFAULT_STYLE else look.style
    return {
        "grids": grids,
        "style": style,
        "exact": look.exact,
        "placeholders": look.placeholders,
        "redaction": look.redaction,
        "rules": tuple(rules),
    }


def write_looks(stack: Stack) -> Document:
    """Return the looks, without the grids, as JSON; {} for the default."""
    others = stack.exact or stack.placeholders or stack.redaction or stack.rules
    if stack.style is None and not others:
        return {}
    return make_document(make_look(stack), stack.rules)


def read_looks(stack: Stack, document: Document) -> Stack:
    """Return the stack with the looks that `write_looks` wrote into a document of settings."""
    look, rules = read_document(document)
    return replace(stack, **make_settings(look, rules, stack.grids))


def show_looks(document: Document) -> Document:
    """Return a document of settings with its looks as text, as plans show them.

    >>> show_looks({"rules": [{"prefix": "in/", "grids": "8", "size": "native"}]})
    {'looks': {'rule 1': 'in/: grids 8, size native'}}
    """
    others = {name: value for name, value in document.items() if name not in ("look", "rules")}
    return {**others, "looks": _list_looks(document)}


def list_looks(stack: Stack) -> dict[str, str]:
    """Return the look of a stack and its rules as text; {} for the default.

    >>> list_looks(Stack("123456789012", "eu-central-1", grids=(8, 16)))
    {'look': 'grids 8,16'}
    """
    looks = _list_looks(write_looks(stack))
    if not stack.grids:
        return looks
    words = [f"grids {','.join(map(str, stack.grids))}", *filter(None, [looks.get("look", "")])]
    return {**looks, "look": ", ".join(words)}


def _list_looks(document: Document) -> dict[str, str]:
    looks = {"look": _show_words(document["look"])} if "look" in document else {}
    for number, words in enumerate(document.get("rules", []), 1):
        others = {name: word for name, word in words.items() if name != "prefix"}
        looks[f"rule {number}"] = f"{words['prefix']}: {_show_words(others) or 'default look'}"
    return looks


def _show_words(words: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {word}" for name, word in words.items())


def show_variables(variables: Mapping[str, str]) -> Document:
    """Return environment variables as plans show them.

    Looks are text, and the secret is its fingerprint.
    """
    if secret := variables.get(metadata_secret.VARIABLE):
        shown = f"fingerprint {MetadataKey(secret).fingerprint}"
        variables = {**variables, metadata_secret.VARIABLE: shown}
    try:
        document = decompress(variables.get(LOOKS, ""))
    except ValueError:  # Another process has written it.
        return dict(variables)
    others = {name: value for name, value in variables.items() if name != LOOKS}
    return {**others, **_list_looks(document)}


def check_rules(stack: Stack) -> None:
    """Raise BadSetting for a rule that matches no key of the stack."""
    for rule in stack.rules:
        if not (rule.prefix.startswith(stack.prefix) or stack.prefix.startswith(rule.prefix)):
            raise BadSetting(
                "rules",
                f"no key begins with {stack.prefix!r} and with {rule.prefix!r}, the prefix of a "
                "rule",
                f"Begin the rule's prefix with {stack.prefix}, or omit the rule.",
                place=f"rule {rule.prefix}",
            )


def check_size(stack: Stack, variables: Mapping[str, str]) -> None:
    """Raise BadSetting if environment variables are longer than Lambda allows."""
    size = measure_variables(variables)
    if size <= MAX_VARIABLES:
        return
    look = make_document(make_look(stack), ())
    parts = [("look", _measure(look))] if look else []
    parts += [
        (f"rule {rule.prefix}", _measure(make_document(Look(), [rule]))) for rule in stack.rules
    ]
    listed = ", ".join(f"{name} {length:,}" for name, length in parts)
    raise BadSetting(
        "rules",
        f"the function's environment variables would be {size:,} bytes, and Lambda allows "
        f"{MAX_VARIABLES:,}; of looks (compressed together): {len(variables.get(LOOKS, '')):,} "
        f"bytes; each alone: {listed}",
        "Remove rules, or use built-in palettes instead of files.",
        place="rules",
    )


def measure_variables(variables: Mapping[str, str]) -> int:
    """Return the bytes of environment variables, as Lambda measures them: as compact JSON."""
    return len(json.dumps(variables, separators=(",", ":")).encode())


def _measure(document: Document) -> int:
    return len(compress(document))
