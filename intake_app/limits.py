"""How often a network may do what: through Flask-Limiter, without a riddle that shuts people out.

A network is an IPv4 address or an IPv6 /64. Windows are short, so that an office or a village
whose people share one address is never locked out for long; no limit is shared by all, so that a
flood from one place stops nobody else.
"""

from __future__ import annotations

import ipaddress
import logging

from flask import request
from flask_limiter import Limiter

from intake_app.config import Config
from intake_app.service import service


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


def network_and_form() -> str:
    return f"{network()} {(request.view_args or {}).get('slug', '')}"


def page_limit() -> str:
    return service().config.page_limit


def filing_limit() -> str:
    return service().config.filing_limit


def upload_limit() -> str:
    return service().config.upload_limit


def megabytes() -> int:
    """What a post costs of the upload limit: files that were never sent must not fill the disk."""
    return (request.content_length or 0) // (1024 * 1024)


def sends_nothing() -> bool:
    """Looking through a form again, or going back to change it, is no filing."""
    return request.form.get("step") != "send"


def limiter(config: Config) -> Limiter:
    """Counts in memory, or where INTAKE_RATE_STORAGE says; falls back to memory if that is gone."""
    logging.getLogger("flask-limiter").setLevel(logging.CRITICAL)  # its lines name the form
    return Limiter(
        network,
        default_limits=[page_limit],
        storage_uri=config.rate_storage,
        strategy="fixed-window",
        in_memory_fallback_enabled=config.rate_storage != "memory://",
        headers_enabled=False,
    )
