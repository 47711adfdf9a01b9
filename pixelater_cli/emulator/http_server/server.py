"""HTTP server of the emulator. Like S3, it keeps connections open for further requests."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from email.errors import FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect
from email.message import Message
from http import HTTPStatus
from socket import SHUT_RDWR, socket
from typing import IO, Any, cast

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import ThreadedWSGIServer
from werkzeug.test import run_wsgi_app
from werkzeug.wsgi import LimitedStream, get_content_length

READ_BYTES = 1 << 16
BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
"""Statuses of responses without a body (RFC 9110, sections 15.3.5 and 15.4.5)."""

BUG = (
    b"<Error><Code>InternalError</Code><Message>a bug in the emulator or in moto</Message></Error>"
)

UNREADABLE = MissingHeaderBodySeparatorDefect, FirstHeaderLineIsContinuationDefect
"""Header lines that are not headers. Python reports other defects, too, for multipart forms."""


class WsgiServer(ThreadedWSGIServer):
    """Server with a thread for each connection; `server_close` closes open connections."""

    def __init__(self, host: str, port: int, app: Any) -> None:
        super().__init__(host, port, app, Handler)
        self._connections: set[socket] = set()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Handle all requests of a connection."""
        self._connections.add(request)
        try:
            super().finish_request(request, client_address)
        finally:
            self._connections.discard(request)

    def server_close(self) -> None:
        """Close the port and all connections."""
        super().server_close()
        for connection in list(self._connections):
            with suppress(OSError):  # The client has already disconnected.
                connection.shutdown(SHUT_RDWR)


class Handler(MotoRequestHandler):
    """Handler of the requests of one connection.

    werkzeug closes a connection after one request, because the application may leave a part of the
    body unread. This handler reads the rest instead.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = READ_BYTES  # Send head and body together.

    def handle_expect_100(self) -> bool:
        """Tell the client to send the body, without buffering."""
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def run_wsgi(self) -> None:
        """Handle one request."""
        if not _is_framed(self.headers):
            self.close_connection = True
            self._respond("400 Bad Request", [("Content-Type", "text/plain")], b"unclear length\n")
            return
        environ = self.make_environ()
        body = environ["wsgi.input"]
        try:
            parts, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        except Exception:  # noqa: BLE001 (a bug must not stop the server)
            self.server.handle_error(self.connection, self.client_address)
            self.close_connection = True
            self._respond("500 Internal Server Error", [("Content-Type", "application/xml")], BUG)
            return
        try:
            while body.read(READ_BYTES):
                pass
        except OSError:  # Not a chunk: what follows is not a request.
            self.close_connection = True
        self._respond(status, headers, b"".join(parts))

    def finish(self) -> None:
        """Close the connection, even if the client has disconnected."""
        with suppress(OSError):  # Buffered data cannot be sent.
            self.wfile.close()
        self.rfile.close()

    def make_environ(self) -> dict[str, Any]:
        """Limit the body to its length."""
        environ = super().make_environ()
        if not environ.get("wsgi.input_terminated"):
            environ["wsgi.input"] = _Body(
                cast("IO[bytes]", self.rfile), get_content_length(environ) or 0
            )
        return environ

    def log(self, type: str, message: str, *args: object) -> None:
        """Do not log: the command that runs the emulator reports events."""

    def _respond(self, status: str, headers: Iterable[tuple[str, str]], content: bytes) -> None:
        code, _, reason = status.partition(" ")
        has_body = self.command != "HEAD" and int(code) not in BODILESS
        self.send_response(int(code), reason)
        for name, value in headers:
            if not (has_body and name.lower() == "content-length"):
                self.send_header(name, value)
        if has_body:
            self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content if has_body else b"")
        self.wfile.flush()


def _is_framed(headers: Message) -> bool:
    """Return whether the end of a request is unambiguous (RFC 9112, section 6), and it has a host.

    Otherwise, what one server takes for a body, another may take for the next request.
    """
    lengths = headers.get_all("Content-Length", [])
    codings = [coding.lower() for coding in headers.get_all("Transfer-Encoding", [])]
    return (
        not any(isinstance(defect, UNREADABLE) for defect in headers.defects)
        and all(name == name.strip() for name in headers)
        and (codings in ([], ["chunked"]) and len(lengths) <= (0 if codings else 1))
        and all(length.isascii() and length.isdigit() for length in lengths)
        and len(headers.get_all("Host", [])) == 1
    )


class _Body(LimitedStream):
    """Body of a request. If the client disconnects, it ends early, and moto checks its length."""

    def on_disconnect(self, error: Exception | None = None) -> None:
        """Raise nothing."""
