"""Preview document: the placeholders of a photo in a bucket, as JSON next to its mosaics."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from pixelater.placeholder.preview import DEFAULT_BUDGET, Preview

if TYPE_CHECKING:
    from pixelater.mosaic import Mosaic

VERSION = 1
"""Raised by changes that break programs that read documents. Fields may be added without."""


class BadDocument(ValueError):
    """A preview document that cannot be read."""


class LaterFormat(BadDocument):
    """A preview document that a later version of pixelater wrote."""


@dataclass(frozen=True)
class NamedMosaic:
    """A mosaic that a document names; fields as in `Mosaic`."""

    key: str
    grid: int
    cell_size: int
    width: int
    height: int
    media_type: str


@dataclass(frozen=True)
class PreviewDocument:
    """A preview, the key of its photo, and the photo's mosaics."""

    photo: str
    preview: Preview
    mosaics: tuple[NamedMosaic, ...]
    budget: int = DEFAULT_BUDGET


def describe_mosaic(key: str, mosaic: Mosaic) -> NamedMosaic:
    """Describe the mosaic with this key."""
    own = {each.name: getattr(mosaic, each.name) for each in fields(NamedMosaic)[1:]}
    return NamedMosaic(key, **own)


def format_document(document: PreviewDocument) -> bytes:
    """Format a document: the fields of a photo in that of `pixelater preview --json`, and more."""
    values = {
        "version": VERSION,
        "photo": document.photo,
        "budget": document.budget,
        **asdict(document.preview),
        "mosaics": [asdict(mosaic) for mosaic in document.mosaics],
    }
    return f"{json.dumps(values)}\n".encode("ascii")


def parse_document(data: bytes) -> PreviewDocument:
    """Parse what `format_document` makes. Raises BadDocument.

    Documents are untrusted: values that web pages get are of the characters that they can have.
    """
    try:
        values = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadDocument("it is not JSON") from error
    if not isinstance(values, dict) or type(values.get("version")) is not int:
        raise BadDocument("it is not a preview document")
    if values["version"] > VERSION:
        raise LaterFormat(f"it has format {values['version']}, of a later pixelater")
    photo, budget = _take(values, {"photo": _is_text, "budget": _is_number}).values()
    preview = _take(values, PREVIEW_FIELDS)
    return PreviewDocument(
        photo,
        Preview(**{**preview, "warnings": tuple(preview["warnings"])}),
        tuple(NamedMosaic(**_take(each, MOSAIC_FIELDS)) for each in _list(values, "mosaics")),
        budget,
    )


Check = Callable[[Any], bool]


def _take(values: Any, checks: Mapping[str, Check]) -> dict[str, Any]:
    """Return the values of these names, each of which must pass its check. Raises BadDocument."""
    if not isinstance(values, dict):
        raise BadDocument("an entry is not an object")
    for name, check in checks.items():
        if name not in values or not check(values[name]):
            raise BadDocument(f"its {name} is missing or wrong")
    return {name: values[name] for name in checks}


def _list(values: Mapping[str, Any], name: str) -> Sequence[Any]:
    found = values.get(name)
    if not isinstance(found, list):
        raise BadDocument(f"its {name} is missing or wrong")
    return found


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**31


def _matches(pattern: str) -> Check:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


PREVIEW_FIELDS: dict[str, Check] = {
    "width": _is_number,
    "height": _is_number,
    "dominant_color": _matches("#([0-9a-f]{6}|0{8})"),
    "thumbhash": _matches("[A-Za-z0-9+/]{6,60}={0,2}"),
    "blurhash": _matches(r"[0-9A-Za-z#$%*+,\-.:;=?@\[\]^_{|}~]{6,200}"),
    "data_uri": _matches("(data:image/(webp|png);base64,[A-Za-z0-9+/]+={0,2})?"),
    "has_alpha": _is_bool,
    "warnings": _is_texts,
}

MOSAIC_FIELDS: dict[str, Check] = {
    "key": _is_text,
    "grid": _is_number,
    "cell_size": _is_number,
    "width": _is_number,
    "height": _is_number,
    "media_type": _is_text,
}
