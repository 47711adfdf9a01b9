"""Hosts in URLs: whether one is this machine, or AWS."""

from __future__ import annotations

import re
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
"""The domains of all partitions of AWS, for IPv4 and dual stack (botocore's partitions.json)."""

VPC_ENDPOINT = re.compile(
    r"(?:(?:bucket|control)\.)?"
    r"(?P<name>vpce-[a-z0-9-]+\.(?P<service>[a-z0-9.-]+)\.[a-z0-9-]+\.vpce\.amazonaws\.com(\.cn)?)"
)
"""The host of an interface VPC endpoint, which leads to one service
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html)."""


def read_host(url: str) -> str:
    """Return the host of a URL, in lower case and without its port, or ""."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # Brackets without an IPv6 address.
        return ""


def write_url(host: str, port: int) -> str:
    """Return the URL at which this machine reaches a server that listens on a host, or on all."""
    reachable = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def is_number(host: str) -> bool:
    """Return whether a host is an IP address, not a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches a host.

    Names: https://www.rfc-editor.org/rfc/rfc6761#section-6.3. A server on IPv6 sees addresses
    of IPv4 as ::ffff:127.0.0.1 (https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5.2).
    """
    if is_number(host):
        address = ip_address(host)
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return (mapped or address).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def is_aws(host: str) -> bool:
    """Return whether a host belongs to AWS. A dot at the end of a name does not change it."""
    return f".{host.rstrip('.')}".endswith(AWS_SUFFIXES)


def find_vpc_hosts(host: str) -> dict[str, str]:
    """Return the host of each boto3 service that a VPC endpoint leads to; {} for another host.

    S3's has one host for buckets, and one for what boto3 calls s3control.

    >>> find_vpc_hosts("vpce-1-2.s3.eu-west-1.vpce.amazonaws.com")["s3"]
    'bucket.vpce-1-2.s3.eu-west-1.vpce.amazonaws.com'
    """
    found = VPC_ENDPOINT.fullmatch(host.rstrip("."))
    if found is None:
        return {}
    name, service = found["name"], found["service"]
    if service == "s3":
        return {"s3": f"bucket.{name}", "s3control": f"control.{name}"}
    return {"cloudwatch" if service == "monitoring" else service: name}
