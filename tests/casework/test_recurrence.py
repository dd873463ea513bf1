"""Recurrence: every rule lands on workdays, says why, and can't be made to hang."""

from __future__ import annotations

import contextlib
import itertools
import time
from datetime import date, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.recurrence import (
    BadRule,
    HolidayPolicy,
    Recurrence,
    Vacation,
    held,
    occurrences,
    validate,
)
from casework.workdays import YearMissing, weekday_name
from tests.casework.holidays import calendar, days

YEAR = date(2026, 1, 1), date(2026, 12, 31)
FRIDAY, TUESDAY = 4, 1


def short(found: tuple[date, ...]) -> list[str]:
    """The days as "01-31"."""
    return [day.isoformat()[5:] for day in found]


@pytest.mark.parametrize(
    ("code", "weekday", "number", "absent"),
    [
        ("FR", "星期五", FRIDAY, ["01-02", "02-20", "05-01", "06-19", "09-25", "10-02"]),
        ("TU", "星期二", TUESDAY, ["02-17", "05-05", "10-06"]),
    ],
)
def test_every_week_of_2026(code: str, weekday: str, number: int, absent: list[str]) -> None:
    """All Fridays and Tuesdays of 2026 are held but those in the State Council's holidays."""
    rule = Recurrence(f"FREQ=WEEKLY;BYDAY={code}", start=YEAR[0])
    found = held(rule, *YEAR, calendar(2026))
    every = [day for day in days(*YEAR) if day.weekday() == number]
    assert {weekday_name(day) for day in found} == {weekday}
    assert short(tuple(day for day in every if day not in found)) == absent


def test_daily_is_every_workday_with_makeup_days() -> None:
    """FREQ=DAILY with skip is every workday of 2026, the six make-up weekend days included."""
    found = held(Recurrence("FREQ=DAILY", start=YEAR[0]), *YEAR, calendar(2026))
    assert list(found) == [day for day in days(*YEAR) if calendar(2026).is_workday(day)]
    assert [day for day in short(found) if date.fromisoformat(f"2026-{day}").weekday() > 4] == [
        "01-04", "02-14", "02-28", "05-09", "09-20", "10-10",
    ]  # fmt: skip


def test_monday_to_friday_never_includes_makeup_days() -> None:
    """A make-up Saturday is not a Friday."""
    rule = Recurrence("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", start=YEAR[0])
    found = held(rule, *YEAR, calendar(2026))
    assert all(day.weekday() < 5 for day in found)
    assert len(found) == len(held(Recurrence("FREQ=DAILY", start=YEAR[0]), *YEAR, calendar())) - 6


@pytest.mark.parametrize(
    ("how", "due", "outcome", "on", "why"),
    [
        (("skip", False), "01-02", "skipped", None, "1月2日（星期五）元旦放假，不接访"),
        (
            ("next-workday", False), "01-02", "postponed", "01-05",
            "1月2日（星期五）元旦放假，1月4日（星期日）是调休上班日，不安排接访，顺延至1月5日（星期一）",
        ),
        (("next-workday", True), "01-02", "postponed", "01-04",
         "1月2日（星期五）元旦放假，顺延至1月4日（星期日）"),
        (("next-workday", False), "06-19", "postponed", "06-22",
         "6月19日（星期五）端午放假，顺延至6月22日（星期一）"),
        (("next-week", False), "05-01", "merged", None,
         "5月1日（星期五）劳动节放假，顺延至5月8日（星期五），与当天的接访合并"),
        (("next-week", True), "09-25", "merged", None,
         "9月25日（星期五）中秋放假，顺延至10月9日（星期五），与当天的接访合并"),
        (("ask", False), "02-20", "ask", None,
         "2月20日（星期五）春节放假，请选定：顺延至2月24日（星期二），或并入2月27日（星期五）的接访"),
    ],
)  # fmt: skip
def test_holiday_fridays_by_policy(
    how: tuple[HolidayPolicy, bool], due: str, outcome: str, on: str | None, why: str
) -> None:
    """Each policy treats a holiday Friday of 2026 as it says, and explains it."""
    rule = Recurrence("FREQ=WEEKLY;BYDAY=FR", start=date(2026, 1, 1), policy=how[0], makeup=how[1])
    day = date.fromisoformat(f"2026-{due}")
    (one,) = occurrences(rule, day, day, calendar(2026))
    assert weekday_name(day) == "星期五"
    assert (one.due, one.outcome, one.why) == (day, outcome, why)
    assert one.date == (date.fromisoformat(f"2026-{on}") if on else None)


