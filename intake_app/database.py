"""How a database is opened and what its errors mean; so that no one else knows the two kinds.

SQLite and PostgreSQL are driven alike: the driver opens no transaction by itself, BEGIN and COMMIT
are statements of ours. A SELECT outside one is a snapshot of its own and never waits for writers.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError

from intake_app.errors import NotReceived, SettingWrong, StoreBusy, StoreFull, StoreGone

__all__ = ["Database", "contained", "surely_undone", "trouble"]

Trouble = Literal["busy", "full", "gone", "schema", "fault"]

_LOG = logging.getLogger(__name__)
_READER_PATIENCE_MS = 2000
_LOST_MS = 10_000  # that what was sent to PostgreSQL may stay without an answer of its machine
_LOCK = 7_236_001  # PostgreSQL's advisory lock of all writers of this service
_WRITE_FAILED = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE")
_STATES: dict[str, Trouble] = {
    "53100": "full",
    "55P03": "busy",
    "57014": "busy",
    "40001": "busy",
    "40P01": "busy",
    "53300": "busy",
    "42P01": "schema",
    "42703": "schema",
    "3D000": "schema",
}
_LIKE = "应当像 sqlite:////srv/intake.sqlite3 或者 postgresql+psycopg://用户@主机/库名。"
_SAYS: dict[Trouble, tuple[type[NotReceived], str, str]] = {
    "busy": (StoreBusy, "store-busy", "现在提交的人较多。"),
    "full": (StoreFull, "store-full", "系统的存储空间不足。"),
    "gone": (StoreGone, "store-gone", "系统暂时连不上数据库。"),
    "schema": (StoreGone, "store-schema", "系统的数据库还没有准备好。"),
    "fault": (StoreGone, "store-fault", "系统出了故障。"),
}


def _parse(text: str) -> tuple[URL, Path | None]:
    """The address, and the file if it is SQLite's. SettingWrong for what we can't drive.

    The message doesn't repeat the address: it may hold a password.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        raise SettingWrong("database-url", f"数据库地址的写法不对，{_LIKE}") from None
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg"), None
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        raise SettingWrong("database-url", f"数据库地址不能用，{_LIKE}")
    return url, Path(str(url.database)).absolute()


def trouble(error: BaseException, *, certain: bool) -> NotReceived:
    """Why the database did not take it; what follows from that is said by each surface.

    The error's own words go nowhere: they may hold values, as PostgreSQL's
    ``Key (form_hash)=(…) already exists`` does.
    """
    kind, code = _kind(error)
    raised, name, sentence = _SAYS[kind]
    if kind != "busy":
        _LOG.warning("%s: %s %s", name, type(error).__name__, code)
    return raised(name, sentence, certain=certain)


def contained(error: BaseException) -> bool:
    """True if only the statement failed, so that the transaction can go on from a savepoint."""
    return _kind(error)[0] in ("fault", "busy")


def surely_undone(error: BaseException) -> bool:
    """True if a COMMIT that raised this has certainly stored nothing.

    SQLite: the frame that marks the commit is the last one written; if a write failed, it is not
    whole. After a failed sync it may be. PostgreSQL: the server itself said that it gave up.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _kind(cause)[1] in ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_BUSY")
    code = getattr(cause, "sqlstate", None) or ""
    return bool(code) and code[:2] not in ("08", "57", "58")


def _kind(error: BaseException) -> tuple[Trouble, str]:
    """Kind and the driver's code: an SQLite error name or an SQLSTATE."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _sqlite_kind(cause)
    code = getattr(cause, "sqlstate", None) or ""
    if code in _STATES:
        return _STATES[code], code
    lost = isinstance(error, (OperationalError, InterfaceError, OSError))
    return ("gone" if lost else "fault"), code


def _sqlite_kind(error: sqlite3.Error) -> tuple[Trouble, str]:
    code = getattr(error, "sqlite_errorname", "")
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "busy", code
    if code in _WRITE_FAILED:
        return "full", code
    if code == "SQLITE_ERROR":
        return "schema", code
    # Corrupt and "not a database" come as the bare DatabaseError.
    lost = type(error) in (sqlite3.OperationalError, sqlite3.DatabaseError)
    return ("gone" if lost else "fault"), code


