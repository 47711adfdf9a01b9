"""Long listings of buckets in constant memory: objects in order, and an index of keys.

S3 lists keys in the order of their UTF-8 bytes, which is Python's order of strings
(https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pixelater_cli.aws.operations.mosaics import S3Object

PAGES = 32
"""Pages of a thousand keys that are kept: more than one for each grid and level of folders."""


@dataclass(frozen=True, eq=False)
class Page:
    """The objects after the key `after`, up to the key `last`; None: the listing ends."""

    after: str
    entries: Mapping[str, S3Object]
    last: str | None

    def covers(self, key: str) -> bool:
        """Return whether the key, if it exists, is on this page."""
        return self.after < key and (self.last is None or key <= self.last)


class ObjectIndex:
    """Looks keys up in a listing, a page at a time: cheap for keys that come nearly in order.

    Photos in their order have mosaics in theirs, for each grid and folder. The pages used last are
    kept, so most mosaics of a photo are on pages that are already loaded.
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
            # Keys that begin like this one may come before it: rarely more than a page of them.
            page = self._fetch(key[:-1])
            while not page.covers(key):
                page = self._fetch(page.last or "")
        if not self._pages or page is not self._pages[-1]:
            self._keep(page)
        return page.entries.get(key)

    def _keep(self, page: Page) -> None:
        """Put a page last, as the one used last, and drop the one not used for longest."""
        if page in self._pages:
            self._pages.remove(page)
        self._pages.append(page)
        del self._pages[: -self._most]


def list_objects(
    s3: Any, bucket: str, owner: str, prefix: str = "", after: str = ""
) -> Iterator[S3Object]:
    """List the objects of a bucket whose keys begin with `prefix` and come after `after`."""
    following: str | None = after
    while following is not None:
        page = _fetch(s3, bucket, owner, following, prefix)
        yield from page.entries.values()
        following = page.last


def open_index(s3: Any, bucket: str, owner: str) -> ObjectIndex:
    """Return an index of a bucket's objects."""
    return ObjectIndex(lambda after: _fetch(s3, bucket, owner, after))


def _fetch(s3: Any, bucket: str, owner: str, after: str, prefix: str = "") -> Page:
    """Fetch the page after a key.

    Continuation tokens are used for pages without keys only: LocalStack's do not take all keys.
    """
    target = {"Bucket": bucket, "Prefix": prefix, "ExpectedBucketOwner": owner}
    start = {"StartAfter": after} if after else {}
    answer = s3.list_objects_v2(**target, **start)
    while answer["IsTruncated"] and not answer.get("Contents"):
        start = {"ContinuationToken": answer["NextContinuationToken"]}
        answer = s3.list_objects_v2(**target, **start)
    entries = {
        entry["Key"]: S3Object(
            entry["Key"], entry["LastModified"], entry["ETag"].strip('"'), entry["Size"]
        )
        for entry in answer.get("Contents", [])
    }
    return Page(after, entries, next(reversed(entries)) if answer["IsTruncated"] else None)
