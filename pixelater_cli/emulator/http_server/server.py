"""Owns HTTP between clients and moto: connections stay open for the next request, as S3's do."""

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
"""Answers that end with their head (RFC 9110, sections 15.3.5 and 15.4.5)."""

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

    def handle_expect_100(self) -> bool:
        """Have the client send the body, now."""
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def run_wsgi(self) -> None:
        """Answer one request."""
        if not _is_framed(self.headers):
            self.close_connection = True
            self._answer("400 Bad Request", [("Content-Type", "text/plain")], b"unclear length\n")
            return
        environ = self.make_environ()
        body = environ["wsgi.input"]
        try:
            parts, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        except Exception:  # noqa: BLE001 (a bug, with its traceback, and the others go on)
            self.server.handle_error(self.connection, self.client_address)
            self.close_connection = True
            self._answer("500 Internal Server Error", [("Content-Type", "application/xml")], BUG)
            return
        try:
            while body.read(READ_BYTES):
                pass
        except OSError:  # No chunk where one was said to be: what follows is no request.
            self.close_connection = True
        self._answer(status, headers, b"".join(parts))

    def finish(self) -> None:
        """End the connection, also where the client has gone before."""
        with suppress(OSError):  # What is left cannot be written.
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
        and all(name == name.strip() for name in headers)
        and (codings in ([], ["chunked"]) and len(lengths) <= (0 if codings else 1))
        and all(length.isascii() and length.isdigit() for length in lengths)
        and len(headers.get_all("Host", [])) == 1
    )


class _Body(LimitedStream):
    """A request's body; where the client has gone, it ends early, which moto sees by itself."""

    def on_disconnect(self, error: Exception | None = None) -> None:
        """Raise nothing."""
