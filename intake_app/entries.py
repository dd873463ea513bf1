"""A case's history is added to, and its line in the docket follows; nowhere else is either written.

Functions for the writer: each takes the connection of a transaction that is under way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from casework.answering import answering
from casework.courses import FACTS, FIRST, Course, Step, wrong
from casework.deadlines import day_of
from casework.record import (
    BACK,
    RECEIVED,
    UNDONE,
    Actor,
    Entry,
    Handling,
    Standing,
    fold,
    handed_out,
    may,
    missing,
    next_step,
    undoable,
    untimely,
    waits_for,
)
from casework.record import dues as dues_of
from intake_app.arrangement import CALLED
from intake_app.errors import MoveForbidden, NotReceived, Overtaken
from intake_app.published import ONLINE
from intake_app.records import Filed, Filing, moment, seconds
from intake_app.tables import docket, events, replies, submissions

__all__ = ["LINE", "PETITIONER", "HandlingNow", "Writing"]
__all__ += ["begin", "enter", "follow", "histories", "history", "hold", "note", "restart"]
__all__ += ["standing", "undo"]

PETITIONER = Actor("", "petitioner")
#: Facts that staff may set without a step, and the kind of entry that they make.
CORRECTED = "corrected"
_CORRECTABLE = frozenset({"matter", "area", "people", "urgent", "first_asked", "channel"})
#: Entries that are neither steps nor the petitioner's: a tie to another case, a case taken up.
LINKED, CLAIMED, ATTACHED, MESSAGE = "linked", "claimed", "attached", "message"
RELEASED = "released"
#: Entries that move nothing: each can be taken back by itself, however much was done since.
FREE = frozenset({LINKED, CORRECTED, MESSAGE, CALLED})
#: What staff do to a case without reading it.
_UNSEEING = frozenset({LINKED, CLAIMED, RELEASED, CALLED})
_OFFICE = frozenset({"clerk", "director", "report"})
#: Who may make an entry that is no step of a course; a unit only in its own cases.
_BESIDES: Mapping[str, frozenset[str]] = {
    BACK: _OFFICE,
    CORRECTED: _OFFICE,
    LINKED: _OFFICE,
    CLAIMED: _OFFICE,
    RELEASED: _OFFICE,
    CALLED: _OFFICE,
    MESSAGE: _OFFICE | {"unit"},
    ATTACHED: _OFFICE | {"unit", "leader"},
}
#: Entries of nobody: a place became free for the next in line.
PROMOTED, REBOOKED = "promoted", "rebooked"
#: Facts that the docket shows.
_SHOWN = ("unit", "leader", "incharge", "session", "area")

_D = docket.c
#: A case's line, with the matter that the petitioner himself chose: ``follow`` needs it.
LINE = select(docket, submissions.c.matter.label("filed")).join(
    submissions, submissions.c.id == _D.case_id
)
_LINE = LINE.where(_D.case_id == bindparam("case_id")).with_for_update(of=docket)
_HISTORY = select(events).where(events.c.case_id == bindparam("case_id")).order_by(events.c.id)
_EVENT = insert(events).returning(events.c.id)
_OPEN = insert(docket)
_REPLY = insert(replies)
_FOLLOW = update(docket).where(_D.case_id == bindparam("which"))
_NOTED = _FOLLOW.values(last=bindparam("entry"))
_TOLD = _FOLLOW.values(last=bindparam("entry"), news=bindparam("entry"))


#: Gives the courses and clocks as they are published now.
HandlingNow = Callable[[], Handling]


@dataclass(frozen=True, slots=True)
class Writing:
    """An entry to be made. ``seen``: the newest entry that whoever acts had before his eyes.

    ``data``: no person's words. ``sealed``: the lane's envelope with the words, if any.
    """

    kind: str
    actor: Actor
    seen: int | None = None
    ref: str | None = None
    data: Mapping[str, str] = field(default_factory=dict)
    sealed: bytes | None = None
    reply: tuple[bytes, bytes] | None = None  # sealed to the petitioner, and to the office
    files: tuple[str, ...] = ()  # ids that ``Store.keep_file`` gave for ``draft``
    draft: bytes = b""
    sits: bool = False  # the leader who acts receives whoever booked this appointment


@dataclass(frozen=True, slots=True)
class _Own:
    """What of a line no entry says."""

    course: str
    institution: str | None
    filed: str | None


def begin(connection: Connection, handling: Handling | None, filing: Filing, filed: Filed) -> None:
    """The first entry of a case, and its line unless it is filed to another case.

    Without ``handling`` nothing is known of days: ``Docket.rebuild`` works them out.
    """
    _in_its_lane(handling, filing.lane, (filing.matter, filing.data.get("matter")))
    _known(filing.data, FACTS, day_of(filed.at))
    case_id, at = filed.case_id, seconds(filed.at)
    row = {"case_id": case_id, "at": at, "kind": RECEIVED, "state": FIRST, "by": filing.by}
    row |= {"data": _text(filing.data), "ref": None}
    entry = connection.execute(_EVENT, row).scalar_one()
    if filing.parent is not None:
        return
    line = {name: getattr(filing, name) for name in ("lane", "form", "course", "institution")}
    line |= {"case_id": case_id, "number": filed.number, "received": at, "matter": filing.matter}
    follows = {"state": FIRST, "last": entry, "channel": ONLINE, "urgent": False, "people": 1}
    if handling is not None:
        own = _Own(filing.course, filing.institution, filing.matter)
        follows = follow(own, [_made(entry, filed.at, row)], handling)
    connection.execute(_OPEN, line | follows)


def note(connection: Connection, case_id: int, kind: str, ref: str, at: int) -> None:
    """An entry that moves nothing and that no course has: what became of a place."""
    row = {"case_id": case_id, "at": at, "kind": kind, "ref": ref}
    entry = connection.execute(_EVENT, row).scalar_one()
    told = _NOTED if kind == PROMOTED else _TOLD
    connection.execute(told, {"which": case_id, "entry": entry})


def history(connection: Connection, case_id: int) -> list[Entry]:
    """All entries of a case, oldest first."""
    return [_entry(row) for row in connection.execute(_HISTORY, {"case_id": case_id})]


def histories(connection: Connection, case_ids: Sequence[int]) -> Iterator[tuple[int, Entry]]:
    """Entries of several cases, each with its case, oldest first."""
    found = select(events).where(events.c.case_id.in_(case_ids)).order_by(events.c.id)
    for row in connection.execute(found):
        yield row.case_id, _entry(row)


@dataclass(frozen=True, slots=True)
class _Held:
    """A case whose line is held until the transaction ends, as it stands now."""

    handling: Handling
    line: Any
    found: list[Entry]
    course: Course
    stands: Standing


def enter(
    connection: Connection, handling: Handling, case_id: int, writing: Writing, at: int
) -> Entry:
    """Add an entry if the course, the role and what was done before allow it.

    Raises MoveForbidden with the reason, Overtaken if somebody was faster.
    """
    held = _hold(connection, handling, case_id, writing)
    return _add(connection, held, writing, _allowed(held, writing, day_of(moment(at))), at)


def undo(
    connection: Connection, handling: Handling, case_id: int, writing: Writing, at: int
) -> Entry:
    """Take back the newest step, or one that moves nothing; ``writing.ref`` is its id.

    What was written stays to be read by the office.
    """
    held = _hold(connection, handling, case_id, writing)
    course, stands, actor = held.course, held.stands, writing.actor
    free = (one for one in stands.history if one.kind in FREE and str(one.id) == writing.ref)
    chosen = next(free, None) or undoable(course, stands)
    if chosen is None or str(chosen.id) != writing.ref:
        raise MoveForbidden("undo-forbidden", "只能撤销最近做的一步。")
    step = course.steps.get(chosen.kind)
    theirs = may(step, actor, stands.facts) if step else actor.role in _BESIDES[chosen.kind]
    if actor.role != "director" and not (
        theirs and (actor.role in _OFFICE or chosen.by == actor.id)
    ):
        raise MoveForbidden("undo-forbidden", "这一步不是您能撤销的，请负责人来撤销。")
    before = fold(course, [one for one in held.found if one.id != chosen.id])
    state = None if chosen.kind in FREE else before.state
    return _add(connection, held, replace(writing, kind=UNDONE), state, at)


def restart(
    connection: Connection, handling: Handling, case_id: int, writing: Writing, at: int
) -> Entry:
    """The case begins anew, whatever its course allows: it was moved to another one."""
    if writing.actor.role not in ("clerk", "director"):
        raise MoveForbidden("not-yours", "这不归您做。")
    return _add(connection, _hold(connection, handling, case_id, writing), writing, FIRST, at)


def hold(connection: Connection, case_id: int) -> Any:
    """The case's line, nobody else's until the transaction ends. MoveForbidden: there is none."""
    line = connection.execute(_LINE, {"case_id": case_id}).one_or_none()
    if line is None:
        raise MoveForbidden("no-case", "没有这件事项，或者它已经并入别的事项。")
    return line


def same_lane(connection: Connection, case_id: int, lane: str) -> None:
    """What is filed to a case is sealed to whoever has it. NotReceived: that has just changed."""
    line = connection.execute(_LINE, {"case_id": case_id}).one_or_none()
    if line is not None and line.lane != lane:
        raise NotReceived("lane-changed", "这件事刚刚换了人办。", certain=True)


def standing(connection: Connection, handling: Handling, line: Any) -> Standing:
    """How the case of this line stands."""
    course = handling.courses.of(line.course, line.institution)
    return fold(course, history(connection, line.case_id))


def _hold(connection: Connection, handling: Handling, case_id: int, writing: Writing) -> _Held:
    line = hold(connection, case_id)
    found = history(connection, case_id)
    if writing.seen is not None and (fresh := [one for one in found if one.id > writing.seen]):
        raise Overtaken(fresh[-1].by, fresh[-1].kind, fresh[-1].at)
    course = handling.courses.of(line.course, line.institution)
    return _Held(handling, line, found, course, fold(course, found))


def _allowed(held: _Held, writing: Writing, today: date) -> str | None:
    """The state that the entry leads to. MoveForbidden says in Chinese what is in the way."""
    course, stands, actor = held.course, held.stands, writing.actor
    _in_its_lane(held.handling, held.line.lane, (writing.data.get("matter"),))
    step = course.steps.get(writing.kind)
    if step is not None:
        return _step_allowed(held, step, writing, today)
    if actor.role == "petitioner":
        raise MoveForbidden("note-forbidden", "这件事项现在不能再做这一步，请先查询最新进展。")
    if writing.kind not in _BESIDES:
        raise MoveForbidden("no-step", "按办理流程，没有这一步。")
    elsewhere = actor.role == "unit" and actor.unit != stands.facts.get("unit")
    if actor.role not in _BESIDES[writing.kind] or elsewhere:
        raise MoveForbidden("not-yours", "这不归您做。")
    if writing.kind == BACK and writing.ref not in _out(stands):
        raise MoveForbidden("not-out", "这张单子没有发出，不用收回，或者已经收回了。")
    facts = _CORRECTABLE if writing.kind == CORRECTED else ()
    _known(writing.data, facts, today, stands.received)
    return None


def _out(stands: Standing) -> set[str]:
    """The sheets that somebody has and is to give back."""
    return {f"{one.set}:{one.copy}" for one in stands.sheets if one.returns and one.back is None}


def _step_allowed(held: _Held, step: Step, writing: Writing, today: date) -> str | None:
    course, stands, actor = held.course, held.stands, writing.actor
    if not course.allows(stands.state, step.id):
        state = course.states.get(stands.state)
        says = f"这件事现在是“{state.name if state else stands.state}”，不能做“{step.name}”。"
        raise MoveForbidden("move-forbidden", says)
    # a unit or a leader may neither take a case that is another's nor give it away
    known = {**stands.facts, "leader": actor.person or ""} if writing.sits else stands.facts
    for facts in (known, {**known, **writing.data}):
        if not may(step, actor, facts):
            raise MoveForbidden("not-yours", f"“{step.name}”不归您做。")
    if lacking := missing(course, stands, step, held.handling.rules, today):
        raise MoveForbidden("missing", f"还不能做“{step.name}”：{'；'.join(lacking)}。")
    _known(writing.data, {fact.id for fact, _ in step.facts}, today, stands.received)
    if came := writing.data.get("received_on"):
        late = untimely(step, stands, held.handling.rules, date.fromisoformat(came))
        if late:
            raise MoveForbidden("fact-wrong", f"{late}。")
    for fact, needed in step.facts:
        given = writing.sealed if fact.sealed else writing.data.get(fact.id)
        if needed and not given:
            raise MoveForbidden("fact-missing", f"“{step.name}”要填{fact.label}。")
    if step.tells and writing.reply is None:
        raise MoveForbidden("fact-missing", f"“{step.name}”要写给信访人。")
    return step.to


def _in_its_lane(handling: Handling | None, lane: str, matters: Collection[str | None]) -> None:
    """A report of wrongdoing is told by its matter alone: it stands in no other lane."""
    if handling is not None and lane != "confidential" and handling.secret & set(matters):
        raise MoveForbidden("fact-wrong", "检举控告单独登记、单独存放，这里不能选这一类。")


def _known(
    data: Mapping[str, str], names: Collection[str], today: date, received: date | None = None
) -> None:
    """Only facts that belong there, each one readable and possible, no person's words in clear."""
    for name, value in data.items():
        if name not in names:
            label = FACTS[name].label if name in FACTS else name[:20]
            raise MoveForbidden("fact-wrong", f"这里不能填{label}。")
        if says := wrong(FACTS[name], value, today, received):
            raise MoveForbidden("fact-wrong", f"{says}。")


