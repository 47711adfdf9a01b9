"""Errors of AWS that pass: which they are, how long calls are repeated, and what ends at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, WaiterError

from pixelater_cli.aws.deploy.executor import apply, await_state, read_state
from pixelater_cli.aws.resources.property import ApiCall, Read, ResourceProperty, constant
from pixelater_cli.aws.retries import (
    PASSING_ERRORS,
    call_patiently,
    find_passing,
    wait_for,
)
from pixelater_cli.aws.session import Account
from pixelater_cli.errors import AwsError

Error = tuple[str, str]


def make_error(code: str, message: str = "", operation: str = "Call") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@dataclass
class Clock:
    """Time that passes only while somebody sleeps."""

    pauses: list[float] = field(default_factory=list)

    def now(self) -> float:
        return sum(self.pauses)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


@dataclass
class Server:
    """Answers any call with the next of its answers, and the last again and again."""

    answers: list[Any]
    calls: list[str] = field(default_factory=list)

    def __getattr__(self, operation: str) -> Any:
        def call(**_parameters: Any) -> Any:
            self.calls.append(operation)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def make_account(server: Any, service: str = "lambda") -> Account:
    return Account("123456789012", "us-east-1", "aws", None, {service: server})


PASSING: tuple[Error, ...] = (
    (
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
    ),
    (
        "InvalidParameterValueException",
        "Lambda was unable to configure access to your environment variables because the KMS key "
        "is invalid for CreateGrant. Please check your KMS key settings.",
    ),
    (
        "InvalidParameterValueException",
        "The provided execution role does not have permissions to call SendMessage on SQS",
    ),
    (
        "InvalidParameterValueException",
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified "
        "key does not exist.",
    ),
    ("NoSuchBucket", "The specified bucket does not exist"),
    ("NoSuchEntity", "The role with name pixelater cannot be found."),
    ("DeleteConflict", "Cannot delete entity, must delete policies first."),
    (
        "ResourceConflictException",
        "The function could not be updated due to a concurrent update operation.",
    ),
    (
        "ResourceConflictException",
        "The operation cannot be performed at this time. An update is in progress for resource: x",
    ),
    ("OperationAborted", "A conflicting conditional operation is currently in progress"),
    ("InvalidArgument", "Unable to validate the following destination configurations"),
    ("AWS.SimpleQueueService.QueueDeletedRecently", "You must wait 60 seconds after deleting"),
    ("TooManyRequestsException", "Rate exceeded"),
    ("Throttling", "Rate exceeded"),
    ("SlowDown", "Please reduce your request rate."),
    ("RequestThrottled", ""),
)

LASTING: tuple[Error, ...] = (
    ("AccessDenied", "no"),
    ("InvalidParameterValueException", "memorySize must be at most 3008"),
    ("ResourceConflictException", "Function already exist: pixelater-function"),
    ("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first."),
    ("InvalidArgument", "Configurations overlap"),
    ("LimitExceededException", "Too many"),
)


@pytest.mark.parametrize("error", PASSING, ids=lambda error: f"{error[0]} {error[1][:30]}")
def test_errors_that_pass_are_retried_until_they_are_over(error: Error) -> None:
    clock, server = Clock(), Server([make_error(*error), make_error(*error), {"done": True}])
    assert call_patiently(server.create, {}, clock.sleep) == {"done": True}
    assert len(clock.pauses) == 2


@pytest.mark.parametrize("error", LASTING, ids=lambda error: f"{error[0]} {error[1][:30]}")
def test_other_errors_end_at_once(error: Error) -> None:
    clock, server = Clock(), Server([make_error(*error)])
    with pytest.raises(ClientError):
        call_patiently(server.create, {}, clock.sleep)
    assert clock.pauses == []


def test_answers_that_are_lost_are_awaited_for_half_a_minute() -> None:
    clock, lost = Clock(), EndpointConnectionError(endpoint_url="https://iam.amazonaws.com")
    assert call_patiently(Server([lost, lost, {}]).create, {}, clock.sleep) == {}
    clock = Clock()
    with pytest.raises(EndpointConnectionError):
        call_patiently(Server([lost]).create, {}, clock.sleep)
    assert clock.now() == 30


def test_queue_that_was_deleted_is_awaited_for_the_minute_that_sqs_names() -> None:
    clock, server = Clock(), Server([make_error("QueueDeletedRecently"), {"QueueUrl": "x"}])
    call_patiently(server.create_queue, {}, clock.sleep)
    assert clock.pauses == [60]


@pytest.mark.parametrize("error", PASSING, ids=lambda error: f"{error[0]} {error[1][:30]}")
def test_retries_end_within_the_seconds_of_the_table(error: Error) -> None:
    clock = Clock()
    passing = find_passing(make_error(*error))
    with pytest.raises(ClientError):
        call_patiently(Server([make_error(*error)]).create, {}, clock.sleep)
    assert passing is not None
    assert clock.now() == passing.seconds


def test_every_entry_of_the_table_names_its_evidence() -> None:
    assert all(known.source.startswith("https://") for known in PASSING_ERRORS)
    assert all(known.seconds > 0 for known in PASSING_ERRORS)


@pytest.mark.parametrize(
    ("operation", "code", "message"),
    [
        ("create_bucket", "BucketAlreadyOwnedByYou", ""),
        ("create_role", "EntityAlreadyExists", ""),
        ("create_log_group", "ResourceAlreadyExistsException", ""),
        ("create_function", "ResourceConflictException", "Function already exist: f"),
        ("create_alias", "ResourceConflictException", "Alias already exists"),
        ("add_permission", "ResourceConflictException", "The statement id (a) already exists."),
    ],
)
def test_what_an_earlier_attempt_has_created_is_no_error(
    operation: str, code: str, message: str
) -> None:
    server, done = Server([make_error(code, message)]), list[str]()
    step = ApiCall("create it", "lambda", operation, {})
    apply(make_account(server), [step], {}, lambda step: done.append(step.title), Clock().sleep)
    assert done == ["create it"]


def test_what_is_gone_already_is_not_awaited() -> None:
    clock, server = Clock(), Server([make_error("NoSuchBucket")])
    step = ApiCall("remove it", "s3", "delete_bucket", {}, absent=("NoSuchBucket",))
    apply(make_account(server, "s3"), [step], {}, lambda _step: None, clock.sleep)
    assert clock.pauses == []


@dataclass
class Waiting:
    """A client whose waiter finds these states, one at a time."""

    errors: list[WaiterError | None]

    def get_waiter(self, _name: str) -> Waiting:
        return self

    def wait(self, *, WaiterConfig: dict[str, int], **_names: str) -> None:  # noqa: N803
        assert WaiterConfig == {"Delay": 0, "MaxAttempts": 1}
        if error := self.errors.pop(0):
            raise error


def make_waiter_error(reason: str, answer: dict[str, Any]) -> WaiterError:
    return WaiterError(name="function_active_v2", reason=reason, last_response=answer)


PENDING = make_waiter_error("Max attempts exceeded", {"State": "Pending"})


@pytest.mark.parametrize(
    "passing",
    [
        PENDING,
        make_waiter_error("An error occurred", {"Error": {"Code": "ResourceNotFoundException"}}),
        make_waiter_error("An error occurred", {"Error": {"Code": "TooManyRequestsException"}}),
    ],
)
def test_resource_is_awaited_by_the_given_clock(passing: WaiterError) -> None:
    clock = Clock()
    wait_for(Waiting([passing, passing, None]), "function_active_v2", {}, clock.sleep)
    assert clock.pauses == [2, 2]


@pytest.mark.parametrize(
    "lasting",
    [
        make_waiter_error(
            "Waiter encountered a terminal failure state: For expression", {"State": "Failed"}
        ),
        make_waiter_error("An error occurred", {"Error": {"Code": "AccessDeniedException"}}),
    ],
)
def test_resource_that_failed_is_not_awaited(lasting: WaiterError) -> None:
    clock = Clock()
    with pytest.raises(WaiterError):
        wait_for(Waiting([PENDING, lasting]), "function_active_v2", {}, clock.sleep)
    assert clock.pauses == [2]


def make_property(name: str, wanted: Any) -> ResourceProperty:
    read = Read("sqs", f"get_{name}", {}, lambda answer: answer["value"], ("Gone",))
    return ResourceProperty((name, ""), read, wanted, constant())


@dataclass
class Stale:
    """Answers each read with the next of its values, and the last again and again."""

    values: dict[str, list[Any]]
    calls: list[str] = field(default_factory=list)

    def __getattr__(self, operation: str) -> Any:
        name = operation.removeprefix("get_")

        def call() -> dict[str, Any]:
            self.calls.append(name)
            left = self.values[name]
            return {"value": left.pop(0) if len(left) > 1 else left[0]}

        return call


def test_only_what_differs_is_read_again_until_it_does_not() -> None:
    clock, server = Clock(), Stale({"age": [1, 1, 2], "name": ["a"], "url": ["x", "y"]})
    account = make_account(server, "sqs")
    properties = [make_property("age", 2), make_property("name", "a"), make_property("url", "y")]
    state = read_state(account, properties, clock.sleep)
    state = await_state(account, properties, state, clock.sleep, clock.now)
    assert state.found == {("age", ""): 2, ("name", ""): "a", ("url", ""): "y"}
    assert server.calls == ["age", "name", "url", "age", "url", "age"]
    assert clock.pauses == [1, 2]


def test_what_differs_for_two_minutes_is_left() -> None:
    clock, account = Clock(), make_account(Stale({"age": [1]}), "sqs")
    properties = [make_property("age", 2)]
    state = read_state(account, properties, clock.sleep)
    state = await_state(account, properties, state, clock.sleep, clock.now)
    assert state.found == {("age", ""): 1}
    assert clock.now() == 120


def test_reads_that_are_throttled_are_repeated() -> None:
    def answer() -> Iterator[Any]:
        yield make_error("RequestThrottled")
        yield {"value": 1}

    clock, server = Clock(), Server(list(answer()))
    state = read_state(make_account(server, "sqs"), [make_property("age", 1)], clock.sleep)
    assert (state.found, clock.pauses) == ({("age", ""): 1}, [1])


def test_error_that_lasts_names_the_step() -> None:
    step = ApiCall("create function f", "lambda", "create_function", {})
    account = make_account(Server([make_error("AccessDenied", "no", "CreateFunction")]))
    with pytest.raises(AwsError, match="could not create function f: CreateFunction answered"):
        apply(account, [step], {}, lambda _step: None, Clock().sleep)
