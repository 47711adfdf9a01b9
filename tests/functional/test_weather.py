"""Weather as clients of the emulator meet it: each kind through boto3, on a clock of the test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from moto.s3.models import s3_backends

from pixelater_cli.emulator.weather.deliveries import FIRST_EVENTS
from pixelater_cli.emulator.weather.front import OWN_KEY
from tests.functional.lambdas import BUCKET, NAME, Bench, deploy_by_key, zip_app
from tests.functional.queues import make_queue
from tests.weather import Stormy, start_stormy

POLICY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
            "Resource": ["arn:aws:s3:::photos/*"],
        }
    ],
}
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
QUEUE_ARN = "arn:aws:sqs:us-east-1:123456789012:queue"
FUNCTION_ARN = f"arn:aws:lambda:us-east-1:123456789012:function:{NAME}"
ROLE_ARN = "arn:aws:iam::123456789012:role/role"
NOTIFICATION: dict[str, Any] = {
    "QueueConfigurations": [
        {
            "Id": "queue",
            "QueueArn": QUEUE_ARN,
            "Events": ["s3:ObjectCreated:Put", "s3:ObjectCreated:Copy", "s3:ObjectRemoved:*"],
            "Filter": {
                "Key": {
                    "FilterRules": [
                        {"Name": "prefix", "Value": "in/"},
                        {"Name": "suffix", "Value": ".jpg"},
                    ]
                }
            },
        }
    ]
}
TRIGGER = {
    "LambdaFunctionConfigurations": [
        {"LambdaFunctionArn": FUNCTION_ARN, "Events": ["s3:ObjectCreated:*"]}
    ]
}


@pytest.fixture
def stormy(request: pytest.FixtureRequest) -> Iterator[Stormy]:
    """An emulator with the kinds of weather that the test names."""
    with start_stormy(request.param) as one:
        yield one


def weather(*kinds: str) -> pytest.MarkDecorator:
    """Name the kinds of weather of a test."""
    return pytest.mark.parametrize("stormy", [kinds], indirect=True, ids=["-".join(kinds)])


def refuse(call: Callable[[], Any]) -> tuple[int, str, str]:
    """Make a call that is refused; return status, code and message."""
    with pytest.raises(ClientError) as caught:
        call()
    answer = caught.value.response
    status: int = answer["ResponseMetadata"]["HTTPStatusCode"]
    return status, answer["Error"]["Code"], answer["Error"].get("Message", "")


@weather("order")
def test_policy_comes_back_reordered_and_terse(stormy: Stormy) -> None:
    s3 = stormy.connect("s3")
    s3.create_bucket(Bucket="photos")
    s3.put_bucket_policy(Bucket="photos", Policy=json.dumps(POLICY))
    found = json.loads(s3.get_bucket_policy(Bucket="photos")["Policy"])["Statement"][0]
    given = POLICY["Statement"][0]
    assert found["Resource"] == "arn:aws:s3:::photos/*"
    assert found["Action"] != given["Action"]
    assert sorted(found["Action"]) == sorted(given["Action"])
    assert json.loads(s3.get_bucket_policy(Bucket="photos")["Policy"])["Statement"] == [found]
    assert stormy.weather.counts == {"order": 2}


@weather("order")
def test_notification_comes_back_reordered(stormy: Stormy) -> None:
    s3, sqs = stormy.connect("s3"), stormy.connect("sqs")
    make_queue(sqs, "queue")
    s3.create_bucket(Bucket="photos")
    s3.put_bucket_notification_configuration(
        Bucket="photos", NotificationConfiguration=NOTIFICATION
    )
    answer = s3.get_bucket_notification_configuration(Bucket="photos")
    (found,), (given,) = answer["QueueConfigurations"], NOTIFICATION["QueueConfigurations"]
    rules = found["Filter"]["Key"]["FilterRules"]
    assert rules == [
        {"Name": "Suffix", "Value": ".jpg"},
        {"Name": "Prefix", "Value": "in/"},
    ]
    assert found["Events"] != given["Events"]
    assert sorted(found["Events"]) == sorted(given["Events"])
    assert (found["Id"], found["QueueArn"]) == ("queue", QUEUE_ARN)


@weather("stale")
def test_queue_attributes_are_stale_for_a_minute_at_most(stormy: Stormy) -> None:
    sqs = stormy.connect("sqs")
    place = {"QueueUrl": sqs.create_queue(QueueName="queue")["QueueUrl"]}

    def read() -> dict[str, str]:
        names = ["VisibilityTimeout", "DelaySeconds"]
        attributes: dict[str, str] = sqs.get_queue_attributes(**place, AttributeNames=names)[
            "Attributes"
        ]
        return attributes

    sqs.set_queue_attributes(**place, Attributes={"VisibilityTimeout": "45"})
    assert read() == {"VisibilityTimeout": "30", "DelaySeconds": "0"}
    stormy.clock.sleep(60)
    assert read() == {"VisibilityTimeout": "45", "DelaySeconds": "0"}
    assert stormy.weather.counts == {"stale": 1}


@weather("stale")
def test_role_and_its_policy_are_stale_for_half_a_minute(stormy: Stormy) -> None:
    iam = stormy.connect("iam")
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=TRUST)
    assert refuse(partial(iam.get_role, RoleName="role"))[:2] == (404, "NoSuchEntity")
    policy = {"RoleName": "role", "PolicyName": "policy"}
    iam.put_role_policy(**policy, PolicyDocument=json.dumps(POLICY))
    assert refuse(partial(iam.get_role_policy, **policy))[:2] == (404, "NoSuchEntity")
    assert iam.list_role_policies(RoleName="role")["PolicyNames"] == []
    stormy.clock.sleep(30)
    assert iam.get_role(RoleName="role")["Role"]["RoleName"] == "role"
    assert iam.get_role_policy(**policy)["PolicyDocument"] == POLICY
    assert iam.list_role_policies(RoleName="role")["PolicyNames"] == ["policy"]


@weather("stale")
def test_deleted_role_is_seen_for_half_a_minute(stormy: Stormy) -> None:
    iam = stormy.connect("iam")
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=TRUST)
    stormy.clock.sleep(30)
    iam.delete_role(RoleName="role")
    assert iam.get_role(RoleName="role")["Role"]["RoleName"] == "role"
    stormy.clock.sleep(30)
    assert refuse(partial(iam.get_role, RoleName="role"))[:2] == (404, "NoSuchEntity")


@weather("stale")
def test_bucket_and_its_settings_are_stale_at_first(stormy: Stormy) -> None:
    s3, sqs = stormy.connect("s3"), stormy.connect("sqs")
    make_queue(sqs, "queue")
    s3.create_bucket(Bucket="photos")
    assert refuse(partial(s3.head_bucket, Bucket="photos"))[:2] == (404, "404")
    s3.put_bucket_notification_configuration(
        Bucket="photos", NotificationConfiguration=NOTIFICATION
    )
    read = partial(s3.get_bucket_notification_configuration, Bucket="photos")
    assert "QueueConfigurations" not in read()
    stormy.clock.sleep(20)
    s3.head_bucket(Bucket="photos")
    assert len(read()["QueueConfigurations"]) == 1


@weather("stale")
def test_photos_are_missing_while_versioning_spreads(stormy: Stormy) -> None:
    s3 = stormy.connect("s3")
    s3.create_bucket(Bucket="photos")
    keys = [f"{number}.jpg" for number in range(20)]

    def count_missing() -> int:
        missing = 0
        for key in keys:
            s3.put_object(Bucket="photos", Key=key, Body=b"x")
            try:
                s3.get_object(Bucket="photos", Key=key)
            except s3.exceptions.NoSuchKey:
                missing += 1
        return missing

    assert count_missing() == 0
    versioning = {"Status": "Enabled"}
    s3.put_bucket_versioning(Bucket="photos", VersioningConfiguration=versioning)
    assert 0 < count_missing() < len(keys)
    stormy.clock.sleep(45)
    for key in keys:
        s3.get_object(Bucket="photos", Key=key)
    stormy.clock.sleep(900)
    assert count_missing() == 0


@weather("newborn")
def test_newborn_role_is_refused_by_lambda_and_then_kms(stormy: Stormy) -> None:
    iam, functions = stormy.connect("iam"), stormy.connect("lambda")
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=TRUST)
    create = partial(
        functions.create_function,
        FunctionName=NAME,
        Runtime="python3.13",
        Role=ROLE_ARN,
        Handler="app.handle",
        Code={"ZipFile": zip_app("")},
        Environment={"Variables": {"NAME": "b"}},
    )
    assert refuse(create) == (
        400,
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
    )
    told = set[str]()
    for _ in range(25):
        try:
            create()
        except ClientError as error:
            told.add(error.response["Error"]["Message"].partition(".")[0])
            stormy.clock.sleep(1)
        else:
            break
    assert told == {
        "The role defined for the function cannot be assumed by Lambda",
        "Lambda was unable to configure access to your environment variables because the KMS key "
        "is invalid for CreateGrant",
    }
    assert functions.get_function(FunctionName=NAME)["Configuration"]["Role"] == ROLE_ARN


@weather("newborn")
def test_newborn_bucket_is_not_there_at_first(stormy: Stormy) -> None:
    s3 = stormy.connect("s3")
    s3.create_bucket(Bucket="photos")
    put = partial(s3.put_bucket_policy, Bucket="photos", Policy=json.dumps(POLICY))
    assert refuse(put) == (404, "NoSuchBucket", "The specified bucket does not exist")
    stormy.clock.sleep(10)
    put()


@weather("newborn")
def test_bucket_deleted_a_moment_ago_cannot_be_created(stormy: Stormy) -> None:
    s3 = stormy.connect("s3")
    s3.create_bucket(Bucket="photos")
    s3.delete_bucket(Bucket="photos")
    create = partial(s3.create_bucket, Bucket="photos")
    assert refuse(create)[:2] == (409, "OperationAborted")
    stormy.clock.sleep(90)
    create()


@weather("newborn")
def test_queue_deleted_a_moment_ago_cannot_be_created(stormy: Stormy) -> None:
    sqs = stormy.connect("sqs")
    sqs.delete_queue(QueueUrl=sqs.create_queue(QueueName="queue")["QueueUrl"])
    create = partial(sqs.create_queue, QueueName="queue")
    stormy.clock.sleep(59)
    assert refuse(create)[:2] == (400, "AWS.SimpleQueueService.QueueDeletedRecently")
    with pytest.raises(sqs.exceptions.QueueDeletedRecently):
        create()
    stormy.clock.sleep(1)
    create()


@weather("newborn")
def test_role_cannot_be_deleted_right_after_its_policy(stormy: Stormy) -> None:
    iam = stormy.connect("iam")
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=TRUST)
    policy = {"RoleName": "role", "PolicyName": "policy"}
    put = partial(iam.put_role_policy, **policy, PolicyDocument=json.dumps(POLICY))
    assert refuse(put) == (404, "NoSuchEntity", "The role with name role cannot be found.")
    stormy.clock.sleep(6)
    put()
    iam.delete_role_policy(**policy)
    delete = partial(iam.delete_role, RoleName="role")
    assert refuse(delete)[:2] == (409, "DeleteConflict")
    stormy.clock.sleep(10)
    delete()


@weather("newborn")
def test_new_code_and_concurrent_updates_are_refused(stormy: Stormy) -> None:
    s3, functions = stormy.connect("s3"), stormy.connect("lambda")
    _create_function(stormy)
    s3.create_bucket(Bucket="code")
    stormy.clock.sleep(10)
    s3.put_object(Bucket="code", Key="app.zip", Body=zip_app("x = 1"))
    update = partial(
        functions.update_function_code, FunctionName=NAME, S3Bucket="code", S3Key="app.zip"
    )
    status, code, message = refuse(update)
    assert (status, code) == (400, "InvalidParameterValueException")
    assert "S3 Error Code: NoSuchKey." in message
    stormy.clock.sleep(8)
    update()
    publish = partial(functions.publish_version, FunctionName=NAME)
    assert refuse(publish) == (
        409,
        "ResourceConflictException",
        "The function could not be updated due to a concurrent update operation.",
    )
    stormy.clock.sleep(8)
    assert publish()["Version"] == "1"


@weather("newborn")
def test_role_created_again_cannot_decrypt_the_variables(stormy: Stormy) -> None:
    iam, functions = stormy.connect("iam"), stormy.connect("lambda")
    source = "def handle(event, context):\n    return event\n"
    variables = {"Environment": {"Variables": {"NAME": "b"}}}
    _create_function(stormy, source, **variables)
    iam.delete_role(RoleName="role")
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=TRUST)
    stormy.clock.sleep(25)
    invoke = partial(functions.invoke, FunctionName=NAME, Payload=b"1")
    status, code, message = refuse(invoke)
    assert (status, code) == (502, "KMSAccessDeniedException")
    assert message.startswith("Lambda was unable to decrypt the environment variables")
    update = partial(functions.update_function_configuration, FunctionName=NAME)
    update(Role=ROLE_ARN)
    assert refuse(invoke)[0] == 502
    for role in ("other", "role"):
        stormy.clock.sleep(25)
        update(Role=ROLE_ARN.replace("role/role", f"role/{role}"))
    assert invoke()["StatusCode"] == 200


@weather("slow")
def test_calls_take_as_long_as_over_the_internet(stormy: Stormy) -> None:
    s3 = stormy.connect("s3")
    for _ in range(20):
        s3.list_buckets()
    assert 20 * 0.02 <= stormy.clock.now() <= 20 * 0.15


@weather("newborn")
def test_new_permission_is_not_seen_by_s3_at_first(stormy: Stormy) -> None:
    s3, functions = stormy.connect("s3"), stormy.connect("lambda")
    _create_function(stormy)
    s3.create_bucket(Bucket="photos")
    stormy.clock.sleep(10)
    functions.add_permission(
        FunctionName=NAME,
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::photos",
        SourceAccount="123456789012",
    )
    put = partial(
        s3.put_bucket_notification_configuration,
        Bucket="photos",
        NotificationConfiguration=TRIGGER,
    )
    assert refuse(put)[:2] == (400, "InvalidArgument")
    stormy.clock.sleep(15)
    put()


def _create_function(stormy: Stormy, source: str = "", **settings: Any) -> None:
    """Create a function whose role is old enough."""
    iam, functions = stormy.connect("iam"), stormy.connect("lambda")
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=TRUST)
    stormy.clock.sleep(25)
    functions.create_function(
        FunctionName=NAME,
        Runtime="python3.13",
        Role=ROLE_ARN,
        Handler="app.handle",
        Code={"ZipFile": zip_app(source)},
        **settings,
    )


THROTTLED = {
    "s3": (503, "SlowDown", "list_buckets"),
    "lambda": (429, "TooManyRequestsException", "list_functions"),
    "iam": (400, "Throttling", "list_roles"),
    "sts": (400, "Throttling", "get_caller_identity"),
    "sqs": (403, "RequestThrottled", "list_queues"),
    "logs": (400, "ThrottlingException", "describe_log_groups"),
}


@weather("throttle")
@pytest.mark.parametrize("service", THROTTLED)
def test_calls_are_throttled_for_seconds(stormy: Stormy, service: str) -> None:
    status, code, operation = THROTTLED[service]
    call = getattr(stormy.connect(service), operation)
    errors = list(chain.from_iterable(_list_errors(stormy, call, seconds=1) for _ in range(300)))
    assert set(errors) == {(status, code)}
    assert len(errors) < 60


def _list_errors(
    stormy: Stormy, call: Callable[[], Any], seconds: float
) -> Iterator[tuple[int, str]]:
    """Make a call, then wait; give its error, if it is refused."""
    try:
        call()
    except ClientError as error:
        answer = error.response
        yield answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]
    stormy.clock.sleep(seconds)


@weather("throttle", "faults")
def test_client_that_tries_four_times_gets_pictures_through(stormy: Stormy) -> None:
    """Rekognition refuses each picture in the end, as it does on a quiet day."""
    client = stormy.connect("rekognition", attempts=4)
    with stormy.clock.replacing_time():
        for number in range(60):
            with pytest.raises(client.exceptions.InvalidImageFormatException):
                client.detect_faces(Image={"Bytes": b"GIF89a%d" % number})
    assert min(stormy.weather.counts.values()) > 0


@weather("throttle", "faults")
def test_client_that_tries_three_times_gets_objects_through(stormy: Stormy) -> None:
    s3 = stormy.connect("s3", attempts=5)
    with stormy.clock.replacing_time():
        s3.create_bucket(Bucket="photos")
        for number in range(60):
            s3.put_object(Bucket="photos", Key=str(number), Body=b"x")
            s3.head_object(Bucket="photos", Key=str(number))
    assert min(stormy.weather.counts.values()) > 0


@weather("faults")
def test_connections_are_closed_before_or_after_the_call(stormy: Stormy) -> None:
    s3 = stormy.connect("s3")
    seen = set[str]()
    s3.create_bucket(Bucket="photos")
    for number in range(200):
        place = {"Bucket": "photos", "Key": str(number)}
        try:
            s3.put_object(**place, Body=b"x")
        except ConnectionClosedError:
            seen.add("executed" if str(number) in list_keys() else "not executed")
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            seen.add(f"{status} {error.response['Error']['Code']}")
    assert seen == {"executed", "not executed", "500 InternalError"}


def list_keys() -> set[str]:
    """List the keys as moto has them."""
    return set(s3_backends["123456789012"]["aws"].buckets["photos"].keys)


@pytest.fixture
def working(request: pytest.FixtureRequest) -> Iterator[tuple[Stormy, Bench]]:
    """A stormy emulator with a function, a bucket and a trigger."""
    with start_stormy(request.param) as one, one.emulator.functions.watch() as reports:
        bench = Bench(one.url, one.emulator.functions, reports, access_key=OWN_KEY)
        deploy_by_key(bench)
        yield one, bench


def with_function(*kinds: str) -> pytest.MarkDecorator:
    """Name the kinds of weather of a test that needs a function."""
    return pytest.mark.parametrize("working", [kinds], indirect=True, ids=["-".join(kinds)])


@with_function("slow")
def test_events_come_late_twice_and_out_of_order(working: tuple[Stormy, Bench]) -> None:
    stormy, bench = working
    keys = [f"quick/{number}" for number in range(40)]
    for key in keys:
        bench.put(key)
        assert bench.reports.empty() or key not in keys[:FIRST_EVENTS]
    stormy.settle()
    arrived = [report.key for report in bench.take_reports()]
    assert set(arrived) == set(keys)
    assert len(arrived) > len(keys)
    assert list(dict.fromkeys(arrived)) != keys
    assert 180 < stormy.clock.now() <= 720


@with_function("faults")
def test_killed_functions_are_tried_again(working: tuple[Stormy, Bench]) -> None:
    stormy, bench = working
    client = stormy.connect("s3", attempts=5)
    keys = [f"sleep/0.4/{number}" for number in range(12)]
    for key in keys:
        client.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    stormy.settle()
    reports = bench.take_reports()
    killed = [report for report in reports if report.result == "retried"]
    assert killed
    assert {"signal: killed" in report.error for report in killed} == {True}
    assert {report.key for report in reports if report.result == "done"} == set(keys)
