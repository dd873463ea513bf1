"""What a case's history says of the session that it was arranged for.

Whether it was heard there, and of which announcement of the session the petitioner knows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from casework.record import RECEIVED, Entry, counting
from intake_app.published import Change, Session

__all__ = ["ARRANGED", "CALLED", "HEARD", "INVITED"]
__all__ += ["Arrangement", "announced", "arrangement", "was_called"]

CALLED = "called"
ARRANGED = "arranged"  # the state while it waits to be heard
#: The step by which a leader's reception is recorded.
HEARD = "meet"
INVITED, _CANCELLED = "invite", "arrange-cancelled"


def announced(session: Session) -> str:
    """What an entry names that told of a session: in which of its announcements."""
    return f"{session.id}#{session.sequence}"


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The session of a case. ``told``: the newest entry that followed the calendar as it was then.

    ``heard``: since it was arranged for this session. ``invited``: the petitioner has his notice.
    """

    session: str
    told: Entry
    heard: bool
    invited: bool

    def behind(self, session: Session) -> bool:
        """Was the session changed since?"""
        fresh = self._fresh(session)
        return bool(self.news(session)) if fresh is None else fresh > 0

    def news(self, session: Session) -> tuple[Change, ...]:
        """The changes of the session that were announced since.

        Of an entry that does not say which announcement it followed, the day must do.
        """
        fresh = self._fresh(session)
        if fresh is None:
            return tuple(one for one in session.changes if one.announced >= self.told.day)
        return session.changes[-fresh:] if fresh > 0 else ()

    def _fresh(self, session: Session) -> int | None:
        which, _, sequence = (self.told.ref or "").rpartition("#")
        known = which == session.id and sequence.isdigit()
        return session.sequence - int(sequence) if known else None


def arrangement(history: Iterable[Entry]) -> Arrangement | None:
    """The session that a case is arranged for now; None if it is for none.

    The one of the appointment that it came of, which its filing names, is no arrangement yet.
    """
    valid = counting(history)
    steps = [(place, one) for place, one in enumerate(valid) if one.kind != RECEIVED]
    named = [place for place, one in steps if one.data.get("session")]
    if not named:
        return None
    since = valid[named[-1] :]
    if any(one.kind == _CANCELLED for one in since):
        return None
    invited = [one for one in since if one.kind == INVITED]
    return Arrangement(
        session=since[0].data["session"],
        told=invited[-1] if invited else since[0],
        heard=any(one.kind == HEARD for one in since),
        invited=bool(invited),
    )


def was_called(history: Iterable[Entry], session: Session) -> bool:
    """Was he told by telephone of the session as it is announced now?"""
    ref = announced(session)
    return any(one.kind == CALLED and one.ref == ref for one in counting(history))
