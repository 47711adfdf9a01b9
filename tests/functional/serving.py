"""Owns a `pixelater emulate` that serves while a test asks things of it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any

import boto3

from tests.documents import check_documents

SECONDS = 60


@dataclass(frozen=True)
class Serving:
    """The process, what it said first, and the lines it has said since."""

    process: subprocess.Popen[bytes]
    first: Mapping[str, Any]
    lines: SimpleQueue[bytes]

    @property
    def url(self) -> str:
        return str(self.first["endpoint_url"])

    @property
    def page(self) -> str:
        return str(self.first["page"])

    def read(self) -> dict[str, Any]:
        """Wait for the next thing that happens."""
        happening = read_document(self.lines)
        assert happening["command"] == "happening"
        return happening

    def read_until(self, key: str, result: str) -> list[dict[str, Any]]:
        """Read what happens until this does."""
        told = [self.read()]
        while (told[-1]["key"], told[-1]["result"]) != (key, result):
            told.append(self.read())
        return told

    def is_quiet(self, seconds: float = 1.5) -> bool:
        """Tell whether nothing happens for so long."""
        try:
            self.lines.get(timeout=seconds)
        except Empty:
            return True
        return False

    def connect(self, service: str) -> Any:
        return boto3.client(
            service,
            "us-east-1",
            endpoint_url=self.url,
            aws_access_key_id="emulator",
            aws_secret_access_key="emulator",
        )


def read_document(lines: SimpleQueue[bytes]) -> dict[str, Any]:
    line = lines.get(timeout=SECONDS)
    check_documents(line.decode())
    document: dict[str, Any] = json.loads(line)
    return document


def pass_on(stream: IO[bytes], lines: SimpleQueue[bytes]) -> None:
    for line in stream:
        lines.put(line)


@contextmanager
def serve(environment: Mapping[str, str], folder: Path, *options: str | Path) -> Iterator[Serving]:
    """Serve on a free port until the end, which is Ctrl-C, and see that it ends well."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pixelater_cli", "emulate", "--port", "0", "--json", *options],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    lines: SimpleQueue[bytes] = SimpleQueue()
    reader = Thread(target=pass_on, args=(process.stdout, lines))
    reader.start()
    try:
        try:
            first = read_document(lines)
        except Empty:
            assert process.poll() is None, process.stderr.read() if process.stderr else b""
            raise
        yield Serving(process, first, lines)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            code = process.wait(timeout=SECONDS)
        finally:
            process.kill()
            reader.join()
            error = process.stderr.read() if process.stderr else b""
            process.stdout.close()
            if process.stderr:
                process.stderr.close()
    assert (code, error) == (0, b"")
