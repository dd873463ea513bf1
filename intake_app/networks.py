"""Which network asks: an IPv4 address, or the /64 that a subscriber of IPv6 has."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from flask import request


def network() -> str:
    """The asking network, as the key of a limit."""
    return network_of(request.remote_addr or "")


def network_of(text: str) -> str:
    """The network of an address as a proxy or a socket writes it, with a port or without."""
    address = address_of(text)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address or "unknown")


def address_of(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address with or without a port, IPv6 in brackets or not; None for anything else."""
    plain = text.strip()
    if plain.startswith("["):
        plain = plain[1:].partition("]")[0]
    elif plain.count(":") == 1:
        plain = plain.partition(":")[0]
    return _parsed(plain)


@lru_cache(maxsize=1024)  # a request asks half a dozen times, a visitor several in a row
def _parsed(plain: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(plain)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
