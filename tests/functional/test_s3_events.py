"""S3 events: their documented shape, and one for each upload, however it is made."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote_plus
from urllib.request import Request, urlopen

import pytest

from tests.functional.lambdas import BUCKET, NAME, Bench, start_bench, zip_app

ECHO = "def handle(event, context): return event"
ARN = f"arn:aws:lambda:us-east-1:123456789012:function:{NAME}"


@pytest.fixture
def bench() -> Iterator[Bench]:
    with start_bench() as one:
        one.deploy(ECHO)
        yield one


def read_event(bench: Bench) -> Any:
    """Give the only record of the only event there was."""
    (report,) = bench.await_ends(1)
    assert report.outcome is not None
    event = json.loads(report.outcome.payload)
    assert event.keys() == {"Records"}
    (record,) = event["Records"]
    return record


def test_an_event_has_the_documented_shape(bench: Bench) -> None:
    s3 = bench.connect("s3")
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    answer = bench.put("año/red flower+1&2.jpg", b"12345")
    record = read_event(bench)
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    sequencer = record["s3"]["object"]["sequencer"]
    assert int(sequencer, 16) > 0
    assert record == {
        "eventVersion": "2.5",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": record["eventTime"],
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:123456789012"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {
            "x-amz-request-id": headers["x-amz-request-id"],
            "x-amz-id-2": headers["x-amz-id-2"],
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "trigger",
            "bucket": {
                "name": BUCKET,
                "ownerIdentity": {"principalId": "A2A33349E7E606"},
                "arn": f"arn:aws:s3:::{BUCKET}",
            },
            "object": {
                "key": "a%C3%B1o/red+flower%2B1%262.jpg",
                "size": 5,
                "eTag": "827ccb0eea8a706c4c34a16891f84e7b",
                "versionId": answer["VersionId"],
                "sequencer": sequencer,
            },
        },
    }


def test_without_versions_there_is_no_version_id_and_sequencers_grow(bench: Bench) -> None:
    objects = []
    for _ in range(2):
        bench.put("a.jpg")
        objects.append(read_event(bench)["s3"]["object"])
    assert ["versionId" in one for one in objects] == [False, False]
    assert objects[0]["sequencer"] < objects[1]["sequencer"]


def _put_in_parts(bench: Bench) -> None:
    s3 = bench.connect("s3")
    place = {"Bucket": BUCKET, "Key": "new"}
    upload = s3.create_multipart_upload(**place)["UploadId"]
    parts = [
        {
            "PartNumber": number,
            "ETag": s3.upload_part(
                **place, UploadId=upload, PartNumber=number, Body=b"x" * 5 * 2**20
            )["ETag"],
        }
        for number in (1, 2)
    ]
    s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": parts})


def _copy(bench: Bench) -> None:
    s3 = bench.connect("s3")
    s3.create_bucket(Bucket="elsewhere")
    s3.put_object(Bucket="elsewhere", Key="old", Body=b"x")
    s3.copy_object(Bucket=BUCKET, Key="new", CopySource={"Bucket": "elsewhere", "Key": "old"})


def _put_presigned(bench: Bench) -> None:
    """Put as curl --data-binary does, too: it calls any body a form."""
    place = {"Bucket": BUCKET, "Key": "new"}
    url = bench.connect("s3").generate_presigned_url("put_object", place)
    urlopen(Request(url, b"x", method="PUT")).close()  # noqa: S310 (http)


def _post_form(bench: Bench) -> None:
    form = bench.connect("s3").generate_presigned_post(BUCKET, "new")
    border = "border"
    fields = "".join(
        f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in form["fields"].items()
    )
    last = 'Content-Disposition: form-data; name="file"; filename="new"\r\n\r\nx\r\n'
    body = f"{fields}--{border}\r\n{last}--{border}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={border}"}
    urlopen(Request(form["url"], body, headers, method="POST")).close()  # noqa: S310 (http)


@pytest.mark.parametrize(
    ("upload", "name", "size"),
    [
        (lambda bench: bench.put("new"), "ObjectCreated:Put", 1),
        (_put_in_parts, "ObjectCreated:CompleteMultipartUpload", 10 * 2**20),
        (_copy, "ObjectCreated:Copy", 1),
        (_put_presigned, "ObjectCreated:Put", 1),
        (_post_form, "ObjectCreated:Post", 1),
    ],
    ids=["put", "multipart", "copy", "presigned put", "form"],
)
def test_each_kind_of_upload_is_one_event(
    bench: Bench, upload: Callable[[Bench], None], name: str, size: int
) -> None:
    upload(bench)
    record = read_event(bench)
    stored = record["s3"]["object"]
    assert (record["eventName"], stored["key"], stored["size"]) == (name, "new", size)
    bench.put("another")
    assert read_event(bench)["s3"]["object"]["key"] == "another"


REMOVALS = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]


def test_deleting_in_a_bucket_without_versions_is_one_event(bench: Bench) -> None:
    bench.set_trigger(ARN, Events=REMOVALS)
    bench.put("a b.jpg")
    read_event(bench)
    bench.connect("s3").delete_object(Bucket=BUCKET, Key="a b.jpg")
    record = read_event(bench)
    stored = record["s3"]["object"]
    assert record["eventName"] == "ObjectRemoved:Delete"
    assert (stored["key"], stored.keys()) == ("a+b.jpg", {"key", "sequencer"})


@pytest.mark.parametrize("many", [False, True])
def test_each_delete_marker_is_one_event(bench: Bench, many: bool) -> None:
    s3 = bench.connect("s3")
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    bench.set_trigger(ARN, Events=REMOVALS)
    bench.put("a b.jpg")
    read_event(bench)
    if many:
        names = {"Objects": [{"Key": "a b.jpg"}]}
        (deleted,) = s3.delete_objects(Bucket=BUCKET, Delete=names)["Deleted"]
        version = deleted["DeleteMarkerVersionId"]
    else:
        version = s3.delete_object(Bucket=BUCKET, Key="a b.jpg")["VersionId"]
    record = read_event(bench)
    assert record["eventName"] == "ObjectRemoved:DeleteMarkerCreated"
    assert record["s3"]["object"] == {
        "key": "a+b.jpg",
        "versionId": version,
        "sequencer": record["s3"]["object"]["sequencer"],
    }


def test_deleting_every_version_after_its_marker_is_told_too(bench: Bench) -> None:
    s3 = bench.connect("s3")
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    bench.set_trigger(ARN, Events=["s3:ObjectRemoved:*"])
    version = bench.put("a.jpg")["VersionId"]
    marker = s3.delete_object(Bucket=BUCKET, Key="a.jpg")["VersionId"]
    assert read_event(bench)["eventName"] == "ObjectRemoved:DeleteMarkerCreated"
    for one in (version, marker):
        s3.delete_object(Bucket=BUCKET, Key="a.jpg", VersionId=one)
    assert read_event(bench)["eventName"] == "ObjectRemoved:Delete"


def test_only_keys_with_the_prefix_and_the_suffix_run_the_function(bench: Bench) -> None:
    rules = [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".jpg"}]
    bench.set_trigger(ARN, Filter={"Key": {"FilterRules": rules}})
    for key in ("in/a.png", "a.jpg", "in/b.jpg", "in/b.jpg/c"):
        bench.put(key)
    assert read_event(bench)["s3"]["object"]["key"] == "in/b.jpg"
    assert bench.functions.pending == 0


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [
        ("prefix", "in+box/%C3%A4%26%3D/", "in box/ä&=/a"),
        ("prefix", "in%20box/%c3%a4", "in box/ä&=/a"),
        ("Prefix", "in(1)/", "in(1)/a"),
        ("prefix", "in%281%29/", "in(1)/a"),
        ("SUFFIX", "%3D%2B.jpg", "a=+.jpg"),
    ],
)
def test_filter_values_are_decoded_and_names_in_any_case(
    bench: Bench, name: str, value: str, key: str
) -> None:
    rule = {"Name": name, "Value": value}
    bench.set_trigger(ARN, Filter={"Key": {"FilterRules": [rule]}})
    found = bench.connect("s3").get_bucket_notification_configuration(Bucket=BUCKET)
    (trigger,) = found["LambdaFunctionConfigurations"]
    rules = trigger["Filter"]["Key"]["FilterRules"]
    assert rules == [{"Name": name.capitalize(), "Value": value}]
    for one in ("other", key):
        bench.put(one)
    assert unquote_plus(read_event(bench)["s3"]["object"]["key"]) == key
    assert bench.functions.pending == 0


@pytest.mark.parametrize("value", ["year=2026/", "in box/", "ä/", "100%/"])
def test_filter_value_that_is_not_encoded_fits_no_key(bench: Bench, value: str) -> None:
    bench.set_trigger(ARN, Filter={"Key": {"FilterRules": [{"Name": "prefix", "Value": value}]}})
    bench.put(f"{value}a")
    bench.set_trigger(ARN)
    bench.put("last")
    assert read_event(bench)["s3"]["object"]["key"] == "last"


def test_setting_a_trigger_sends_a_function_no_test_event(bench: Bench) -> None:
    bench.set_trigger(ARN)
    bench.put("a.jpg")
    assert read_event(bench)["s3"]["object"]["key"] == "a.jpg"


def test_an_event_caused_by_a_function_names_its_roles_session(bench: Bench) -> None:
    source = (
        "import boto3\n"
        "def handle(event, context):\n"
        "    if 'Records' in event: return event\n"
        f"    boto3.client('s3').put_object(Bucket='{BUCKET}', Key='a', Body=b'a')\n"
    )
    bench.connect("lambda").update_function_code(FunctionName=NAME, ZipFile=zip_app(source))
    bench.invoke({})
    principal = read_event(bench)["userIdentity"]["principalId"]
    role = bench.connect("iam").get_role(RoleName=NAME)["Role"]["RoleId"]
    assert principal == f"AWS:{role}:{NAME}"


def test_an_upload_sends_no_tagging_event_and_tagging_does(bench: Bench) -> None:
    """Tags that come with an upload are part of ObjectCreated (S3 user guide, event types)."""
    bench.set_trigger(ARN, Events=["s3:ObjectTagging:*"])
    s3 = bench.connect("s3")
    s3.put_object(Bucket=BUCKET, Key="a", Body=b"a", Tagging="one=1")
    s3.put_object(Bucket=BUCKET, Key="b", Body=b"b")
    tags = {"TagSet": [{"Key": "two", "Value": "2"}]}
    s3.put_object_tagging(Bucket=BUCKET, Key="a", Tagging=tags)
    record = read_event(bench)
    assert (record["eventName"], record["s3"]["object"]["key"]) == ("ObjectTagging:Put", "a")
    assert bench.functions.pending == 0
