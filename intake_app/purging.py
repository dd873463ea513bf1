"""Deletes what was kept long enough, and what is left of it; apart from the queue's daily work.

What SQLite deletes is overwritten in the file (secure_delete) and the log that held it is emptied.
PostgreSQL's tables are rewritten without it, which holds up readers of a large table for seconds:
purge at night. Its write-ahead log, replicas, and all backups keep it until they are replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, delete, func, select
from sqlalchemy.exc import DBAPIError

from casework.workdays import SHANGHAI
from intake_app.database import Database, trouble
from intake_app.records import Keep, Purged, Span, seconds
from intake_app.tables import (
    access,
    bookings,
    chunks,
    docket,
    events,
    files,
    replies,
    submissions,
)
from intake_app.writer import Writer

__all__ = ["purge"]

_PATIENCE = 60.0  # seconds a batch may wait: nobody stands in front of a screen
_BATCH = 50
_LEAST_ACCESS = Span(months=6)  # by law, whatever content/clocks.yml says
_S = submissions.c
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_LAST_EVENT = (
    select(func.max(events.c.at))
    .where(events.c.case_id == _S.id)
    .correlate(submissions)
    .scalar_subquery()
)
_LAST_CLOSE = (
    select(func.max(bookings.c.closes))
    .where(bookings.c.case_id == _S.id)
    .correlate(submissions)
    .scalar_subquery()
)
_OLD_CASES = (
    select(_S.id)
    .join(docket, docket.c.case_id == _S.id)
    .where(
        _S.parent.is_(None),
        _S.course != "appointment",
        docket.c.closed.is_not(None),
        bindparam("before") > _LAST_EVENT,
    )
    .limit(_BATCH)
)
_OLD_APPOINTMENTS = (
    select(_S.id)
    .where(
        _S.parent.is_(None),
        _S.course == "appointment",
        func.coalesce(_LAST_CLOSE, _S.at) < bindparam("before"),
    )
    .limit(_BATCH)
)
_OLD_UPLOADS = (
    select(files.c.id)
    .where(files.c.case_id.is_(None), files.c.at < bindparam("before"))
    .limit(_BATCH)
)
_OLD_ACCESS = delete(access).where(access.c.at < bindparam("before"))
_CHILDREN = select(_S.id).where(_S.parent.in_(_IDS))
_FILES = select(files.c.id).where(files.c.case_id.in_(_IDS))
_DELETE_FILES = (
    delete(chunks).where(chunks.c.file_id.in_(_IDS)),
    delete(files).where(files.c.id.in_(_IDS)),
)
_DELETE_CASES = (
    delete(replies).where(replies.c.case_id.in_(_IDS)),
    delete(events).where(events.c.case_id.in_(_IDS)),
    delete(bookings).where(bookings.c.case_id.in_(_IDS)),
    delete(docket).where(docket.c.case_id.in_(_IDS)),
    delete(submissions).where(_S.id.in_(_IDS)),
)


def purge(database: Database, writer: Writer, today: date, keep: Keep) -> Purged:
    """Delete in small transactions what ``keep`` says, then wipe. See ``Store.purge``."""
    cases = _all(writer, _OLD_CASES, keep.submissions, today)
    cases += _all(writer, _OLD_APPOINTMENTS, keep.bookings, today)
    uploads = _all(writer, _OLD_UPLOADS, keep.uploads, today)
    entries = _log(writer, keep.access, today)
    try:
        with database.engine.connect() as connection:
            remains = _wipe(database, connection, rewrite=bool(cases or uploads))
    except DBAPIError as error:
        raise trouble(error, certain=True) from None
    return Purged(cases, uploads, remains, entries)


def _log(writer: Writer, span: Span | None, today: date) -> int:
    """Forget what staff did so long ago. It holds no word of a case: nothing is rewritten."""
    if span is None:
        return 0
    day = min(span.before(today), _LEAST_ACCESS.before(today))
    before = seconds(datetime.combine(day, time(), SHANGHAI))

    def forget(connection: Connection) -> int:
        return connection.execute(_OLD_ACCESS, {"before": before}).rowcount

    return writer.submit(forget, patience=_PATIENCE)


def _all(
    writer: Writer, old: Select[tuple[int]] | Select[tuple[str]], span: Span | None, today: date
) -> int:
    """Delete batch after batch of what ``old`` finds; how many went, with what belonged to them."""
    if span is None:
        return 0
    before = seconds(datetime.combine(span.before(today), time(), SHANGHAI))

    def batch(connection: Connection) -> int:
        ids = connection.execute(old, {"before": before}).scalars().all()
        if not ids:
            return 0
        return _files(connection, ids) if old is _OLD_UPLOADS else _cases(connection, ids)

    count = 0
    while went := writer.submit(batch, patience=_PATIENCE):
        count += went
    return count


def _files(connection: Connection, ids: Sequence[Any]) -> int:
    for statement in _DELETE_FILES:
        connection.execute(statement, {"ids": ids})
    return len(ids)


def _cases(connection: Connection, ids: Sequence[Any]) -> int:
    found, more = set(ids), set(ids)
    while more:
        more = set(connection.execute(_CHILDREN, {"ids": list(more)}).scalars()) - found
        found |= more
    all_ids = sorted(found)
    if of_cases := connection.execute(_FILES, {"ids": all_ids}).scalars().all():
        _files(connection, of_cases)
    for statement in _DELETE_CASES:
        connection.execute(statement, {"ids": all_ids})
    return len(all_ids)


def _wipe(database: Database, connection: Connection, *, rewrite: bool) -> str | None:
    """Leave no bytes of what was deleted where we can reach them; say what we can't."""
    if database.path:
        busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        return "有程序正在使用数据库，旧日志还没有清空，请稍后再运行一次 purge。" if busy else None
    if rewrite:
        try:
            connection.exec_driver_sql(
                "VACUUM (FULL) submissions, docket, events, bookings, files, chunks, replies"
            )
        except DBAPIError:
            return "数据库正忙，表没有重写，请在夜间再运行一次 purge。"
    return "PostgreSQL 的预写日志、备库和备份里还有已删除的密文，请按备份的保留期清理。"
