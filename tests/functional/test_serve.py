"""`pixelater emulate` without paths: it serves, says what happens, and ends without a trace."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from pixelater import name_mosaic, pixelate
from pixelater_cli.aws.package.builder import Contents, local_runtime
from pixelater_cli.aws.session import connect
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.serve import persistence
from pixelater_cli.emulator.serve.code_watcher import CodeWatcher
from pixelater_cli.emulator.serve.remote import BACKENDS, Backend, wait_for_backend
from pixelater_cli.errors import EmulatorError
from tests.functional.command import Snapshot
from tests.functional.conftest import ROOT, Connect, Environment, Pixelater
from tests.functional.running import DESTINATION, SOURCE, make_record
from tests.functional.serving import read_document, serve
from tests.pictures import encode, make_scene

PHOTO = encode(make_scene(), "JPEG")
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:PutObjectAcl", "s3:PutObjectTagging"],
            "Resource": f"arn:aws:s3:::{SOURCE}/*",
        }
    ],
}


def test_it_says_where_it_serves_and_what_happens_there(
    clean_environment: Environment, tmp_path: Path
) -> None:
    with serve(clean_environment, tmp_path) as serving:
        s3 = serving.connect("s3")
        s3.put_object(Bucket=SOURCE, Key="a photo.jpg", Body=PHOTO)
        (done,) = serving.read_until("a photo.jpg", "done")
        s3.put_object(Bucket=SOURCE, Key="text.jpg", Body=b"no photo at all")
        tries = serving.read_until("text.jpg", "failed")
        children = find_children(serving.process.pid)
        assert children
    assert serving.first["variables"] == {
        "AWS_ENDPOINT_URL": serving.url,
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    assert (done["attempt"], done["cold"], done["note"]) == (1, True, "")
    assert done["milliseconds"] > 0 and done["memory_mb"] > 0
    assert [(one["result"], one["attempt"]) for one in tries] == [("failed", 1)]
    reason = "NotAPicture: a text file, not an image"
    assert tries[0]["note"] == f"{reason} (recorded by the function)"
    assert [child for child in children if Path(f"/proc/{child}").exists()] == []


def test_weather_is_told_as_it_happens_and_counted_at_the_end(
    clean_environment: Environment, tmp_path: Path
) -> None:
    options = ("--weather", "slow,order", "--weather-seed", "3", "--time-scale", "600")
    with serve(clean_environment, tmp_path, *options) as serving:
        assert (serving.first["weather"], serving.first["weather_seed"]) == (["order", "slow"], 3)
        s3 = serving.connect("s3")
        s3.put_bucket_policy(Bucket=SOURCE, Policy=json.dumps(POLICY))
        s3.get_bucket_policy(Bucket=SOURCE)
        s3.put_object(Bucket=SOURCE, Key="photo.jpg", Body=PHOTO)
        told = serving.read_until("photo.jpg", "done")
    notes = [one["note"] for one in told if one["weather"]]
    assert notes[0] == f"order: s3 GetBucketPolicy {SOURCE}: in another order"
    assert re.fullmatch(r"slow: photo.jpg: first event \d+ s late", notes[1])
    last = read_document(serving.lines)
    assert last == {
        "version": 1,
        "command": "weather",
        "seed": 3,
        "injected": {"order": 1, "slow": 1},
    }


def has_ipv6() -> bool:
    """Tell whether this machine has an IPv6 address of its own."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("host", ["::1", "::"])
def test_it_serves_over_ipv6_too(clean_environment: Environment, tmp_path: Path, host: str) -> None:
    with serve(clean_environment, tmp_path, "--host", host) as serving:
        assert serving.url.startswith("http://[::1]:")
        serving.connect("s3").put_object(Bucket=SOURCE, Key="photo.jpg", Body=PHOTO)
        assert serving.read_until("photo.jpg", "done")


@pytest.mark.real_package
def test_commands_and_other_stacks_work_beside_its_own(
    clean_environment: Environment, tmp_path: Path, pixelater: Pixelater
) -> None:
    with serve(clean_environment, tmp_path) as serving:
        status = pixelater("status", AWS_ENDPOINT_URL=serving.url)
        again = pixelater("deploy", "--json", AWS_ENDPOINT_URL=serving.url)
        other = pixelater("deploy", "--stack", "other", AWS_ENDPOINT_URL=serving.url)
        serving.connect("s3").put_object(Bucket="other-source-bucket", Key="a.jpg", Body=PHOTO)
        serving.read_until("a.jpg", "done")
    assert (status.code, other.code) == (0, 0)
    assert json.loads(again.out)["steps"] == []


