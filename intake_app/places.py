"""Places in a session and the line of those who wait; exists so that the rules of the line are one.

Every function works inside the caller's write transaction, which no other writer shares: what is
counted here is still true when it is written.

The rules: who comes first gets a place; nobody passes the line; a place that is given back goes to
the first of the line in the same transaction, while booking is open. How many places there are is
what the latest known announcement (highest ``sequence``) of the session said.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, case, func, insert, select, update

from intake_app.entries import PROMOTED, REBOOKED, note
from intake_app.errors import NotOpen
from intake_app.records import Booking, PlaceState, Wanted, seconds
from intake_app.tables import bookings

__all__ = ["COUNTED", "booking_of", "give_back", "rebook", "take"]

_B = bookings.c
_ahead = bookings.alias("ahead")
_POSITION = (
    select(func.count())
    .where(
        _ahead.c.session_id == _B.session_id,
        _ahead.c.state == "waiting",
        _ahead.c.id <= _B.id,
    )
    .correlate(bookings)
    .scalar_subquery()
)
#: The latest booking of case ``:case_id``; the only one that can count.
_OF_CASE = (
    select(bookings, _POSITION.label("position"))
    .where(_B.case_id == bindparam("case_id"))
    .order_by(_B.id.desc())
    .limit(1)
)
_HELD = func.coalesce(func.sum(case((_B.state == "held", 1), else_=0)), 0)
_WAITING = func.coalesce(func.sum(case((_B.state == "waiting", 1), else_=0)), 0)
_COUNT = select(_HELD.label("held"), _WAITING.label("waiting")).where(
    _B.session_id == bindparam("session_id"), _B.state.in_(("held", "waiting"))
)
#: Held and waiting of each of ``:session_ids``; sessions without bookings are left out.
COUNTED = (
    select(_B.session_id, _HELD.label("held"), _WAITING.label("waiting"))
    .where(
        _B.session_id.in_(bindparam("session_ids", expanding=True)),
        _B.state.in_(("held", "waiting")),
    )
    .group_by(_B.session_id)
)
_ANNOUNCED = (
    select(_B.quota, _B.closes)
    .where(_B.session_id == bindparam("session_id"))
    .order_by(_B.sequence.desc(), _B.id.desc())
    .limit(1)
)
_LINE = (
    select(_B.id, _B.case_id)
    .where(and_(_B.session_id == bindparam("session_id"), _B.state == "waiting"))
    .order_by(_B.id)
    .limit(bindparam("many"))
)
_INSERT = insert(bookings)
_SET_STATE = update(bookings).where(_B.id == bindparam("which")).values(state=bindparam("state"))
_SEEN = (
    update(bookings)
    .where(_B.id == bindparam("which"))
    .values(sequence=bindparam("sequence"), quota=bindparam("quota"), closes=bindparam("closes"))
)


def booking_of(connection: Connection, case_id: int) -> Booking | None:
    """The case's booking as it is now."""
    row = connection.execute(_OF_CASE, {"case_id": case_id}).one_or_none()
    return None if row is None else _record(row)


def take(connection: Connection, case_id: int, wanted: Wanted, at: int) -> Booking:
    """A place, or the end of the line if there is none. Raises NotOpen from the close on."""
    _open(wanted, at)
    free, waiting = _promote(connection, wanted.session_id, wanted.quota, at)
    state: PlaceState = "held" if free else "waiting"
    row = _seen(wanted) | {"case_id": case_id, "state": state, "at": at}
    connection.execute(_INSERT, row | {"session_id": wanted.session_id})
    return Booking(wanted.session_id, wanted.sequence, state, None if free else waiting + 1)


def rebook(
    connection: Connection, case_id: int, wanted: Wanted, at: int, *, may_wait: bool
) -> Booking:
    """Another session for the case; its old place is given back in the same transaction.

    A full session is refused with NotOpen ``session-full`` and the old place stays his, unless he
    said that he would rather wait there. The same session again keeps the place
    and notes the newer announcement.
    """
    _open(wanted, at)
    old = connection.execute(_OF_CASE, {"case_id": case_id}).one_or_none()
    if old is not None and old.state != "cancelled":
        if old.session_id == wanted.session_id:
            connection.execute(_SEEN, _seen(wanted) | {"which": old.id})
            _promote(connection, wanted.session_id, wanted.quota, at)
            return _record(connection.execute(_OF_CASE, {"case_id": case_id}).one())
        if not may_wait and not _promote(connection, wanted.session_id, wanted.quota, at)[0]:
            raise NotOpen(
                "session-full",
                "这一场已经约满，您原来的预约没有变。如果愿意放弃原来的预约到这一场排队候补，请确认后再改。",
            )
        _give_back(connection, old, at)
    new = take(connection, case_id, wanted, at)
    note(connection, case_id, REBOOKED, wanted.session_id, at)
    return new


def give_back(connection: Connection, case_id: int, at: int) -> None:
    """The place is free again; the first of the line gets it if booking is still open."""
    old = connection.execute(_OF_CASE, {"case_id": case_id}).one_or_none()
    if old is not None and old.state != "cancelled":
        _give_back(connection, old, at)


def _give_back(connection: Connection, old: Row[*tuple[Any, ...]], at: int) -> None:
    connection.execute(_SET_STATE, {"which": old.id, "state": "cancelled"})
    announced = connection.execute(_ANNOUNCED, {"session_id": old.session_id}).one()
    if at < announced.closes:
        _promote(connection, old.session_id, announced.quota, at)


def _promote(
    connection: Connection, session_id: str, quota: int | None, at: int
) -> tuple[bool, int]:
    """Fill the places that are free from the line. Whether one is left, and how many wait still."""
    held, waiting = connection.execute(_COUNT, {"session_id": session_id}).one()
    many = waiting if quota is None else max(0, min(waiting, quota - held))
    if many:
        line = connection.execute(_LINE, {"session_id": session_id, "many": many}).all()
        connection.execute(_SET_STATE, [{"which": one.id, "state": "held"} for one in line])
        for one in line:
            note(connection, one.case_id, PROMOTED, session_id, at)
    return quota is None or held + many < quota, waiting - many


def _open(wanted: Wanted, at: int) -> None:
    if at >= seconds(wanted.closes):
        raise NotOpen(
            "session-closed",
            "这一场的预约已经截止，您的预约没有登记。请改选别的场次，或按接待时间直接来访。",
        )


def _seen(wanted: Wanted) -> dict[str, object]:
    """The announcement as this citizen saw it."""
    closes = seconds(wanted.closes)
    return {"sequence": wanted.sequence, "quota": wanted.quota, "closes": closes}


def _record(row: Row[*tuple[Any, ...]]) -> Booking:
    return Booking(row.session_id, row.sequence, row.state, _position(row))


def _position(row: Row[*tuple[Any, ...]]) -> int | None:
    return row.position if row.state == "waiting" else None
