"""A stack: its settings, and the names and ARNs of its resources.

No I/O. Names and ARNs are computed, not read, so a plan can be made before anything exists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Self

from pixelater_cli.aws.role_state import RoleState
from pixelater_cli.aws.server_traits import AWS, ServerTraits, get_traits
from pixelater_function.mosaic_metadata import MetadataKey

if TYPE_CHECKING:
    from pixelater.look import Rule
    from pixelater.redaction import Redaction
    from pixelater.style import Style
    from pixelater_cli.aws.session import Account

ALIAS = "live"

MAX_BUCKET_NAME = 63
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""

MAX_STACK_NAME = 20

PLAIN_REGIONS = ("me-central-1", "me-south-1")
"""Regions without account-regional namespaces: UAE and Bahrain."""

NO_SETTINGS = (
    *("account", "region", "partition", "tls", "role_state", "secret"),
    *("style", "exact", "placeholders", "redaction", "rules"),
)
"""Fields that others determine, the secret, and those of looks, which settings have as words."""

Document = dict[str, Any]
"""A JSON document as boto3 takes and returns it."""


DEFAULT_MEMORY = 1024
"""MB of a function without local detectors."""


@dataclass(frozen=True)
class Stack:
    """One deployment: its account and region, and the settings of the function.

    With `regional_names`, the buckets are in the account-regional namespace, where no other account
    can claim their names
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html).
    Without `grids`, `style` or `max_pixels`, the library's defaults apply; photos whose keys begin
    with the prefix of one of the `rules` have its look. Without the limits of photos' costs, what
    the function's memory allows. `adopted_source` and `adopted_destination` name buckets that
    existed before and are not the stack's. `tls` is whether the endpoint encrypts: buckets that
    require TLS cannot be used over http. `server` is the name of the server that the stack is
    deployed to. With `mirror_deletes`, the mosaics of a deleted photo are deleted. Pages of the
    origins in `cors` may read the destination bucket. Mosaics are stored with `cache_control`.

    `kms_key` encrypts the stack's own buckets; `source_key` and `destination_key` are the customer
    managed keys that were found on other buckets. `function_role` is the ARN of a role that existed
    before. `custom_tags` are written as `team=imaging`, next to pixelater's own tag. What earlier
    deploys have left is remembered: `former_grids`, outputs of mosaics (`pixelater.outputs`),
    `former_sources`, buckets that may still invoke the function, `former_buckets` of the stack that
    adopted ones have replaced, `former_keys` of objects, `former_roles` that former versions of the
    function have, `dropped_tags` to remove, and whether to remove a rule for CORS (`former_cors`).
    `secret` keys the metadata of mosaics; it is stored apart from the settings.
    """

    account: str
    region: str
    partition: str = "aws"
    name: str = "pixelater"
    regional_names: bool = False
    runtime: str = "python3.13"
    architecture: str = "arm64"
    memory_mb: int = DEFAULT_MEMORY
    concurrency: int | None = None
    log_days: int = 30
    grids: tuple[int, ...] = ()
    style: Style | None = None
    exact: bool = False
    placeholders: bool = False
    redaction: Redaction | None = None
    rules: tuple[Rule, ...] = ()
    max_pixels: int | None = None
    max_seconds: int | None = None
    max_memory: int | None = None
    max_written: int | None = None
    prefix: str = ""
    suffix: str = ""
    adopted_source: str = ""
    adopted_destination: str = ""
    tls: bool = True
    server: str = AWS.name
    mirror_deletes: bool = False
    cors: tuple[str, ...] = ()
    cache_control: str = ""
    kms_key: str = ""
    source_key: str = ""
    destination_key: str = ""
    former_keys: tuple[str, ...] = ()
    function_role: str = ""
    former_roles: tuple[str, ...] = ()
    permissions_boundary: str = ""
    role_path: str = "/"
    custom_tags: tuple[str, ...] = ()
    dropped_tags: tuple[str, ...] = ()
    former_grids: tuple[str, ...] = ()
    former_sources: tuple[str, ...] = ()
    former_buckets: tuple[str, ...] = ()
    former_cors: bool = False
    role_state: RoleState = field(default_factory=RoleState)
    secret: str = field(default="", repr=False)

    @classmethod
    def for_account(cls, account: Account, *, plain_names: bool = False, **settings: Any) -> Self:
        """Return a stack in the account, with regional names unless it is emulated."""
        return cls("", "", **settings).in_account(account, plain_names=plain_names)

    def in_account(self, account: Account, *, plain_names: bool = False, **settings: Any) -> Self:
        """Return the stack in the account, with regional names unless it is emulated."""
        return replace(
            self,
            account=account.number,
            region=account.region,
            partition=account.partition,
            regional_names=not (account.emulated or plain_names),
            tls=account.speaks_tls,
            **settings,
        )

    @property
    def has_valid_name(self) -> bool:
        """Whether all names made from it are valid; the rules of S3 are the strictest."""
        # Hyphens have never counted here: names of stacks that exist must remain valid.
        pattern = rf"[a-z](?:-?[a-z0-9]){{0,{MAX_STACK_NAME - 1}}}"
        fits = len(self.name) <= MAX_BUCKET_NAME - self._added_length
        return fits and re.fullmatch(pattern, self.name) is not None

    @property
    def max_name_length(self) -> int:
        """The length of the longest valid name: regional names of buckets have the region in them.

        >>> Stack("123456789012", "ap-southeast-1", regional_names=True).max_name_length
        13
        """
        return min(MAX_STACK_NAME, MAX_BUCKET_NAME - self._added_length)

    @property
    def _added_length(self) -> int:
        """The length of what the longest name of a bucket has besides the stack's name."""
        numbered = replace(self, account=12 * "0")  # --print-policy needs no account.
        return max(map(len, numbered.named_buckets)) - len(self.name)

    @property
    def traits(self) -> ServerTraits:
        """Where the stack's server differs from AWS."""
        return get_traits(self.server)

    @property
    def metadata_key(self) -> MetadataKey:
        """The key of the metadata of mosaics."""
        return MetadataKey(self.secret)

    @property
    def settings(self) -> Document:
        """All settings that the account and the region do not determine, as JSON."""
        from pixelater_cli.aws.stack_looks import write_looks

        settings = {
            each.name: list(value) if isinstance(value, tuple) else value
            for each in fields(self)
            if each.name not in NO_SETTINGS
            for value in (getattr(self, each.name),)
        }
        return settings | write_looks(self)

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
        """The buckets named after the stack, whether or not others are adopted in their place."""
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
        """The role's name has the region in it, because IAM roles are global.

        IAM moves no role to another path: each path has a role of its own.
        """
        if self.function_role:
            return self.function_role.rpartition("/")[2]
        name = f"{self.function}-{self.region}"
        digest = sha256(self.role_path.encode()).hexdigest()[:6]
        return name if self.role_path == "/" else f"{name}-{digest}"

    @property
    def trigger_id(self) -> str:
        return f"{self.name}-photo-created"

    @property
    def statement_id(self) -> str:
        return f"{self.name}-source-bucket"

    @property
    def tags(self) -> dict[str, str]:
        """All tags of the stack's resources: the user's, and pixelater's own."""
        pairs = (tag.partition("=") for tag in self.custom_tags)
        return {**{name: value for name, _, value in pairs}, "pixelater:stack": self.name}

    @property
    def tag_list(self) -> list[Document]:
        """The tags as IAM and S3 take them."""
        return [{"Key": name, "Value": value} for name, value in self.tags.items()]

    @property
    def role_arn(self) -> str:
        if self.function_role:
            return self.function_role
        return f"arn:{self.partition}:iam::{self.account}:role{self.role_path}{self.role}"

    @property
    def interim_role(self) -> str:
        """The role that the function has for a moment, to take its own one anew after that."""
        return name_interim(self.role)

    @property
    def interim_role_arn(self) -> str:
        return name_interim(self.role_arn)

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

    def find_key(self, bucket: str) -> str:
        """Return the ARN of the customer managed key that encrypts a bucket; "" without one."""
        found = {self.source_bucket: self.source_key, self.destination_bucket: self.destination_key}
        own = "" if bucket in self.adopted_buckets else self.kms_key
        return self.key_arn(own or found.get(bucket, ""))

    def key_arn(self, key: str) -> str:
        """Return the ARN of a KMS key, whose ID, alias or ARN is given.

        >>> Stack("123456789012", "eu-west-1").key_arn("alias/photos")
        'arn:aws:kms:eu-west-1:123456789012:alias/photos'
        """
        if not key or key.startswith("arn:"):
            return key
        return self._name_arn("kms", key if key.startswith("alias/") else f"key/{key}")

    def bucket_arn(self, bucket: str) -> str:
        return f"arn:{self.partition}:s3:::{bucket}"

    def owned(self, bucket: str) -> Document:
        """Return S3's parameters for a bucket that must be of the stack's account."""
        return {"Bucket": bucket, "ExpectedBucketOwner": self.account}

    def _name_arn(self, service: str, rest: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{rest}"

    def _name_bucket(self, part: str) -> str:
        name = f"{self.name}-{part}-bucket"
        return f"{name}-{self.account}-{self.region}-an" if self.regional_names else name


def name_interim(role: str) -> str:
    """Return the name, or the ARN, of the interim role of a role."""
    return f"{role}-interim"
