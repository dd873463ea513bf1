"""How often a network may do what, without a riddle that shuts people out.

Windows are short, so that an office or a village whose people share one address is never locked
out for long; no limit is shared by all, so that a flood from one place stops nobody else. They
are counted in this process, or where INTAKE_RATE_STORAGE says.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence

from flask import request
from limits import RateLimitItem, parse_many
from limits.errors import ConfigurationError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from intake_app.config import Config
from intake_app.errors import SettingWrong
from intake_app.networks import network

_SWEEP_SECONDS = 60.0
log = logging.getLogger(__name__)


class Counts(Storage):
    """Counts of fixed windows in this process, swept once a minute.

    The library's own store starts a thread whenever none is alive and looks through all keys.
    """

    STORAGE_SCHEME = None  # no address leads here
    base_exceptions = ValueError

    def __init__(self) -> None:
        super().__init__()
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


def reach(where: str) -> None:
    """Raise SettingWrong, with the cure, if limits can't be counted there."""
    if where == "memory://":
        return
    try:
        there = storage_from_string(where).check()
    except ConfigurationError:
        raise SettingWrong(
            "rate-library", "缺少 redis 软件包，请先运行 pip install redis"
        ) from None
    if not there:
        raise SettingWrong(
            "rate-storage", "INTAKE_RATE_STORAGE 写的 Redis 连不上，先在各进程里计数"
        )


class Limits:
    """All limits of the service, counted where INTAKE_RATE_STORAGE says.

    If that place is gone, or has no library, they are counted in this process: a limit that fails
    must neither shut everybody out nor let everything in.
    """

    def __init__(self, config: Config) -> None:
        where = config.rate_storage
        self._here = FixedWindowRateLimiter(Counts())
        self._counted = self._here
        if where != "memory://":
            try:
                self._counted = FixedWindowRateLimiter(storage_from_string(where))
            except ConfigurationError:
                log.error("INTAKE_RATE_STORAGE can't be used, counting in this process")
        self._pages = parse_many(config.page_limit)
        self._filings = parse_many(config.filing_limit)
        self._uploads = parse_many(config.upload_limit)
        self._codes = parse_many(config.code_limit)
        self._proofs = parse_many(config.desk_login_limit)

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

    def may_prove(self, what: str) -> bool:
        """May this network try another password, code or passphrase (``what``) at the desk?"""
        return all(self._ask("test", one, network(), "desk", what) for one in self._proofs)

    def wrong_proof(self, what: str) -> None:
        self._hit(self._proofs, network(), "desk", what)

    def _hit(self, counted: Sequence[RateLimitItem], *key: str, cost: int = 1) -> bool:
        good = [self._ask("hit", one, *key, cost=cost) for one in counted]  # count them all
        return all(good)

    def _ask(self, what: str, limit: RateLimitItem, *key: str, cost: int = 1) -> bool:
        try:
            return bool(getattr(self._counted, what)(limit, *key, cost=cost))
        except self._counted.storage.base_exceptions:
            return bool(getattr(self._here, what)(limit, *key, cost=cost))
