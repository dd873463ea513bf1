"""The course of a case, for the one who has its number and query code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from casework.courses import FIRST, Course
from casework.deadlines import Clock
from casework.record import Entry, Standing, dues, fold
from intake_app.arrangement import ARRANGED, arrangement
from intake_app.envelopes import open_sealed
from intake_app.errors import BadEnvelope, MoveForbidden, NotOpen, NotReceived
from intake_app.filing import wanted
from intake_app.public.access import case_code, close_case, known_case, look_up, open_case
from intake_app.public.words import (
    EVENTS,
    RECEIVED,
    TROUBLES,
    Trouble,
    is_full,
    not_changed,
    session_line,
)
from intake_app.published import Change, Published, Session
from intake_app.records import Booking, Case
from intake_app.sealing import petitioner_private
from intake_app.service import Service, service
from intake_app.web import personal

bp = Blueprint("status", __name__, url_prefix="/status")


bp.before_request(personal)


@bp.get("/")
def ask() -> ResponseReturnValue:
    """Number and code, please."""
    if known_case(service()):
        return redirect(url_for("status.case_page"), 303)
    return render_template("status.html", number="", trouble=None)


@bp.post("/")
def answer() -> ResponseReturnValue:
    """Open the case for this browser, or say why not; the number stays typed, the code does not."""
    home = service()
    number, code = request.form.get("number", "")[:60], request.form.get("code", "")[:60]
    case, trouble = look_up(home, number, code)
    if case is None:
        status = trouble.status if trouble else 422
        return render_template("status.html", number=number, trouble=trouble), status
    open_case(number, code)
    return redirect(url_for("status.case_page"), 303)


@bp.post("/leave/")
def leave() -> ResponseReturnValue:
    close_case()
    session.pop("receipts", None)
    return redirect(url_for("public.start"), 303)


# ── the course ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Appointment:
    """A booked session as the calendar has it now, and what changed since it was booked."""

    session: Session | None
    booking: Booking
    news: tuple[Change, ...]
    open: bool  # can still be changed or given back


@dataclass(frozen=True, slots=True)
class Hearing:
    """The session that the case is arranged for, and what changed since the petitioner was told.

    ``invited``: he has his notice, and so knows of it.
    """

    session: Session
    news: tuple[Change, ...]
    invited: bool


@bp.get("/case/")
def case_page() -> ResponseReturnValue:
    """How far it is, by when what happens, replies, and what can be done now."""
    home = service()
    case = known_case(home)
    if case is None:
        return redirect(url_for("status.ask"), 303)
    said = session.pop("said", None)
    course = home.published.course_of(case.course, case.institution)
    stands = fold(course, home.store.course(case.id))
    return render_template(
        "case.html",
        case=case,
        definition=home.published.forms.get(case.form),
        steps=_steps(case, course, stands),
        state=_says(case, course, stands.state),
        unit=_unit(home.published, case, stands),
        late=overdue(home.published, course, stands, home.now().date()),
        dates=dates(home.published, course, stands, home.now().date()),
        replies=_replies(home, case),
        appointment=_appointment(home, case),
        hearing=_hearing(home.published, stands),
        said=EVENTS.get(said or ""),
        extra=_possible(home.published, course, stands),
    )


def _says(case: Case, course: Course, state: str) -> str:
    """A state in plain words. What the first one says of the staff is not so of every course."""
    if state == FIRST and case.course in RECEIVED:
        return RECEIVED[case.course]
    found = course.states.get(state)
    return found.says if found else "正在办理，详细情况请打电话问。"


def _steps(case: Case, course: Course, stands: Standing) -> list[tuple[datetime, str]]:
    """Newest last, in plain words; what there are no words for is between offices."""
    found = []
    for one in stands.history:
        step, words = course.steps.get(one.kind), EVENTS.get(one.kind)
        if words is None and one.state:
            words = _says(case, course, one.state)
        elif words is None and step:
            words = step.says
        if words:
            found.append((one.at, words))
    return found


_INTERNAL = ("objection",)  # between offices


def _plainly(published: Published, clock: Clock) -> str:
    """What is to be done by then; of a limit that was made longer, what it was made longer for."""
    rules = published.handling.rules
    extended = rules.clocks.get(rules.extends.get(clock.id, ""), clock)
    return extended.name.partition("，")[0]


def dates(
    published: Published, course: Course, stands: Standing, today: date
) -> list[tuple[str, date]]:
    """(what happens, by which day): the clocks that run now and are not over, and a promise."""
    found = [
        (_plainly(published, one.clock), one.day)
        for one in dues(course, stands, published.handling.rules, today)
        if one.clock and one.clock.id not in _INTERNAL and one.day and one.day >= today
    ]
    promised = stands.facts.get("promised", "")
    if "promise" in stands.done and (day := stands.awaited.get("reply")):
        found += [("我们答应给您答复", day)] if promised == day.isoformat() else []
    return found


def overdue(
    published: Published, course: Course, stands: Standing, today: date
) -> list[tuple[str, date]]:
    """What the office should have done by now: who waits is told so, and not left to count."""
    return [
        (_plainly(published, one.clock), one.day)
        for one in dues(course, stands, published.handling.rules, today)
        if one.clock and one.clock.id not in _INTERNAL and not one.right
        if one.day and one.day < today
    ]


#: Nobody is responsible yet, or nobody is any more.
_NOBODYS = (FIRST, "registered", "returned", "reopened")


def _unit(published: Published, case: Case, stands: Standing) -> tuple[str, str] | None:
    """Who is responsible, and the telephone if it is published."""
    unit = stands.facts.get("unit")
    if not unit or case.lane == "confidential" or stands.state in _NOBODYS:
        return None
    return unit, published.phone_of(unit)


def first_dates(published: Published, kind: str, received: datetime) -> list[tuple[str, date]]:
    """What a receipt promises: the clocks that begin with the receipt of the submission."""
    course = published.course_of(kind, None)
    stands = fold(course, [Entry(0, received, "received", FIRST)])
    return dates(published, course, stands, date.min)


def _replies(home: Service, case: Case) -> list[tuple[datetime, str | None]]:
    """The replies, opened with the code that this browser has just shown; None: taken back."""
    sealed = home.store.replies(case.id)
    if not sealed:
        return []
    key = petitioner_private(home.secrets, case.number, case_code())
    opened: list[tuple[datetime, str | None]] = []
    for one in sealed:
        words: str | None
        try:
            words = None if one.withdrawn else open_sealed(key, one.sealed).decode()
        except BadEnvelope:
            words = "这份答复打不开，请打电话问"
        opened.append((one.at, words))
    return opened


def _possible(published: Published, course: Course, stands: Standing) -> list[tuple[str, str]]:
    """(slug, title) of the forms that can follow: supplement, withdraw once, rate after closing."""
    return [
        (one.slug, one.title)
        for one in published.forms.values()
        if one.event and course.allows(stands.state, one.event)
        if not (one.event == "withdrawal-asked" and one.event in stands.done)
    ]


# ── the appointment ──────────────────────────────────────────────────────────────────────────


def _appointment(home: Service, case: Case) -> Appointment | None:
    booking = home.store.booking(case.id)
    if booking is None:
        return None
    found = home.published.sessions.get(booking.session_id)
    fresh = found.sequence - booking.sequence if found else 0
    news = found.changes[-fresh:] if found and fresh > 0 else ()
    begins = found and home.now() < found.begins
    over = home.published.course_of(case.course, case.institution).closed(case.state)
    usable = bool(begins) and booking.state != "cancelled" and not over
    return Appointment(found, booking, tuple(news), usable)


def _hearing(published: Published, stands: Standing) -> Hearing | None:
    known = arrangement(stands.history) if stands.state == ARRANGED else None
    found = published.sessions.get(known.session) if known and not known.heard else None
    return Hearing(found, known.news(found), known.invited) if known and found else None


@bp.route("/cancel/", methods=["GET", "POST"])
def cancel() -> ResponseReturnValue:
    """Ask once, then give the place back; the first who waits gets it."""
    home = service()
    case, appointment = _booked(home)
    if case is None or appointment is None:
        return redirect(url_for("status.case_page"), 303)
    if request.method == "GET":
        return render_template("cancel.html", appointment=appointment, trouble=None)
    try:
        home.store.cancel(case.id, home.now())
    except NotReceived as error:
        trouble = not_changed(error)
        return render_template("cancel.html", appointment=appointment, trouble=trouble), 503
    except MoveForbidden:
        return redirect(url_for("status.case_page"), 303)  # the office was faster: see how it is
    session["said"] = "booking-cancelled"
    return redirect(url_for("status.case_page"), 303)


#: In front of a full session's id: whoever chooses it waits there, knowingly without a place.
_WAIT = "wait:"


@bp.get("/change/")
def change() -> ResponseReturnValue:
    """The sessions that can be taken instead."""
    case, appointment = _booked(service())
    if case is None or appointment is None:
        return redirect(url_for("status.case_page"), 303)
    return _change_page(appointment, None)


@bp.post("/change/")
def take_other() -> ResponseReturnValue:
    """Take another session; the old place is given back in the same transaction."""
    home = service()
    case, appointment = _booked(home)
    if case is None or appointment is None:
        return redirect(url_for("status.case_page"), 303)
    chosen = request.form.get("session", "")
    now, may_wait = home.now(), chosen.startswith(_WAIT)
    try:
        target = wanted(home.published, chosen.removeprefix(_WAIT), now)
        home.store.rebook(case.id, target, now, may_wait=may_wait)
    except NotReceived as error:
        return _change_page(appointment, not_changed(error))
    except NotOpen:
        return _change_page(appointment, TROUBLES["gone"])
    except MoveForbidden:
        return redirect(url_for("status.case_page"), 303)
    session["said"] = "rebooked"
    return redirect(url_for("status.case_page"), 303)


def _change_page(appointment: Appointment, trouble: Trouble | None) -> ResponseReturnValue:
    home = service()
    offered = [
        one
        for one in home.published.bookable(home.now())
        if one.id != appointment.booking.session_id
    ]
    taken = home.store.places([one.id for one in offered]) if offered else {}
    choices = [
        (
            (_WAIT if is_full(one, taken.get(one.id)) else "") + one.id,
            session_line(one, home.published, taken.get(one.id)),
        )
        for one in offered
    ]
    page = render_template(
        "change.html",
        appointment=appointment,
        choices=choices,
        chosen=request.form.get("session", ""),
        trouble=trouble,
    )
    return page, trouble.status if trouble else 200


def _booked(home: Service) -> tuple[Case | None, Appointment | None]:
    case = known_case(home)
    appointment = _appointment(home, case) if case else None
    return case, appointment if appointment and appointment.open else None
