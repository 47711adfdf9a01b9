"""The user of one TCP socket, asked of Linux directly: /proc/net/tcp takes milliseconds to read.

https://man7.org/linux/man-pages/man7/sock_diag.7.html, include/uapi/linux/inet_diag.h
"""

from __future__ import annotations

import socket
import struct
import sys
from ipaddress import IPv4Address, IPv6Address

NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY = 20
NLM_F_REQUEST = 1
NO_COOKIE = b"\xff" * 8
ALL_STATES = 0xFFFFFFFF

HEADER = struct.Struct("=IHHII")
"""struct nlmsghdr: length, type, flags, sequence, port."""

REQUEST = struct.Struct("=BBBBI")
"""struct inet_diag_req_v2 before its id: family, protocol, extensions, padding, states."""

ID = struct.Struct(">HH16s16s")
"""struct inet_diag_sockid without interface and cookie: ports and addresses."""

ID_BYTES = 48
ANSWER = struct.Struct(f"=4s{ID_BYTES}sIIIII")
"""struct inet_diag_msg: state, id, expires, queues, user, inode."""

Host = IPv4Address | IPv6Address


def find_socket_owner(client: tuple[Host, int], server: tuple[Host, int]) -> tuple[int, int] | None:
    """Return the user and the inode of a client's socket; None where Linux does not tell."""
    if sys.platform != "linux":
        return None
    (host, port), (other, other_port) = client, server
    name = ID.pack(port, other_port, host.packed.ljust(16, b"\0"), other.packed.ljust(16, b"\0"))
    family = socket.AF_INET if isinstance(host, IPv4Address) else socket.AF_INET6
    body = REQUEST.pack(family, socket.IPPROTO_TCP, 0, 0, ALL_STATES)
    body += name + b"\0" * 4 + NO_COOKIE
    size = HEADER.size + len(body)
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_SOCK_DIAG) as kernel:
            kernel.send(HEADER.pack(size, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 1, 0) + body)
            answer = kernel.recv(1 << 12, socket.MSG_DONTWAIT)
    except OSError:  # Such sockets are not allowed, or the kernel lacks the module.
        return None
    kind = HEADER.unpack_from(answer)[1]
    if kind != SOCK_DIAG_BY_FAMILY or len(answer) < HEADER.size + ANSWER.size:
        return None
    _, its_id, _, _, _, uid, inode = ANSWER.unpack_from(answer, HEADER.size)
    return (uid, inode) if its_id.startswith(name) else None  # ... and no listener's.
