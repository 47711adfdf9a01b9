"""Owns the Lambda Runtime API of one execution environment, served on loopback.

The runtime interface client inside the environment asks for the next event, and posts a response
or an error (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, version 2018-06-01).
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread
from typing import Literal

NEXT = "/2018-06-01/runtime/invocation/next"
INIT_ERROR = "/2018-06-01/runtime/init/error"
ANSWER = re.compile(r"/2018-06-01/runtime/invocation/([^/]+)/(response|error)")


@dataclass(frozen=True)
class Event:
    """One invocation on its way in: the payload (JSON) and what AWS says in headers."""

    request_id: str
    deadline_ms: int
    function_arn: str
    trace_id: str
    payload: bytes


@dataclass(frozen=True)
class Answer:
    """What came back: the function's response or error, or that its process failed or ended."""

    kind: Literal["response", "error", "init error", "exit"]
    body: bytes = b""
    request_id: str = ""


class RuntimeApi:
    """A server for one environment: put events in with `offer`, take answers from `answers`.

    `initialised` is set when the init phase is over: the runtime asked for its first event, or
    it will never ask.
    """

    def __init__(self) -> None:
        self.answers: SimpleQueue[Answer] = SimpleQueue()
        self.initialised = Flag()
        self._events: SimpleQueue[Event | None] = SimpleQueue()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.api = self
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Host and port, as AWS_LAMBDA_RUNTIME_API holds them."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def offer(self, event: Event) -> None:
        self._events.put(event)

    def take(self) -> Event | None:
        """Wait for an event; None once the server is closing."""
        self.initialised.set()
        return self._events.get()

    def receive(self, answer: Answer) -> None:
        """Take an answer; one that no event asked for ends the init phase."""
        self.answers.put(answer)
        self.initialised.set()

    def close(self) -> None:
        self._events.put(None)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # A request for the next event may wait for ever.
    api: RuntimeApi

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet when the process at the other end was ended; anything else is a bug."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # Header and body are two writes: 40 ms apart with Nagle on.

    def do_GET(self) -> None:
        if self.path != NEXT:
            self._reply(404)
            return
        event = self.server.api.take()
        if event is None:
            self.close_connection = True
            return
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": event.request_id,
            "Lambda-Runtime-Deadline-Ms": str(event.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": event.function_arn,
            "Lambda-Runtime-Trace-Id": event.trace_id,
        }
        self._reply(200, event.payload, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == INIT_ERROR:
            self.server.api.receive(Answer("init error", body))
        elif match := ANSWER.fullmatch(self.path):
            kind: Literal["response", "error"] = "error" if match[2] == "error" else "response"
            self.server.api.receive(Answer(kind, body, match[1]))
        else:
            self._reply(404)
            return
        self._reply(202, b'{"status":"OK"}', {"Content-Type": "application/json"})

    def _reply(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: this is the inside of a machine."""
