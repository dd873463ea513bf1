"""Whose turn it is in a reception: numbers that were called to a session; all SQL of it.

A call is the number of a case and nothing else. It is worth nothing after its day: the next day's
first call deletes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import Connection, bindparam, delete, insert, select

from casework.workdays import SHANGHAI
from intake_app.records import seconds
from intake_app.store import Store
from intake_app.tables import calls

_C = calls.c
_CALL = insert(calls)
_OLD = delete(calls).where(_C.at < bindparam("since"))
_OF = (
    select(_C.session, _C.number)
    .where(_C.session.in_(bindparam("sessions", expanding=True)))
    .order_by(_C.id)
)


@dataclass(frozen=True, slots=True)
class Called:
    """``now``: the number that is being received, None if nobody is. ``before``: all called."""

    now: str | None = None
    before: frozenset[str] = frozenset()


class Calls:
    """The calls of one queue. Methods raise NotReceived."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def call(self, session: str, number: str | None, now: datetime) -> None:
        """Receive this number in the session from now on; None: nobody, for the time being."""
        midnight = seconds(datetime.combine(now.date(), time(), SHANGHAI))

        def job(connection: Connection) -> None:
            connection.execute(_OLD, {"since": midnight})
            row = {"session": session, "number": number, "at": seconds(now)}
            connection.execute(_CALL, row)

        self._store.write(job)

    def of(self, sessions: Iterable[str]) -> dict[str, Called]:
        """How each of these sessions stands."""
        ids = list(sessions)
        found = dict.fromkeys(ids, Called())
        if not ids:
            return found
        rows = self._store.read(lambda connection: connection.execute(_OF, {"sessions": ids}).all())
        for row in rows:
            before = found[row.session].before
            found[row.session] = Called(row.number, before | {row.number} if row.number else before)
        return found