def _add(
    connection: Connection, held: _Held, writing: Writing, state: str | None, at: int
) -> Entry:
    line = held.line
    row = {
        "case_id": line.case_id,
        "at": at,
        "kind": writing.kind,
        "state": state,
        "by": writing.actor.id or None,
        "ref": writing.ref,
        "data": _text({**writing.data, **handed_out(held.course, writing.kind)}),
        "sealed": writing.sealed,
    }
    made = _made(connection.execute(_EVENT, row).scalar_one(), moment(at), row)
    if writing.reply is not None:
        told, kept = writing.reply
        reply = {"case_id": line.case_id, "at": at, "by": row["by"], "event": made.id}
        connection.execute(_REPLY, reply | {"sealed": told, "sealed_office": kept})
    follows = follow(line, [*held.found, made], held.handling)
    connection.execute(_FOLLOW, follows | {"which": line.case_id})
    return made


def follow(line: Any, found: list[Entry], handling: Handling) -> dict[str, Any]:
    """What the docket's line says of this history, but for who took it up and its kin."""
    course = handling.courses.of(line.course, line.institution)
    stands = fold(course, found)
    facts, waits = stands.facts, next_step(course, stands)
    moved = [one for one in stands.history if one.state]
    over = course.closed(stands.state)
    days = [one for one in dues_of(course, stands, handling.rules) if one.day and not one.right]
    first = days[0] if days and not over else None
    theirs = [one.id for one in found if one.by is None and one.kind not in (RECEIVED, PROMOTED)]
    seen = [one.id for one in found if one.by is not None and one.kind not in _UNSEEING]
    news = theirs[-1] if theirs and (not seen or theirs[-1] > seen[-1]) else None
    answer = answering(course, stands, handling.rules)
    return {
        **{name: facts.get(name) for name in _SHOWN},
        "matter": facts.get("matter") or line.filed,
        "state": stands.state,
        "closed": seconds(moved[-1].at) if over else None,
        "channel": facts.get("channel", ONLINE),
        "people": int(facts.get("people", 1)),
        "urgent": facts.get("urgent") == "yes",
        "next_day": first.day.toordinal() if first and first.day else None,
        "next_what": (first.clock.id if first.clock else "named") if first else None,
        "waits": waits_for(waits, facts) if waits and not over else None,
        "news": news,
        "due": answer.due.toordinal() if answer.due else None,
        "answered": answer.answered.toordinal() if answer.answered else None,
        "last": found[-1].id,
    }


def _text(data: Mapping[str, str]) -> str | None:
    return json.dumps(dict(data), ensure_ascii=False) if data else None


def _entry(row: Any) -> Entry:
    return _made(row.id, moment(row.at), row._mapping)


def _made(entry: int, at: Any, row: Mapping[str, Any]) -> Entry:
    data: dict[str, str] = json.loads(row["data"]) if row["data"] else {}
    return Entry(entry, at, row["kind"], row["state"], row["by"], row["ref"], data)
