"""Deadlines: the law's table with real days, and the errors that a newcomer makes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.deadlines import Clock, ExtensionRefused, day_of, due, extended, rolled, target
from casework.states import clocks_started
from casework.workdays import WorkCalendar, YearMissing
from tests.casework.holidays import calendar

YEARS = calendar()
DAYS = st.dates(date(2022, 5, 1), date(2026, 9, 30))


def clock(name: str, length: int, starts: str, unit: str = "日") -> Clock:
    """A clock of the law's table; the article does not matter here."""
    assert unit in ("日", "工作日")
    return Clock(name, name, length, "日" if unit == "日" else "工作日", starts, "《信访工作条例》")


REGISTER = clock("register", 15, "收到")
OBJECTION = clock("objection", 5, "收到", "工作日")
HANDLE = clock("handle", 60, "受理")
EXTENSION = clock("extension", 30, "期限届满")
REVIEW_REQUEST = clock("review-request", 30, "收到书面答复")
REVIEW = clock("review", 30, "收到请求")
LAW = {one.id: one for one in (REGISTER, OBJECTION, HANDLE, EXTENSION, REVIEW_REQUEST, REVIEW)}


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("limit", "start", "last"),
    [
        (REGISTER, "2026-03-02", "2026-03-17"),  # Monday to Tuesday
        (REGISTER, "2026-01-31", "2026-02-15"),  # over the end of a short month, into 春节
        (REGISTER, "2024-02-20", "2024-03-06"),  # over 29 February
        (REGISTER, "2025-02-20", "2025-03-07"),  # the same without it
        (REGISTER, "2026-12-25", "2027-01-09"),  # into a year without a notice: no need of one
        (HANDLE, "2026-03-02", "2026-05-01"),  # Monday to Labour Day, a holiday
        (HANDLE, "2025-11-20", "2026-01-19"),  # over the year's end
        (HANDLE, "2023-12-31", "2024-02-29"),  # ends on the leap day
        (REVIEW_REQUEST, "2026-08-31", "2026-09-30"),
        (REVIEW, "2026-09-01", "2026-10-01"),  # ends on National Day
        (OBJECTION, "2026-03-02", "2026-03-09"),  # Monday to Monday: Tue Wed Thu Fri, Mon
        (OBJECTION, "2026-03-06", "2026-03-13"),  # Friday to Friday: the weekend does not count
        (OBJECTION, "2026-03-07", "2026-03-13"),  # received on Saturday: Monday is the first
        (OBJECTION, "2026-02-13", "2026-02-27"),  # Fri; Sat 14 is worked, 15–23 春节, then Tue–Fri
        (OBJECTION, "2026-09-30", "2026-10-13"),  # Wed; 1–7 off, Thu Fri, Sat 10 worked, Mon Tue
        (OBJECTION, "2025-12-31", "2026-01-08"),  # Wed; 1–3 off, Sun 4 worked, Mon–Thu
    ],
)
def test_the_laws_table(limit: Clock, start: str, last: str) -> None:
    """The day of the event is not counted; 日 are calendar days, 工作日 are workdays."""
    assert due(limit, day(start), YEARS) == day(last)


@pytest.mark.parametrize(
    ("last", "aim", "roll"),
    [
        ("2026-03-17", "2026-03-17", "2026-03-17"),  # Tuesday
        ("2026-03-14", "2026-03-13", "2026-03-16"),  # Saturday: Friday or Monday
        ("2026-05-01", "2026-04-30", "2026-05-06"),  # Labour Day, Friday to Tuesday
        ("2026-05-09", "2026-05-09", "2026-05-09"),  # Saturday, but worked
        ("2026-05-10", "2026-05-09", "2026-05-11"),  # Sunday after a worked Saturday
        ("2026-02-15", "2026-02-14", "2026-02-24"),  # 春节 after a worked Saturday
        ("2026-01-01", "2025-12-31", "2026-01-04"),  # New Year; Sunday 4 is worked
        ("2026-10-09", "2026-10-09", "2026-10-09"),  # Friday
        ("2026-10-03", "2026-09-30", "2026-10-08"),  # Saturday in the holiday
        ("2026-10-11", "2026-10-10", "2026-10-12"),  # Sunday after a worked Saturday
    ],
)
def test_what_the_desk_aims_at_and_what_may_roll(last: str, aim: str, roll: str) -> None:
    """The earlier workday is the target; an office that rolls over takes the later."""
    assert target(day(last), YEARS) == day(aim)
    assert rolled(day(last), YEARS) == day(roll)


