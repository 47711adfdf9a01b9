"""Connections of this process are trusted, whether the kernel is asked or its table is read."""

from __future__ import annotations

import socket
import sys

import pytest

from pixelater_cli.emulator.strict import peers


@pytest.mark.skipif(sys.platform != "linux", reason="as Linux tells")
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("direct", [True, False])
def test_socket_of_this_process_is_trusted_until_it_is_closed(
    host: str, direct: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closed, it belongs to nobody; a table would name root."""
    if not direct:
        monkeypatch.setattr(peers, "find_socket_owner", lambda _client, _server: None)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, 0), family=family)
    except OSError:
        pytest.skip(f"this machine has no {host}")
    with listener:
        client = socket.create_connection(listener.getsockname()[:2])
        accepted, address = listener.accept()
        with accepted:
            own = accepted.getsockname()[:2]
            assert peers.is_trusted(address[:2], own)
            client.close()
            assert not peers.is_trusted(address[:2], own)
