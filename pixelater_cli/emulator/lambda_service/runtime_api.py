"""Server of the Lambda Runtime API for an execution environment, on loopback.

The runtime interface client in the environment requests the next event, and posts a response or an
error (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, version 2018-06-01).
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Literal

from pixelater_cli.emulator.lambda_service.quotas import RESPONSE_BYTES
from pixelater_cli.emulator.strict.peers import is_trusted

NEXT = "/2018-06-01/runtime/invocation/next"
INIT_ERROR = "/2018-06-01/runtime/init/error"
RESULT = re.compile(r"/2018-06-01/runtime/invocation/([^/]+)/(response|error)")


@dataclass(frozen=True)
class RuntimeEvent:
    """Event for the runtime: the payload (JSON) and the values of AWS's headers."""

    request_id: str
    deadline_ms: int
    function_arn: str
    trace_id: str
    payload: bytes


@dataclass(frozen=True)
class RuntimeMessage:
    """Message from the runtime or about it.

    "ready": it requested its first event. "response" and "error": the function's result. "init
    error": it cannot load the function. "too large": it tried to respond with `size` bytes.
    "exit": its process exited with `exit_code`. "timeout" and "out of memory" come from
    `RuntimeProcess.wait`.
    """

    kind: Literal[
        "ready", "response", "error", "init error", "too large", "exit", "timeout", "out of memory"
    ]
    body: bytes = b""
    size: int = 0
    exit_code: int = 0


class RuntimeApi:
    """Server for an environment: `offer` passes an event to it, `messages` holds its messages."""

    def __init__(self) -> None:
        self.messages: SimpleQueue[RuntimeMessage] = SimpleQueue()
        self._events: SimpleQueue[RuntimeEvent | None] = SimpleQueue()
        self._ready = False
        self._expected = ""
        self._lock = Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.api = self
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Host and port, for AWS_LAMBDA_RUNTIME_API."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def offer(self, event: RuntimeEvent) -> None:
        with self._lock:
            self._expected = event.request_id
        self._events.put(event)

    def take(self) -> RuntimeEvent | None:
        """Wait for an event; return None if the server closes."""
        if not self._ready:
            self._ready = True
            self.messages.put(RuntimeMessage("ready"))
        return self._events.get()

    def receive(self, message: RuntimeMessage, request_id: str = "") -> bool:
        """Accept a message. Return False if it belongs to another event than the expected one."""
        with self._lock:
            if request_id and request_id != self._expected:
                return False
            self._expected = ""
        self.messages.put(message)
        return True

    def close(self) -> None:
        self._events.put(None)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # A request for the next event may wait forever.
    api: RuntimeApi

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Return whether the runtime asks, and not a process of another user."""
        return is_trusted(client_address, request.getsockname())

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore that the process was killed; anything else is a bug."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # Otherwise, the body follows the header 40 ms later.

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
        api, size = self.server.api, int(self.headers.get("Content-Length", 0))
        match = RESULT.fullmatch(self.path)
        if size > RESPONSE_BYTES:
            self._refuse(size, match)
            return
        body = self.rfile.read(size)
        if match:
            kind: Literal["response", "error"] = "error" if match[2] == "error" else "response"
            if not api.receive(RuntimeMessage(kind, body), match[1]):
                self._reply_error(400, "InvalidRequestID", "Invalid request ID")
                return
        elif self.path == INIT_ERROR:
            api.receive(RuntimeMessage("init error", body))
        else:
            self._reply(404)
            return
        self._reply(202, b'{"status":"OK"}', {"Content-Type": "application/json"})

    def _refuse(self, size: int, match: re.Match[str] | None) -> None:
        """Read and discard a body that is too large, so that the runtime gets a response."""
        left = size
        while left and (part := self.rfile.read(min(left, 2**16))):
            left -= len(part)
        if match:
            self.server.api.receive(RuntimeMessage("too large", size=size), match[1])
        message = f"Exceeded maximum allowed payload size ({RESPONSE_BYTES} bytes)."
        self._reply_error(413, "RequestEntityTooLarge", message)

    def _reply_error(self, status: int, error_type: str, message: str) -> None:
        body = json.dumps({"errorMessage": message, "errorType": error_type}).encode()
        self._reply(status, body, {"Content-Type": "application/json"})

    def _reply(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Do not log."""
