"""HTTP server of the emulator. Like S3, it keeps connections open for further requests."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from email.errors import FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect
from email.message import Message
from http import HTTPStatus
from math import inf
from socket import SHUT_RDWR, SHUT_WR, socket
from typing import IO, Any, cast

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import DechunkedInput, ThreadedWSGIServer
from werkzeug.test import run_wsgi_app
from werkzeug.wsgi import LimitedStream, get_content_length

from pixelater_cli.emulator.strict.lengths import check_declared_length
from pixelater_cli.emulator.strict.peers import is_trusted
from pixelater_cli.emulator.strict.refusal import Refusal
from pixelater_cli.hosts import is_loopback

READ_BYTES = 1 << 16
MAX_UNREAD = 2**20
"""How much of a body that is not wanted is read for the next request; else there is none."""

LINGER_SECONDS = 1

STRANGER = b"the emulator answers processes of its own user and of root only\n"
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

    def is_trusted(self, client: tuple[str, int], connection: socket) -> bool:
        """Return whether a connection comes from this user, root, or another machine."""
        own = connection.getsockname()
        return not is_loopback(self.host) or is_trusted(client[:2], own[:2])

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
    timeout = 30  # Seconds within which a part of a request must arrive; S3 has such a limit, too.

    def setup(self) -> None:
        """Find out who connects, while the client waits for its first response."""
        super().setup()
        server = cast("WsgiServer", self.server)
        self._is_trusted = server.is_trusted(self.client_address, self.connection)

    def handle_expect_100(self) -> bool:
        """Tell the client to send the body, without buffering, unless it is too long."""
        try:
            check_declared_length(self.make_environ())
        except Refusal:
            return True  # The response says so, and comes before the body.
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def run_wsgi(self) -> None:
        """Handle one request."""
        if not self._is_trusted:
            self.close_connection = True
            self._respond("403 Forbidden", [("Content-Type", "text/plain")], STRANGER)
            return
        if not _is_framed(self.headers):
            self.close_connection = True
            self._respond("400 Bad Request", [("Content-Type", "text/plain")], b"unclear length\n")
            return
        environ = self.make_environ()
        body: _Body | _Chunks = environ["wsgi.input"]
        try:
            parts, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        except Exception:  # noqa: BLE001 (a bug must not stop the server)
            self.server.handle_error(self.connection, self.client_address)
            self.close_connection = True
            self._respond("500 Internal Server Error", [("Content-Type", "application/xml")], BUG)
            return
        if body.left > MAX_UNREAD:
            self.close_connection = True
        self._respond(status, headers, b"".join(parts))
        if body.is_exhausted:
            return
        if self.close_connection:
            self._linger()
        elif not _drain(body):
            self.close_connection = True

    def _linger(self) -> None:
        """Read some of what still comes: a connection closed before that loses its answer."""
        with suppress(OSError):
            self.connection.settimeout(LINGER_SECONDS)
            self.connection.shutdown(SHUT_WR)
            for _ in range(MAX_UNREAD // READ_BYTES):
                if not self.connection.recv(READ_BYTES):
                    break

    def finish(self) -> None:
        """Close the connection, even if the client has disconnected."""
        with suppress(OSError):  # Buffered data cannot be sent.
            self.wfile.close()
        self.rfile.close()

    def make_environ(self) -> dict[str, Any]:
        """Limit the body to its length."""
        environ = super().make_environ()
        stream = cast("IO[bytes]", self.rfile)
        if environ.get("wsgi.input_terminated"):
            environ["wsgi.input"] = _Chunks(stream)
        else:
            environ["wsgi.input"] = _Body(stream, get_content_length(environ) or 0)
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
        and not any("\n" in value for value in headers.values())  # A folded line.
        and all(name == name.strip() for name in headers)
        and (codings in ([], ["chunked"]) and len(lengths) <= (0 if codings else 1))
        and all(length.isascii() and length.isdigit() for length in lengths)
        and len(headers.get_all("Host", [])) == 1
    )


def _drain(body: _Body | _Chunks) -> bool:
    """Read what an application has left of a body; return whether its end was reached."""
    while body.read(READ_BYTES):
        pass
    return body.is_exhausted


class _Chunks(DechunkedInput):
    """A request's body in chunks."""

    is_exhausted = False

    @property
    def left(self) -> float:
        """Bytes that have not been read: nobody knows how many."""
        return 0 if self.is_exhausted else inf

    def readinto(self, buf: bytearray) -> int:  # type: ignore[override]
        """Read some, and note the end."""
        size = super().readinto(buf)
        self.is_exhausted = self.is_exhausted or size == 0
        return size


class _Body(LimitedStream):
    """Body of a request. It ends early if the client disconnects or waits too long."""

    timed_out = False

    @property
    def left(self) -> int:
        """Number of bytes that have not been read."""
        return self.limit - self.tell()

    def on_disconnect(self, error: Exception | None = None) -> None:
        """Raise nothing; the rules of each service compare lengths."""
        self.timed_out = self.timed_out or isinstance(error, TimeoutError)
