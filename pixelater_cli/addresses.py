"""Owns what a host's name or number alone says of it: whether it is this machine, or AWS. Pure."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def read_host(url: str) -> str:
    """Read the host of a URL, in small letters and without its port; "" where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # Brackets that hold no IPv6 address.
        return ""


def is_number(host: str) -> bool:
    """Tell whether a host is written as an IP address, not as a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches a host.

    Names that do: https://www.rfc-editor.org/rfc/rfc6761#section-6.3.
    """
    if is_number(host):
        return ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def is_aws(host: str) -> bool:
    """Tell whether a name is one of AWS's own. With a dot at its end it is the same name."""
    return host.rstrip(".").endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))
