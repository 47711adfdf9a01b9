"""Names that buckets may have.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
"""

from __future__ import annotations

import re

FORM = re.compile(r"[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]")
ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")

PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def is_bucket_name(name: str) -> bool:
    """Return whether a general purpose bucket may have a name.

    >>> is_bucket_name("photos"), is_bucket_name("192.168.5.4"), is_bucket_name("a..b")
    (True, False, False)
    """
    return (
        FORM.fullmatch(name) is not None
        and ".." not in name
        and not ADDRESS.fullmatch(name)
        and not name.startswith(PREFIXES)
        and not name.endswith(SUFFIXES)
    )
