"""Governed accounts: KMS keys, existing roles, permissions boundaries, role paths and own tags."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.functional.command import Snapshot
from tests.functional.conftest import Connect, Pixelater
from tests.functional.test_deploy import PUBLISH, steps

ACCOUNT = "123456789012"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
OTHER_KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/99999999-2222-3333-4444-555555555555"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/theirs"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"},
    }
)
OWN_ROLE = "pixelater-function-us-east-1"
TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": ["edgelambda.amazonaws.com", "lambda.amazonaws.com"]},
    "Action": ["sts:AssumeRole"],
}


@pytest.fixture
def deploy(pixelater: Pixelater, moto: str) -> Pixelater:
    return lambda *arguments: pixelater("deploy", "--endpoint-url", moto, *arguments)


def read_keys(connect: Connect, role: str = OWN_ROLE) -> dict[str, Any]:
    """Read what the role may do with which keys."""
    answer = connect("iam").get_role_policy(RoleName=role, PolicyName="pixelater-pipeline")
    return {
        statement["Sid"]: (statement["Action"], statement["Resource"], statement["Condition"])
        for statement in answer["PolicyDocument"]["Statement"]
        if str(statement["Action"]).find("kms:") >= 0
    }


THROUGH_S3 = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}


def make_bucket(connect: Connect, name: str, key: str = "", algorithm: str = "aws:kms") -> None:
    connect("s3").create_bucket(Bucket=name)
    if algorithm:
        encrypt(connect, name, key, algorithm)


def encrypt(connect: Connect, name: str, key: str, algorithm: str = "aws:kms") -> None:
    default = {"SSEAlgorithm": algorithm, **({"KMSMasterKeyID": key} if key else {})}
    rules = [{"ApplyServerSideEncryptionByDefault": default}]
    connect("s3").put_bucket_encryption(
        Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules}
    )


def read_encryption(connect: Connect, bucket: str) -> dict[str, Any]:
    answer = connect("s3").get_bucket_encryption(Bucket=bucket)
    (rule,) = answer["ServerSideEncryptionConfiguration"]["Rules"]
    found: dict[str, Any] = rule["ApplyServerSideEncryptionByDefault"]
    return found


def make_role(connect: Connect, trust: dict[str, Any] = TRUST) -> None:
    document = json.dumps({"Statement": trust})
    connect("iam").create_role(RoleName="theirs", Path="/team/", AssumeRolePolicyDocument=document)


def test_own_buckets_are_encrypted_with_the_key_and_the_role_may_use_it(
    deploy: Pixelater, connect: Connect
) -> None:
    assert deploy("--kms-key", KEY).code == 0
    for part in ("source", "destination", "code"):
        found = read_encryption(connect, f"pixelater-{part}-bucket")
        assert found == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
    assert read_keys(connect) == {
        "DecryptPhotos": (["kms:Decrypt"], [KEY], THROUGH_S3),
        "EncryptMosaics": (["kms:Decrypt", "kms:GenerateDataKey"], [KEY], THROUGH_S3),
    }
    assert steps(deploy("--kms-key", KEY, "--json").out) == []
    assert steps(deploy("--kms-key", KEY.rpartition("/")[2], "--json").out) == ["s3:put_object"]


def test_the_role_may_use_a_key_before_a_bucket_has_it_and_still_afterwards(
    deploy: Pixelater, connect: Connect
) -> None:
    deploy("--kms-key", KEY)
    calls = steps(deploy("--kms-key", OTHER_KEY, "--json").out)
    assert calls.index("iam:put_role_policy") < calls.index("s3:put_bucket_encryption")
    assert read_keys(connect)["DecryptFormerObjects"] == (["kms:Decrypt"], [KEY], THROUGH_S3)
    assert steps(deploy("--kms-key", OTHER_KEY, "--json").out) == []
    assert deploy().code == 0
    bucket = "pixelater-source-bucket"
    assert read_encryption(connect, bucket) == {"SSEAlgorithm": "AES256"}
    assert read_keys(connect) == {
        "DecryptFormerObjects": (["kms:Decrypt"], [KEY, OTHER_KEY], THROUGH_S3)
    }
    assert steps(deploy("--json").out) == []


@pytest.mark.parametrize("key", ["alias/aws/s3", f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/aws/s3"])
def test_the_key_that_aws_manages_is_set_and_removed(
    deploy: Pixelater, connect: Connect, key: str
) -> None:
    bucket = "pixelater-source-bucket"
    for arguments, found in ((("--kms-key", key), "aws:kms"), ((), "AES256")):
        assert deploy(*arguments).code == 0
        assert read_encryption(connect, bucket) == {"SSEAlgorithm": found}
        assert steps(deploy(*arguments, "--json").out) == []


@pytest.mark.parametrize(
    ("key", "algorithm", "found"),
    [
        (KEY, "aws:kms", [KEY]),
        (KEY, "aws:kms:dsse", [KEY]),
        (KEY.rpartition("/")[2], "aws:kms", [KEY]),
        ("", "aws:kms", None),
        ("alias/aws/s3", "aws:kms", None),
        ("", "AES256", None),
        ("", "", None),
    ],
)
def test_keys_of_existing_buckets_are_found(
    deploy: Pixelater, connect: Connect, key: str, algorithm: str, found: list[str] | None
) -> None:
    make_bucket(connect, "photos", key, algorithm)
    assert deploy("--source-bucket", "photos").code == 0
    statement = read_keys(connect).get("DecryptPhotos")
    assert statement == (None if found is None else (["kms:Decrypt"], found, THROUGH_S3))
    assert steps(deploy("--source-bucket", "photos", "--json").out) == []


def test_the_key_behind_an_alias_is_allowed(deploy: Pixelater, connect: Connect) -> None:
    make_bucket(connect, "mosaics", "alias/team/photos")
    assert deploy("--destination-bucket", "mosaics").code == 0
    condition = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/team/photos"}}
    assert read_keys(connect) == {
        "EncryptMosaicsOfAlias1": (
            ["kms:Decrypt", "kms:GenerateDataKey"],
            f"arn:aws:kms:us-east-1:{ACCOUNT}:key/*",
            THROUGH_S3 | condition,
        )
    }


def test_a_bucket_that_is_given_another_key_is_drifted(
    deploy: Pixelater, pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    make_bucket(connect, "photos", KEY)
    deploy("--source-bucket", "photos")
    assert pixelater("status", "--endpoint-url", moto).code == 0
    encrypt(connect, "photos", OTHER_KEY)
    status = pixelater("status", "--endpoint-url", moto, "--json")
    resources = json.loads(status.out)["resources"]
    drifted = [each for each in resources if each["state"] == "drifted"]
    details = [f"key: {OTHER_KEY} -> {KEY}"]
    assert drifted == [{"resource": "bucket photos", "state": "drifted", "details": details}]
    assert deploy("--source-bucket", "photos").code == 0
    assert read_keys(connect) == {
        "DecryptPhotos": (["kms:Decrypt"], [OTHER_KEY], THROUGH_S3),
        "DecryptFormerObjects": (["kms:Decrypt"], [KEY], THROUGH_S3),
    }
    assert read_encryption(connect, "photos")["KMSMasterKeyID"] == OTHER_KEY


def test_a_key_that_others_gave_to_an_own_bucket_is_kept_and_allowed(
    deploy: Pixelater, connect: Connect
) -> None:
    deploy()
    encrypt(connect, "pixelater-destination-bucket", KEY)
    assert deploy().code == 0
    assert read_keys(connect)["EncryptMosaics"][1] == [KEY]
    assert read_encryption(connect, "pixelater-destination-bucket")["KMSMasterKeyID"] == KEY


def test_an_existing_role_is_used_and_neither_changed_nor_removed(
    deploy: Pixelater, pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    make_role(connect)
    done = deploy("--function-role", ROLE, "--tag", "team=imaging", "--json")
    assert done.code == 0
    assert [call for call in steps(done.out) if call.startswith("iam:")] == []
    function = connect("lambda").get_function_configuration(FunctionName="pixelater-function")
    assert function["Role"] == ROLE
    assert steps(deploy("--function-role", ROLE, "--tag", "team=imaging", "--json").out) == []
    assert pixelater("status", "--endpoint-url", moto).code == 0
    assert pixelater("destroy", "--yes", "--endpoint-url", moto).code == 0
    (role,) = connect("iam").list_roles()["Roles"]
    assert (role["Arn"], role.get("Tags")) == (ROLE, None)


def test_a_role_is_kept_for_former_versions_and_removed_with_the_stack(
    deploy: Pixelater, pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    make_role(connect)
    deploy()
    assert steps(deploy("--function-role", ROLE, "--json").out) == [
        "s3:put_object",
        "lambda:update_function_configuration",
        "lambda:tag_resource",
        *PUBLISH,
    ]
    names = [role["RoleName"] for role in connect("iam").list_roles()["Roles"]]
    assert sorted(names) == [OWN_ROLE, "theirs"]
    assert pixelater("destroy", "--yes", "--endpoint-url", moto).code == 0
    assert [role["RoleName"] for role in connect("iam").list_roles()["Roles"]] == ["theirs"]


def test_the_own_role_named_as_an_existing_one_is_not_removed(
    deploy: Pixelater, pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    deploy()
    assert deploy("--function-role", f"arn:aws:iam::{ACCOUNT}:role/{OWN_ROLE}").code == 0
    assert pixelater("destroy", "--yes", "--endpoint-url", moto).code == 0
    assert [role["RoleName"] for role in connect("iam").list_roles()["Roles"]] == [OWN_ROLE]


@pytest.mark.parametrize(
    "trust",
    [
        None,
        TRUST | {"Principal": {"Service": "ec2.amazonaws.com"}},
        TRUST | {"Principal": {"AWS": ACCOUNT}},
        TRUST | {"Effect": "Deny"},
        TRUST | {"Action": "sts:TagSession"},
    ],
    ids=["absent", "another service", "an account", "denied", "another action"],
)
def test_a_role_that_lambda_cannot_assume_is_refused_before_anything_is_made(
    deploy: Pixelater, connect: Connect, trust: dict[str, Any] | None, snapshot: Snapshot
) -> None:
    if trust is not None:
        make_role(connect, trust)
    done = deploy("--function-role", ROLE)
    assert (done.code, done.out, done.err) == (1, "", snapshot)
    assert connect("s3").list_buckets()["Buckets"] == []


def test_a_boundary_and_a_path_are_given_to_the_role(deploy: Pixelater, connect: Connect) -> None:
    connect("iam").create_policy(PolicyName="boundary", PolicyDocument=POLICY)
    named = ("--permissions-boundary", BOUNDARY, "--role-path", "/team/")
    assert deploy(*named).code == 0
    (role,) = connect("iam").list_roles()["Roles"]
    assert (role["Path"], role["RoleName"].startswith(f"{OWN_ROLE}-")) == ("/team/", True)
    found = connect("iam").get_role(RoleName=role["RoleName"])["Role"]["PermissionsBoundary"]
    assert found["PermissionsBoundaryArn"] == BOUNDARY
    function = connect("lambda").get_function_configuration(FunctionName="pixelater-function")
    assert function["Role"] == role["Arn"]
    assert steps(deploy(*named, "--json").out) == []


def test_a_boundary_is_added_and_one_of_others_is_kept(deploy: Pixelater, connect: Connect) -> None:
    connect("iam").create_policy(PolicyName="boundary", PolicyDocument=POLICY)
    deploy()
    calls = steps(deploy("--permissions-boundary", BOUNDARY, "--json").out)
    assert calls == ["s3:put_object", "iam:put_role_permissions_boundary"]
    assert steps(deploy("--json").out) == ["s3:put_object"]
    role = connect("iam").get_role(RoleName=OWN_ROLE)["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == BOUNDARY


def test_another_path_has_another_role_and_both_are_removed(
    deploy: Pixelater, pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    for path in ("/", "/a/", "/b/", "/a/"):
        assert deploy("--role-path", path).code == 0
        assert steps(deploy("--role-path", path, "--json").out) == []
    paths = [role["Path"] for role in connect("iam").list_roles()["Roles"]]
    assert sorted(paths) == ["/", "/a/", "/b/"]
    assert pixelater("destroy", "--yes", "--endpoint-url", moto).code == 0
    assert connect("iam").list_roles()["Roles"] == []


def read_tags(connect: Connect) -> dict[str, dict[str, str]]:
    url = connect("sqs").get_queue_url(QueueName="pixelater-failures")["QueueUrl"]
    logs = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/pixelater-function"
    function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:pixelater-function"
    bucket = connect("s3").get_bucket_tagging(Bucket="pixelater-code-bucket")["TagSet"]
    role = connect("iam").get_role(RoleName=OWN_ROLE)["Role"]["Tags"]
    found = {
        "bucket": {tag["Key"]: tag["Value"] for tag in bucket},
        "role": {tag["Key"]: tag["Value"] for tag in role},
        "queue": connect("sqs").list_queue_tags(QueueUrl=url)["Tags"],
        "log group": connect("logs").list_tags_for_resource(resourceArn=logs)["tags"],
        "function": connect("lambda").list_tags(Resource=function)["Tags"],
    }
    assert {tags.pop("pixelater:stack") for tags in found.values()} == {"pixelater"}
    assert found["function"].pop("pixelater:role-id").startswith("AROA")
    return found


KINDS = ("bucket", "role", "queue", "log group", "function")


def test_own_tags_are_on_everything_and_a_removed_one_is_a_change(
    deploy: Pixelater, connect: Connect, snapshot: Snapshot
) -> None:
    both = ("--tag", "team=imaging", "--tag", "cost center=7")
    assert deploy(*both).code == 0
    expected = {"team": "imaging", "cost center": "7"}
    assert read_tags(connect) == dict.fromkeys(KINDS, expected)
    assert steps(deploy(*both, "--json").out) == []
    plan = deploy("--tag", "team=photos", "--plan")
    assert (plan.code, plan.out.splitlines()[1:]) == (3, snapshot)
    assert deploy("--tag", "team=photos").code == 0
    assert read_tags(connect) == {kind: {"team": "photos"} for kind in KINDS}
    assert steps(deploy("--tag", "team=photos", "--json").out) == []
    assert deploy().code == 0
    assert read_tags(connect) == {kind: {} for kind in KINDS}
    assert steps(deploy("--json").out) == []


def test_tags_of_others_are_kept(deploy: Pixelater, connect: Connect) -> None:
    deploy("--tag", "team=imaging")
    function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:pixelater-function"
    connect("lambda").tag_resource(Resource=function, Tags={"theirs": "1"})
    connect("iam").tag_role(RoleName=OWN_ROLE, Tags=[{"Key": "theirs", "Value": "1"}])
    assert steps(deploy("--tag", "team=imaging", "--json").out) == []
    assert deploy("--tag", "stage=test").code == 0
    found = read_tags(connect)
    assert found["function"] == found["role"] == {"stage": "test", "theirs": "1"}


def test_a_tag_changed_by_hand_is_drift(
    deploy: Pixelater, pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    deploy("--tag", "team=imaging")
    url = connect("sqs").get_queue_url(QueueName="pixelater-failures")["QueueUrl"]
    connect("sqs").untag_queue(QueueUrl=url, TagKeys=["team"])
    assert pixelater("status", "--endpoint-url", moto).code == 3
    assert steps(deploy("--tag", "team=imaging", "--json").out) == ["sqs:tag_queue"]


@pytest.mark.parametrize(
    "settings",
    [
        'tag = ["team=imaging", "stage=a b"]',
        'tag = {team = "imaging", stage = "a b"}',
        'tag = "team=imaging,stage=a b"',
        '[tag]\nteam = "imaging"\nstage = "a b"',
    ],
)
def test_tags_come_from_the_file(
    deploy: Pixelater, connect: Connect, tmp_path: Path, settings: str
) -> None:
    Path(tmp_path, "pixelater.toml").write_text(settings)
    assert deploy().code == 0
    assert read_tags(connect)["queue"] == {"team": "imaging", "stage": "a b"}


def test_settings_of_governed_accounts_come_from_the_environment(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    connect("iam").create_policy(PolicyName="boundary", PolicyDocument=POLICY)
    variables = {
        "PIXELATER_TAG": "team=imaging, stage=a b",
        "PIXELATER_KMS_KEY": KEY,
        "PIXELATER_PERMISSIONS_BOUNDARY": BOUNDARY,
    }
    assert pixelater("deploy", "--endpoint-url", moto, **variables).code == 0
    assert read_tags(connect)["role"] == {"team": "imaging", "stage": "a b"}
    assert read_keys(connect)["DecryptPhotos"][1] == [KEY]
    assert "PermissionsBoundary" in connect("iam").get_role(RoleName=OWN_ROLE)["Role"]


def test_destroy_names_the_policies_of_others_first(
    deploy: Pixelater, pixelater: Pixelater, moto: str, connect: Connect, snapshot: Snapshot
) -> None:
    deploy()
    iam = connect("iam")
    arn = iam.create_policy(PolicyName="more", PolicyDocument=POLICY)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=OWN_ROLE, PolicyArn=arn)
    iam.put_role_policy(RoleName=OWN_ROLE, PolicyName="kms", PolicyDocument=POLICY)
    done = pixelater("destroy", "--yes", "--endpoint-url", moto)
    assert (done.code, done.out, done.err) == (1, "", snapshot)
    assert len(connect("s3").list_buckets()["Buckets"]) == 3
    iam.detach_role_policy(RoleName=OWN_ROLE, PolicyArn=arn)
    iam.delete_role_policy(RoleName=OWN_ROLE, PolicyName="kms")
    assert pixelater("destroy", "--yes", "--endpoint-url", moto).code == 0


@pytest.mark.parametrize(
    "options",
    [
        "--tag team",
        "--tag =imaging",
        "--tag aws:team=imaging",
        "--tag Pixelater:team=imaging",
        "--tag te*am=imaging",
        "--kms-key photos",
        "--kms-key arn:aws:kms:eu-west-1:123456789012:alias/photos",
        "--function-role theirs",
        "--function-role arn:aws:iam::210987654321:role/theirs",
        "--permissions-boundary arn:aws:iam::123456789012:role/theirs",
        "--role-path team",
        "--role-path //",
        f"--function-role {ROLE} --role-path /team/",
        f"--function-role {ROLE} --permissions-boundary {BOUNDARY}",
    ],
)
def test_what_aws_would_refuse_later_is_a_wrong_command_line(
    deploy: Pixelater, options: str, snapshot: Snapshot
) -> None:
    done = deploy(*options.split(" "))
    assert (done.code, done.out, done.err) == (2, "", snapshot)


@pytest.mark.parametrize(("state", "why"), [("", "does not exist"), ("off", "is Disabled")])
def test_key_that_cannot_be_used_is_refused_before_anything_is_made(
    deploy: Pixelater, connect: Connect, state: str, why: str
) -> None:
    if state:
        key = connect("kms").create_key()["KeyMetadata"]["KeyId"]
        connect("kms").create_alias(AliasName="alias/nope", TargetKeyId=key)
        connect("kms").disable_key(KeyId=key)
    done = deploy("--yes", "--kms-key", "alias/nope")
    assert done.code == 1
    assert f"the KMS key alias/nope {why} in us-east-1" in done.err
    assert connect("s3").list_buckets()["Buckets"] == []
