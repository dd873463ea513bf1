"""Deadlines: the law's table with real days, and the errors that a newcomer makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.deadlines import Clock, day_of, due, rolled, target
from casework.record import Due, Rules, dues, missing
from casework.workdays import WorkCalendar, YearMissing, weekday_name
from tests.casework.holidays import calendar
from tests.handling import Told, handling, told

YEARS = calendar()
DAYS = st.dates(date(2022, 5, 1), date(2026, 9, 30))


def clock(name: str, length: int, starts: str, unit: str = "日") -> Clock:
    """A clock of the law's table; the article does not matter here."""
    assert unit in ("日", "工作日")
    return Clock(name, name, length, "日" if unit == "日" else "工作日", starts, "《信访工作条例》")


REGISTER = clock("register", 15, "收到")
OBJECTION = clock("objection", 5, "收到", "工作日")
HANDLE = clock("handle", 60, "受理")
REVIEW_REQUEST = clock("review-request", 30, "收到书面答复")
REVIEW = clock("review", 30, "收到请求")


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
    case = told("appeal", day=day("2026-03-02"))  # Monday
    case.do("register", "2026-03-03")
    case.do("assign", "2026-03-05")
    assert "handle" not in said(case)

    case.do("accept", "2026-03-16", accepted_on="2026-03-13")  # entered on Monday for Friday

    assert said(case) == {"handle": "2026-05-12 星期二"}


@pytest.mark.parametrize("name", ["short", "report", "appointment"])
def test_error_2_sixty_days_on_what_is_no_appeal(name: str) -> None:
    """Suggestions, enquiries, reports, appointments: no step of theirs starts that clock."""
    found = handling().courses.all[name]
    started = {one for step in found.steps.values() for one in step.starts} | set(found.starts)

    assert started <= {"register", "tell", "objection"}


def test_error_2_sixty_days_on_a_lawsuit() -> None:
    """What goes to the legal window has no clock at all."""
    case = told("appeal").walk("register", "legal-window")

    assert said(case) == {}


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
    case = answered("2026-03-13")  # Friday
    assert "review-request" not in said(case)

    case.do("serve", "2026-03-24", served_on="2026-03-22")  # a Sunday, entered on Tuesday

    assert said(case) == {"review-request": "2026-04-21 星期二"}


def test_error_5_an_extension_counts_from_the_end_of_the_sixty() -> None:
    """Not from the day of its approval, and not from the target before a holiday; and once."""
    case = accepted("2026-03-02")  # Monday
    assert said(case) == {"handle": "2026-05-01 星期五"}  # Labour Day
    assert lacks(case, "extend", "2026-05-01") == ()

    case.do("extend", "2026-04-20")

    assert said(case) == {"extension": "2026-05-31 星期日"}
    assert lacks(case, "extend", "2026-04-21") == ("已经做过“延长期限”，只能做一次",)


def test_error_5_an_extension_after_the_end() -> None:
    """Nobody's sixty days grow when they are over."""
    case = accepted("2026-03-02")

    assert lacks(case, "extend", "2026-05-02") == ("期限2026年5月1日已经过了，不能再延长",)
    assert lacks(case, "reply", "2026-05-02") == ("先做“责任单位报告办理情况”",)


def test_error_5_an_extension_without_approval_or_reasons() -> None:
    """Only the director's step extends; who approved it, why, and words to the petitioner."""
    for one in handling().courses.all.values():
        for step in one.steps.values():
            if "extension" in step.starts:
                assert step.by == ("director",)
                assert {"approved_by", "reason", "words"} <= set(step.asks)
                assert step.tells


# ── along a course ───────────────────────────────────────────────────────────────────────────

RULES = replace(handling().rules, calendar=YEARS)


def found(case: Told, rules: Rules = RULES) -> dict[str, Due]:
    """By the clock's id, or by the step that is awaited."""
    counted = dues(case.course, case.stands, rules)
    return {one.clock.id if one.clock else one.name: one for one in counted}


def said(case: Told, rules: Rules = RULES) -> dict[str, str]:
    """Last days with the names of their weekdays."""
    return {name: words(one.day) for name, one in found(case, rules).items()}


def words(one: date | None) -> str:
    return f"{one} {weekday_name(one)}" if one else "停"


def lacks(case: Told, step: str, today: str) -> tuple[str, ...]:
    return missing(case.course, case.stands, case.course.steps[step], RULES, day(today))


