"""What the printed sheets say: the month's notice on the wall, the name plates on the desk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from casework.workdays import clock, cn_date, cn_date_long
from publisher.calendar import Alteration, Calendar, Session, Slot, month_of
from publisher.model import Booking, Place, Roster
from publisher.office import Institution, Office
from publisher.sheet_tables import (
    USUAL_MODE,
    Table,
    full_table,
    people_table,
    roster_table,
    same,
    slots,
    usual_places,
)
from publisher.view import Row, month_title, month_view

_WAYS = {
    "电话": "拨打预约电话",
    "现场": "到接访地点登记",
    "网上": "在网上登记",
    "来信": "写信",
}


@dataclass(frozen=True, slots=True)
class NoticeSheet:
    """The notice of one institution's month, in all shapes; the template takes what fits."""

    template: ClassVar[str] = "notice.typ"

    name: str
    title: str
    institution: str
    intro: tuple[str, ...]
    table: Table
    roster: Table  # the same sessions with names only …
    halves: tuple[Table, ...]  # … or that in two halves side by side …
    people: Table  # … with the leaders' posts said once
    notes: tuple[str, ...]
    details: tuple[str, ...]  # why and when something changed
    brief: tuple[str, ...]  # stands for the details where they don't fit
    heading: str
    terms: tuple[str, ...]
    signature: str
    dates: tuple[str, ...]
    footer: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plate:
    name: str
    post: str
    institution: str


@dataclass(frozen=True, slots=True)
class PlateSheet:
    """Desk name plates, one a page."""

    template: ClassVar[str] = "plates.typ"

    name: str
    title: str
    plates: tuple[Plate, ...]


Sheet = NoticeSheet | PlateSheet


def notice(office: Office, institution: Institution, calendar: Calendar, month: str) -> NoticeSheet:
    """The notice of the month as it stands on the calendar's day."""
    rows = month_view(month, calendar.of(institution.slug), office.workdays).rows
    sessions = tuple({row.session.id: row.session for row in rows}.values())
    published = (read.value for read in institution.rosters if read.value.month == month)
    roster = next((one for one in published if one.published <= calendar.today), None)
    details = _details(sessions)
    bookings = _bookings(rows)
    whole = roster_table(rows)
    return NoticeSheet(
        name=f"{institution.slug}-{month}",
        title=f"{month_title(month)}{institution.info.short}接访公示",
        institution=institution.signature,
        intro=_intro(institution, rows, month),
        table=full_table(rows),
        roster=whole,
        halves=_halves(whole, rows),
        people=people_table(institution, rows),
        notes=_notes(rows, sessions, roster),
        details=details,
        brief=("各项变动的原因和公布日期，见网上公示或向本单位询问。",) if details else (),
        heading="预约办法" if bookings else "来访须知",
        terms=_terms(institution, bookings),
        signature=institution.signature,
        dates=_dates(sessions, roster),
        footer=_footer(office),
    )


def plates(office: Office, institution: Institution, today: date) -> PlateSheet:
    """Name plates of the leaders who receive on that day."""
    return PlateSheet(
        name=f"{institution.slug}-plates",
        title=f"{institution.info.short}接访公示牌",
        plates=tuple(
            Plate(person.name, person.post_on(today), institution.info.name)
            for person in institution.people
            if person.receives and person.in_office(today)
        ),
    )


def _halves(roster: Table, rows: Sequence[Row]) -> tuple[Table, ...]:
    """The roster in two tables of one shape, split between two days."""
    starts = [i for i in range(1, len(rows)) if rows[i].date != rows[i - 1].date]
    if not starts:
        return (roster,)
    split = min(starts, key=lambda i: (abs(2 * i - len(rows)), -i))
    return tuple(replace(roster, rows=part) for part in (roster.rows[:split], roster.rows[split:]))


def _intro(institution: Institution, rows: Sequence[Row], month: str) -> tuple[str, ...]:
    what = f"{month_title(month)}{institution.info.short}接访"
    if not rows:
        return (f"{what}没有安排。群众来访由本单位工作人员接待。",)
    common = []
    if span := same(f"{slot.half_day}{slot.span}" for slot in slots(rows)):
        common.append(f"接访时间均为{span.removeprefix('全天')}")
    if places := usual_places(rows):
        all_there = same(slot.places for slot in slots(rows)) is not None
        common.append(f"{'' if all_there else '除另有注明外，'}地点：{_addressed(places)}")
    mode = same(row.slot.mode for row in rows)
    if mode and mode != USUAL_MODE:
        common.append(f"接访方式为{mode}")
    sentence = f"{'，'.join(common)}。" if common else ""
    return (f"为方便群众反映诉求，现将{what}安排公示如下。{sentence}",)


def _addressed(places: Iterable[Place]) -> str:
    return "；".join(f"{place.name}（{place.address}）" for place in places)