def test_objects_and_failures_are_kept_across_restarts_and_nothing_runs_again(
    clean_environment: Environment, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    with serve(clean_environment, tmp_path, "--persist", kept) as serving:
        s3 = serving.connect("s3")
        s3.put_object(Bucket=SOURCE, Key="a/b.jpg", Body=PHOTO, Metadata={"by": "me"})
        serving.read_until("a/b.jpg", "done")
        s3.put_object(Bucket=SOURCE, Key="text.jpg", Body=b"no photo")
        serving.read_until("text.jpg", "failed")
        s3.put_object(Bucket=SOURCE, Key="deleted", Body=b"soon")
        serving.read_until("deleted", "failed")
        s3.delete_object(Bucket=SOURCE, Key="deleted")
        before = read_objects(s3, DESTINATION)
    assert len(before) == 5
    with serve(clean_environment, tmp_path, "--persist", kept) as serving:
        s3, sqs = serving.connect("s3"), serving.connect("sqs")
        assert serving.first["restored"] == len(before) + 2 + 2
        assert serving.is_quiet()
        assert read_objects(s3, DESTINATION) == before
        assert read_objects(s3, SOURCE).keys() == {"a/b.jpg", "text.jpg"}
        answer = s3.get_object(Bucket=SOURCE, Key="a/b.jpg")
        assert (answer["Metadata"], answer["Body"].read()) == ({"by": "me"}, PHOTO)
        url = sqs.get_queue_url(QueueName="pixelater-failures")["QueueUrl"]
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    keys = {
        json.loads(one["Body"])["event"]["Records"][0]["s3"]["object"]["key"] for one in messages
    }
    assert "text.jpg" in keys
    assert (
        len(list(kept.glob("*.object"))) == len(before) + 3
    )  # One is the version before the delete marker.


def test_waiting_photos_are_processed_after_a_restart(
    clean_environment: Environment, tmp_path: Path
) -> None:
    """The emulator is stopped while it processes the first of them, or starts to."""
    kept = tmp_path / "kept"
    keys = [f"{number}.jpg" for number in range(6)]
    with serve(clean_environment, tmp_path, "--persist", kept) as serving:
        for key in keys:
            serving.connect("s3").put_object(Bucket=SOURCE, Key=key, Body=PHOTO)
    with serve(clean_environment, tmp_path, "--persist", kept) as serving:
        s3 = serving.connect("s3")
        while len(read_objects(s3, DESTINATION)) < 5 * len(keys):
            assert serving.read()["result"] == "done"
    with serve(clean_environment, tmp_path, "--persist", kept) as serving:
        assert serving.is_quiet()


def test_a_folder_with_something_else_in_it_is_refused(
    pixelater: Pixelater, tmp_path: Path, snapshot: Snapshot
) -> None:
    (tmp_path / "index.json").write_text("[]")
    done = pixelater("emulate", "--port", "0", "--persist", tmp_path)
    assert (done.code, done.err.replace(str(tmp_path), "FOLDER")) == (1, snapshot)


def test_changed_code_of_the_engine_is_deployed_at_once(
    clean_environment: Environment, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "lambda", copy)
    path = {"PYTHONPATH": f"{ROOT}:{copy}"}
    with serve(clean_environment | path, tmp_path, "--watch") as serving:
        events = copy / "pixelater_function" / "events.py"
        text = events.read_text()
        events.write_text(text.replace('f"not an S3 event', 'f"NOT an S3 event'))
        told = serving.read()
        answer = serving.connect("lambda").invoke(
            FunctionName="pixelater-function", Qualifier="live", Payload="{}"
        )
        error = json.loads(answer["Payload"].read())["errorMessage"]
    assert (told["result"], told["note"]) == (
        "deployed",
        "pixelater_function/events.py changed: 4 steps",
    )
    assert error.startswith("NOT an S3 event")


def test_a_port_that_is_taken_is_a_clear_error(pixelater: Pixelater, snapshot: Snapshot) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = pixelater("emulate", "--port", port)
    assert (done.code, done.err.replace(port, "PORT")) == (1, snapshot)


@pytest.mark.parametrize(
    "options",
    [["photo.jpg", "--watch"], ["photo.jpg", "--endpoint-url", "http://localhost:4566"]],
)
def test_photos_and_options_for_serving_exclude_each_other(
    pixelater: Pixelater, photo: Path, options: list[str], snapshot: Snapshot
) -> None:
    done = pixelater("emulate", *options)
    assert (done.code, done.out, done.err) == (2, "", snapshot)


@pytest.mark.parametrize(
    "url", ["https://s3.eu-central-1.amazonaws.com", "https://s3.amazonaws.com."]
)
def test_real_aws_is_refused(pixelater: Pixelater, url: str, snapshot: Snapshot) -> None:
    done = pixelater("emulate", "--endpoint-url", url)
    assert (done.code, done.err) == (2, snapshot)


def test_what_is_no_endpoint_is_none_to_serve_on_either(
    pixelater: Pixelater, snapshot: Snapshot
) -> None:
    done = pixelater("emulate", "--endpoint-url", "http://[::1")
    assert (done.code, done.err) == (2, snapshot)


RETRIED = {
    "requestContext": {"condition": "RetriesExhausted", "approximateInvokeCount": 3},
    "requestPayload": {"Records": [{"s3": {"object": {"key": "c+d.jpg"}}}]},
    "responsePayload": {"errorType": "OSError", "errorMessage": "no luck"},
}


def test_on_another_server_the_buckets_and_the_queue_tell_what_happens(
    clean_environment: Environment, tmp_path: Path, moto: str, connect: Connect
) -> None:
    """The server is moto, which runs nothing: this test plays the function."""
    s3, sqs = connect("s3"), connect("sqs")
    with serve(clean_environment, tmp_path, "--endpoint-url", moto) as serving:
        assert (serving.url, serving.first["page"].startswith(moto)) == (moto, True)
        s3.put_object(Bucket=SOURCE, Key="a/photo.png", Body=PHOTO)
        for made in pixelate(PHOTO):
            s3.put_object(Bucket=DESTINATION, Key=name_mosaic("a/photo.png", made), Body=made.data)
        done = serving.read()
        url = sqs.get_queue_url(QueueName="pixelater-failures")["QueueUrl"]
        told = []
        for body in (make_record("a b.jpg"), RETRIED, {}):
            sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))
            told.append(serving.read())
    assert (done["key"], done["result"]) == ("a/photo.png", "done")
    assert [(one["result"], one["key"], one["attempt"], one["note"]) for one in told] == [
        ("failed", "a b.jpg", 1, "too_large: too many pixels (in pixelater-failures)"),
        ("failed", "c d.jpg", 3, "OSError: no luck (in pixelater-failures)"),
        ("failed", "", 0, "UnknownMessage: {} (in pixelater-failures)"),
    ]
    buckets = {one["Name"] for one in s3.list_buckets()["Buckets"]}
    assert buckets == {SOURCE, DESTINATION, "pixelater-code-bucket"}