@pytest.mark.parametrize(
    ("rrule", "policy", "expected"),
    [
        (  # the 15th: 02-15 Sunday in 春节, 03-15 Sunday, 08-15 Saturday, 11-15 Sunday
            "FREQ=MONTHLY;BYMONTHDAY=15", "next-workday",
            ["01-15", "02-24", "03-16", "04-15", "05-15", "06-15", "07-15", "08-17", "09-15",
             "10-15", "11-16", "12-15"],
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=15", "skip",
            ["01-15", "04-15", "05-15", "06-15", "07-15", "09-15", "10-15", "12-15"],
        ),
        (  # last Tuesday of the month
            "FREQ=MONTHLY;BYDAY=-1TU", "skip",
            ["01-27", "02-24", "03-31", "04-28", "05-26", "06-30", "07-28", "08-25", "09-29",
             "10-27", "11-24", "12-29"],
        ),
        (  # last day of the month: 01-31 Saturday, 02-28 a make-up Saturday
            "FREQ=MONTHLY;BYMONTHDAY=-1", "next-workday",
            ["02-02", "02-28", "03-31", "04-30", "06-01", "06-30", "07-31", "08-31", "09-30",
             "11-02", "11-30", "12-31"],
        ),
        (  # every sixth week from Friday 2026-01-02, itself a holiday
            "FREQ=WEEKLY;INTERVAL=6;BYDAY=FR", "next-week",
            ["01-09", "02-13", "03-27", "05-08", "06-26", "07-31", "09-11", "10-23", "12-04"],
        ),
    ],
)  # fmt: skip
def test_rules_over_2026(rrule: str, policy: HolidayPolicy, expected: list[str]) -> None:
    """Days of the month, last weekdays and intervals are held on exactly these days of 2026."""
    rule = Recurrence(rrule, start=date(2026, 1, 1), policy=policy)
    assert short(held(rule, *YEAR, calendar(2026))) == expected


def test_interval_counts_from_start() -> None:
    """Every second Tuesday is anchored at the rule's first day, however long ago that was."""
    even = Recurrence("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", start=date(2016, 1, 5))
    odd = Recurrence("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", start=date(2016, 1, 12))
    month = date(2026, 12, 1), date(2026, 12, 31)
    assert short(held(even, *month, calendar(2026))) == ["12-08", "12-22"]
    assert short(held(odd, *month, calendar(2026))) == ["12-01", "12-15", "12-29"]


def test_nothing_before_start_or_due_after_until() -> None:
    """Days outside start..until don't exist, listed or not; a postponed one may pass until."""
    rule = Recurrence(
        "FREQ=WEEKLY;BYDAY=FR",
        (date(2026, 4, 7), date(2026, 5, 12)),
        start=date(2026, 4, 10),
        until=date(2026, 5, 1),
        policy="next-workday",
    )
    assert short(held(rule, *YEAR, calendar(2026))) == ["04-10", "04-17", "04-24", "05-06"]


def test_a_month_shows_what_was_postponed_into_it() -> None:
    """A session due on Saturday 31 January is held on 2 February and listed in both months."""
    rule = Recurrence("FREQ=MONTHLY;BYMONTHDAY=-1", start=YEAR[0], policy="next-workday")
    january = occurrences(rule, date(2026, 1, 1), date(2026, 1, 31), calendar(2026))
    february = occurrences(rule, date(2026, 2, 1), date(2026, 2, 27), calendar(2026))
    assert january == february
    assert (january[0].due, january[0].date) == (date(2026, 1, 31), date(2026, 2, 2))
    assert held(rule, date(2026, 1, 1), date(2026, 1, 31), calendar(2026)) == ()


