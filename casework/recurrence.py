"""When an office receives; exists so that one engine turns every office's rule into its days.

A rule is an RFC 5545 RRULE, a list of dates, or both. A day the rule names is *due*; whether a
session is *held* then, or on another day, is told by the holiday policy, the year's workdays and
the vacations. Every answer carries its reason in Chinese, because an office must be able to explain
a moved session.
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from dateutil.rrule import rrulestr

from casework import CaseworkError
from casework.workdays import WorkCalendar, YearMissing, cn_date, cn_day, weekday_name

__all__ = [
    "BadRule",
    "HolidayPolicy",
    "Occurrence",
    "Outcome",
    "Recurrence",
    "Vacation",
    "held",
    "occurrences",
    "validate",
]

HolidayPolicy = Literal["skip", "next-workday", "next-week", "ask"]
Outcome = Literal["kept", "postponed", "merged", "skipped", "ask", "vacation"]

_Date = date  # inside Occurrence, "date" is the field

_DAY = timedelta(days=1)
_SATURDAY = 5
_MOST_DAYS_TRIED = 60  # no public holiday closes an office longer
_MOST_WEEKS_TRIED = 8
_MERGE_WITHIN = timedelta(days=366)
_LONGEST_RULE = 200
_EXAMPLE = "写法例如 FREQ=WEEKLY;BYDAY=FR（每周五）或 FREQ=MONTHLY;BYMONTHDAY=15（每月15日）"

#: Part of a rule -> smallest and largest absolute value of its numbers.
_NUMBERS: Mapping[str, tuple[int, int]] = {
    "INTERVAL": (1, 999),
    "BYMONTH": (1, 12),
    "BYMONTHDAY": (1, 31),
    "BYYEARDAY": (1, 366),
    "BYWEEKNO": (1, 53),
    "BYSETPOS": (1, 366),
}
_ONLY_POSITIVE = frozenset({"INTERVAL", "BYMONTH"})
_KNOWN = frozenset({"FREQ", "WKST", "BYDAY", *_NUMBERS})
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_WEEKDAY_CODE = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"[+-]?[0-9]{1,3}")
_LAST_SAFE_YEAR = 9998


class BadRule(CaseworkError):  # noqa: N818 - named in the design
    """A reception rule that can't be used; the message says what is wrong and what to write."""


@dataclass(frozen=True, slots=True)
class Vacation:
    """Days without sessions, ``first`` to ``last``, both included.

    ``last=None`` is "until further notice" (real notice police-bureau-suspension-2022).
    ``reason`` is Chinese and short: "暑假", "疫情防控".
    """

    first: date
    last: date | None
    reason: str

    def covers(self, day: date) -> bool:
        """True inside the vacation."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """An office's reception rule.

    ``rrule`` and ``dates`` name the due days together. ``start`` (DTSTART) anchors INTERVAL and
    bounds both below; ``until`` (included) bounds both above. A session due by ``until`` may still
    be postponed beyond it. ``weekends``: Saturdays and Sundays are reception days by announcement
    (city-police-2005); public holidays still count as off. ``makeup``: a postponed session may
    land on a make-up weekend workday.
    """

    rrule: str = ""
    dates: tuple[date, ...] = ()
    start: date = field(kw_only=True)
    until: date | None = field(default=None, kw_only=True)
    policy: HolidayPolicy = field(default="skip", kw_only=True)
    weekends: bool = field(default=False, kw_only=True)
    makeup: bool = field(default=False, kw_only=True)
    vacations: tuple[Vacation, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What became of one due day.

    ``date``: the day of the session, None unless kept or postponed. ``due``: the rule's own day.
    ``why``: Chinese, "" when kept. ``choices``, for ``ask`` only: the days the office may choose,
    the first workday after and the next regular day it could merge with.
    """

    date: _Date | None
    due: _Date
    outcome: Outcome
    why: str
    choices: tuple[_Date, ...] = ()


def validate(rrule: str) -> None:
    """Accept the rule or raise ``BadRule`` with the cure.

    FREQ is DAILY, WEEKLY, MONTHLY or YEARLY; the first and last day belong into from/until, the
    hours into the sessions. A rule that never names a day (30 February) is refused too. The cost is
    bounded, whatever the text.
    """
    _parts(rrule)
    _refuse_never(rrule)


