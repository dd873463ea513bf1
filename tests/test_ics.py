"""The subscribable calendars, read back by a parser that is not the one they were made with."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar as Library

from publisher.calendar import resolve
from publisher.ics import ics_files
from publisher.model import Change, Roster
from publisher.office import Office
from tests.offices import (
    PEOPLE,
    TODAY,
    change,
    county,
    entry,
    institution,
    person,
    roster,
    small_office,
)

CHINA = timezone(timedelta(hours=8))
FIRST = "county-20261204-0830@www.example.cn"
LAST_DAY = date(2026, 12, 31)

AWAY = change("2026-12-04", "2026-12-01", "因公外出", leaders=["李芳"])
MOVED = change("2026-12-04", "2026-12-01", "会议冲突", date="2026-12-08")
LATER = change("2026-12-04", "2026-12-01", "会议冲突", time="14:30-17:30")
CANCELLED = change("2026-12-04", "2026-12-02", "防汛值守", cancelled="true")
BACK = change("2026-12-04", "2026-12-03", "已返回", leaders=["王建国"])
AFTER_ALL = change("2026-12-04", "2026-12-03", "汛情解除", date="2026-12-08")


def events(data: bytes) -> dict[str, Any]:
    """The events of a calendar by UID, as vobject reads them."""
    calendar = vobject.readOne(data.decode())
    return {event.uid.value: event for event in calendar.contents.get("vevent", [])}


def feed(*changes: Change, today: date = LAST_DAY, path: str = "calendar.ics") -> bytes:
    return ics_files(*county(*changes, today=today))[path]


def blocks(data: bytes) -> dict[bytes, bytes]:
    """The bytes of each event by its UID line."""
    parts = [part.partition(b"END:VEVENT")[0] for part in data.split(b"BEGIN:VEVENT")[1:]]
    return {next(li for li in part.splitlines() if li.startswith(b"UID:")): part for part in parts}


def office_of(months: list[Roster], **fields: Any) -> Office:
    return small_office(institution(rosters=months, **fields))


def test_instants_are_those_of_a_shanghai_clock() -> None:
    """A session of 8:30 in Shanghai starts at 0:30 UTC, by the calendar's own time zone."""
    event = events(feed())[FIRST]
    assert datetime(2026, 12, 4, 8, 30, tzinfo=CHINA) == event.dtstart.value
    assert datetime(2026, 12, 4, 11, 30, tzinfo=CHINA) == event.dtend.value


@pytest.mark.parametrize(
    ("changes", "mark", "status", "sequence"),
    [
        ([], "", "CONFIRMED", 0),
        ([AWAY], "【换人】", "CONFIRMED", 1),
        ([LATER], "【改时间】", "CONFIRMED", 1),
        ([MOVED], "【改期】", "CONFIRMED", 1),
        ([CANCELLED], "【取消】", "CANCELLED", 1),
        ([MOVED, CANCELLED], "【取消】", "CANCELLED", 2),
        ([AWAY, BACK], "", "CONFIRMED", 2),
        ([CANCELLED, AFTER_ALL], "【改期】", "CONFIRMED", 2),
    ],
)
def test_each_change_shows_in_the_same_event(
    changes: list[Change], mark: str, status: str, sequence: int
) -> None:
    """The UID stays, the title tells what is different, the sequence counts the changes."""
    found = events(feed(*changes))
    event = found[FIRST]
    assert len(found) == 4
    assert event.summary.value.startswith(f"{mark}县领导接访")
    assert status == event.status.value
    assert str(sequence) == event.sequence.value


def test_a_moved_session_is_shown_on_its_new_day() -> None:
    """The UID names the original day, the start names the day that holds."""
    event = events(feed(MOVED))[FIRST]
    assert datetime(2026, 12, 8, 8, 30, tzinfo=CHINA) == event.dtstart.value


def test_a_suspended_session_stays_and_says_so() -> None:
    """A suspension cancels its sessions under its own mark and names the other channel."""
    pause = {
        "from": "2026-12-10",
        "announced": "2026-12-05",
        "reason": "防疫",
        "instead": "请打热线",
    }
    office = office_of([roster()], suspensions=[pause])
    found = events(ics_files(office, resolve(office, LAST_DAY))["calendar.ics"])
    assert found[FIRST].status.value == "CONFIRMED"
    event = found["county-20261211-0830@www.example.cn"]
    assert event.status.value == "CANCELLED"
    assert event.summary.value.startswith("【暂停】")
    assert "请打热线" in event.description.value


def test_a_change_touches_only_its_own_event() -> None:
    """Not a byte of another event moves, and the changed one is stamped with the announcement."""
    before, after = blocks(feed()), blocks(feed(CANCELLED))
    assert [b"UID:" + FIRST.encode()] == [uid for uid in before if before[uid] != after[uid]]
    event = events(feed(CANCELLED))[FIRST]
    announced = datetime(2026, 12, 2, tzinfo=CHINA)
    for stamp in (event.dtstamp.value, event.last_modified.value):
        assert announced <= stamp < announced + timedelta(hours=1)
    assert datetime(2026, 11, 27, tzinfo=CHINA) == event.created.value