def test_a_backend_that_is_not_there_is_explained() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        backend = Backend("LocalStack", url, "/_localstack/health", "docker compose up")
        with pytest.raises(EmulatorError, match="LocalStack is not reachable at") as raised:
            wait_for_backend(backend, seconds=0)
    assert raised.value.hint == "Start it: docker compose up"


@pytest.mark.parametrize("name", BACKENDS)
def test_a_backend_is_a_service_of_the_compose_file(name: str) -> None:
    import yaml

    services = yaml.safe_load((ROOT / "localstack-compose.yml").read_text())["services"]
    backend = BACKENDS[name]
    port = backend.endpoint_url.rpartition(":")[2]
    assert services[name]["ports"] == [f"127.0.0.1:{port}:4566"]
    assert backend.start == f"docker compose -f localstack-compose.yml up {name}"
    assert backend.health in services[name]["healthcheck"]["test"][-1]


def read_objects(s3: Any, bucket: str) -> dict[str, bytes]:
    listed = s3.list_objects_v2(Bucket=bucket).get("Contents", ())
    return {
        one["Key"]: s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read() for one in listed
    }


def find_children(parent: int) -> list[int]:
    command = ["ps", "-o", "pid=", "--ppid", str(parent)]
    done = subprocess.run(command, capture_output=True, check=True)
    return [int(line) for line in done.stdout.split()]


def test_a_folder_is_kept_by_one_emulator_at_a_time(tmp_path: Path) -> None:
    with persistence.lock_folder(tmp_path):
        again = pytest.raises(EmulatorError, match="another emulator uses")
        with again, persistence.lock_folder(tmp_path):
            pass
    with persistence.lock_folder(tmp_path):
        pass


def test_an_engine_that_does_not_compile_is_told_and_the_former_one_goes_on(moto: str) -> None:
    stack = Stack("123456789012", "us-east-1")
    broken = Contents(local_runtime(), {"pixelater/means.py": b"def broken("})
    watcher = CodeWatcher(connect(None, "us-east-1", moto, time.sleep), stack, lambda: broken)
    watcher.times = {}
    (failed,) = watcher.reload(0.0)
    assert (failed.result, "never closed" in failed.note) == ("failed", True)
    assert failed.note.startswith("not deployed: a module does not compile: ")
