"""Twelve notices that real offices published: content says each of them, and the site their dates.

From the office's rule the roster is proposed, written as a file, read back, checked and resolved.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from publisher.calendar import Calendar, Session, resolve
from publisher.check import check
from publisher.load import load
from publisher.office import Institution, Office
from publisher.roster import propose_month
from tests.builders import COUNTY, COUNTY_INSTITUTION, merged, to_yaml, write, write_office
from tests.casework.holidays import year_days

HOME = f"institutions/{COUNTY}"
ROTA = ["甲一", "乙二", "丙三"]


@dataclass(frozen=True)
class Published:
    """A real notice: the rules by which an office would write it, and the days that it printed."""

    id: str
    months: tuple[str, ...]
    rules: tuple[dict[str, Any], ...]
    days: tuple[str, ...]
    institution: dict[str, Any] = field(default_factory=dict)
    roster: str = ""  # lines that staff add to the proposed month


def rule(**fields: Any) -> dict[str, Any]:
    """A reception rule in the morning with three leaders by turns, unless told otherwise."""
    base = {
        "id": "reception",
        "name": "领导接待日",
        "says": "按公布的日子接待",
        "times": ["9:00-11:30"],
        "places": ["hall"],
        "rota": ROTA,
    }
    return copy.deepcopy(base | fields)


NOTICES = [
    Published(
        "env-bureau-2017-08",
        ("2017-08",),
        (
            rule(
                **{"from": "2017-08-01"},
                dates=["2017-08-23"],
                booking={"by": ["电话"], "days_before": "1", "required": "true"},
            ),
        ),
        ("2017-08-23",),
        {"bring": ["身份证"], "not_received": ["已经或者应当由法院、仲裁、行政复议处理的事项"]},
    ),
    Published(
        "district-secretary-2024-06",
        ("2024-06",),
        (
            rule(
                **{"from": "2024-06-01"},
                dates=["2024-06-25"],
                times=["9:00-12:00"],
                places=["hall", "annex"],
                place_order="同时",
            ),
        ),
        ("2024-06-27",),
        {"representatives": "5", "bring": ["来访登记表（现场填写）"]},
        "changes:\n"
        "  - session: 2024-06-25\n"
        "    announced: 2024-06-21\n"
        "    reason: 工作安排\n"
        "    date: 2024-06-27\n",
    ),
    Published(
        "civil-affairs-bureau-2020",
        ("2020-01", "2020-02"),
        (
            rule(
                **{"from": "2020-01-01"},
                rrule="FREQ=WEEKLY;BYDAY=TU",
                times=["8:30-11:30"],
                holiday="ask",
            ),
        ),
        (
            "2020-01-07", "2020-01-14", "2020-01-21",
            "2020-02-04", "2020-02-11", "2020-02-18", "2020-02-25",
        ),
    ),
    Published(
        "province-rule-2024",
        ("2024-06",),
        (
            rule(
                **{"from": "2024-01-01"},
                id="principal",
                rrule="FREQ=WEEKLY;BYDAY=MO",
                rota=["甲一"],
            ),
            rule(
                **{"from": "2024-01-01"},
                rrule="FREQ=DAILY;BYDAY=TU,WE,TH,FR,SA,SU",
                rota=["乙二", "丙三"],
            ),
        ),
        # every workday of June 2024: the 10th is the Dragon Boat festival
        tuple(
            f"2024-06-{day:02d}"
            for day in (3, 4, 5, 6, 7, 11, 12, 13, 14, 17, 18, 19, 20, 21, 24, 25, 26, 27, 28)
        ),
    ),
    Published(
        "county-template-2008",
        ("2008-03", "2008-04", "2008-05", "2008-06"),
        (
            rule(
                **{"from": "2008-03-01"},
                rrule="FREQ=MONTHLY;BYMONTHDAY=15",
                holiday="next-workday",
            ),
        ),
        # 15 March was a Saturday, 15 June a Sunday
        ("2008-03-17", "2008-04-15", "2008-05-15", "2008-06-16"),
    ),
    Published(
        "school-2013",
        ("2013-09",),
        (
            rule(
                **{"from": "2013-09-01"},
                rrule="FREQ=WEEKLY;BYDAY=MO",
                times=["8:00-11:00"],
                rota=["甲一"],
                substitutes={"甲一": "乙二"},
            ),
        ),
        ("2013-09-02", "2013-09-09", "2013-09-16", "2013-09-23", "2013-09-30"),
    ),
    Published(
        "county-head-thursday",
        ("2014-05",),
        (
            rule(**{"from": "2014-05-01"}, rrule="FREQ=WEEKLY;BYDAY=TH"),
            rule(
                **{"from": "2014-05-01"},
                id="field",
                mode="下访",
                rrule="FREQ=WEEKLY;BYDAY=MO",
                places=["hall", "annex"],
            ),
        ),
        # Thursday 1 May is a holiday
        (
            "2014-05-05", "2014-05-08", "2014-05-12", "2014-05-15",
            "2014-05-19", "2014-05-22", "2014-05-26", "2014-05-29",
        ),
    ),
    Published(
        "campus-2014",
        ("2014-09", "2014-10"),
        (
            rule(
                **{"from": "2014-09-01"},
                rrule="FREQ=MONTHLY;BYDAY=2WE",
                times=["14:00-17:00"],
                booking={"by": ["电话"], "note": "请说明事由、希望的时间和联系电话"},
            ),
        ),
        ("2014-09-10", "2014-10-08"),
    ),
    Published(
        "university-2024-09",
        ("2024-09",),
        (
            rule(
                **{"from": "2024-09-01"},
                rrule="FREQ=MONTHLY;BYDAY=-1TU",
                times=["14:30-17:00"],
            ),
        ),
        ("2024-09-24",),
        {
            "phones": [
                {"label": "接待电话", "number": "0990-8800001", "hours": "周二 14:30-17:00"},
                {"label": "接待电话", "number": "0990-8800002", "hours": "周二 14:30-17:00"},
            ],
            "representatives": "3",
        },
    ),
    Published(
        "police-bureau-suspension-2022",
        ("2022-03",),
        (rule(**{"from": "2022-03-01"}, rrule="FREQ=WEEKLY;BYDAY=TH"),),
        ("2022-03-03", "2022-03-10"),
        {
            "suspensions": [
                {
                    "from": "2022-03-17",
                    "announced": "2022-03-16",
                    "reason": "疫情防控",
                    "instead": "请通过网上信访、来信和热线反映",
                }
            ]
        },
    ),
    Published(
        "city-police-2005",
        ("2005-06",),
        (rule(**{"from": "2005-06-01"}, rrule="FREQ=WEEKLY;BYDAY=SA,SU", weekends="true"),),
        (
            "2005-06-04", "2005-06-05", "2005-06-11", "2005-06-12",
            "2005-06-18", "2005-06-19", "2005-06-25", "2005-06-26",
        ),
    ),
    Published(
        "prefecture-month-2005",
        ("2005-07", "2005-08"),
        (
            rule(
                **{"from": "2005-07-01"}, dates=["2005-07-29", "2005-08-09", "2005-08-17"]
            ),
            rule(
                **{"from": "2005-07-01"},
                id="countryside",
                mode="预约接访",
                dates=["2005-07-26", "2005-08-03", "2005-08-15"],
            ),
        ),
        (
            "2005-07-26", "2005-07-29", "2005-08-03", "2005-08-09", "2005-08-15", "2005-08-17",
        ),
    ),
]  # fmt: skip


def holiday_file(year: int) -> dict[str, Any]:
    """The year's days off and make-up workdays, a line a day."""
    known = year_days(year)
    return {
        "year": str(year),
        "source": "国务院办公厅通知",
        "holidays": [
            {"name": name, "from": str(day), "to": str(day)}
            for day, name in sorted(known.holidays.items())
        ],
        "makeup": [str(day) for day in sorted(known.makeup)],
    }


