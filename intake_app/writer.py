"""One thread that writes, many filings to a commit; it exists because a sync is dear and must not
be paid by each citizen, and because no more callers may wait for it than the server can spare.

A caller's job runs in a savepoint of a shared transaction. He is answered after the commit: what is
acknowledged is on the disk. Jobs may run twice and must not keep anything between.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from dataclasses import dataclass, field
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
_TURN_SECONDS = 0.1  # that a caller waits for a place to wait in


@dataclass(slots=True)
class _Job:
    """A caller's statements, his future, and what he will hear after the commit."""

    run: Callable[[Connection], Any]
    future: Future[Any] = field(default_factory=Future)
    result: Any = None
    error: Exception | None = None


class Writer:
    """Runs jobs in transactions. ``patience`` in seconds; at most ``waiting`` callers inside.

    The thread starts with the first job. It is a daemon: a process that ends without ``close``
    loses only what was not acknowledged.
    """

    def __init__(self, database: Database, *, patience: float, waiting: int) -> None:
        self._database = database
        self._patience = patience
        self._waiting = waiting
        self._inside = 0
        self._queue: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._connection: Connection | None = None

    def submit(self, run: Callable[[Connection], T], *, patience: float | None = None) -> T:
        """``run(connection)`` committed, or an error. Raises what ``run`` raises, or NotReceived.

        A caller whose patience ends before his job began gets it cancelled: surely not stored.
        One whose job began waits as long again before he hears that nobody knows.
        """
        job = _Job(run)
        self._enter(job)
        try:
            wait = self._patience if patience is None else patience
            with suppress(Late):
                return job.future.result(wait)  # type: ignore[no-any-return]
            if job.future.cancel():
                raise _busy(certain=True)
            with suppress(Late):
                return job.future.result(wait)  # type: ignore[no-any-return]
            raise _busy(certain=False)
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Finish what waits, then stop."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _enter(self, job: _Job) -> None:
        with self._changed:
            if self._closed:
                raise StoreGone(
                    "store-closed", "系统正在停止服务，您的内容没有提交成功。", certain=True
                )
            if not self._changed.wait_for(lambda: self._inside < self._waiting, _TURN_SECONDS):
                raise _busy(certain=True)
            self._inside += 1
            self._queue.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _work(self) -> None:
        while self._wanted():
            group: list[_Job] = []
            try:
                self._transact(group, self._arriving(), self._wanted)
            except Exception as error:  # whatever it is, callers must hear and the thread go on
                _LOG.warning("store-writer: %s", type(error).__name__)
                self._drop_connection()
                _refuse(group, trouble(error, certain=False))
        self._drop_connection()

    def _wanted(self) -> bool:
        """Wait for a job that its caller has not given up; False when closed and empty."""
        with self._changed:
            while True:
                while self._queue and self._queue[0].future.cancelled():
                    self._queue.popleft()
                if self._queue:
                    return True
                if self._closed:
                    return False
                self._changed.wait()

    def _arriving(self) -> Iterator[_Job]:
        """Jobs as they come, until none is there or the group is large enough."""
        for _ in range(_GROUP_JOBS):
            job = self._take()
            if job is None:
                return
            yield job

    def _take(self) -> _Job | None:
        with self._changed:
            while self._queue:
                job = self._queue.popleft()
                if job.future.set_running_or_notify_cancel():
                    return job
        return None

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
            if not job.future.done():
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
            if job.error is None:
                job.future.set_result(job.result)
            else:
                job.future.set_exception(job.error)

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
        if not job.future.done():
            job.future.set_exception(type(told)(told.code, told.sentence, certain=told.certain))


def _busy(*, certain: bool) -> StoreBusy:
    if certain:
        sentence = "现在提交的人较多，您的内容没有提交成功。请不要关闭本页，稍后再按一次提交。"
    else:
        sentence = (
            "系统处理较慢，暂时无法确认您的内容是否提交成功。"
            "请不要关闭本页，稍后再按一次提交；同一份表格不会重复登记。"
        )
    return StoreBusy("store-busy", sentence, certain=certain)