def occurrences(
    recurrence: Recurrence, first: date, last: date, calendar: WorkCalendar
) -> tuple[Occurrence, ...]:
    """Every due day in ``first..last``, and every earlier one postponed into ``first..last``.

    So all sessions held in a month are there; a session due in the month and held after it is there
    as well, with its ``date`` beyond ``last``. Sorted by ``due``. What becomes of a due day doesn't
    depend on the range asked for. Due days look up only the years they need: ``YearMissing`` is
    raised when one of them isn't loaded (for ``next-workday`` and ``next-week`` also when the days
    just before ``first`` decide), ``BadRule`` for a bad rule.
    """
    if first > last:
        return ()
    run = _Run(recurrence, calendar)
    found = []
    for due in run.due(run.reach_back(first), last):
        one = run.settle(due)
        into = one.outcome == "postponed" and one.date is not None and first <= one.date <= last
        if due >= first or into:
            found.append(one)
    return tuple(found)


def held(
    recurrence: Recurrence, first: date, last: date, calendar: WorkCalendar
) -> tuple[date, ...]:
    """Exactly the days in ``first..last`` on which a session is held, sorted, each once."""
    days = {one.date for one in occurrences(recurrence, first, last, calendar)}
    return tuple(sorted(day for day in days if day is not None and first <= day <= last))


@dataclass(frozen=True, slots=True)
class _Landing:
    """Where a postponed session comes down: None when nowhere; notes on what was passed over."""

    day: date | None
    notes: tuple[str, ...] = ()
    endless: bool = False


