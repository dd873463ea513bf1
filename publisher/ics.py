"""Subscribable calendars: one VEVENT a session, for the office, each institution, each leader.

The library writes calendars, time zone and alarm; the events, of which a county has thousands, are
written here, because the library takes eight times as long (a test holds both to the same bytes).
Each event is written once and its bytes are reused in the three calendars that hold it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache, lru_cache

from icalendar import Alarm, Timezone, TimezoneStandard, vText
from icalendar import Calendar as Envelope

from publisher.calendar import Calendar, Session, month_of
from publisher.model import InstitutionFile, Site
from publisher.office import Institution, Office
from publisher.plain import (
    absolute,
    booking_terms,
    everyone,
    heading,
    host,
    mark,
    midnight,
    month_path,
    one_line,
    paragraphs,
    told,
    where,
    who,
)

REFRESH = timedelta(hours=6)
_WIDTH = 74  # octets: 75 with the space that opens a continued line
_END = b"END:VEVENT\r\n"


def ics_files(office: Office, calendar: Calendar) -> dict[str, bytes]:
    """All calendars by path. An institution or leader without sessions keeps an empty one,

    so that nobody's subscription breaks.
    """
    site = office.info
    events = {
        session.id: _event(site, office.institutions[session.institution].info, session)
        for session in calendar.sessions
    }
    files = {"calendar.ics": _wrap(site, site.name, events.values())}
    for slug, institution in office.institutions.items():
        own = [_with_alarm(s, events[s.id]) for s in calendar.of(slug)]
        title = f"{institution.info.short}接访日历"
        files[f"institutions/{slug}/calendar.ics"] = _wrap(site, title, own)
        files |= _leader_files(site, institution, calendar.of(slug), events)
    return files


def _leader_files(
    site: Site, institution: Institution, sessions: Iterable[Session], events: dict[str, bytes]
) -> dict[str, bytes]:
    """A calendar for each leader of an institution who receives, or ever was announced."""
    own: dict[str, list[bytes]] = {p.id: [] for p in institution.people if p.receives}
    for session in sessions:
        sitting = {leader.id for leader in session.slot.leaders}
        handed = b""
        for person in _announced_ids(session):
            event = events[session.id]
            if session.held and person not in sitting:
                handed = handed or _event(site, institution.info, session, handed_on=True)
                event = handed
            else:
                event = _with_alarm(session, event)
            own.setdefault(person, []).append(event)
    names = {person.id: person.name for person in institution.people}
    return {
        f"leaders/{institution.slug}/{person}/calendar.ics": _wrap(
            site, f"{names[person]}接访日历（{institution.info.short}）", mine
        )
        for person, mine in own.items()
        if person in names
    }


def _announced_ids(session: Session) -> list[str]:
    """Whoever was ever announced for the session: a calendar never silently loses an event."""
    slots = (session.original, *(change.after for change in session.changes))
    return sorted({leader.id for slot in slots for leader in slot.leaders if leader.id})


def _event(
    site: Site, info: InstitutionFile, session: Session, *, handed_on: bool = False
) -> bytes:
    """The VEVENT. ``handed_on``: as seen by a leader in whose place another one sits."""
    slot = session.slot
    modified = _utc(session.modified, session.sequence)
    held = session.held and not handed_on
    places = "、".join(where(place) for place in slot.places)
    page = _page(site, session)
    day = f"{slot.date:%Y%m%d}"
    lines = (
        f"SUMMARY:{_text(one_line(_summary(info, session, handed_on)))}",
        f"DTSTART;TZID=Asia/Shanghai:{day}T{slot.start:%H%M%S}",
        f"DTEND;TZID=Asia/Shanghai:{day}T{slot.end:%H%M%S}",
        f"DTSTAMP:{modified}",
        f"UID:{session.id}@{host(site)}",
        f"SEQUENCE:{session.sequence}",
        f"CATEGORIES:{slot.mode}",
        f"CREATED:{_utc(session.published, 0)}",
        f"DESCRIPTION:{_text(paragraphs(_description(site, info, session, page)))}",
        f"LAST-MODIFIED:{modified}",
        f"LOCATION:{_text(one_line(places))}",
        f"STATUS:{'CONFIRMED' if held else 'CANCELLED'}",
        "TRANSP:TRANSPARENT",  # a public timetable blocks nobody's own time
        f"URL:{page}",
    )
    return b"BEGIN:VEVENT\r\n" + b"".join(map(_fold, lines)) + _END


@lru_cache(maxsize=4096)
def _utc(day: date, sequence: int) -> str:
    """The day's midnight in Shanghai and as many seconds, so that each change is a later moment."""
    return f"{midnight(day) + timedelta(seconds=sequence):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    """Escaped as RFC 5545 wants TEXT; no value holds a carriage return any more."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\n", "\\n")


