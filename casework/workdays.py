"""Workdays of the People's Republic of China; exists so that no date rule counts days by itself.

The days come from the State Council's yearly notice, one ``YearDays`` a year. A year without its
notice is an error that tells the cure, never a guess: weekday arithmetic would be wrong on every
holiday and on every make-up workday of that year.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta, timezone

from casework import CaseworkError

__all__ = [
    "SHANGHAI",
    "WEEKDAYS",
    "HolidayConflict",
    "WorkCalendar",
    "YearDays",
    "YearMissing",
    "cn_date",
    "cn_date_long",
    "weekday_name",
]

#: Names of the weekdays, Monday first, as ``date.weekday()`` counts them.
WEEKDAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")

#: No summer time since 1991.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

_DAY = timedelta(days=1)
_SATURDAY = 5


class YearMissing(CaseworkError):  # noqa: N818 - named in the design
    """A look-up in a year whose holiday notice is not loaded. ``year`` is that year.

    ``like`` is a year that is there, named in the message as the model to copy.
    """

    def __init__(self, year: int, like: int | None = None) -> None:
        model = f"照 content/holidays/{like}.yml 的样子" if like is not None else ""
        super().__init__(
            f"缺少{year}年的节假日安排：国务院办公厅通知公布后，"
            f"请{model}新建 content/holidays/{year}.yml。"
            "通知公布以前，可以先在 content/notices 里写一条通知，说安排等放假通知公布后再公布。"
        )
        self.year = year


class HolidayConflict(CaseworkError):  # noqa: N818 - as its sister
    """The holiday data contradict themselves. ``day`` is the day in question."""

    def __init__(self, message: str, day: date) -> None:
        super().__init__(message)
        self.day = day


@dataclass(frozen=True, slots=True)
class YearDays:
    """One year's days from the State Council's notice.

    ``holidays``: every day off of the notice -> name of the holiday ("国庆节"), weekends inside the
    holiday included. ``makeup``: days, normally of a weekend, that are worked instead. A notice may
    name days of the neighbouring year (2022-12-31 in the notice for 2023); they count.
    """

    year: int
    holidays: Mapping[date, str]
    makeup: frozenset[date]


class WorkCalendar:
    """Workdays, days off and make-up workdays of the years it was given.

    Every method raises ``YearMissing`` for a day in another year, also when only the search for the
    next workday runs into that year.
    """

    __slots__ = ("_holidays", "_makeup", "_years")

    def __init__(self, years: Iterable[YearDays]) -> None:
        """Join the years. Raises ``HolidayConflict`` when a day is both a holiday and worked."""
        loaded = list(years)
        self._years = frozenset(one.year for one in loaded)
        self._holidays = {day: name for one in loaded for day, name in one.holidays.items()}
        self._makeup = frozenset(day for one in loaded for day in one.makeup)
        for day in sorted(self._makeup & self._holidays.keys()):
            raise HolidayConflict(
                f"{cn_date_long(day)}既写成了{self._holidays[day]}放假，又写成了调休上班："
                "请按国务院办公厅通知改正 content/holidays 里的文件。",
                day,
            )

    @property
    def years(self) -> frozenset[int]:
        """The years that can be looked up."""
        return self._years

    def is_workday(self, day: date) -> bool:
        """True on Monday to Friday without a holiday, and on make-up workdays."""
        self._check(day)
        if day in self._holidays:
            return False
        return day.weekday() < _SATURDAY or day in self._makeup

    def is_makeup(self, day: date) -> bool:
        """True on a make-up workday (调休上班)."""
        self._check(day)
        return day in self._makeup

    def holiday(self, day: date) -> str | None:
        """Name of the holiday whose day off this is, or None. A plain weekend has none."""
        self._check(day)
        return self._holidays.get(day)

    def why_off(self, day: date) -> str | None:
        """Why nobody works: "国庆节放假", "星期六"; None on a workday."""
        if self.is_workday(day):
            return None
        name = self._holidays.get(day)
        return f"{name}放假" if name is not None else weekday_name(day)

    def next_workday(self, day: date, makeup: bool = False) -> date:
        """First workday strictly after ``day``.

        By default only Monday to Friday count: a make-up weekend is worked, but nobody expects a
        session there (error 6 of the brief). With ``makeup=True`` it counts too.
        """
        return self._walk(day, _DAY, makeup)

    def previous_workday(self, day: date, makeup: bool = True) -> date:
        """Last workday strictly before ``day``; make-up workdays count unless told otherwise."""
        return self._walk(day, -_DAY, makeup)

    def add_workdays(self, day: date, n: int) -> date:
        """The ``n``-th workday after ``day``, make-up workdays counted (工作日 in the law).

        The first day counted is the day after, so ``n=0`` is ``day`` itself, whatever day it is.
        Raises ``ValueError`` for a negative ``n``.
        """
        if n < 0:
            raise ValueError("n must not be negative")
        for _ in range(n):
            day = self.next_workday(day, makeup=True)
        return day

    def _walk(self, day: date, step: timedelta, makeup: bool) -> date:
        day += step
        while not self.is_workday(day) or (not makeup and self.is_makeup(day)):
            day += step
        return day

    def _check(self, day: date) -> None:
        if day.year not in self._years:
            like = min(self._years, key=lambda year: (abs(year - day.year), year), default=None)
            raise YearMissing(day.year, like)


def weekday_name(day: date) -> str:
    """ "星期二"."""
    return WEEKDAYS[day.weekday()]


def cn_date(day: date) -> str:
    """ "12月8日", without leading zeros."""
    return f"{day.month}月{day.day}日"


def cn_date_long(day: date) -> str:
    """ "2026年12月8日", without leading zeros."""
    return f"{day.year}年{cn_date(day)}"


def cn_day(day: date, near: date | None = None) -> str:
    """ "12月8日（星期二）", with the year when it isn't that of ``near``."""
    plain = cn_date(day) if near is None or near.year == day.year else cn_date_long(day)
    return f"{plain}（{weekday_name(day)}）"


def month_end(day: date) -> date:
    """The last day of the day's month."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def clock(moment: time) -> str:
    """8:30, as people write it."""
    return f"{moment.hour}:{moment.minute:02d}"


def span(start: time, end: time) -> str:
    """8:30–11:30."""
    return f"{clock(start)}–{clock(end)}"


def half_day(start: time, end: time) -> str:
    """上午, 下午 or 全天."""
    if end <= time(13):
        return "上午"
    return "下午" if start >= time(12) else "全天"


def days_off(holidays: Iterable[tuple[str, date, date]]) -> dict[date, str]:
    """Every day of some holidays, each given as name, first and last day -> the name."""
    return {
        first + _DAY * offset: name
        for name, first, last in holidays
        for offset in range((last - first).days + 1)
    }