def accepted(on: str) -> Told:
    """A case that was accepted on that day."""
    case = told("appeal", day=day(on)).walk("register", "assign")
    case.do("accept", accepted_on=on)
    return case


def answered(on: str) -> Told:
    """A case whose answer was written on that day."""
    case = accepted(on)
    return case.walk("unit-report", "reply")


@pytest.mark.parametrize(
    ("received", "last", "aim"),
    [
        ("2026-03-02", "2026-03-17 星期二", "2026-03-17 星期二"),  # Monday
        ("2026-03-06", "2026-03-21 星期六", "2026-03-20 星期五"),  # Friday
        ("2026-03-07", "2026-03-22 星期日", "2026-03-20 星期五"),  # Saturday
        ("2026-04-16", "2026-05-01 星期五", "2026-04-30 星期四"),  # Labour Day
        ("2026-04-20", "2026-05-05 星期二", "2026-04-30 星期四"),  # its last day
        ("2026-04-21", "2026-05-06 星期三", "2026-05-06 星期三"),  # the first day of work
        ("2026-04-24", "2026-05-09 星期六", "2026-05-09 星期六"),  # a make-up workday
        ("2026-04-25", "2026-05-10 星期日", "2026-05-09 星期六"),  # the day after it
        ("2026-09-16", "2026-10-01 星期四", "2026-09-30 星期三"),
        ("2026-09-22", "2026-10-07 星期三", "2026-09-30 星期三"),
        ("2026-02-08", "2026-02-23 星期一", "2026-02-14 星期六"),  # 春节 after a worked Saturday
        ("2024-02-14", "2024-02-29 星期四", "2024-02-29 星期四"),
    ],
)
def test_fifteen_days_from_receipt(received: str, last: str, aim: str) -> None:
    """Registration and telling: the law's day, and the workday that the desk aims at."""
    case = told("appeal", day=day(received))

    assert said(case) == {"register": last, "tell": last}
    assert words(found(case)["register"].target) == aim
    assert found(case)["register"].todo == found(case)["tell"].todo == ("登记",)


@pytest.mark.parametrize(
    ("on", "last", "extended"),
    [
        ("2026-03-02", "2026-05-01 星期五", "2026-05-31 星期日"),
        ("2026-03-03", "2026-05-02 星期六", "2026-06-01 星期一"),
        ("2026-07-14", "2026-09-12 星期六", "2026-10-12 星期一"),
        ("2026-08-02", "2026-10-01 星期四", "2026-10-31 星期六"),
        ("2025-11-20", "2026-01-19 星期一", "2026-02-18 星期三"),  # in 春节
        ("2023-12-31", "2024-02-29 星期四", "2024-03-30 星期六"),
    ],
)
def test_sixty_days_and_thirty_more(on: str, last: str, extended: str) -> None:
    """From acceptance; the extension from the end of the sixty, whenever it was approved."""
    case = accepted(on)
    assert said(case) == {"handle": last}
    assert found(case)["handle"].todo == ("书面答复",)

    case.do("extend")

    assert said(case) == {"extension": extended}
    case.walk("unit-report", "reply")
    assert said(case) == {}


@pytest.mark.parametrize(
    ("transferred", "last"),
    [
        ("2026-03-02", "2026-03-09 星期一"),  # Monday
        ("2026-03-06", "2026-03-13 星期五"),  # Friday
        ("2026-03-07", "2026-03-13 星期五"),  # Saturday
        ("2026-02-13", "2026-02-27 星期五"),  # Sat 14 is worked, 15–23 off
        ("2026-04-30", "2026-05-11 星期一"),  # 1–5 off, Wed Thu Fri, Sat 9 worked, Mon
        ("2026-09-30", "2026-10-13 星期二"),  # 1–7 off, Thu Fri, Sat 10 worked, Mon Tue
        ("2025-12-31", "2026-01-08 星期四"),  # 1–3 off, Sun 4 worked
    ],
)
def test_five_workdays_to_object(transferred: str, last: str) -> None:
    """A unit's right, across holidays and make-up weekends; nothing is late when it is over."""
    case = told("appeal", day=day(transferred)).walk("register", "transfer")
    objection = found(case)["objection"]

    assert words(objection.day) == last
    assert objection.right
    assert objection.todo == ("单位提出异议，退回",)
    assert not found(case)["tell"].right
    case.do("accept")
    assert set(said(case)) == {"handle"}


