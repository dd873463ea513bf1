"""The twelve real notices: the engine gives exactly the days that the offices published."""

from __future__ import annotations

from datetime import date

import pytest

from casework.recurrence import HolidayPolicy, Recurrence, Vacation, held, occurrences
from casework.rota import Person, RotaRule, propose, shortfalls
from casework.workdays import weekday_name
from tests.casework.holidays import calendar, days

CIVIL_AFFAIRS = "FREQ=WEEKLY;BYDAY=TU"
CIVIL_AFFAIRS_EXPECTED = [
    "2020-01-07", "2020-01-14", "2020-01-21", "2020-02-04", "2020-02-11", "2020-02-18",
    "2020-02-25",
]  # fmt: skip


def between(rule: Recurrence, first: str, last: str) -> list[str]:
    """The days held, as ISO text."""
    found = held(rule, date.fromisoformat(first), date.fromisoformat(last), calendar())
    return [day.isoformat() for day in found]


@pytest.mark.parametrize(
    ("notice", "day", "weekday"),
    [
        ("env-bureau-2017-08", "2017-08-23", "星期三"),
        ("district-secretary-2024-06", "2024-06-27", "星期四"),
    ],
)
def test_a_single_reception(notice: str, day: str, weekday: str) -> None:
    """A notice of one reception is that one day."""
    one = date.fromisoformat(day)
    assert between(Recurrence(dates=(one,), start=one), day, day) == [day], notice
    assert weekday_name(one) == weekday


@pytest.mark.parametrize(
    ("policy", "extra"), [("ask", []), ("next-week", []), ("next-workday", ["2020-02-03"])]
)
def test_civil_affairs_bureau_2020(policy: HolidayPolicy, extra: list[str]) -> None:
    """The Tuesdays of January and February 2020 are the published ones, without 28 January."""
    rule = Recurrence(CIVIL_AFFAIRS, start=date(2020, 1, 1), policy=policy)
    assert between(rule, "2020-01-01", "2020-02-29") == sorted(CIVIL_AFFAIRS_EXPECTED + extra)


def test_civil_affairs_bureau_2020_proposes_and_says_why() -> None:
    """For 28 January 2020 the office may take Monday 3 February or merge with Tuesday the 4th."""
    rule = Recurrence(CIVIL_AFFAIRS, start=date(2020, 1, 1), policy="ask")
    (one,) = occurrences(rule, date(2020, 1, 28), date(2020, 1, 28), calendar())
    assert one.choices == (date(2020, 2, 3), date(2020, 2, 4))
    assert one.why == (
        "1月28日（星期二）春节放假，请选定：顺延至2月3日（星期一），或并入2月4日（星期二）的接访"
    )


def test_province_rule_2024() -> None:
    """A county leader sits on every workday of 2024, the principal leader on Monday mornings."""
    year = date(2024, 1, 1), date(2024, 12, 31)
    daily = held(Recurrence("FREQ=DAILY", start=year[0]), *year, calendar())
    mondays = held(Recurrence("FREQ=WEEKLY;BYDAY=MO", start=year[0]), *year, calendar())
    assert list(daily) == [day for day in days(*year) if calendar().is_workday(day)]
    assert set(mondays) < set(daily)
    assert {weekday_name(day) for day in mondays} == {"星期一"}


def test_county_template_2008() -> None:
    """Leaders on the 15th and departments on the 10th, postponed on holidays and weekends."""
    start = date(2008, 1, 1)
    leaders = Recurrence("FREQ=MONTHLY;BYMONTHDAY=15", start=start, policy="next-workday")
    departments = Recurrence("FREQ=MONTHLY;BYMONTHDAY=10", start=start, policy="next-workday")
    assert between(leaders, "2008-01-01", "2008-12-31") == [
        "2008-01-15", "2008-02-15", "2008-03-17", "2008-04-15", "2008-05-15", "2008-06-16",
        "2008-07-15", "2008-08-15", "2008-09-16", "2008-10-15", "2008-11-17", "2008-12-15",
    ]  # fmt: skip
    assert between(departments, "2008-02-01", "2008-02-29") == ["2008-02-13"]  # 春节 06 to 12


def test_county_template_2008_every_leader_once_a_year() -> None:
    """Twelve monthly sessions seat each of eleven leaders at least once, absences or not."""
    order = tuple("甲乙丙丁戊己庚辛壬癸子")
    rule = RotaRule(order, must_sit=order, per="year")
    start = date(2008, 1, 1)
    fifteenth = Recurrence("FREQ=MONTHLY;BYMONTHDAY=15", start=start, policy="next-workday")
    dates = held(fifteenth, start, date(2008, 12, 31), calendar())
    people = {"乙": Person("乙", ((date(2008, 1, 1), date(2008, 11, 30), "挂职"),))}
    done = [(one.date, one.leaders) for one in propose(rule, dates, people, ())]
    assert shortfalls(rule, done, start, date(2008, 12, 31)) == ()
    assert done[-1] == (date(2008, 12, 15), ("乙",))


