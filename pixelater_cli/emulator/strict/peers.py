"""The processes at the other end of connections within this machine, and their users.

Loopback is open to all users of a machine. Linux lists its connections with the user of each
socket: https://docs.kernel.org/networking/proc_net_tcp.html
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from pixelater_cli.emulator.strict.socket_owner import find_socket_owner
from pixelater_cli.hosts import is_loopback

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
ROOT = 0

UID, INODE = 7, 9
"""Columns of a table."""

TRIES = 2
"""Times to look: a table that changes while it is read may lack a line."""

Address = tuple[str, int]
"""A host's number, and a port."""


def is_trusted(client: Address, server: Address) -> bool:
    """Return whether a connection comes from this process's user or from root.

    True, too, where it cannot be told: of clients beyond loopback, and on other systems than Linux.
    A socket that its process has closed belongs to nobody, and is not trusted.
    """
    if not (is_loopback(client[0]) and is_loopback(server[0])) or sys.platform != "linux":
        return True
    owner = find_socket_owner(_read_address(client), _read_address(server))
    if owner is not None:
        return _is_trusted(*owner)
    for _ in range(TRIES):
        tables = [table for path in TABLES if (table := _read(path)) is not None]
        if not tables:
            return True
        found = find_owner(tables, client, server)
        if found is not None:
            return _is_trusted(*found)
    return False


def _is_trusted(uid: int, inode: int) -> bool:
    """Return whether a socket belongs to this user or root; without an inode it is closed."""
    if sys.platform == "win32":
        return True  # Its system has neither of the two sources.
    return inode != 0 and uid in (os.geteuid(), ROOT)


def _read(path: Path) -> str | None:
    try:
        return path.read_text("ascii")
    except OSError:  # Without IPv6, or where /proc is another system's.
        return None


def find_owner(tables: Iterable[str], client: Address, server: Address) -> tuple[int, int] | None:
    """Find the user and the inode of a client's socket; None if it is not there."""
    names = [f"{one} {other} " for one, other in zip(_name(client), _name(server), strict=True)]
    for table in tables:
        for name in names:
            start = table.find(f" {name}")
            if start >= 0:
                columns = table[table.rfind("\n", 0, start) + 1 :].split("\n", 1)[0].split()
                return int(columns[UID]), int(columns[INODE])
    return None


def _read_address(address: Address) -> tuple[IPv4Address | IPv6Address, int]:
    host = ip_address(address[0])
    mapped = host.ipv4_mapped if isinstance(host, IPv6Address) else None
    return mapped or host, address[1]


def _name(address: Address) -> tuple[str, str]:
    """Write an address as the tables of IPv4 and of IPv6 do: words in this machine's order."""
    host, port = _read_address(address)
    if isinstance(host, IPv4Address):
        mapped = IPv6Address(b"\0" * 10 + b"\xff\xff" + host.packed)
        return f"{_write(host.packed)}:{port:04X}", f"{_write(mapped.packed)}:{port:04X}"
    return (f"{_write(host.packed)}:{port:04X}",) * 2


def _write(packed: bytes) -> str:
    words = (packed[start : start + 4] for start in range(0, len(packed), 4))
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)
