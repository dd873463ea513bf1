"""Rosters, changes and suspensions become sessions: what was announced first, and what holds now.

Tolerant by design: an unknown name or place is left bare here and reported by ``check``, so that
one run can report everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property, partial
from operator import itemgetter

from casework.workdays import SHANGHAI, WorkCalendar, YearMissing, cn_day, half_day, span
from publisher.model import (
    Change,
    Person,
    Place,
    Roster,
    Rule,
    SessionEntry,
    Span,
    Status,
    Suspension,
)
from publisher.office import Institution, Office


@dataclass(frozen=True, slots=True)
class Leader:
    """A receiving leader as of the day of the session."""

    institution: str
    id: str
    name: str
    post: str
    portfolio: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """When, where and by whom a session is held."""

    date: date
    start: time
    end: time
    places: tuple[Place, ...]
    leaders: tuple[Leader, ...]
    companions: tuple[Leader, ...]
    mode: str

    @property
    def span(self) -> str:
        return span(self.start, self.end)

    @property
    def half_day(self) -> str:
        return half_day(self.start, self.end)

    @property
    def day(self) -> str:
        """12月8日(星期二)."""
        return cn_day(self.date)

    @property
    def names(self) -> str:
        return "、".join(leader.name for leader in self.leaders)


@dataclass(frozen=True, slots=True)
class Alteration:
    """One announced change: ``what`` is 换人, 改期, 改时间, 改地点, 取消, 暂停, 恢复 or 增加."""

    announced: date
    what: tuple[str, ...]
    says: str  # a sentence without the reason
    reason: str
    before: Slot
    after: Slot
    written: Change | None = None  # the roster's entry; none for a suspension


@dataclass(frozen=True, slots=True)
class BookingTerms:
    by: tuple[str, ...]
    open: bool
    quota: int | None
    closes: datetime
    required: bool
    note: str | None


@dataclass(frozen=True, slots=True)
class Session:
    """One reception. ``id`` comes from the original slot and stays for ever."""

    id: str
    institution: str
    rule: Rule | None
    original: Slot
    slot: Slot
    status: Status
    changes: tuple[Alteration, ...]
    booking: BookingTerms | None
    published: date
    note: str | None
    reason: str | None

    @property
    def sequence(self) -> int:
        return sum(1 for change in self.changes if change.what != ("增加",))

    @property
    def modified(self) -> date:
        return max([self.published, *(change.announced for change in self.changes)])

    @property
    def held(self) -> bool:
        return self.status != "cancelled"


@dataclass(frozen=True)
class Calendar:
    """All published sessions as of ``today``, by the day on which they are held."""

    today: date
    sessions: tuple[Session, ...]

    @cached_property
    def by_institution(self) -> dict[str, tuple[Session, ...]]:
        found: dict[str, list[Session]] = {}
        for session in self.sessions:
            found.setdefault(session.institution, []).append(session)
        return {slug: tuple(sessions) for slug, sessions in found.items()}

    @cached_property
    def by_leader(self) -> dict[tuple[str, str], tuple[Session, ...]]:
        """(institution, person id) → sessions that the leader holds or was ever announced for."""
        found: dict[tuple[str, str], list[Session]] = {}
        for session in self.sessions:
            seats = set(session.original.leaders).union(
                *(change.after.leaders for change in session.changes)
            )
            for key in sorted({(leader.institution, leader.id) for leader in seats}):
                found.setdefault(key, []).append(session)
        return {key: tuple(sessions) for key, sessions in found.items()}

    def of(self, slug: str) -> tuple[Session, ...]:
        return self.by_institution.get(slug, ())

    def upcoming(self, sessions: Iterable[Session]) -> tuple[Session, ...]:
        """Sessions of today and later that are held."""
        return tuple(s for s in sessions if s.held and s.slot.date >= self.today)

    def next_of(self, slug: str, person: str) -> tuple[Session, ...]:
        """The leader's coming sessions, without those handed to a substitute."""
        mine = self.by_leader.get((slug, person), ())
        return tuple(
            s for s in self.upcoming(mine) if any(leader.id == person for leader in s.slot.leaders)
        )


def months_of(institution: Institution, calendar: Calendar) -> tuple[str, ...]:
    """Months that have something to show: published rosters, and months that a session moved to."""
    rosters = (read.value for read in institution.rosters)
    found = {roster.month for roster in rosters if roster.published <= calendar.today}
    for session in calendar.of(institution.slug):
        found |= {month_of(session.original.date), month_of(session.slot.date)}
    return tuple(sorted(found))


def month_of(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}"


def in_month(session: Session, month: str) -> bool:
    """Held in the month, or announced for it and moved away."""
    return month in (month_of(session.original.date), month_of(session.slot.date))


