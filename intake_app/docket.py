"""The desk's list of cases: who may see which, what is due, who takes up what; all SQL of it.

Every read and every write is through a ``Scope``: a case that is out of it is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    update,
)

from casework.courses import Courses
from casework.record import UNDONE, Actor, Entry, counting
from casework.workdays import SHANGHAI
from intake_app import entries, rerouting
from intake_app.arrangement import arrangement
from intake_app.entries import CLAIMED, CORRECTED, LINKED, Writing
from intake_app.errors import MoveForbidden
from intake_app.published import host
from intake_app.records import Lane, moment, seconds
from intake_app.store import Store
from intake_app.tables import (
    WITHDRAWN,
    bookings,
    chunks,
    docket,
    events,
    files,
    replies,
    submissions,
    taken_back,
)

__all__ = ["VIEWS", "Booked", "Child", "Docket", "Filter", "Held", "Line", "Scope", "View"]

View = Literal["open", "new", "soon", "late", "mine", "news", "closed", "all"]
#: The lists of the day's work, as staff call them.
VIEWS: Mapping[View, str] = {
    "open": "在办",
    "new": "新来的",
    "mine": "等我办",
    "soon": "快到期",
    "late": "已超期",
    "news": "信访人有新话",
    "closed": "已办结",
    "all": "全部",
}
SOON = timedelta(days=7)
PAGE = 50
_BATCH = 500  # cases whose histories are read by one statement
#: From so many persons on a visit is one of many (《信访工作条例》: five representatives).
MANY = 5
#: Counts go no further: whoever has more than that reads "99+" just as well.
MOST = 100
_NEW = ("received", "registered")
_CLAIMING = ("clerk", "report")
_D = docket.c
_B = bookings.c


@dataclass(frozen=True, slots=True)
class Scope:
    """The cases that a person may see. None: no limit of that kind.

    ``unit``: only cases of that unit; ``person``: only those of that leader. A report of wrongdoing
    is in its own lane, and whoever sees that lane sees nothing else.
    """

    lane: Lane = "common"
    institutions: frozenset[str] | None = None
    unit: str | None = None
    person: str | None = None

    def condition(self, *, narrow: bool = False) -> ColumnElement[bool]:
        """What the docket's lines must be.

        ``narrow``: something else leaves few lines; said so that SQLite, which knows no numbers,
        does not walk through the whole lane instead.
        """
        found = self.anywhere(narrow=narrow)
        if self.institutions is not None and self.lane == "common":
            mine = _D.institution.in_(sorted(self.institutions))
            return and_(found, or_(mine, _D.institution.is_(None)))  # named none: everybody's
        return found

    def anywhere(self, *, narrow: bool = False) -> ColumnElement[bool]:
        """The same, of whichever institution: something else says that it concerns this person."""
        few = narrow or self.unit is not None or self.person is not None
        found = [(_D.lane.concat("") if few else _D.lane) == self.lane]
        if self.unit is not None:
            found.append(_D.unit == self.unit)
        if self.person is not None:
            found.append(or_(_D.leader == self.person, _D.incharge == self.person))
        return and_(*found)

    def covers(self, institution: str | None) -> bool:
        """Is a case of that institution his?"""
        return (
            self.institutions is None
            or self.lane != "common"
            or institution is None
            or institution in self.institutions
        )


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; empty: everything. Days are inclusive."""

    view: View = "open"
    institution: str = ""
    matter: str = ""
    state: str = ""
    unit: str = ""
    leader: str = ""
    session: str = ""
    due_from: date | None = None
    due_to: date | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A case as the list shows it; nothing of it is a person's word.

    ``next_what``: the clock whose day is next, or ``named``. ``waits``: the role that acts next.
    ``news``: something of the petitioner's that nobody has answered by an entry. ``due``: the last
    day for the answer to an appeal, ``answered``: the day on which it was given.
    """

    case_id: int
    number: str
    lane: Lane
    form: str
    course: str
    institution: str | None
    received: datetime
    state: str
    closed: datetime | None
    matter: str | None
    unit: str | None
    leader: str | None
    incharge: str | None
    session: str | None
    channel: str
    area: str | None
    people: int
    urgent: bool
    next_day: date | None
    next_what: str | None
    waits: str | None
    claimed: str | None
    kin: int | None
    news: bool
    due: date | None
    answered: date | None
    last: int


@dataclass(frozen=True, slots=True, repr=False)
class Held:
    """A case with its history and all that is sealed in it; ``texts``: entry → envelope."""

    line: Line
    history: tuple[Entry, ...]
    sealed: bytes
    petitioner_key: bytes
    texts: Mapping[int, bytes]
    files: tuple[tuple[str, bytes], ...]  # id, sealed head
    replies: tuple[tuple[datetime, str, bytes, bool], ...]  # at, by, office's copy, taken back
    children: tuple[Child, ...]
    kin: tuple[Line, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Child:
    """What was filed to the case: a supplement, a wish to withdraw, a rating."""

    number: str
    form: str
    at: datetime
    sealed: bytes
    files: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Booked:
    """An appointment of a session. ``position``: in the waiting line, None with a place."""

    line: Line
    session_id: str
    sequence: int
    position: int | None


class Docket:
    """The list behind a store. Reading and writing raise as the store's own methods do."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # -- lists

    def lines(
        self, scope: Scope, wanted: Filter, today: date, *, actor: Actor, page: int = 1
    ) -> tuple[tuple[Line, ...], bool]:
        """A page of the list, the most pressing first, and whether there are more."""
        found = (
            select(docket)
            .where(scope.condition(), *_conditions(wanted, today, actor))
            .order_by(*_order(wanted.view))
            .limit(PAGE + 1)
            .offset(max(0, page - 1) * PAGE)
        )
        rows = self._store.read(lambda connection: connection.execute(found).all())
        return tuple(_line(row) for row in rows[:PAGE]), len(rows) > PAGE

    def counts(self, scope: Scope, today: date, *, actor: Actor) -> dict[View, int]:
        """How many there are in the lists that call for work; ``MOST`` stands for that and more."""
        wanted: tuple[View, ...] = ("new", "mine", "soon", "late", "news")
        parts = {view: _counted(scope, Filter(view=view), today, actor) for view in wanted}

        def read(connection: Connection) -> dict[View, int]:
            return {view: int(connection.execute(one).scalar_one()) for view, one in parts.items()}

        return self._store.read(read)

    def newest(
        self, scope: Scope, wanted: Filter, today: date, *, actor: Actor, most: int
    ) -> list[Line]:
        """The newest cases of a list, to be searched."""
        found = (
            select(docket)
            .where(scope.condition(), *_conditions(wanted, today, actor))
            .order_by(_D.case_id.desc())
            .limit(most)
        )
        rows = self._store.read(lambda connection: connection.execute(found).all())
        return [_line(row) for row in rows]

    # -- one case

    def find(self, scope: Scope, number: str) -> Line | None:
        """The case of that number, or the one that what has that number was filed to."""
        of = select(func.coalesce(submissions.c.parent, submissions.c.id)).where(
            submissions.c.number == number
        )
        row = self._store.read(lambda connection: _row(connection, scope, _D.case_id.in_(of)))
        return None if row is None else _line(row)

    def line(self, scope: Scope, case_id: int) -> Line | None:
        """The case, if it is in the scope, or is received in a session of its institutions."""
        row = self._store.read(lambda connection: _row(connection, scope, _D.case_id == case_id))
        return None if row is None else _line(row)

    def case(self, scope: Scope, case_id: int) -> Held | None:
        """The case with everything in it, if it is in the scope."""

        def read(connection: Connection) -> Held | None:
            row = _row(connection, scope, _D.case_id == case_id)
            return None if row is None else _held(connection, _line(row), scope)

        return self._store.read(read)

    def chunks(self, scope: Scope, case_id: int, file_id: str) -> tuple[bytes, list[bytes]] | None:
        """A file's sealed head and chunks, if it is the case's or one of its children's."""

        def read(connection: Connection) -> tuple[bytes, list[bytes]] | None:
            row = _row(connection, scope, _D.case_id == case_id)
            if row is None:
                return None
            own = select(submissions.c.id).where(
                or_(submissions.c.id == row.case_id, submissions.c.parent == row.case_id)
            )
            head = connection.execute(
                select(files.c.head).where(files.c.id == file_id, files.c.case_id.in_(own))
            ).one_or_none()
            if head is None:
                return None
            parts = select(chunks.c.data).where(chunks.c.file_id == file_id)
            return head.head, list(connection.execute(parts.order_by(chunks.c.position)).scalars())

        return self._store.read(read)

    # -- what is done

    def enter(self, scope: Scope, case_id: int, writing: Writing, now: datetime) -> Entry:
        """Add an entry to a case of the scope. MoveForbidden, Overtaken, as ``Store.enter``."""
        return self._store.enter(self._known(scope, case_id).case_id, writing, now)

    def undo(self, scope: Scope, case_id: int, writing: Writing, now: datetime) -> Entry:
        """Take back the newest step of a case of the scope."""
        return self._store.undo(self._known(scope, case_id).case_id, writing, now)

    def claim(self, scope: Scope, actor: Actor, now: datetime) -> Line | None:
        """Take up the oldest new case that nobody has: no two ever get the same. None: no more."""
        at = seconds(now)

        def job(connection: Connection) -> Line | None:
            row = connection.execute(_next(scope)).one_or_none()
            if row is None:
                return None
            mine = update(docket).where(_D.case_id == row.case_id).values(claimed=actor.id)
            connection.execute(mine)
            handling = self._store.handling()
            entries.enter(connection, handling, row.case_id, Writing(CLAIMED, actor), at)
            taken = select(docket).where(_D.case_id == row.case_id)
            return _line(connection.execute(taken).one())

        return self._store.write(job)

    def link(self, scope: Scope, case_id: int, other: str, actor: Actor, now: datetime) -> None:
        """Tie the case to that of the number ``other``: one matter, and each keeps its number."""
        at = seconds(now)
        tied_to = self.find(scope, other)
        if tied_to is None:
            raise MoveForbidden("no-case", "没有这个编号的事项，请核对编号。")
        ids = [self._known(scope, case_id).case_id, tied_to.case_id]
        if ids[0] == ids[1]:
            raise MoveForbidden("same-case", "这是同一件，不用关联。")
        pair = select(docket).where(_D.case_id.in_(ids)).order_by(_D.case_id).with_for_update()

        def job(connection: Connection) -> None:
            both = connection.execute(pair).all()
            if len(both) < len(ids):
                raise MoveForbidden("no-case", "没有这件事项，或者不归您看。")
            if both[0].kin is not None and both[0].kin == both[1].kin:
                raise MoveForbidden("same-kin", "这两件已经关联了。")
            kin = min(one.kin or one.case_id for one in both)
            groups = [one.kin for one in both if one.kin]
            members = or_(_D.case_id.in_(ids), _D.kin.in_(groups) if groups else false())
            connection.execute(update(docket).where(members).values(kin=kin))
            handling = self._store.handling()
            for one, tied in (both, both[::-1]):
                writing = Writing(LINKED, actor, ref=tied.number)
                entries.enter(connection, handling, one.case_id, writing, at)

        self._store.write(job)

    def untie(self, scope: Scope, case_id: int, writing: Writing, now: datetime) -> None:
        """Take a tie back on both sides; ``writing.ref`` is its entry in this case.

        Raises MoveForbidden, Overtaken. Who is still tied to whom is read from what counts.
        """
        at, handling = seconds(now), self._store.handling()
        self._known(scope, case_id)

        def job(connection: Connection) -> None:
            line = connection.execute(select(docket).where(_D.case_id == case_id)).one()
            alike = and_(_D.kin == line.kin, _D.lane == line.lane)
            group = select(docket).where(alike if line.kin else _D.case_id == case_id)
            held = connection.execute(group.order_by(_D.case_id).with_for_update())
            kin = {row.number: row for row in held}
            ties = _ties(connection, kin.values())
            own = ties.get(case_id, [])
            tie = next((one for one in own if str(one.id) == writing.ref), None)
            entries.undo(connection, handling, case_id, writing, at)
            other = kin.get(tie.ref or "") if tie else None
            if tie is not None and other is not None:
                mine = (one for one in reversed(ties[other.case_id]) if one.ref == line.number)
                if (theirs := next(mine, None)) is not None:
                    both = Writing(UNDONE, writing.actor, ref=str(theirs.id))
                    entries.undo(connection, handling, other.case_id, both, at)
            _regroup(connection, kin)

        self._store.write(job)

    def hand(
        self, scope: Scope, case_id: int, to: str | None, writing: Writing, now: datetime
    ) -> None:
        """Give a case that somebody took up to another, or back to all (``to`` None)."""
        at, handling = seconds(now), self._store.handling()
        self._known(scope, case_id)

        def job(connection: Connection) -> None:
            entries.enter(connection, handling, case_id, writing, at)
            given = update(docket).where(_D.case_id == case_id).values(claimed=to)
            connection.execute(given)

        self._store.write(job)

    def reroute(
        self,
        scope: Scope,
        case_id: int,
        writing: Writing,
        now: datetime,
        *,
        kind: str,
        institution: str | None,
    ) -> None:
        """Let the case begin anew elsewhere or by another kind of course. As ``rerouting``."""
        at, handling = seconds(now), self._store.handling()
        self._known(scope, case_id)
        self._store.write(
            lambda connection: rerouting.reroute(
                connection, handling, case_id, writing, at, kind=kind, institution=institution
            )
        )

    def to_reports(
        self,
        scope: Scope,
        case_id: int,
        writing: Writing,
        now: datetime,
        *,
        reseal: rerouting.Reseal,
        key_id: str,
    ) -> None:
        """Give the case to the report officer, sealed anew. As ``rerouting``."""
        at, handling = seconds(now), self._store.handling()
        self._known(scope, case_id)
        self._store.write(
            lambda connection: rerouting.to_reports(
                connection, handling, case_id, writing, at, reseal=reseal, key_id=key_id
            )
        )

    def stray(self, courses: Courses) -> list[str]:
        """Numbers of open cases that no step leads on from: their course lost the state."""
        kinds = select(_D.course, _D.institution, _D.state, func.min(_D.number).label("number"))
        found = kinds.where(_D.closed.is_(None)).group_by(_D.course, _D.institution, _D.state)
        rows = self._store.read(lambda connection: connection.execute(found).all())
        return sorted(
            row.number
            for row in rows
            if row.state not in courses.of(row.course, row.institution).states
        )

    def rebuild(self) -> int:
        """Work every line out of its events again, as after a change of courses or limits."""
        ids = self._store.read(
            lambda connection: connection.execute(select(_D.case_id)).scalars().all()
        )
        for some in range(0, len(ids), PAGE):
            part = ids[some : some + PAGE]
            self._store.write(lambda connection, part=part: self._refresh(connection, part))  # type: ignore[misc]
        return len(ids)

    def _refresh(self, connection: Connection, ids: Sequence[int]) -> None:
        handling = self._store.handling()
        held = entries.LINE.where(_D.case_id.in_(ids)).with_for_update(of=docket)
        for row in connection.execute(held).all():
            follows = entries.follow(row, entries.history(connection, row.case_id), handling)
            connection.execute(update(docket).where(_D.case_id == row.case_id).values(**follows))

    def _known(self, scope: Scope, case_id: int) -> Line:
        found = self.line(scope, case_id)
        if found is None:
            raise MoveForbidden("no-case", "没有这件事项，或者不归您看。")
        return found

    # -- reception days

    def booked(self, scope: Scope, session_ids: Iterable[str]) -> tuple[Booked, ...]:
        """The appointments of these sessions, those with a place first, in their order.

        Whoever asks may see the sessions, and so all who are received in them, whichever
        institution their case is of; the same holds below.
        """
        found = (
            select(docket, _B.session_id.label("of"), _B.sequence, _B.state.label("place"))
            .join(bookings, _B.case_id == _D.case_id)
            .where(_B.session_id.in_(list(session_ids)), _B.state != "cancelled")
            .where(scope.anywhere(narrow=True))
            .order_by(_B.session_id, _B.state, _B.id)  # "held" comes before "waiting"
        )
        rows = self._store.read(lambda connection: connection.execute(found).all())
        made, waiting = [], dict.fromkeys((row.of for row in rows), 0)
        for row in rows:
            waiting[row.of] += row.place == "waiting"
            position = waiting[row.of] if row.place == "waiting" else None
            made.append(Booked(_line(row), row.of, row.sequence, position))
        return tuple(made)

    def arranged(self, scope: Scope, session_ids: Iterable[str]) -> tuple[Line, ...]:
        """The cases that are to be heard in these sessions, or were; also those closed since."""
        found = (
            select(docket)
            .where(_D.session.in_(list(session_ids)), _D.course != "appointment")
            .where(scope.anywhere(narrow=True))
            .order_by(_D.session, _D.case_id)
        )
        rows = self._store.read(lambda connection: connection.execute(found).all())
        return tuple(_line(row) for row in rows)

    def heard(self, scope: Scope, session_ids: Iterable[str]) -> frozenset[int]:
        """Those of the cases arranged for these sessions that were heard since."""
        ids = [one.case_id for one in self.arranged(scope, session_ids)]
        read = {case_id: arrangement(told) for case_id, told in self.histories(ids).items()}
        return frozenset(case_id for case_id, one in read.items() if one and one.heard)

    # -- a month

    def between(
        self, scope: Scope, column: Literal["received", "closed", "due"], start: date, end: date
    ) -> tuple[Line, ...]:
        """The cases received, closed or due from ``start`` to ``end``, both included."""
        kept: Callable[[date], int] = date.toordinal if column == "due" else _midnight
        found = (
            select(docket)
            .where(_D[column] >= kept(start), _D[column] < kept(end + timedelta(days=1)))
            .where(scope.condition())
            .order_by(_D.case_id)
        )
        rows = self._store.read(lambda connection: connection.execute(found).all())
        return tuple(_line(row) for row in rows)

    def histories(self, case_ids: Iterable[int]) -> dict[int, list[Entry]]:
        """All entries of these cases, oldest first; for those that a list has named before."""
        ids = list(case_ids)

        def read(connection: Connection) -> dict[int, list[Entry]]:
            found: dict[int, list[Entry]] = {one: [] for one in ids}
            for some in range(0, len(ids), _BATCH):
                for case_id, entry in entries.histories(connection, ids[some : some + _BATCH]):
                    found[case_id].append(entry)
            return found

        return self._store.read(read)

    def written(self, case_ids: Iterable[int]) -> dict[int, tuple[bytes, ...]]:
        """What the petitioners of these cases wrote, sealed, each with what was corrected since."""
        ids = list(case_ids)

        def read(connection: Connection) -> dict[int, tuple[bytes, ...]]:
            found: dict[int, tuple[bytes, ...]] = {}
            for some in range(0, len(ids), _BATCH):
                these = ids[some : some + _BATCH]
                own = select(submissions.c.id, submissions.c.sealed)
                rows = connection.execute(own.where(submissions.c.id.in_(these)))
                found |= {row.id: (row.sealed,) for row in rows}
                for row in connection.execute(_CORRECTED.where(events.c.case_id.in_(these))):
                    found[row.case_id] += (row.sealed,)
            return found

        return self._store.read(read)

    def pressing(
        self, scope: Scope, institution: str, today: date, *, most: int
    ) -> tuple[Line, ...]:
        """Open cases of an institution that are late, urgent, of many, tied or a leader's."""
        heavy = or_(
            _D.next_day < today.toordinal(),
            _D.urgent.is_(True),
            _D.people >= MANY,
            _D.kin.is_not(None),
            _D.leader.is_not(None),
        )
        own = and_(_D.institution == institution, _D.course != "appointment")
        found = (
            select(docket)
            .where(scope.condition(), _D.closed.is_(None), own, heavy)
            .order_by(*_order("late"))
            .limit(most)
        )
        rows = self._store.read(lambda connection: connection.execute(found).all())
        return tuple(_line(row) for row in rows)

    def overdue(self, scope: Scope, today: date) -> tuple[Line, ...]:
        """The open cases whose next day is over, the longest overdue first."""
        found = (
            select(docket)
            .where(scope.condition(), _D.closed.is_(None), _D.next_day < today.toordinal())
            .order_by(_D.next_day, _D.case_id)
        )
        rows = self._store.read(lambda connection: connection.execute(found).all())
        return tuple(_line(row) for row in rows)


