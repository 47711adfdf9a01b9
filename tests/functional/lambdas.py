"""What tests of the emulator share: a function of a few lines, and all that is around it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import boto3
from botocore.config import Config

from pixelater_cli.aws.package.builder import Contents, pack
from pixelater_cli.emulator.lambda_service.environment_pool import EmulatorSettings
from pixelater_cli.emulator.lambda_service.models import EventReport
from pixelater_cli.emulator.lambda_service.service import LambdaService
from pixelater_cli.emulator.pipeline import start_emulator

NAME = "try"
BUCKET = "photos"
SECONDS = 60

OPEN_POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


@dataclass
class Bench:
    """A running emulator with one function, a bucket whose uploads run it, and a failure queue."""

    url: str
    functions: LambdaService
    reports: SimpleQueue[EventReport]
    clients: dict[str, Any] = field(default_factory=dict)
    access_key: str = "test"

    def connect(self, service: str) -> Any:
        """Make a client for a service, with keys as people make them up; once."""
        if service not in self.clients:
            self.clients[service] = boto3.client(
                service,
                "us-east-1",
                endpoint_url=self.url,
                aws_access_key_id=self.access_key,
                aws_secret_access_key="test",
                config=Config(retries={"total_max_attempts": 1}, max_pool_connections=20),
            )
        return self.clients[service]

    def deploy(self, source: str, policy: Any = None, qualifier: str = "", **settings: Any) -> None:
        """Create the function, its role, queue and bucket, and the trigger."""
        iam, function, sqs, s3 = map(self.connect, ("iam", "lambda", "sqs", "s3"))
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
        document = {"Version": "2012-10-17", "Statement": [{**trust, "Action": "sts:AssumeRole"}]}
        role = iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=json.dumps(document))
        iam.put_role_policy(
            RoleName=NAME, PolicyName="p", PolicyDocument=json.dumps(policy or OPEN_POLICY)
        )
        created = function.create_function(
            FunctionName=NAME,
            Runtime="python3.13",
            Role=role["Role"]["Arn"],
            Handler="app.handle",
            Code={"ZipFile": zip_app(source)},
            Publish=bool(qualifier),
            **{"Timeout": 20, "MemorySize": 256, **settings},
        )
        arn = created["FunctionArn"]
        if qualifier:
            function.publish_version(FunctionName=NAME)
            function.create_alias(FunctionName=NAME, Name=qualifier, FunctionVersion="1")
            arn += f":{qualifier}"
        sqs.create_queue(QueueName="failures")
        self.set_events(qualifier)
        s3.create_bucket(Bucket=BUCKET)
        function.add_permission(
            FunctionName=NAME,
            StatementId="s3",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
            SourceArn=f"arn:aws:s3:::{BUCKET}",
            SourceAccount="123456789012",
            **({"Qualifier": qualifier} if qualifier else {}),
        )
        self.set_trigger(arn)

    def set_events(self, qualifier: str = "", **settings: Any) -> None:
        """Set what becomes of failed events."""
        queue = "arn:aws:sqs:us-east-1:123456789012:failures"
        self.connect("lambda").put_function_event_invoke_config(
            FunctionName=NAME,
            **({"Qualifier": qualifier} if qualifier else {}),
            **{"DestinationConfig": {"OnFailure": {"Destination": queue}}, **settings},
        )

    def set_trigger(self, arn: str, **more: Any) -> None:
        entry = {
            "Id": "trigger",
            "LambdaFunctionArn": arn,
            "Events": ["s3:ObjectCreated:*"],
            **more,
        }
        self.connect("s3").put_bucket_notification_configuration(
            Bucket=BUCKET, NotificationConfiguration={"LambdaFunctionConfigurations": [entry]}
        )

    def put(self, key: str, body: bytes = b"x") -> Any:
        return self.connect("s3").put_object(Bucket=BUCKET, Key=key, Body=body)

    def invoke(self, event: Any = None, **options: Any) -> Any:
        return self.connect("lambda").invoke(
            FunctionName=NAME, Payload=json.dumps(event), **options
        )

    def await_reports(self, done: Callable[[list[EventReport]], bool]) -> list[EventReport]:
        """Gather what happens until that is enough."""
        gathered: list[EventReport] = []
        deadline = time.monotonic() + SECONDS
        while not done(gathered):
            try:
                gathered.append(self.reports.get(timeout=max(deadline - time.monotonic(), 0.01)))
            except Empty:
                raise AssertionError(f"only this happened: {gathered}") from None
        return gathered

    def take_reports(self) -> list[EventReport]:
        """Take what has happened so far."""
        return [self.reports.get() for _ in range(self.reports.qsize())]

    def await_ends(self, number: int) -> list[EventReport]:
        """Gather what happens until so many events have ended, well or badly."""
        return self.await_reports(lambda all_: sum(map(is_end, all_)) >= number)

    def read_failures(self) -> list[Any]:
        """Give the records in the failure queue, without taking them out."""
        sqs = self.connect("sqs")
        url = sqs.get_queue_url(QueueName="failures")["QueueUrl"]
        records: list[Any] = []
        while messages := sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600
        ).get("Messages"):
            records += [json.loads(message["Body"]) for message in messages]
        return records

    def read_log(self, group: str = f"/aws/lambda/{NAME}") -> list[str]:
        answer = self.connect("logs").filter_log_events(logGroupName=group)
        return [event["message"] for event in answer["events"]]


BY_KEY = '''
import json, os, time, urllib.parse

def handle(event, context):
    """Do what the key says; "first" fails on the first attempt, whichever process has it."""
    if not isinstance(event, dict) or "Records" not in event:
        return event
    key = urllib.parse.unquote_plus(event["Records"][0]["s3"]["object"]["key"])
    print("attempt at", key)
    what = key.split("/")[0]
    if what == "first":
        marker = os.environ["marks"] + key.replace("/", "_")
        if not os.path.exists(marker):
            open(marker, "w").close()
            raise ValueError(key)
    if what == "always":
        raise ValueError(key)
    if what == "exit":
        os._exit(3)
    if what == "loop":
        while True:
            pass
    if what == "sleep":
        time.sleep(float(key.split("/")[1]))
    if what == "eat":
        kept = []
        while True:
            kept.append(b"x" * 2**20)
    if what == "large":
        return "x" * 7 * 2**20
    return [key, os.getpid()]
'''


def deploy_by_key(bench: Bench, marks: Path | None = None, **settings: Any) -> None:
    """Deploy a function that does what the key of its event says."""
    variables = {"Environment": {"Variables": {"marks": f"{marks}/"}}} if marks else {}
    bench.deploy(BY_KEY, **{**variables, **settings})


def is_end(report: EventReport) -> bool:
    return report.result in ("done", "failed")


def zip_app(source: str) -> bytes:
    return pack(Contents("", {"app.py": source.encode()})).data


@contextmanager
def start_bench(settings: EmulatorSettings | None = None, **options: Any) -> Iterator[Bench]:
    """Run the emulator with nothing in it; by default, functions are ready at once."""
    chosen = settings or EmulatorSettings(time_scale=600, settling_seconds=0)
    with (
        start_emulator(chosen, **options) as emulator,
        emulator.functions.watch() as reports,
    ):
        yield Bench(emulator.endpoint_url, emulator.functions, reports)
