"""push, logs, failures, backfill and status on a deployed stack, in the emulator and on moto."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pixelater import pixelate
from pixelater_cli.aws.archive import Contents, pack
from pixelater_cli.aws.failure_queue import list_failures, retry
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.journey import Emulator, deploy_to, start_emulator
from tests.functional.conftest import Done, Pixelater
from tests.pictures import encode, make_noise, make_scene

PHOTO = encode(make_scene(), "JPEG")
SOURCE, DESTINATION = "pixelater-source-bucket", "pixelater-destination-bucket"
GRIDS = (8, 16, 32, 48, 64)
EVENT = {"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": "a.jpg"}}}]}


@dataclass(frozen=True)
class Running:
    """A stack in a running emulator, and the command line pointed at it."""

    emulator: Emulator
    account: Account
    stack: Stack
    pixelater: Callable[..., Done]

    @property
    def s3(self) -> Any:
        return self.account.clients["s3"]

    def settle(self) -> None:
        """Wait until the function has answered every event that came."""
        while self.emulator.functions.pending:
            time.sleep(0.02)

    def list_mosaics(self) -> dict[str, str]:
        """List the mosaics: key and ETag."""
        contents = self.s3.list_objects_v2(Bucket=DESTINATION).get("Contents", [])
        return {one["Key"]: one["ETag"] for one in contents}

    def run_code(self, code: str) -> None:
        """Let the function run other code: its alias follows the newest."""
        functions = self.account.clients["lambda"]
        data = pack(
            Contents("", {"pixelater/__init__.py": b"", "pixelater/handler.py": code.encode()})
        ).data
        functions.update_function_code(FunctionName="pixelater-function", ZipFile=data)
        version = functions.publish_version(FunctionName="pixelater-function")["Version"]
        functions.update_alias(
            FunctionName="pixelater-function", Name="live", FunctionVersion=version
        )

    def record(self, body: object) -> None:
        sqs = self.account.clients["sqs"]
        text = body if isinstance(body, str) else json.dumps(body)
        sqs.send_message(QueueUrl=self.queue_url, MessageBody=text)

    @property
    def queue_url(self) -> str:
        url: str = self.account.clients["sqs"].get_queue_url(QueueName=self.stack.queue)["QueueUrl"]
        return url

    def count_messages(self) -> tuple[int, int]:
        """Count what is in the queue: in sight, and out of sight."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.account.clients["sqs"].get_queue_attributes(
            QueueUrl=self.queue_url, AttributeNames=names
        )
        visible, hidden = (int(answer["Attributes"][name]) for name in names)
        return visible, hidden


@pytest.fixture
def running(pixelater: Pixelater) -> Iterator[Running]:
    with start_emulator() as emulator:
        deployed = deploy_to(emulator)

        def run(*arguments: str | Path) -> Done:
            return pixelater(*arguments, "--endpoint-url", emulator.endpoint_url)

        yield Running(emulator, deployed.account, deployed.stack, run)


def write_handler(body: str) -> str:
    """Write a handler that knows the key of its event, and S3."""
    return (
        "import boto3, json\n"
        "s3 = boto3.client('s3')\n"
        "sqs = boto3.client('sqs')\n"
        "def lambda_handler(event, context):\n"
        "    key = event['Records'][0]['s3']['object']['key']\n" + body
    )


WORKING = write_handler("    return {'photos': [{'key': key}], 'skipped': [], 'failed': []}\n")
RAISING = write_handler("    raise ValueError('not yet')\n")
RECORDING = write_handler(
    "    url = sqs.get_queue_url(QueueName='pixelater-failures')['QueueUrl']\n"
    "    failed = {'key': key, 'reason': 'too_large', 'message': 'still'}\n"
    "    record = {'pixelater': 'failure', 'version': 1, 'event': event, **failed}\n"
    "    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(record))\n"
    "    return {'photos': [], 'skipped': [], 'failed': [failed]}\n"
)


