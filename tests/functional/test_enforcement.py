"""With `--enforce-iam`, a function's role decides however the function asks.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html: whoever signs a URL
gives what the signer may do. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
tells of keys that may not be deleted one by one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.functional.lambdas import BUCKET, Bench, start_bench

SOURCE = f'''
import boto3, urllib.error, urllib.request
from botocore.config import Config

BUCKET = "{BUCKET}"
PUT, GET = "put_object", "get_object"

def ask(url, method):
    try:
        return urllib.request.urlopen(urllib.request.Request(url, None, {{}}, method=method)).status
    except urllib.error.HTTPError as error:
        return error.code

def handle(event, context):
    result = {{}}
    for version in ("s3v4", "s3"):
        s3 = boto3.client("s3", config=Config(signature_version=version))
        for operation, key in ((PUT, "in/a"), (PUT, "out/a"), (GET, "in/b"), (GET, "out/b")):
            url = s3.generate_presigned_url(operation, {{"Bucket": BUCKET, "Key": key}})
            result[f"{{version}} {{operation}} {{key}}"] = ask(url, operation[:3].upper())
    s3 = boto3.client("s3")
    names = [{{"Key": key}} for key in ("out/1", "in/1", "in/2")]
    answer = s3.delete_objects(Bucket=BUCKET, Delete={{"Objects": names}})
    result["deleted"] = [one["Key"] for one in answer.get("Deleted", [])]
    result["errors"] = [[one["Key"], one["Code"]] for one in answer.get("Errors", [])]
    for source in ("in/b", "out/b"):
        try:
            s3.copy_object(Bucket=BUCKET, Key="out/c", CopySource=f"{{BUCKET}}/{{source}}")
            result[f"copy {{source}}"] = 200
        except Exception as error:
            result[f"copy {{source}}"] = error.response["Error"]["Code"]
    return result
'''

ALLOWED = [
    {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/in/*",
    },
    {
        "Effect": "Allow",
        "Action": ["s3:PutObject", "s3:DeleteObject"],
        "Resource": f"arn:aws:s3:::{BUCKET}/out/*",
    },
]


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with start_bench(enforce_iam=True) as one:
        one.deploy(SOURCE, {"Version": "2012-10-17", "Statement": ALLOWED})
        one.connect("s3").put_bucket_notification_configuration(
            Bucket=BUCKET, NotificationConfiguration={}
        )
        for key in ("in/1", "in/2", "in/b", "out/1", "out/b"):
            one.put(key)
        yield one


def test_role_decides_on_urls_deletes_and_copies(bench: Bench) -> None:
    told = json.loads(bench.invoke({})["Payload"].read())
    for version in ("s3v4", "s3"):
        assert told[f"{version} put_object in/a"] == 403
        assert told[f"{version} put_object out/a"] == 200
        assert told[f"{version} get_object in/b"] == 200
        assert told[f"{version} get_object out/b"] == 403
    assert told["deleted"] == ["out/1"]
    assert told["errors"] == [["in/1", "AccessDenied"], ["in/2", "AccessDenied"]]
    assert (told["copy in/b"], told["copy out/b"]) == (200, "AccessDenied")
    listed = bench.connect("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    assert [one["Key"] for one in listed] == ["in/1", "in/2", "in/b", "out/a", "out/b", "out/c"]


def test_keys_that_are_made_up_may_do_all(bench: Bench) -> None:
    s3 = bench.connect("s3")
    bench.put("any/1")
    answer = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "any/1"}]})
    assert [one["Key"] for one in answer["Deleted"]] == ["any/1"]
