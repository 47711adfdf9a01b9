"""Text that the results of several commands share: numbers, sizes, tables."""

from __future__ import annotations

from textwrap import TextWrapper
from typing import NamedTuple


class Table(NamedTuple):
    """Rows of cells under titles; the columns named in `right` hold numbers."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[str] = frozenset()


def format_count(number: int, noun: str) -> str:
    """Format a number with its noun.

    >>> format_count(1, "photo"), format_count(2, "photo")
    ('1 photo', '2 photos')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def format_size(number: int) -> str:
    """Format a number of bytes.

    >>> format_size(31_400), format_size(2_500_000), format_size(2)
    ('31 kB', '2.5 MB', '2 bytes')
    """
    if number < 1000:
        return format_count(number, "byte")
    return f"{number / 1e6:.1f} MB" if number >= 999_500 else f"{number / 1e3:.0f} kB"


def format_account(account: str, region: str, endpoint_url: str | None) -> str:
    """Format an account, its region and endpoint."""
    return f"Account {account}, {region}" + (f" at {endpoint_url}" if endpoint_url else "")


def format_pace(done: int, total: int, seconds: float) -> str:
    """Format the pace so far, and the time left at that pace, if the total is known.

    Return "" in the first second, in which processes start and photos up to date are skipped.

    >>> format_pace(1, 40, 0.8), format_pace(10, 40, 2.5), format_pace(10, 0, 2.5)
    ('', ', 4.0 per second, 8 s left', ', 4.0 per second')
    """
    if seconds < 1:
        return ""
    if total < done:
        return f", {done / seconds:.1f} per second"
    left = (total - done) * seconds / done
    minutes, rest = divmod(round(left), 60)
    duration = f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
    return f", {done / seconds:.1f} per second, {duration} left"


def wrap(text: str, indent: str = "    ", first: str = "  ") -> list[str]:
    """Wrap text in lines of 80 characters, indented after the `first`; names are never broken.

    >>> wrap("create bucket " + 60 * "a" + " (tags, lifecycle)")[1]
    '    (tags, lifecycle)'
    """
    lines = TextWrapper(
        80,
        first,
        indent,
        replace_whitespace=False,
        drop_whitespace=True,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines.wrap(text)
