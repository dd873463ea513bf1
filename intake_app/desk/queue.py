"""Who is to be received in a session, in which order, and who has not been told of a change.

A session's queue is the session's own: an institution that receives somebody sees him there,
whichever institution's case his is. Whoever asks has made sure that the session may be seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from casework.record import Entry
from intake_app.arrangement import ARRANGED, CALLED, announced, arrangement, was_called
from intake_app.docket import Booked, Docket, Line, Scope
from intake_app.published import Session

__all__ = ["CALLED", "Turn", "announced", "queues"]

_BOOKED = "received"  # an appointment that still waits


@dataclass(frozen=True, slots=True)
class Turn:
    """A case in its place. ``position``: in the waiting line, None with a place.

    ``stale``: booked or arranged before the session was changed. ``told``: and called since.
    ``tied``: the case that came of the appointment, if it is arranged for the same session.
    """

    place: int
    line: Line
    position: int | None
    waits: bool
    stale: bool
    told: bool
    tied: Line | None = None

    @property
    def booked(self) -> bool:
        return self.line.course == "appointment"

    @property
    def case(self) -> Line:
        """What is talked about, and what was prepared for it."""
        return self.tied or self.line

    @property
    def kind(self) -> str:
        if not self.booked:
            return "排定的事项"
        booked = f"候补第{self.position}位" if self.position else "预约"
        return f"{booked}，已排定" if self.tied else booked

    @property
    def call(self) -> bool:
        """He still has to be told."""
        return self.stale and self.waits and not self.told


def queues(cases: Docket, scope: Scope, sessions: Sequence[Session]) -> dict[str, list[Turn]]:
    """Session → who is received in it: those with a place, arranged cases, those who wait."""
    ids = [one.id for one in sessions]
    changed = {one.id for one in sessions if one.sequence}
    booked, arranged = cases.booked(scope, ids), cases.arranged(scope, ids)
    callable_ = [one.line.case_id for one in booked if one.session_id in changed]
    histories = cases.histories([*callable_, *(one.case_id for one in arranged)])
    return {
        one.id: _queue(
            one,
            [other for other in booked if other.session_id == one.id],
            [other for other in arranged if other.session == one.id],
            histories,
        )
        for one in sessions
    }


def _queue(
    session: Session,
    booked: Sequence[Booked],
    arranged: Sequence[Line],
    histories: Mapping[int, Sequence[Entry]],
) -> list[Turn]:
    turns_of = ((one.case_id, _arranged(one, session, histories)) for one in arranged)
    own = {case_id: turn for case_id, turn in turns_of if turn is not None}
    pairs = _pairs(booked, [one.line for one in own.values()])
    paired = {one.case_id for one in pairs.values()}

    def appointment(one: Booked) -> Turn:
        tied = pairs.get(one.line.case_id)
        other = own[tied.case_id] if tied else None
        told = was_called(histories.get(one.line.case_id, ()), session)
        return Turn(
            place=0,
            line=one.line,
            position=one.position,
            waits=one.line.state == _BOOKED,
            stale=one.sequence < session.sequence and (other is None or other.stale),
            told=told or bool(other and other.told),
            tied=tied,
        )

    turns = [appointment(one) for one in booked]
    turns += [one for one in own.values() if one.line.case_id not in paired]
    return [replace(one, place=place) for place, one in enumerate(sorted(turns, key=_rank), 1)]


def _rank(turn: Turn) -> int:
    """A place comes before an arranged case, and that before the waiting line."""
    if turn.booked and turn.position is None:
        return 0
    return 2 if turn.position and turn.tied is None else 1


def _arranged(
    line: Line, session: Session, histories: Mapping[int, Sequence[Entry]]
) -> Turn | None:
    """Its turn; none if it only came of an appointment of this session."""
    history = histories.get(line.case_id, ())
    told = arrangement(history)
    if told is None:
        return None
    return Turn(
        place=0,
        line=line,
        position=None,
        waits=line.state == ARRANGED and not told.heard,
        stale=told.behind(session),
        told=was_called(history, session),
    )


def _pairs(booked: Sequence[Booked], arranged: Sequence[Line]) -> dict[int, Line]:
    """Appointment → the case that is tied to it and comes to the same session, each once."""
    left, found = list(arranged), dict[int, Line]()
    for one in booked:
        kin = one.line.kin
        tied = next((other for other in left if kin and other.kin == kin), None)
        if tied is not None:
            left.remove(tied)
            found[one.line.case_id] = tied
    return found
