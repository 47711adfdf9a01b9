"""What rules need to know of the buckets that moto keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.s3.models import FakeDeleteMarker, FakeKey, FakeMultipart, s3_backends


@dataclass(frozen=True)
class Bucket:
    """A bucket, and the account that owns it."""

    owner: str
    stored: Any

    def find_upload(self, upload_id: str, key: str) -> FakeMultipart | None:
        """Return a multipart upload of a key."""
        upload = self.stored.multiparts.get(upload_id)
        return upload if upload is not None and upload.key_name == key else None

    def find_completed(self, upload_id: str, key: str) -> bool:
        """Return whether the object that a key names was made by this multipart upload."""
        made = getattr(self.stored.keys.get(key), "multipart", None)
        return made is not None and made.id == upload_id

    def find_encryption(self) -> dict[str, str]:
        """Return the default encryption: its algorithm, and the key if one is named."""
        rule = (self.stored.encryption or {}).get("Rule", {})
        return dict(rule.get("ApplyServerSideEncryptionByDefault") or {})

    def has_ended_at(self, token: str) -> bool:
        """Return whether a list that was not complete ended with this continuation token."""
        partition, _ = s3_backends.bucket_accounts[self.stored.name]
        return token in s3_backends[self.owner][partition]._pagination_tokens  # noqa: SLF001

    def has_object(self, key: str, version: str | None) -> bool:
        """Return whether there is an object of this key, and this version of it."""
        if version is None:
            return isinstance(self.stored.keys.get(key), FakeKey)
        versions = self.stored.keys.getlist(key, default=[])
        return any(isinstance(one, FakeKey) and str(one.version_id) == version for one in versions)

    def find_marker(self, key: str, version: str | None) -> FakeDeleteMarker | None:
        """Return the delete marker that a key, or one version of it, names."""
        if version is None:
            named = [self.stored.keys.get(key)]
        else:
            versions = self.stored.keys.getlist(key, default=[])
            named = [one for one in versions if str(one.version_id) == version]
        return next((one for one in named if isinstance(one, FakeDeleteMarker)), None)


def find_bucket(name: str) -> Bucket | None:
    """Return a bucket of whatever account."""
    partition, account = s3_backends.bucket_accounts.get(name, ("", ""))
    if not account:
        return None
    stored = s3_backends[account][partition].buckets.get(name)
    return Bucket(account, stored) if stored is not None else None
