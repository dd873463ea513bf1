"""The reception day: who comes when, the lists for it, telephone calls, whose turn it is.

Numbers and matters are always there; names and telephones only when the vault is open and somebody
asks, which is logged for each case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casework.workdays import span
from intake_app import documents
from intake_app.calls import Called, Calls
from intake_app.desk.cases import docket
from intake_app.desk.frame import nav_item
from intake_app.desk.guard import current_staff, desk, needs, note, private_key, refuse
from intake_app.desk.month import shown_pdf
from intake_app.desk.papers import house_of, record_of
from intake_app.desk.queue import CALLED, Turn, announced, queues
from intake_app.desk.reading import actor_of, opened, scope_of, written
from intake_app.desk.steps import faster
from intake_app.docket import Line, Scope
from intake_app.documents import Item
from intake_app.documents.record import Value
from intake_app.entries import Writing
from intake_app.errors import MoveForbidden, Overtaken
from intake_app.forms import read_day
from intake_app.published import Session

bp = Blueprint("reception", __name__, url_prefix="/reception")
OFFICE = ("clerk", "director")
NAV = (nav_item(30, "接待日", "reception.listing", *OFFICE),)
_BACK, _AHEAD = timedelta(days=3), timedelta(days=25)
_FAR = timedelta(days=20 * 365)
#: What is noted of an appointment on the day, and of the telephone call before it.
MARKS: Mapping[str, str] = {"met": "见了", "missed": "没来", "unplaced": "没排上"}


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """Who comes; read from what he filed."""

    name: str
    phone: str
    wants: str


# ── pages ────────────────────────────────────────────────────────────────────────────────────


@bp.get("/")
@needs(*OFFICE)
def listing() -> ResponseReturnValue:
    """Four weeks of sessions with what is in each."""
    home, staff = desk().home, current_staff()
    today = home.now().date()
    day = _asked_day(today)
    sessions = sorted(
        (
            one
            for one in home.published.sessions.values()
            if staff.covers(one.institution) and day - _BACK <= one.day <= day + _AHEAD
        ),
        key=lambda one: (one.day, one.start, one.institution),
    )
    return render_template(
        "desk/reception.html",
        sessions=sessions,
        turns=queues(docket(), scope_of(staff), sessions),
        houses={slug: one.short for slug, one in home.published.institutions.items()},
        screens=sorted({one.institution for one in sessions if one.day == today}),
        today=today,
        earlier=day - _BACK - _AHEAD,
        later=day + _AHEAD + _BACK,
        hours=hours,
    )


@bp.get("/<session_id>/")
@needs(*OFFICE)
def page(session_id: str) -> ResponseReturnValue:
    """One session: the list in its order, who is received now, what came of each."""
    session, published = _session(session_id), desk().home.published
    turns = _turns(session)
    persons = persons_of(turns, session) if request.args.get("names") == "1" else {}
    called = Calls(desk().home.store).of([session.id])[session.id]
    return render_template(
        "desk/reception_day.html",
        it=session,
        house=published.institutions[session.institution].name,
        turns=turns,
        persons=persons,
        matters={one.id: one.name for one in published.matters.values()},
        states=published.handling.courses.states,
        called=called,
        following=next((one.line.number for one in upcoming(turns, called.before)), ""),
        marks=MARKS,
        is_today=session.day == desk().home.now().date(),
        hours=hours(session),
    )


@bp.get("/<session_id>/calls/")
@needs(*OFFICE)
def calls(session_id: str) -> ResponseReturnValue:
    """Whom to call because the session was changed, moved or cancelled."""
    session = _session(session_id)
    turns = [one for one in _turns(session) if one.stale and one.waits]
    return render_template(
        "desk/reception_calls.html",
        it=session,
        turns=turns,
        persons=persons_of(turns, session) if turns else {},
        hours=hours(session),
    )


# ── on paper ─────────────────────────────────────────────────────────────────────────────────


@bp.get("/<session_id>/list.pdf")
@needs(*OFFICE)
def booking_list(session_id: str) -> ResponseReturnValue:
    """The list for the day before; names only if they are asked for."""
    session, home = _session(session_id), desk().home
    turns = [one for one in _turns(session) if one.waits]
    named = request.args.get("names") == "1"
    persons = persons_of(turns, session, "printed") if named else {}
    record = documents.Record(
        institution=house_of(home.published, session.institution),
        facts=_facts(session),
        rows=[_row(one, persons.get(one.line.case_id)) for one in turns],
    )
    note("printed", ref=f"bookings {session.id}")
    paper = home.published.papers["bookings"]
    return shown_pdf(documents.pdf(paper, record, None, home.now().date()))


@bp.get("/<session_id>/plate.pdf")
@needs(*OFFICE)
def plate(session_id: str) -> ResponseReturnValue:
    """A name plate for each who receives."""
    session, home = _session(session_id), desk().home
    house = house_of(home.published, session.institution)
    items: list[Item] = [
        (
            home.published.papers["plate"],
            documents.Record(
                institution=house, facts={"leader": one.name, "leader_post": one.post}
            ),
            None,
        )
        for one in session.leaders
    ]
    return shown_pdf(documents.several(items, home.now().date()))


@bp.get("/<session_id>/sheets.pdf")
@needs(*OFFICE)
def sheets(session_id: str) -> ResponseReturnValue:
    """The leader's sheets of all cases of the session, a page for each."""
    session, home, key = _session(session_id), desk().home, private_key("common")
    items: list[Item] = []
    today = home.now().date()
    for one in _turns(session):
        if not one.waits:
            continue
        note("printed", case_id=one.case.case_id, ref="leader-sheet")
        found = opened(
            docket(), home.published, current_staff(), one.case.case_id, key=key, today=today
        )
        if found is not None:
            record = record_of(home.published, found)
            record = _in_session(record, session)
            items.append((home.published.papers["leader-sheet"], record, None))
    if not items:
        flash("这一场还没有事项，没有可打印的。")
        return redirect(url_for("reception.page", session_id=session.id), 303)
    return shown_pdf(documents.several(items, home.now().date()))


