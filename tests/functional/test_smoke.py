"""The smoke test after a deployment: a tiny picture goes the whole way, in the emulator."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from pixelater_cli.aws.deploy.deployment import apply_plan, prepare, verify
from pixelater_cli.aws.operations import health, versions
from pixelater_cli.aws.package.builder import Contents
from pixelater_cli.aws.session import Account, connect
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.pipeline import Deployed, deploy_to, start_emulator
from pixelater_cli.errors import AwsError
from tests.functional.test_stack import deploy, make_package, make_stack

BROKEN = Contents(
    "",
    {
        "pixelater_function/__init__.py": b"",
        "pixelater_function/handler.py": b"raise OSError('no luck')",
    },
)


@pytest.fixture
def deployed() -> Iterator[Deployed]:
    with start_emulator() as emulator:
        yield deploy_to(emulator)


def list_objects(account: Account, bucket: str) -> list[str]:
    answer = account.clients["s3"].list_object_versions(Bucket=bucket)
    entries = [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]
    return [one["Key"] for one in entries]


def check_that_nothing_is_left(account: Account, stack: Stack) -> None:
    assert list_objects(account, stack.source_bucket) == []
    assert list_objects(account, stack.destination_bucket) == []


@pytest.mark.real_package
def test_a_picture_goes_through_and_leaves_nothing(deployed: Deployed) -> None:
    account, stack = deployed.account, deployed.stack
    deployment = prepare(account, stack, BROKEN, time.sleep)  # Not carried out.
    seconds = verify(deployment, time.sleep, time.monotonic)
    assert seconds is not None
    assert seconds > 0
    assert versions.find_version(account, stack) == "1"
    check_that_nothing_is_left(account, stack)


def test_code_that_fails_is_taken_back_and_its_log_is_shown(deployed: Deployed) -> None:
    account, stack = deployed.account, deployed.stack
    deployment = prepare(account, stack, BROKEN, time.sleep)
    apply_plan(deployment, lambda _step: None, time.sleep, time.monotonic)
    assert versions.find_version(account, stack) == "2"
    with pytest.raises(AwsError, match="smoke test failed, version 1 is active again") as caught:
        verify(deployment, time.sleep, time.monotonic, timeout_seconds=4)
    assert "no luck" in caught.value.hint
    assert versions.find_version(account, stack) == "1"
    check_that_nothing_is_left(account, stack)


def test_failed_way_back_is_reported_next_to_the_failed_test(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, stack = deployed.account, deployed.stack
    deployment = prepare(account, stack, BROKEN, time.sleep)
    apply_plan(deployment, lambda _step: None, time.sleep, time.monotonic)

    def refuse(*_arguments: object, **_options: object) -> str:
        raise AwsError("could not publish it: TooManyRequests", "Request a higher quota.")

    monkeypatch.setattr(versions, "restore", refuse)
    with pytest.raises(AwsError) as caught:
        verify(deployment, time.sleep, time.monotonic, timeout_seconds=4)
    assert re.sub(r"\d+ (mosaics|s;)", r"N \1", str(caught.value)) == (
        "the smoke test failed: N mosaics of the test image did not appear within N s; returning "
        "to version 1 failed, too: could not publish it: TooManyRequests"
    )
    assert "no luck" in caught.value.hint
    assert caught.value.hint.endswith(
        "Request a higher quota. Then make sure that version 1 is active: pixelater rollback --to "
        "1 --stack pixelater"
    )


def test_without_a_log_the_function_is_asked_what_is_wrong(deployed: Deployed) -> None:
    account, stack = deployed.account, deployed.stack
    deployment = prepare(account, stack, BROKEN, time.sleep)
    apply_plan(deployment, lambda _step: None, time.sleep, time.monotonic)
    elsewhere = replace(stack, name="nobody")  # Where no log is found.
    assert "no luck" in health.invoke_test_event(account, stack)
    assert "Function not found" in health.invoke_test_event(account, elsewhere)
    versions.roll_back(account, stack, "1", time.sleep)
    assert health.invoke_test_event(account, stack) == ""
    assert versions.find_versions(account, stack) == ("1", "2")


def test_of_a_server_that_runs_no_functions_the_way_on_is_told(moto: str) -> None:
    account = connect(None, "us-east-1", moto, time.sleep)
    stack = make_stack(account)
    deploy(account, stack, make_package())
    assert health.invoke_test_event(account, stack) == (
        "Invoke answered NotImplemented: this emulator does not have the operation: "
        "No module named 'docker' "
        "(on a server that runs no functions, deploy with --no-smoke-test)"
    )


def test_a_function_that_may_not_run_is_not_tried(deployed: Deployed) -> None:
    stack = Stack(deployed.account.number, deployed.account.region, concurrency=0, tls=False)
    deployment = prepare(deployed.account, stack, BROKEN, time.sleep)
    assert verify(deployment, time.sleep, time.monotonic, timeout_seconds=0) is None
