"""A month in figures: lines of the docket become counts; pure, so that they can be counted by hand.

What is counted nowhere: reports of wrongdoing, and appointments, which are no matters yet. Counts
hold no name and no number of anybody who filed something.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, Self

from casework.workdays import month_end
from intake_app.published import Published

if TYPE_CHECKING:
    from intake_app.docket import Line

#: Courses that are counted, as people call them.
COURSES: Mapping[str, str] = {"short": "建议意见", "appeal": "申诉求决"}
CHANNELS = ("来访", "来信", "来电", "网上")
Between = Callable[[Literal["received", "closed", "due"], date, date], "Sequence[Line]"]
OTHER = "其他"
UNSAID = "没有写"
_SIZES = ((1, "一人"), (4, "二至四人"), (10**9, "五人以上"))
_MOST = 15  # places that are named; the rest is told together
_MONTH = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, day.month)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """``2026-11``; None for what is no month."""
        found = _MONTH.fullmatch(text)
        if not found or not 1 <= int(found[2]) <= 12 or not 2000 <= int(found[1]) < 2100:
            return None
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02d}"

    @property
    def title(self) -> str:
        return f"{self.year}年{self.month}月"

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return month_end(self.first)

    @property
    def before(self) -> Month:
        return Month.of(self.first - timedelta(days=1))

    @property
    def after(self) -> Month:
        return Month.of(self.last + timedelta(days=1))

    @property
    def year_ago(self) -> Month:
        return Month(self.year - 1, self.month)


@dataclass(frozen=True, slots=True)
class Rows:
    """The lines that a month is counted from; each month read apart, never the whole docket.

    ``due``: appeals whose time to be answered ended in the month.
    """

    received: Sequence[Line]
    closed: Sequence[Line]
    due: Sequence[Line]

    @classmethod
    def read(cls, between: Between, month: Month) -> Self:
        """Ask ``Docket.between``, for whose eyes it is meant already chosen."""
        first, last = month.first, month.last
        return cls(
            between("received", first, last),
            between("closed", first, last),
            between("due", first, last),
        )


@dataclass(frozen=True, slots=True)
class Count:
    """Cases of one kind, and the persons that they speak for: never the same number."""

    name: str
    cases: int
    persons: int


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The cases received, divided in one way; all counts add up to the whole."""

    id: str
    title: str
    head: str
    counts: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """A figure beside that of the month before and of the same month a year ago."""

    name: str
    now: int
    before: int
    year_ago: int

    @property
    def since(self) -> str:
        return change(self.now, self.before)

    @property
    def in_a_year(self) -> str:
        return change(self.now, self.year_ago)


@dataclass(frozen=True, slots=True)
class Digest:
    """What 《信访摘报》 tells of a month. ``due`` = ``in_time`` + ``overdue``."""

    month: Month
    cases: int
    persons: int
    breakdowns: tuple[Breakdown, ...]
    linked: Count
    closed: int
    due: int
    in_time: int
    overdue: int
    trends: tuple[Trend, ...]

    @property
    def rate(self) -> str:
        """Answered in time, of those that had to be answered in the month."""
        return percent(self.in_time, self.due)


# ── what counts ──────────────────────────────────────────────────────────────────────────────


def counted(lines: Iterable[Line], published: Published) -> list[Line]:
    """The lines that a count may hold at all."""
    secret = {one.id for one in published.matters.values() if one.secret}
    return [
        one
        for one in lines
        if one.lane == "common" and one.course in COURSES and one.matter not in secret
    ]


def ended(lines: Iterable[Line], today: date) -> list[Line]:
    """Those that were answered, or whose last day is over."""
    return [one for one in lines if one.due and (one.answered or one.due < today)]


def in_time(one: Line) -> bool:
    return bool(one.due and one.answered and one.answered <= one.due)


def house_of(one: Line, published: Published) -> str:
    """The institution that a case is counted at: its own, its matter's, or the site's own."""
    matter = published.matters.get(one.matter or "")
    return one.institution or (matter.institution if matter else published.primary)


def groups(published: Published) -> list[str]:
    """The groups of matters that are counted, in their order."""
    return list(dict.fromkeys(one.group for one in published.matters.values() if not one.secret))


def group_of(one: Line, published: Published) -> str:
    """The group of its matter; of a case without one, 其他, or what comes last."""
    matter = published.matters.get(one.matter or "")
    if matter:
        return matter.group
    known = groups(published)
    return OTHER if OTHER in known or not known else known[-1]


# ── the digest ───────────────────────────────────────────────────────────────────────────────


def digest(
    month: Month,
    rows: Rows,
    published: Published,
    today: date,
    *,
    before: Rows,
    year_ago: Rows,
) -> Digest:
    """Count a month and set it beside two others."""
    received = counted(rows.received, published)
    due = ended(counted(rows.due, published), today)
    good = sum(map(in_time, due))
    linked = [one for one in received if one.kin]
    return Digest(
        month=month,
        cases=len(received),
        persons=_persons(received),
        breakdowns=_breakdowns(received, published),
        linked=Count("和别的事项有关联", len(linked), _persons(linked)),
        closed=len(counted(rows.closed, published)),
        due=len(due),
        in_time=good,
        overdue=len(due) - good,
        trends=tuple(
            Trend(name, *(figure(one) for one in (rows, before, year_ago)))
            for name, figure in _figures(published, today).items()
        ),
    )


