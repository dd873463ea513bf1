"""How often a network may do what: through Flask-Limiter, without a riddle that shuts people out.

A network is an IPv4 address or an IPv6 /64. Windows are short, so that an office or a village
whose people share one address is never locked out for long; no limit is shared by all, so that a
flood from one place stops nobody else.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Sequence

from flask import Flask, current_app, request
from flask_limiter import Limiter
from limits import RateLimitItem, parse_many
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from intake_app.config import Config

_SWEEP_SECONDS = 60.0


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


class Counts(Storage):
    """Counts of fixed windows in this process, swept once a minute.

    The library's own store starts a thread whenever none is alive and looks through all keys.
    """

    STORAGE_SCHEME = ["counts"]  # noqa: RUF012 - as the library declares it
    base_exceptions = ValueError

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_: str) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._held: dict[str, tuple[int, float]] = {}  # count, end of its window
        self._lock = threading.Lock()
        self._swept = 0.0

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        now = time.monotonic()
        with self._lock:
            if now - self._swept > _SWEEP_SECONDS:
                self._held = {name: one for name, one in self._held.items() if one[1] > now}
                self._swept = now
            count, ends = self._held.get(key, (0, 0.0))
            if ends <= now:
                count, ends = 0, now + expiry
            self._held[key] = (count + amount, ends)
            return count + amount

    def get(self, key: str) -> int:
        count, ends = self._held.get(key, (0, 0.0))
        return count if ends > time.monotonic() else 0

    def get_expiry(self, key: str) -> float:
        _, ends = self._held.get(key, (0, 0.0))
        return time.time() + max(0.0, ends - time.monotonic())

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        with self._lock:
            many = len(self._held)
            self._held.clear()
        return many

    def clear(self, key: str) -> None:
        with self._lock:
            self._held.pop(key, None)


class Limits:
    """All limits of the service, counted where INTAKE_RATE_STORAGE says.

    If that place is gone they are counted in this process: a limit that fails must neither shut
    everybody out nor let everything in.
    """

    def __init__(self, app: Flask, config: Config) -> None:
        storage = config.rate_storage.replace("memory://", "counts://")
        limiter = Limiter(network, app=app, storage_uri=storage, strategy="fixed-window")
        self._counted = limiter.limiter
        self._here = FixedWindowRateLimiter(Counts())
        self._pages = parse_many(config.page_limit)
        self._filings = parse_many(config.filing_limit)
        self._uploads = parse_many(config.upload_limit)
        self._codes = parse_many(config.code_limit)

    def page(self) -> bool:
        """Count a request of this network. False: too many."""
        return self._hit(self._pages, network(), "page")

    def filing(self, slug: str) -> bool:
        """Count a post of a form: its megabytes, and if it is sent, the filing. False: too many."""
        megabytes = (request.content_length or 0) // (1024 * 1024)
        room = self._hit(self._uploads, network(), "upload", cost=megabytes)
        if request.form.get("step") != "send":
            return room
        return self._hit(self._filings, network(), "filing", slug) and room

    def may_try(self, number: str) -> bool:
        """May this network try another code on the number? A stranger's tries do not count."""
        return all(self._ask("test", one, network(), "code", number) for one in self._codes)

    def wrong_code(self, number: str) -> None:
        self._hit(self._codes, network(), "code", number)

    def _hit(self, counted: Sequence[RateLimitItem], *key: str, cost: int = 1) -> bool:
        good = [self._ask("hit", one, *key, cost=cost) for one in counted]  # count them all
        return all(good)

    def _ask(self, what: str, limit: RateLimitItem, *key: str, cost: int = 1) -> bool:
        try:
            return bool(getattr(self._counted, what)(limit, *key, cost=cost))
        except self._counted.storage.base_exceptions:
            return bool(getattr(self._here, what)(limit, *key, cost=cost))


def limits() -> Limits:
    """The limits of the running app."""
    found: Limits = current_app.extensions["intake_limits"]
    return found
