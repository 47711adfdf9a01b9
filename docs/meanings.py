"""Meanings of the fields of the JSON documents; docs/write_schemas.py needs them all."""

from __future__ import annotations

ACCOUNT = "AWS account ID, 12 digits"
REGION = "AWS region"
ENDPOINT_URL = "URL of the AWS emulator; null: AWS itself"
STACK = "name of the stack"
SOURCE_BUCKET = "bucket that photos are uploaded to"
DESTINATION_BUCKET = "bucket that mosaics are written to"
APPLIED = "whether `steps` were applied; false with --plan"
PHOTO = "path of the photo, as given or found"
KEY = "key in the source bucket; empty if it was not uploaded"
ERROR = "why mosaics are missing; empty if all exist"
HINT = "what to do about the error; may be empty"
WARNINGS = "warnings about the mosaics, such as more cells than pixels"

MEANINGS = {
    "BackfillResult": {
        "stack": STACK,
        "source_bucket": SOURCE_BUCKET,
        "sent": "whether the function was invoked; false with --plan",
        "looked_at": "number of photos that were checked",
        "lacking": "number of photos whose mosaics are missing or older than the photo",
        "last_key": "last key that was checked; the value for --start-after",
        "seconds": "duration, in seconds",
    },
    "BatchJobResult": {
        "stack": STACK,
        "job_id": "ID of the job; null with --plan",
        "request": "parameters of `s3control:CreateJob`",
        "role": "trust policy and permissions of the role that the job assumes",
    },
    "ChangedResource": {
        "action": "what happens to the resource",
        "resource": "type and name of the resource",
        "details": "settings concerned, with old and new values for a change",
    },
    "Check": {
        "purpose": "what needs it",
        "name": "what was checked",
        "works": "whether it works",
        "found": "what was found",
        "advice": "what to do if it does not work",
        "required": "false: optional for its purpose",
    },
    "DeployResult": {
        "account": ACCOUNT,
        "region": REGION,
        "endpoint_url": ENDPOINT_URL,
        "stack": STACK,
        "source_bucket": SOURCE_BUCKET,
        "destination_bucket": DESTINATION_BUCKET,
        "function": "ARN of the alias that is invoked on uploads",
        "package": "digest of the zip's contents, in hexadecimal",
        "applied": APPLIED,
        "changes": "resources that differ; empty: none",
        "steps": "API calls that make the changes, in order",
        "smoke_test_seconds": "duration of the smoke test, in seconds; null: not run",
    },
    "DestroyResult": {
        "account": ACCOUNT,
        "region": REGION,
        "endpoint_url": ENDPOINT_URL,
        "stack": STACK,
        "applied": APPLIED,
        "kept": "buckets that are kept, with their objects",
        "steps": "API calls that remove the other resources, in order",
    },
    "DoctorResult": {
        "pixelater": "pixelater's version",
        "checks": "results of all checks",
    },
    "EmulateResult": {
        "out": "output folder",
        "source_bucket": SOURCE_BUCKET,
        "destination_bucket": DESTINATION_BUCKET,
        "steps": "number of API calls that deployed the stack",
        "photos": "photos, in the order given",
    },
    "EmulatedPhoto": {
        "photo": PHOTO,
        "key": KEY,
        "milliseconds": "time from the S3 event to the last mosaic",
        "cold": "whether it was a cold start",
        "identical": "whether the mosaics have the same bytes as those of `pixelater run`",
        "mosaics": "mosaics that were saved",
        "warnings": WARNINGS,
        "error": ERROR,
        "hint": HINT,
    },
    "ErrorResult": {"error": "what went wrong"},
    "FailedEvent": {
        "id": "message ID in SQS",
        "keys": "keys of the photos of the event",
        "reason": "reason as one word; docs/how-to/operate.md says what to do for each",
        "message": "reason as a sentence",
        "time": "time of the last failure, ISO 8601",
        "tries": "number of invocations",
        "version_id": "version of the photo; empty without versioning",
        "bytes": "size of the photo; null: unknown",
        "request_id": "request ID of the last invocation",
        "state": "what was done with the failure; `failed`: it was only listed",
        "error": "error of the retry; empty if there was none",
    },
    "FailuresResult": {
        "stack": STACK,
        "queue": "name of the failure queue",
        "action": "action that was requested",
        "failures": "failures that were listed, retried or dropped",
        "gone": "number of failures that another process has taken",
        "out_of_sight": "number that another process handles; visible again within six minutes",
    },
    "FetchedMosaic": {
        "grid": "number of cells across and down",
        "key": "key in the destination bucket",
        "bytes": "size",
        "path": "path of the file; null: not saved",
    },
    "HappeningResult": {
        "time": "time of the event, in seconds since 1970",
        "key": "key of the photo; empty if the event has none",
        "bucket": "bucket of the photo; empty if the event has none",
        "function": "name of the function; empty: unknown",
        "result": "what happened",
        "attempt": "number of the attempt, 1 to 3; 0: unknown",
        "milliseconds": "duration of the invocation; 0: unknown",
        "init_ms": "duration of the init phase of a cold start; 0: none, or unknown",
        "memory_mb": "peak memory, in MB; 0: unknown",
        "cold": "whether it was a cold start",
        "note": "the error, where it was recorded, or what was deployed",
    },
    "HourlyTraffic": {
        "done": "number of photos that succeeded",
        "failed": "number of photos that failed permanently",
        "retried": "number of attempts that failed and were retried",
        "photos_per_minute": "`done` per minute",
        "error_rate": "failed attempts divided by all attempts, 0 to 1",
        "invocations": "number of invocations of the function",
        "mean_billed_ms": "mean billed milliseconds per invocation; null: not reported",
        "monthly_dollars": "US dollars per month at this rate; null: not reported",
    },
    "JsonError": {
        "message": "what went wrong, as a sentence",
        "hint": "what to do about it; may be empty",
        "exit_code": "exit code of the command",
    },
    "PackageResult": {
        "path": "path of the zip; null: not written",
        "runtime": "Lambda runtime",
        "architecture": "CPU architecture",
        "digest": "digest of the contents, in hexadecimal; the same on every machine",
        "sha256": "SHA-256 of the zip, in base64 (Lambda's CodeSha256)",
        "bytes": "size",
        "parts": "groups of files in the zip",
    },
    "PackagePart": {
        "name": "name of the group",
        "files": "number of files",
        "bytes": "uncompressed size",
        "packed": "compressed size",
    },
    "PixelatedPhoto": {
        "photo": PHOTO,
        "mosaics": "mosaics, in the order of the grids",
        "warnings": WARNINGS,
        "error": ERROR,
        "hint": HINT,
        "up_to_date": "whether the mosaics already existed and were up to date",
    },
    "PlannedStep": {
        "title": "what the call does",
        "call": "boto3 operation, `service:operation`",
    },
    "PushResult": {
        "stack": STACK,
        "source_bucket": SOURCE_BUCKET,
        "destination_bucket": DESTINATION_BUCKET,
        "photos": "photos, in the order given",
    },
    "PushedPhoto": {
        "photo": PHOTO,
        "key": KEY,
        "bytes": "size",
        "version_id": "version ID in S3; empty without versioning",
        "upload_seconds": "duration of the upload, in seconds",
        "wait_seconds": "seconds from upload to last mosaic; null: not waited for, or failed",
        "mosaics": "mosaics, if the command waited for them",
        "error": "what failed; empty: nothing",
        "hint": HINT,
    },
    "ResourceState": {
        "resource": "type and name of the resource",
        "state": "state of the resource",
        "details": "settings that differ, with deployed and current values",
    },
    "RollbackResult": {
        "account": ACCOUNT,
        "region": REGION,
        "stack": STACK,
        "function": "name of the function",
        "left": "version that was active before",
        "function_version": "version that is active now",
    },
    "RunResult": {
        "out": "output folder",
        "photos": "photos, in the order given",
        "passed_over": "number of other files in the folders",
        "seconds": "duration, in seconds",
        "sheet": "path of the contact sheet; empty: none",
        "page": "path of the HTML page; empty: none",
    },
    "SavedMosaic": {
        "grid": "number of cells across and down",
        "path": "path of the file",
        "bytes": "size",
        "saved": "with `--format auto`: bytes saved compared with the photo's format; otherwise 0",
    },
    "ServingResult": {
        "endpoint_url": "URL of the emulator",
        "source_bucket": SOURCE_BUCKET,
        "destination_bucket": DESTINATION_BUCKET,
        "function": "name of the function",
        "page": "URL of the web page; empty: none",
        "steps": "number of API calls that deployed the stack",
        "restored": "number of objects restored by --persist",
        "variables": "environment variables for AWS clients",
        "exposed": "whether other machines can reach the emulator",
    },
    "StatusResult": {
        "account": ACCOUNT,
        "region": REGION,
        "endpoint_url": ENDPOINT_URL,
        "stack": STACK,
        "function_version": "active version; null: none",
        "failures": "number of messages in the failure queue; null: the queue does not exist",
        "errors": "lines about failures in the log of the last hour",
        "resources": "resources of the stack",
        "traffic": "traffic of the last hour",
        "newest_version": "newest published version, which may not be active; null: none",
    },
}

CHOICES: dict[str, tuple[str, ...]] = {
    "ChangedResource.action": ("create", "change"),
    "FailedEvent.state": ("failed", "worked", "failed again", "dropped"),
    "FailuresResult.action": ("list", "retry", "drop"),
    "HappeningResult.result": ("done", "skipped", "retried", "failed", "throttled", "deployed"),
    "ResourceState.state": ("present", "missing", "drifted"),
}
"""The values of string fields whose type does not list them."""
