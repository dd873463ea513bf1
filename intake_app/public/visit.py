"""One request for a form: its definition, its fields as typed, its ticket, what the page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import abort, g, request
from flask_wtf import FlaskForm

from intake_app.filing import Kept, Ticket, filed_before, new_ticket, read_ticket
from intake_app.forms import PREFIX, Choices, form_class
from intake_app.public.access import known_case
from intake_app.public.words import SessionLine, session_line
from intake_app.published import Field, Form, Published, Session
from intake_app.records import Case
from intake_app.service import Service, service


@dataclass(slots=True)
class Shown:
    """What the form's page needs beyond definition and fields."""

    token: str
    kept: list[Kept] = field(default_factory=list)
    file_error: str = ""
    trap: str = ""
    anyway: bool = False
    case_number: str = ""
    sessions: dict[str, SessionLine] = field(default_factory=dict)
    absent: str = ""  # whose matter it is, if none of them can be booked
    privacy: str = ""
    code_hint: Field = field(
        default=Field("code", "", "text", True, "16个数字和字母，大小写都可以", None, None, (), {})
    )


@dataclass(slots=True)
class Visit:
    """One request for a form: its definition, fields, ticket and the case that it is about."""

    form: Form
    filled: FlaskForm
    ticket: Ticket
    case: Case | None
    shown: Shown
    expired: bool = False

    def fits(self, case: Case) -> bool:
        """May this form follow in that case now? Supplements of closed cases may not."""
        course = service().published.course_of(case.course, case.institution)
        return self.form.event is not None and course.allows(case.state, self.form.event)


def definition(slug: str) -> Form:
    return service().published.forms.get(slug) or abort(404)


def read_visit(slug: str) -> Visit:
    """Read the request into a visit. Old tickets count; foreign ones are replaced."""
    home = service()
    form = definition(slug)
    posted = request.method == "POST"
    ticket = read_ticket(slug, request.form.get("form_token", "")) if posted else None
    known = _case_meant(home, form)
    sessions = _sessions(home, form, ticket)
    lines = [(one.id, one.words) for one in sessions]
    klass = _class(form, home.published, Choices(lines, case_known=known is not None))
    filled = klass(data=None if posted else _asked_for(form))
    shown = Shown(
        token="",
        trap=request.form.get("website", "") if posted else "",
        anyway="anyway" in request.values,
        case_number=known.number if known else "",
        sessions={one.id: one for one in sessions},
        absent=_absent(home.published, form, sessions),
        privacy=g.framing.root + "regulations/privacy/",
    )
    fresh = ticket or new_ticket(slug)
    shown.token = fresh.signed
    return Visit(form, filled, fresh, known, shown, expired=posted and ticket is None)


def _class(form: Form, published: Published, choices: Choices) -> type[FlaskForm]:
    """The form's class, made once for each build, unless its sessions change with the hour."""
    made: dict[tuple[str, bool], type[FlaskForm]] = g.framing.forms
    key = (form.slug, choices.case_known)
    if form.of_type("session"):
        return form_class(form, published, choices)
    if key not in made:
        made[key] = form_class(form, published, choices)
    return made[key]


def _case_meant(home: Service, form: Form) -> Case | None:
    """The open case, if the form was shown for it: another tab may have opened another since."""
    known = known_case(home) if form.of_type("case") else None
    if request.method == "POST" and known and request.form.get("about") != known.number:
        return None
    return known


def _sessions(home: Service, form: Form, ticket: Ticket | None) -> list[SessionLine]:
    """Open sessions: the one that was asked for, then those of the leader whose matter it is.

    With them the one that this very form has booked already, so that a repeat is understood.
    """
    if not form.of_type("session"):
        return []
    published = home.published
    matter = published.matters.get(request.values.get(_matter_name(form), ""))
    chosen = request.values.get("session", "")

    def proposed(one: Session) -> bool:
        return matter is not None and any(leader.id in matter.leaders for leader in one.leaders)

    filed = filed_before(home, ticket.form_key) if ticket else None
    booking = filed.booking if filed else None
    held = booking.session_id if booking and booking.state == "held" else ""
    open_now = {one.id: one for one in published.bookable(home.now())}
    if booking and (booked := published.sessions.get(booking.session_id)):
        open_now[booked.id] = booked
    found = sorted(open_now.values(), key=lambda one: (one.id != chosen, not proposed(one)))
    taken = home.store.places(list(open_now)) if open_now else {}
    return [
        session_line(one, published, taken.get(one.id), proposed=proposed(one), mine=one.id == held)
        for one in found
    ]


def _absent(published: Published, form: Form, sessions: Sequence[SessionLine]) -> str:
    matter = published.matters.get(request.values.get(_matter_name(form), ""))
    if not sessions or matter is None or any(one.proposed for one in sessions):
        return ""
    return "、".join(matter.leaders.values())


def _matter_name(form: Form) -> str:
    found = form.of_type("matter")
    name = PREFIX + found.id if found else ""
    return name if name in request.values else "matter"


def _asked_for(form: Form) -> dict[str, str]:
    """What a link from the site already says: the matter and the session."""
    given = {}
    for kind in ("matter", "session"):
        found = form.of_type(kind)
        if found and request.args.get(kind):
            given[PREFIX + found.id] = request.args[kind]
    return given