def make_record(key: str, **fields: object) -> dict[str, object]:
    event = {"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": key}}}]}
    return {
        "pixelater": "failure",
        "version": 1,
        "reason": "too_large",
        "message": "too many pixels",
        "bucket": SOURCE,
        "key": key,
        "time": "2026-11-23T12:00:00Z",
        "event": event,
        **fields,
    }


@contextmanager
def start(
    arguments: list[str], environment: dict[str, str], folder: Path
) -> Iterator[subprocess.Popen[str]]:
    """Start a command; whatever becomes of the test, it is gone at the end."""
    with subprocess.Popen(
        [sys.executable, "-m", "pixelater_cli", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


# push


def test_pushed_photos_come_back_as_mosaics(running: Running, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "trips").mkdir()
    (tmp_path / "trips" / "my photo+1.jpg").write_bytes(encode(make_scene(), "PNG"))
    done = running.pixelater("push", "photo.jpg", "trips/my photo+1.jpg", "--out", "out", "--json")
    assert (done.code, done.err) == (0, "")
    document = json.loads(done.out)
    assert [(one["key"], one["bytes"]) for one in document["photos"]] == [
        ("photo.jpg", len(PHOTO)),
        ("trips/my photo+1.jpg", len(encode(make_scene(), "PNG"))),
    ]
    made = [mosaic.data for mosaic in pixelate(PHOTO)]
    saved = [tmp_path / "out" / f"pixelated-{grid}x{grid}-photo.jpg" for grid in GRIDS]
    assert [path.read_bytes() for path in saved] == made
    assert (tmp_path / "out" / "trips" / "pixelated-8x8-my photo+1.png").exists()


def test_without_waiting_photos_are_only_uploaded(running: Running, photo: Path) -> None:
    done = running.pixelater("push", "photo.jpg", "--key-prefix", "in/")
    assert (done.code, done.err) == (0, "")
    size = f"{len(PHOTO) / 1000:.0f} kB"
    assert done.out == f"s3://{SOURCE}/in/photo.jpg  {size}\n1 photo uploaded, {size}\n"
    assert running.s3.get_object(Bucket=SOURCE, Key="in/photo.jpg")["Body"].read() == PHOTO


def test_the_mosaics_of_an_earlier_upload_are_not_taken_for_those_of_this_one(
    running: Running, tmp_path: Path
) -> None:
    for seed in (1, 2):
        data = encode(make_noise("RGB", (300, 200), seed), "JPEG")
        (tmp_path / "photo.jpg").write_bytes(data)
        assert running.pixelater("push", "photo.jpg", "--out", "out").code == 0
        made = pixelate(data)
        saved = [tmp_path / "out" / f"pixelated-{grid}x{grid}-photo.jpg" for grid in GRIDS]
        assert [path.read_bytes() for path in saved] == [mosaic.data for mosaic in made]
        time.sleep(1.1)  # S3 lists times in whole seconds, and moto keeps no more.


def test_a_photo_that_fails_ends_the_wait_with_its_reason(
    running: Running, photo: Path, tmp_path: Path
) -> None:
    (tmp_path / "text.jpg").write_text("no photo at all")
    done = running.pixelater("push", "text.jpg", "photo.jpg", "gone.jpg", "--wait")
    assert done.code == 1
    reason, *rest = done.err.splitlines()
    assert reason.startswith("error: text.jpg: ")
    assert reason.endswith(": no picture format that can be read")
    assert rest[:2] == ["  See: pixelater failures", "error: gone.jpg: no such file or folder"]
    assert "\n  pixelated-8x8-photo.jpg  " in done.out
    assert f", 5 mosaics in s3://{DESTINATION}, 2 failed\n" in done.out


def test_the_failure_queue_tells_why_if_the_log_does_not(running: Running, photo: Path) -> None:
    running.run_code(RECORDING.replace("'version': 1,", "'version': 1, 'time': '2999-01-01',"))
    done = running.pixelater("push", "photo.jpg", "--wait")
    assert (done.code, done.err.splitlines()[0]) == (1, "error: photo.jpg: too_large: still")
    assert running.count_messages() == (1, 0)


def test_waiting_ends_when_the_time_is_up(running: Running, photo: Path) -> None:
    running.run_code(WORKING)
    done = running.pixelater("push", "photo.jpg", "--wait", "--timeout", "1")
    assert (done.code, done.err.splitlines()) == (
        1,
        [
            "error: photo.jpg: no mosaics of photo.jpg after 1 seconds",
            "  It may still come: see pixelater logs and pixelater failures.",
        ],
    )


def test_waiting_ends_when_another_upload_takes_the_place(running: Running, photo: Path) -> None:
    running.run_code(WORKING)

    def replace() -> None:
        while running.s3.list_objects_v2(Bucket=SOURCE)["KeyCount"] == 0:
            time.sleep(0.05)
        time.sleep(1)
        running.s3.put_object(Bucket=SOURCE, Key="photo.jpg", Body=b"other")

    thread = threading.Thread(target=replace)
    thread.start()
    done = running.pixelater("push", "photo.jpg", "--wait", "--timeout", "30")
    thread.join()
    assert (done.code, done.err.splitlines()[0]) == (
        1,
        "error: photo.jpg: it was deleted, or replaced by another upload, meanwhile",
    )


def test_a_photo_the_trigger_would_pass_over_is_refused(
    pixelater: Pixelater, moto: str, connect: Callable[[str], Any], photo: Path
) -> None:
    at = ["--endpoint-url", moto]
    assert pixelater("deploy", *at, "--prefix", "in/", "--suffix", ".jpg").code == 0
    done = pixelater("push", *at, "photo.jpg")
    assert (done.code, done.err.splitlines()) == (
        1,
        [
            "error: photo.jpg: this stack takes keys that begin with 'in/' and end with '.jpg', "
            "not photo.jpg",
            "  Put it there: --key-prefix in/",
        ],
    )
    assert connect("s3").list_objects_v2(Bucket=SOURCE)["KeyCount"] == 0
    assert pixelater("push", *at, "photo.jpg", "--key-prefix", "in/").code == 0


def test_a_large_photo_goes_in_parts(
    pixelater: Pixelater, moto: str, connect: Callable[[str], Any], tmp_path: Path
) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    (tmp_path / "large.jpg").write_bytes(bytes(17 * 2**20))
    done = pixelater("push", "--endpoint-url", moto, "large.jpg", "--json")
    (pushed,) = json.loads(done.out)["photos"]
    head = connect("s3").head_object(Bucket=SOURCE, Key="large.jpg")
    assert (pushed["bytes"], head["ETag"][-3:-1]) == (17 * 2**20, "-2")
    assert pushed["version_id"] == head["VersionId"]


def test_two_photos_with_one_key_do_not_replace_each_other(
    pixelater: Pixelater, moto: str, tmp_path: Path
) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    for folder in "xy":
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "p.jpg").write_bytes(PHOTO)
    paths = tmp_path / "x" / "p.jpg", tmp_path / "y" / "p.jpg"
    done = pixelater("push", "--endpoint-url", moto, *paths)
    assert (done.code, "which has the same key, p.jpg" in done.err) == (1, True)


@pytest.mark.parametrize("command", ["push photo.jpg", "backfill", "failures"])
def test_without_a_stack_there_is_a_clear_error(
    pixelater: Pixelater, moto: str, photo: Path, command: str
) -> None:
    done = pixelater(*command.split(), "--endpoint-url", moto)
    assert (done.code, "Traceback" in done.err, "error: " in done.err) == (1, False, True)


# logs


def test_the_log_reads_a_line_for_each_photo(running: Running, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no photo at all")
    running.pixelater("push", "photo.jpg", "text.jpg", "--wait")
    told = [line[21:] for line in running.pixelater("logs").out.splitlines()]
    assert any(line.startswith("done      photo.jpg") for line in told)
    bad = [line[21:] for line in running.pixelater("logs", "--errors").out.splitlines()]
    assert any(line.startswith("failed    text.jpg  ") for line in bad)
    assert not any("photo.jpg" in line for line in bad)
    raw = map(json.loads, running.pixelater("logs", "--json").out.splitlines())
    assert any("photo.jpg" in json.dumps(document.get("message", document)) for document in raw)


def test_a_log_that_is_not_there_yet_is_empty(pixelater: Pixelater, moto: str) -> None:
    assert pixelater("logs", "--endpoint-url", moto) == Done(0, "", "")


def test_only_the_time_that_was_asked_for_is_read(
    pixelater: Pixelater, moto: str, connect: Callable[[str], Any]
) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    write_log(connect("logs"), ("old", time.time() - 7200), ("new", time.time() - 60))
    assert pixelater("logs", "--endpoint-url", moto).out.endswith("log       new\n")
    both = pixelater("logs", "--endpoint-url", moto, "--since", "3h").out
    assert [line.split()[-1] for line in both.splitlines()] == ["old", "new"]
    wrong = pixelater("logs", "--endpoint-url", moto, "--since", "soon")
    assert (wrong.code, wrong.err.splitlines()[0]) == (
        2,
        "error: --since: 'soon' is no length of time",
    )


def test_following_tells_what_is_new_until_it_is_interrupted(
    pixelater: Pixelater,
    moto: str,
    connect: Callable[[str], Any],
    clean_environment: dict[str, str],
    tmp_path: Path,
) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    logs = connect("logs")
    write_log(logs, ("first", time.time() - 1))
    with start(
        ["logs", "--follow", "--endpoint-url", moto], clean_environment, tmp_path
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().endswith("  first\n")
        write_log(logs, ("late", time.time() - 30), ("second", time.time()))
        assert process.stdout.readline().endswith("  late\n")
        assert process.stdout.readline().endswith("  second\n")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "", "")


def write_log(logs: Any, *events: tuple[str, float]) -> None:
    group, stream = "/aws/lambda/pixelater-function", f"s{time.time_ns()}"
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    logs.put_log_events(
        logGroupName=group,
        logStreamName=stream,
        logEvents=[{"message": text, "timestamp": int(when * 1000)} for text, when in events],
    )


# failures


def test_failures_are_listed_whole_and_stay_in_sight(running: Running) -> None:
    for number in range(25):
        running.record(make_record(f"{number:02}.jpg", time=f"2026-11-23T12:00:{number:02}Z"))
    running.record("hello")
    done = running.pixelater("failures", "--json")
    document = json.loads(done.out)
    assert [one["keys"] for one in document["failures"]] == [
        [],
        *([f"{number:02}.jpg"] for number in range(25)),
    ]
    assert running.count_messages() == (26, 0)
    told = running.pixelater("failures", "list", "07.jpg").out
    assert "2026-11-23 12:00:07" in told
    assert "too_large: too many pixels" in told
    assert told.endswith("1 failure in pixelater-failures.\n")


def test_a_failure_leaves_the_queue_once_trying_again_works(running: Running) -> None:
    running.record(make_record("a.jpg"))
    running.run_code(RAISING)
    again = running.pixelater("failures", "retry")
    assert (again.code, again.err) == (1, "error: a.jpg: ValueError: not yet\n")
    assert running.count_messages() == (1, 0)
    running.run_code(WORKING)
    done = running.pixelater("failures", "retry")
    assert (done.code, done.out) == (0, "  worked        a.jpg\n1 failure tried again: 1 worked.\n")
    assert running.count_messages() == (0, 0)


def test_a_failure_that_is_recorded_anew_is_there_once(running: Running) -> None:
    running.run_code(RECORDING)
    for key in ("a.jpg", "b.jpg"):
        running.record(make_record(key))
    done = running.pixelater("failures", "retry", "a.jpg")
    assert (done.code, done.err) == (1, "error: a.jpg: too_large: still\n")
    left = list_failures(running.account, running.stack)
    assert sorted((one.keys, one.message) for one in left) == [
        (("a.jpg",), "still"),
        (("b.jpg",), "too many pixels"),
    ]


def test_killed_half_way_nothing_is_lost(
    running: Running, clean_environment: dict[str, str], tmp_path: Path
) -> None:
    """The function takes its time, and its caller is killed meanwhile."""
    running.record(make_record("a.jpg"))
    running.run_code(
        write_handler(
            "    import time\n"
            f"    s3.put_object(Bucket='{DESTINATION}', Key='begun')\n"
            "    time.sleep(2)\n"
        )
    )
    url = running.emulator.endpoint_url
    with start(["failures", "retry", "--endpoint-url", url], clean_environment, tmp_path):
        while not running.list_mosaics():
            time.sleep(0.05)
    assert running.count_messages() == (0, 1)
    listed = running.pixelater("failures")
    assert (listed.code, listed.err) == (
        0,
        "1 more out of sight: back within six minutes, if not done.\n",
    )


def test_retrying_gives_the_mosaics_once_the_cause_is_mended(
    running: Running, pixelater: Pixelater, photo: Path
) -> None:
    """A pixel cap is too small, then larger."""
    functions = running.account.clients["lambda"]

    def set_cap(pixels: int) -> None:
        variables = {
            "bucket_1": DESTINATION,
            "PIXELATER_FAILURES": "pixelater-failures",
            "PIXELATER_MAX_PIXELS": str(pixels),
        }
        functions.update_function_configuration(
            FunctionName="pixelater-function", Environment={"Variables": variables}
        )
        version = functions.publish_version(FunctionName="pixelater-function")["Version"]
        functions.update_alias(
            FunctionName="pixelater-function", Name="live", FunctionVersion=version
        )

    set_cap(10)
    running.s3.put_object(Bucket=SOURCE, Key="photo.jpg", Body=PHOTO)
    running.settle()
    assert running.list_mosaics() == {}
    if running.count_messages() == (0, 0):  # Such failures wait for retries, which take minutes.
        event = make_s3_event("photo.jpg")
        running.record(make_record("photo.jpg", event=event))
    set_cap(10**8)
    done = running.pixelater("failures", "retry")
    assert (done.code, done.out.splitlines()[-1]) == (0, "1 failure tried again: 1 worked.")
    assert set(running.list_mosaics()) == {f"pixelated-{g}x{g}-photo.jpg" for g in GRIDS}
    assert running.count_messages() == (0, 0)


def make_s3_event(key: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "eventName": "ObjectCreated:Put",
                "s3": {"bucket": {"name": SOURCE}, "object": {"key": key}},
            }
        ]
    }


