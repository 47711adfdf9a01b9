"""Backfill: which photos lack mosaics, at what rate they are sent, and the batch job.

No I/O: listings, clocks and clients are passed in. Photos are sent in the order of their keys, so
the last key is all that a later run needs to continue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache

from pixelater.decode.video_names import is_video_name
from pixelater.outputs import parse_outputs
from pixelater_cli.aws.key_encoding import encode_key
from pixelater_cli.aws.operations.mosaics import (
    Find,
    ReadMetadata,
    S3Object,
    choose_outputs,
    find_missing,
    find_refusal,
    find_taken,
    is_source_key,
)
from pixelater_cli.aws.resources.policy_document import (
    allow,
    make_policy_document,
    make_trust_policy,
)
from pixelater_cli.aws.stack import Document, Stack
from pixelater_function.events import TAKE_OVER

BATCH_FOLDER = "backfill"
"""Folder in the code bucket for a job's list of photos and its report."""


EVERY = "--all"
"""What photos are said to lack that are sent in any case."""


@dataclass(frozen=True)
class Finding:
    """A photo that was checked, and what it lacks; "" if nothing.

    Of a video, which the function does not pixelate, nothing is expected. `refusal` is whose
    mosaics have its names, for which it will fail (`name_taken`), or "".
    """

    photo: S3Object
    lack: str
    refusal: str = ""
    is_video: bool = False

    def __str__(self) -> str:
        fails = f"; name_taken: {self.refusal}" if self.refusal else ""
        return f"{self.photo.key}  {self.lack}{fails}"


@dataclass
class Tally:
    """Progress: photos checked, those that lack mosaics, the last key, videos that are left out.

    Of those that lack mosaics, `refusals` counts those that will fail, by whose mosaics have their
    names.
    """

    checked: int = 0
    lacking: int = 0
    last_key: str = ""
    videos: int = 0
    refusals: Counter[str] = field(default_factory=Counter)

    def count(self, finding: Finding) -> None:
        self.checked += not finding.is_video
        self.videos += finding.is_video
        self.lacking += bool(finding.lack)
        if finding.refusal:
            self.refusals[finding.refusal] += 1
        self.last_key = finding.photo.key


def check_photos(
    stack: Stack,
    photos: Iterable[S3Object],
    mosaics: Find,
    siblings: Find,
    read_metadata: ReadMetadata,
    every: bool = False,
    take_over: str = "",
) -> Iterator[Finding]:
    """Check each photo in the listing of the source bucket.

    `mosaics` finds an object of the destination bucket, `siblings` one of the source bucket. With
    `every`, all photos count as lacking mosaics: a look that has changed may not show in names.
    With `take_over`, the fingerprint of a secret, those do whose mosaics have its metadata.
    """
    former = parse_outputs(stack.former_grids)
    metadata_key = replace(stack.metadata_key, takes_over=take_over)
    for photo in photos:
        if not is_source_key(stack, photo.key):
            continue
        if is_video_name(photo.key):  # It would fail each time.
            yield Finding(photo, "", is_video=True)
            continue
        if every:
            yield Finding(photo, EVERY)
            continue
        outputs = choose_outputs(stack, photo.key)
        finders = mosaics, siblings, cache(read_metadata)
        if take_over:
            lack = find_taken(photo, (*outputs, *former), *finders, take_over)
        else:
            lack = find_missing(photo, outputs, *finders, former, stack.metadata_key)
        refusal = find_refusal(photo, outputs, *finders, metadata_key) if lack else ""
        yield Finding(photo, lack, refusal)


def join_prefixes(stack: Stack, prefix: str) -> str | None:
    """Return the prefix of the stack's keys that begin with `prefix`; None: there are none."""
    longer, shorter = max(prefix, stack.prefix, key=len), min(prefix, stack.prefix, key=len)
    return longer if longer.startswith(shorter) else None


def send_lacking(
    findings: Iterable[Finding],
    send: Callable[[S3Object], None],
    wait: Callable[[], None],
    tally: Tally,
) -> Iterator[Finding]:
    """Send the photos that lack mosaics, waiting before each; yield them once they are sent."""
    for finding in findings:
        if finding.lack:
            wait()
            send(finding.photo)
        tally.count(finding)
        if finding.lack:
            yield finding