_CORRECTED = (
    select(events.c.case_id, events.c.sealed)
    .where(events.c.kind == CORRECTED, events.c.sealed.is_not(None))
    .where(~taken_back(events.c.case_id, events.c.id))
    .order_by(events.c.id)
)


# ── statements ───────────────────────────────────────────────────────────────────────────────


def _conditions(wanted: Filter, today: date, actor: Actor) -> list[ColumnElement[bool]]:
    found = _view(wanted.view, today, actor)
    for name in ("institution", "matter", "state", "unit", "session"):
        if value := getattr(wanted, name):
            found.append(_D[name] == value)
    if wanted.leader:
        found.append(or_(_D.leader == wanted.leader, _D.incharge == wanted.leader))
    if wanted.number:
        found.append(_D.number == wanted.number)
    if wanted.due_from:
        found.append(_D.next_day >= wanted.due_from.toordinal())
    if wanted.due_to:
        found.append(_D.next_day <= wanted.due_to.toordinal())
    return found


def _view(view: View, today: date, actor: Actor) -> list[ColumnElement[bool]]:
    day, is_open = today.toordinal(), _D.closed.is_(None)
    mine = [is_open, _D.waits == actor.role, _D.course != "appointment"]
    if actor.role in _CLAIMING:  # a unit or a leader waits for nobody's taking it up
        mine.append(or_(_D.claimed == actor.id, _D.claimed.is_(None)))
    views: Mapping[View, list[ColumnElement[bool]]] = {
        "open": [is_open],
        "new": [is_open, _D.state.in_(_NEW), _D.course != "appointment"],
        "mine": mine,
        "soon": [is_open, _D.next_day.between(day, day + SOON.days)],
        "late": [is_open, _D.next_day < day],
        "news": [_D.news.is_not(None)],
        "closed": [_D.closed.is_not(None)],
        "all": [],
    }
    return list(views[view])


