"""What the public site tells this service: forms, calendar, matters, clocks and the site's frame.

Read from ``site/data/*.json``, the only thing that both sides share at run time. A new build is
seen within a second; a build that cannot be read leaves the last good one in use.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from time import monotonic
from typing import Any, Literal

from casework.courses import Copy, Course, Courses, PaperSet, State, Step
from casework.deadlines import Clock
from casework.record import Handling, Rules
from casework.workdays import SHANGHAI, WorkCalendar, YearDays, days_off
from intake_app.errors import SettingWrong

log = logging.getLogger(__name__)

FILES = ("forms", "office", "calendar", "courses", "documents", "frame")
ONLINE = "网上"


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form, as content/forms/*.yml defines it."""

    id: str
    label: str
    type: str
    required: bool
    hint: str | None
    limit: int | None
    lines: int | None
    choices: tuple[str, ...]
    when: Mapping[str, str]
    part: str | None = None  # heading of the part of the form that begins here


@dataclass(frozen=True, slots=True)
class Form:
    slug: str
    title: str
    summary: str
    before: tuple[str, ...]
    then: tuple[str, ...]
    confidential: bool
    course: str
    event: str | None
    fields: tuple[Field, ...]

    @property
    def lane(self) -> Literal["common", "confidential"]:
        return "confidential" if self.confidential else "common"

    def of_type(self, kind: str) -> Field | None:
        """The first field of a type, if the form has one."""
        return next((one for one in self.fields if one.type == kind), None)


@dataclass(frozen=True, slots=True)
class Leader:
    id: str
    name: str
    post: str
    portfolio: tuple[str, ...] = ()
    receives: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    announced: date
    says: str
    reason: str


@dataclass(frozen=True, slots=True)
class Terms:
    """How a session is booked; ``closes`` is an instant in Asia/Shanghai."""

    open: bool
    quota: int | None
    closes: datetime
    by: tuple[str, ...]


_SESSION_ID = re.compile(r"(?P<house>.+?)-\d{8}-\d{4}(-.+)?")


def host(session_id: str) -> str | None:
    """The institution (slug) of a session: its id says so, whether a calendar has it or not."""
    found = _SESSION_ID.fullmatch(session_id)
    return found["house"] if found else None


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    institution: str
    day: date
    start: time
    end: time
    place: str
    address: str
    access: str
    leaders: tuple[Leader, ...]
    cancelled: bool
    changes: tuple[Change, ...]
    sequence: int
    booking: Terms | None

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.day, self.start, SHANGHAI)

    def bookable(self, now: datetime, through: str | None = ONLINE) -> bool:
        """Open for booking at that instant, this way (any way: None)."""
        terms = self.booking
        return bool(
            terms
            and terms.open
            and (through is None or through in terms.by)
            and not self.cancelled
            and now < terms.closes
        )


@dataclass(frozen=True, slots=True)
class Matter:
    id: str
    name: str
    group: str
    unit: str
    unit_phone: str | None
    institution: str
    leaders: Mapping[str, str]  # id → name of those whose portfolio it is
    first: str
    litigation: bool
    secret: bool  # a report of wrongdoing: counted nowhere
    portfolio: str | None = None  # of the leaders who receive about it


@dataclass(frozen=True, slots=True)
class Desk:
    name: str
    does: str
    place: str | None
    phone: str | None
    hours: str | None


@dataclass(frozen=True, slots=True)
class Duty:
    """How often a rule wants its leaders to receive."""

    people: tuple[str, ...]  # names
    times: int
    per: Literal["month", "year"]