# ── what is done ─────────────────────────────────────────────────────────────────────────────


@bp.post("/<session_id>/mark")
@needs(*OFFICE)
def mark(session_id: str) -> ResponseReturnValue:
    """Note of an appointment that he was met, did not come, got no turn; of each: was called."""
    session, staff = _session(session_id), current_staff()
    step = request.form.get("step", "")
    if step not in (*MARKS, CALLED):
        abort(400)
    turn = turn_of(_turns(session), arranged=step == CALLED)
    ref = announced(session) if step == CALLED else None
    writing = Writing(step, actor_of(staff), seen=request.form.get("seen", type=int), ref=ref)
    enter_turn(scope_of(staff), turn.line, writing)
    back = "reception.calls" if step == CALLED else "reception.page"
    return redirect(url_for(back, session_id=session.id), 303)


@bp.post("/<session_id>/call")
@needs(*OFFICE)
def call(session_id: str) -> ResponseReturnValue:
    """Call the next number, a certain one, or nobody; the hall's screen follows."""
    session, home = _session(session_id), desk().home
    if session.day != home.now().date() or session.cancelled:
        flash("只有当天的接待才叫号。")
        return redirect(url_for("reception.page", session_id=session.id), 303)
    calls, turns = Calls(home.store), _turns(session)
    wanted, seen = request.form.get("number", ""), request.form.get("seen")
    fresh = wanted == "next"
    try:
        number = _next(turns, calls.of([session.id])[session.id]) if fresh else wanted or None
        if number is not None and all(one.line.number != number for one in turns):
            abort(404)
        calls.call(session.id, number, home.now(), seen=seen, fresh=fresh)
    except MoveForbidden as error:
        flash(error.sentence)
    return redirect(url_for("reception.page", session_id=session.id), 303)


