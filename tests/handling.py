"""The sample county's courses and clocks, and cases that are taken along them step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from casework.courses import Course, Courses, Step
from casework.deadlines import Clock
from casework.record import (
    BACK,
    UNDONE,
    Actor,
    Due,
    Entry,
    Handling,
    Offer,
    Rules,
    Standing,
    dues,
    fold,
    next_step,
    offers,
)
from casework.workdays import SHANGHAI
from publisher.courses import all_courses
from publisher.load import load

if TYPE_CHECKING:
    from intake_app.store import Store

CONTENT = Path(__file__).parent.parent / "content"
CLERK = Actor("clerk1", "clerk")
DIRECTOR = Actor("director1", "director")
OFFICER = Actor("officer1", "report")
UNIT = "县自然资源局"
LEADER = "yang-wenbo"

#: What a step of a test records where nothing else is said.
USUAL: Mapping[str, str] = {
    "unit": UNIT,
    "leader": LEADER,
    "incharge": LEADER,
    "session": "yunling-county-20261211-0830",
    "due": "2026-12-31",
    "promised": "2027-03-01",
    "received_on": "2026-12-20",
    "accepted_on": "2026-12-08",
    "served_on": "2026-12-08",
    "signed_on": "2026-12-08",
    "heard_on": "2026-12-08",
    "signature": "同意",
    "method": "当面",
    "approved_by": LEADER,
    "present": "四方都到",
    "absent": "责任单位",
    "review_body": "云岭县人民政府",
    "second_review_body": "州人民政府",
    "solved": "解决了",
    "first_asked": "clerk1",
    "other": "2026-000002",
}


@cache
def handling() -> Handling:
    """As content/ says it."""
    office, _ = load(CONTENT)
    assert office
    assert office.states
    assert office.clocks
    files = {one.slug: one.value.institutions for one in office.courses}
    clocks = office.clocks.value.clocks
    rules = Rules(
        {
            one.id: Clock(one.id, one.name, one.length, one.unit, one.starts, one.article)
            for one in clocks
        },
        office.workdays,
        {one.id: one.extends for one in clocks if one.extends},
        rolls=office.clocks.value.rolls,
    )
    return Handling(Courses(all_courses(office.courses, office.states.value), files), rules)


def course(name: str) -> Course:
    """A course by its file's name."""
    return handling().courses.all[name]


#: Days on which something happened: in a store that knows the day, they are no later than it.
HAPPENED = ("received_on", "accepted_on", "served_on", "signed_on")


def facts(step: Step, now: datetime | None = None) -> dict[str, str]:
    """What the step must record, but for persons' words; ``now``: it all happened today."""
    said = {one.id: USUAL[one.id] for one, needed in step.facts if needed and not one.sealed}
    today = {one: now.date().isoformat() for one in HAPPENED} if now else {}
    return {name: today.get(name, value) for name, value in said.items()}


def actor(step: Step) -> Actor:
    """One who may do it: a clerk, else the first of its roles."""
    role = "clerk" if "clerk" in step.by else step.by[0]
    return Actor("" if role == "petitioner" else f"{role}1", role, UNIT, LEADER)


def walk(store: Store, case_id: int, *steps: str, now: datetime, like: str = "appeal") -> None:
    """Do these steps of a course, each by one who may."""
    from intake_app.entries import Writing

    for name in steps:
        step = course(like).steps[name]
        sealed = b"words" if any(fact.sealed for fact, needed in step.facts if needed) else None
        reply = (b"to the petitioner", b"to the office") if step.tells else None
        writing = Writing(name, actor(step), data=facts(step, now), sealed=sealed, reply=reply)
        store.enter(case_id, writing, now)


@dataclass
class Told:
    """A case in memory: its entries, read and added to as the desk does, without a store."""

    course: Course
    entries: list[Entry] = field(default_factory=list)
    day: date = date(2026, 12, 8)
    unit: str | None = UNIT
    leader: str | None = LEADER

    def __post_init__(self) -> None:
        if not self.entries:
            self.add("received", state="received")

    def add(
        self,
        kind: str,
        day: str = "",
        *,
        state: str | None = None,
        by: str | None = None,
        ref: str | None = None,
        **data: str,
    ) -> Entry:
        """An entry of any kind, at noon."""
        self.day = date.fromisoformat(day) if day else self.day
        at = datetime.combine(self.day, time(12), SHANGHAI)
        made = Entry(len(self.entries) + 1, at, kind, state, by, ref, data)
        self.entries.append(made)
        return made

    def do(self, step: str, day: str = "", **data: str) -> Entry:
        """A step as it is offered, by one who may; what it must record is said if not given."""
        found = self.course.steps[step]
        who = self.actor(found)
        offer = next((one for one in self.offers(who) if one.step.id == step), None)
        assert offer, f"{step} is not offered in {self.stands.state}"
        assert not offer.missing, offer.missing
        said = {**facts(found), **data}
        return self.add(step, day, state=found.to, by=who.id or None, **said)

    def walk(self, *steps: str) -> Told:
        """These steps on one day; ``step+fact`` records a fact that need not be said."""
        for one in steps:
            name, *more = one.split("+")
            self.do(name, **{fact: USUAL[fact] for fact in more})
        return self

    def back(self, papers: str, *copies: str) -> Told:
        """Sheets that are given back."""
        for one in copies:
            self.add(BACK, ref=f"{papers}:{one}", by=CLERK.id)
        return self

    def undo(self, entry: Entry) -> Entry:
        """Take an entry back."""
        return self.add(UNDONE, ref=str(entry.id), by=CLERK.id)

    def actor(self, step: Step) -> Actor:
        """Who does it here: a clerk, else the first of its roles, in his own cases."""
        role = "clerk" if "clerk" in step.by else step.by[0]
        return self.who(role)

    def who(self, role: str) -> Actor:
        """One of that role whose case it is."""
        return Actor("" if role == "petitioner" else f"{role}1", role, self.unit, self.leader)

    def offers(self, who: Actor) -> tuple[Offer, ...]:
        return offers(self.course, self.stands, who)

    def can(self, role: str) -> dict[str, tuple[str, ...]]:
        """Steps that are offered to a role, each with what is missing."""
        return {one.step.id: one.missing for one in self.offers(self.who(role))}

    @property
    def stands(self) -> Standing:
        return fold(self.course, self.entries)

    @property
    def next(self) -> str | None:
        found = next_step(self.course, self.stands)
        return found.id if found else None

    @property
    def dues(self) -> dict[str, Due]:
        """By the clock's id, or the name of a day that the office named."""
        found = dues(self.course, self.stands, handling().rules)
        return {one.clock.id if one.clock else one.name: one for one in found}


def told(name: str, **more: object) -> Told:
    """A case that was just received and follows a course."""
    return Told(course(name), **more)  # type: ignore[arg-type]
