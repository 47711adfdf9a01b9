"""Origins of --cors and directives of --cache-control: what is accepted, and what is refused."""

from __future__ import annotations

import pytest

from pixelater_cli.cli.browser_options import (
    check_destination,
    read_cache_control,
    read_origins,
)
from pixelater_cli.errors import BadSetting


@pytest.mark.parametrize(
    ("values", "origins"),
    [
        ([], ()),
        (["https://example.com"], ("https://example.com",)),
        (["https://b.example", "https://a.example, https://b.example"], ("https://a.example", "https://b.example")),
        (["HTTPS://Example.COM:443", "http://a:80"], ("http://a", "https://example.com")),
        (["http://localhost:05173"], ("http://localhost:5173",)),
        (["http://[::1]:3000"], ("http://[::1]:3000",)),
        (["http://[0:0:0:0:0:0:0:1]"], ("http://[::1]",)),
        (["https://*.example.com"], ("https://*.example.com",)),
        (["http://localhost:*"], ("http://localhost:*",)),
        (["capacitor://localhost"], ("capacitor://localhost",)),
        (["*"], ("*",)),
    ],
)  # fmt: skip
def test_origins_are_read_as_browsers_send_them(values: list[str], origins: tuple[str]) -> None:
    assert read_origins(values) == origins


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("http://localhost:3000/", "Write http://localhost:3000"),
        ("https://Example.com/a?b#c", "Write https://example.com"),
        ("https://me@example.com", "Write https://example.com"),
        ("example.com", "Write https://example.com"),
        ("localhost:3000", "Write http://localhost:3000"),
        ("null", "Serve the page over HTTP."),
        ("https://münchen.example", "Write the host as browsers send it, beginning with xn--."),
        ("*,https://example.com", "Omit the other origins, or the *."),
    ],
)
def test_refused_origin_is_answered_with_what_to_write(word: str, hint: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read_origins([word])
    assert (refused.value.option, refused.value.hint) == ("cors", hint)


@pytest.mark.parametrize(
    "word",
    [
        "",
        "https://",
        "https://*.*.example",
        "https://a b",
        "http://a:0",
        "http://a:65536",
        "http://[",
        "http://[::zz]",
        "http://[:::]",
        "https://a..example",
        "https://example.com:5173:1",
        "ftp://example.com",
        "file://",
        "wss://example.com",
        "javascript://x",
    ],
)
def test_what_is_not_an_origin_is_refused(word: str) -> None:
    with pytest.raises(BadSetting):
        read_origins([word])


def test_origins_of_a_bucket_of_others_are_refused() -> None:
    with pytest.raises(BadSetting):
        check_destination(("*",), "theirs")
    check_destination((), "theirs")
    check_destination(("*",), "")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", ""),
        (" no-cache\t", "no-cache"),
        ("public, max-age=300", "public, max-age=300"),
        ("Public,MAX-AGE=0 , stale-while-revalidate=60", None),
        ('no-cache="set-cookie, a", x-own=1', None),
        ('x="a \\" , b", foo', None),
        ("foo", "foo"),  # An extension, which caches ignore (RFC 9111, section 5.2.3).
    ],
)
def test_directives_are_kept_as_written(text: str, value: str | None) -> None:
    assert read_cache_control(text) == (text if value is None else value)


@pytest.mark.parametrize(
    "text",
    [
        *("max-age", "max-age=", "max-age=-1", "max-age=5m", "max-age: 300", "max-age=\u0661"),
        *("no-store=1", "a,,b", "a;b", "a b", "é", "a\nb", "max-age=1, MAX-AGE=2", 'a="'),
        *('x="é"', 'x="a\nb"', 'x="a\\"', "=1", '"a"', "a=b=c"),
        f"x={'y' * 300}",
    ],
)
def test_what_is_not_a_directive_is_refused(text: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read_cache_control(text)
    assert refused.value.option == "cache-control"
