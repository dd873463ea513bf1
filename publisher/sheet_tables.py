"""The tables on a printed notice: who receives when, what became of it, and who is who."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, TypeVar

from casework.workdays import cn_date, weekday_name
from publisher.calendar import Leader, Slot
from publisher.model import Place
from publisher.office import Institution
from publisher.view import Row

T = TypeVar("T")
Style = Literal["plain", "struck", "mark"]

USUAL_MODE = "定点接访"
_HEADS = ("日期", "星期", "时间", "姓名", "职务", "分管工作", "地点", "备注", "变动")
_PER_DAY = ("日期", "星期")
_PER_SESSION = ("时间", "地点", "备注", "变动")
_LEFT = ("职务", "分管工作", "地点")


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a cell."""

    text: str
    style: Style = "plain"


Parts = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    parts: Parts
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Column:
    """``share`` is the column's part of the free width; 0 means as wide as its words."""

    head: str
    share: float
    left: bool


@dataclass(frozen=True, slots=True)
class Table:
    """Rows leave out the cells that a cell above them covers."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    ems: float  # width of the widest words of all columns


@dataclass(frozen=True, slots=True)
class _Line:
    """A line before equal cells of a day and of a session become one."""

    day: object
    session: object
    cells: Mapping[str, Parts]


def full_table(rows: Sequence[Row]) -> Table:
    """One line for each leader, with post and portfolio."""
    lines = [
        _line(row, about | _who(leader, style))
        for row, about in zip(rows, _about(rows), strict=True)
        for leader, style in _seated(row)
    ]
    return _table(lines, wide=_LEFT)


def roster_table(rows: Sequence[Row]) -> Table:
    """One line for each session, names only."""
    lines = []
    for row, about in zip(rows, _about(rows), strict=True):
        before = "、".join(leader.name for leader in row.replaced)
        names = (*((Part(before, "struck"),) if before else ()), Part(row.slot.names, _style(row)))
        weekday = (Part(weekday_name(row.date)[-1], _style(row)),)
        lines.append(_line(row, about | {"星期": weekday, "姓名": names}))
    # A short remark may wrap, a name should not.
    brief = any(line.cells.get("变动") for line in lines)
    return _table(lines, wide=("地点", "变动") if brief else ("地点", "姓名"))


def people_table(institution: Institution, rows: Sequence[Row]) -> Table:
    """Who is who: every leader on the sheet once, in the order of the institution's list."""
    order = {person.id: index for index, person in enumerate(institution.people)}
    leaders = {leader: None for row in rows for leader, _style in _seated(row)}
    known = sorted(leaders, key=lambda one: order.get(one.id, len(order)))
    return _table([_Line(one, one, _who(one, "plain")) for one in known], wide=_LEFT)


def same(values: Iterable[T]) -> T | None:
    """The value that all share."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def slots(rows: Iterable[Row]) -> Iterator[Slot]:
    """Every slot whose words the sheet shows: also the struck ones."""
    for row in rows:
        yield row.slot
        if not row.gone:
            yield row.session.original


def usual_places(rows: Sequence[Row]) -> tuple[Place, ...]:
    """The places of at least two thirds of the sessions: the others are noted beside theirs."""
    counted = Counter(row.slot.places for row in rows)
    for places, times in counted.most_common(1):
        if 3 * times >= 2 * len(rows):
            return places
    return ()


def _about(rows: Sequence[Row]) -> Iterator[dict[str, Parts]]:
    """For each row the cells that don't depend on the leader: when, where, what became of it."""
    usual = usual_places(rows)
    one_time = same((slot.half_day, slot.span) for slot in slots(rows))
    modes = {row.slot.mode for row in rows}
    marks = modes - {USUAL_MODE} if len(modes) > 1 else set()
    elsewhere = usual and any(slot.places != usual for slot in slots(rows))
    for row in rows:
        was, now, style = row.session.original, row.slot, _style(row)
        places = _was_and_is(row, _place_names(was), _place_names(now))
        remarks = [Part(now.mode)] if now.mode in marks else []
        if usual and {now.places, was.places} != {usual}:
            remarks += places
        remarks += [Part(words, "mark") for words in _became(row)]
        yield {
            "日期": (Part(cn_date(row.date), style),),
            "星期": (Part(weekday_name(row.date), style),),
            "时间": () if one_time else _was_and_is(row, was.span, now.span),
            "地点": () if usual else places,
            "备注" if marks or elsewhere else "变动": tuple(remarks),
        }


