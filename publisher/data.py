"""Open data: calendar, office, forms and templates as JSON, the calendar as a table.

No clock: the only day in a file is the day that it was made for.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from casework.courses import Course
from casework.workdays import weekday_name
from publisher import data_models as public
from publisher.calendar import Alteration, BookingTerms, Calendar, Leader, Session, Slot
from publisher.courses import all_courses
from publisher.model import Booking, Form, Matter, Person, PhoneLine, Place, Rule, Status
from publisher.office import Institution, Office
from publisher.plain import absolute, one_line, told

_FILES: Mapping[str, type[public.DataFile]] = {
    "calendar": public.CalendarFile,
    "office": public.OfficeFile,
    "forms": public.FormsFile,
    "documents": public.PapersFile,
    "courses": public.CoursesFile,
}
_STATUS: Mapping[Status, str] = {
    "planned": "如期",
    "changed": "有变动",
    "moved": "改期",
    "cancelled": "取消",
}
# A spreadsheet runs a cell that opens like this; Chinese Excel takes the full-width signs too.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


SCHEMAS = Path(__file__).parent / "public"
_PLACE = "@schema-url@"


def data_files(office: Office, calendar: Calendar) -> dict[str, bytes]:
    """All data files and their schemas, by path."""
    files = {
        "data/calendar.json": calendar_json(office, calendar),
        "data/calendar.csv": calendar_csv(office, calendar),
        "data/office.json": office_json(office, calendar),
        "data/forms.json": forms_json(office, calendar),
        "data/documents.json": documents_json(office, calendar),
        "data/courses.json": courses_json(office, calendar),
    }
    return files | {f"data/{name}.schema.json": schema(office, name) for name in _FILES}


def schema(office: Office, name: str) -> bytes:
    """The JSON Schema of ``data/<name>.json``, as ``python -m publisher.schemas`` wrote it."""
    text = (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")
    return text.replace(_PLACE, _schema_url(office, name)).encode()


def schema_texts() -> dict[str, str]:
    """File name → schema text from the models, its address left open."""
    texts = {}
    for name, model in _FILES.items():
        dialect = "https://json-schema.org/draft/2020-12/schema"
        made = model.model_json_schema(mode="serialization")
        document = {"$schema": dialect, "$id": _PLACE, **made}
        texts[f"{name}.schema.json"] = f"{json.dumps(document, ensure_ascii=False, indent=1)}\n"
    return texts


def _schema_url(office: Office, name: str) -> str:
    return absolute(office.info, f"data/{name}.schema.json")


def _opening(office: Office, calendar: Calendar, name: str) -> dict[str, Any]:
    fictional = office.info.fictional
    return {
        "schema_url": _schema_url(office, name),
        "generated_for": calendar.today,
        "fictional": fictional.notice if fictional else None,
    }


def _lines(document: public.DataFile, **streams: map[public.SessionData]) -> bytes:
    """JSON with one item of each list on a line, so that a change is one line of a diff.

    ``streams`` are lists too long to hold as objects: each item is written and forgotten.
    """
    blocks = []
    for name, field in type(document).model_fields.items():
        value = streams.get(name, getattr(document, name))
        if isinstance(value, (tuple, map)):
            written = _bracketed(b"[]", map(to_json, value))
        elif isinstance(value, dict):
            written = _bracketed(b"{}", (_pair(key, one) for key, one in value.items()))
        else:
            written = to_json(value)
        blocks.append(to_json(field.serialization_alias or name) + b": " + written)
    return _bracketed(b"{}", blocks) + b"\n"


def _pair(key: str, value: object) -> bytes:
    return to_json(key) + b": " + to_json(value)


def _bracketed(brackets: bytes, items: Iterable[bytes]) -> bytes:
    inside = b",\n".join(items)
    return brackets[:1] + b"\n" + inside + b"\n" + brackets[1:] if inside else brackets


# ── calendar.json ────────────────────────────────────────────────────────────────────────────


def calendar_json(office: Office, calendar: Calendar) -> bytes:
    """Every session ever published, with what was announced first and each change."""
    site = office.info
    index = {
        slug: public.InstitutionIndex(
            name=one.info.name,
            short=one.info.short,
            kind=one.info.kind,
            page=absolute(site, f"institutions/{slug}/"),
            calendar=absolute(site, f"institutions/{slug}/calendar.ics"),
        )
        for slug, one in office.institutions.items()
    }
    return _lines(
        public.CalendarFile(
            **_opening(office, calendar, "calendar"),
            timezone="Asia/Shanghai",
            institutions=index,
            sessions=(),
        ),
        sessions=map(session_data, calendar.sessions),
    )


def session_data(session: Session) -> public.SessionData:
    """One session as the public contract has it."""
    now = _slot(session.slot)
    first = now if session.original is session.slot else _slot(session.original)
    return public.SessionData(
        id=session.id,
        institution=session.institution,
        timezone="Asia/Shanghai",
        **now,
        status=session.status,
        original=public.SlotData(**first),
        changes=tuple(_change(change) for change in session.changes),
        booking=_booking(session.booking) if session.booking else None,
        sequence=session.sequence,
        published=session.published,
        modified=session.modified,
        note=session.note,
        reason=session.reason,
        rule=session.rule.id if session.rule else None,
    )


def _slot(slot: Slot) -> dict[str, Any]:
    return {
        "date": slot.date,
        "start": f"{slot.start:%H:%M}",
        "end": f"{slot.end:%H:%M}",
        "place": "、".join(place.name for place in slot.places),
        "places": tuple(_place(place) for place in slot.places),
        "mode": slot.mode,
        "leaders": tuple(_leader(leader) for leader in slot.leaders),
        "companions": tuple(_leader(leader) for leader in slot.companions),
    }


@lru_cache(maxsize=4096)
def _leader(leader: Leader) -> public.LeaderData:
    return public.LeaderData(
        id=leader.id, name=leader.name, post=leader.post, portfolio=leader.portfolio
    )


@lru_cache(maxsize=1024)
def _place(place: Place) -> public.PlaceData:
    return public.PlaceData(
        id=place.id, name=place.name, address=place.address, access=place.access
    )


def _change(change: Alteration) -> public.ChangeData:
    return public.ChangeData(
        announced=change.announced, what=change.what, says=change.says, reason=change.reason
    )


def _booking(terms: BookingTerms) -> public.BookingData:
    return public.BookingData(
        open=terms.open,
        quota=terms.quota,
        closes=terms.closes,
        by=terms.by,
        required=terms.required,
        note=terms.note,
    )


# ── calendar.csv ─────────────────────────────────────────────────────────────────────────────


def calendar_csv(office: Office, calendar: Calendar) -> bytes:
    """The calendar for a spreadsheet: BOM, CRLF, Chinese headings, no cell that runs."""
    out = io.StringIO(newline="")
    rows = [_row(office.institutions[s.institution], s) for s in calendar.sessions]
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_HEADINGS)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


_HEADINGS = (
    *("编号", "单位", "日期", "星期", "开始", "结束", "地点", "地址", "接访方式"),
    *("接访领导", "职务", "分管领域", "陪同", "状态"),
    *("原定日期", "原定时间", "原定地点", "原定领导", "变动"),
    *("预约方式", "预约截止", "预约名额", "首次公布", "最近变动", "说明", "备注"),
)


def _row(institution: Institution, session: Session) -> tuple[object, ...]:
    slot, first, terms = session.slot, session.original, session.booking
    return (
        session.id,
        institution.info.name,
        slot.date,
        weekday_name(slot.date),
        f"{slot.start:%H:%M}",
        f"{slot.end:%H:%M}",
        "、".join(place.name for place in slot.places),
        "、".join(place.address for place in slot.places),
        slot.mode,
        slot.names,
        "、".join(leader.post for leader in slot.leaders),
        "；".join("、".join(leader.portfolio) for leader in slot.leaders),
        "、".join(leader.name for leader in slot.companions),
        _STATUS[session.status],
        first.date,
        f"{first.start:%H:%M}-{first.end:%H:%M}",
        "、".join(place.name for place in first.places),
        first.names,
        "".join(told(change) for change in session.changes),
        "、".join(terms.by) if terms and terms.open else "",
        f"{terms.closes:%Y-%m-%d %H:%M}" if terms and terms.open else "",
        terms.quota if terms and terms.open else "",
        session.published,
        session.modified,
        session.reason,
        session.note,
    )


@lru_cache(maxsize=16384)
def _cell(value: object) -> str:
    text = one_line(value) if isinstance(value, str) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


# ── office.json ──────────────────────────────────────────────────────────────────────────────


def office_json(office: Office, calendar: Calendar) -> bytes:
    """Who receives, where, by which rule; who hears what; which days are off; what limits run."""
    site = office.info
    limits = office.clocks.value if office.clocks else None
    return _lines(
        public.OfficeFile(
            **_opening(office, calendar, "office"),
            site=public.SiteData(
                name=site.name,
                host=site.host,
                area=site.area,
                url=site.url,
                primary=site.primary,
                address=site.address,
                phone=_phone(site.phone),
            ),
            institutions=tuple(
                _institution(one, calendar.today) for one in office.institutions.values()
            ),
            matters=tuple(_matter(office, matter, calendar.today) for matter in office.matters),
            holidays=tuple(
                public.HolidayYearData.model_validate(read.value.model_dump())
                for read in office.holidays
            ),
            clocks=tuple(
                public.LegalClockData.model_validate(one.model_dump())
                for one in (limits.clocks if limits else ())
            ),
            keep=tuple(
                public.RetentionData.model_validate(one.model_dump())
                for one in (limits.keep if limits else ())
            ),
            online=public.OnlineData(url=site.online.url) if site.online else None,
            rolls=bool(limits and limits.rolls),
        )
    )


def _institution(institution: Institution, today: date) -> public.InstitutionData:
    info = institution.info
    told_by_now = (item for item in info.suspensions if item.announced <= today)
    return public.InstitutionData(
        slug=institution.slug,
        name=info.name,
        short=info.short,
        kind=info.kind,
        signs=institution.signature,
        parent=info.parent,
        summary=info.summary,
        receives=info.receives,
        places=tuple(_place(place) for place in info.places),
        phones=tuple(_phone(phone) for phone in info.phones),
        email=info.email,
        postal_address=info.postal_address,
        hours=info.hours,
        representatives=info.representatives,
        rules=tuple(_rule(rule) for rule in info.rules),
        suspensions=tuple(
            public.SuspensionData.model_validate(item.model_dump()) for item in told_by_now
        ),
        desks=tuple(public.DeskData.model_validate(desk.model_dump()) for desk in info.desks),
        people=tuple(_person(one, today) for one in institution.people if one.in_office(today)),
    )


def _phone(phone: PhoneLine) -> public.PhoneData:
    return public.PhoneData(label=phone.label, number=phone.number, hours=phone.hours)


def _rule(rule: Rule) -> public.RuleData:
    return public.RuleData(
        id=rule.id,
        name=rule.name,
        says=rule.says,
        mode=rule.mode,
        rrule=rule.rrule,
        dates=rule.dates,
        since=rule.since,
        until=rule.until,
        times=tuple(
            public.SpanData(start=f"{span.start:%H:%M}", end=f"{span.end:%H:%M}")
            for span in rule.times
        ),
        places=rule.places,
        place_order=rule.place_order,
        named=rule.named,
        leaders=rule.leaders,
        holiday=rule.holiday,
        vacations=tuple(
            public.PeriodData(first=one.first, last=one.last, reason=one.reason)
            for one in rule.vacations
        ),
        booking=_rule_booking(rule.booking) if rule.booking else None,
        duty=_duty(rule),
    )


def _duty(rule: Rule) -> public.DutyData | None:
    """How often whom the rule names must sit; the rule itself says so in public."""
    if not rule.must_sit or not rule.at_least:
        return None
    return public.DutyData(people=rule.must_sit, times=rule.at_least, per=rule.per)


def _rule_booking(booking: Booking) -> public.RuleBookingData:
    return public.RuleBookingData(
        by=booking.by,
        quota=booking.quota,
        days_before=booking.days_before,
        at=f"{booking.at:%H:%M}",
        required=booking.required,
        note=booking.note,
    )


def _person(person: Person, today: date) -> public.PersonData:
    return public.PersonData(
        id=person.id,
        name=person.name,
        post=person.post_on(today),
        portfolio=person.portfolio_on(today),
        principal=person.principal,
        receives=person.receives,
    )


def _matter(office: Office, matter: Matter, today: date) -> public.MatterData:
    slug = matter.institution or office.info.primary
    people = office.institutions[slug].people if slug in office.institutions else ()
    hearing = (
        one
        for one in people
        if one.receives and one.in_office(today) and matter.portfolio in one.portfolio_on(today)
    )
    return public.MatterData(
        id=matter.id,
        name=matter.name,
        group=matter.group,
        words=matter.words,
        unit=matter.unit,
        unit_phone=matter.unit_phone,
        institution=slug,
        portfolio=matter.portfolio,
        leaders=tuple(
            public.MatterLeader(institution=slug, id=one.id, name=one.name, post=one.post_on(today))
            for one in hearing
        ),
        first=matter.first,
        litigation=matter.litigation,
        procedure=matter.procedure,
    )


# ── forms.json ───────────────────────────────────────────────────────────────────────────────


def forms_json(office: Office, calendar: Calendar) -> bytes:
    """The forms that citizens fill in, for the page and for the queue."""
    forms = sorted(office.forms, key=lambda read: (read.value.order, read.slug))
    return _lines(
        public.FormsFile(
            **_opening(office, calendar, "forms"),
            forms=tuple(_form(read.slug, read.value) for read in forms),
        )
    )


def _form(slug: str, form: Form) -> public.FormData:
    return public.FormData.model_validate({"slug": slug, **form.model_dump()})


# ── courses.json ─────────────────────────────────────────────────────────────────────────────


def courses_json(office: Office, calendar: Calendar) -> bytes:
    """How each institution handles a case, step by step, for the status page and the desk."""
    files = {one.slug: one for one in office.courses}
    found = all_courses(office.courses, office.states.value) if office.states else ()
    return _lines(
        public.CoursesFile(
            **_opening(office, calendar, "courses"),
            courses=tuple(_course(one, files[one.id].value.institutions) for one in found),
        )
    )


def _course(course: Course, institutions: tuple[str, ...]) -> public.CourseData:
    lists = {name: list(getattr(course, name).values()) for name in ("states", "steps", "papers")}
    whole = {name: [asdict(one) for one in items] for name, items in lists.items()}
    return public.CourseData.model_validate(
        {
            "id": course.id,
            "kind": course.kind,
            "name": course.name,
            "institutions": institutions,
            "starts": course.starts,
            **whole,
        }
    )


# ── documents.json ───────────────────────────────────────────────────────────────────────────


def documents_json(office: Office, calendar: Calendar) -> bytes:
    """The templates of what the desk prints; the words of a case are never in it."""
    return _lines(
        public.PapersFile(
            **_opening(office, calendar, "documents"),
            papers=tuple(
                public.PaperData.model_validate({"id": read.slug, **read.value.model_dump()})
                for read in office.papers
            ),
        )
    )
