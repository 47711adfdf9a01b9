"""Listings read page by page, each from the last key of the one before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from pixelater_cli.aws.operations.object_index import list_objects, open_index

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
KEYS = sorted(["a", "a (1).jpg", "a+b", "a:b", "a[b]", "a~b", "aé", "b", "b/日本", "b/😀", "z\\"])


@dataclass
class PagedS3:
    """Lists keys in pages of two, some after a page without keys, as S3 may answer."""

    empty_pages: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)

    def list_objects_v2(self, **parameters: str) -> dict[str, Any]:
        place = ("Bucket", "Prefix", "ExpectedBucketOwner")
        start = {name: value for name, value in parameters.items() if name not in place}
        self.asked.append(start)
        if self.empty_pages and "ContinuationToken" not in start:
            token = start.get("StartAfter", "")
            return {"IsTruncated": True, "NextContinuationToken": f"after {token}"}
        after = start.get("StartAfter") or start.get("ContinuationToken", "").removeprefix("after ")
        rest = [key for key in KEYS if key.startswith(parameters["Prefix"]) and key > after]
        entry = {"LastModified": NOON, "ETag": '"e"', "Size": 1}
        contents = [{"Key": key, **entry} for key in rest[:2]]
        return {"IsTruncated": len(rest) > 2, "Contents": contents}


@pytest.mark.parametrize("empty_pages", [False, True])
@pytest.mark.parametrize(
    ("prefix", "after"),
    [("", ""), ("b", ""), ("", "a:b"), ("a", "aé"), ("", "not there"), ("x", ""), ("", "z\\")],
)
def test_every_key_is_listed_once_in_order(prefix: str, after: str, empty_pages: bool) -> None:
    listed = list_objects(PagedS3(empty_pages), "bucket", "1", prefix, after)
    assert [one.key for one in listed] == [
        key for key in KEYS if key.startswith(prefix) and key > after
    ]


def test_pages_go_on_from_the_last_key() -> None:
    s3 = PagedS3()
    list(list_objects(s3, "bucket", "1", "b"))
    assert s3.asked == [{}, {"StartAfter": "b/日本"}]


@pytest.mark.parametrize("empty_pages", [False, True])
def test_a_window_finds_every_key_and_no_other(empty_pages: bool) -> None:
    window = open_index(PagedS3(empty_pages), "bucket", "1")
    asked = [*KEYS, "0", "aa", "b/", "zz"]
    assert [key for key in asked if window.find(key)] == KEYS