def test_school_2013_named_substitute() -> None:
    """Every Monday of term; when the leader is away, the named substitute sits, and it is said."""
    summer = Vacation(date(2013, 7, 8), date(2013, 9, 1), "暑假")
    mondays = Recurrence("FREQ=WEEKLY;BYDAY=MO", start=date(2013, 3, 4), vacations=(summer,))
    dates = held(mondays, date(2013, 6, 17), date(2013, 9, 9), calendar())
    assert [day.isoformat()[5:] for day in dates] == ["06-17", "06-24", "07-01", "09-02", "09-09"]
    rule = RotaRule(("王芳", "赵明"), substitutes={"王芳": "李强"})
    people = {"王芳": Person("王芳", ((date(2013, 7, 1), date(2013, 7, 1), "外出学习"),))}
    found = propose(rule, dates, people, ())
    assert [one.leaders[0] for one in found] == ["王芳", "赵明", "李强", "王芳", "赵明"]
    assert found[2].why == ("7月1日轮到王芳，外出学习，由李强代替",)


def test_county_head_thursday() -> None:
    """Thursdays at the bureau and Mondays in the villages are two rules side by side."""
    start = date(2026, 12, 1)
    bureau = Recurrence("FREQ=WEEKLY;BYDAY=TH", start=start)
    visits = Recurrence("FREQ=WEEKLY;BYDAY=MO", start=start)
    assert between(bureau, "2026-12-01", "2026-12-31") == [
        "2026-12-03", "2026-12-10", "2026-12-17", "2026-12-24", "2026-12-31",
    ]  # fmt: skip
    assert between(visits, "2026-12-01", "2026-12-31") == [
        "2026-12-07", "2026-12-14", "2026-12-21", "2026-12-28",
    ]  # fmt: skip


def test_campus_2014_leader_and_companion() -> None:
    """Once a month on a fixed day, two seats a session."""
    rule = Recurrence("FREQ=MONTHLY;BYDAY=1WE", start=date(2014, 3, 1), policy="next-week")
    dates = held(rule, date(2014, 3, 1), date(2014, 6, 30), calendar())
    assert [d.isoformat()[5:] for d in dates] == ["03-05", "04-02", "05-07", "06-04"]
    pairs = [one.leaders for one in propose(RotaRule(("甲", "乙", "丙"), seats=2), dates, {}, ())]
    assert pairs == [("甲", "乙"), ("丙", "甲"), ("乙", "丙"), ("甲", "乙")]


def test_university_2024_09() -> None:
    """Tuesday of the month's last week is 24 September 2024."""
    rule = Recurrence("FREQ=MONTHLY;BYDAY=-1TU", start=date(2024, 9, 1))
    assert between(rule, "2024-09-01", "2024-09-30") == ["2024-09-24"]


def test_police_bureau_suspension_2022() -> None:
    """From 17 March 2022 nothing is held until further notice, and each day says why."""
    rule = Recurrence(
        "FREQ=WEEKLY;BYDAY=TH",
        start=date(2022, 1, 1),
        policy="next-workday",
        vacations=(Vacation(date(2022, 3, 17), None, "暂停接访"),),
    )
    assert between(rule, "2022-03-01", "2022-12-31") == ["2022-03-03", "2022-03-10"]
    (one,) = occurrences(rule, date(2022, 3, 17), date(2022, 3, 17), calendar())
    assert (one.outcome, one.why) == ("vacation", "暂停接访（3月17日起），3月17日（星期四）不接访")


def test_city_police_2005() -> None:
    """One month of Saturdays and Sundays are reception days by announcement."""
    rule = Recurrence(
        "FREQ=WEEKLY;BYDAY=SA,SU",
        start=date(2005, 7, 1),
        until=date(2005, 7, 31),
        weekends=True,
    )
    found = between(rule, "2005-01-01", "2005-12-31")
    july = days(date(2005, 7, 1), date(2005, 7, 31))
    assert found == [day.isoformat() for day in july if day.weekday() > 4]
    assert len(found) == 10


@pytest.mark.parametrize(
    "listed",
    [["2005-07-29", "2005-08-09", "2005-08-17"], ["2005-07-26", "2005-08-03", "2005-08-15"]],
)
def test_prefecture_month_2005(listed: list[str]) -> None:
    """Three listed days in the city and three in the countryside are held as listed."""
    dates = tuple(date.fromisoformat(day) for day in listed)
    assert between(Recurrence(dates=dates, start=dates[0]), "2005-07-01", "2005-08-31") == listed