class Database:
    """An engine and what differs between the two kinds of database.

    ``lock_wait`` seconds: how long PostgreSQL waits for the writers' lock before it says busy.
    ``create``: SQLite's file may be made; else a missing one is an error, never an empty queue.
    """

    def __init__(self, url: str, *, lock_wait: float, create: bool = False) -> None:
        self.url, self.path = _parse(url)
        self._lock_wait = lock_wait
        self._file: tuple[int, int] | None = None
        self.engine = self._sqlite(create) if self.path else self._postgresql()

    def _sqlite(self, create: bool) -> Engine:
        def connect() -> sqlite3.Connection:
            mode = "rwc" if create else "rw"
            return sqlite3.connect(
                f"file:{quote(str(self.path))}?mode={mode}",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                timeout=_READER_PATIENCE_MS / 1000,
            )

        engine = _engine("sqlite://", creator=connect)

        @event.listens_for(engine, "connect")
        def prepare(connection: sqlite3.Connection, _: object) -> None:
            for pragma in (
                "journal_mode = WAL",
                "synchronous = FULL",
                "foreign_keys = ON",
                "secure_delete = ON",
                "temp_store = MEMORY",
                "cache_size = -16000",
                "journal_size_limit = 67108864",
            ):
                connection.execute(f"PRAGMA {pragma}")

        return engine

    def _postgresql(self) -> Engine:
        patience = {"connect_timeout": 2, "tcp_user_timeout": _LOST_MS}
        engine = _engine(self.url, connect_args=patience)

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _: object) -> None:
            autocommit, connection.autocommit = connection.autocommit, True
            connection.execute(
                f"SET lock_timeout = {int(self._lock_wait * 1000)};"
                "SET synchronous_commit = on;"
                "SET idle_in_transaction_session_timeout = '30s'"
            )
            connection.autocommit = autocommit

        return engine

    def writer(self) -> Connection:
        """A connection for writing. SQLite's own waiting is switched off: it is unfair."""
        connection = self.engine.connect()
        if self.path:
            connection.exec_driver_sql("PRAGMA busy_timeout = 0")
            found = self.path.stat()
            self._file = (found.st_dev, found.st_ino)
        return connection

    def begin(self, connection: Connection) -> None:
        """Begin a transaction that no other writer shares. Raises DBAPIError if one is at work."""
        if self.path:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql(f"BEGIN; SELECT pg_advisory_xact_lock({_LOCK})")

    def mark(self, connection: Connection, *, first: bool) -> None:
        """Set the savepoint to which a job that fails goes back. One way to the server, not two."""
        release = () if first else ("RELEASE SAVEPOINT job",)
        if self.path is None:
            connection.exec_driver_sql("; ".join((*release, "SAVEPOINT job")))
            return
        for statement in (*release, "SAVEPOINT job"):
            connection.exec_driver_sql(statement)

    def back(self, connection: Connection) -> None:
        """Undo what was done since ``mark``."""
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT job")

    def not_begun(self, connection: Connection) -> None:
        """After a ``begin`` that found another at work: ready for the next try."""
        if self.path is None:
            connection.exec_driver_sql("ROLLBACK")

    def still_there(self) -> bool:
        """False if SQLite's file was removed or replaced: what is written goes nowhere."""
        if self.path is None:
            return True
        with suppress(OSError):
            found = os.stat(self.path)  # noqa: PTH116 - half the time of Path.stat, at each commit
            return (found.st_dev, found.st_ino) == self._file
        return False


def _engine(url: URL | str, **more: Any) -> Engine:
    """Parameters hidden, autocommit, and never a wait for a connection."""
    return create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        poolclass=QueuePool,
        pool_size=16,
        pool_use_lifo=True,  # the one used last still has its pages at hand
        max_overflow=-1,
        **more,
    )