def resolve(office: Office, today: date) -> Calendar:
    """Every session published up to ``today``; changes announced later are not told yet."""
    sessions = [
        session
        for institution in office.institutions.values()
        for read in institution.rosters
        if read.value.published <= today
        for session in roster_sessions(institution, read.value, office.workdays, today)
    ]
    order = {slug: index for index, slug in enumerate(office.institutions)}
    sessions.sort(key=lambda s: (s.slot.date, s.slot.start, order[s.institution], s.id))
    return Calendar(today, tuple(sessions))


def roster_sessions(
    institution: Institution, roster: Roster, workdays: WorkCalendar, today: date
) -> list[Session]:
    """The sessions of one institution's month, with all changes announced by ``today``."""
    changes = sorted(
        (change for change in roster.changes if change.announced <= today),
        key=lambda change: change.announced,
    )
    added = [change for change in changes if change.added]
    drafts = [(entry, roster.published) for entry in roster.sessions]
    drafts += [(change.added, change.announced) for change in added if change.added]
    slots = [(entry, since, original_slot(institution, entry)) for entry, since in drafts]
    targets = [(change, meant(change, slots)) for change in changes]
    sessions = []
    for one in slots:
        entry, since, slot = one
        own = tuple(change for change, found in targets if len(found) == 1 and found[0] is one)
        draft = _Draft(institution, entry, slot, since, own)
        sessions.append(_session(draft, workdays, today))
    return sessions


def rule_of(institution: Institution, entry: SessionEntry) -> Rule | None:
    """The rule that an entry names, or the only named rule of the institution."""
    if entry.rule:
        return institution.by_rule.get(entry.rule)
    named = [rule for rule in institution.info.rules if rule.named]
    return named[0] if len(named) == 1 else None


def original_slot(institution: Institution, entry: SessionEntry) -> Slot:
    """What was announced first, with the rule's time, place and mode where the entry is silent."""
    rule = rule_of(institution, entry)
    span = entry.time or (rule.times[0] if rule else Span(time(8, 30), time(11, 30)))
    if entry.places:
        place_ids = entry.places
    elif rule:
        place_ids = rule.places if rule.place_order == "同时" else rule.places[:1]
    else:
        place_ids = (institution.info.places[0].id,)
    return Slot(
        entry.date,
        span.start,
        span.end,
        places_of(institution, place_ids),
        leaders_of(institution, entry.leaders, entry.date),
        leaders_of(institution, entry.companions, entry.date),
        entry.mode or (rule.mode if rule else "定点接访"),
    )


def places_of(institution: Institution, ids: Iterable[str]) -> tuple[Place, ...]:
    known = {place.id: place for place in institution.info.places}
    return tuple(known[place] for place in ids if place in known)


def leaders_of(institution: Institution, names: Iterable[str], day: date) -> tuple[Leader, ...]:
    return tuple(leader(institution, institution.by_name.get(name), name, day) for name in names)


def leader(institution: Institution, person: Person | None, name: str, day: date) -> Leader:
    """The person with the post held on that day; an unknown name stays bare."""
    if person is None:
        return Leader(institution.slug, "", name, "", ())
    return Leader(institution.slug, person.id, name, person.post_on(day), person.portfolio_on(day))


def refers(change: Change, entry: SessionEntry, slot: Slot) -> bool:
    """Whether a change's ``session:`` can mean this entry: by date, then hour, then key."""
    day, *rest = change.session.split()
    if day != slot.date.isoformat():
        return False
    if change.added is not None:
        return change.added == entry
    hour = next((part for part in rest if ":" in part), None)
    key = next((part for part in rest if ":" not in part), None)
    if hour and hour.zfill(5) != f"{slot.start:%H:%M}":
        return False
    return key is None or key == entry.key


def meant(
    change: Change, slots: Iterable[tuple[SessionEntry, date, Slot]]
) -> list[tuple[SessionEntry, date, Slot]]:
    """The sessions of a roster that a change could mean; anything but one is an error.

    An hour without a key means the session of that hour without a key, if there is just one.
    """
    found = [one for one in slots if refers(change, one[0], one[2])]
    keyless = [one for one in found if one[0].key is None]
    hour = ":" in change.session
    return keyless if hour and len(keyless) == 1 else found


def session_id(institution: str, slot: Slot, key: str | None) -> str:
    """Stable for ever: from the slot that was announced first."""
    base = f"{institution}-{slot.date:%Y%m%d}-{slot.start:%H%M}"
    return f"{base}-{key}" if key else base


@dataclass(frozen=True, slots=True)
class _Draft:
    """A session as first announced on ``since``, and the changes that mean it."""

    institution: Institution
    entry: SessionEntry
    slot: Slot
    since: date
    changes: tuple[Change, ...]


def _session(draft: _Draft, workdays: WorkCalendar, today: date) -> Session:
    institution, entry, slot = draft.institution, draft.entry, draft.slot
    course = _Course(institution, slot)
    course.run(draft.changes, today)
    rule = rule_of(institution, entry)
    return Session(
        id=session_id(institution.slug, slot, entry.key),
        institution=institution.slug,
        rule=rule,
        original=slot,
        slot=course.now,
        status=_status(slot, course.now, course.off),
        changes=tuple(course.told),
        booking=_booking(rule, entry, course.now, course.off, workdays),
        published=draft.since,
        note=entry.note,
        reason=entry.reason,
    )


