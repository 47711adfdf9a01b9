"""Owns what a host's name or number alone says of it: whether it is this machine, or AWS. Pure."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

AWS_SUFFIXES = (
    ".amazonaws.com",
    ".api.aws",
    ".amazonaws.com.cn",
    ".api.amazonwebservices.com.cn",
    ".amazonaws.eu",
    ".api.amazonwebservices.eu",
    ".c2s.ic.gov",
    ".api.aws.ic.gov",
    ".sc2s.sgov.gov",
    ".api.aws.scloud",
    ".cloud.adc-e.uk",
    ".api.cloud-aws.adc-e.uk",
    ".csp.hci.ic.gov",
    ".api.aws.hci.ic.gov",
)
"""The domains of all of AWS's partitions, for both kinds of IP (botocore's partitions.json)."""


def read_host(url: str) -> str:
    """Read the host of a URL, in small letters and without its port; "" where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # Brackets that hold no IPv6 address.
        return ""


def write_url(host: str, port: int) -> str:
    """Write where this machine reaches its own server, which serves at a host, or at all it has."""
    reachable = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def is_number(host: str) -> bool:
    """Tell whether a host is written as an IP address, not as a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches a host.

    Names that do: https://www.rfc-editor.org/rfc/rfc6761#section-6.3. A server of IPv6 sees IPv4's
    addresses as ::ffff:127.0.0.1 (https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5.2).
    """
    if is_number(host):
        address = ip_address(host)
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return (mapped or address).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def is_aws(host: str) -> bool:
    """Tell whether a name is one of AWS's own. With a dot at its end it is the same name."""
    return f".{host.rstrip('.')}".endswith(AWS_SUFFIXES)
