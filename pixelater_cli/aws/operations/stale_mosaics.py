"""Mosaics of former grids, which later uploads of their photos have not replaced."""

from __future__ import annotations

from functools import partial
from itertools import islice

from pixelater.outputs import parse_outputs
from pixelater_cli.aws.errors import translate_errors
from pixelater_cli.aws.operations.mosaics import find_missing, is_source_key
from pixelater_cli.aws.operations.object_index import list_objects, open_index
from pixelater_cli.aws.operations.uploads import read_metadata
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack

MOST_PHOTOS = 1000
"""Photos that are looked at, the first of the bucket: a page of a listing."""


def count_stale(account: Account, stack: Stack) -> int | None:
    """Count photos with stale mosaics of former grids; None without former grids.

    The function keeps these mosaics up to date from the deploy on that took their grid away. Raises
    AwsError.
    """
    if not stack.former_grids:
        return None
    former = parse_outputs(stack.former_grids)
    s3 = account.clients["s3"]
    with translate_errors("look for stale mosaics"):
        mosaics = open_index(s3, stack.destination_bucket, stack.account)
        photos = open_index(s3, stack.source_bucket, stack.account)
        listed = list_objects(s3, stack.source_bucket, stack.account, stack.prefix)
        return sum(
            bool(
                find_missing(
                    photo,
                    (),
                    mosaics.find,
                    photos.find,
                    partial(read_metadata, account, stack),
                    former,
                    stack.metadata_key,
                )
            )
            for photo in islice(listed, MOST_PHOTOS)
            if is_source_key(stack, photo.key)
        )
