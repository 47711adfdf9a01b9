"""Emptying a bucket: every version goes, whatever its key, and what stays is an error."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from pixelater_cli.aws.deploy.executor import apply
from pixelater_cli.aws.resources.property import ApiCall
from pixelater_cli.aws.session import Account
from pixelater_cli.errors import AwsError

BUCKET = {"Bucket": "photos", "ExpectedBucketOwner": "123456789012"}
STEP = ApiCall("empty bucket photos", "s3", "delete_objects", BUCKET)


@dataclass
class VersionedS3:
    """Holds (key, version) and lists a page of them; `stuck` keys stay when they are deleted."""

    there: list[tuple[str, str]]
    page: int = 1000
    stuck: str = ""
    calls: list[str] = field(default_factory=list)

    def list_object_versions(self, **parameters: Any) -> dict[str, Any]:
        assert parameters == BUCKET  # From the start: no markers.
        self.calls.append("list")
        some = self.there[: self.page]
        entries = [{"Key": key, "VersionId": version} for key, version in some]
        return {"Versions": entries[1:], "DeleteMarkers": entries[:1]}

    def delete_objects(self, **parameters: Any) -> dict[str, Any]:
        names = parameters["Delete"]["Objects"]
        self.calls.append(f"delete {len(names)}")
        assert not any(re.search("[\x00-\x08\x1f]", one["Key"]) for one in names)
        for one in names:
            self.delete(one)
        return {}

    def delete_object(self, **parameters: Any) -> dict[str, Any]:
        self.calls.append("delete")
        self.delete(parameters)
        return {}

    def delete(self, one: dict[str, str]) -> None:
        if one["Key"] != self.stuck:
            self.there.remove((one["Key"], one["VersionId"]))


def empty(s3: VersionedS3) -> list[str]:
    account = Account("123456789012", "us-east-1", "aws", None, {"s3": s3})
    apply(account, [STEP], {}, lambda _step: None, time.sleep)
    return s3.calls


@pytest.mark.parametrize(
    ("there", "page", "calls"),
    [
        ([], 1000, ["list"]),
        ([("a", "1"), ("a", "2"), ("é", "1")], 2, ["list", "delete 2", "list", "delete 1"]),
        ([("a", "1"), ("b\x01", "1"), ("c", "1")], 1000, ["list", "delete", "delete 2"]),
        ([("b\x1f", "1")], 1000, ["list", "delete"]),
        ([(str(n), "1") for n in range(1001)], 5000, ["list", "delete 1000", "delete 1"]),
    ],
)
def test_all_versions_are_deleted(
    there: list[tuple[str, str]], page: int, calls: list[str]
) -> None:
    s3 = VersionedS3(list(there), page)
    assert empty(s3) == ([*calls, "list"] if there else calls)
    assert s3.there == []


def test_what_stays_without_a_reason_is_an_error() -> None:
    with pytest.raises(AwsError, match="S3 did not delete b, and does not say why"):
        empty(VersionedS3([("a", "1"), ("b", "1")], stuck="b"))
