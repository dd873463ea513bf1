"""A leader's own reception days: who comes to him today and on the coming days, and that he did.

What is shown of a day, and what is logged of it, is as for clerks; of cases only his own open.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake_app.desk.cases import docket
from intake_app.desk.frame import nav_item
from intake_app.desk.guard import current_staff, desk, needs, refuse
from intake_app.desk.queue import Turn, queues
from intake_app.desk.reading import actor_of
from intake_app.desk.reception import enter_turn, hours, persons_of, turn_of
from intake_app.docket import Line, Scope
from intake_app.entries import Writing
from intake_app.published import Session

bp = Blueprint("mine", __name__, url_prefix="/mine")
NAV = (nav_item(30, "我的接待日", "mine.listing", "leader"),)
_AHEAD = timedelta(days=60)
#: The session decides who is received in it, and ``_sits`` whose session it is.
_ALL = Scope("common")


@bp.get("/")
@needs("leader")
def listing() -> ResponseReturnValue:
    """His sessions of today and the coming days, each with its list in its order."""
    published, today = desk().home.published, desk().home.now().date()
    own = [one for one in published.sessions.values() if _sits(one)]
    sessions = sorted(
        (one for one in own if today <= one.day <= today + _AHEAD),
        key=lambda one: (one.day, one.start),
    )
    turns = queues(docket(), _ALL, sessions)
    named = next((one for one in sessions if one.id == request.args.get("names")), None)
    return render_template(
        "desk/mine.html",
        sessions=sessions,
        turns=turns,
        named=named,
        persons=persons_of(turns[named.id], named) if named else {},
        matters={one.id: one.name for one in published.matters.values()},
        states=published.handling.courses.states,
        houses={slug: one.short for slug, one in published.institutions.items()},
        his=_his,
        today=today,
        hours=hours,
    )


@bp.post("/<session_id>/met")
@needs("leader")
def met(session_id: str) -> ResponseReturnValue:
    """He received whoever had booked."""
    session = desk().home.published.sessions.get(session_id) or abort(404)
    if not _sits(session):
        refuse(ref=session_id)
    turn = _turn(session)
    if session.day > desk().home.now().date():
        flash("到了接待那天才能记。")
    else:
        seen = request.form.get("seen", type=int)
        enter_turn(_ALL, turn.line, Writing("met", actor_of(current_staff()), seen, sits=True))
    return redirect(url_for("mine.listing"), 303)


def _turn(session: Session) -> Turn:
    return turn_of(queues(docket(), _ALL, [session])[session.id])


def _sits(session: Session) -> bool:
    staff = current_staff()
    there = staff.person in [one.id for one in session.leaders if one.id]
    return there and staff.covers(session.institution)


def _his(line: Line) -> bool:
    """May he open it?"""
    return current_staff().person in (line.leader, line.incharge)
