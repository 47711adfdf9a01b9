"""What CloudWatch knows of the failure queue: failures that did not reach it, and its oldest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from pixelater_cli.aws.errors import read_error, translate_errors
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Document, Stack

DAYS = 14
"""SQS deletes a message 14 days after it was sent."""

DAY_SECONDS = 24 * 60 * 60

UNDELIVERED, OLDEST = "undelivered", "oldest"

DENIED = ("AccessDenied", "AccessDeniedException")


def read_queue_metrics(
    account: Account, stack: Stack, now: float
) -> tuple[int | None, float | None]:
    """Return the failed events that Lambda could not send to the queue, and the oldest one's days.

    None: not known, as on emulators, or without the permission to read metrics. Raises AwsError.
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    """
    if account.emulated:
        return None, None
    end = datetime.fromtimestamp(now, UTC)
    queries = [
        _make_query(
            UNDELIVERED,
            *("AWS/Lambda", "DestinationDeliveryFailures", "FunctionName", stack.function),
            *(DAY_SECONDS, "Sum"),
        ),
        _make_query(
            OLDEST,
            *("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", stack.queue),
            *(60 * 60, "Maximum"),
        ),
    ]
    with translate_errors("read the metrics of the failure queue"):
        try:
            answer: Any = account.clients["cloudwatch"].get_metric_data(
                MetricDataQueries=queries,
                StartTime=end - timedelta(days=DAYS),
                EndTime=end,
                ScanBy="TimestampDescending",
            )
        except ClientError as error:
            if read_error(error)[0] not in DENIED:
                raise
            return None, None
    values = {result["Id"]: result["Values"] for result in answer["MetricDataResults"]}
    oldest = values.get(OLDEST) or [0.0]
    return round(sum(values.get(UNDELIVERED, []))), round(oldest[0] / DAY_SECONDS, 1)


def _make_query(
    id: str, namespace: str, metric: str, dimension: str, value: str, seconds: int, statistic: str
) -> Document:
    named = {
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": [{"Name": dimension, "Value": value}],
    }
    return {"Id": id, "MetricStat": {"Metric": named, "Period": seconds, "Stat": statistic}}