def _who(leader: Leader, style: Style) -> dict[str, Parts]:
    return {
        "姓名": (Part(leader.name, style),),
        "职务": (Part(leader.post, style),),
        "分管工作": (Part("、".join(leader.portfolio), style),),
    }


def _seated(row: Row) -> list[tuple[Leader, Style]]:
    """Leaders announced first who don't sit now, struck; then those who do."""
    now = _style(row)
    return [(one, "struck") for one in row.replaced] + [(one, now) for one in row.leaders]


def _style(row: Row) -> Style:
    return "struck" if row.gone else "plain"


def _place_names(slot: Slot) -> str:
    return "、".join(place.name for place in slot.places)


def _was_and_is(row: Row, was: str, now: str) -> Parts:
    """What was announced first, struck through, above what holds now."""
    before = (Part(was, "struck"),) if was != now and not row.gone else ()
    return (*before, Part(now, _style(row)))


def _became(row: Row) -> list[str]:
    """What became of a session, in few words."""
    session, slot, was = row.session, row.slot, row.session.original
    if row.shown == "away":
        return [f"改到{cn_date(session.slot.date)}"]
    if row.shown == "cancelled":
        return [session.changes[-1].what[0]]
    told = [
        (row.shown == "arrived", f"由{cn_date(was.date)}改期"),
        (slot.names != was.names, "接访领导变更"),
        (slot.span != was.span, "时间变更"),
        (slot.places != was.places, "地点变更"),
        (any(change.what == ("增加",) for change in session.changes), "新增"),
    ]
    return [words for holds, words in told if holds]


def _line(row: Row, cells: Mapping[str, Parts]) -> _Line:
    return _Line((row.date, row.gone), (row.session.id, row.shown), cells)


def _table(lines: Sequence[_Line], wide: Sequence[str]) -> Table:
    """Columns in their order, without empty ones; the ``wide`` ones share the free width."""
    widest = {
        head: max((_ems(p.text) for line in lines for p in line.cells.get(head, ())), default=0)
        for head in _HEADS
    }
    heads = [head for head in _HEADS if widest[head]]
    days = _runs([line.day for line in lines])
    sessions = _runs([(line.day, line.session) for line in lines])
    spans = dict.fromkeys(_PER_DAY, days) | dict.fromkeys(_PER_SESSION, sessions)
    ones = [1] * len(lines)
    rows = tuple(
        tuple(
            Cell(line.cells[head] or (Part(""),), span)
            for head in heads
            if (span := spans.get(head, ones)[index])
        )
        for index, line in enumerate(lines)
    )
    columns = tuple(Column(one, _share(widest[one], one in wide), one in _LEFT) for one in heads)
    return Table(columns, rows, sum(widest.values()))


def _runs(keys: Sequence[object]) -> list[int]:
    """Where a run of equal keys starts, its length; 0 inside it."""
    lengths = (len(list(run)) for _key, run in groupby(keys))
    return [found for length in lengths for found in (length, *[0] * (length - 1))]


def _share(ems: float, wide: bool) -> float:
    """Part of the free width for a column whose longest line has so many ems."""
    return min(max(ems, 4), 24) + 0.8 if wide or ems > 11 else 0


def _ems(text: str) -> float:
    return sum(1 if unicodedata.east_asian_width(c) in "WFA" else 0.55 for c in text)