def test_two_sessions_never_land_on_one_day() -> None:
    """Saturday and Sunday both go to Monday: the first is postponed, the second merged."""
    rule = Recurrence(
        dates=(date(2026, 3, 7), date(2026, 3, 8)), start=YEAR[0], policy="next-workday"
    )
    saturday, sunday = occurrences(rule, *YEAR, calendar(2026))
    assert (saturday.outcome, saturday.date) == ("postponed", date(2026, 3, 9))
    assert (sunday.outcome, sunday.date) == ("merged", None)
    assert occurrences(rule, date(2026, 3, 8), YEAR[1], calendar(2026))[-1] == sunday


def test_vacation_holds_nothing_and_takes_no_postponed_session() -> None:
    """In a vacation nothing is held, and what is postponed goes past it and says so."""
    rule = Recurrence(
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        start=YEAR[0],
        policy="next-workday",
        vacations=(Vacation(date(2026, 8, 16), date(2026, 9, 6), "暑假"),),
    )
    off, inside = occurrences(rule, date(2026, 8, 15), date(2026, 9, 1), calendar(2026))
    assert (off.outcome, off.date) == ("postponed", date(2026, 9, 7))
    assert off.why == "8月15日是星期六，避开暑假（8月16日至9月6日），顺延至9月7日（星期一）"
    assert (inside.outcome, inside.date) == ("vacation", None)
    assert inside.why == "暑假（8月16日至9月6日），9月1日（星期二）不接访"
    assert held(rule, date(2026, 9, 1), date(2026, 9, 14), calendar(2026)) == (date(2026, 9, 7),)


def test_ask_offers_one_day_when_both_choices_are_the_same() -> None:
    """When the first workday is itself a reception day, only that day is offered."""
    rule = Recurrence("FREQ=WEEKLY;BYDAY=MO,TU", start=YEAR[0], policy="ask")
    tomb_sweeping = date(2026, 4, 6)
    (one,) = occurrences(rule, tomb_sweeping, tomb_sweeping, calendar(2026))
    assert one.choices == (date(2026, 4, 7),)
    assert one.why == "4月6日（星期一）清明放假，请选定：并入4月7日（星期二）的接访"


def test_ask_at_the_end_of_the_year_needs_no_next_year() -> None:
    """An offer that the next year's notice would decide is left out, and that is said."""
    rule = Recurrence("FREQ=MONTHLY;BYMONTHDAY=26", start=YEAR[0], policy="ask")
    (one,) = occurrences(rule, date(2026, 12, 1), date(2026, 12, 31), calendar(2026))
    assert one.choices == (date(2026, 12, 28),)
    assert "2027年的节假日安排还没有" in one.why


def test_a_saturday_can_not_be_postponed_by_weeks() -> None:
    """A week after a Saturday is a Saturday, so the office is asked instead."""
    rule = Recurrence(dates=(date(2026, 8, 15),), start=YEAR[0], policy="next-week")
    (one,) = occurrences(rule, *YEAR, calendar(2026))
    assert (one.outcome, one.choices) == ("ask", (date(2026, 8, 17),))


def test_a_missing_year_is_never_guessed() -> None:
    """A due day in a year without its notice is an error, a vacation there is none."""
    rule = Recurrence("FREQ=WEEKLY;BYDAY=FR", start=YEAR[0])
    with pytest.raises(YearMissing):
        occurrences(rule, date(2026, 12, 1), date(2027, 1, 31), calendar(2026))
    closed = Recurrence(
        "FREQ=WEEKLY;BYDAY=FR",
        start=YEAR[0],
        vacations=(Vacation(date(2027, 1, 1), None, "办公楼维修"),),
    )
    assert held(closed, date(2027, 1, 1), date(2027, 1, 31), calendar(2026)) == ()


