"""What the emulator does not have is refused, with the reason; it is never a server's error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pixelater_cli.emulator.strict.api_rules import NO_TRIGGER
from tests.functional.lambdas import BUCKET, NAME, Bench, start_bench
from tests.strictness.services import send_json
from tests.strictness.suite import make_site

QUEUE = "arn:aws:sqs:us-east-1:123456789012:failures"
FUNCTION = f"arn:aws:lambda:us-east-1:123456789012:function:{NAME}"
GROUP = f"/aws/lambda/{NAME}"


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with start_bench() as bench:
        bench.deploy("def handle(event, context):\n    return {}\n")
        bench.connect("logs").create_log_group(logGroupName=GROUP)
        yield bench


TRIGGERS: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "an event source mapping": (
        "lambda",
        "create_event_source_mapping",
        {"EventSourceArn": QUEUE, "FunctionName": NAME},
        "InvalidParameterValueException",
    ),
    "a subscription filter": (
        "logs",
        "put_subscription_filter",
        {
            "logGroupName": GROUP,
            "filterName": "all",
            "filterPattern": "",
            "destinationArn": FUNCTION,
        },
        "InvalidParameterException",
    ),
    "a subscription of a topic": (
        "sns",
        "subscribe",
        {
            "TopicArn": "arn:aws:sns:us-east-1:123456789012:photos",
            "Protocol": "lambda",
            "Endpoint": FUNCTION,
        },
        "InvalidParameter",
    ),
    "a target of EventBridge": (
        "events",
        "put_targets",
        {"Rule": "uploads", "Targets": [{"Id": "1", "Arn": FUNCTION}]},
        "ValidationException",
    ),
}

FAILING: dict[str, tuple[str, str, dict[str, Any], tuple[int, str]]] = {
    "a service whose package is missing": (
        "xray",
        "get_trace_summaries",
        {"StartTime": 0, "EndTime": 1},
        (501, "NotImplemented"),
    ),
    "an operation that moto lacks": (
        "cloudwatch",
        "list_managed_insight_rules",
        {"ResourceARN": "a"},
        (400, "UnknownOperationException"),
    ),
    "a form that moto fails at": (
        "sns",
        "delete_topic",
        {"TopicArn": "garbage"},
        (400, "InvalidParameter"),
    ),
    "a service without rules that moto fails at": (
        "ssm",
        "get_parameters_by_path",
        {"Path": "/", "NextToken": "garbage"},
        (400, "InvalidRequest"),
    ),
}


def find_error(bench: Bench, service: str, operation: str, parameters: dict[str, Any]) -> Any:
    with pytest.raises(ClientError) as caught:
        getattr(bench.connect(service), operation)(**parameters)
    return caught.value.response


@pytest.mark.parametrize("name", TRIGGERS)
def test_trigger_other_than_s3_is_refused(bench: Bench, name: str) -> None:
    service, operation, parameters, code = TRIGGERS[name]
    answer = find_error(bench, service, operation, parameters)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert (answer["Error"]["Code"], answer["Error"]["Message"]) == (code, NO_TRIGGER)


def test_failure_queue_does_not_run_the_function(bench: Bench) -> None:
    """A mapping of the queue would run the function on its own failure records."""
    with pytest.raises(ClientError):
        bench.connect("lambda").create_event_source_mapping(EventSourceArn=QUEUE, FunctionName=NAME)
    with bench.functions.watch() as reports:
        bench.connect("sqs").send_message(
            QueueUrl=bench.connect("sqs").get_queue_url(QueueName="failures")["QueueUrl"],
            MessageBody="{}",
        )
        bench.connect("s3").put_object(Bucket=BUCKET, Key="photo.jpg", Body=b"x")
        assert reports.get(timeout=30).key == "photo.jpg"


@pytest.mark.parametrize("name", FAILING)
def test_what_moto_fails_at_is_refused_with_the_reason(bench: Bench, name: str) -> None:
    service, operation, parameters, refused = FAILING[name]
    answer = find_error(bench, service, operation, parameters)
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]) == refused
    assert answer["Error"]["Message"].startswith("this emulator ")


def test_metrics_without_a_start_are_refused(bench: Bench) -> None:
    site = make_site(bench.url)
    answer = send_json("monitoring", "GraniteServiceVersion20100801.GetMetricData", b"{}", site)
    assert (answer.status, answer.code) == (400, "MissingParameter")
