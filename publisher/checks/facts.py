"""What the rules look at: the content, its sessions as they hold after changes, the rules' days.

Survives content that is wrong everywhere, because the rules run on it to say so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from casework import CaseworkError
from casework.recurrence import Occurrence, occurrences
from casework.workdays import WorkCalendar, YearDays, YearMissing, month_end
from publisher.calendar import Session, Slot, meant, roster_sessions
from publisher.model import HolidayYear, Roster, Rule, SessionEntry
from publisher.office import Institution, Office, Problem, Read, year_days
from publisher.parse import Loc
from publisher.rules import recurrence_of

LONGEST_HOLIDAY = 31
_EVER = date.max  # all changes count, also those announced from tomorrow on


@dataclass(frozen=True, slots=True)
class Item:
    """A session, and where staff wrote it and its changes."""

    institution: Institution
    read: Read[Roster]
    entry: SessionEntry
    loc: Loc
    session: Session
    changes: tuple[int, ...]  # their indices in the file, in the order of announcement

    def problem(self, message: str, *within: str | int, warning: bool = False) -> Problem:
        return self.read.source.problem(message, *self.loc, *within, warning=warning)

    def loc_of(self, field: str) -> Loc:
        """Where what holds now was written: in the last change of ``field``, else in the entry."""
        for index in reversed(self.changes):
            if getattr(self.read.value.changes[index], field):
                return ("changes", index, field)
        return (*self.loc, field)


@dataclass(frozen=True, slots=True)
class Month:
    """One roster with its sessions, and how many sessions each of its changes means."""

    institution: Institution
    read: Read[Roster]
    items: tuple[Item, ...]
    meant: tuple[int, ...]

    @property
    def roster(self) -> Roster:
        return self.read.value

    @property
    def name(self) -> str:
        """2026-12: the file's name, which counts where ``month:`` says something else."""
        return self.read.slug

    @property
    def first(self) -> date:
        return date.fromisoformat(f"{self.name}-01")

    @property
    def last(self) -> date:
        return month_end(self.first)

    @property
    def title(self) -> str:
        """12月."""
        return f"{self.first.month}月"

    def problem(self, message: str, *loc: str | int, warning: bool = False) -> Problem:
        return self.read.source.problem(message, *loc, warning=warning)


class Facts:
    """The office as of ``today``, and which files are missing in it because they can't be read.

    ``broken``: their paths as shown in messages. That is told of the file itself; a rule that looks
    for what is in it asks ``lost`` first, or one slip in one file is told a dozen times.
    """

    def __init__(self, office: Office, today: date, broken: Iterable[str] = ()) -> None:
        self.office = office
        self.today = today
        self._lost = {_named(path.removeprefix(f"{self.root}/")) for path in broken}
        self._days: dict[tuple[str, str, date], tuple[Occurrence, ...] | int] = {}

    @property
    def root(self) -> str:
        """The content folder as shown in messages."""
        return self.office.site.source.path.rpartition("/")[0]

    def lost(self, name: str) -> bool:
        """Whether a file is there and broken; ``name``: ``procedures/visit``, ``topics``."""
        return name.lower() in self._lost

    def lost_in(self, folder: str) -> bool:
        """Whether any file of the folder is there and broken."""
        return any(one.rpartition("/")[0] == folder for one in self._lost)

    @cached_property
    def workdays(self) -> WorkCalendar:
        """The years' days without what contradicts itself."""
        years = [sane_days(read.value) for read in self.office.holidays]
        off = {day for year in years for day in year.holidays}
        return WorkCalendar(
            YearDays(year.year, year.holidays, frozenset(year.makeup - off)) for year in years
        )

    @cached_property
    def months(self) -> tuple[Month, ...]:
        return tuple(
            self._month(institution, read)
            for institution in self.office.institutions.values()
            for read in institution.rosters
        )

    @cached_property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for month in self.months for item in month.items)

    def off(self, day: date) -> str | None:
        """Name of the public holiday, or None; also None in a year without its file."""
        try:
            return self.workdays.holiday(day)
        except YearMissing:
            return None

    def plain_weekend(self, day: date) -> bool:
        """A Saturday or Sunday on which nobody works."""
        try:
            return day.weekday() >= 5 and not self.workdays.is_workday(day)
        except YearMissing:
            return False

    def due(self, institution: Institution, rule: Rule, first: date) -> tuple[Occurrence, ...]:
        """The rule's days of the month of ``first``; none while a holiday file is missing."""
        found = self._occurrences(institution, rule, first)
        return () if isinstance(found, int) else found

    def missing_year(self, institution: Institution, rule: Rule, first: date) -> int | None:
        found = self._occurrences(institution, rule, first)
        return found if isinstance(found, int) else None

    def _occurrences(
        self, institution: Institution, rule: Rule, first: date
    ) -> tuple[Occurrence, ...] | int:
        key = (institution.slug, rule.id, first)
        if key not in self._days:
            try:
                self._days[key] = occurrences(
                    recurrence_of(rule), first, month_end(first), self.workdays
                )
            except YearMissing as error:
                self._days[key] = error.year
            except CaseworkError:  # a rule that only fails when walked; the model checked its text
                self._days[key] = ()
        return self._days[key]

    def _month(self, institution: Institution, read: Read[Roster]) -> Month:
        roster = read.value
        order = sorted(range(len(roster.changes)), key=lambda i: roster.changes[i].announced)
        drafts: list[tuple[SessionEntry, Loc]] = [
            (entry, ("sessions", index)) for index, entry in enumerate(roster.sessions)
        ]
        for index in order:
            added = roster.changes[index].added
            if added is not None:
                drafts.append((added, ("changes", index, "added")))
        sessions = roster_sessions(institution, roster, self.workdays, _EVER)
        slots = [
            (entry, roster.published, session.original)
            for (entry, _), session in zip(drafts, sessions, strict=True)
        ]
        targets = [meant(change, slots) for change in roster.changes]
        items = [
            Item(institution, read, entry, loc, session, _own(order, targets, slot))
            for (entry, loc), slot, session in zip(drafts, slots, sessions, strict=True)
        ]
        return Month(institution, read, tuple(items), tuple(map(len, targets)))


def _named(relative: str) -> str:
    """A file by what staff call it: ``procedures/visit``, also if it ends or begins wrongly."""
    return relative.partition(".")[0].lower()


def _own(
    order: list[int],
    targets: list[list[tuple[SessionEntry, date, Slot]]],
    slot: tuple[SessionEntry, date, Slot],
) -> tuple[int, ...]:
    """The changes of one session, in the order in which the calendar applies them."""
    return tuple(i for i in order if len(targets[i]) == 1 and targets[i][0] is slot)


def sane_days(year: HolidayYear) -> YearDays:
    """A year's days without ranges that can only be slips of the pen."""
    sane = [one for one in year.holidays if (one.last - one.first).days < LONGEST_HOLIDAY]
    return year_days(year.model_copy(update={"holidays": tuple(sane)}))