def _order(view: View) -> list[Any]:
    if view == "closed":
        return [_D.closed.desc(), _D.case_id.desc()]
    if view == "all":
        return [_D.case_id.desc()]
    dated = case((_D.next_day.is_(None), 1), else_=0)
    return [_D.urgent.desc(), dated, _D.next_day, _D.case_id]


def _counted(scope: Scope, wanted: Filter, today: date, actor: Actor) -> Select[Any]:
    some = select(_D.case_id).where(scope.condition(), *_conditions(wanted, today, actor))
    return select(func.count()).select_from(some.limit(MOST).subquery())


def _next(scope: Scope) -> Select[Any]:
    """The oldest new case that nobody took up; rows that another holds are passed over."""
    return (
        select(docket)
        .where(
            scope.condition(),
            _D.closed.is_(None),
            _D.state.in_(_NEW),
            _D.course != "appointment",
            _D.claimed.is_(None),
        )
        .order_by(_D.urgent.desc(), _D.case_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _midnight(day: date) -> int:
    return seconds(datetime.combine(day, time(), SHANGHAI))


# ── rows ─────────────────────────────────────────────────────────────────────────────────────

_NAMES = tuple(one.name for one in fields(Line))


_TAKE = itemgetter(*(docket.c.keys().index(name) for name in _NAMES))


def _line(row: Any) -> Line:
    """``row`` begins with the docket's columns."""
    values = dict(zip(_NAMES, _TAKE(row), strict=True))
    values["received"] = moment(row.received)
    values["closed"] = None if row.closed is None else moment(row.closed)
    for name in ("next_day", "due", "answered"):
        values[name] = None if values[name] is None else date.fromordinal(values[name])
    values["news"] = row.news is not None
    return Line(**values)


def _held(connection: Connection, line: Line, scope: Scope) -> Held:
    case_id = {"case_id": line.case_id}
    own = connection.execute(
        select(submissions.c.sealed, submissions.c.petitioner_key).where(
            submissions.c.id == line.case_id
        )
    ).one()
    texts = select(events.c.id, events.c.sealed).where(
        events.c.case_id == bindparam("case_id"), events.c.sealed.is_not(None)
    )
    told = (
        select(replies.c.at, replies.c.by, replies.c.sealed_office, WITHDRAWN)
        .where(replies.c.case_id == bindparam("case_id"))
        .order_by(replies.c.id)
    )
    return Held(
        line=line,
        history=tuple(entries.history(connection, line.case_id)),
        sealed=own.sealed,
        petitioner_key=own.petitioner_key,
        texts={row.id: row.sealed for row in connection.execute(texts, case_id)},
        files=_files(connection, line.case_id),
        replies=tuple(
            (moment(row.at), row.by, row.sealed_office, bool(row.withdrawn))
            for row in connection.execute(told, case_id)
        ),
        children=_children(connection, line.case_id),
        kin=_kin(connection, line, scope) if line.kin else (),
    )


def _row(connection: Connection, scope: Scope, which: ColumnElement[bool]) -> Any:
    """A case's line, if it may be seen: also one that is received in a session of the scope."""
    found = select(docket).where(which, scope.anywhere())
    row = connection.execute(found).one_or_none()
    return row if row is not None and _admitted(connection, scope, row) else None


def _admitted(connection: Connection, scope: Scope, row: Any) -> bool:
    if scope.covers(row.institution):
        return True
    booked = select(_B.session_id).where(_B.case_id == row.case_id, _B.state != "cancelled")
    sessions = [*connection.execute(booked).scalars(), *([row.session] if row.session else [])]
    return any(slug is not None and scope.covers(slug) for slug in map(host, sessions))


def _kin(connection: Connection, line: Line, scope: Scope) -> tuple[Line, ...]:
    found = select(docket).where(_D.kin == line.kin, _D.case_id != line.case_id, scope.anywhere())
    rows = connection.execute(found).all()
    return tuple(_line(row) for row in rows if _admitted(connection, scope, row))


def _ties(connection: Connection, lines: Iterable[Any]) -> dict[int, list[Entry]]:
    """Case → its ties to others that were not taken back."""
    told: dict[int, list[Entry]] = {row.case_id: [] for row in lines}
    for case_id, entry in entries.histories(connection, list(told)):
        told[case_id].append(entry)
    return {
        case_id: [one for one in counting(own) if one.kind == LINKED]
        for case_id, own in told.items()
    }


def _regroup(connection: Connection, kin: Mapping[str, Any]) -> None:
    """Cases that hang together by ties have one ``kin``; whoever has no tie left has none."""
    ties = _ties(connection, kin.values())
    left = {row.case_id for row in kin.values()}
    while left:
        group, fresh = set[int](), {min(left)}
        while fresh:
            group |= fresh
            refs = (one.ref or "" for case_id in fresh for one in ties[case_id])
            fresh = {kin[ref].case_id for ref in refs if ref in kin} - group
        left -= group
        which = min(group) if len(group) > 1 else None
        members = update(docket).where(_D.case_id.in_(group)).values(kin=which)
        connection.execute(members)


def _children(connection: Connection, case_id: int) -> tuple[Child, ...]:
    found = select(submissions).where(submissions.c.parent == case_id).order_by(submissions.c.id)
    return tuple(
        Child(row.number, row.form, moment(row.at), row.sealed, _files(connection, row.id))
        for row in connection.execute(found)
    )


def _files(connection: Connection, case_id: int) -> tuple[tuple[str, bytes], ...]:
    found = (
        select(files.c.id, files.c.head)
        .where(files.c.case_id == case_id)
        .order_by(files.c.position, files.c.id)
    )
    return tuple((row.id, row.head) for row in connection.execute(found))