def pace(
    rate: float, sleep: Callable[[float], None], now: Callable[[], float]
) -> Callable[[], None]:
    """Return a function that waits so that it returns at most `rate` times a second, evenly."""
    due = now()

    def wait() -> None:
        nonlocal due
        early = due - now()
        if early > 0:
            sleep(early)
        due = max(due, now()) + 1 / rate

    return wait


def make_event(stack: Stack, photo: S3Object, take_over: str = "") -> Document:
    """Make the event that S3 would send for a photo, for its newest version.

    With `take_over`, the fingerprint of a secret, the function replaces mosaics that have it.
    It has no sequencer, because its order among others is unknown.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": stack.region,
                "eventName": "ObjectCreated:Put",
                **({TAKE_OVER: take_over} if take_over else {}),
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "configurationId": f"{stack.name}-backfill",
                    "bucket": {
                        "name": stack.source_bucket,
                        "arn": stack.bucket_arn(stack.source_bucket),
                    },
                    "object": {
                        "key": encode_key(photo.key),
                        "size": photo.bytes,
                        "eTag": photo.etag,
                    },
                },
            }
        ]
    }


def make_job_request(stack: Stack, role_arn: str, prefix: str, token: str) -> Document:
    """Make the request for an S3 Batch Operations job, as s3control's create_job takes it.

    S3 lists the bucket itself and invokes the function for every photo, even if it is up to date.
    The list and a report of failures go to the code bucket.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html
    """
    constraint = {
        name: [value]
        for name, value in (("MatchAnyPrefix", prefix), ("MatchAnySuffix", stack.suffix))
        if value
    }
    return {
        "AccountId": stack.account,
        "ConfirmationRequired": False,
        "ClientRequestToken": token,
        "Description": f"pixelater backfill of {stack.source_bucket}",
        "Priority": 10,
        "RoleArn": role_arn,
        "Operation": {
            "LambdaInvoke": {"FunctionArn": stack.alias_arn, "InvocationSchemaVersion": "2.0"}
        },
        "ManifestGenerator": {
            "S3JobManifestGenerator": {
                "ExpectedBucketOwner": stack.account,
                "SourceBucket": stack.bucket_arn(stack.source_bucket),
                "EnableManifestOutput": True,
                "ManifestOutputLocation": {
                    "Bucket": stack.bucket_arn(stack.code_bucket),
                    "ExpectedManifestBucketOwner": stack.account,
                    "ManifestPrefix": BATCH_FOLDER,
                    "ManifestFormat": "S3InventoryReport_CSV_20211130",
                },
                **({"Filter": {"KeyNameConstraint": constraint}} if constraint else {}),
            }
        },
        "Report": {
            "Enabled": True,
            "Bucket": stack.bucket_arn(stack.code_bucket),
            "ExpectedBucketOwner": stack.account,
            "Format": "Report_CSV_20180820",
            "Prefix": BATCH_FOLDER,
            "ReportScope": "FailedTasksOnly",
        },
        "Tags": stack.tag_list,
    }


def make_job_role(stack: Stack) -> Document:
    """Make the trust and the permissions of the role of such a job.

    As documented, the trust has no condition; for a list that S3 makes, the permissions are those
    of https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-policies.html
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-iam-role-policies.html
    """
    source = stack.bucket_arn(stack.source_bucket)
    folder = f"{stack.bucket_arn(stack.code_bucket)}/{BATCH_FOLDER}/*"
    return {
        "trust": make_trust_policy("batchoperations.s3.amazonaws.com"),
        "permissions": make_policy_document(
            allow("InvokeFunction", ["lambda:InvokeFunction"], stack.alias_arn),
            allow("ListPhotos", ["s3:PutInventoryConfiguration"], source),
            allow("ReadList", ["s3:GetObject", "s3:GetObjectVersion"], folder),
            allow("WriteListAndReport", ["s3:PutObject"], folder),
        ),
    }
