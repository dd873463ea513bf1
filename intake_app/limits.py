"""How often a network may do what: without a riddle that shuts people out.

A network is an IPv4 address or an IPv6 /64. Windows are short, so that an office or a village
whose people share one address is never locked out for long; no limit is shared by all, so that a
flood from one place stops nobody else.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from flask import current_app, request

if TYPE_CHECKING:
    from intake_app.counts import Limits


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
    try:
        address = ipaddress.ip_address(plain)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def limits() -> Limits:
    """The limits of the running app, made when they are first asked for."""
    extensions = current_app.extensions
    if "intake_limits" not in extensions:
        from intake_app.counts import Limits

        extensions["intake_limits"] = Limits(extensions["intake_config"])
    found: Limits = extensions["intake_limits"]
    return found