@pytest.mark.parametrize(
    ("rrule", "says"),
    [
        ("", "看不懂"),
        ("BYDAY=MO", "没有写 FREQ"),
        ("FREQ=HOURLY", "FREQ=HOURLY不能用于接待日"),
        ("FREQ=MINUTELY;INTERVAL=5", "不能用于接待日"),
        ("FREQ=SECONDLY", "不能用于接待日"),
        ("FREQ=WEEKLY;COUNT=5", "用 from/until 写"),
        ("FREQ=WEEKLY;UNTIL=20261231", "用 from/until 写"),
        ("DTSTART=20260101;FREQ=WEEKLY", "用 from/until 写"),
        ("FREQ=WEEKLY;BYHOUR=9", "场次"),
        ("FREQ=WEEKLY\uff1bBYDAY=FR", "FREQ 只能是"),
        ("FREQ=WEEKLY;BYDAY=星期五", "MO TU WE"),
        ("FREQ=WEEKLY;BYDAY=2FR", "序号"),
        ("FREQ=MONTHLY;BYDAY=6FR", "序号"),
        ("FREQ=YEARLY;BYMONTH=2;BYDAY=53MO", "序号"),
        ("FREQ=WEEKLY;INTERVAL=0", "1到999"),
        ("FREQ=WEEKLY;INTERVAL=-1", "1到999"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "1到31"),
        ("FREQ=MONTHLY;BYMONTHDAY=\uff11\uff15", "1到31"),
        ("FREQ=YEARLY;BYMONTH=13", "1到12"),
        ("FREQ=WEEKLY;WKST=XX", "WKST"),
        ("FREQ=WEEKLY;FREQ=DAILY", "看不懂"),
        ("FREQ=WEEKLY\nRRULE:FREQ=DAILY", "FREQ"),
        ("FREQ=DAILY;BYEASTER=0", "看不懂“BYEASTER”"),
        ("FREQ=MONTHLY;BYMONTHDAY=" + ",".join(["1"] * 500), "太长"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "永远不会有这样的日子"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "永远不会有这样的日子"),
        ("FREQ=YEARLY;BYWEEKNO=1;BYMONTH=6", "永远不会有这样的日子"),
    ],
)
def test_bad_rules_are_refused_with_a_cure(rrule: str, says: str) -> None:
    """A rule that can't be used is refused in Chinese, with what to write instead."""
    with pytest.raises(BadRule, match="接待日规则") as caught:
        validate(rrule)
    assert says in caught.value.message


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=DAILY;INTERVAL=7;BYDAY=WE",  # from a Thursday: never
        "FREQ=DAILY;INTERVAL=999;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=3",  # from January: never
        "FREQ=WEEKLY;INTERVAL=999;BYMONTHDAY=29;BYMONTH=2",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU",
        "FREQ=YEARLY;BYYEARDAY=366;BYDAY=MO",
    ],
)
def test_hostile_rules_take_no_time(rrule: str) -> None:
    """Rules that (almost) never name a day answer at once instead of walking to the year 9999."""
    begin = time.perf_counter()
    with contextlib.suppress(BadRule):
        occurrences(Recurrence(rrule, start=date(2026, 1, 1)), *YEAR, calendar(2026))
    assert time.perf_counter() - begin < 1


@pytest.mark.parametrize("year", [1999, 2000, 2024, 2096, 2100, 2101, 2400, 9998])
def test_years_far_apart_follow_the_gregorian_calendar(year: int) -> None:
    """Leap days and weekdays are right in any year, also where centuries skip the leap day."""
    everything = Vacation(date.min, date.max, "停")
    rule = Recurrence("FREQ=MONTHLY;BYMONTHDAY=-1", start=date(1990, 1, 1), vacations=(everything,))
    found = occurrences(rule, date(year, 1, 1), date(year, 12, 31), calendar(2026))
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    assert [one.due.day for one in found] == [31, 29 if leap else 28, *([31, 30] * 5)[:5],
                                              31, 30, 31, 30, 31]  # fmt: skip


WEEKDAY_LISTS = st.lists(
    st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=4, unique=True
).map(",".join)
RRULES = st.one_of(
    st.builds("FREQ=WEEKLY;INTERVAL={};BYDAY={}".format, st.integers(1, 6), WEEKDAY_LISTS),
    st.builds("FREQ=DAILY;INTERVAL={}".format, st.integers(1, 20)),
    st.builds(
        "FREQ=MONTHLY;INTERVAL={};BYMONTHDAY={}".format,
        st.integers(1, 4),
        st.integers(-31, 31).filter(bool),
    ),
    st.builds(
        "FREQ=MONTHLY;INTERVAL={};BYDAY={}{}".format,
        st.integers(1, 4),
        st.sampled_from([-5, -2, -1, 1, 2, 3, 4, 5]),
        st.sampled_from(["MO", "TU", "FR", "SA"]),
    ),
)


