"""Many filings to a commit; exists because a sync is dear and must not be paid by each citizen, and
because no more callers may wait for it than the server can spare.

Whoever finds nobody writing writes for all who wait: each job runs in a savepoint of one
transaction and is answered after the commit, so what is acknowledged is on the disk. A thread of
its own would cost as much as the writing. Jobs may run twice and must not keep anything between.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from intake_app.database import Database, contained, surely_undone, trouble
from intake_app.errors import NotReceived, StoreBusy, StoreFull, StoreGone

__all__ = ["Writer"]

T = TypeVar("T")
_LOG = logging.getLogger(__name__)
_GROUP_JOBS = 64
_RETRY_SECONDS = 0.001
_TURN_SECONDS = 0.25  # that a caller waits for a place to wait in


@dataclass(slots=True, eq=False)
class _Job:
    """A caller's statements, and what he hears once they are ``settled``, after the commit."""

    run: Callable[[Connection], Any]
    begun: bool = False
    settled: bool = False
    result: Any = None
    error: Exception | None = None


class Writer:
    """Runs jobs in transactions. ``patience`` in seconds; at most ``waiting`` callers inside."""

    def __init__(self, database: Database, *, patience: float, waiting: int) -> None:
        self._database = database
        self._patience = patience
        self._waiting = waiting
        self._inside = 0
        self._queue: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._writing = False
        self._closed = False
        self._connection: Connection | None = None

    def submit(self, run: Callable[[Connection], T], *, patience: float | None = None) -> T:
        """``run(connection)`` committed, or an error. Raises what ``run`` raises, or NotReceived.

        A caller whose patience ends before his job began gets it cancelled: surely not stored.
        One whose job another began waits as long again before he hears that nobody knows; one who
        writes himself hears what became of it.
        """
        job = _Job(run)
        self._enter(job)
        try:
            wait = self._patience if patience is None else patience
            ends = time.monotonic() + wait
            while self._mine(job, ends, wait):
                self._write(lambda: not job.begun and time.monotonic() < ends)
        finally:
            self._leave()
        if job.error is not None:
            raise job.error
        return job.result  # type: ignore[no-any-return]

    def close(self) -> None:
        """Let those inside finish, then let nobody in."""
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: not self._inside)
        self._drop_connection()

    def _enter(self, job: _Job) -> None:
        with self._changed:
            if self._closed:
                raise StoreGone("store-closed", "系统正在停止服务。", certain=True)
            if not self._changed.wait_for(lambda: self._inside < self._waiting, _TURN_SECONDS):
                raise _busy(certain=True)
            self._inside += 1
            self._queue.append(job)

    def _leave(self) -> None:
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()

    def _mine(self, job: _Job, ends: float, wait: float) -> bool:
        """Wait until the job is settled (False), or until it is the caller's turn to write.

        Raises StoreBusy when his patience is at its end.
        """
        with self._changed:
            while not job.settled:
                left = ends + (wait if job.begun else 0) - time.monotonic()
                if left <= 0:
                    if not job.begun:
                        self._queue.remove(job)
                    raise _busy(certain=not job.begun)
                if not self._writing:
                    self._writing = True
                    return True
                self._changed.wait(left)
        return False

    def _write(self, wanted: Callable[[], bool]) -> None:
        """One transaction for all who wait; not begun any more once it is not ``wanted``."""
        group: list[_Job] = []
        try:
            self._transact(group, self._arriving(), wanted)
        except BaseException as error:  # whatever it is, all must hear and the next one go on
            _LOG.warning("store-writer: %s", type(error).__name__)
            self._drop_connection()
            _refuse(group, trouble(error, certain=False))
            if not isinstance(error, Exception):
                raise
        finally:
            with self._changed:
                self._writing = False
                self._changed.notify_all()

    def _arriving(self) -> Iterator[_Job]:
        """Jobs as they come, until none is there or the group is large enough."""
        for _ in range(_GROUP_JOBS):
            job = self._take()
            if job is None:
                return
            yield job

    def _take(self) -> _Job | None:
        with self._changed:
            job = self._queue.popleft() if self._queue else None
            if job is not None:
                job.begun = True
            return job

    def _transact(
        self, group: list[_Job], jobs: Iterator[_Job], wanted: Callable[[], bool]
    ) -> None:
        """One transaction: ``jobs`` move to ``group`` as they begin, all answered at the end."""
        connection = self._begin(wanted)
        if connection is None:
            return
        committing = False
        try:
            for job in jobs:
                group.append(job)
                self._database.mark(connection, first=len(group) == 1)
                self._run(connection, job)
            committing = True
            connection.exec_driver_sql("COMMIT")
        except DBAPIError as error:
            self._drop_connection()
            certain = not committing or surely_undone(error)
            self._undone(group, trouble(error, certain=certain))
            return
        self._answer(group)

    def _begin(self, wanted: Callable[[], bool]) -> Connection | None:
        """A transaction, as soon as no other process writes; None if ``wanted`` says no before."""
        while wanted():
            try:
                if self._connection is None or not self._database.still_there():
                    self._drop_connection()
                    self._connection = self._database.writer()
                self._database.begin(self._connection)
                return self._connection
            except (DBAPIError, OSError) as error:
                told = trouble(error, certain=True)
                if not isinstance(told, StoreBusy):
                    self._drop_connection()
                    self._refuse_all(told)
                    return None
                self._wait_for_turn()
        return None

    def _wait_for_turn(self) -> None:
        """Another process writes. SQLite is asked again soon; PostgreSQL kept us waiting itself."""
        if self._connection is not None:
            with suppress(DBAPIError):
                self._database.not_begun(self._connection)
        time.sleep(_RETRY_SECONDS * random.uniform(0.5, 1.5))

    def _undone(self, group: list[_Job], told: NotReceived) -> None:
        """The transaction is lost. With no room for all, try each alone: small ones may fit."""
        if len(group) == 1 or not isinstance(told, StoreFull) or not told.certain:
            _refuse(group, told)
            return
        for job in group:
            ends = time.monotonic() + self._patience
            job.result, job.error = None, None
            alone: list[_Job] = []
            self._transact(alone, iter([job]), lambda ends=ends: time.monotonic() < ends)  # type: ignore[misc]
            _refuse([job], told)

    def _run(self, connection: Connection, job: _Job) -> None:
        """Run a job. Raises DBAPIError only if the whole transaction is lost."""
        try:
            job.result = job.run(connection)
        except Exception as error:
            if isinstance(error, DBAPIError) and not contained(error):
                raise
            of_database = isinstance(error, SQLAlchemyError)
            job.error = trouble(error, certain=True) if of_database else error
            self._database.back(connection)

    def _answer(self, group: list[_Job]) -> None:
        if not self._database.still_there():
            self._drop_connection()
            _refuse(group, trouble(FileNotFoundError(), certain=False))
            return
        for job in group:
            job.settled = True

    def _refuse_all(self, told: NotReceived) -> None:
        while (job := self._take()) is not None:
            _refuse([job], told)

    def _drop_connection(self) -> None:
        """Close it, whatever state it is in; an open transaction is rolled back by that."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.invalidate()
            with suppress(Exception):
                connection.close()
            self._database.engine.dispose()


def _refuse(jobs: Sequence[_Job], told: NotReceived) -> None:
    """Tell all of them; each gets an error of his own, since raising one changes it."""
    for job in jobs:
        if not job.settled:
            job.result = None
            job.error = type(told)(told.code, told.sentence, certain=told.certain)
            job.settled = True


def _busy(*, certain: bool) -> StoreBusy:
    sentence = "现在提交的人较多。" if certain else "系统处理较慢。"
    return StoreBusy("store-busy", sentence, certain=certain)