def test_what_names_no_event_is_not_tried_again_but_can_be_dropped(running: Running) -> None:
    running.record("hello")
    again = running.pixelater("failures", "retry")
    assert (again.code, "the message names no event" in again.err) == (1, True)
    assert running.count_messages() == (1, 0)
    done = running.pixelater("failures", "drop", "--yes")
    assert (done.code, done.out.splitlines()[-1]) == (0, "1 failure dropped.")
    assert running.count_messages() == (0, 0)


def test_nothing_is_dropped_where_nobody_can_be_asked(running: Running) -> None:
    running.record(make_record("a.jpg"))
    done = running.pixelater("failures", "drop")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: there is nobody here to ask\n")
    assert running.count_messages() == (1, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo-terminals")
@pytest.mark.parametrize(("answer", "left"), [(b"n\n", 1), (b"y\n", 0)])
def test_dropping_asks_at_a_terminal(
    running: Running, clean_environment: dict[str, str], tmp_path: Path, answer: bytes, left: int
) -> None:
    import pty

    running.record(make_record("a.jpg"))
    terminal, theirs = pty.openpty()
    os.write(terminal, answer)
    command = ["failures", "drop", "--endpoint-url", running.emulator.endpoint_url]
    subprocess.run(
        [sys.executable, "-m", "pixelater_cli", *command],
        cwd=tmp_path,
        env=clean_environment | {"TERM": "dumb"},
        stdin=theirs,
        stderr=theirs,
        stdout=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    os.close(theirs)
    asked = os.read(terminal, 4096).decode()
    os.close(terminal)
    assert "drop a.jpg: too_large" in asked
    assert running.count_messages() == (left, 0)


def test_only_the_named_failures_are_dropped(running: Running) -> None:
    for key in ("a.jpg", "b.jpg", "c.jpg"):
        running.record(make_record(key))
    assert running.pixelater("failures", "drop", "a.jpg", "c.jpg", "--yes").code == 0
    assert [one.keys for one in list_failures(running.account, running.stack)] == [("b.jpg",)]
    unknown = running.pixelater("failures", "drop", "z.jpg", "--yes")
    assert (unknown.code, unknown.err.splitlines()[0]) == (1, "error: no failure of z.jpg")


def test_a_failure_that_comes_meanwhile_is_left_alone(running: Running) -> None:
    running.run_code(WORKING)
    running.record(make_record("a.jpg"))
    chosen = list_failures(running.account, running.stack)
    running.record(make_record("b.jpg"))
    assert [one.failure.keys for one in retry(running.account, running.stack, chosen)] == [
        ("a.jpg",)
    ]
    assert [one.keys for one in list_failures(running.account, running.stack)] == [("b.jpg",)]
    assert running.count_messages() == (1, 0)


# backfill


def test_backfill_completes_what_is_missing_and_then_does_nothing(running: Running) -> None:
    keys = ["a.jpg", "trips/b c.jpg", "trips/d.jpg"]
    for key in keys:
        running.s3.put_object(Bucket=SOURCE, Key=key, Body=PHOTO)
    running.settle()
    whole = running.list_mosaics()
    assert len(whole) == 15
    running.s3.delete_object(Bucket=DESTINATION, Key="trips/pixelated-16x16-b c.jpg")
    for grid in GRIDS:
        running.s3.delete_object(Bucket=DESTINATION, Key=f"pixelated-{grid}x{grid}-a.jpg")
    dry = running.pixelater("backfill", "--dry-run")
    assert (dry.code, dry.out.splitlines()) == (
        0,
        [
            "a.jpg  missing: 8, 16, 32, 48, 64",
            "trips/b c.jpg  missing: 16",
            f"3 photos in {SOURCE}: 2 would be sent; nothing was.",
        ],
    )
    assert len(running.list_mosaics()) == 9
    first = json.loads(running.pixelater("backfill", "--json").out)
    assert (first["looked_at"], first["lacking"], first["sent"]) == (3, 2, True)
    running.settle()
    assert running.list_mosaics() == whole
    with running.emulator.functions.watch() as reports:
        second = running.pixelater("backfill")
        running.settle()
    assert second.out.startswith(f"3 photos in {SOURCE}: all have up-to-date mosaics (")
    assert reports.empty()


def test_backfill_redoes_what_is_older_than_its_photo(running: Running) -> None:
    running.s3.put_object(Bucket=SOURCE, Key="a.jpg", Body=PHOTO)
    running.settle()
    notifications = running.s3.get_bucket_notification_configuration(Bucket=SOURCE)
    running.s3.put_bucket_notification_configuration(Bucket=SOURCE, NotificationConfiguration={})
    time.sleep(1.1)  # S3 lists times in whole seconds, and moto keeps no more.
    newer = encode(make_noise("RGB", (300, 200)), "JPEG")
    running.s3.put_object(Bucket=SOURCE, Key="a.jpg", Body=newer)
    assert notifications["LambdaFunctionConfigurations"]
    dry = running.pixelater("backfill", "--dry-run")
    assert dry.out.splitlines()[0] == "a.jpg  older: 8, 16, 32, 48, 64"
    assert running.pixelater("backfill").code == 0
    running.settle()
    data = running.s3.get_object(Bucket=DESTINATION, Key="pixelated-8x8-a.jpg")["Body"].read()
    assert data == pixelate(newer)[0].data


def test_backfill_goes_on_after_a_key_and_within_a_prefix(
    pixelater: Pixelater, moto: str, connect: Callable[[str], Any]
) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    for key in ("a.jpg", "in/b.jpg", "in/c.jpg", "in/d.jpg"):
        connect("s3").put_object(Bucket=SOURCE, Key=key, Body=b"x")
    done = pixelater(
        *["backfill", "--dry-run", "--endpoint-url", moto],
        *["--prefix", "in/", "--start-after", "in/b.jpg"],
    )
    assert [line.split()[0] for line in done.out.splitlines()] == ["in/c.jpg", "in/d.jpg", "2"]


def test_interrupted_backfill_says_how_to_go_on(
    running: Running, clean_environment: dict[str, str], tmp_path: Path
) -> None:
    running.run_code(WORKING)
    for key in ("a.jpg", "b.jpg", "c.jpg"):
        running.s3.put_object(Bucket=SOURCE, Key=key, Body=b"x")
    running.settle()
    arguments = ["backfill", "--rate", "0.1", "--endpoint-url", running.emulator.endpoint_url]
    with (
        running.emulator.functions.watch() as reports,
        start(arguments, clean_environment, tmp_path) as process,
    ):
        reports.get(timeout=60)
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 143
    assert err.splitlines()[0] == "Stopped. To go on: pixelater backfill --start-after a.jpg"


def test_a_batch_job_is_shown_with_the_role_it_needs_and_not_made_in_an_emulator(
    pixelater: Pixelater, moto: str
) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    at = ["--endpoint-url", moto, "--via", "s3-batch"]
    shown = json.loads(pixelater("backfill", *at, "--dry-run", "--json").out)
    assert shown["job_id"] is None
    assert shown["request"]["Operation"]["LambdaInvoke"]["FunctionArn"].endswith(":live")
    assert set(shown["role"]) == {"trust", "permissions"}
    refused = pixelater("backfill", *at)
    assert (refused.code, refused.err.splitlines()[0]) == (
        2,
        "error: --via s3-batch needs --role",
    )
    role = "arn:aws:iam::123456789012:role/backfill"
    emulated = pixelater("backfill", *at, "--role", role)
    assert (emulated.code, emulated.err.splitlines()[0]) == (
        1,
        "error: no emulator runs S3 Batch Operations",
    )


# status


def test_the_status_tells_traffic_errors_and_cost(
    pixelater: Pixelater, moto: str, connect: Callable[[str], Any]
) -> None:
    pixelater("deploy", "--endpoint-url", moto, "--architecture", "arm64")
    photo = {"event": "photo", "key": "a.jpg", "mosaics": 5}
    report = "REPORT RequestId: r\tDuration: 499.2 ms\tBilled Duration: 500 ms\t"
    report += "Memory Size: 1024 MB\tMax Memory Used: 90 MB\t"
    lines = [json.dumps({**photo, "outcome": outcome}) for outcome in ["done"] * 3 + ["failed"]]
    write_log(connect("logs"), *((line, time.time() - 60) for line in [*lines, *[report] * 4]))
    done = json.loads(pixelater("status", "--endpoint-url", moto, "--json").out)
    monthly = 4 * 0.5 * 0.0000133334 + 4 * 0.2e-6 + 15 * 5e-6 + 4 * 4e-7
    assert done["traffic"] == {
        "done": 3,
        "failed": 1,
        "retried": 0,
        "photos_per_minute": 0.05,
        "error_rate": 0.25,
        "invocations": 4,
        "mean_billed_ms": 500.0,
        "monthly_dollars": round(monthly * 730, 2),
    }
    told = pixelater("status", "--endpoint-url", moto).out
    assert "3 photos in the last hour, 0.1 a minute; 25.0% of attempts failed.\n" in told
    assert "4 invocations of 500 ms; a month like this hour: 0.08 dollars" in told
    assert "  failed    a.jpg" in told
