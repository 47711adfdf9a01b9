"""The table of connections that Linux gives, and the user it names."""

from __future__ import annotations

import sys

import pytest

from pixelater_cli.emulator.strict.peers import find_owner

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout"
TCP = """\
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 11 1 0
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 12 1 0
   2: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 13 1 0
   3: 0100007F:C351 0100007F:1F90 04 00000000:00000000 00:00000000 00000000     0        0 0 1 0
"""
V6 = "00000000000000000000000001000000"
MAPPED = "0000000000000000FFFF00000100007F"
TCP6 = f"""\
   0: {V6}:C352 {V6}:1F90 01 00000000:00000000 00:00000000 00000000  1002        0 14 1 0
   1: {MAPPED}:C353 {MAPPED}:1F90 01 00000000:00000000 00:00000000 00000000  1003        0 15 1 0
"""

pytestmark = pytest.mark.skipif(sys.byteorder != "little", reason="as little-endian machines write")


@pytest.mark.parametrize(
    ("client", "server", "owner"),
    [
        (("127.0.0.1", 50000), ("127.0.0.1", 8080), (1001, 13)),
        (("127.0.0.1", 50001), ("127.0.0.1", 8080), (0, 0)),  # Its process has closed it.
        (("127.0.0.1", 50009), ("127.0.0.1", 8080), None),
        (("::1", 50002), ("::1", 8080), (1002, 14)),
        (("127.0.0.1", 50003), ("127.0.0.1", 8080), (1003, 15)),
        (("::ffff:127.0.0.1", 50000), ("::ffff:127.0.0.1", 8080), (1001, 13)),
    ],
)
def test_user_is_the_one_of_the_clients_socket(
    client: tuple[str, int], server: tuple[str, int], owner: tuple[int, int] | None
) -> None:
    tables = [f"{HEAD}\n{TCP}", f"{HEAD}\n{TCP6}"]
    assert find_owner(tables, client, server) == owner
