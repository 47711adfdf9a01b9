"""Owns what the fields of the JSON documents mean: docs/write_schemas.py needs them all."""

from __future__ import annotations

ACCOUNT = "AWS account, 12 digits"
REGION = "AWS region"
ENDPOINT_URL = "the stand-in for AWS; null: AWS itself"
STACK = "the stack's name"
SOURCE_BUCKET = "where photos land"
DESTINATION_BUCKET = "where mosaics go"
APPLIED = "whether `steps` were carried out; false with --plan"
PHOTO = "the photo's path, as given or found"
KEY = "its key in the source bucket; empty if it never came there"
ERROR = "why there are no mosaics, or not all of them; empty if all are there"
HINT = "what to do about it"
WARNINGS = "what to know of its mosaics, such as more cells than pixels"

MEANINGS = {
    "BackfillResult": {
        "stack": STACK,
        "source_bucket": SOURCE_BUCKET,
        "sent": "whether the function was invoked; false with --plan",
        "looked_at": "photos looked at",
        "lacking": "photos whose mosaics are missing or older than they are",
        "last_key": "key looked at last; --start-after takes it",
        "seconds": "time it took, in seconds",
    },
    "BatchJobResult": {
        "stack": STACK,
        "job_id": "the job's id; null with --plan",
        "request": "what `s3control:CreateJob` takes",
        "role": "trust and permissions of the role that the job takes on",
    },
    "ChangedResource": {
        "action": "what is done to it",
        "resource": "its kind and name",
        "details": "which of its settings, and for a change from what to what",
    },
    "Check": {
        "purpose": "what it is needed for",
        "name": "what was looked at",
        "works": "whether it does",
        "found": "what was found",
        "advice": "what to do if it does not work",
        "required": "false: without it, its purpose is only served less well",
    },
    "DeployResult": {
        "account": ACCOUNT,
        "region": REGION,
        "endpoint_url": ENDPOINT_URL,
        "stack": STACK,
        "source_bucket": SOURCE_BUCKET,
        "destination_bucket": DESTINATION_BUCKET,
        "function": "ARN of the alias that runs on uploads",
        "package": "digest of the zip's contents, in hexadecimal",
        "applied": APPLIED,
        "changes": "what differs, resource by resource; empty: nothing",
        "steps": "the calls that mend it, in their order",
        "smoke_test_seconds": "how long a tiny picture took, in seconds; null: none was sent",
    },
    "DestroyResult": {
        "account": ACCOUNT,
        "region": REGION,
        "endpoint_url": ENDPOINT_URL,
        "stack": STACK,
        "applied": APPLIED,
        "kept": "buckets that stay, with all that is in them",
        "steps": "the calls that remove the rest, in their order",
    },
    "DoctorResult": {
        "pixelater": "pixelater's version",
        "checks": "what was looked at",
    },
    "EmulateResult": {
        "out": "folder of the mosaics",
        "source_bucket": SOURCE_BUCKET,
        "destination_bucket": DESTINATION_BUCKET,
        "steps": "calls it took to deploy",
        "photos": "the photos, in the order given",
    },
    "EmulatedPhoto": {
        "photo": PHOTO,
        "key": KEY,
        "milliseconds": "from the S3 event to the last mosaic",
        "cold": "whether the function had to be started for it",
        "identical": "whether the bytes are those that `pixelater run` makes",
        "mosaics": "its mosaics, saved",
        "warnings": WARNINGS,
        "error": ERROR,
        "hint": HINT,
    },
    "ErrorResult": {"error": "what went wrong"},
    "FailedEvent": {
        "id": "SQS's id of the message",
        "keys": "the photos of the event",
        "reason": "one word for it: docs/OPERATIONS.md says what to do for each",
        "message": "the same in words",
        "time": "when it failed for good, ISO 8601",
        "tries": "how often the function was invoked",
        "version_id": "version of the photo; empty where the bucket keeps none",
        "bytes": "size of the photo; null: not known",
        "request_id": "Lambda's id of the last invocation",
        "state": "what was done with it; `failed`: nothing, it was listed",
        "error": "why it failed again; empty unless it did",
    },
    "FailuresResult": {
        "stack": STACK,
        "queue": "name of the failure queue",
        "action": "what was asked for",
        "failures": "the failures meant",
        "gone": "how many somebody else took meanwhile",
        "out_of_sight": "how many somebody is at just now: back within six minutes, if not done",
    },
    "FetchedMosaic": {
        "grid": "cells across and down",
        "key": "its key in the destination bucket",
        "bytes": "its size",
        "path": "where it was saved; null: nowhere",
    },
    "HappeningResult": {
        "time": "seconds since 1970",
        "key": "the photo's key; empty if it is of none",
        "result": "what happened",
        "attempt": "which of three; 0: not known",
        "milliseconds": "the invocation's; 0: not known",
        "memory_mb": "most memory it held, in MB; 0: not known",
        "cold": "whether the function had to be started for it",
        "note": "the error, where its record went, or what was deployed",
    },
    "HourlyTraffic": {
        "done": "photos that have their mosaics",
        "failed": "photos that failed for good",
        "retried": "attempts that failed for now",
        "photos_per_minute": "`done`, a minute",
        "error_rate": "part of all attempts that failed, 0 to 1",
        "invocations": "of the function",
        "mean_billed_ms": "billed milliseconds an invocation; null: Lambda reported none",
        "monthly_dollars": "US dollars for a month of such hours; null: Lambda reported no times",
    },
    "JsonError": {
        "message": "in words",
        "hint": "what to do now; may be empty",
        "exit_code": "the command's exit code",
    },
    "PackageResult": {
        "path": "where the zip was put; null: nowhere",
        "runtime": "Lambda's name of the Python it is for",
        "architecture": "the CPU it is for",
        "digest": "of its contents, in hexadecimal: the same on every machine",
        "sha256": "of its bytes, in base64, as Lambda tells it (CodeSha256)",
        "bytes": "its size",
        "parts": "what is in it",
    },
    "PackagePart": {
        "name": "what kind of files",
        "files": "how many",
        "bytes": "their size unpacked",
        "packed": "their size in the zip",
    },
    "PixelatedPhoto": {
        "photo": PHOTO,
        "mosaics": "its mosaics, in the order of the grids",
        "warnings": WARNINGS,
        "error": ERROR,
        "hint": HINT,
        "up_to_date": "whether an earlier run had made them just so",
    },
    "PlannedStep": {
        "title": "what it does",
        "call": "the call of boto3, `service:operation`",
    },
    "PushResult": {
        "stack": STACK,
        "source_bucket": SOURCE_BUCKET,
        "destination_bucket": DESTINATION_BUCKET,
        "photos": "the photos, in the order given",
    },
    "PushedPhoto": {
        "photo": PHOTO,
        "key": KEY,
        "bytes": "its size",
        "version_id": "S3's; empty where the bucket keeps no versions",
        "upload_seconds": "time of the upload, in seconds",
        "wait_seconds": "from there to all mosaics, in seconds; null: not waited for, or failed",
        "mosaics": "its mosaics, if they were waited for",
        "error": "what failed; empty if nothing did",
        "hint": HINT,
    },
    "ResourceState": {
        "resource": "its kind and name",
        "state": "whether it is as deployed",
        "details": "what differs, from what to what",
    },
    "RollbackResult": {
        "account": ACCOUNT,
        "region": REGION,
        "stack": STACK,
        "function": "the function's name",
        "left": "version that ran before",
        "function_version": "version that runs now",
    },
    "RunResult": {
        "out": "folder of the mosaics",
        "photos": "the photos, in the order given",
        "passed_over": "other files in the folders given",
        "seconds": "time it took, in seconds",
        "sheet": "path of the contact sheet; empty: none",
        "page": "path of the HTML page; empty: none",
    },
    "SavedMosaic": {
        "grid": "cells across and down",
        "path": "where it was saved",
        "bytes": "its size",
        "saved": "with `--format auto`: bytes less than in the photo's own format; else 0",
    },
    "ServingResult": {
        "endpoint_url": "where S3 and the rest answer",
        "source_bucket": SOURCE_BUCKET,
        "destination_bucket": DESTINATION_BUCKET,
        "function": "the function's name",
        "page": "address of the page to drop photos on; empty: none",
        "steps": "calls it took to deploy",
        "restored": "objects kept from before, with --persist",
        "variables": "environment variables that lead other programs there",
        "exposed": "whether other machines may reach it",
    },
    "StatusResult": {
        "account": ACCOUNT,
        "region": REGION,
        "endpoint_url": ENDPOINT_URL,
        "stack": STACK,
        "function_version": "version that runs; null: none",
        "failures": "events in the failure queue; null: there is no queue",
        "errors": "lines of the last hour's log that tell of failures, as they are there",
        "resources": "everything the stack is made of",
        "traffic": "what went through in the last hour",
        "newest_version": "version published last, which need not run; null: none",
    },
}

CHOICES: dict[str, tuple[str, ...]] = {
    "ChangedResource.action": ("create", "change"),
    "FailedEvent.state": ("failed", "worked", "failed again", "dropped"),
    "FailuresResult.action": ("list", "retry", "drop"),
    "HappeningResult.result": ("done", "skipped", "retried", "failed", "throttled", "deployed"),
    "ResourceState.state": ("present", "missing", "drifted"),
}
"""The words that a field of text is one of, where its type does not say."""