def test_stamps_rise_with_every_change_also_on_one_day() -> None:
    """Two changes announced on one day leave two different, rising stamps."""
    again = change("2026-12-04", "2026-12-01", "另有安排", time="9:00-11:00")
    stamps = [events(feed(*c))[FIRST].dtstamp.value for c in ([], [AWAY], [AWAY, again])]
    assert sorted(set(stamps)) == stamps


def test_the_same_content_gives_the_same_bytes_on_any_day() -> None:
    """Two runs agree, and passing time alone changes nothing."""
    early = ics_files(*county(AWAY, today=date(2026, 12, 1)))
    assert early == ics_files(*county(AWAY, today=date(2026, 12, 1)))
    assert early == ics_files(*county(AWAY, today=LAST_DAY))


def test_a_change_is_not_told_before_its_announcement() -> None:
    """A change that staff prepared for tomorrow leaves today's calendar alone."""
    assert feed(today=TODAY) == feed(CANCELLED, today=TODAY)


def test_no_alarm_on_a_cancelled_session() -> None:
    """Followers of an institution are reminded a day ahead, never of what is cancelled."""
    found = events(feed(CANCELLED, path="institutions/county/calendar.ics"))
    assert "valarm" not in found.pop(FIRST).contents
    assert len(found) == 3
    for event in found.values():
        assert timedelta(days=-1) == event.valarm.trigger.value


def test_the_calendar_of_all_institutions_has_no_alarms() -> None:
    """Who follows the whole county is not woken for every session in it."""
    assert b"VALARM" not in feed()


def test_a_session_handed_on_is_cancelled_for_the_first_leader_only() -> None:
    """The first leader's calendar cancels it and names the substitute; the substitute's has it."""
    first = events(feed(AWAY, path="leaders/county/wang-jianguo/calendar.ics"))
    event = first[FIRST]
    assert event.status.value == "CANCELLED"
    assert event.summary.value.startswith("【换人】")
    assert "王建国" in event.summary.value
    assert "李芳" in event.summary.value
    assert "valarm" not in event.contents
    assert first["county-20261218-0830@www.example.cn"].status.value == "CONFIRMED"
    substitute = events(feed(AWAY, path="leaders/county/li-fang/calendar.ics"))
    assert substitute[FIRST].status.value == "CONFIRMED"


def test_a_substitute_who_is_replaced_keeps_a_cancelled_event() -> None:
    """Whoever was announced in between does not just lose the event."""
    third = person("sun-li", "孙丽", "副县长")
    changes = (AWAY, change("2026-12-04", "2026-12-02", "生病", leaders=["孙丽"]))
    files = ics_files(*county(*changes, today=LAST_DAY, people=(*PEOPLE, third)))
    between = events(files["leaders/county/li-fang/calendar.ics"])[FIRST]
    assert between.status.value == "CANCELLED"
    now = events(files["leaders/county/sun-li/calendar.ics"])[FIRST]
    assert now.status.value == "CONFIRMED"


def test_there_is_a_calendar_for_everyone_who_receives() -> None:
    """Leaders without a session keep an empty calendar; who only accompanies has none."""
    office = office_of([])
    files = ics_files(office, resolve(office, TODAY))
    assert {
        "calendar.ics",
        "institutions/county/calendar.ics",
        "leaders/county/wang-jianguo/calendar.ics",
        "leaders/county/li-fang/calendar.ics",
    } == set(files)
    empty = files["leaders/county/li-fang/calendar.ics"]
    assert events(empty) == {}
    assert b"BEGIN:VTIMEZONE" in empty


def test_each_institution_has_its_own_sessions() -> None:
    """The county's calendar holds all sessions, the township's only its own."""
    town = institution("town", name="青石镇", short="镇领导", kind="镇")
    office = small_office(institution(), town)
    files = ics_files(office, resolve(office, TODAY))
    assert len(events(files["calendar.ics"])) == 8
    own = events(files["institutions/town/calendar.ics"])
    assert {uid for uid in own if uid.startswith("town-")} == set(own)
    assert len(own) == 4


