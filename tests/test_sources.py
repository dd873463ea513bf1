"""Each institution of the source rules: its reception days in the whole of 2026, day by day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest

from casework.recurrence import held
from publisher.load import load
from publisher.office import Office
from publisher.rules import recurrence_of

CONTENT = Path(__file__).parent.parent / "content"
YEAR = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = range(5)


@pytest.fixture(scope="module")
def office() -> Office:
    """The sample county."""
    loaded, problems = load(CONTENT)
    assert loaded is not None, problems
    return loaded


def days(office: Office, slug: str, rule: str) -> list[date]:
    found = held(
        recurrence_of(office.institutions[slug].by_rule[rule]), YEAR[0], YEAR[-1], office.workdays
    )
    return list(found)


def on(*texts: str) -> set[date]:
    return {date.fromisoformat(f"2026-{text}") for text in texts}


def weekly(*weekdays: int) -> set[date]:
    return {day for day in YEAR if day.weekday() in weekdays}


# seed, institution, rule, weekdays, days off that fall away, days that stand instead
WEEKLY = [
    ("000a", "yunling-county", "jiedai", [FRIDAY],
     ["01-02", "02-20", "05-01", "06-19", "09-25", "10-02"],
     # Monday, Tuesday after the Spring Festival, Wednesday, Monday, Monday, Thursday
     ["01-05", "02-24", "05-06", "06-22", "09-28", "10-08"]),
    ("000b", "longtan-township", "jiedai", [WEDNESDAY], ["02-18", "10-07"], ["02-24", "10-08"]),
    ("001", "xinfang-bureau", "juzhang", [WEDNESDAY], ["02-18", "10-07"], []),
    # 02-19 goes a week on to 02-26, where the office receives anyway; so do 01-01 and 10-01
    ("002b", "heping-community", "jiedai", [THURSDAY], ["01-01", "02-19", "10-01"], []),
    ("002d", "qingshi-town", "jiedai", [TUESDAY],
     ["02-17", "05-05", "10-06"], ["02-24", "05-06", "10-08"]),
    ("002d", "qingshi-shangcun", "jiedai", [MONDAY],
     ["02-16", "02-23", "04-06", "05-04", "10-05"],
     ["02-24", "04-07", "05-06", "10-08"]),
    ("002d", "qingshi-hekou", "jiedai", [FRIDAY],
     ["01-02", "02-20", "05-01", "06-19", "09-25", "10-02"], []),
    ("003", "nancheng-district", "jiedai", [TUESDAY], ["02-17", "05-05", "10-06"], []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("seed", "slug", "rule", "weekdays", "off", "instead"),
    [pytest.param(*row, id=f"{row[0]}-{row[1]}") for row in WEEKLY],
)
def test_weekly_rules_are_right_for_all_of_2026(
    office: Office,
    seed: str,
    slug: str,
    rule: str,
    weekdays: list[int],
    off: list[str],
    instead: list[str],
) -> None:
    """Every week of the year, without the days off, with what stands instead of them."""
    expected = (weekly(*weekdays) - on(*off)) | on(*instead)

    assert sorted(expected) == days(office, slug, rule), seed


def test_002a_disabled_federation_receives_monday_to_friday(office: Office) -> None:
    """Every Monday to Friday that is no holiday; a make-up Saturday is no reception day."""
    expected = [d for d in YEAR if d.weekday() < 5 and chinese_calendar.is_workday(d)]

    assert expected == days(office, "disabled-federation", "jiedai")


def test_002c_dongmen_community_has_a_cadre_on_duty_each_day(office: Office) -> None:
    """Every day, weekends too, but no public holiday."""
    expected = [d for d in YEAR if office.workdays.holiday(d) is None]

    assert expected == days(office, "dongmen-community", "zhiban")


def test_002e_school_receives_on_school_days(office: Office) -> None:
    """Monday to Friday, neither on holidays nor in the winter and summer vacations."""
    winter = (date(2026, 1, 24), date(2026, 2, 28))
    summer = (date(2026, 7, 11), date(2026, 8, 31))
    expected = [
        d
        for d in YEAR
        if d.weekday() < 5
        and chinese_calendar.is_workday(d)
        and not any(first <= d <= last for first, last in (winter, summer))
    ]

    assert expected == days(office, "yunling-school", "zhiban")
    rule = office.institutions["yunling-school"].by_rule["zhiban"]
    assert ["10:00–12:30", "16:00–18:00"] == [str(span) for span in rule.times]


def test_004_beihe_seats_each_leader_once_a_month(office: Office) -> None:
    """Monday, Wednesday, Friday on workdays; all who must sit do so in both published months."""
    institution = office.institutions["beihe-xinfang"]
    rule = institution.by_rule["zhiban"]
    expected = [d for d in YEAR if d.weekday() in (0, 2, 4) and chinese_calendar.is_workday(d)]

    assert expected == days(office, "beihe-xinfang", "zhiban")
    assert set(rule.rota) == set(rule.must_sit)
    for read in institution.rosters:
        sat = {name for entry in read.value.sessions for name in entry.leaders}
        assert set(rule.must_sit) <= sat, read.value.month


def test_offices_receive_every_working_day(office: Office) -> None:
    """000a: the bureau receives and sorts Monday to Thursday; 002d and 001: the office, daily."""
    workweek = {d for d in YEAR if d.weekday() < 5 and chinese_calendar.is_workday(d)}

    assert sorted(d for d in workweek if d.weekday() < 4) == days(
        office, "yunling-county", "richang"
    )
    assert sorted(workweek) == days(office, "qingshi-town", "xinfangban")
    assert sorted(workweek) == days(office, "xinfang-bureau", "richang")


def test_000a_fridays_list_closes_on_thursday(office: Office) -> None:
    """Booking for the county leaders' Friday ends one workday before."""
    booking = office.institutions["yunling-county"].by_rule["jiedai"].booking

    assert booking is not None
    assert 1 == booking.days_before


def test_holidays_of_2026_agree_with_an_independent_source(office: Office) -> None:
    """Our file says of every day of 2026 what the library says."""
    for day in YEAR:
        assert chinese_calendar.is_workday(day) == office.workdays.is_workday(day), day


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("yunling-county", ["通知卡", "存根", "八"]),
        ("longtan-township", ["当场", "牵头"]),
        ("xinfang-bureau", ["法律服务窗口", "复查", "听证"]),
        ("disabled-federation", ["交办函", "转办函", "登记"]),
        ("heping-community", ["保密"]),
        ("dongmen-community", ["回访"]),
        ("qingshi-town", ["登记表", "60日", "听证"]),
        ("yunling-school", ["家长", "值班"]),
        ("nancheng-district", ["编号", "签"]),
        ("beihe-xinfang", ["定领导"]),
    ],
)
def test_each_institutions_page_says_what_its_rule_says(
    office: Office, slug: str, words: list[str]
) -> None:
    """The chain, pledges and desks carry the facts of the source rule."""
    told = office.institutions[slug].info.model_dump_json()

    assert [word for word in words if word not in told] == []
