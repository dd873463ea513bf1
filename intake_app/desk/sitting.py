"""Which session and which leader fit a case: nobody is sent to a leader who does not sit there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from casework.workdays import cn_date
from intake_app.desk.guard import desk
from intake_app.desk.reading import Opened, session_words
from intake_app.published import Published, Session

_SESSIONS = 60


def sessions_for(published: Published, found: Opened, today: date) -> list[tuple[str, str]]:
    """(id, words): where the petitioner was received already, then what comes, his own house's
    first.
    """
    coming = [one for one in published.sessions.values() if one.day >= today and not one.cancelled]
    coming.sort(key=lambda one: (one.institution != found.line.institution, one.day, one.start))
    ids = [*_received_in(published, found), *(one.id for one in coming[:_SESSIONS])]
    return [(one, session_words(published, one)) for one in dict.fromkeys(ids)]


def likely_leader(published: Published, found: Opened) -> str:
    """Whose portfolio the matter is, at the case's own institution if there is one, else at the
    county's; whoever received the petitioner already comes before.
    """
    matter = published.matters.get(found.line.matter or "")
    house = published.institutions.get(found.line.institution or "")
    own = [
        one.id
        for one in (house.people if house and matter and matter.portfolio else ())
        if matter and one.receives and matter.portfolio in one.portfolio
    ]
    fitting = own or list(matter.leaders if matter else ())
    for session in _received_in(published, found):
        sat = [one.id for one in published.sessions[session].leaders if one.id]
        if sat:
            return next((one for one in fitting if one in sat), sat[0])
    return fitting[0] if fitting else ""


def does_not_sit(session: Session | None, leader: str) -> str:
    """What is wrong with this leader for this session; nothing if he receives there."""
    sits = {one.id: one.name for one in session.leaders if one.id} if session else {}
    if session is None or not sits or leader in sits:
        return ""
    names = "、".join(sits.values())
    return f"{cn_date(session.day)}这一场是{names}接待，请选在场的领导，或者另选一场"


def no_notice(published: Published, found: Opened) -> str:
    """Why no notice can go out for the session as it is now; nothing if it can."""
    session = published.sessions.get(found.stands.facts.get("session", ""))
    if session and session.cancelled:
        return f"{cn_date(session.day)}这一场取消了。请先改排接访，再发通知。"
    wrong = does_not_sit(session, found.stands.facts.get("leader", ""))
    return f"{wrong.partition('，')[0]}，和排的不一样。请先改排接访，再发通知。" if wrong else ""


def _received_in(published: Published, found: Opened) -> Sequence[str]:
    """The sessions of the appointments that the case came of."""
    store = desk().home.store
    named = [found.entries[0].data.get("session", "")]
    for one in found.kin:
        booking = store.booking(one.case_id) if one.course == "appointment" else None
        if booking is not None and booking.state != "cancelled":
            named.append(booking.session_id)
    return [one for one in dict.fromkeys(named) if one in published.sessions]
