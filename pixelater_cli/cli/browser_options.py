"""Options for browsers that get mosaics from the destination bucket: CORS and Cache-Control."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import AddressValueError, IPv6Address
from typing import Annotated, Any

import typer

from pixelater_cli.cli.look_options import format_variable
from pixelater_cli.cli.options import PICTURES, TagWord
from pixelater_cli.errors import BadSetting
from pixelater_cli.hosts import is_loopback

ORIGIN_EXAMPLE = "Write it like this: https://example.com, or http://localhost:5173"

ORIGIN = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://"
    r"(?P<host>[a-z0-9_*](?:[a-z0-9_.*-]*[a-z0-9_*])?|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}|\*))?"
)
"""What browsers send in Origin (https://www.rfc-editor.org/rfc/rfc6454#section-6.2), with the *
that S3 takes in its place (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html)."""

PAGELESS_SCHEMES = frozenset(
    {"about", "blob", "data", "file", "ftp", "javascript", "mailto", "ws", "wss"}
)
"""Schemes whose pages have no origin, or that pages do not have
(https://url.spec.whatwg.org/#origin). Apps and extensions have schemes of their own, such as
capacitor."""

DEFAULT_PORTS = {"http": 80, "https": 443}
"""Ports that browsers leave out of an origin."""

MAX_PORT = 65535

MAX_ORIGINS = 100
"""More than a page has; the settings of a stack remain small."""

WORD = r"[\w!#$%&'*+.^`|~-]+"
QUOTED = r'"(?:[^"\\]|\\.)*"'
DIRECTIVE = re.compile(rf"(?P<name>{WORD})(?:=(?P<value>{WORD}|{QUOTED}))?", re.ASCII)
"""https://www.rfc-editor.org/rfc/rfc9111#section-5.2,
https://www.rfc-editor.org/rfc/rfc9110#section-5.6"""

DIRECTIVE_EXAMPLE = "Write directives with commas: public, max-age=300"

WITH_SECONDS = ("max-age", "s-maxage", "stale-while-revalidate", "stale-if-error")
"""Directives whose value is a number of seconds
(https://www.rfc-editor.org/rfc/rfc9111#section-1.2.2, https://www.rfc-editor.org/rfc/rfc5861)."""

WITHOUT_VALUE = frozenset(
    {"immutable", "must-revalidate", "must-understand", "no-store", "no-transform"}
    | {"proxy-revalidate", "public"}
)

MAX_CACHE_CONTROL = 256
"""Lambda takes 4 kB for all variables of a function."""


def _option(name: str, *flags: str, **rest: Any) -> Any:
    envvar = format_variable(name)
    return typer.Option(*flags, envvar=envvar, show_envvar=False, rich_help_panel=PICTURES, **rest)


Cors = Annotated[
    list[str] | None,
    _option(
        "cors",
        "--cors",
        help="Origin whose pages may read the mosaics, such as https://example.com; repeatable.",
        metavar="ORIGIN",
        click_type=TagWord(),
    ),
]
CacheControl = Annotated[
    str,
    _option(
        "cache-control",
        help="Cache-Control header of mosaics, such as no-cache.",
        metavar="TEXT",
    ),
]


def read_origins(values: Iterable[str]) -> tuple[str, ...]:
    """Parse the values of --cors into origins as browsers send them, sorted. Raises BadSetting.

    >>> read_origins(["HTTPS://Example.com:443,http://localhost:3000"])
    ('http://localhost:3000', 'https://example.com')
    """
    words = [word.strip() for value in values for word in value.split(",")]
    origins = sorted({_read_origin(word) for word in words})
    if "*" in origins and len(origins) > 1:
        problem = "* allows the pages of all origins"
        raise BadSetting("cors", problem, "Omit the other origins, or the *.")
    if len(origins) > MAX_ORIGINS:
        problem = f"{len(origins)} origins; at most {MAX_ORIGINS} are supported"
        raise BadSetting("cors", problem, "Use a * in place of subdomains: https://*.example.com")
    return tuple(origins)


def _read_origin(word: str) -> str:
    if word == "*":
        return word
    found = ORIGIN.fullmatch(word.lower())
    host = _read_host(found["host"]) if found and word.count("*") <= 1 else ""
    if not (found and host) or found["scheme"] in PAGELESS_SCHEMES:
        problem, hint = _explain(word)
        raise BadSetting("cors", f"{word!r} {problem}", hint)
    port = found["port"]
    if port and port != "*":
        if not 0 < int(port) <= MAX_PORT:
            raise BadSetting("cors", f"{word!r} has a port that does not exist", ORIGIN_EXAMPLE)
        port = "" if DEFAULT_PORTS.get(found["scheme"]) == int(port) else str(int(port))
    return f"{found['scheme']}://{host}" + (f":{port}" if port else "")


def _read_host(host: str) -> str:
    """Return a host as browsers write it; "" for what is not one.

    >>> _read_host("[0:0::1]"), _read_host("a..b"), _read_host("*.example.com")
    ('[::1]', '', '*.example.com')
    """
    if host.startswith("["):
        try:
            return f"[{IPv6Address(host[1:-1])}]"
        except AddressValueError:
            return ""
    return "" if ".." in host else host


def _explain(word: str) -> tuple[str, str]:
    """Return why a word is not an origin, and what to write instead."""
    scheme, separator, rest = word.lower().rpartition("://")
    host = re.split(r"[/?#]", rest.rpartition("@")[2])[0]
    likely = f"{scheme or ('http' if is_loopback(host.partition(':')[0]) else 'https')}://{host}"
    hint = f"Write {likely}" if ORIGIN.fullmatch(likely) else ORIGIN_EXAMPLE
    if word == "null":
        return "is the origin of pages that are opened as files", "Serve the page over HTTP."
    if not word.isascii():
        return "is not ASCII", "Write the host as browsers send it, beginning with xn--."
    if word.count("*") > 1:
        return "has more than one *, which S3 does not take", ORIGIN_EXAMPLE
    if scheme in PAGELESS_SCHEMES:
        return f"has the scheme {scheme}, which no page has in its origin", ORIGIN_EXAMPLE
    if not separator or host != rest:
        return "has more than scheme, host and port" if separator else "has no scheme", hint
    return "is not an origin", ORIGIN_EXAMPLE


def read_cache_control(text: str) -> str:
    """Parse the value of --cache-control, "" for none. Raises BadSetting.

    Directives that are not known are accepted: caches ignore them.
    """
    text = text.strip(" \t")
    if not text:
        return ""
    if len(text) > MAX_CACHE_CONTROL:
        problem = f"{len(text)} characters; at most {MAX_CACHE_CONTROL} are supported"
        raise BadSetting("cache-control", problem, DIRECTIVE_EXAMPLE)
    names = []
    if not text.replace("\t", " ").isprintable() or not text.isascii():
        problem = f"{text!r} has characters that headers do not have"
        raise BadSetting("cache-control", problem, DIRECTIVE_EXAMPLE)
    for part in (part.strip(" \t") for part in _split_directives(text)):
        found = DIRECTIVE.fullmatch(part)
        if found is None:
            raise BadSetting("cache-control", f"{part!r} is not a directive", DIRECTIVE_EXAMPLE)
        name, value = found["name"].lower(), found["value"]
        if name in WITH_SECONDS and not (value and value.isdecimal()):
            problem, hint = "needs a number of seconds", f"Write it like this: {name}=300"
            raise BadSetting("cache-control", f"{part!r} {problem}", hint)
        if name in WITHOUT_VALUE and value is not None:
            problem, hint = "takes no value", f"Write {name}"
            raise BadSetting("cache-control", f"{part!r} {problem}", hint)
        if name in names:
            raise BadSetting("cache-control", f"{name} is given twice", "Omit one of them.")
        names.append(name)
    return text


def _split_directives(text: str) -> list[str]:
    """Split directives at commas that are not in quotation marks.

    >>> _split_directives('no-cache="a, b",public'), _split_directives("a,,b")
    (['no-cache="a, b"', 'public'], ['a', '', 'b'])
    """
    masked = re.sub(QUOTED, lambda quoted: quoted[0].replace(",", "\n"), text)
    return [part.replace("\n", ",") for part in masked.split(",")]


def check_destination(origins: tuple[str, ...], destination_bucket: str) -> None:
    """Raise BadSetting for origins with a bucket whose settings pixelater does not change."""
    if origins and destination_bucket:
        problem = f"pixelater does not change the settings of {destination_bucket}"
        hint = "Set its CORS yourself: aws s3api put-bucket-cors"
        raise BadSetting("cors", problem, hint)
