"""What was filed, for tests of the desk: sealed as the public service seals it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from intake_app.docket import Docket, Scope
from intake_app.entries import Writing
from intake_app.envelopes import key_id, seal
from intake_app.published import Session
from intake_app.records import Filed, Lane, Wanted
from tests.desk.staffing import DeskOffice
from tests.handling import UNIT, actor, facts
from tests.intake.filings import filing

#: Words that may stand on no page and in no file unless the vault is open and somebody asks.
NAME, PHONE, REQUEST = "热娜·吐尔逊", "13812345678", "请补发低保金"
SECRETS = (NAME, PHONE, REQUEST)


def file(
    office: DeskOffice,
    at: datetime | None = None,
    *,
    session: Session | None = None,
    lane: Lane = "common",
    **said: Any,
) -> Filed:
    """An appeal, or an appointment of ``session``; the petitioner's words are ``SECRETS``."""
    key = office.service.public_key(lane)
    usual: dict[str, Any] = {"institution": "yunling-county", "matter": "land-acquisition"}
    if session is not None:
        terms = session.booking
        assert terms is not None
        place = Wanted(session.id, session.sequence, terms.quota, terms.closes)
        usual |= {"form": "appointment", "course": "appointment", "booking": place}
    one = filing(lane=lane, sealed=seal(key, _words()), key_id=key_id(key), **usual | said)
    return office.service.store.file(one, at or office.service.now())


def _words() -> bytes:
    said: Mapping[str, str] = {"name": NAME, "phone": PHONE, "request": REQUEST}
    answers = [
        {"id": name, "label": name, "value": value, "shown": value} for name, value in said.items()
    ]
    return json.dumps({"title": "表", "answers": answers}, ensure_ascii=False).encode()


def go(
    office: DeskOffice, case: Filed, *steps: str, at: datetime | None = None, **more: str
) -> None:
    """Do steps of the case's own course, each by who may; ``more`` facts where a step asks them."""
    store = office.service.store
    line = Docket(store).line(Scope(), case.case_id)
    assert line is not None
    course = office.service.published.course_of(line.course, line.institution)
    now = at or office.service.now()
    for name in steps:
        step = course.steps[name]
        wanted = {fact.id: more[fact.id] for fact, _ in step.facts if fact.id in more}
        who = replace(actor(step), unit=wanted.get("unit", UNIT))
        sealed = seal(office.service.public_key("common"), b"{}")
        told = (sealed, sealed) if step.tells else None
        writing = Writing(name, who, data=facts(step, now) | wanted, sealed=sealed, reply=told)
        store.enter(case.case_id, writing, now)