def write_notice(tmp_path: Path, notice: Published) -> Path:
    """A county whose primary institution is the office of the notice, without any roster."""
    years = sorted({int(month[:4]) for month in notice.months})
    people = [
        {"id": f"leader-{n}", "name": name, "post": "副职领导", "portfolio": ["教育", "财政"]}
        for n, name in enumerate(ROTA)
    ]
    office = merged(COUNTY_INSTITUTION, {"rules": list(notice.rules), **notice.institution})
    return write_office(
        tmp_path,
        files={
            f"{HOME}/institution.yml": office,
            f"{HOME}/people.yml": {"people": people},
            f"{HOME}/rosters/2026-11.yml": None,
            f"{HOME}/rosters/2026-12.yml": None,
            **{f"holidays/{year}.yml": holiday_file(year) for year in years},
        },
    )


def opened(content: Path, today: date) -> tuple[Office, Institution, Calendar]:
    """The content, without any error."""
    office, problems = load(content)
    assert office is not None, [str(problem) for problem in problems]
    return office, office.institutions[COUNTY], resolve(office, today)


def publish_month(content: Path, notice: Published, month: str) -> None:
    """Propose the month, write it as staff would, with the lines that they add."""
    first = date.fromisoformat(f"{month}-01")
    office, institution, calendar = opened(content, first)
    text = propose_month(office, institution, month, calendar).text
    if notice.roster:
        text = text.replace("changes: []\n", notice.roster)
    write(content, f"{HOME}/rosters/{month}.yml", text)


