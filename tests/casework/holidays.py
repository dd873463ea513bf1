"""Real holidays for the tests, read from ``chinese_calendar`` (2004 to 2026)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import chinese_calendar

from casework.workdays import WorkCalendar, YearDays

FIRST_YEAR, LAST_YEAR = 2004, 2026


def days(first: date, last: date) -> list[date]:
    """Every day from first to last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@cache
def year_days(year: int) -> YearDays:
    """The library's year in our own shape."""
    holidays: dict[date, str] = {}
    makeup: set[date] = set()
    for day in days(date(year, 1, 1), date(year, 12, 31)):
        off, name = chinese_calendar.get_holiday_detail(day)
        if off and (name or day.weekday() < 5):
            holidays[day] = chinese_calendar.Holiday(name).chinese
        elif not off and day.weekday() >= 5:
            makeup.add(day)
    return YearDays(year, holidays, frozenset(makeup))


@cache
def calendar(*years: int) -> WorkCalendar:
    """A calendar of these years, or of all that the library knows."""
    return WorkCalendar(year_days(y) for y in years or range(FIRST_YEAR, LAST_YEAR + 1))
