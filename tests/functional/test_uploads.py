"""Finding and fetching the mosaics of one upload while others replace them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from pixelater import GRIDS
from pixelater_cli.aws.session import Account, connect
from pixelater_cli.aws.stack import Stack
from pixelater_cli.aws.uploads import Upload, download, find_mosaics
from pixelater_cli.errors import AwsError

KEY = "photo.jpg"


@dataclass(frozen=True)
class Buckets:
    """A stack's two buckets with a photo in the first."""

    account: Account
    stack: Stack
    sent: Upload

    @property
    def s3(self) -> Any:
        return self.account.clients["s3"]

    def put_mosaics(self, etag: str, data: bytes) -> None:
        """Put all mosaics, as made from the upload of that ETag."""
        for grid in GRIDS:
            self.s3.put_object(
                Bucket=self.stack.destination_bucket,
                Key=f"pixelated-{grid}x{grid}-{KEY}",
                Body=data,
                Metadata={"pixelater-etag": etag},
            )


@pytest.fixture
def buckets(moto: str) -> Buckets:
    account = connect(None, "us-east-1", moto)
    stack = Stack(account.number, account.region)
    s3 = account.clients["s3"]
    for name in (stack.source_bucket, stack.destination_bucket):
        s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=stack.source_bucket, Key=KEY, Body=b"photo")
    head = s3.head_object(Bucket=stack.source_bucket, Key=KEY)
    sent = Upload(KEY, 5, head["ETag"].strip('"'), "", head["LastModified"])
    return Buckets(account, stack, sent)


def test_a_mosaic_replaced_after_it_was_listed_is_taken_as_it_is_now(buckets: Buckets) -> None:
    buckets.put_mosaics("an earlier upload", b"old")
    events = buckets.s3.meta.events

    def replace(**_event: Any) -> None:
        events.unregister("before-call.s3.HeadObject", replace)
        buckets.put_mosaics(buckets.sent.etag, b"new")

    events.register("before-call.s3.HeadObject", replace)
    found = find_mosaics(buckets.account, buckets.stack, buckets.sent)
    read = [(one.bytes, download(buckets.account, buckets.stack, one)) for one in found]
    assert read == [(3, b"new")] * len(GRIDS)


def test_a_mosaic_gone_after_it_was_listed_is_not_there_yet(buckets: Buckets) -> None:
    buckets.put_mosaics(buckets.sent.etag, b"new")

    def remove(**_event: Any) -> None:
        buckets.s3.delete_object(
            Bucket=buckets.stack.destination_bucket, Key=f"pixelated-8x8-{KEY}"
        )

    buckets.s3.meta.events.register("before-call.s3.HeadObject", remove)
    assert find_mosaics(buckets.account, buckets.stack, buckets.sent) == ()


def test_a_mosaic_replaced_before_it_is_fetched_is_not_taken_for_this_uploads(
    buckets: Buckets,
) -> None:
    buckets.put_mosaics(buckets.sent.etag, b"new")
    first, *_others = find_mosaics(buckets.account, buckets.stack, buckets.sent)
    buckets.put_mosaics("a later upload", b"newer")
    with pytest.raises(AwsError, match="another upload of the photo came after"):
        download(buckets.account, buckets.stack, first)