def _notes(
    rows: Sequence[Row], sessions: Sequence[Session], roster: Roster | None
) -> tuple[str, ...]:
    """What a visitor must know: places, the roster's note, days without reception."""
    found = []
    usual = usual_places(rows)
    places = dict.fromkeys(place for slot in slots(rows) for place in slot.places)
    if others := [place for place in places if place not in usual]:
        found.append(f"{'其他' if usual else ''}接访地点：{_addressed(others)}。")
    if roster and roster.note:
        found.append(_stop(roster.note))
    stopped = [
        (change.before.date, "", f"{change.says}。{_why(change)}")
        for session in sessions
        for change in session.changes
        if change.what == ("暂停",)
    ]
    found += _by_sentence(sorted(stopped))
    skips = roster.skips if roster else ()
    found += _by_sentence((skip.date, "", f"不安排接访：{_stop(skip.reason)}") for skip in skips)
    return tuple(found)


def _details(sessions: Sequence[Session]) -> tuple[str, ...]:
    """Why something changed and since when it is known, one sentence for equal cases."""
    days = Counter(
        day for session in sessions for day in {session.original.date, session.slot.date}
    )
    return tuple(
        _by_sentence(
            (slot.date, clock(slot.start) if days[slot.date] > 1 else "", sentence)
            for session in sessions
            for slot, sentence in _sentences(session)
        )
    )


def _sentences(session: Session) -> Iterator[tuple[Slot, str]]:
    """(the slot that held until then, what is said of it)."""
    was = session.original
    if was.companions:
        yield was, f"陪同接访：{'、'.join(one.name for one in was.companions)}。"
    if session.reason:
        yield was, f"安排接访：{_stop(session.reason)}"
    if session.note:
        yield was, f"：{_stop(session.note)}"
    for change in session.changes:
        if change.what != ("暂停",):
            says = change.says.replace(f"由{change.before.day}", "", 1)
            yield change.before, f"{says}。{_why(change)}"


def _why(change: Alteration) -> str:
    return f"原因：{change.reason.rstrip('。')}（{cn_date(change.announced)}公布）。"


def _stop(sentence: str) -> str:
    return sentence if sentence.endswith(("。", "！", "？")) else f"{sentence}。"


def _by_sentence(told: Iterable[tuple[date, str, str]]) -> list[str]:
    """Equal sentences are said once, with all their days in front."""
    days: dict[str, dict[tuple[date, str], None]] = {}
    for day, hour, sentence in told:
        days.setdefault(sentence, {})[day, hour] = None
    return [f"{_days(when)}{sentence}" for sentence, when in days.items()]


def _days(when: Iterable[tuple[date, str]]) -> str:
    """12月1日、8日、15日10:00."""
    words = []
    last = ""
    for day, hour in when:
        month = month_of(day)
        words.append((cn_date(day) if month != last else f"{day.day}日") + hour)
        last = month
    return "、".join(words)


def _bookings(rows: Sequence[Row]) -> list[tuple[str, Booking]]:
    """(name of the rule, its terms) of the rules in the month; none where nobody can book."""
    rules = {row.session.rule.id: row.session.rule for row in rows if row.session.rule}
    return [(rule.name, rule.booking) for rule in rules.values() if rule.booking]


def _terms(institution: Institution, bookings: Sequence[tuple[str, Booking]]) -> tuple[str, ...]:
    info = institution.info
    several = len({_booking(terms) for _, terms in bookings}) > 1
    sentences = (f"{name}：{_booking(it)}" if several else _booking(it) for name, it in bookings)
    found = dict.fromkeys(sentences)
    phones = "、".join(f"{one.label}{one.number}" for one in info.phones)
    last = f"多人反映同一事项的，请推选代表，代表不超过{info.representatives}人。"
    if info.bring:
        last = f"来访请准备：{''.join(map(_stop, info.bring))}{last}"
    return (*found, f"联系电话：{phones}。{last}")


def _booking(terms: Booking) -> str:
    *first, final = (_WAYS[way] for way in terms.by)
    ways = f"{'、'.join(first)}或者{final}" if first else final
    says = [f"群众可以{ways}进行预约"]
    if terms.quota:
        says.append(f"每场名额{terms.quota}个")
    if terms.days_before:
        days = "一" if terms.days_before == 1 else terms.days_before
        says.append(f"接访日前{days}个工作日{clock(terms.at)}截止")
    sentence = "，".join(says) + "。"
    if terms.required:
        sentence += "本项接访须先预约，未预约的当日不安排。"
    return sentence + (_stop(terms.note) if terms.note else "")


def _dates(sessions: Sequence[Session], roster: Roster | None) -> tuple[str, ...]:
    published = [roster.published] if roster else [session.published for session in sessions]
    changed = [change.announced for session in sessions for change in session.changes]
    found = [cn_date_long(min(published))] if published else []
    return (*found, *([f"变动更新至{cn_date_long(max(changed))}"] if changed else []))


def _footer(office: Office) -> tuple[str, ...]:
    site = office.info
    latest = f"最新安排以网上公示为准：{site.url}"
    return (latest, *([site.fictional.notice] if site.fictional else []))
