"""Owns the stack that tests of push, logs, failures and backfill operate, in the emulator."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixelater_cli.aws.package.builder import Contents, pack
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.lambda_service.environment_pool import EmulatorSettings
from pixelater_cli.emulator.pipeline import Emulator, deploy_to, start_emulator
from tests.pictures import encode, make_scene

if TYPE_CHECKING:
    from tests.functional.conftest import Done, Pixelater

PHOTO = encode(make_scene(), "JPEG")
SOURCE, DESTINATION = "pixelater-source-bucket", "pixelater-destination-bucket"
GRIDS = (8, 16, 32, 48, 64)


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
            Contents(
                "",
                {
                    "pixelater_function/__init__.py": b"",
                    "pixelater_function/handler.py": code.encode(),
                },
            )
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


@contextmanager
def start_running(pixelater: Pixelater) -> Iterator[Running]:
    """Run the emulator with a stack in it."""
    with start_emulator(EmulatorSettings(settling_seconds=0)) as emulator:
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


def write_log(logs: Any, *events: tuple[str, float]) -> None:
    group, stream = "/aws/lambda/pixelater-function", f"s{time.time_ns()}"
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    logs.put_log_events(
        logGroupName=group,
        logStreamName=stream,
        logEvents=[{"message": text, "timestamp": int(when * 1000)} for text, when in events],
    )
