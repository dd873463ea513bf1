"""Workdays: the State Council's days are obeyed, and a year without them is never guessed."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework import CaseworkError
from casework.workdays import (
    HolidayConflict,
    WorkCalendar,
    YearDays,
    YearMissing,
    cn_date,
    cn_date_long,
    weekday_name,
)
from tests.casework.holidays import calendar, days

DAYS_2004_2026 = st.dates(date(2004, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "weekday", "works", "why"),
    [
        ("2026-01-01", "星期四", False, "元旦放假"),
        ("2026-01-04", "星期日", True, None),
        ("2026-02-14", "星期六", True, None),
        ("2026-02-17", "星期二", False, "春节放假"),
        ("2026-02-28", "星期六", True, None),
        ("2026-03-07", "星期六", False, "星期六"),
        ("2026-03-08", "星期日", False, "星期日"),
        ("2026-03-09", "星期一", True, None),
        ("2026-05-09", "星期六", True, None),
        ("2026-09-20", "星期日", True, None),
        ("2026-10-03", "星期六", False, "国庆节放假"),
        ("2026-10-10", "星期六", True, None),
    ],
)
def test_days_of_2026(day: str, weekday: str, works: bool, why: str | None) -> None:
    """Holidays, plain weekends and make-up workdays of 2026 are told apart and named."""
    one = date.fromisoformat(day)
    assert weekday_name(one) == weekday
    assert calendar(2026).is_workday(one) is works
    assert calendar(2026).why_off(one) == why


def test_makeup_days_of_2026_are_the_six_of_the_notice() -> None:
    """Exactly the six make-up workdays of the State Council's notice for 2026 are known."""
    found = [d for d in days(date(2026, 1, 1), date(2026, 12, 31)) if calendar(2026).is_makeup(d)]
    assert [d.isoformat()[5:] for d in found] == [
        "01-04", "02-14", "02-28", "05-09", "09-20", "10-10",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "weekday", "plain", "with_makeup"),
    [
        ("2026-01-01", "星期四", "2026-01-05", "2026-01-04"),
        ("2026-02-13", "星期五", "2026-02-24", "2026-02-14"),
        ("2026-05-08", "星期五", "2026-05-11", "2026-05-09"),
        ("2026-09-18", "星期五", "2026-09-21", "2026-09-20"),
        ("2026-10-09", "星期五", "2026-10-12", "2026-10-10"),
        ("2026-12-08", "星期二", "2026-12-09", "2026-12-09"),
    ],
)
def test_next_workday_passes_over_makeup_weekends_unless_asked(
    day: str, weekday: str, plain: str, with_makeup: str
) -> None:
    """The next workday is Monday to Friday; a make-up weekend counts only when asked for."""
    one = date.fromisoformat(day)
    assert weekday_name(one) == weekday
    assert calendar(2026).next_workday(one).isoformat() == plain
    assert calendar(2026).next_workday(one, makeup=True).isoformat() == with_makeup


def test_previous_workday_counts_makeup_days_by_default() -> None:
    """The workday before 12 October 2026 is the make-up Saturday, or else Friday."""
    monday = date(2026, 10, 12)
    assert calendar(2026).previous_workday(monday) == date(2026, 10, 10)
    assert calendar(2026).previous_workday(monday, makeup=False) == date(2026, 10, 9)


@pytest.mark.parametrize(
    ("day", "n", "end"),
    [
        ("2026-12-08", 0, "2026-12-08"),
        ("2026-12-08", 5, "2026-12-15"),
        ("2026-09-30", 5, "2026-10-13"),  # 8, 9, make-up Saturday 10, 12, 13
        ("2026-02-13", 1, "2026-02-14"),
    ],
)
def test_five_workdays_to_object_to_a_transfer(day: str, n: int, end: str) -> None:
    """Legal workdays start on the day after and include make-up days (条例: 5个工作日)."""
    assert calendar(2026).add_workdays(date.fromisoformat(day), n).isoformat() == end


def test_negative_workdays_are_refused() -> None:
    """Counting backwards is a programming error, not a date."""
    with pytest.raises(ValueError, match="negative"):
        calendar(2026).add_workdays(date(2026, 1, 5), -1)


@pytest.mark.parametrize(
    "look_up",
    ["is_workday", "is_makeup", "holiday", "why_off", "next_workday", "previous_workday"],
)
def test_a_missing_year_is_an_error_with_its_cure(look_up: str) -> None:
    """Any look-up in a year without its notice says in Chinese which file to write."""
    with pytest.raises(YearMissing, match=r"content/holidays/2027\.yml") as caught:
        getattr(calendar(2026), look_up)(date(2027, 3, 1))
    assert caught.value.year == 2027
    assert isinstance(caught.value, CaseworkError)
    assert caught.value.message == (
        "缺少2027年的节假日安排：国务院办公厅通知公布后，请照 content/holidays/2026.yml 的样子"
        "新建 content/holidays/2027.yml。"
        "通知公布以前，可以先在 content/notices 里写一条通知，说安排等放假通知公布后再公布。"
    )


def test_a_search_that_runs_into_a_missing_year_is_an_error() -> None:
    """The workday after 31 December is unknown until the next notice, so it isn't guessed."""
    with pytest.raises(YearMissing):
        calendar(2026).next_workday(date(2026, 12, 31))
    with pytest.raises(YearMissing):
        calendar(2026).add_workdays(date(2026, 12, 28), 5)


def test_a_calendar_without_years_names_no_model_to_copy() -> None:
    """Without any year the message still names the file to write."""
    with pytest.raises(YearMissing, match=r"请新建 content/holidays/2026\.yml"):
        WorkCalendar([]).is_workday(date(2026, 1, 1))


def test_a_notice_may_name_days_of_the_year_before() -> None:
    """2022-12-31 was a day off by the notice for 2023."""
    years = [
        YearDays(2022, {}, frozenset()),
        YearDays(2023, {date(2022, 12, 30): "元旦"}, frozenset()),
    ]
    assert WorkCalendar(years).why_off(date(2022, 12, 30)) == "元旦放假"
    assert WorkCalendar(years).years == {2022, 2023}


def test_a_day_both_off_and_worked_is_refused() -> None:
    """Contradicting holiday data are told, with the day."""
    day = date(2026, 10, 10)
    with pytest.raises(HolidayConflict, match="2026年10月10日") as caught:
        WorkCalendar([YearDays(2026, {day: "国庆节"}, frozenset({day}))])
    assert caught.value.day == day


def test_dates_in_chinese_have_no_leading_zeros() -> None:
    """Dates are written as clerks write them."""
    assert cn_date(date(2026, 12, 8)) == "12月8日"
    assert cn_date_long(date(2026, 1, 2)) == "2026年1月2日"


@settings(deadline=None, max_examples=100)
@given(DAYS_2004_2026)
def test_agrees_with_the_library_on_every_day(day: date) -> None:
    """Of the years the library knows, every day is a workday here exactly when it is there."""
    assert calendar().is_workday(day) == chinese_calendar.is_workday(day)
    assert (calendar().why_off(day) is None) == calendar().is_workday(day)


@settings(deadline=None, max_examples=60)
@given(st.dates(date(2004, 1, 1), date(2026, 10, 1)), st.integers(0, 40))
def test_adding_workdays_counts_each_once(day: date, n: int) -> None:
    """Between a day and its n-th workday lie exactly n workdays."""
    end = calendar().add_workdays(day, n)
    assert sum(calendar().is_workday(d) for d in days(day + timedelta(1), end)) == n
