"""Owns HTTP between clients and moto: connections stay open for the next request, as S3's do."""

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
MOST_UNREAD = 2**20
"""How much of a body that is not wanted is read for the next request; else there is none."""

LINGER_SECONDS = 1

STRANGER = b"the emulator answers processes of its own user and of root only\n"
BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
"""Answers that end with their head (RFC 9110, sections 15.3.5 and 15.4.5)."""

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
"""What a body may be called that moto would take apart."""

BUG = (
    b"<Error><Code>InternalError</Code><Message>a bug of the emulator's or moto's</Message></Error>"
)

UNREADABLE = MissingHeaderBodySeparatorDefect, FirstHeaderLineIsContinuationDefect
"""Lines among the headers that are none. A form without parts yet is a defect to Python, too."""


class WsgiServer(ThreadedWSGIServer):
    """Gives every connection a thread; what is still open at its end, it closes."""

    def __init__(self, host: str, port: int, app: Any) -> None:
        super().__init__(host, port, app, Handler)
        self._connections: set[socket] = set()

    def is_trusted(self, client: tuple[str, int], connection: socket) -> bool:
        """Return whether a connection comes from this user, root, or another machine."""
        own = connection.getsockname()
        return not is_loopback(self.host) or is_trusted(client[:2], own[:2])

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Answer all requests of a connection."""
        self._connections.add(request)
        try:
            super().finish_request(request, client_address)
        finally:
            self._connections.discard(request)

    def server_close(self) -> None:
        """Close the port and all connections: nothing is answered any more."""
        super().server_close()
        for connection in list(self._connections):
            with suppress(OSError):  # The client has gone before.
                connection.shutdown(SHUT_RDWR)


class Handler(MotoRequestHandler):
    """Answers the requests of one connection.

    werkzeug ends it after the first, lest what an application leaves unread of a body be taken for
    the next request. Here that is read, and a request takes a sixth less time.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = READ_BYTES  # Head and body go out together.
    timeout = 30  # Seconds in which some of a request must come; S3 closes idle connections, too.

    def setup(self) -> None:
        """Find out who asks, while the client waits for its first answer."""
        super().setup()
        server = cast("WsgiServer", self.server)
        self._is_trusted = server.is_trusted(self.client_address, self.connection)

    def handle_expect_100(self) -> bool:
        """Have the client send the body, now, unless it is too long."""
        try:
            check_declared_length(self.make_environ())
        except Refusal:
            return True  # The answer says so, and comes before the body.
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def run_wsgi(self) -> None:
        """Answer one request."""
        if not self._is_trusted:
            self.close_connection = True
            self._answer("403 Forbidden", [("Content-Type", "text/plain")], STRANGER)
            return
        if not _is_framed(self.headers):
            self.close_connection = True
            self._answer("400 Bad Request", [("Content-Type", "text/plain")], b"unclear length\n")
            return
        environ = self.make_environ()
        body: _Body | _Chunks = environ["wsgi.input"]
        try:
            parts, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        except Exception:  # noqa: BLE001 (a bug, with its traceback, and the others go on)
            self.server.handle_error(self.connection, self.client_address)
            self.close_connection = True
            self._answer("500 Internal Server Error", [("Content-Type", "application/xml")], BUG)
            return
        if body.left > MOST_UNREAD:
            self.close_connection = True
        self._answer(status, headers, b"".join(parts))
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
            for _ in range(MOST_UNREAD // READ_BYTES):
                if not self.connection.recv(READ_BYTES):
                    break

    def finish(self) -> None:
        """End the connection, also where the client has gone before."""
        with suppress(OSError):  # What is left cannot be written.
            self.wfile.close()
        self.rfile.close()

    def make_environ(self) -> dict[str, Any]:
        """Limit the body to its length, and take that of a PUT for what it is.

        curl and urllib call every body a form, and moto loses it; S3 stores it all the same.
        """
        environ = super().make_environ()
        kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if environ["REQUEST_METHOD"] == "PUT" and kind in FORMS:
            environ["CONTENT_TYPE"] = "binary/octet-stream"
        stream = cast("IO[bytes]", self.rfile)
        if environ.get("wsgi.input_terminated"):
            environ["wsgi.input"] = _Chunks(stream)
        else:
            environ["wsgi.input"] = _Body(stream, get_content_length(environ) or 0)
        return environ

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing, and look for no words."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing: the command that runs the emulator speaks for it."""

    def _answer(self, status: str, headers: Iterable[tuple[str, str]], content: bytes) -> None:
        code, _, reason = status.partition(" ")
        whole = self.command != "HEAD" and int(code) not in BODILESS
        self.send_response(int(code), reason)
        for name, value in headers:
            if not (whole and name.lower() == "content-length"):
                self.send_header(name, value)
        if whole:
            self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content if whole else b"")
        self.wfile.flush()


def _is_framed(headers: Message) -> bool:
    """Tell whether it is clear where a request ends, to all who pass it on (RFC 9112, section 6).

    Where it is not, what one takes for a body, another may take for the next request. S3 wants to
    know the host, too.
    """
    lengths = headers.get_all("Content-Length", [])
    codings = [coding.lower() for coding in headers.get_all("Transfer-Encoding", [])]
    return (
        not any(isinstance(one, UNREADABLE) for one in headers.defects)
        and not any("\n" in value for value in headers.values())  # A line folded into two.
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
    """A request's body; where the client has gone or waits, it ends early."""

    timed_out = False

    @property
    def left(self) -> int:
        """Bytes that have not been read."""
        return self.limit - self.tell()

    def on_disconnect(self, error: Exception | None = None) -> None:
        """Raise nothing; the front of each service compares lengths."""
        self.timed_out = self.timed_out or isinstance(error, TimeoutError)
