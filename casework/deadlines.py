"""When the law's time is over; exists so that every due date is counted the one right way.

《信访工作条例》: 日 are calendar days, 工作日 workdays; the first day is the day after; dates are
those of Asia/Shanghai. Lengths are content (content/clocks.yml), never code.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from casework.workdays import SHANGHAI, WorkCalendar

__all__ = ["Clock", "day_of", "due", "rolled", "target"]


@dataclass(frozen=True, slots=True)
class Clock:
    """One of the law's time limits. ``starts`` and ``article`` are words for readers."""

    id: str
    name: str
    length: int
    unit: Literal["日", "工作日"]
    starts: str
    article: str


def day_of(instant: datetime) -> date:
    """The day on which something happened, as the calendar hangs in China.

    Raises ``ValueError`` for an instant without a time zone: nobody knows which day it is.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return instant.astimezone(SHANGHAI).date()


def due(clock: Clock, start: date, calendar: WorkCalendar, *, paused: int = 0) -> date:
    """The last day. ``start`` is the day of the event, not counted; ``paused`` adds days.

    A review's hearing is not counted: give its length as ``paused``, in the clock's unit. Raises
    ``YearMissing`` for 工作日 that run into an unknown year, ``TypeError`` for an instant.
    """
    if isinstance(start, datetime):
        raise TypeError("give day_of(instant): a clock counts days")
    if clock.length < 1 or paused < 0:
        raise ValueError("a clock has at least one day and never runs backwards")
    days = clock.length + paused
    if clock.unit == "工作日":
        return calendar.add_workdays(start, days)
    return start + timedelta(days=days)


def target(due: date, calendar: WorkCalendar) -> date:
    """The day that the desk aims at: the last workday that is not after the due date."""
    return due if calendar.is_workday(due) else calendar.previous_workday(due)


def rolled(due: date, calendar: WorkCalendar) -> date:
    """The due date where an office lets it roll over: the first workday not before it."""
    return due if calendar.is_workday(due) else calendar.next_workday(due, makeup=True)