@dataclass(slots=True)
class _Course:
    """A session's changes and its institution's suspensions, in the order of announcement.

    All of them stay told, one after the other, so that sequences only grow.
    """

    institution: Institution
    now: Slot
    cancelled: bool = False
    stops: list[Suspension] = field(default_factory=list)
    told: list[Alteration] = field(default_factory=list)

    @property
    def off(self) -> bool:
        return self.cancelled or bool(self.stops)

    def run(self, changes: Iterable[Change], today: date) -> None:
        events: list[tuple[date, int, Callable[[], None]]] = [
            (change.announced, 0, partial(self.change, change)) for change in changes
        ]
        for item in self.institution.info.suspensions:
            events.append((item.announced, 1, partial(self.stop, item, item.announced)))
            if item.resumes_announced:
                events.append((item.resumes_announced, 2, partial(self.resume, item)))
        for announced, _, happen in sorted(events, key=itemgetter(0, 1)):
            if announced <= today:
                happen()

    def change(self, change: Change) -> None:
        after = _apply(self.institution, self.now, change)
        left = [stop for stop in self.stops if stop.covers(after.date)]
        restored = self.cancelled or (bool(self.stops) and not left)
        self.told.append(_alteration(self.now, after, change, restored=restored))
        self.now, self.cancelled, self.stops = after, change.cancelled, left
        for item in self.institution.info.suspensions:  # moved into one: refused by the check
            lifted = item.resumes_announced and item.resumes_announced <= change.announced
            if item.announced < change.announced and not lifted:
                self.stop(item, change.announced)

    def stop(self, item: Suspension, announced: date) -> None:
        day = self.now.date
        if self.cancelled or item in self.stops or not item.covers(day) or announced > day:
            return
        if not self.stops:
            says = f"接访暂停；{item.instead}"
            self.told.append(
                Alteration(announced, ("暂停",), says, item.reason, self.now, self.now)
            )
        self.stops.append(item)

    def resume(self, item: Suspension) -> None:
        if item not in self.stops or (item.resumes and self.now.date < item.resumes):
            return
        self.stops.remove(item)
        if not self.off and item.resumes_announced:
            told, why = item.resumes_announced, "暂停提前结束"
            self.told.append(Alteration(told, ("恢复",), "恢复接访", why, self.now, self.now))


def _apply(institution: Institution, slot: Slot, change: Change) -> Slot:
    if change.cancelled or change.added:
        return slot
    day = change.date or slot.date
    names = change.leaders or tuple(leader.name for leader in slot.leaders)
    return replace(
        slot,
        date=day,
        start=change.time.start if change.time else slot.start,
        end=change.time.end if change.time else slot.end,
        places=places_of(institution, change.places) if change.places else slot.places,
        leaders=leaders_of(institution, names, day),
    )


def _alteration(before: Slot, after: Slot, change: Change, *, restored: bool) -> Alteration:
    parts = list(_parts(before, after, change, restored))
    what = tuple(kind for kind, _ in parts)
    says = "；".join(sentence for _, sentence in parts)
    return Alteration(change.announced, what, says, change.reason, before, after, change)


def _parts(before: Slot, after: Slot, change: Change, restored: bool) -> Iterator[tuple[str, str]]:
    """Kinds of a change, and how to say each."""
    if change.cancelled:
        yield "取消", "本场取消"
    if change.added:
        yield "增加", "增加一场"
    if restored and not change.cancelled:
        yield "恢复", "恢复接访"
    if after.date != before.date:
        yield "改期", f"由{before.day}改到{after.day}"
    if (after.start, after.end) != (before.start, before.end):
        yield "改时间", f"时间由{before.span}改为{after.span}"
    if after.names != before.names:
        yield "换人", f"原定{before.names}，改由{after.names}接待"
    if after.places != before.places:
        yield "改地点", f"地点改为{'、'.join(place.name for place in after.places)}"


def _status(original: Slot, now: Slot, off: bool) -> Status:
    if off:
        return "cancelled"
    if now.date != original.date:
        return "moved"
    return "changed" if now != original else "planned"


def _booking(
    rule: Rule | None,
    entry: SessionEntry,
    slot: Slot,
    cancelled: bool,
    workdays: WorkCalendar,
) -> BookingTerms | None:
    terms = rule.booking if rule else None
    if terms is None:
        return None
    day = slot.date
    for _ in range(terms.days_before):
        try:
            day = workdays.previous_workday(day, makeup=True)
        except YearMissing:
            day -= timedelta(days=1)  # reported by check
    closes = datetime.combine(day, terms.at if terms.days_before else slot.start, SHANGHAI)
    quota = entry.quota if entry.quota is not None else terms.quota
    is_open = not cancelled and quota != 0
    return BookingTerms(terms.by, is_open, quota, closes, terms.required, terms.note)
