"""Lists of objects are serialized faster than by moto, but not otherwise."""

from __future__ import annotations

from typing import Any
from urllib.request import urlopen

import pytest

from pixelater_cli.emulator.moto_adapter.listings import list_listing_patches
from pixelater_cli.emulator.moto_adapter.patching import patched
from tests.functional.conftest import Connect

KEYS = ("a/b <&>\"'\u00e9.jpg", "a/c", " a ", "b/%41+ ?", "c\tc", "]]>", "z" * 1000)

QUERIES = (
    "",
    "?list-type=2",
    "?list-type=2&delimiter=%2F&encoding-type=url",
    "?list-type=2&fetch-owner=true&max-keys=2",
    "?list-type=2&start-after=a%2Fc%3C%26",
    "?list-type=2&prefix=absent",
    "?prefix=a%2F&delimiter=%2F&max-keys=1",
    "?max-keys=1&marker=a%2Fc&encoding-type=url",
    "?versions",
)


@pytest.fixture
def s3(connect: Connect) -> Any:
    """A client with objects in a bucket."""
    s3 = connect("s3")
    s3.create_bucket(Bucket="photos")
    for key in KEYS:
        s3.put_object(Bucket="photos", Key=key, Body=key.encode(), StorageClass="STANDARD_IA")
    s3.put_object(Bucket="photos", Key="sum", Body=b"", ChecksumAlgorithm="SHA256")
    return s3


@pytest.mark.parametrize("query", QUERIES)
def test_list_is_serialized_as_by_moto(moto: str, s3: Any, query: str) -> None:
    url = f"{moto}/photos{query}"
    with urlopen(url) as response:  # noqa: S310 (http)
        expected = response.read()
    with patched(list_listing_patches()), urlopen(url) as response:  # noqa: S310 (http)
        assert response.read() == expected
