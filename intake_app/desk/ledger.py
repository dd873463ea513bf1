"""Cases as rows of the ledger (台账): clear facts always, a person's words only with the key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from casework.record import Entry, Standing, fold
from intake_app.desk.cases import docket, staff_names
from intake_app.desk.guard import desk
from intake_app.desk.reading import written
from intake_app.docket import Line
from intake_app.documents.ledger import Row
from intake_app.published import Published

_REQUEST = ("request", "advice", "question", "facts")


_SERVING = ("serve", "decline-serve", "tell")


def ledger_rows(lines: Sequence[Line], key: bytes | None) -> list[Row]:
    """``key``: the lane's private key, for names, addresses, telephones and requests."""
    published, names = desk().home.published, staff_names()
    ids = [one.case_id for one in lines]
    told = docket().histories(ids)
    sealed = docket().written(ids) if key else {}
    rows: list[Row] = []
    for one in lines:
        row = _clear(one, told[one.case_id], published, names)
        if key and one.case_id in sealed:
            row |= _personal(published, one, sealed[one.case_id], key)
        rows.append(row)
    return rows


def _clear(
    line: Line, entries: Sequence[Entry], published: Published, names: Mapping[str, str]
) -> dict[str, str | int | date | None]:
    course = published.course_of(line.course, line.institution)
    stands = fold(course, entries)
    matter, leader = published.matters.get(line.matter or ""), published.leader(line.leader or "")
    session, state = published.sessions.get(line.session or ""), course.states.get(line.state)
    asked = stands.facts.get("first_asked", "")
    return {
        "number": line.number,
        "received": _named(stands, "received_on") or line.received.date(),
        "channel": line.channel,
        "people": line.people,
        "matter": matter.name if matter else None,
        "area": line.area,
        "first_asked": names.get(asked, asked),
        "leader": leader.name if leader else None,
        "session": session.day if session else None,
        "unit": line.unit,
        "accepted": _done(stands, "accept", "accepted_on"),
        "due": line.due,
        "state": state.name if state else line.state,
        "replied": _done(stands, "reply", "") or _done(stands, "answer", ""),
        "served": next(filter(None, (_done(stands, one, "served_on") for one in _SERVING)), None),
        "closed": line.closed.date() if line.closed else None,
        "rated": "评价过" if _done(stands, "rated", "") else None,
        "note": "加急" if line.urgent else None,
    }


def _done(stands: Standing, step: str, fact: str) -> date | None:
    """The day of a step: the one that it names, else that of its entry."""
    last = next((one for one in reversed(stands.history) if one.kind == step), None)
    if last is None:
        return None
    return date.fromisoformat(last.data[fact]) if last.data.get(fact) else last.day


def _named(stands: Standing, fact: str) -> date | None:
    first = stands.history[0].data.get(fact)
    return date.fromisoformat(first) if first else None


def _personal(published: Published, line: Line, box: Sequence[bytes], key: bytes) -> dict[str, str]:
    filed = written(published, line, box, key)
    request = next((said for name in _REQUEST if (said := filed.answer(name))), "")
    named = {name: filed.answer(name) for name in ("name", "address", "phone")}
    return named | {"request": request}
