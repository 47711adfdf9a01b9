"""Owns what a deployment is called and how it is set: names, ARNs, settings; and its zip.

Pure: everything is computed from the account, the region and the settings; nothing is the output
of an earlier step, so a plan can be made before anything exists.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from pixelater_cli.aws.server_traits import AWS, ServerTraits, get_traits

if TYPE_CHECKING:
    from pixelater_cli.aws.session import Account

ALIAS = "live"
Document = dict[str, Any]
"""A JSON document as boto3 takes and gives it."""


@dataclass(frozen=True)
class Stack:
    """One deployment: where it lives and how its function is set.

    `regional_names` puts the buckets into the account-regional namespace, where nobody else can
    hold the name (https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html).
    No `grids` leaves them, and no `max_pixels` the limit, to the engine. `adopted_source` and
    `adopted_destination` name buckets that were there before and are not the stack's own. Without
    `tls`, the endpoint is one of plain HTTP: buckets that refuse that could not be used there. The
    `server` is the name of the one that it is deployed to, which `traits` tells about. With
    `mirror_deletes`, the mosaics of a deleted photo are deleted.
    """

    account: str
    region: str
    partition: str = "aws"
    name: str = "pixelater"
    regional_names: bool = False
    runtime: str = "python3.13"
    architecture: str = "arm64"
    memory_mb: int = 1024
    concurrency: int | None = None
    log_days: int = 30
    grids: tuple[int, ...] = ()
    max_pixels: int | None = None
    prefix: str = ""
    suffix: str = ""
    adopted_source: str = ""
    adopted_destination: str = ""
    tls: bool = True
    server: str = AWS.name
    mirror_deletes: bool = False

    @classmethod
    def for_account(cls, account: Account, *, plain_names: bool = False, **settings: Any) -> Self:
        """Return a stack in the account, with regional names unless it is emulated."""
        return cls(
            account=account.number,
            region=account.region,
            partition=account.partition,
            regional_names=not (account.emulated or plain_names),
            tls=account.speaks_tls,
            **settings,
        )

    @property
    def has_valid_name(self) -> bool:
        """Whether all names made of it are valid: S3's rules are the strictest."""
        return re.fullmatch(r"[a-z](?:-?[a-z0-9]){0,19}", self.name) is not None

    @property
    def traits(self) -> ServerTraits:
        """Where the stack's server differs from AWS."""
        return get_traits(self.server)

    @property
    def settings(self) -> Document:
        """What tells this stack from others in the same account and region, as JSON keeps it."""
        everything = asdict(self)
        for name in ("account", "region", "partition", "tls"):
            del everything[name]
        return everything | {"grids": list(self.grids)}

    @property
    def source_bucket(self) -> str:
        return self.adopted_source or self._name_bucket("source")

    @property
    def destination_bucket(self) -> str:
        return self.adopted_destination or self._name_bucket("destination")

    @property
    def code_bucket(self) -> str:
        return self._name_bucket("code")

    @property
    def named_buckets(self) -> tuple[str, ...]:
        """The buckets that bear the stack's name, whether or not others are adopted for them."""
        return tuple(self._name_bucket(part) for part in ("source", "destination", "code"))

    @property
    def own_buckets(self) -> tuple[str, ...]:
        buckets = self.source_bucket, self.destination_bucket, self.code_bucket
        return tuple(bucket for bucket in buckets if bucket not in self.adopted_buckets)

    @property
    def adopted_buckets(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.adopted_source, self.adopted_destination)))

    @property
    def function(self) -> str:
        return f"{self.name}-function"

    @property
    def queue(self) -> str:
        return f"{self.name}-failures"

    @property
    def log_group(self) -> str:
        return f"/aws/lambda/{self.function}"

    @property
    def role(self) -> str:
        """IAM knows no regions, so the role's name tells the stack's."""
        return f"{self.function}-{self.region}"

    @property
    def trigger_id(self) -> str:
        return f"{self.name}-photo-created"

    @property
    def statement_id(self) -> str:
        return f"{self.name}-source-bucket"

    @property
    def tags(self) -> dict[str, str]:
        return {"pixelater:stack": self.name}

    @property
    def role_arn(self) -> str:
        return f"arn:{self.partition}:iam::{self.account}:role/{self.role}"

    @property
    def function_arn(self) -> str:
        return self._name_arn("lambda", f"function:{self.function}")

    @property
    def alias_arn(self) -> str:
        return f"{self.function_arn}:{ALIAS}"

    @property
    def queue_arn(self) -> str:
        return self._name_arn("sqs", self.queue)

    @property
    def log_group_arn(self) -> str:
        return self._name_arn("logs", f"log-group:{self.log_group}")

    def bucket_arn(self, bucket: str) -> str:
        return f"arn:{self.partition}:s3:::{bucket}"

    def _name_arn(self, service: str, rest: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{rest}"

    def _name_bucket(self, part: str) -> str:
        name = f"{self.name}-{part}-bucket"
        return f"{name}-{self.account}-{self.region}-an" if self.regional_names else name
