"""Finding and fetching the mosaics of one upload while others replace them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pytest

from pixelater import GRIDS
from pixelater.outputs import Output
from pixelater_cli.aws.operations.mosaics import S3Object
from pixelater_cli.aws.operations.uploads import download, find_mosaics, head
from pixelater_cli.aws.session import Account, connect
from pixelater_cli.aws.stack import Stack
from pixelater_cli.errors import AwsError

KEY = "photo.jpg"
KEYS = ("photo.jpg", "a (1) & \\[2], é 日本.jpg", "in box/😀+%41?#;~.jpg", "//..x.jpg")


def name(key: str, grid: int) -> str:
    folder, slash, photo = key.rpartition("/")
    return f"{folder}{slash}pixelated-{grid}x{grid}-{photo}"


@dataclass(frozen=True)
class Buckets:
    """A stack's two buckets."""

    account: Account
    stack: Stack

    @property
    def s3(self) -> Any:
        return self.account.clients["s3"]

    def put_photo(self, key: str) -> S3Object:
        self.s3.put_object(Bucket=self.stack.source_bucket, Key=key, Body=b"photo")
        sent = head(self.account, self.stack, self.stack.source_bucket, key)
        assert sent is not None
        return sent

    def put_mosaics(self, etag: str, data: bytes, key: str = KEY) -> None:
        """Put all mosaics of a photo, as made from the upload of that ETag."""
        for grid in GRIDS:
            self.s3.put_object(
                Bucket=self.stack.destination_bucket,
                Key=name(key, grid),
                Body=data,
                Metadata={"pixelater-etag": etag},
            )


@pytest.fixture
def buckets(moto: str) -> Buckets:
    account = connect(None, "us-east-1", moto, time.sleep)
    stack = Stack(account.number, account.region)
    s3 = account.clients["s3"]
    for name in (stack.source_bucket, stack.destination_bucket):
        s3.create_bucket(Bucket=name)
    return Buckets(account, stack)


@pytest.mark.parametrize("key", KEYS)
def test_mosaics_are_found_by_their_names_without_a_listing(buckets: Buckets, key: str) -> None:
    """Listings of some emulators leave keys out."""
    sent = buckets.put_photo(key)
    buckets.put_mosaics("an earlier upload", b"old", key)
    assert find_mosaics(buckets.account, buckets.stack, sent) == {}
    buckets.put_mosaics(sent.etag, b"new", key)
    asked: set[str] = set()
    buckets.s3.meta.events.register("before-call.s3", lambda model, **_: asked.add(model.name))
    found = find_mosaics(buckets.account, buckets.stack, sent)
    assert asked == {"HeadObject"}
    assert [one.key for one in found.values()] == [name(key, grid) for grid in GRIDS]
    read = [(one.bytes, download(buckets.account, buckets.stack, one)) for one in found.values()]
    assert read == [(3, b"new")] * len(GRIDS)


def test_while_one_mosaic_is_missing_none_is_given(buckets: Buckets) -> None:
    sent = buckets.put_photo(KEY)
    buckets.put_mosaics(sent.etag, b"new")
    place = {"Bucket": buckets.stack.destination_bucket, "Key": name(KEY, 64)}
    buckets.s3.delete_object(**place)
    assert find_mosaics(buckets.account, buckets.stack, sent) == {}


@pytest.mark.parametrize(("owner", "found"), [("photo.png", 0), ("photo.gif", 5)])
def test_mosaics_of_another_suffix_are_those_of_the_photo_of_that_name(
    buckets: Buckets, owner: str, found: int
) -> None:
    """A PNG that is called photo.jpg: its mosaics are called photo.png."""
    sent = buckets.put_photo(KEY)
    buckets.put_photo(owner)
    buckets.put_mosaics(sent.etag, b"new", "photo.png")
    assert len(find_mosaics(buckets.account, buckets.stack, sent)) == found


def test_a_mosaic_replaced_before_it_is_fetched_is_not_taken_for_this_uploads(
    buckets: Buckets,
) -> None:
    sent = buckets.put_photo(KEY)
    buckets.put_mosaics(sent.etag, b"new")
    first = find_mosaics(buckets.account, buckets.stack, sent)[Output(8)]
    buckets.put_mosaics("a later upload", b"newer")
    with pytest.raises(AwsError, match="another upload of the photo came after"):
        download(buckets.account, buckets.stack, first)