class _Run:
    """One walk over the due days of a rule, in order; remembers the days already taken."""

    def __init__(self, recurrence: Recurrence, calendar: WorkCalendar) -> None:
        self.rule = recurrence
        self.calendar = calendar
        self.taken: set[date] = set()
        self.step = 7 if recurrence.policy == "next-week" else 1
        self.tries = _MOST_WEEKS_TRIED if self.step == 7 else _MOST_DAYS_TRIED

    def due(self, first: date, last: date) -> list[date]:
        """The rule's own days in first..last, sorted."""
        rule = self.rule
        low = max(first, rule.start)
        high = last if rule.until is None else min(last, rule.until)
        named: set[date] = set(rule.dates)
        if rule.rrule:
            for year in range(low.year, high.year + 1):
                named.update(_rule_days(rule.rrule, rule.start, year))
        return sorted(day for day in named if low <= day <= high)

    def settle(self, due: date) -> Occurrence:
        """What becomes of a due day."""
        vacation = self.vacation(due)
        if vacation is not None:
            return Occurrence(None, due, "vacation", f"{_span(vacation)}，{cn_day(due)}不接访")
        if self.is_open(due):
            return Occurrence(due, due, "kept", "")
        if self.rule.policy == "skip":
            return Occurrence(None, due, "skipped", f"{self.why_off(due)}，不接访")
        if self.rule.policy == "ask" or not self.can_land(due):
            return self.ask(due)
        return self.postpone(due)

    def postpone(self, due: date) -> Occurrence:
        """Land the session by the policy, or merge it with the one that is there already."""
        landing = self.landing(due)
        if landing.day is None and landing.endless:
            why = f"{self.why_off(due)}，顺延后仍在停止接访期间，不再安排"
            return Occurrence(None, due, "vacation", why)
        if landing.day is None:
            return self.ask(due)
        day = landing.day
        why = "，".join([self.why_off(due), *landing.notes, f"顺延至{cn_day(day, due)}"])
        if day in self.taken or self.due(day, day):
            return Occurrence(None, due, "merged", f"{why}，与当天的接访合并")
        self.taken.add(day)
        return Occurrence(day, due, "postponed", why)

    def ask(self, due: date) -> Occurrence:
        """Leave the day to the office, with what it may choose. An unknown year offers nothing."""
        choices: list[date] = []
        offers: list[str] = []
        unknown = ""
        try:
            workday = self.first_workday(due)
            if workday is not None:
                choices.append(workday)
                offers.append(f"顺延至{cn_day(workday, due)}")
            regular = self.next_regular(due)
            if regular is not None and regular in choices:
                offers = [f"并入{cn_day(regular, due)}的接访"]
            elif regular is not None:
                choices.append(regular)
                offers.append(f"并入{cn_day(regular, due)}的接访")
        except YearMissing as error:
            unknown = f"（{error.year}年的节假日安排还没有，之后的日子不作推荐）"
        what = f"请选定：{'，或'.join(offers)}" if offers else "请另行选定日期"
        return Occurrence(None, due, "ask", f"{self.why_off(due)}，{what}{unknown}", tuple(choices))

    def first_workday(self, due: date) -> date | None:
        """First day after ``due`` on which a postponed session may be held."""
        return self.landing(due, step=1, tries=_MOST_DAYS_TRIED).day

    def next_regular(self, due: date) -> date | None:
        """Next due day that is kept, within a year."""
        for day in self.due(due + _DAY, due + _MERGE_WITHIN):
            if self.vacation(day) is None and self.is_open(day):
                return day
        return None

    def landing(self, due: date, step: int = 0, tries: int = 0) -> _Landing:
        """Walk from ``due`` by the policy's step to the first day that can take the session."""
        step, tries = step or self.step, tries or self.tries
        day, notes = due + timedelta(days=step), list[str]()
        while tries:
            vacation = self.vacation(day)
            if vacation is not None:
                if vacation.last is None:
                    return _Landing(None, endless=True)
                notes.append(f"避开{_span(vacation)}")
                day += timedelta(days=step * ((vacation.last - day).days // step + 1))
                continue
            if self.can_take(day, step):
                return _Landing(day, tuple(notes))
            if self.calendar.is_makeup(day):
                notes.append(f"{cn_day(day)}是调休上班日，不安排接访")
            day += timedelta(days=step)
            tries -= 1
        return _Landing(None)

    def reach_back(self, first: date) -> date:
        """The earliest day from which a postponed session could come down on ``first`` or later.

        Walks back over days that can't take a session; before the first that can, every earlier
        session has come down already.
        """
        earliest = first
        if self.rule.policy in ("skip", "ask"):
            return earliest
        for offset in range(1, self.step + 1):
            day, tries = first - timedelta(days=offset), self.tries
            while day >= self.rule.start and tries and self.can_land(day):
                if self.vacation(day) is None:
                    if self.can_take(day, self.step):
                        break
                    tries -= 1
                earliest = min(earliest, day)
                day -= timedelta(days=self.step)
        return earliest

    def can_land(self, due: date) -> bool:
        """False when a week later is a plain weekend again, for ever."""
        ever = self.rule.weekends or self.rule.makeup
        return self.step == 1 or ever or due.weekday() < _SATURDAY

    def can_take(self, day: date, step: int) -> bool:
        """True when a postponed session may be held on ``day`` (vacations apart)."""
        if day.weekday() >= _SATURDAY and self.rule.weekends and step == 7:
            return self.is_open(day)
        return self.calendar.is_workday(day) and (
            self.rule.makeup or not self.calendar.is_makeup(day)
        )

    def is_open(self, day: date) -> bool:
        """True when a session due on ``day`` is held there (vacations apart)."""
        if self.calendar.is_workday(day):
            return True
        weekend = day.weekday() >= _SATURDAY
        return self.rule.weekends and weekend and self.calendar.holiday(day) is None

    def vacation(self, day: date) -> Vacation | None:
        """The vacation that covers the day, the longest-lasting if several do."""
        covering = [one for one in self.rule.vacations if one.covers(day)]
        return max(covering, key=lambda one: one.last or date.max, default=None)

    def why_off(self, day: date) -> str:
        """ "1月28日(星期二)春节放假" or "8月15日是星期六"."""
        holiday = self.calendar.holiday(day)
        if holiday is None:
            return f"{cn_date(day)}是{weekday_name(day)}"
        return f"{cn_day(day)}{holiday}放假"


def _span(vacation: Vacation) -> str:
    """ "暑假(7月6日至8月30日)"."""
    end = "起" if vacation.last is None else f"至{cn_date(vacation.last)}"
    return f"{vacation.reason}（{cn_date(vacation.first)}{end}）"


# --- the RRULE ---------------------------------------------------------------------------------


def _parts(rrule: str) -> dict[str, str]:
    """The rule's parts, upper case. Raises ``BadRule``."""
    if len(rrule) > _LONGEST_RULE:
        raise _bad(rrule, f"太长（超过{_LONGEST_RULE}个字符）", _EXAMPLE)
    parts: dict[str, str] = {}
    for piece in rrule.strip().upper().split(";"):
        key, equals, value = piece.partition("=")
        if not equals or not value or key in parts:
            raise _bad(rrule, f"看不懂“{piece}”这一段", f"各段用英文分号隔开，{_EXAMPLE}")
        parts[key] = value
    for key in parts:
        _check_key(rrule, key)
    if parts.get("FREQ") not in _FREQUENCIES:
        what = f"FREQ={parts['FREQ']}不能用于接待日" if "FREQ" in parts else "没有写 FREQ"
        raise _bad(rrule, what, f"FREQ 只能是 DAILY、WEEKLY、MONTHLY、YEARLY，{_EXAMPLE}")
    _check_values(rrule, parts)
    return parts


def _check_key(rrule: str, key: str) -> None:
    if key in ("COUNT", "UNTIL", "DTSTART"):
        raise _bad(rrule, f"不能写 {key}", "起止日期请用 from/until 写")
    if key in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        raise _bad(rrule, f"不能写 {key}", "接待时间请写在场次的起止时间里")
    if key not in _KNOWN:
        raise _bad(rrule, f"看不懂“{key}”", _EXAMPLE)


def _check_values(rrule: str, parts: Mapping[str, str]) -> None:
    for key, (low, high) in _NUMBERS.items():
        values = parts[key].split(",") if key in parts else []
        for value in values:
            number = int(value) if _NUMBER.fullmatch(value) else 0
            size = number if key in _ONLY_POSITIVE else abs(number)
            if not low <= size <= high:
                raise _bad(rrule, f"{key}={value}不对", f"数字应在{low}到{high}之间")
        if key == "INTERVAL" and len(values) > 1:
            raise _bad(rrule, "INTERVAL 只能写一个数字", _EXAMPLE)
    if "WKST" in parts and not re.fullmatch(r"MO|TU|WE|TH|FR|SA|SU", parts["WKST"]):
        raise _bad(rrule, f"WKST={parts['WKST']}不对", "WKST 应是 MO 到 SU 中的一个")
    monthly = parts["FREQ"] == "MONTHLY" or "BYMONTH" in parts
    most = 0 if parts["FREQ"] in ("DAILY", "WEEKLY") else 5 if monthly else 53
    for code in parts["BYDAY"].split(",") if "BYDAY" in parts else ():
        match = _WEEKDAY_CODE.fullmatch(code)
        if match is None:
            raise _bad(rrule, f"BYDAY={code}不对", "星期一到星期日写 MO TU WE TH FR SA SU")
        if match[1] is not None and not 1 <= abs(int(match[1])) <= most:
            cure = "每月第二个星期二写 FREQ=MONTHLY;BYDAY=2TU"
            raise _bad(rrule, f"BYDAY={code}里的序号不对", cure)


def _bad(rrule: str, what: str, cure: str) -> BadRule:
    shown = rrule if len(rrule) <= 80 else f"{rrule[:80]}…"
    return BadRule(f"接待日规则“{shown}”有误：{what}。{cure}。")


@lru_cache(maxsize=1024)
def _refuse_never(rrule: str) -> None:
    """Raise ``BadRule`` when no day of a full 28-year cycle answers to the rule (INTERVAL apart).

    28 years hold every pairing of weekday, date and leap year; the years up to 9999 are the
    last that dateutil walks, so the probe ends by itself.
    """
    text = ";".join(f"{k}={v}" for k, v in _parts(rrule).items() if k != "INTERVAL")
    if not _walk(text, date(_LAST_SAFE_YEAR - 27, 1, 1), date(_LAST_SAFE_YEAR, 12, 31), most=1):
        raise _bad(rrule, "永远不会有这样的日子", "请检查月份、日期和星期是否矛盾")


@lru_cache(maxsize=4096)
def _rule_days(rrule: str, start: date, year: int) -> tuple[date, ...]:
    """The days of one year that the RRULE names, counted from ``start``.

    dateutil walks on to the year 9999 when a rule names no further day. To bound that, the span is
    moved to the latest years with the same weekdays and leap years, and moved back afterwards.
    """
    validate(rrule)
    if year < start.year:
        return ()
    begin = _forward(rrule, start, year)
    shift = _shift(begin.year, year)
    moved = _walk(rrule, _move(begin, shift), date(year + shift, 12, 31))
    return tuple(_move(day, -shift) for day in moved if day.year == year + shift)


def _walk(rrule: str, start: date, last: date, most: int | None = None) -> list[date]:
    """Days of the rule from ``start`` to ``last``, at most ``most``."""
    found: list[date] = []
    try:
        for moment in rrulestr(rrule, dtstart=datetime.combine(start, time.min)):
            if moment.date() > last or len(found) == most:
                break
            found.append(moment.date())
    except (ValueError, IndexError, OverflowError, TypeError, AttributeError) as error:
        raise _bad(rrule, "看不懂", _EXAMPLE) from error
    return found


def _forward(rrule: str, start: date, year: int) -> date:
    """``start`` moved on by whole intervals to just before ``year``, where that is safe.

    Only for days and weeks, whose intervals are of equal length; saves walking since the start.
    """
    parts = _parts(rrule)
    unit = {"DAILY": 1, "WEEKLY": 7}.get(parts["FREQ"], 0) * int(parts.get("INTERVAL", "1"))
    if not unit:
        return start
    whole = (date(year, 1, 1) - start).days // unit - 1
    return start + timedelta(days=max(0, whole) * unit)


def _shift(first_year: int, last_year: int) -> int:
    """Years to add so that ``first_year..last_year`` become the latest years that look the same."""
    for shift in range(_LAST_SAFE_YEAR - last_year, 0, -1):
        if _alike(range(first_year, last_year + 1), shift):
            return shift
    return 0


def _alike(years: Iterable[int], shift: int) -> bool:
    return all(
        isleap(year) == isleap(year + shift)
        and date(year, 1, 1).weekday() == date(year + shift, 1, 1).weekday()
        for year in years
    )


def _move(day: date, years: int) -> date:
    return day.replace(year=day.year + years)