@pytest.mark.parametrize(
    ("served", "entered", "last"),
    [
        ("2026-03-13", "2026-03-13", "2026-04-12 星期日"),
        ("2026-03-22", "2026-03-24", "2026-04-21 星期二"),
        ("2026-09-01", "2026-09-30", "2026-10-01 星期四"),  # National Day
        ("2026-01-31", "2026-02-01", "2026-03-02 星期一"),
    ],
)
def test_thirty_days_from_receipt_of_the_reply(served: str, entered: str, last: str) -> None:
    """To ask for review, and for second review: a right of the petitioner's, from ``served_on``."""
    case = answered(served)
    case.do("serve", entered, served_on=served)
    assert said(case) == {"review-request": last}
    assert found(case)["review-request"].right

    case.do("review", entered, received_on=served)
    assert said(case) == {"review": last}
    assert not found(case)["review"].right
    case.do("review-answer", entered)
    assert said(case) == {}
    case.do("review-serve", entered, served_on=served)
    assert said(case) == {"second-review-request": last}
    case.do("second-review", entered, received_on=served)
    assert said(case) == {"second-review": last}
    case.walk("second-answer")
    case.do("second-serve", entered, served_on=served)
    assert said(case) == {}


@pytest.mark.parametrize(
    ("starts", "ends", "last"),
    [
        ("2026-03-10", "2026-03-10", "2026-04-01 星期三"),
        ("2026-03-10", "2026-03-11", "2026-04-02 星期四"),
        ("2026-03-10", "2026-03-22", "2026-04-13 星期一"),
        ("2026-03-22", "2026-03-10", "2026-04-01 星期三"),  # typed the wrong way round
    ],
)
def test_a_hearing_stops_a_review(starts: str, ends: str, last: str) -> None:
    """Its time is not counted; while it lasts, nobody knows the day."""
    case = answered("2026-03-01").walk("serve")
    case.do("review", "2026-03-02", received_on="2026-03-02")
    assert said(case) == {"review": "2026-04-01 星期三"}

    case.do("hearing", "2026-03-10", heard_on=starts)
    now = [one.day for one in dues(case.course, case.stands, RULES, day(starts))]
    assert now == [None]
    case.do("hearing-over", "2026-03-23", heard_on=ends)

    assert said(case) == {"review": last}
    case.do("hearing", "2026-03-24", heard_on="2026-03-24")
    case.do("hearing-over", "2026-03-26", heard_on="2026-03-26")
    assert words(found(case)["review"].day) == words(day(last[:10]) + timedelta(days=2))


def test_a_hearing_before_the_answer_stops_nothing() -> None:
    """The sixty days go on."""
    case = accepted("2026-03-02")
    case.do("hearing", heard_on="2026-03-10")
    case.do("hearing-over", heard_on="2026-03-20")

    assert said(case) == {"handle": "2026-05-01 星期五"}


@pytest.mark.parametrize(
    ("received", "last"),
    [("2026-04-16", "2026-05-06 星期三"), ("2026-04-25", "2026-05-11 星期一"),
     ("2026-04-24", "2026-05-09 星期六"), ("2026-03-02", "2026-03-17 星期二")],
)  # fmt: skip
def test_an_office_that_lets_the_last_day_roll(received: str, last: str) -> None:
    """The later workday is the last day then, and the target."""
    rolling = replace(RULES, rolls=True)
    case = told("appeal", day=day(received))

    assert said(case, rolling) == {"register": last, "tell": last}
    assert words(found(case, rolling)["register"].target) == last


def test_a_last_day_in_a_year_without_a_notice_is_still_there() -> None:
    """Whether it rolls nobody knows yet; that it counts is certain. Workdays would be a guess."""
    only = replace(RULES, calendar=calendar(2026), rolls=True)
    case = told("appeal", day=day("2026-12-28")).walk("register", "transfer")

    assert said(case, only) == {"tell": "2027-01-12 星期二"}


def law(**changed: tuple[int, str]) -> Rules:
    """The sample's clocks with other lengths and units."""
    clocks: Mapping[str, Clock] = {
        name: replace(RULES.clocks[name], length=length, unit="日" if unit == "日" else "工作日")
        for name, (length, unit) in changed.items()
    }
    return replace(RULES, clocks={**RULES.clocks, **clocks})


