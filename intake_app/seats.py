"""How often leaders received: counted from the calendar as it was published, against the rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from intake_app.digest import Month
from intake_app.published import Published, Session


@dataclass(frozen=True, slots=True)
class Seat:
    """How often a leader received, and whom: ``cases`` of the month. ``lacks``: in words."""

    person: str  # id
    house: str
    name: str
    post: str
    month: int
    year: int
    cases: int
    lacks: str


def held(published: Published, first: date, last: date, today: date) -> list[Session]:
    """The sessions that took place in a span of days; today's count."""
    return [
        one
        for one in published.sessions.values()
        if first <= one.day <= min(last, today) and not one.cancelled
    ]


def seats(
    month: Month,
    published: Published,
    today: date,
    *,
    heard: Mapping[str, int],
    slugs: Iterable[str],
    person: str | None = None,
) -> tuple[Seat, ...]:
    """Each leader of these institutions who received this year or has to.

    ``heard``: session → how many cases were heard in it. ``person``: his line alone, also if empty.
    """
    found: list[Seat] = []
    for slug in slugs:
        this_year = [
            one
            for one in held(published, date(month.year, 1, 1), month.last, today)
            if one.institution == slug
        ]
        found += _seats_of(slug, this_year, month, published, heard)
    if person is not None:
        return tuple(one for one in found if one.person == person)
    return tuple(one for one in found if one.year or one.lacks)


def _seats_of(
    slug: str,
    sessions: Sequence[Session],
    month: Month,
    published: Published,
    heard: Mapping[str, int],
) -> list[Seat]:
    house = published.institutions[slug]
    known = {one.name: one for one in house.people}
    known |= {one.name: one for session in sessions for one in session.leaders if one.name}
    in_year = Counter(one.name for session in sessions for one in session.leaders)
    now = [one for one in sessions if one.day >= month.first]
    in_month = Counter(one.name for session in now for one in session.leaders)
    cases = Counter[str]()
    for session in now:
        for one in session.leaders:
            cases[one.name] += heard.get(session.id, 0)
    return [
        Seat(
            person=one.id,
            house=house.short,
            name=name,
            post=one.post,
            month=in_month[name],
            year=in_year[name],
            cases=cases[name],
            lacks=_lacks(name, slug, published, in_month[name], in_year[name]),
        )
        for name, one in known.items()
    ]


def _lacks(name: str, slug: str, published: Published, in_month: int, in_year: int) -> str:
    """The rule, and how many receptions are missing; nothing where no rule names him."""
    said = []
    for duty in published.institutions[slug].duties:
        if name in duty.people:
            span, sat = ("每月", in_month) if duty.per == "month" else ("每年", in_year)
            lacking = duty.times - sat
            says = f"还差{lacking}次" if lacking > 0 else "够了"
            said.append(f"{span}至少{duty.times}次，{says}")
    return "；".join(said)
