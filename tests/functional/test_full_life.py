"""The printed policies against every call of a stack's full life, and against what IAM knows.

What boto3 is asked to do is recorded in the emulator. IAM's actions, their resources and condition
keys are those of policy_sentry, which has them from AWS's Service Authorization Reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from policy_sentry.querying.actions import get_action_data

from pixelater_cli.aws.deploy.deployer_policy import POLICIES, name_action
from pixelater_cli.aws.package import builder
from pixelater_cli.aws.resources.policy_document import make_trust_policy
from pixelater_cli.aws.stack import Document, Stack
from pixelater_cli.emulator.pipeline import Emulator, start_emulator
from tests.clear_metadata import make_clear
from tests.functional.conftest import Done, Pixelater, make_keys
from tests.pictures import encode, make_noise, make_scene

STACK = Stack(
    "123456789012",
    "us-east-1",
    kms_key="alias/photos",
    permissions_boundary="arn:aws:iam::aws:policy/ReadOnlyAccess",
    role_path="/team/",
    cors=("https://example.com",),
)
OPTIONS = (
    *("--kms-key", STACK.kms_key, "--permissions-boundary", STACK.permissions_boundary),
    *("--role-path", STACK.role_path, "--cors", "https://example.com"),
)
GIVEN: dict[str, tuple[str, ...]] = {
    "create_function": ("iam:PassRole", "s3:GetObject", "kms:Decrypt"),
    "update_function_code": ("s3:GetObject", "kms:Decrypt"),
    "get_object": ("kms:Decrypt",),
    "put_object": ("kms:GenerateDataKey", "kms:Decrypt"),
}
"""Calls that need more than the action that bears their name."""

TAGGED = {
    "create_role": "iam:TagRole",
    "create_queue": "sqs:TagQueue",
    "create_log_group": "logs:TagResource",
    "create_function": "lambda:TagResource",
}
PARTS = ("create_multipart_upload", "upload_part", "complete_multipart_upload")

NEVER_MADE_HERE = {
    "deployer": {
        # Only on AWS: an endpoint without TLS is given no policy that demands it.
        "s3:GetBucketPolicy",
        "s3:PutBucketPolicy",
        "lambda:PutFunctionRecursionConfig",  # The emulator does not know it.
        # Only after a smoke test that failed: to delete its failures.
        "sqs:ReceiveMessage",
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
    },
    "operator": {
        "cloudwatch:GetMetricData",  # The emulator has no metrics.
        "s3:AbortMultipartUpload",  # Only if an upload is interrupted.
        "s3:GetBucketPolicy",
    },
}
"""Actions of calls that this life does not lead to."""

SELDOM_MADE = {"lambda:InvokeFunction"}
"""Actions of calls that are made only if the smoke test takes long, as on a busy machine."""


@dataclass
class Recorder:
    """The calls of each user: boto3's name, and the parameters."""

    user: str = ""
    calls: dict[str, list[tuple[str, Document]]] = field(default_factory=dict)

    def note(self, params: Document, model: Any, **_context: Any) -> None:
        if self.user:
            service = model.service_model.service_name
            call = f"{service}:{xform_name(model.name)}"
            self.calls.setdefault(self.user, []).append((call, dict(params)))

    @contextmanager
    def acting_as(self, user: str) -> Iterator[None]:
        self.user = user
        try:
            yield
        finally:
            self.user = ""


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    found = Recorder()
    make = botocore.session.Session.__init__

    def make_session(self: Any, *arguments: Any, **options: Any) -> None:
        make(self, *arguments, **options)
        self.register("before-parameter-build", found.note)

    monkeypatch.setattr(botocore.session.Session, "__init__", make_session)
    return found


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with start_emulator() as started:
        make_keys()
        yield started