def sessions_of(tmp_path: Path, notice: Published) -> tuple[Session, ...]:
    content = write_notice(tmp_path, notice)
    for month in notice.months:
        publish_month(content, notice, month)
    last = date.fromisoformat(f"{notice.months[-1]}-28")
    office, _, calendar = opened(content, last)
    mine = f"content/{HOME}/"
    errors = [str(p) for p in check(office, last) if not p.warning and p.path.startswith(mine)]
    assert errors == []
    return calendar.of(COUNTY)


@pytest.mark.parametrize("notice", [pytest.param(one, id=one.id) for one in NOTICES])
def test_the_calendar_shows_exactly_the_days_of_the_notice(
    tmp_path: Path, notice: Published
) -> None:
    """Rule → proposed roster → file → checked → the days on which a reception is held."""
    held = sorted({str(s.slot.date) for s in sessions_of(tmp_path, notice) if s.held})

    assert list(notice.days) == held


def by_id(name: str) -> Published:
    return next(one for one in NOTICES if one.id == name)


def test_the_changed_notice_keeps_what_was_announced_first(tmp_path: Path) -> None:
    """27 June replaces an earlier day; both places stand, at once."""
    (session,) = sessions_of(tmp_path, by_id("district-secretary-2024-06"))

    assert "moved" == session.status
    assert date(2024, 6, 25) == session.original.date
    assert ["县人民来访接待中心一楼", "县政务服务中心三楼"] == [p.name for p in session.slot.places]
    assert "9:00–12:00" == session.slot.span


def test_a_suspension_cancels_what_was_published_and_says_what_stands_instead(
    tmp_path: Path,
) -> None:
    """March was posted at its beginning; the Thursdays after the 17th stay visible as cancelled."""
    notice = by_id("police-bureau-suspension-2022")
    content = write_notice(tmp_path, replace(notice, institution={}))
    publish_month(content, notice, "2022-03")
    suspended = merged(COUNTY_INSTITUTION, {"rules": list(notice.rules), **notice.institution})
    write(content, f"{HOME}/institution.yml", to_yaml(suspended))
    _, _, calendar = opened(content, date(2022, 3, 28))

    stopped = [s for s in calendar.of(COUNTY) if not s.held]

    assert ["2022-03-17", "2022-03-24", "2022-03-31"] == [str(s.slot.date) for s in stopped]
    assert {"接访暂停；请通过网上信访、来信和热线反映"} == {s.changes[-1].says for s in stopped}
    assert ["2022-03-03", "2022-03-10"] == [str(s.slot.date) for s in calendar.of(COUNTY) if s.held]


def test_no_session_is_proposed_within_a_suspension(tmp_path: Path) -> None:
    """What is known to be suspended is not put into the month, and the proposal says so."""
    notice = by_id("police-bureau-suspension-2022")
    content = write_notice(tmp_path, notice)
    office, institution, calendar = opened(content, date(2022, 3, 16))

    proposal = propose_month(office, institution, "2022-03", calendar)

    assert "date: 2022-03-10" in proposal.text
    assert "date: 2022-03-17" not in proposal.text
    assert any("3月17日" in reason and "暂停" in reason for reason in proposal.reasons)