def _next(turns: Sequence[Turn], called: Called) -> str | None:
    """Who is next, None after the last. MoveForbidden if it was somebody else on the page."""
    named = request.form.get("next", "")
    if named in called.before:
        return named  # somebody was faster: refused in the transaction, which knows by whom
    number = next((one.line.number for one in upcoming(turns, called.before)), None)
    if named and named != number:
        raise MoveForbidden(
            "called-meanwhile", f"名单刚刚变了，下一位不再是{named}。没有叫号，请看过名单再叫。"
        )
    if number is None:
        flash("都叫过了，没有下一位。")
    return number


def upcoming(turns: Sequence[Turn], before: frozenset[str]) -> list[Turn]:
    """Who is still to be called, the next first."""
    return [one for one in turns if one.waits and one.line.number not in before]


# ── inside ───────────────────────────────────────────────────────────────────────────────────


def _session(session_id: str) -> Session:
    found = desk().home.published.sessions.get(session_id) or abort(404)
    if not current_staff().covers(found.institution):
        refuse(ref=session_id)
    return found


def _turns(session: Session) -> list[Turn]:
    return queues(docket(), scope_of(current_staff()), [session])[session.id]


def turn_of(turns: Sequence[Turn], *, arranged: bool = False) -> Turn:
    """The appointment that the form names, or also an arranged case, if it is on the list."""
    wanted = request.form.get("case", type=int)
    found = (one for one in turns if one.line.case_id == wanted and (one.booked or arranged))
    return next(found, None) or abort(404)


def enter_turn(scope: Scope, line: Line, writing: Writing) -> None:
    """Note it in the case; who was faster, or what is in the way, is told."""
    published = desk().home.published
    try:
        docket().enter(scope, line.case_id, writing, desk().home.now())
    except Overtaken as error:
        did = faster(published.course_of(line.course, line.institution), error)
        flash(f"{line.number}：{did}，您这一次没有记下。请看过再点。")
    except MoveForbidden as error:
        flash(error.sentence)


def persons_of(turns: Sequence[Turn], session: Session, what: str = "opened") -> dict[int, Person]:
    """Names, telephones and wishes; each case's opening is logged. VaultLocked if shut."""
    key, published = private_key("common"), desk().home.published
    sealed = docket().written(one.line.case_id for one in turns)
    found = {}
    for one in turns:
        note(what, case_id=one.line.case_id, ref=session.id)
        filed = written(published, one.line, sealed[one.line.case_id], key)
        said = (filed.answer(name) for name in ("name", "phone", "request"))
        found[one.line.case_id] = Person(*said)
    return found


def _row(turn: Turn, person: Person | None) -> dict[str, Value]:
    matter = desk().home.published.matters.get(turn.case.matter or "")
    row: dict[str, Value] = {
        "number": turn.line.number,
        "matter": matter.name if matter else "",
        "people": turn.case.people,
        "channel": f"{turn.kind}（{turn.line.channel}）",
    }
    return row | ({"name": person.name, "phone": person.phone} if person else {})


def _facts(session: Session) -> dict[str, Value]:
    return {
        "session_day": session.day,
        "session_time": span(session.start, session.end),
        "session_place": "，".join(dict.fromkeys((session.place, session.address))),
        "leader": "、".join(one.name for one in session.leaders),
        "leader_post": "、".join(dict.fromkeys(one.post for one in session.leaders)),
    }


def _in_session(record: documents.Record, session: Session) -> documents.Record:
    """Day, place and who really receives: an appointment knows of none, a substitute is newer."""
    sits = record.facts.get("leader") in [one.name for one in session.leaders]
    gone = () if sits else ("leader", "leader_post")
    known = {name: value for name, value in record.facts.items() if value and name not in gone}
    return replace(record, facts=_facts(session) | known)


def _asked_day(today: date) -> date:
    """The day that the address names, if a calendar could hold it."""
    day = read_day(request.args.get("day", "")) or today
    return day if abs(day - today) <= _FAR else today


def hours(session: Session) -> str:
    return span(session.start, session.end)