@pytest.mark.slow
def test_policies_allow_every_call_of_a_full_life_and_no_more(
    recorder: Recorder,
    emulator: Emulator,
    pixelater: Pixelater,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    live(recorder, emulator, pixelater, tmp_path, monkeypatch)
    for user in ("deployer", "operator"):
        policy, needed = POLICIES[user](STACK), set()
        for call, parameters in recorder.calls[user]:
            for action in list_actions(call, parameters):
                needed.add(action)
                assert allows(policy, action, parameters), (user, call, action, parameters)
        assert list_allowed(policy) - needed - SELDOM_MADE == NEVER_MADE_HERE[user]


def live(
    recorder: Recorder,
    emulator: Emulator,
    pixelater: Pixelater,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Deploy, change, operate, roll back and destroy a stack, and change it by hand."""

    def run(user: str, *arguments: str, codes: tuple[int, ...] = (0,)) -> Done:
        with recorder.acting_as(user):
            done = pixelater(*arguments, "--endpoint-url", emulator.endpoint_url)
        assert done.code in codes, (arguments, done)
        return done

    def pack(more: dict[str, bytes]) -> None:
        contents = builder.gather_for_emulator()
        changed = builder.Contents(contents.runtime, {**contents.files, **more}, level=0)
        monkeypatch.setattr(builder, "gather_for_lambda", lambda *_: changed)

    pack(more={})
    photo, bad = folder / "photo.jpg", folder / "bad.jpg"
    photo.write_bytes(encode(make_scene(), "JPEG"))
    bad.write_text("not a photo")
    (folder / "large.png").write_bytes(encode(make_noise("RGB", (2000, 1500)), "PNG"))
    smoke = ("--smoke-test", "--max-pixels", "100000000")
    run("deployer", "deploy", *OPTIONS, "--tag", "team=a", "--concurrency", "5", *smoke)
    run("deployer", "deploy", *OPTIONS, "--tag", "team=a", "--concurrency", "5", *smoke)
    change_by_hand(emulator)
    pack(more={"pixelater_function/more.py": b""})
    run("deployer", "deploy", *OPTIONS, "--tag", "stage=b", "--memory", "512", *smoke)
    run("deployer", "status")
    run("operator", "push", "photo.jpg", "large.png", "--out", "out")
    run("operator", "push", "bad.jpg", "--wait", codes=(1,))
    run("operator", "failures", "list")
    run("operator", "failures", "retry", codes=(0, 1))
    run("operator", "failures", "drop", "--yes")
    run("operator", "logs")
    remove_a_mosaic(emulator)
    run("operator", "backfill")
    make_clear(make_clients(emulator)("s3"), "pixelated-16x16-photo.jpg", "photo.jpg")
    run("operator", "backfill", "--refresh-metadata")
    run("operator", "preview", "--from-stack", codes=(1,))  # There are no documents.
    run("operator", "status")
    run("deployer", "rollback")
    run("deployer", "destroy", "--purge", "--yes")


def make_clients(emulator: Emulator) -> Callable[[str], Any]:
    session = botocore.session.Session()
    return lambda service: session.create_client(
        service,
        "us-east-1",
        endpoint_url=emulator.endpoint_url,
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )


def change_by_hand(emulator: Emulator) -> None:
    """Change what deploy puts back, call by call."""
    client = make_clients(emulator)
    iam, sqs, functions = client("iam"), client("sqs"), client("lambda")
    document = json.dumps(make_trust_policy("ec2.amazonaws.com"))
    iam.update_assume_role_policy(RoleName=STACK.role, PolicyDocument=document)
    iam.delete_role_permissions_boundary(RoleName=STACK.role)
    url = sqs.get_queue_url(QueueName=STACK.queue)["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"MessageRetentionPeriod": "60"})
    named = {"FunctionName": STACK.function, "Qualifier": "live"}
    functions.remove_permission(**named, StatementId=STACK.statement_id)
    functions.add_permission(
        **named,
        StatementId=STACK.statement_id,
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceAccount=STACK.account,
    )


def remove_a_mosaic(emulator: Emulator) -> None:
    key = "pixelated-8x8-photo.jpg"
    s3 = make_clients(emulator)("s3")
    s3.delete_object(Bucket="pixelater-destination-bucket", Key=key)


def list_actions(call: str, parameters: Document) -> Iterator[str]:
    """List the actions that a call needs: for what it creates, tags and a role, too."""
    service, _, operation = call.partition(":")
    if call == "sts:get_caller_identity":  # Anyone may.
        return
    if operation == "copy_object":
        yield from ("s3:GetObject", "s3:GetObjectTagging", "s3:PutObjectTagging")
    if operation in (*PARTS, "copy_object"):
        call = "s3:put_object"
    if operation == "delete_object" and "VersionId" in parameters:
        yield "s3:DeleteObjectVersion"
    elif operation.endswith("_batch"):  # SQS has no actions of their own for them.
        yield name_action(f"{service}:{operation.removesuffix('_batch')}")
    else:
        yield name_action(call)
    yield from GIVEN.get(call.partition(":")[2], ())
    if operation == "update_function_configuration" and "Role" in parameters:
        yield "iam:PassRole"
    if operation in TAGGED:
        yield TAGGED[operation]


def allows(policy: Document, action: str, parameters: Document) -> bool:
    """Return whether a statement allows an action on what the parameters name."""
    names = name_resources(action, parameters)
    return any(
        action in as_list(statement["Action"])
        and any(fnmatchcase(name, pattern) for name in names for pattern in as_list(resource))
        for statement in policy["Statement"]
        for resource in [statement["Resource"]]
    )


def name_resources(action: str, parameters: Document) -> list[str]:
    """Return the ARNs of what a call is about."""
    service = action.partition(":")[0]
    function, queue = parameters.get("FunctionName", STACK.function), STACK.queue_arn
    arn = STACK.function_arn if function == STACK.function else function
    bucket = STACK.bucket_arn(parameters.get("Bucket", STACK.code_bucket))
    keys = [parameters.get("Key", "")]
    if "Delete" in parameters:
        keys = [each["Key"] for each in parameters["Delete"]["Objects"]]
    on_objects = any("${ObjectName}" in each for each in list_formats(action))
    return {
        "iam": [STACK.role_arn],
        "kms": [f"arn:aws:kms:us-east-1:{STACK.account}:key/any"],
        "lambda": [arn if ":" in function else f"{arn}:{parameters.get('Qualifier', '')}", arn],
        "logs": [f"{STACK.log_group_arn}:*"],
        "sqs": [queue],
        "s3": [f"{bucket}/{key}" for key in keys] if on_objects else [bucket],
    }[service]


@pytest.mark.parametrize("user", POLICIES)
@pytest.mark.parametrize(
    "options", [{}, {"adopted_source": "theirs"}, {"kms_key": "1"}, {"mirror_deletes": True}]
)
def test_policies_are_what_iam_knows(user: str, options: Document) -> None:
    """Every action exists, on a resource of this kind, and with these conditions."""
    for statement in POLICIES[user](Stack("123456789012", "us-east-1", **options))["Statement"]:
        for action in as_list(statement["Action"]):
            formats = list_formats(action)
            patterns = [re.sub(r"\$\{[^}]+\}", "*", each) for each in formats]
            for resource in as_list(statement["Resource"]):
                names = (resource, resource.removesuffix("*") + "log-stream:a")
                pairs = ((name, each) for name in names for each in patterns if each != "*")
                fits = any(fnmatchcase(name, pattern) for name, pattern in pairs)
                assert fits or (resource == "*" and formats == {"*"}), (action, resource, formats)
            known = list_condition_keys(action)
            conditions = statement.get("Condition", {}).values()
            for key in (key for operator in conditions for key in operator):
                assert key.startswith("aws:") or key in known, (action, key, known)


def list_formats(action: str) -> set[str]:
    return {each["resource_arn_format"] for each in describe(action)}


def list_condition_keys(action: str) -> set[str]:
    keys = {key for each in describe(action) for key in each["condition_keys"]}
    # S3 names the context of an object by its ARN.
    return {key.replace("${EncryptionContextKey}", "aws:s3:arn") for key in keys}


def describe(action: str) -> list[Any]:
    service, _, name = action.partition(":")
    found = get_action_data(service, name)
    assert found, f"IAM does not know {action}"
    actions: list[Any] = found[service]
    return actions


def list_allowed(policy: Document) -> set[str]:
    return {action for each in policy["Statement"] for action in as_list(each["Action"])}


def as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
