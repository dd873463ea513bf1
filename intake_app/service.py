"""What every view needs, in one place: settings, keys, published data, the store and the clock."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from flask import current_app

from casework.workdays import SHANGHAI
from intake_app.config import Config
from intake_app.errors import StoreFull, StoreGone
from intake_app.published import Published, Shelf
from intake_app.sealing import Secrets

if TYPE_CHECKING:
    from intake_app.counts import Limits
    from intake_app.store import Store


@dataclass(slots=True)
class Service:
    """One per process. The store is opened when it is first used: its libraries load slowly."""

    config: Config
    secrets: Secrets
    shelf: Shelf
    clock: Callable[[], datetime]
    _store: Store | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def store(self) -> Store:
        if self._store is None:
            with self._lock:
                if self._store is None:
                    from intake_app.store import Store

                    config = self.config
                    waiting = max(1, config.threads * 3 // 4)
                    self._store = Store(
                        config.store_url,
                        patience=config.patience,
                        waiting=waiting,
                        handling=lambda: self.published.handling,
                    )
        return self._store

    @property
    def published(self) -> Published:
        return self.shelf.current()

    def now(self) -> datetime:
        """The present instant; an invented county lives on its invented day."""
        now = self.clock()
        day = self.published.fixed_day
        if day is None or self.config.now:
            return now
        return datetime.combine(day, now.timetz()).astimezone(SHANGHAI)

    def public_key(self, lane: str) -> bytes:
        return self.secrets.confidential if lane == "confidential" else self.secrets.office

    def room(self) -> int:
        return room(self.config)


def room(config: Config) -> int:
    """Free bytes on the disk.

    StoreFull below the floor, while there is room to say so; StoreGone without a data directory.
    """
    try:
        free = shutil.disk_usage(config.home).free
    except OSError:
        raise StoreGone("no-home", "服务器的数据目录打不开。", certain=True) from None
    if free < config.floor:
        raise StoreFull("floor", "服务器的存储空间快满了。", certain=True)
    return free


def service() -> Service:
    """The service of the running app."""
    found: Service = current_app.extensions["intake"]
    return found


def limits() -> Limits:
    """The limits of the running app, made when they are first asked for."""
    extensions = current_app.extensions
    if "intake_limits" not in extensions:
        from intake_app.counts import Limits

        extensions["intake_limits"] = Limits(extensions["intake_config"])
    found: Limits = extensions["intake_limits"]
    return found