@st.composite
def recurrences(draw: st.DrawFn) -> tuple[Recurrence, date, date]:
    """Any rule, policy and vacation, and a range of up to 200 days from 2005 to 2025."""
    start = draw(st.dates(date(2005, 1, 1), date(2025, 6, 1)))
    first = draw(st.dates(start, date(2025, 9, 1)))
    gone = draw(st.dates(start, date(2025, 9, 1)))
    vacation = Vacation(gone, gone + timedelta(days=draw(st.integers(0, 70))), "暑假")
    rule = Recurrence(
        draw(RRULES),
        tuple(draw(st.lists(st.dates(start, date(2025, 9, 1)), max_size=3))),
        start=start,
        policy=draw(st.sampled_from(["skip", "next-workday", "next-week", "ask"])),
        weekends=draw(st.booleans()),
        makeup=draw(st.booleans()),
        vacations=(vacation,) if draw(st.booleans()) else (),
    )
    return rule, first, first + timedelta(days=draw(st.integers(0, 120)))


@settings(deadline=None, max_examples=150)
@given(recurrences())
def test_no_session_on_a_day_off(drawn: tuple[Recurrence, date, date]) -> None:
    """Whatever the rule, policy and year, nobody is invited on a holiday or a plain weekend."""
    rule, first, last = drawn
    for day in held(rule, first, last, calendar()):
        assert first <= day <= last
        assert calendar().holiday(day) is None
        assert calendar().is_workday(day) or (rule.weekends and day.weekday() > 4)
        assert not any(one.covers(day) for one in rule.vacations)


@settings(deadline=None, max_examples=150)
@given(recurrences())
def test_postponed_sessions_are_explained(drawn: tuple[Recurrence, date, date]) -> None:
    """All but kept sessions say why, and a make-up weekend is used only when allowed."""
    for one in occurrences(*drawn, calendar()):
        assert bool(one.why) == (one.outcome != "kept")
        assert (one.date is not None) == (one.outcome in ("kept", "postponed"))
        assert bool(one.choices) <= (one.outcome == "ask")
        if one.outcome == "postponed" and one.date is not None:
            assert one.date > one.due
            allowed = drawn[0].makeup or drawn[0].weekends
            assert allowed or not calendar().is_makeup(one.date)


@settings(deadline=None, max_examples=150)
@given(recurrences())
def test_parts_add_up_to_the_whole(drawn: tuple[Recurrence, date, date]) -> None:
    """Asking in two parts gives the same sessions as asking once; twice gives the same."""
    rule, first, last = drawn
    whole = held(rule, first, last, calendar())
    middle = first + (last - first) // 2
    halves = held(rule, first, middle, calendar()) + held(
        rule, middle + timedelta(days=1), last, calendar()
    )
    assert whole == halves
    assert occurrences(*drawn, calendar()) == occurrences(*drawn, calendar())


@settings(deadline=None, max_examples=150)
@given(RRULES, st.dates(date(1995, 1, 1), date(2030, 1, 1)), st.integers(0, 25))
def test_due_days_are_those_of_dateutil(rrule: str, start: date, later: int) -> None:
    """However far from its start, a rule names the days that plain dateutil names."""
    first, last = date(start.year + later, 1, 1), date(start.year + later, 12, 31)
    closed = Recurrence(rrule, start=start, vacations=(Vacation(date.min, None, "停"),))
    found = [one.due for one in occurrences(closed, first, last, calendar())]
    begin = datetime.combine(start, datetime.min.time())
    expected = itertools.takewhile(
        lambda moment: moment.date() <= last, rrulestr(rrule, dtstart=begin)
    )
    assert found == [moment.date() for moment in expected if moment.date() >= first]
