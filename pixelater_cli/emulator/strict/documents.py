"""XML documents, checked against the shapes of botocore's model."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from xml.etree import ElementTree

from pixelater_cli.emulator.strict.refusal import Refusal

INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
BOOLEAN = re.compile("true|false|TRUE|FALSE|True|False")

SCALARS = {
    "integer": INTEGER,
    "long": INTEGER,
    "float": NUMBER,
    "double": NUMBER,
    "timestamp": TIMESTAMP,
    "boolean": BOOLEAN,
}

TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
"""The attribute xsi:type."""


def parse(body: bytes) -> ElementTree.Element:
    """Parse XML without a document type. Raises Refusal.

    A document type could define entities without end, and none of S3's documents has one.
    """
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise malformed()
    try:
        return ElementTree.fromstring(body)  # noqa: S314 (without entities)
    except (ElementTree.ParseError, LookupError, ValueError):  # ... or an unknown encoding
        raise malformed() from None


def check_document(body: bytes, shape: Any, name: str, *, closed: bool = True) -> None:
    """Check a document against its shape. Raises Refusal.

    Without `closed`, values of enumerations are left to the operation, which names them.
    """
    root = parse(body)
    if strip_namespace(root.tag) != name:
        raise malformed()
    _check(root, shape, closed)


def strip_namespace(tag: str) -> str:
    """Return an element's name without its namespace."""
    return tag.rpartition("}")[2]


def malformed() -> Refusal:
    """Return the refusal of a document that S3's schema does not allow."""
    return Refusal(
        400,
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )


def _check(element: ElementTree.Element, shape: Any, closed: bool) -> None:
    if shape.type_name == "structure":
        _check_structure(element, shape, closed)
    elif shape.type_name == "list":
        for child in element:
            _check(child, shape.member, closed)
    else:
        _check_scalar(element.text or "", shape, closed, bool(len(element)))


def _check_structure(element: ElementTree.Element, shape: Any, closed: bool) -> None:
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        raise malformed()
    members = {_name(member, name): (name, member) for name, member in shape.members.items()}
    found: Counter[str] = Counter()
    for child in element:
        name, member = members.get(strip_namespace(child.tag), ("", None))
        if member is None:
            raise malformed()
        found[name] += 1
        is_flat = member.type_name == "list" and member.serialization.get("flattened")
        if found[name] > 1 and not is_flat:
            raise malformed()
        _check(child, member.member if is_flat else member, closed)
    for name in shape.required_members:
        member = shape.members[name]
        if member.serialization.get("xmlAttribute"):
            if element.get(TYPE) not in member.enum:
                raise malformed()
        elif not found[name]:
            raise malformed()


def _check_scalar(text: str, shape: Any, closed: bool, has_children: bool) -> None:
    form = SCALARS.get(shape.type_name)
    enum = getattr(shape, "enum", None)
    if has_children or (form is not None and not form.fullmatch(text.strip())):
        raise malformed()
    if closed and enum and text.strip() not in enum:
        raise malformed()


def _name(member: Any, name: str) -> str:
    """Return the name of a member's element."""
    serialization = member.serialization
    if member.type_name == "list" and serialization.get("flattened"):
        inner = member.member.serialization.get("name")
        return str(serialization.get("name") or inner or name)
    return str(serialization.get("name") or name)
