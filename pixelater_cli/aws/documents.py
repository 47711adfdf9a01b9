"""Owns the documents of a stack: policies, the function's configuration, the trigger.

Pure: made from the stack's names and settings alone, as boto3 takes them.
"""

from __future__ import annotations

from pixelater_cli.aws.stack import ALIAS, Document, Stack

HANDLER = "pixelater.handler.lambda_handler"

TIMEOUT_SECONDS = 300

RETRIES = 2

EVENT_AGE_SECONDS = 6 * 60 * 60
"""An event is tried three times within six hours, the most that Lambda offers."""

QUEUE_SECONDS = 14 * 24 * 60 * 60
"""Failures are kept for two weeks, the most that SQS offers."""

POLICY_NAME = "pixelater-pipeline"


def trust_policy() -> Document:
    """Let the Lambda service take on the role, and nobody else."""
    return _policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    )


def permissions_policy(stack: Stack) -> Document:
    """Allow the pipeline and nothing else: read photos, write mosaics, its log, its failures.

    To replace a mosaic on condition of its ETag, S3 asks for s3:GetObject on it, too
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html). To mirror
    deletes, the function must know that a photo is gone: without s3:ListBucket, S3 does not tell.
    aws:ResourceAccount keeps bucket names that somebody else may come to hold out of it.
    """
    ours = {"Condition": {"StringEquals": {"aws:ResourceAccount": stack.account}}}
    photos = stack.bucket_arn(stack.source_bucket) + "/*"
    mosaics = stack.bucket_arn(stack.destination_bucket) + "/*"
    return _policy(
        {**_allow("ReadPhotos", ["s3:GetObject"], photos), **ours},
        {**_allow("WriteMosaics", ["s3:GetObject", "s3:PutObject"], mosaics), **ours},
        *({**statement, **ours} for statement in _allow_mirroring(stack)),
        _allow(
            "WriteLog",
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            stack.log_group_arn + ":*",
        ),
        _allow("RecordFailures", ["sqs:SendMessage"], stack.queue_arn),
    )


def _allow_mirroring(stack: Stack) -> list[Document]:
    if not stack.mirror_deletes:
        return []
    photos, mosaics = (
        stack.bucket_arn(bucket) for bucket in (stack.source_bucket, stack.destination_bucket)
    )
    return [
        _allow("ListPhotos", ["s3:ListBucket"], photos),
        _allow("ListMosaics", ["s3:ListBucket"], mosaics),
        _allow("DeleteMosaics", ["s3:DeleteObject"], mosaics + "/*"),
    ]


def tls_only(stack: Stack, bucket: str) -> list[Document]:
    """Refuse requests without TLS: statements of a bucket's policy, for the bucket and its objects.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
    """
    arn = stack.bucket_arn(bucket)
    return [
        {
            "Sid": sid,
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": resource,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        for sid, resource in (("PixelaterTlsOnly", arn), ("PixelaterTlsOnlyObjects", f"{arn}/*"))
    ]


def lifecycle_rules(versioned: bool) -> list[Document]:
    """Clear away what nobody sees: unfinished uploads, and versions that were replaced."""
    rules: list[Document] = [
        {
            "ID": "pixelater-unfinished-uploads",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        }
    ]
    if versioned:
        rules.append(
            {
                "ID": "pixelater-replaced-versions",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
            }
        )
    return rules


def function_configuration(stack: Stack) -> Document:
    """Give the function's settings, as create and update_function_configuration take them."""
    variables = {"bucket_1": stack.destination_bucket, "PIXELATER_FAILURES": stack.queue}
    if stack.grids:
        variables["PIXELATER_GRIDS"] = ",".join(str(grid) for grid in stack.grids)
    if stack.max_pixels:
        variables["PIXELATER_MAX_PIXELS"] = str(stack.max_pixels)
    if stack.mirror_deletes:
        variables["PIXELATER_MIRROR_DELETES"] = "true"
    # Where destinations are heeded, too, a failed event would come twice.
    heeded = stack.traits.has_destinations
    letters = {} if heeded else {"DeadLetterConfig": {"TargetArn": stack.queue_arn}}
    return {
        "Runtime": stack.runtime,
        "Role": stack.role_arn,
        "Handler": HANDLER,
        "Timeout": TIMEOUT_SECONDS,
        "MemorySize": stack.memory_mb,
        "Environment": {"Variables": variables},
        "LoggingConfig": {
            "LogFormat": "JSON",
            "ApplicationLogLevel": "INFO",  # The defaults, which Lambda reports once it has them.
            "SystemLogLevel": "INFO",
            "LogGroup": stack.log_group,
        },
        **letters,
    }


def invocation_settings(stack: Stack) -> Document:
    """Say what becomes of an event that fails: two more tries, then the failure queue."""
    return {
        "MaximumRetryAttempts": RETRIES,
        "MaximumEventAgeInSeconds": EVENT_AGE_SECONDS,
        "DestinationConfig": {"OnFailure": {"Destination": stack.queue_arn}},
    }


def queue_attributes() -> dict[str, str]:
    """Give the failure queue's attributes: kept for two weeks, encrypted."""
    return {"MessageRetentionPeriod": str(QUEUE_SECONDS), "SqsManagedSseEnabled": "true"}


def permission(stack: Stack) -> Document:
    """Let the source bucket, in this account only, invoke the alias (add_permission)."""
    return {
        "FunctionName": stack.function,
        "Qualifier": ALIAS,
        "StatementId": stack.statement_id,
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
        "SourceArn": stack.bucket_arn(stack.source_bucket),
        "SourceAccount": stack.account,
    }


def permission_statement(stack: Stack) -> Document:
    """Give the permission as it reads in the alias's policy (get_policy)."""
    wanted = permission(stack)
    return {
        "Sid": stack.statement_id,
        "Effect": "Allow",
        "Principal": {"Service": wanted["Principal"]},
        "Action": wanted["Action"],
        "Resource": stack.alias_arn,
        "Condition": {
            "ArnLike": {"AWS:SourceArn": wanted["SourceArn"]},
            "StringEquals": {"AWS:SourceAccount": wanted["SourceAccount"]},
        },
    }


def list_events(stack: Stack) -> list[str]:
    """List the events that run the function: a photo comes, or goes if deletes are mirrored."""
    removals = ["s3:ObjectRemoved:*", "s3:LifecycleExpiration:*"] if stack.mirror_deletes else []
    return ["s3:ObjectCreated:*", *removals]


def trigger(stack: Stack) -> Document:
    """Give the source bucket's notification: a created object invokes the function's alias.

    So does one that is removed, by a user or by a lifecycle rule, if deletes are mirrored. S3 wants
    a filter's values URL-encoded, a space as + and the slash as it is
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html and
    aws/aws-cdk pull request 28012), and compares them decoded.
    """
    rules = [
        {"Name": name, "Value": stack.traits.write_filter(value)}
        for name, value in (("prefix", stack.prefix), ("suffix", stack.suffix))
        if value
    ]
    filters = {"Filter": {"Key": {"FilterRules": rules}}} if rules else {}
    return {
        "Id": stack.trigger_id,
        "LambdaFunctionArn": stack.alias_arn,
        "Events": list_events(stack),
        **filters,
    }


def _allow(sid: str, actions: list[str], resource: str) -> Document:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}


def _policy(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}
