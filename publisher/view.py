"""How a month looks: rows of a list and cells of a grid, made from sessions; no HTML here."""

from __future__ import annotations

import calendar as stdlib_calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Literal

from casework.workdays import WorkCalendar, YearMissing, cn_date
from publisher.calendar import Alteration, Leader, Session, Slot, in_month, month_of

_Date = date  # inside a class with a field of that name
Shown = Literal["held", "arrived", "away", "cancelled"]
_STOPPED_OR_MOVED = (("改期",), ("取消",), ("暂停",))


@dataclass(frozen=True)
class Row:
    """One line of a month's list. A moved session has two: where it was, and where it is."""

    session: Session
    shown: Shown

    @cached_property
    def slot(self) -> Slot:
        return self.session.original if self.shown == "away" else self.session.slot

    @cached_property
    def date(self) -> date:
        return self.slot.date

    @cached_property
    def gone(self) -> bool:
        return self.shown in ("away", "cancelled")

    @cached_property
    def leaders(self) -> tuple[Leader, ...]:
        return self.slot.leaders

    @cached_property
    def replaced(self) -> tuple[Leader, ...]:
        """Leaders announced first who don't sit now: shown struck through."""
        if self.gone:
            return ()
        now = {leader.name for leader in self.slot.leaders}
        return tuple(one for one in self.session.original.leaders if one.name not in now)

    @cached_property
    def _told(self) -> tuple[Alteration, ...]:
        """The changes that speak of this row: not what stopped a day that was since left."""
        changes = self.session.changes
        if self.shown != "arrived":
            return changes
        moved = changes.index(_moved(self.session))
        left = [one for one in changes[:moved] if one.what not in _STOPPED_OR_MOVED]
        return (*left, *changes[moved:])

    @cached_property
    def tags(self) -> tuple[tuple[str, str], ...]:
        """(words, css class) of the badges."""
        found: list[tuple[str, str]] = []
        whats = [what for change in self._told for what in change.what]
        if self.shown == "cancelled":
            return (("暂停" if whats[-1] == "暂停" else "取消", "off"),)
        if self.shown == "away":
            return (("改期", ""),)
        untold = {"改期", "取消", "暂停"}
        if self.shown == "arrived":
            found.append(("改期至此", ""))
            untold |= {"恢复"} & set(_moved(self.session).what)
        found += [(what, "") for what in dict.fromkeys(whats) if what not in untold]
        if self.slot.mode != "定点接访":
            found.append((self.slot.mode, "plain"))
        elif len(self.slot.leaders) > 1:
            found.append(("联合接访", "plain"))
        return tuple(found)

    @cached_property
    def explanations(self) -> tuple[str, ...]:
        """What changed and why, in sentences; where there are several, each with its day."""
        session = self.session
        if self.shown == "away":
            return (f"改到{session.slot.day}。原因：{_moved(session).reason}",)
        return tuple(
            (f"{cn_date(one.announced)}公布：" if len(self._told) > 1 else "") + self._sentence(one)
            for one in self._told
        )

    def _sentence(self, change: Alteration) -> str:
        arrived = self.shown == "arrived" and change is _moved(self.session)
        says = f"由{self.session.original.day}改期而来" if arrived else change.says
        return f"{says}。原因：{change.reason}"


def _moved(session: Session) -> Alteration:
    return next(one for one in reversed(session.changes) if "改期" in one.what)


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the grid; ``off`` names a holiday.

    ``kind``: has sessions, none is left (all gone), off (weekend, holiday), out of the month, "".
    """

    date: date
    kind: Literal["has", "none", "off", "out", ""]
    off: str | None = None
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class MonthView:
    """A month of one institution, ready for a template."""

    month: str
    rows: tuple[Row, ...]
    workdays: WorkCalendar

    @property
    def title(self) -> str:
        return month_title(self.month)

    @cached_property
    def span(self) -> str | None:
        """The time of day when it is the same for all sessions, e.g. 上午 8:30–11:30."""
        spans = {(row.slot.half_day, row.slot.span) for row in self.rows}
        return " ".join(spans.pop()) if len(spans) == 1 else None

    @cached_property
    def place(self) -> str | None:
        """The place when it is the same for all sessions."""
        places = {tuple(place.name for place in row.slot.places) for row in self.rows}
        return "、".join(places.pop()) if len(places) == 1 else None

    @cached_property
    def weeks(self) -> tuple[tuple[Cell, ...], ...]:
        """The grid: weeks of seven cells."""
        by_day: dict[date, list[Row]] = {}
        for row in self.rows:
            by_day.setdefault(row.date, []).append(row)
        year, number = (int(part) for part in self.month.split("-"))
        return tuple(
            tuple(self._cell(day, number, by_day) for day in week)
            for week in stdlib_calendar.Calendar().monthdatescalendar(year, number)
        )

    def _cell(self, day: date, number: int, by_day: dict[date, list[Row]]) -> Cell:
        rows = tuple(by_day.get(day, ()))
        if day.month != number or not rows:
            return _empty_cell(day, number, self.workdays)
        kind: Literal["has", "none"] = "none" if all(row.gone for row in rows) else "has"
        return Cell(day, kind, _off(day, self.workdays), rows)

    @property
    def compact(self) -> bool:
        return len(self.rows) > 16

    def past(self, today: date) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.date < today)

    def coming(self, today: date) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.date >= today)


@lru_cache(maxsize=4096)
def _empty_cell(day: date, number: int, workdays: WorkCalendar) -> Cell:
    """A day without sessions in the grid of month ``number``: the same in every institution."""
    if day.month != number:
        return Cell(day, "out")
    off = _off(day, workdays)
    return Cell(day, "off" if off or day.weekday() >= 5 else "", off)


def month_title(month: str) -> str:
    year, number = month.split("-")
    return f"{year}年{int(number)}月"


def month_view(month: str, sessions: Iterable[Session], workdays: WorkCalendar) -> MonthView:
    """The month with its rows by day and hour, and its grid from Monday to Sunday."""
    rows = sorted(
        (row for session in sessions if in_month(session, month) for row in rows_of(session)),
        key=lambda row: (row.date, row.slot.start, row.session.id),
    )
    return MonthView(month, tuple(row for row in rows if month_of(row.date) == month), workdays)


def rows_of(session: Session) -> tuple[Row, ...]:
    if session.status == "moved":
        return (Row(session, "away"), Row(session, "arrived"))
    if session.status == "cancelled":
        moved = session.slot.date != session.original.date
        return (*((Row(session, "away"),) if moved else ()), Row(session, "cancelled"))
    return (Row(session, "held"),)


def _off(day: date, workdays: WorkCalendar) -> str | None:
    try:
        return workdays.holiday(day)
    except YearMissing:
        return None
