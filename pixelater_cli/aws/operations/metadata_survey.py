"""What the metadata of a stack's mosaics tell: how many are in clear, or of another secret."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from botocore.exceptions import ClientError

from pixelater_cli.aws.errors import read_error, translate_errors
from pixelater_cli.aws.operations.object_index import list_objects
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
    """

    clear: int | None = None
    unknown: Mapping[str, int] = field(default_factory=dict)


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
    secrets = Counter(metadata.get(FINGERPRINT_FIELD, "") for metadata in found)
    own = ("", stack.metadata_key.fingerprint)
    unknown = {name: secrets[name] for name in sorted(secrets) if name not in own}
    return MetadataSurvey(sum(map(is_clear, found)), unknown)
