"""The questions of a step: what is likely, what may be chosen, and what was typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask import request

from casework.courses import FACTS, Fact, wrong
from casework.record import Offer, untimely
from intake_app import attachments
from intake_app.desk.cases import staff_names
from intake_app.desk.guard import current_staff, desk
from intake_app.desk.reading import Opened
from intake_app.desk.sitting import does_not_sit, likely_leader, sessions_for
from intake_app.forms import clean, people_of, read_day
from intake_app.published import Published
from intake_app.signs import normal_number

_LONGEST: Mapping[str, int] = {"text": 5000}
_LONGEST_LINE = 200
_NUMBER = re.compile(r"[1-9]\d{0,5}")
_BEFORE = (
    "matter", "unit", "leader", "incharge", "area", "people", "session", "channel", "first_asked",
)  # fmt: skip
_NO_GUESS = ("due", "promised", "accepted_on")


@dataclass(slots=True)
class Asked:
    """One question of a step, with what was typed and what is wrong with it."""

    fact: Fact
    required: bool
    value: str = ""
    error: str = ""
    choices: list[tuple[str, str]] = field(default_factory=list)
    suggestions: tuple[str, ...] = ()


def questions(found: Opened, offer: Offer, *, typed: bool) -> list[Asked]:
    """What a step asks; and where a signature that is not the actor's own is kept."""
    made = [Asked(fact, needed) for fact, needed in offer.step.facts]
    if offer.proof and all(one.fact.id != "proof" for one in made):
        made.append(Asked(FACTS["proof"], required=True))
    asked = filled(found, made, typed=typed)
    rules = desk().home.published.handling.rules
    for one in asked:
        if one.fact.id == "remedy" and not typed:
            one.value = offer.step.remedy or ""
        elif one.fact.id == "received_on" and offer.step.late:  # not today, and not for guessing
            if not typed:
                one.value = ""
            elif one.value and not one.error:
                day = date.fromisoformat(one.value)
                one.error = untimely(offer.step, found.stands, rules, day) or ""
    return asked


def filled(found: Opened, made: list[Asked], *, typed: bool, guessed: bool = True) -> list[Asked]:
    """The questions with what was typed, or with what is likely; else with what is recorded."""
    published, today = desk().home.published, desk().home.now().date()
    for one in made:
        one.choices = _choices(published, found, one.fact, today)
        one.suggestions = published.units if one.fact.kind == "unit" else ()
        if typed and one.fact.kind == "file":
            arrived = [file for file in request.files.getlist(f"f_{one.fact.id}") if file.filename]
            one.error = attachments.refusal(arrived, []) or ""
            if one.required and not arrived:
                one.error = f"请选一个文件：{one.fact.label}"
        elif typed:
            one.value, one.error = _read(one, request.form.get(f"f_{one.fact.id}", ""))
            if one.value and not one.error and one.fact.kind == "date":
                one.error = wrong(one.fact, one.value, today, found.stands.received) or ""
        else:
            one.value = _recorded(found, one.fact)
            if guessed and not one.value:
                one.value = _likely(published, found, one.fact, today)
    if typed:
        _fits(published, made)
    return made


def _fits(published: Published, made: list[Asked]) -> None:
    """A leader is chosen among those who sit in the session."""
    there = {one.fact.id: one for one in made if one.value and not one.error}
    if "leader" in there and "session" in there:
        session = published.sessions.get(there["session"].value)
        there["leader"].error = does_not_sit(session, there["leader"].value)


def _recorded(found: Opened, fact: Fact) -> str:
    """What was said before; of how many persons it is, also what the petitioner wrote himself."""
    if fact.id not in _BEFORE:
        return ""
    before: str | int | None = found.stands.facts.get(fact.id)
    if before is None and fact.id == "people":
        before = people_of({one.id: one.shown for one in found.filed.answers})
    return str(before or getattr(found.line, fact.id, None) or "")


def _likely(published: Published, found: Opened, fact: Fact, today: date) -> str:
    """The leader whose portfolio the matter is, its unit, who is at this screen, today."""
    matter = published.matters.get(found.line.matter or "")
    likely: Mapping[str, str] = {
        "unit": matter.unit if matter else "",
        "leader": likely_leader(published, found) if fact.id == "leader" else "",
        "first_asked": current_staff().id,
    }
    if fact.kind == "date" and fact.id not in _NO_GUESS:
        return today.isoformat()
    return likely.get(fact.id, "")


def _choices(published: Published, found: Opened, fact: Fact, today: date) -> list[tuple[str, str]]:
    """(value, words); those that are likely come first."""
    if fact.kind == "choice":
        return [(one, one) for one in fact.choices]
    if fact.kind == "matter":
        shut = found.line.lane != "confidential"  # a report of wrongdoing has a lane of its own
        matters = (one for one in published.matters.values() if not (shut and one.secret))
        return [(one.id, f"{one.group}：{one.name}") for one in matters]
    if fact.kind == "staff":
        return list(staff_names().items())
    if fact.kind == "person":
        houses = sorted(
            published.institutions.values(), key=lambda one: one.slug != found.line.institution
        )
        people = {one.id: f"{one.name}（{one.post}）" for house in houses for one in house.people}
        return list(people.items())
    if fact.kind != "session":
        return []
    return sessions_for(published, found, today)


def _read(asked: Asked, raw: str) -> tuple[str, str]:
    """What was typed as it is stored, and what is wrong with it."""
    fact, value = asked.fact, clean(raw) or ""
    if fact.kind == "flag":
        return ("yes" if value else ""), ""
    if not value:
        return "", f"请填写：{fact.label}" if asked.required else ""
    stored, says = value, ""
    if fact.kind == "date":
        day = read_day(value)
        stored, says = (day.isoformat(), "") if day else (value, "日期写成这样：2026年12月11日")
    elif fact.kind == "number" and not _NUMBER.fullmatch(value):
        says = "写一个数字，例如 5"
    elif fact.kind == "case":
        number = normal_number(value)
        stored, says = (number, "") if number else (value, "编号写成这样：2026-000123")
    elif asked.choices and value not in {one for one, _ in asked.choices}:
        says = f"请在列出的里面选一项：{fact.label}"
    elif (over := len(value) - _LONGEST.get(fact.kind, _LONGEST_LINE)) > 0:
        says = f"{fact.label}太长，多了{over}个字"
    return stored, says
