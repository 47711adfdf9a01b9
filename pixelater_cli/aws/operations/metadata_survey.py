"""What the metadata of a stack's mosaics tell: how many are in clear, or of another secret."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from botocore.exceptions import ClientError

from pixelater.outputs import parse_outputs
from pixelater_cli.aws.errors import read_error, translate_errors
from pixelater_cli.aws.operations.mosaics import choose_outputs, find_mosaic, is_source_key
from pixelater_cli.aws.operations.object_index import list_objects, open_index
from pixelater_cli.aws.operations.stale_mosaics import MOST_PHOTOS
from pixelater_cli.aws.operations.uploads import read_metadata
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_function.mosaic_metadata import FINGERPRINT_FIELD, is_clear

MOST_MOSAICS = 1000
"""Mosaics that are looked at, the first of the bucket: a page of a listing."""

THREADS = 8
"""Concurrent requests; the client keeps ten connections."""


@dataclass(frozen=True)
class MetadataSurvey:
    """How many mosaics have metadata in clear, and how many those of each unknown secret.

    A secret is named by its fingerprint. `clear` is None for a caller who may not read mosaics.
    `leftover` are those of an unknown secret that are not named like a photo's mosaics are now, so
    taking over does not find them; none if there are more photos than are looked at.
    """

    clear: int | None = None
    unknown: Mapping[str, int] = field(default_factory=dict)
    leftover: Mapping[str, int] = field(default_factory=dict)


def survey_metadata(account: Account, stack: Stack) -> MetadataSurvey:
    """Read the metadata of the first mosaics. Raises AwsError.

    The deployer's policy does not cover the objects of adopted buckets: then nothing is known.
    """
    with translate_errors("read the metadata of mosaics"):
        listed = list_objects(account.clients["s3"], stack.destination_bucket, stack.account)
        keys = [mosaic.key for mosaic in islice(listed, MOST_MOSAICS)]
        with ThreadPoolExecutor(THREADS) as pool:
            try:
                found = list(pool.map(partial(read_metadata, account, stack), keys))
            except ClientError as error:
                if read_error(error)[0] != "403":
                    raise
                return MetadataSurvey()
        own = ("", stack.metadata_key.fingerprint)
        secrets = [metadata.get(FINGERPRINT_FIELD, "") for metadata in found]
        unknown = {key: name for key, name in zip(keys, secrets, strict=True) if name not in own}
        named = _list_named(account, stack) if unknown else None
    leftover = [name for key, name in unknown.items() if named is not None and key not in named]
    return MetadataSurvey(sum(map(is_clear, found)), _count(unknown.values()), _count(leftover))


def _count(secrets: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(secrets).items()))


def _list_named(account: Account, stack: Stack) -> set[str] | None:
    """List the mosaics that the photos have now; None if there are too many photos."""
    s3, former = account.clients["s3"], parse_outputs(stack.former_grids)
    listed = list_objects(s3, stack.source_bucket, stack.account, stack.prefix)
    photos = list(islice(listed, MOST_PHOTOS + 1))
    if len(photos) > MOST_PHOTOS:
        return None
    mosaics = open_index(s3, stack.destination_bucket, stack.account)
    siblings = open_index(s3, stack.source_bucket, stack.account)
    found = (
        find_mosaic(photo, output, mosaics.find, siblings.find)
        for photo in photos
        if is_source_key(stack, photo.key)
        for output in (*choose_outputs(stack, photo.key), *former)
    )
    return {mosaic.key for mosaic in found if mosaic}