@dataclass(frozen=True, slots=True)
class Institution:
    """``signs``: how it signs a paper. ``phone``, ``address``: where a petitioner asks."""

    slug: str
    name: str
    short: str
    signs: str
    phone: str
    address: str
    hours: str
    representatives: int
    people: tuple[Leader, ...] = ()
    duties: tuple[Duty, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a citizen turns when this service does not work."""

    name: str
    host: str
    phone_label: str
    phone: str
    phone_hours: str | None
    address: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The site's own head, top and foot; ``@/`` stands for the way to the site's root."""

    name: str
    css: str
    head: str
    top: str
    foot: str
    fixed_today: str


@dataclass(frozen=True, slots=True)
class PaperField:
    label: str
    value: str | None
    half: bool
    space: int | None
    limit: int | None


@dataclass(frozen=True, slots=True)
class PaperColumn:
    label: str
    value: str | None
    share: int


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that the desk prints, as content/documents/*.yml defines it."""

    id: str
    title: str
    layout: str
    step: str | None
    head: str | None
    number: str | None
    to: str | None
    body: tuple[str, ...]
    fields: tuple[PaperField, ...]
    columns: tuple[PaperColumn, ...]
    blank_rows: int
    remedy: str | None
    closing: str | None
    sign: str | None
    date: str | None
    signatures: tuple[str, ...]
    returned: str | None
    kept: str | None
    cc: tuple[str, ...]
    notes: tuple[str, ...]
    one_page: bool
    landscape: bool


@dataclass(frozen=True, slots=True)
class Published:
    version: str
    forms: Mapping[str, Form]
    sessions: Mapping[str, Session]
    matters: Mapping[str, Matter]
    institutions: Mapping[str, Institution]
    legal: tuple[Desk, ...]
    clocks: tuple[tuple[Clock, frozenset[str]], ...]  # with the courses that a clock binds
    handling: Handling
    keep: tuple[Mapping[str, Any], ...]
    workdays: WorkCalendar
    contact: Contact
    frame: Frame
    papers: Mapping[str, Paper]
    online: str
    site_url: str
    primary: str  # the institution whom the site is of

    @property
    def fixed_day(self) -> date | None:
        """The day on which an invented county lives; None for a real one."""
        return date.fromisoformat(self.frame.fixed_today) if self.frame.fixed_today else None

    @property
    def service_address(self) -> str:
        """This service's public address, ending in a slash; never the request's Host header."""
        return self.online if "://" in self.online else self.site_url + self.online

    def clocks_of(self, course: str, starts: str) -> list[Clock]:
        return [one for one, bound in self.clocks if course in bound and one.starts == starts]

    @property
    def units(self) -> tuple[str, ...]:
        """Every unit that a matter may be given to: those of the matters, and the institutions."""
        named = [one.unit for one in self.matters.values()]
        return tuple(dict.fromkeys([*named, *(one.short for one in self.institutions.values())]))

    def sits_in(self, person: str) -> frozenset[str]:
        """The institutions (slugs) of a leader."""
        all_of_them = self.institutions.items()
        return frozenset(slug for slug, one in all_of_them if person in {o.id for o in one.people})

    def leader(self, person: str) -> Leader | None:
        """Whoever has this id at any institution."""
        of_all = (one for house in self.institutions.values() for one in house.people)
        return next((one for one in of_all if one.id == person), None)

    def person(self, person: str) -> str:
        """Name and post; the id of one who left."""
        found = self.leader(person)
        return f"{found.name}（{found.post}）" if found else person

    def phone_of(self, unit: str) -> str:
        """The unit's telephone, as the matters that it is responsible for say it; often none."""
        phones = {one.unit: one.unit_phone for one in self.matters.values() if one.unit_phone}
        return phones.get(unit) or ""

    @property
    def report_line(self) -> Matter | None:
        """Whom to call about wrongdoing: the matter of it, if its unit has a telephone."""
        return next((one for one in self.matters.values() if one.secret and one.unit_phone), None)

    def course_of(self, kind: str, institution: str | None) -> Course:
        return self.handling.courses.of(kind, institution)

    def institution_called(self, short: str) -> Institution | None:
        return next((one for one in self.institutions.values() if one.short == short), None)

    def bookable(self, now: datetime, through: str | None = ONLINE) -> list[Session]:
        """Sessions open for booking this way (any way: None), soonest first."""
        found = (one for one in self.sessions.values() if one.bookable(now, through))
        return sorted(found, key=lambda one: (one.day, one.start, one.id))


class Shelf:
    """The newest published data that could be read. Thread-safe."""

    def __init__(self, site: Path, *, every: float = 1.0) -> None:
        self._data = site / "data"
        self._every = every
        self._lock = threading.Lock()
        self._looked = 0.0
        self._seen: tuple[Any, ...] | None = None
        self._held: Published | None = None

    def current(self) -> Published:
        """Raises SettingWrong while no build could be read yet."""
        if self._held is None or monotonic() - self._looked > self._every:
            with self._lock:
                self._look()
        if self._held is None:
            raise SettingWrong(
                "unpublished", f"{self._data} 里没有可用的数据\uff0c请先运行 python build.py"
            )
        return self._held

    def _look(self) -> None:
        self._looked = monotonic()
        try:
            seen = _seen(self._data)
            if seen != self._seen:
                self._held = read(self._data, version=str(seen))
                self._seen = seen
        except Exception as error:  # whatever is wrong with a build, the last good one serves
            log.error("published data not readable: %s", type(error).__name__)


def _seen(data: Path) -> tuple[Any, ...]:
    """What changes with a build."""
    stats = ((data / f"{name}.json").stat() for name in FILES)
    return tuple((stat.st_mtime_ns, stat.st_size, stat.st_ino) for stat in stats)


def read(data: Path, *, version: str = "") -> Published:
    """Read one build. OSError, ValueError, KeyError or TypeError if it is not whole."""
    forms, office, calendar, courses, documents, frame = (
        json.loads((data / f"{name}.json").read_bytes()) for name in FILES
    )
    site = office["site"]
    workdays = WorkCalendar([_year(one) for one in office["holidays"]])
    return Published(
        version=version,
        forms={one["slug"]: _form(one) for one in forms["forms"]},
        sessions={one["id"]: _session(one) for one in calendar["sessions"]},
        matters={one["id"]: _matter(one) for one in office["matters"]},
        institutions={one["slug"]: _institution(one) for one in office["institutions"]},
        legal=tuple(
            Desk(desk["name"], desk["does"], desk["place"], desk["phone"], desk["hours"])
            for one in office["institutions"]
            for desk in one["desks"]
            if "法律" in desk["name"]
        ),
        clocks=tuple(_clock(one) for one in office["clocks"]),
        handling=_handling(courses["courses"], office, workdays),
        keep=tuple(office["keep"]),
        workdays=workdays,
        contact=Contact(
            site["name"],
            site["host"],
            site["phone"]["label"],
            site["phone"]["number"],
            site["phone"]["hours"],
            site["address"],
        ),
        frame=Frame(**{key: frame[key] for key in Frame.__slots__}),
        papers={one["id"]: _paper(one) for one in documents["papers"]},
        online=(office["online"] or {}).get("url", ""),
        site_url=site["url"],
        primary=site["primary"],
    )


def _institution(raw: dict[str, Any]) -> Institution:
    people = tuple(
        Leader(one["id"], one["name"], one["post"], tuple(one["portfolio"]), one["receives"])
        for one in raw["people"]
    )
    duties = (one["duty"] for one in raw["rules"])
    owed = tuple(Duty(tuple(one["people"]), one["times"], one["per"]) for one in duties if one)
    return Institution(
        slug=raw["slug"],
        name=raw["name"],
        short=raw["short"],
        signs=raw["signs"],
        phone=raw["phones"][0]["number"],
        address=raw["places"][0]["address"],
        hours=raw["hours"],
        representatives=raw["representatives"],
        people=people,
        duties=owed,
    )


def _form(raw: dict[str, Any]) -> Form:
    made = tuple(
        Field(
            id=one["id"],
            label=one["label"],
            type=one["type"],
            required=one["required"],
            hint=one["hint"],
            limit=one["limit"],
            lines=one.get("lines"),
            choices=tuple(one["choices"]),
            when=one["when"],
            part=one.get("part"),
        )
        for one in raw["fields"]
    )
    return Form(
        slug=raw["slug"],
        title=raw["title"],
        summary=raw["summary"],
        before=tuple(raw["before"]),
        then=tuple(raw["then"]),
        confidential=raw["confidential"],
        course=raw["course"],
        event=raw["event"],
        fields=made,
    )


def _paper(raw: dict[str, Any]) -> Paper:
    known = {name: raw[name] for name in Paper.__slots__}
    lists = {name: tuple(raw[name]) for name in ("body", "signatures", "cc", "notes")}
    fields = tuple(PaperField(**one) for one in raw["fields"])
    columns = tuple(PaperColumn(**one) for one in raw["columns"])
    return Paper(**{**known, **lists, "fields": fields, "columns": columns})


def _session(raw: dict[str, Any]) -> Session:
    terms = raw["booking"]
    return Session(
        id=raw["id"],
        institution=raw["institution"],
        day=date.fromisoformat(raw["date"]),
        start=time.fromisoformat(raw["start"]),
        end=time.fromisoformat(raw["end"]),
        place=raw["place"],
        address="、".join(dict.fromkeys(one["address"] for one in raw["places"])),
        access="\uff1b".join(one["access"] for one in raw["places"] if one["access"]),
        leaders=tuple(Leader(one["id"] or "", one["name"], one["post"]) for one in raw["leaders"]),
        cancelled=raw["status"] == "cancelled",
        changes=tuple(
            Change(date.fromisoformat(one["announced"]), one["says"], one["reason"])
            for one in raw["changes"]
        ),
        sequence=raw["sequence"],
        booking=Terms(
            terms["open"],
            terms["quota"],
            datetime.fromisoformat(terms["closes"]),
            tuple(terms["by"]),
        )
        if terms
        else None,
    )


def _matter(raw: dict[str, Any]) -> Matter:
    return Matter(
        id=raw["id"],
        name=raw["name"],
        group=raw["group"],
        unit=raw["unit"],
        unit_phone=raw["unit_phone"],
        institution=raw["institution"],
        leaders={one["id"]: one["name"] for one in raw["leaders"]},
        first=raw["first"],
        litigation=raw["litigation"],
        secret=_secret(raw),
        portfolio=raw["portfolio"],
    )


def _secret(matter: dict[str, Any]) -> bool:
    return bool(matter["procedure"] == "report")


def _clock(raw: dict[str, Any]) -> tuple[Clock, frozenset[str]]:
    clock = Clock(raw["id"], raw["name"], raw["length"], raw["unit"], raw["starts"], raw["article"])
    return clock, frozenset(raw["courses"])


def _handling(
    courses: Sequence[dict[str, Any]], office: dict[str, Any], workdays: WorkCalendar
) -> Handling:
    clocks = {one["id"]: _clock(one)[0] for one in office["clocks"]}
    extends = {one["id"]: one["extends"] for one in office["clocks"] if one["extends"]}
    followed = {one["id"]: one["institutions"] for one in courses}
    return Handling(
        Courses((_course(one) for one in courses), followed),
        Rules(clocks, workdays, extends, rolls=office["rolls"]),
        frozenset(one["id"] for one in office["matters"] if _secret(one)),
    )


def _course(raw: dict[str, Any]) -> Course:
    def tuples(one: dict[str, Any]) -> dict[str, Any]:
        return {key: tuple(said) if isinstance(said, list) else said for key, said in one.items()}

    return Course(
        id=raw["id"],
        kind=raw["kind"],
        name=raw["name"],
        states={one["id"]: State(**one) for one in raw["states"]},
        steps={one["id"]: Step(**tuples(one)) for one in raw["steps"]},
        papers={
            one["id"]: PaperSet(one["id"], one["name"], tuple(Copy(**of) for of in one["copies"]))
            for one in raw["papers"]
        },
        starts=tuple(raw["starts"]),
    )


def _year(raw: dict[str, Any]) -> YearDays:
    off = days_off(
        (one["name"], date.fromisoformat(one["from"]), date.fromisoformat(one["to"]))
        for one in raw["holidays"]
    )
    makeup = frozenset(date.fromisoformat(day) for day in raw["makeup"])
    return YearDays(year=raw["year"], holidays=off, makeup=makeup)
