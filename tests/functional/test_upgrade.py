"""A stack that 0.1.0 deployed is brought up to date by one deploy.

recorded/deploy-0.1.0.json has the calls that change something, of `pixelater deploy` at commit
3f128df6f454 (0.1.0) against moto, by boto3's service, operation and parameters. The body "ZIP" is
that of the package; a few lines stand in for it here.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pixelater_cli.aws.deploy.deployment import apply_plan, prepare, verify
from pixelater_cli.aws.operations import versions
from pixelater_cli.aws.operations.stack_settings import load_settings
from pixelater_cli.aws.package import builder
from pixelater_cli.aws.package.builder import Contents, pack
from pixelater_cli.aws.resources.property import ApiCall
from pixelater_cli.aws.session import Account, connect
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.pipeline import Emulator, start_emulator
from pixelater_cli.errors import AwsError
from tests.functional.conftest import Connect, Pixelater

RECORDED = Path(__file__).parent / "recorded" / "deploy-0.1.0.json"
OLD_CODE = b"def lambda_handler(event, context):\n    return '0.1.0'\n"
OLD_HANDLER = "pixelater.handler.lambda_handler"
NEW_HANDLER = "pixelater_function.handler.lambda_handler"
TEST_EVENT = '{"Event": "s3:TestEvent"}'

LIFECYCLE = "s3:put_bucket_lifecycle_configuration"
SETTINGS = SECRET = "s3:put_object"
UPGRADE = [
    "s3:put_object",
    "lambda:update_function_configuration",
    "lambda:tag_resource",
    "lambda:update_function_code",
    "lambda:publish_version",
    "lambda:update_alias",
]


WAITERS = {
    "create_function": "function_active_v2",
    "update_function_code": "function_updated_v2",
    "update_function_configuration": "function_updated_v2",
}


def build_stack(connect: Callable[[str], Any], name: str = "defaults") -> list[str]:
    """Make the calls of 0.1.0; return the options that it was deployed with."""
    deployed = json.loads(RECORDED.read_text())[name]
    zipped = pack(Contents("", {"pixelater/__init__.py": b"", "pixelater/handler.py": OLD_CODE}))
    for service, operation, parameters in deployed["calls"]:
        if parameters.get("Body") == "ZIP":
            parameters["Body"] = zipped.data
        getattr(connect(service), operation)(**parameters)
        if operation in WAITERS:  # 0.1.0 waited, too.
            name = parameters["FunctionName"]
            connect(service).get_waiter(WAITERS[operation]).wait(
                FunctionName=name, WaiterConfig={"Delay": 0.1}
            )
    options: list[str] = deployed["options"]
    return options


def read_function(functions: Any, name: str, qualifier: str) -> tuple[str, str]:
    """Read the handler and the hash of the code of a version."""
    answer = functions.get_function(FunctionName=name, Qualifier=qualifier)["Configuration"]
    return answer["Handler"], answer["CodeSha256"]


@pytest.mark.parametrize(
    ("recorded", "calls"),
    [
        # Since then, delete markers expire in buckets with versions.
        ("defaults", [SETTINGS, LIFECYCLE, SECRET, LIFECYCLE, *UPGRADE]),
        # And the role lists its buckets in two statements, and filters are URL-encoded.
        (
            "settings",
            [
                *(SETTINGS, LIFECYCLE, SECRET, LIFECYCLE, "iam:put_role_policy", *UPGRADE),
                "s3:put_bucket_notification_configuration",
            ],
        ),
    ],
)
def test_stack_of_0_1_0_is_upgraded_by_one_deploy(
    pixelater: Pixelater, moto: str, connect: Connect, recorded: str, calls: list[str]
) -> None:
    options = ["--endpoint-url", moto, "--architecture", "arm64", *build_stack(connect, recorded)]
    name = "holiday" if recorded == "settings" else "pixelater"
    functions, function = connect("lambda"), f"{name}-function"
    before = read_function(functions, function, "live")
    assert before[0] == OLD_HANDLER
    done = pixelater("deploy", *options, "--json")
    assert done.code == 0, done.err
    assert [step["call"] for step in json.loads(done.out)["steps"]] == calls
    assert functions.get_alias(FunctionName=function, Name="live")["FunctionVersion"] == "2"
    handler, code = read_function(functions, function, "live")
    assert (handler, code != before[1]) == (NEW_HANDLER, True)
    assert read_function(functions, function, "1") == before
    again = pixelater("deploy", *options, "--json")
    assert (again.code, json.loads(again.out)["steps"]) == (0, [])
    status = pixelater("status", "--endpoint-url", moto, "--stack", name, "--json")
    assert (status.code, json.loads(status.out)["function_version"]) == (0, "2")


def test_rollback_to_0_1_0_runs_its_version_without_a_secret(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    """Its code does not read one, so no copy with the secret is published."""
    options = ["--endpoint-url", moto, "--architecture", "arm64", *build_stack(connect)]
    assert pixelater("deploy", *options).code == 0
    done = pixelater("rollback", "--endpoint-url", moto, "--json")
    assert json.loads(done.out)["function_version"] == "1"
    named = {"FunctionName": "pixelater-function", "Qualifier": "live"}
    settings = connect("lambda").get_function_configuration(**named)
    assert "PIXELATER_SECRET" not in settings["Environment"]["Variables"]
    again = pixelater("deploy", *options)
    assert (again.code, pixelater("status", "--endpoint-url", moto).code) == (0, 0)


def test_stack_of_0_1_0_is_removed(pixelater: Pixelater, moto: str, connect: Connect) -> None:
    build_stack(connect)
    assert pixelater("destroy", "--endpoint-url", moto, "--yes").code == 0
    assert connect("s3").list_buckets()["Buckets"] == []
    assert connect("lambda").list_functions()["Functions"] == []


@pytest.mark.parametrize(
    ("recorded", "settings"),
    [
        ("defaults", {"runtime": "python3.13", "architecture": "arm64"}),
        (
            "settings",
            {
                "name": "holiday",
                "memory_mb": 512,
                "concurrency": 4,
                "log_days": 7,
                "grids": (8, 16),
                "max_pixels": 50_000_000,
                "prefix": "year=2026/",
                "suffix": ".jpg",
                "mirror_deletes": True,
            },
        ),
    ],
)
def test_settings_of_0_1_0_are_loaded(
    moto: str, connect: Connect, recorded: str, settings: dict[str, Any]
) -> None:
    build_stack(connect, recorded)
    account = sign_in(moto)
    name = settings.get("name", "pixelater")
    assert load_settings(account, make_stack(account, name=name)) == make_stack(account, **settings)


def sign_in(endpoint_url: str) -> Account:
    return connect(None, "us-east-1", endpoint_url, time.sleep)


def make_stack(account: Account, **settings: Any) -> Stack:
    return Stack(account.number, account.region, tls=False, **settings)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


def invoke(account: Account, stack: Stack) -> Any:
    answer = account.clients["lambda"].invoke(FunctionName=stack.alias_arn, Payload=TEST_EVENT)
    assert "FunctionError" not in answer
    return json.load(answer["Payload"])


def test_alias_runs_0_1_0_until_the_new_version_is_complete(emulator: Emulator) -> None:
    """After each step but the last one, what is invoked is the former code with its handler."""
    account = sign_in(emulator.endpoint_url)
    build_stack(account.clients.__getitem__)
    stack = make_stack(account, runtime=builder.local_runtime())
    answers: list[tuple[str, Any]] = []
    apply_plan(
        prepare(account, stack, builder.gather_for_emulator(), time.sleep),
        lambda step: answers.append((step.operation, invoke(account, stack))),
        time.sleep,
        time.monotonic,
    )
    *earlier, (last, answer) = answers
    assert {answer for _, answer in earlier} == {"0.1.0"}
    assert [operation for operation, _ in earlier][-2:] == [
        "update_function_code",
        "publish_version",
    ]
    assert (last, answer["skipped"][0]["reason"]) == ("update_alias", "s3:TestEvent")


def test_alias_returns_to_0_1_0_if_the_smoke_test_fails(emulator: Emulator) -> None:
    account = sign_in(emulator.endpoint_url)
    build_stack(account.clients.__getitem__)
    stack = make_stack(account, runtime=builder.local_runtime())
    broken = {"pixelater_function/__init__.py": b"", "pixelater_function/handler.py": b"1 / 0"}
    deployment = prepare(account, stack, Contents("", broken), time.sleep)
    apply_plan(deployment, ignore, time.sleep, time.monotonic)
    assert versions.find_version(account, stack) == "2"
    with pytest.raises(AwsError, match="version 1 is active again"):
        verify(deployment, time.sleep, time.monotonic, timeout_seconds=3)
    assert invoke(account, stack) == "0.1.0"


def ignore(_step: ApiCall) -> None:
    pass