def _fold(line: str) -> bytes:
    """Folded by octets, without cutting a character or an escape in two."""
    octets = line.encode()
    if len(octets) <= _WIDTH:  # most are short
        return octets + b"\r\n"
    pieces = []
    start = 0
    while len(octets) - start > _WIDTH:
        end = start + _WIDTH
        while octets[end] & 0xC0 == 0x80:  # inside a character
            end -= 1
        if octets[end - 1 : end] == b"\\":
            end -= 1
        pieces.append(octets[start:end])
        start = end
    pieces.append(octets[start:])
    return b"\r\n ".join(pieces) + b"\r\n"


def _page(site: Site, session: Session) -> str:
    path = month_path(site, session.institution, month_of(session.slot.date))
    return absolute(site, f"{path}#{session.id}")


def _summary(info: InstitutionFile, session: Session, handed_on: bool) -> str:
    title = heading(info.short, session.slot)
    if handed_on:
        before, now = everyone(session.original), everyone(session.slot)
        return f"【换人】{title}：原定{before}，改由{now}"
    word = mark(session)
    return f"{f'【{word}】' if word else ''}{title}：{everyone(session.slot)}"


def _description(site: Site, info: InstitutionFile, session: Session, page: str) -> str:
    slot = session.slot
    lines = [site.fictional.notice] if site.fictional else []
    lines += [told(change) for change in session.changes]
    for leader in slot.leaders:
        if leader.portfolio:
            lines.append(f"{who(leader)}分管：{'、'.join(leader.portfolio)}")
    if slot.companions:
        lines.append(f"陪同：{'、'.join(who(person) for person in slot.companions)}")
    lines += [f"怎样到达{place.name}：{place.access}" for place in slot.places if place.access]
    labelled = {"预约": booking_terms(session), "说明": session.reason, "备注": session.note}
    lines += [f"{label}：{text}" for label, text in labelled.items() if text]
    lines += [f"{phone.label}：{phone.number}" for phone in info.phones]
    lines.append(f"日历软件更新较慢，安排以网页为准：{page}")
    return "\n".join(lines)


def _with_alarm(session: Session, event: bytes) -> bytes:
    """The day before, for those who follow one institution or leader; never when cancelled."""
    return event.removesuffix(_END) + _alarm() + _END if session.held else event


@cache
def _alarm() -> bytes:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", timedelta(days=-1))
    alarm.add("description", "明天有接访，请留意网页上的最新安排")
    written: bytes = alarm.to_ical()
    return written


def _wrap(site: Site, title: str, events: Iterable[bytes]) -> bytes:
    """The calendar around finished events."""
    head, end = _envelope(site)
    names = (f"{key}:{_text(one_line(title))}" for key in ("NAME", "X-WR-CALNAME"))
    return b"".join((head, *map(_fold, names), _timezone(), *events, end))


@lru_cache(maxsize=1)
def _envelope(site: Site) -> tuple[bytes, bytes]:
    """What opens and closes every calendar of the site."""
    envelope = Envelope()
    envelope.add("prodid", f"-//{host(site)}//jiefang//ZH-CN")
    envelope.add("version", "2.0")
    envelope.add("calscale", "GREGORIAN")
    envelope.add("method", "PUBLISH")
    about = "日历软件更新较慢，安排以网页为准。"
    if site.fictional:
        about = f"{site.fictional.notice.rstrip('。')}。{about}"
    for name in ("description", "x-wr-caldesc"):
        envelope.add(name, vText(one_line(about)))
    envelope.add("x-wr-timezone", "Asia/Shanghai")
    envelope.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    envelope.add("x-published-ttl", "PT6H")
    head, end, _ = envelope.to_ical().rpartition(b"END:VCALENDAR")
    return head, end + b"\r\n"


@cache
def _timezone() -> bytes:
    """Asia/Shanghai without the summer time of 1986 to 1991, before any session of ours."""
    zone = Timezone()
    zone.add("tzid", "Asia/Shanghai")
    standard = TimezoneStandard()
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001  RFC 5545: local time, no TZID
    standard.add("tzoffsetfrom", timedelta(hours=8))
    standard.add("tzoffsetto", timedelta(hours=8))
    standard.add("tzname", "CST")
    zone.add_component(standard)
    written: bytes = zone.to_ical()
    return written
