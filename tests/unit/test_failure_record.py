"""Messages of the failure queue: the function's own, Lambda's, and others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelater_cli.aws.operations.failure_record import (
    Failure,
    find_new_failure,
    format_reason,
    has_item_failures,
    list_keys,
    read_failure,
    select_failures,
)


def record(key: str, **there: object) -> dict[str, object]:
    return {"eventSource": "aws:s3", "s3": {"object": {"key": key, **there}}}


EVENT = {"Records": [record("my+photo%2B1.jpg", versionId="v1")]}
OWN = {
    "pixelater": "failure",
    "version": 1,
    "reason": "too_large",
    "message": "too many pixels",
    "bucket": "source",
    "key": "my photo+1.jpg",
    "version_id": "v1",
    "bytes": 9,
    "request_id": "r",
    "time": "2026-11-23T12:00:00Z",
    "event": EVENT,
}
LAMBDAS = {
    "version": "1.0",
    "timestamp": "2026-11-23T12:00:00.000Z",
    "requestContext": {
        "requestId": "r",
        "functionArn": "arn",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 3,
    },
    "requestPayload": EVENT,
    "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
    "responsePayload": {"errorType": "ClientError", "errorMessage": "SlowDown"},
}
AGED = {
    **LAMBDAS,
    "requestContext": {**LAMBDAS["requestContext"], "condition": "EventAgeExceeded"},  # type: ignore[dict-item]
    "responsePayload": None,
}
STOPPED = {**AGED, "requestContext": {"condition": "ZeroReservedConcurrency"}}
KEYS = ("my photo+1.jpg",)


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        (
            json.dumps(OWN),
            Failure(
                "m",
                KEYS,
                "too_large",
                "too many pixels",
                "2026-11-23T12:00:00Z",
                1,
                "r",
                "v1",
                9,
                EVENT,
            ),
        ),
        (
            json.dumps({"pixelater": "failure", "reason": "damaged", "hint": "Copy it."}),
            Failure("m", (), "damaged", "", "", 1, hint="Copy it."),
        ),
        (
            json.dumps(LAMBDAS),
            Failure(
                "m",
                KEYS,
                "ClientError",
                "SlowDown",
                "2026-11-23T12:00:00.000Z",
                3,
                "r",
                "v1",
                None,
                EVENT,
            ),
        ),
        (
            json.dumps(AGED),
            Failure(
                "m",
                KEYS,
                "EventAgeExceeded",
                "the event waited longer than six hours for the function",
                "2026-11-23T12:00:00.000Z",
                3,
                "r",
                "v1",
                None,
                EVENT,
            ),
        ),
        (
            json.dumps(STOPPED),
            Failure(
                "m",
                KEYS,
                "ZeroReservedConcurrency",
                "the function is stopped: its reserved concurrency is 0",
                "2026-11-23T12:00:00.000Z",
                0,
                event=EVENT,
                version_id="v1",
            ),
        ),
        ("hello", Failure("m", (), "UnknownMessage", "hello", "", 0)),
        ('{"a": 1}', Failure("m", (), "UnknownMessage", '{"a": 1}', "", 0)),
        ("[]", Failure("m", (), "UnknownMessage", "[]", "", 0)),
    ],
)
def test_a_message_of_every_kind_is_a_failure(body: str, failure: Failure) -> None:
    assert read_failure("m", body) == failure


@pytest.mark.parametrize(
    ("event", "keys"),
    [
        (EVENT, KEYS),
        ({"Records": [record("a"), record("b")]}, ("a", "b")),
        ({"detail": {"object": {"key": "not+encoded"}}}, ("not+encoded",)),
        ({"Records": [{"body": json.dumps(EVENT)}]}, KEYS),
        (
            {"Records": [{"body": json.dumps({"TopicArn": "t", "Message": json.dumps(EVENT)})}]},
            KEYS,
        ),
        ({"Records": [{"body": "hello"}]}, ()),
        ({"Records": [{"body": "[" * 100_000}, record("a")]}, ("a",)),
        ({"Records": [{"body": json.dumps({"detail": {"object": {"key": "a"}}})}]}, ("a",)),
        ({"Records": [{}, {"s3": None}, 5, record("a")]}, ("a",)),
        ({"Records": 5}, ()),
        ({"detail": "none"}, ()),
        ({"Event": "s3:TestEvent"}, ()),
        (None, ()),
    ],
)
def test_the_photos_of_an_event_are_found(event: dict[str, object], keys: tuple[str, ...]) -> None:
    assert list_keys(event) == keys


def test_failures_are_chosen_by_key() -> None:
    one, other = (read_failure(key, json.dumps({**OWN, "key": key})) for key in "ab")
    assert list(select_failures([one, other], ["b", "c"])) == [other]
    assert list(select_failures([one, other], [])) == [one, other]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b'{"photos": [], "failed": [{"key": "a", "reason": "gone", "message": "x"}]}', "gone: x"),
        (b'{"photos": [], "failed": [{"key": "b", "reason": "gone"}]}', None),
        (b'{"photos": [{"key": "a"}], "skipped": []}', None),
        (b'"done"', None),
    ],
)
def test_a_failure_that_came_again_is_found_in_the_answer(answer: bytes, reason: str) -> None:
    assert find_new_failure(answer, ("a",)) == reason


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (b'{"batchItemFailures": [{"itemIdentifier": "m"}]}', True),
        (b'{"batchItemFailures": []}', False),
        (b"null", False),
    ],
)
def test_an_event_of_sqs_may_have_failed_for_now(answer: bytes, failed: bool) -> None:
    assert has_item_failures(answer) == failed


@pytest.mark.parametrize(
    ("reason", "message", "told"), [("a", "b", "a: b"), ("a", "", "a"), ("", "", "unknown")]
)
def test_a_reason_is_one_line(reason: str, message: str, told: str) -> None:
    assert format_reason(reason, message) == told


ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Records", "s3", "object", "key", "body"]), inner)
    ),
    max_leaves=8,
)
OWN_FIELDS = ("event", "key", "reason", "message", "time", "request_id", "version_id", "bytes")
LAMBDAS_FIELDS = ("condition", "approximateInvokeCount", "requestId")
MESSAGES = (
    ANYTHING
    | st.fixed_dictionaries(
        {"pixelater": st.just("failure")}, optional=dict.fromkeys(OWN_FIELDS, ANYTHING)
    )
    | st.fixed_dictionaries(
        {
            "requestContext": st.fixed_dictionaries(
                {}, optional=dict.fromkeys(LAMBDAS_FIELDS, ANYTHING)
            ),
            "requestPayload": ANYTHING,
            "responsePayload": ANYTHING,
        }
    )
)


@given(MESSAGES)
def test_message_with_values_of_other_types_is_read(message: Any) -> None:
    failure = read_failure("m1", json.dumps(message))
    texts = (failure.reason, failure.message, failure.time, failure.request_id, *failure.keys)
    assert {type(text) for text in texts} == {str}
    assert isinstance(failure.tries, int)
    assert failure.bytes is None or isinstance(failure.bytes, int)
    assert failure.event is None or isinstance(failure.event, dict)


def test_deeply_nested_message_is_read() -> None:
    body = '{"pixelater": "failure", "event": ' + "[" * 200_000
    assert read_failure("m1", body).reason == "UnknownMessage"
