"""Owns reading long listings in constant memory: page by page in order, and looking keys up.

S3 lists keys in the order of their UTF-8 bytes, which is Python's order of strings
(https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pixelater_cli.aws.operations.mosaics import S3Object

PAGES = 32
"""Pages of a thousand keys that are kept: one for each grid and each level of folders, and more."""


@dataclass(frozen=True, eq=False)
class Page:
    """The keys after one key, up to another; `last` None: there are no more."""

    after: str
    entries: Mapping[str, S3Object]
    last: str | None

    def covers(self, key: str) -> bool:
        """Tell whether the key would be on this page if it were there."""
        return self.after < key and (self.last is None or key <= self.last)


class ObjectIndex:
    """Looks keys up in a listing, a page at a time: cheap for keys that come nearly in order.

    Photos in their order have mosaics in theirs for each grid and folder. The pages used last are
    kept, so a photo's mosaics are mostly on pages that are here already.
    """

    def __init__(self, fetch: Callable[[str], Page], pages: int = PAGES) -> None:
        self._fetch = fetch
        self._most = pages
        self._pages: list[Page] = []

    def find(self, key: str) -> S3Object | None:
        for page in reversed(self._pages):
            if page.covers(key):
                break
        else:
            # What begins like the key may lie before it, hence more than one page in rare cases.
            page = self._fetch(key[:-1])
            while not page.covers(key):
                page = self._fetch(page.last or "")
        if not self._pages or page is not self._pages[-1]:
            self._keep(page)
        return page.entries.get(key)

    def _keep(self, page: Page) -> None:
        """Put a page last, as the one used last, and let go of the one not used for longest."""
        if page in self._pages:
            self._pages.remove(page)
        self._pages.append(page)
        del self._pages[: -self._most]


def list_objects(
    s3: Any, bucket: str, owner: str, prefix: str = "", after: str = ""
) -> Iterator[S3Object]:
    """List the objects of a bucket whose keys begin with `prefix`, from after a key on."""
    following: str | None = after
    while following is not None:
        page = _fetch(s3, bucket, owner, following, prefix)
        yield from page.entries.values()
        following = page.last


def open_index(s3: Any, bucket: str, owner: str) -> ObjectIndex:
    """Open a window on a bucket's listing."""
    return ObjectIndex(lambda after: _fetch(s3, bucket, owner, after))


def _fetch(s3: Any, bucket: str, owner: str, after: str, prefix: str = "") -> Page:
    """Fetch a page, by the last key of the page before.

    Continuation tokens serve for pages without keys only: LocalStack's do not take all keys.
    """
    place = {"Bucket": bucket, "Prefix": prefix, "ExpectedBucketOwner": owner}
    start = {"StartAfter": after} if after else {}
    answer = s3.list_objects_v2(**place, **start)
    while answer["IsTruncated"] and not answer.get("Contents"):
        start = {"ContinuationToken": answer["NextContinuationToken"]}
        answer = s3.list_objects_v2(**place, **start)
    entries = {one["Key"]: _read_entry(one) for one in answer.get("Contents", [])}
    return Page(after, entries, next(reversed(entries)) if answer["IsTruncated"] else None)


def _read_entry(listed: Mapping[str, Any]) -> S3Object:
    return S3Object(
        listed["Key"], listed["LastModified"], listed["ETag"].strip('"'), listed["Size"]
    )