@pytest.mark.parametrize(
    ("slug", "day", "page"),
    [
        ("county", None, "calendar/2026-12/#county-20261211-0830"),
        ("county", "2027-01-08", "calendar/2027-01/#county-20261211-0830"),
        ("town", None, "institutions/town/2026-12/#town-20261211-0830"),
    ],
)
def test_each_event_leads_to_the_page_that_counts(slug: str, day: str | None, page: str) -> None:
    """The link names the month in which the session is now held, on its institution's page."""
    moved = [change("2026-12-11", "2026-12-01", "会议", date=day)] if day else []
    town = institution("town", name="青石镇", short="镇领导", kind="镇")
    office = small_office(institution(rosters=[roster(*moved)]), town)
    found = events(ics_files(office, resolve(office, TODAY))["calendar.ics"])
    event = found[f"{slug}-20261211-0830@www.example.cn"]
    assert f"https://www.example.cn/xinfang/{page}" == event.url.value
    assert event.url.value in event.description.value
    assert "以网页为准" in event.description.value


def test_the_description_tells_what_a_visitor_needs() -> None:
    """Portfolio, booking and its end, telephone, the change and its reason."""
    text = events(feed(AWAY))[FIRST].description.value
    for needed in ("住房城乡建设", "电话、现场预约", "12月3日（星期四）", "0990-8800018",
                   "12月1日公布", "因公外出"):  # fmt: skip
        assert needed in text


def test_a_cancelled_session_invites_nobody_to_book() -> None:
    """No booking terms stand in what will not be held."""
    assert "预约" not in events(feed(CANCELLED))[FIRST].description.value


def test_the_mode_is_in_title_and_categories() -> None:
    """A field visit is not announced as a reception at the office."""
    visit = entry("2026-12-04", "王建国", mode="下访")
    office = office_of([roster(sessions=[visit])])
    event = events(ics_files(office, resolve(office, TODAY))["calendar.ics"])[FIRST]
    assert event.summary.value.startswith("县领导下访")
    assert event.categories.value == ["下访"]


def test_the_envelope_tells_clients_how_to_treat_it() -> None:
    """Name, time zone and refresh interval, in the old words and the new."""
    lines = feed().split(b"\r\n")
    for line in (
        "METHOD:PUBLISH",
        "NAME:云岭县领导接访公示",
        "X-WR-CALNAME:云岭县领导接访公示",
        "X-WR-TIMEZONE:Asia/Shanghai",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
    ):
        assert line.encode() in lines


def test_an_invented_county_says_so_in_its_calendars() -> None:
    """The notice of invented content is in the calendar and in each event."""
    office = small_office(site={"fictional": {"notice": "本县为虚构", "today": "2026-12-01"}})
    data = ics_files(office, resolve(office, TODAY))["calendar.ics"]
    assert "本县为虚构" in vobject.readOne(data.decode()).description.value
    assert "本县为虚构" in events(data)[FIRST].description.value


def hostile(text: str) -> bytes:
    """A calendar in which a person, a post, a place and a reason are that text."""
    odd = person("odd", text, text, portfolio=[text])
    place = {"id": "hall", "name": text, "address": text, "access": text}
    session = entry("2026-12-04", text, note=text)
    late = change("2026-12-04", "2026-12-01", text, time="9:00-11:00")
    office = office_of(
        [roster(late, sessions=[session])], people=[odd], places=[place], rule={"rota": [text]}
    )
    return ics_files(office, resolve(office, TODAY))["institutions/county/calendar.ics"]


HOSTILE = [
    ("王,芳;李\\强", "王,芳;李\\强"),
    ("阿依古丽·买买提", "阿依古丽·买买提"),
    ("<script>alert(1)</script>&amp;", "<script>alert(1)</script>&amp;"),
    ("王\nEND:VEVENT\nBEGIN:VEVENT", "王 END:VEVENT BEGIN:VEVENT"),
    ("王\r\nX:1\r芳", "王 X:1 芳"),
    ("王\x00\x07芳\u2028李\x85强", "王芳 李 强"),
    ("𠮷野\U0001f600" * 7, "𠮷野\U0001f600" * 7),
    ("\\\\\\" * 19, "\\\\\\" * 19),
]


@pytest.mark.parametrize(("text", "read"), HOSTILE)
def test_no_name_breaks_a_calendar(text: str, read: str) -> None:
    """Whatever staff write arrives as text, on one line, in one event."""
    found = events(hostile(text))
    assert list(found) == [FIRST]
    assert f"【改时间】县领导接访：{read}（{read}）" == found[FIRST].summary.value
    assert f"{read}（{read}）" == found[FIRST].location.value


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=60).filter(lambda text: text.strip()))
def test_lines_are_folded_by_octets_between_characters(text: str) -> None:
    """No line is longer than 75 octets, each is UTF-8 by itself, each ends in CRLF."""
    data = hostile(text)
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    for line in data.split(b"\r\n"):
        assert len(line) <= 75
        assert line == line.decode("utf-8").encode()


@pytest.mark.parametrize("text", [text for text, _ in HOSTILE])
def test_the_library_would_write_the_same_bytes(text: str) -> None:
    """Our writer of events and the library's agree to the octet, alarm included."""
    data = hostile(text)
    (event,) = Library.from_ical(data).walk("VEVENT")
    assert event.to_ical() in data