@given(DAYS)
def test_target_and_rolled_are_the_nearest_workdays_around(last: date) -> None:
    """Never on the wrong side, always a workday, the due date itself if it is one."""
    aim, roll = target(last, YEARS), rolled(last, YEARS)

    assert aim <= last <= roll
    assert YEARS.is_workday(aim)
    assert YEARS.is_workday(roll)
    assert (aim == last) == (roll == last) == YEARS.is_workday(last)
    between = [aim + timedelta(days=n) for n in range(1, (roll - aim).days)]
    assert not any(YEARS.is_workday(one) for one in between)


@given(DAYS, st.integers(1, 90))
def test_a_limit_has_just_its_days(start: date, length: int) -> None:
    """From the day after the event to the last day, both counted, there are that many."""
    in_days = due(clock("a", length, "收到"), start, YEARS)
    in_workdays = due(clock("b", length, "收到", "工作日"), start - timedelta(days=200), YEARS)
    counted = [start - timedelta(days=200 - n) for n in range(1, 200)]

    assert (in_days - start).days == length
    assert sum(YEARS.is_workday(one) for one in counted if one <= in_workdays) == length
    assert YEARS.is_workday(in_workdays)


def test_a_hearing_is_not_counted_in_a_review() -> None:
    """Its days are added to the thirty."""
    assert due(REVIEW, day("2026-03-02"), YEARS) == day("2026-04-01")  # Wednesday
    assert due(REVIEW, day("2026-03-02"), YEARS, paused=12) == day("2026-04-13")  # Monday


def test_a_year_without_its_notice_is_no_guess() -> None:
    """Calendar days need no notice; workdays, targets and rollovers do, and say what to write."""
    only_2026 = calendar(2026)
    last = due(HANDLE, day("2026-11-20"), only_2026)

    assert last == day("2027-01-19")
    questions: list[Callable[[], date]] = [
        lambda: due(OBJECTION, day("2026-12-28"), only_2026),
        lambda: target(last, only_2026),
        lambda: rolled(last, only_2026),
        lambda: rolled(day("2026-12-31"), WorkCalendar([])),
    ]
    for ask in questions:
        with pytest.raises(YearMissing, match=r"content/holidays/20\d\d\.yml"):
            ask()


@pytest.mark.parametrize(("length", "paused"), [(0, 0), (-60, 0), (60, -1)])
def test_a_clock_never_runs_backwards(length: int, paused: int) -> None:
    """A length below one day or a negative pause is an error in the content, not a date."""
    with pytest.raises(ValueError, match="backwards"):
        due(clock("wrong", length, "受理"), day("2026-03-02"), YEARS, paused=paused)


def test_lengths_are_content() -> None:
    """Another region's rule is another clock; nothing here knows of sixty."""
    assert due(clock("handle", 45, "受理"), day("2026-03-02"), YEARS) == day("2026-04-16")


# ── errors that a newcomer makes ─────────────────────────────────────────────────────────────


def test_error_1_sixty_days_from_filing_or_assignment() -> None:
    """Filed on Monday, assigned on Thursday, accepted eleven days later: only that counts."""
    happened = {
        "received": day("2026-03-02"),  # Monday
        "registered": day("2026-03-03"),
        "assigned": day("2026-03-05"),
        "accepted": day("2026-03-13"),  # Friday
    }
    started = [(state, one) for state in happened for one in clocks_started("appeal", state)]
    found = {one: due(LAW[one], happened[state], YEARS) for state, one in started if one in LAW}

    assert found == {"register": day("2026-03-17"), "handle": day("2026-05-12")}


