"""Whose turn it is in a reception: numbers that were called to a session; all SQL of it.

A call is the number of a case and nothing else. It is worth nothing after its day: the next day's
first call deletes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from casework.workdays import SHANGHAI
from intake_app.errors import MoveForbidden
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

    def call(
        self,
        session: str,
        number: str | None,
        now: datetime,
        *,
        seen: str | None = None,
        fresh: bool = False,
    ) -> None:
        """Receive this number in the session from now on; None: nobody, for the time being.

        ``seen``: who was received when whoever calls looked, "" if nobody was; ``fresh``: the
        number is nobody's who was called before. MoveForbidden if that is no longer so.
        """
        midnight = seconds(datetime.combine(now.date(), time(), SHANGHAI))

        def job(connection: Connection) -> None:
            connection.execute(_OLD, {"since": midnight})
            found = _stands(connection.execute(_OF, {"sessions": [session]}).all(), [session])
            stands = found[session]
            late = seen is not None and seen != (stands.now or "")
            if late or (fresh and number in stands.before):
                raise MoveForbidden("called-meanwhile", _meanwhile(stands))
            row = {"session": session, "number": number, "at": seconds(now)}
            connection.execute(_CALL, row)

        self._store.write(job)

    def of(self, sessions: Iterable[str]) -> dict[str, Called]:
        """How each of these sessions stands."""
        ids = list(sessions)
        if not ids:
            return {}
        rows = self._store.read(lambda connection: connection.execute(_OF, {"sessions": ids}).all())
        return _stands(rows, ids)


def _stands(rows: Iterable[Any], sessions: Iterable[str]) -> dict[str, Called]:
    found = dict.fromkeys(sessions, Called())
    for row in rows:
        before = found[row.session].before
        found[row.session] = Called(row.number, before | {row.number} if row.number else before)
    return found


def _meanwhile(stands: Called) -> str:
    """What the slower of two reads."""
    now = f"刚刚已经叫了{stands.now}" if stands.now else "刚刚有人点了，现在没有人在接待"
    return f"{now}，您这一次没有叫。请看过名单再叫。"