def _figures(published: Published, today: date) -> Mapping[str, Callable[[Rows], int]]:
    return {
        "收到件数": lambda rows: len(counted(rows.received, published)),
        "反映人次": lambda rows: _persons(counted(rows.received, published)),
        "办结件数": lambda rows: len(counted(rows.closed, published)),
        "超期件数": lambda rows: sum(
            not in_time(one) for one in ended(counted(rows.due, published), today)
        ),
    }


def _breakdowns(lines: Sequence[Line], published: Published) -> tuple[Breakdown, ...]:
    matters, houses = published.matters, published.institutions

    def matter(one: Line) -> str:
        return found.name if (found := matters.get(one.matter or "")) else UNSAID

    def house(one: Line) -> str:
        slug = house_of(one, published)
        return houses[slug].short if slug in houses else slug

    kinds: Sequence[tuple[str, str, str, Callable[[Line], str], Sequence[str]]] = (
        ("houses", "按收件单位分", "收件单位", house, ()),
        ("groups", "按事项类别分", "事项类别", lambda one: group_of(one, published), ()),
        ("matters", "按具体事项分", "事项", matter, ()),
        ("units", "按责任单位分", "责任单位", lambda one: one.unit or "还没有定", ()),
        ("areas", "按问题属地分", "属地", lambda one: one.area or UNSAID, ()),
        ("channels", "按来的方式分", "来的方式", lambda one: one.channel, CHANNELS),
        ("courses", "按事情的性质分", "性质", lambda one: COURSES[one.course], _COURSE_NAMES),
        ("sizes", "按反映的人数分", "人数", _size, tuple(name for _, name in _SIZES)),
    )
    return tuple(
        Breakdown(name, title, head, _counts(lines, key, order))
        for name, title, head, key, order in kinds
    )


_COURSE_NAMES = tuple(COURSES.values())


def _counts(
    lines: Iterable[Line], key: Callable[[Line], str], order: Sequence[str]
) -> tuple[Count, ...]:
    """In the order that people know, else the largest first, what was left out last."""
    cases: Counter[str] = Counter()
    persons: Counter[str] = Counter()
    for one in lines:
        cases[key(one)] += 1
        persons[key(one)] += one.people
    if order:
        named = [*order, *sorted(cases.keys() - set(order))]
    else:
        named = sorted(cases, key=lambda name: (name == UNSAID, -cases[name], name))
    shown, rest = (named, []) if len(named) <= _MOST + 1 else (named[:_MOST], named[_MOST:])
    found = [Count(name, cases[name], persons[name]) for name in shown]
    if rest:
        found.append(
            Count(
                f"其余{len(rest)}类",
                sum(cases[one] for one in rest),
                sum(persons[one] for one in rest),
            )
        )
    return tuple(found)


def _size(one: Line) -> str:
    return next(name for most, name in _SIZES if one.people <= most)


def _persons(lines: Iterable[Line]) -> int:
    return sum(one.people for one in lines)


def percent(part: int, whole: int) -> str:
    """ "93.3%"; a dash where there is nothing to be part of."""
    if not whole:
        return "—"
    return f"{100 * part / whole:.1f}".removesuffix(".0") + "%"


def change(now: int, then: int) -> str:
    """How a figure went, in words."""
    if now == then:
        return "持平"
    went, turned = ("多", "上升") if now > then else ("少", "下降")
    share = f"，{turned}{percent(abs(now - then), then)}" if then else ""
    return f"{went}{abs(now - then)}{share}"


# ── what is late ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Late:
    """A case whose day is over: which clock, since when."""

    number: str
    matter: str
    what: str
    day: date
    days: int


@dataclass(frozen=True, slots=True)
class LateUnit:
    """What a unit is late with, the longest first."""

    unit: str
    cases: tuple[Late, ...]


def late(lines: Iterable[Line], published: Published, today: date) -> tuple[LateUnit, ...]:
    """By unit, those with the most first; a case that no unit has is its institution's."""
    clocks = published.handling.rules.clocks
    found: dict[str, list[Late]] = {}
    for one in counted(lines, published):
        if one.next_day is None or one.next_day >= today:
            continue
        slug = house_of(one, published)
        house = published.institutions.get(slug)
        clock, matter = clocks.get(one.next_what or ""), published.matters.get(one.matter or "")
        found.setdefault(one.unit or (house.short if house else slug), []).append(
            Late(
                number=one.number,
                matter=matter.name if matter else UNSAID,
                what=clock.name if clock else "定下的日子",
                day=one.next_day,
                days=(today - one.next_day).days,
            )
        )
    return tuple(
        LateUnit(unit, tuple(sorted(cases, key=lambda one: (-one.days, one.number))))
        for unit, cases in sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    )
