"""Who is to be received in a session, in which order, and who has not been told of a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from casework.record import Entry
from intake_app.docket import Docket, Line, Scope
from intake_app.published import Session

#: States in which an appointment, and an arranged case, still waits for its session.
_WAITS = {"appointment": "received"}
_ARRANGED = "arranged"
CALLED = "called"


@dataclass(frozen=True, slots=True)
class Turn:
    """A case in its place. ``position``: in the waiting line, None with a place.

    ``stale``: booked before the session was changed. ``told``: and called since.
    """

    place: int
    line: Line
    position: int | None
    waits: bool
    stale: bool
    told: bool

    @property
    def booked(self) -> bool:
        return self.line.course == "appointment"

    @property
    def kind(self) -> str:
        if not self.booked:
            return "排定的事项"
        return f"候补第{self.position}位" if self.position else "预约"

    @property
    def call(self) -> bool:
        """He still has to be told."""
        return self.stale and self.waits and not self.told


def queues(cases: Docket, scope: Scope, sessions: Sequence[Session]) -> dict[str, list[Turn]]:
    """Session → who is received in it: those with a place, arranged cases, those who wait."""
    ids = [one.id for one in sessions]
    booked, arranged = cases.booked(scope, ids), cases.arranged(scope, ids)
    heard = cases.heard(scope, ids)
    histories = cases.histories(
        [one.line.case_id for one in booked] if any(_changed(one) for one in sessions) else []
    )
    found: dict[str, list[Turn]] = {}
    for session in sessions:
        own = [one for one in booked if one.session_id == session.id]
        told = {one.line.case_id: _told(histories, one.line.case_id, session) for one in own}
        parts = [
            *((one.line, None, one.sequence) for one in own if one.position is None),
            *((one, None, session.sequence) for one in arranged if one.session == session.id),
            *((one.line, one.position, one.sequence) for one in own if one.position),
        ]
        found[session.id] = [
            Turn(
                place=place,
                line=line,
                position=position,
                waits=line.state == _WAITS.get(line.course, _ARRANGED)
                and line.case_id not in heard,
                stale=sequence < session.sequence,
                told=told.get(line.case_id, False),
            )
            for place, (line, position, sequence) in enumerate(parts, 1)
        ]
    return found


def called_ref(session: Session) -> str:
    """What the entry of a telephone call names: of which change it told."""
    return f"{session.id}#{session.sequence}"


def _changed(session: Session) -> bool:
    return session.sequence > 0


def _told(histories: Mapping[int, Sequence[Entry]], case_id: int, session: Session) -> bool:
    entries = histories.get(case_id, ())
    undone = {one.ref for one in entries if one.kind == "undone"}
    return any(
        one.kind == CALLED and one.ref == called_ref(session) and str(one.id) not in undone
        for one in entries
    )
