"""The queue: what is filed, its course, its files; exists so that no view speaks SQL.

Writing goes through one transaction at a time (``writer``), reading through connections of its own
that never wait for it. Every method is for any thread and raises only errors of ``errors``; reading
raises NotReceived too if the database is gone.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from hmac import compare_digest
from itertools import islice
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import (
    Connection,
    Executable,
    Row,
    bindparam,
    delete,
    exists,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError

from casework.record import Entry, Handling
from intake_app import entries, places, purging, upkeep
from intake_app.database import Database, trouble
from intake_app.entries import PETITIONER, HandlingNow, Writing
from intake_app.errors import AnswersDiffer, MoveForbidden, NotOpen, NotReceived
from intake_app.records import (
    Booking,
    Case,
    Filed,
    Filing,
    Keep,
    Places,
    Purged,
    SealedReply,
    Wanted,
    moment,
    seconds,
)
from intake_app.tables import (
    STATE,
    WITHDRAWN,
    bookings,
    chunks,
    docket,
    files,
    replies,
    submissions,
)
from intake_app.writer import Writer

__all__ = ["Store"]

T = TypeVar("T")
_BATCH = 16  # chunks of a file in one transaction: 1 MiB
_NOBODY = bytes(32)
_S = submissions.c
_BOOKED = exists().where(bookings.c.case_id == _S.id).label("booked")
_FILED = select(_S.id, _S.number, _S.at, _S.form, _S.answers_mac, _BOOKED).where(
    _S.form_hash == bindparam("form_hash")
)
#: The next number of year ``:year``; the first is 1. No row if the form was filed before.
_NEXT = text(
    "INSERT INTO counters (year, last) SELECT :year, 1 "
    "WHERE NOT EXISTS (SELECT 1 FROM submissions WHERE form_hash = :form_hash) "
    "ON CONFLICT (year) DO UPDATE SET last = counters.last + 1 RETURNING last"
)
#: Columns that are fields of ``Filing``.
_AS_FILED = [one.name for one in fields(Filing) if one.name in _S]
_INSERT = insert(submissions).returning(_S.id)
#: What ``Case`` has of the table, and what is compared before anyone gets it.
_OPEN = [_S[one.name] for one in fields(Case) if one.name != "state"]
_FIND = select(*_OPEN, STATE, _S.code_hash).where(_S.number == bindparam("number"))
_CLOSED = select(docket.c.closed).where(docket.c.case_id == bindparam("case_id"))
_REPLIES = (
    select(replies.c.id, replies.c.at, replies.c.sealed, WITHDRAWN)
    .where(replies.c.case_id == bindparam("case_id"))
    .order_by(replies.c.id)
)
_FILE = insert(files)
_CHUNKS = insert(chunks)
_COMPLETE = update(files).where(files.c.id == bindparam("which")).values(chunks=bindparam("many"))
_PENDING = (
    files.c.id == bindparam("which"),
    files.c.draft == bindparam("of"),
    files.c.case_id.is_(None),
)
_ATTACH = (
    update(files)
    .where(*_PENDING, files.c.chunks.is_not(None))
    .values(case_id=bindparam("case"), position=bindparam("place"))
)
_PENDING_ID = select(files.c.id).where(*_PENDING)
_DROP_CHUNKS = delete(chunks).where(chunks.c.file_id == bindparam("which"))
_DROP_FILE = delete(files).where(files.c.id == bindparam("which"))
_PULSE = text(
    "INSERT INTO counters (year, last) VALUES (0, :at) ON CONFLICT (year) DO UPDATE SET last = :at"
)


class Store:
    """The queue behind ``url`` (``sqlite:///…`` or ``postgresql+psycopg://…``), already migrated.

    ``patience``: seconds that a caller waits to write. ``waiting``: how many callers may wait at
    once; the next hears StoreBusy immediately, so that threads are left for reading. ``handling``:
    gives the courses by which a case goes on; a store without it only files and reads. No
    connection before the first use, so a server may fork before.
    """

    def __init__(
        self,
        url: str,
        *,
        patience: float = 2.0,
        waiting: int = 6,
        handling: HandlingNow | None = None,
    ) -> None:
        self._handling = handling
        self._database = Database(url, lock_wait=patience)
        self._writer = Writer(self._database, patience=patience, waiting=waiting)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Finish what was begun and let go of the database."""
        self._writer.close()
        self._database.engine.dispose()

    # -- filing

    def file(self, filing: Filing, now: datetime) -> Filed:
        """Store a submission with its first event, files, booking and parent's event, all or none.

        Returns after the commit. The same form again gives the same receipt (``repeated``), with
        the booking as it is now. Raises AnswersDiffer, NotOpen, NotReceived.
        """
        at = seconds(now)
        year = moment(at).year
        handling = self.handling() if self._handling else None
        return self._writer.submit(lambda connection: _file(connection, handling, filing, at, year))

    def receipt(self, form_hash: bytes) -> Filed | None:
        """The receipt of a form that was filed before."""

        def read(connection: Connection) -> Filed | None:
            row = connection.execute(_FILED, {"form_hash": form_hash}).one_or_none()
            return None if row is None else _receipt(connection, row)

        return self.read(read)

    def keep_file(
        self, draft: bytes, head: bytes, key_id: str, parts: Iterable[bytes], now: datetime
    ) -> str:
        """Keep an uploaded file until the form ``draft`` (its form_hash) is filed; gives its id.

        A mebibyte to a transaction, so that a large file does not hold up others' filings; a file
        counts only once its last part is there.
        """
        file_id = secrets.token_hex(16)
        row = {"id": file_id, "draft": draft, "head": head, "key_id": key_id, "at": seconds(now)}
        rest, position = iter(parts), 0
        batch = list(islice(rest, _BATCH))
        try:
            while True:
                after = list(islice(rest, _BATCH))
                job = _Part(row, position, tuple(batch), last=not after)
                self._writer.submit(job)
                position += len(batch)
                if not after:
                    return file_id
                batch = after
        except NotReceived:
            raise  # purge takes what is left of it; trying now would only keep him waiting
        except BaseException:
            with suppress(NotReceived):
                self.drop_file(draft, file_id)
            raise

    def drop_file(self, draft: bytes, file_id: str) -> None:
        """Forget a file that no submission took; nothing happens if it is another form's."""

        def drop(connection: Connection) -> None:
            if connection.execute(_PENDING_ID, {"which": file_id, "of": draft}).first():
                connection.execute(_DROP_CHUNKS, {"which": file_id})
                connection.execute(_DROP_FILE, {"which": file_id})

        self._writer.submit(drop)

    # -- a case and its course

    def find(self, number: str, code_hash: bytes) -> Case | None:
        """The case, if both are right. A wrong number takes the same way as a wrong code."""
        row = self.read(lambda connection: connection.execute(_FIND, {"number": number}).first())
        right = compare_digest(_NOBODY if row is None else row.code_hash, code_hash)
        if row is None or not right:
            return None
        values = row._asdict()
        del values["code_hash"]
        return Case(**values | {"at": moment(row.at)})

    def course(self, case_id: int) -> tuple[Entry, ...]:
        """All that happened to a case, oldest first."""
        return tuple(self.read(lambda connection: entries.history(connection, case_id)))

    def replies(self, case_id: int) -> tuple[SealedReply, ...]:
        """The answers, sealed to the petitioner's key, oldest first."""
        rows = self._rows(_REPLIES, {"case_id": case_id})
        return tuple(
            SealedReply(row.id, moment(row.at), row.sealed, bool(row.withdrawn)) for row in rows
        )

    def enter(self, case_id: int, writing: Writing, now: datetime) -> Entry:
        """Do a step of the case's course, or note something in it.

        Raises MoveForbidden if the course does not allow that, Overtaken if somebody was faster.
        ``cancelled`` gives the place back as ``cancel`` does.
        """
        at, handling = seconds(now), self.handling()

        def job(connection: Connection) -> Entry:
            made = entries.enter(connection, handling, case_id, writing, at)
            if writing.files:
                _attach(connection, writing.draft, writing.files, case_id, made.id)
            if made.state == "cancelled":
                places.give_back(connection, case_id, at)
            return made

        return self._writer.submit(job)

    def undo(self, case_id: int, writing: Writing, now: datetime) -> Entry:
        """Take the newest step back; ``writing.ref`` is its id. Raises as ``enter`` does."""
        at, handling = seconds(now), self.handling()
        return self._writer.submit(
            lambda connection: entries.undo(connection, handling, case_id, writing, at)
        )

    def handling(self) -> Handling:
        """How cases are handled now. ValueError: this store only files and reads."""
        if self._handling is None:
            raise ValueError("this store was opened without courses")
        return self._handling()

    # -- places

    def places(self, session_ids: Sequence[str]) -> dict[str, Places]:
        """How many hold a place and wait, for each of the sessions asked for."""
        found = dict.fromkeys(session_ids, Places(0, 0))
        for row in self._rows(places.COUNTED, {"session_ids": list(found)}) if found else ():
            found[row.session_id] = Places(int(row.held), int(row.waiting))
        return found

    def booking(self, case_id: int) -> Booking | None:
        """The case's booking as it is now; None if it never had one."""
        return self.read(lambda connection: places.booking_of(connection, case_id))

    def rebook(
        self, case_id: int, wanted: Wanted, now: datetime, *, may_wait: bool = False
    ) -> Booking:
        """Take another session and give the old place back, both or none.

        A full session is refused (NotOpen ``session-full``) and the old place stays, unless
        ``may_wait``: then he waits there, knowingly without a place.
        """
        at = seconds(now)

        def job(connection: Connection) -> Booking:
            line = connection.execute(_CLOSED, {"case_id": case_id}).one_or_none()
            if line is None or line.closed is not None:
                raise MoveForbidden(
                    "move-forbidden", "这次预约已经结束或取消，不能再改，请另约一场。"
                )
            return places.rebook(connection, case_id, wanted, at, may_wait=may_wait)

        return self._writer.submit(job)

    def cancel(self, case_id: int, now: datetime) -> Booking:
        """The petitioner gives his place back; the first who waits gets it while booking is open.

        The appointment is then in state ``cancelled``. Again: no change. Raises NotOpen
        ``no-booking``, and MoveForbidden once the appointment is over.
        """
        at, handling = seconds(now), self.handling()

        def job(connection: Connection) -> Booking:
            old = places.booking_of(connection, case_id)
            if old is None:
                raise NotOpen("no-booking", "这个编号没有预约接待，不需要取消。")
            if old.state != "cancelled":
                writing = Writing("cancelled", PETITIONER)
                entries.enter(connection, handling, case_id, writing, at)
                places.give_back(connection, case_id, at)
            return Booking(old.session_id, old.sequence, "cancelled", None)

        return self._writer.submit(job)

    # -- upkeep

    def probe(self, now: datetime) -> None:
        """Write and commit one small row: raises what a filing would meet now (NotReceived).

        A write that is rolled back never reaches the disk and would not see that it is full.
        """
        at = seconds(now)

        def beat(connection: Connection) -> None:
            connection.execute(_PULSE, {"at": at})

        self._writer.submit(beat)

    def purge(self, today: date, keep: Keep) -> Purged:
        """Delete for good what has been kept long enough."""
        return purging.purge(self._database, self._writer, today, keep)

    def backup(self, to: Path) -> None:
        """A copy of the queue as it is now, while it goes on being written. ``to`` must be new."""
        upkeep.backup(self._database, to)

    # -- statements of others

    def write(self, job: Callable[[Connection], T]) -> T:
        """What ``job`` gives, committed; it may run twice. See ``Writer.submit``."""
        return self._writer.submit(job)

    def _rows(
        self, statement: Executable, values: Mapping[str, Any]
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        return self.read(lambda connection: connection.execute(statement, values).all())

    def read(self, read: Callable[[Connection], T]) -> T:
        """Read; once more if the connection was found dead, as after a restart of the database.

        For the desk's modules, which have tables of their own and share this queue's connections.
        """
        for last in (False, True):
            try:
                with self._database.engine.connect() as connection:
                    return read(connection)
            except DBAPIError as error:
                if last or not error.connection_invalidated:
                    raise trouble(error, certain=True) from None
        raise AssertionError


@dataclass(frozen=True, slots=True)
class _Part:
    """Some chunks of a file, written in one transaction; the first makes it, the last counts it."""

    file: Mapping[str, Any]
    position: int
    data: tuple[bytes, ...]
    last: bool

    def __call__(self, connection: Connection) -> None:
        file_id, end = self.file["id"], self.position + len(self.data)
        if self.position == 0:
            connection.execute(_FILE, self.file)
        if self.data:
            rows = zip(range(self.position, end), self.data, strict=True)
            connection.execute(
                _CHUNKS, [{"file_id": file_id, "position": at, "data": one} for at, one in rows]
            )
        if self.last:
            connection.execute(_COMPLETE, {"which": file_id, "many": end})


def _file(
    connection: Connection, handling: Handling | None, filing: Filing, at: int, year: int
) -> Filed:
    """Everything of a filing; see ``Store.file``."""
    values = {"year": year, "form_hash": filing.form_hash}
    last = connection.execute(_NEXT, values).scalar_one_or_none()
    if last is None:
        return _repeated(connection, filing)
    number = f"{year}-{last:06d}"
    if filing.parent is not None and handling is not None:
        entries.same_lane(connection, filing.parent, filing.lane)
    case_id = connection.execute(_INSERT, _row(filing, number, at)).scalar_one()
    filed = Filed(case_id, number, moment(at), filing.form, None, repeated=False)
    entries.begin(connection, handling, filing, filed)
    if filing.parent is not None and filing.event is not None and handling is not None:
        note = Writing(filing.event, PETITIONER, ref=number)
        entries.enter(connection, handling, filing.parent, note, at)
    if filing.files:
        _attach(connection, filing.form_hash, filing.files, case_id)
    if filing.booking is None:
        return filed
    return replace(filed, booking=places.take(connection, case_id, filing.booking, at))


def _repeated(connection: Connection, filing: Filing) -> Filed:
    row = connection.execute(_FILED, {"form_hash": filing.form_hash}).one()
    if not compare_digest(row.answers_mac, filing.answers_mac):
        raise AnswersDiffer(
            "answers-differ",
            "这份表格已经提交过，这次的内容和上次不一样。要补充内容，请用编号和查询码查询后选“补充材料”。",
        )
    return _receipt(connection, row)


def _row(filing: Filing, number: str, at: int) -> dict[str, Any]:
    code_hash, petitioner_key = filing.code_of(number)
    row = {name: getattr(filing, name) for name in _AS_FILED}
    return row | {
        "number": number,
        "at": at,
        "code_hash": code_hash,
        "petitioner_key": petitioner_key,
    }


def _attach(
    connection: Connection, draft: bytes, ids: Sequence[str], case_id: int, first: int = 0
) -> None:
    """Give a form's uploads to the case. All must be there, whole and nobody else's."""
    rows = [
        {"which": one, "of": draft, "case": case_id, "place": place}
        for place, one in enumerate(ids, first)
    ]
    if connection.execute(_ATTACH, rows).rowcount != len(rows):
        raise NotReceived("file-missing", "有附件没有保存下来。", certain=True)


def _receipt(connection: Connection, row: Row[*tuple[Any, ...]]) -> Filed:
    booking = places.booking_of(connection, row.id) if row.booked else None
    return Filed(row.id, row.number, moment(row.at), row.form, booking, repeated=True)
