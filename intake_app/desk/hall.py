"""The screen in the hall: who receives today, and numbers; nobody has to stay logged in for it.

A clerk's button gives the browser a sealed cookie of its own, good for one institution's screen,
for one day, and for nothing else of the desk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask import (
    Blueprint,
    abort,
    current_app,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature

from casework.workdays import SHANGHAI, span
from intake_app.calls import Calls
from intake_app.desk.cases import docket
from intake_app.desk.guard import anyone, current_staff, desk, end_session, needs, refuse
from intake_app.desk.queue import queues
from intake_app.desk.reception import OFFICE, upcoming
from intake_app.docket import Scope
from intake_app.published import Session

bp = Blueprint("hall", __name__, url_prefix="/hall")
COOKIE = "__Secure-hall"
_NEXT = 6  # numbers that are shown as next


@dataclass(frozen=True, slots=True)
class Room:
    """A session as the hall sees it."""

    it: Session
    hours: str
    now: str | None
    upcoming: tuple[str, ...]
    over: bool


@bp.post("/open")
@needs(*OFFICE)
def give() -> ResponseReturnValue:
    """Make this browser a screen for the rest of the day."""
    home = desk().home
    slug = request.form.get("institution", "")
    if slug not in home.published.institutions:
        abort(404)
    if not current_staff().covers(slug):
        refuse(ref=slug)
    today = home.now().date()
    answer = redirect(url_for("hall.screen"), 303)
    answer.set_cookie(
        COOKIE,
        _sealer().dumps({"hall": slug, "day": today.isoformat()}),
        expires=datetime.combine(desk().wall().date() + timedelta(days=1), time(), SHANGHAI),
        path=url_for("hall.screen"),
        secure=True,
        httponly=True,
        samesite="Strict",
    )
    if request.form.get("leave") == "1":
        end_session()
    return answer


@bp.get("/")
@anyone
def screen() -> ResponseReturnValue:
    """Numbers alone. Without today's cookie: the way in, as for every stranger."""
    session.modified = False  # a screen that renews itself must keep no clerk logged in
    home = desk().home
    slug = _allowed()
    if slug is None:
        return redirect(url_for("account.start" if g.get("staff") else "login.ask"), 303)
    g.policy += "; connect-src 'self'"  # its script asks for the newest numbers
    now, published = home.now(), home.published
    own = sorted(
        (one for one in published.sessions.values() if one.institution == slug),
        key=lambda one: (one.day, one.start),
    )
    sessions = [one for one in own if one.day == now.date()]
    turns = queues(docket(), Scope("common", frozenset({slug})), sessions)
    called = Calls(home.store).of(one.id for one in sessions)
    return render_template(
        "desk/hall.html",
        house=published.institutions[slug].name,
        now=now,
        rooms=[
            Room(
                it=one,
                hours=span(one.start, one.end),
                now=called[one.id].now,
                upcoming=tuple(
                    turn.line.number for turn in upcoming(turns[one.id], called[one.id].before)
                )[:_NEXT],
                over=now.timetz().replace(tzinfo=None) > one.end and not called[one.id].now,
            )
            for one in sessions
        ],
        following=next((one for one in own if one.day > now.date() and not one.cancelled), None),
        hours=lambda one: span(one.start, one.end),
    )


def _allowed() -> str | None:
    """The institution of today's screen, if this browser was made one."""
    try:
        held = _sealer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return None
    home = desk().home
    if not isinstance(held, dict) or held.get("day") != home.now().date().isoformat():
        return None
    slug = held.get("hall")
    return slug if slug in home.published.institutions else None


def _sealer() -> Any:
    """The desk's own; a hall's cookie holds nothing that a session is made of."""
    return current_app.session_interface.get_signing_serializer(current_app)  # type: ignore[attr-defined]
