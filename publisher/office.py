"""All of ``content/`` at once: what was read, from which file, and on which line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Generic, TypeVar

from casework.workdays import WorkCalendar, YearDays, days_off
from publisher.course_files import CourseFile, StatesFile
from publisher.model import (
    ClocksFile,
    Form,
    HolidayYear,
    InstitutionFile,
    Matter,
    Notice,
    Paper,
    Person,
    Procedure,
    Regulation,
    Roster,
    Rule,
    Site,
    Statistics,
)
from publisher.parse import Loc

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in ``content/``, told to a clerk; a warning does not stop the build."""

    path: str
    line: int
    message: str
    warning: bool = False

    def __str__(self) -> str:
        mark = "提醒：" if self.warning else ""
        return f"{self.path}:{self.line}: {mark}{self.message}"


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read: its path as shown to people, and the line of each value in it."""

    path: str
    lines: Mapping[Loc, int] = field(default_factory=dict)

    def line(self, *loc: str | int) -> int:
        """Line (from 1) of the value at ``loc``, or of its nearest known parent."""
        for end in range(len(loc), -1, -1):
            if loc[:end] in self.lines:
                return self.lines[loc[:end]]
        return 1

    def problem(self, message: str, *loc: str | int, warning: bool = False) -> Problem:
        return Problem(self.path, self.line(*loc), message, warning)


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """A validated value with the file that it came from; ``slug`` is the file's stem."""

    value: T
    source: Source
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Document(Generic[T]):
    """A Markdown file: its front matter as a model and its text."""

    slug: str
    meta: T
    body: str
    body_line: int  # of the body's first line in the file
    source: Source


@dataclass(frozen=True)
class Institution:
    slug: str
    file: Read[InstitutionFile]
    people: tuple[Person, ...]
    people_source: Source
    rosters: tuple[Read[Roster], ...]  # by month

    @property
    def info(self) -> InstitutionFile:
        return self.file.value

    @property
    def signature(self) -> str:
        """The body that answers for what is published: ``name`` may be the reception's."""
        return self.info.signs or self.info.name

    @cached_property
    def by_name(self) -> Mapping[str, Person]:
        return {person.name: person for person in self.people}

    def suspended(self, day: date) -> bool:
        """Whether receptions are suspended that day and not resumed."""
        return any(
            item.covers(day) and not (item.resumes and item.resumes <= day)
            for item in self.info.suspensions
        )

    @cached_property
    def by_rule(self) -> Mapping[str, Rule]:
        return {rule.id: rule for rule in self.info.rules}


@dataclass(frozen=True)
class Office:
    """Everything staff wrote. ``released`` is what the last release told the public, or None."""

    site: Read[Site]
    holidays: tuple[Read[HolidayYear], ...]
    institutions: Mapping[str, Institution]  # in the order of the site
    matters: tuple[Matter, ...]
    matters_source: Source
    regulations: tuple[Document[Regulation], ...]
    procedures: tuple[Document[Procedure], ...]
    notices: tuple[Document[Notice], ...]
    forms: tuple[Read[Form], ...]
    clocks: Read[ClocksFile] | None = None  # none while the file can't be read
    states: Read[StatesFile] | None = None
    courses: tuple[Read[CourseFile], ...] = ()
    statistics: tuple[Read[Statistics], ...] = ()  # by month
    papers: tuple[Read[Paper], ...] = ()  # templates of what the desk prints
    released: Mapping[str, Any] | None = None

    @property
    def info(self) -> Site:
        return self.site.value

    @property
    def primary(self) -> Institution:
        return self.institutions[self.info.primary]

    @property
    def documents(self) -> tuple[Document[Any], ...]:
        """All that people wrote as Markdown."""
        return (*self.regulations, *self.procedures, *self.notices)

    @cached_property
    def workdays(self) -> WorkCalendar:
        return WorkCalendar(year_days(read.value) for read in self.holidays)


def year_days(year: HolidayYear) -> YearDays:
    """The year's days off and make-up workdays as the engine takes them."""
    off = days_off((one.name, one.first, one.last) for one in year.holidays)
    return YearDays(year.year, off, frozenset(year.makeup))