@pytest.mark.parametrize("course", ["short", "report", "appointment", "child"])
def test_error_2_sixty_days_on_what_is_no_appeal(course: str) -> None:
    """Suggestions, enquiries, reports, litigation: no state of theirs starts that clock."""
    states = ("received", "registered", "assigned", "accepted", "legal-window", "passed-on")
    started = {one for state in states for one in clocks_started(course, state)}

    assert started <= {"register", "tell", "objection"}


def test_error_3_workdays_for_days_and_the_first_day_counted() -> None:
    """15 日 from a Monday end on the Tuesday after next; 5 工作日 end a week later."""
    monday = day("2026-03-02")

    assert due(REGISTER, monday, YEARS) == monday + timedelta(days=15)
    assert due(OBJECTION, monday, YEARS) == monday + timedelta(days=7)


@pytest.mark.parametrize(
    ("instant", "there"),
    [
        (datetime(2026, 3, 1, 16, 30, tzinfo=UTC), "2026-03-02"),  # 00:30 on Monday in China
        (datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC), "2026-03-01"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "2027-01-01"),
        (datetime(2024, 2, 28, 16, 0, tzinfo=UTC), "2024-02-29"),
        (datetime(2026, 3, 2, 23, 59, tzinfo=timezone(timedelta(hours=8))), "2026-03-02"),
        (datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=-8))), "2026-03-02"),
    ],
)
def test_error_3_utc_dates(instant: datetime, there: str) -> None:
    """Filed at half past midnight: it counts from that day in China, not from the day before."""
    assert day_of(instant) == day(there)


def test_error_3_an_instant_is_not_a_day() -> None:
    """An instant given for a day, or one without its zone, is refused instead of misread."""
    with pytest.raises(TypeError, match="day_of"):
        due(HANDLE, datetime(2026, 3, 2, tzinfo=UTC), YEARS)
    with pytest.raises(ValueError, match="time zone"):
        day_of(datetime(2026, 3, 2, 0, 30))  # noqa: DTZ001 - that is the point


def test_error_4_the_review_clock_from_issue() -> None:
    """A reply written on Friday and received nine days later can be contested from then on."""
    happened = {"replied": day("2026-03-13"), "served": day("2026-03-22")}  # a Sunday
    started = [(state, one) for state in happened for one in clocks_started("appeal", state)]

    assert started == [("served", "review-request")]
    assert due(REVIEW_REQUEST, happened["served"], YEARS) == day("2026-04-21")


def test_error_5_an_extension_counts_from_the_end_of_the_sixty() -> None:
    """Not from the day of its approval, and not from the target before a holiday."""
    end = due(HANDLE, day("2026-03-02"), YEARS)  # Labour Day
    more = extended(EXTENSION, end, day("2026-04-20"), YEARS, by="李局长", why="要作鉴定")

    assert more == day("2026-05-31")  # Sunday
    assert extended(EXTENSION, end, end, YEARS, by="李局长", why="要作鉴定") == more


@pytest.mark.parametrize(
    ("by", "why", "today", "says"),
    [
        ("", "要作鉴定", "2026-04-20", "延长期限要有负责人批准，还要写明理由，告诉信访人。"),
        ("李局长", "", "2026-04-20", "延长期限要有负责人批准，还要写明理由，告诉信访人。"),
        (" ", "\u3000", "2026-04-20", "延长期限要有负责人批准，还要写明理由，告诉信访人。"),
        ("李局长", "要作鉴定", "2026-05-02", "期限2026年5月1日已经过了，不能再延长。"),
    ],
)
def test_error_5_an_extension_without_approval_or_reasons(
    by: str, why: str, today: str, says: str
) -> None:
    """Nobody's sixty days grow in silence, and none after they are over."""
    with pytest.raises(ExtensionRefused) as caught:
        extended(EXTENSION, day("2026-05-01"), day(today), YEARS, by=by, why=why)
    assert caught.value.message == says