def test_another_region_s_law() -> None:
    """Other lengths and units, with the same courses: nothing here knows of sixty."""
    other = law(handle=(45, "日"), extension=(10, "工作日"), register=(5, "工作日"))
    case = told("appeal", day=day("2026-02-13"))  # Friday; Sat 14 is worked, 15–23 off
    assert said(case, other)["register"] == "2026-02-27 星期五"

    case = accepted("2026-03-02")
    assert said(case, other) == {"handle": "2026-04-16 星期四"}
    case.do("extend")
    assert said(case, other) == {"extension": "2026-04-30 星期四"}


def test_a_hearing_in_a_law_that_counts_workdays() -> None:
    """A week's hearing with a weekend in it stops the clock for five workdays."""
    case = answered("2026-03-01").walk("serve")
    case.do("review", "2026-03-02", received_on="2026-03-02")
    case.do("hearing", "2026-03-10", heard_on="2026-03-06")  # Friday
    case.do("hearing-over", "2026-03-23", heard_on="2026-03-13")  # Friday

    assert said(case, law(review=(10, "工作日"))) == {"review": "2026-03-23 星期一"}


def test_a_promised_day_is_kept_apart_from_the_law_s() -> None:
    """Both count; the promise is over with the reply, and when the case goes another way."""
    case = accepted("2026-03-02")
    case.do("promise", promised="2026-05-20")
    assert said(case) == {"handle": "2026-05-01 星期五", "等：书面答复": "2026-05-20 星期三"}
    assert found(case)["等：书面答复"].todo == ("书面答复",)

    undone = case.do("withdraw")
    assert said(case) == {}
    case.undo(undone)
    case.walk("unit-report", "reply")
    assert said(case) == {}


def test_a_day_that_the_office_named_is_awaited_until_it_comes() -> None:
    """An assignment's day is over with the acceptance, or with the unit's objection."""
    case = told("appeal", day=day("2026-03-02")).walk("register")
    case.do("assign", due="2026-03-10")
    assert said(case) == {"等：受理": "2026-03-10 星期二", "tell": "2026-03-17 星期二"}
    assert found(case)["tell"].todo == ("受理",)

    objected = case.do("object")
    assert said(case) == {"tell": "2026-03-17 星期二"}
    case.undo(objected)
    case.do("accept", accepted_on="2026-03-02")
    assert said(case) == {"handle": "2026-05-01 星期五"}


def test_eight_slips_name_a_day_for_the_unit_s_report() -> None:
    """The county's slips: the report is awaited, whatever is done meanwhile."""
    case = told("county", day=day("2026-03-02"))
    case.walk("register", "arrange", "draft", "invite", "meet")
    case.do("accept", accepted_on="2026-03-02")
    case.do("slips", due="2026-03-20")
    assert said(case)["等：责任单位报告办理情况"] == "2026-03-20 星期五"

    case.walk("unit-report")
    assert said(case) == {"handle": "2026-05-01 星期五"}


@pytest.mark.parametrize(
    ("received_on", "last"), [("2026-03-02", "2026-03-17 星期二"), ("", "2026-03-20 星期五")]
)
def test_a_letter_counts_from_the_day_it_came(received_on: str, last: str) -> None:
    """Not from the day on which somebody typed it."""
    case = Told(handling().courses.all["appeal"], entries=[])
    case.entries.clear()
    data = {"received_on": received_on} if received_on else {}
    case.add("received", "2026-03-05", state="received", by="clerk1", **data)

    assert said(case)["register"] == last


def test_midnight_is_shanghai_s() -> None:
    """Filed at 16:30 UTC on Sunday it is Monday's; there is no summer time to shift anything."""
    case = told("appeal")
    first = replace(case.entries[0], at=datetime(2026, 3, 1, 16, 30, tzinfo=UTC))
    case.entries[0] = first

    assert said(case)["register"] == "2026-03-17 星期二"
    summer = replace(first, at=datetime(2026, 7, 1, 15, 59, tzinfo=UTC))
    case.entries[0] = summer
    assert said(case)["register"] == "2026-07-16 星期四"


def test_the_soonest_comes_first_and_what_stands_still_last() -> None:
    """As the list of one case is read."""
    case = told("appeal", day=day("2026-03-02")).walk("register", "transfer")

    assert [one.clock.id for one in dues(case.course, case.stands, RULES) if one.clock] == [
        "objection",
        "tell",
    ]