def test_a_day_that_the_office_must_decide_is_proposed_with_its_choices(tmp_path: Path) -> None:
    """28 January 2020: the first workday after the holiday, or merged with the next Tuesday."""
    notice = by_id("civil-affairs-bureau-2020")
    content = write_notice(tmp_path, notice)
    office, institution, calendar = opened(content, date(2020, 1, 1))

    proposal = propose_month(office, institution, "2020-01", calendar)

    assert (
        "# 1月28日（星期二）遇假期，请决定：改到2月3日（星期一）、2月4日（星期二），或停一次"
        in (proposal.text)
    )
    assert any("1月28日（星期二）春节放假" in reason for reason in proposal.reasons)


def test_staff_who_follow_the_hint_in_the_file_decide_the_day(tmp_path: Path) -> None:
    """The hint says to take one # away; then the day is skipped, and the file has no error."""
    notice = by_id("civil-affairs-bureau-2020")
    content = write_notice(tmp_path, notice)
    office, institution, calendar = opened(content, date(2020, 1, 1))
    text = propose_month(office, institution, "2020-01", calendar).text

    for written in (text, text.replace("# - {date", "- {date"), text.replace("# - {", " - {")):
        write(content, f"{HOME}/rosters/2020-01.yml", written)
        read, problems = load(content)
        assert read is not None
        assert not problems
        skips = read.institutions[COUNTY].rosters[0].value.skips
        assert [one.date for one in skips] == [date(2020, 1, 28)] * (written != text)


def test_places_go_by_turns_from_month_to_month(tmp_path: Path) -> None:
    """One visit a month: each month has the place after the last month's."""
    visits = rule(
        **{"from": "2017-08-01"}, rrule="FREQ=MONTHLY;BYDAY=2TU", places=["hall", "annex"]
    )
    notice = Published("visits", ("2017-08", "2017-09", "2017-10"), (visits,), ())
    content = write_notice(tmp_path, notice)
    places = []
    for month in notice.months:
        publish_month(content, notice, month)
        text = (content / f"{HOME}/rosters/{month}.yml").read_text(encoding="utf-8")
        places += re.findall(r"places: \[(\w+)\]", text)
    assert places == ["hall", "annex", "hall"]


def test_a_rule_by_dates_without_one_this_month_says_what_to_do(tmp_path: Path) -> None:
    """Silence would look as if the month were complete."""
    notice = by_id("env-bureau-2017-08")
    content = write_notice(tmp_path, notice)
    office, institution, calendar = opened(content, date(2017, 8, 1))

    reasons = propose_month(office, institution, "2017-09", calendar).reasons

    assert "  这个月没有日子：先在 institution.yml 的 dates 里加上，再重新排" in reasons


def test_sessions_stand_in_the_order_of_the_day(tmp_path: Path) -> None:
    """8:30 before 14:30, written as people write it."""
    notice = Published(
        "twice", ("2017-08",), (rule(**{"from": "2017-08-01"}, rrule="FREQ=MONTHLY;BYDAY=2TU",
                                     times=["8:30-11:30", "14:30-17:30"]),), ()
    )  # fmt: skip
    office, institution, calendar = opened(write_notice(tmp_path, notice), date(2017, 8, 1))

    text = propose_month(office, institution, "2017-08", calendar).text

    assert re.findall(r"time: (\S+),", text) == ["8:30-11:30", "14:30-17:30"]


def test_the_named_substitute_sits_when_the_leader_is_away(tmp_path: Path) -> None:
    """School 2013: the substitute takes Monday the 9th, and the proposal says why."""
    notice = by_id("school-2013")
    content = write_notice(tmp_path, notice)
    people = {
        "people": [
            {
                "id": "one", "name": "甲一", "post": "校长",
                "away": [{"from": "2013-09-09", "to": "2013-09-10", "reason": "外出学习"}],
            },
            {"id": "two", "name": "乙二", "post": "副校长", "portfolio": ["教育", "财政"]},
            {"id": "three", "name": "丙三", "post": "主任"},
        ]
    }  # fmt: skip
    write(content, f"{HOME}/people.yml", to_yaml(people))
    office, institution, calendar = opened(content, date(2013, 9, 1))

    proposal = propose_month(office, institution, "2013-09", calendar)

    assert "{date: 2013-09-09, leaders: [乙二]}" in proposal.text
    assert "{date: 2013-09-16, leaders: [甲一]}" in proposal.text
    assert any("外出学习" in reason and "乙二" in reason for reason in proposal.reasons)
