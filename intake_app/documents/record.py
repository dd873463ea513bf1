"""What a document may say of a case: everything already opened, as words for people.

The desk makes one from the queue; documents know neither keys nor tables. Nothing of it may be
logged: a record's ``repr`` tells its number alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

Value = str | int | date


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """One answer of the form that was filed."""

    id: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was done, with its name and who did it; ``id`` as in the course."""

    day: date
    name: str
    by: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """A clock that runs; ``day`` None: it stands still. ``target``: the earlier workday."""

    id: str
    name: str
    day: date | None
    target: date | None = None


@dataclass(frozen=True, slots=True)
class House:
    """The institution that prints."""

    name: str = ""
    signs: str = ""  # as it signs; else the name
    phone: str = ""
    address: str = ""
    hours: str = ""
    representatives: int | str = ""
    online: str = ""  # where progress is asked


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """A case, or what a list or a plate tells; all of it may be empty, and prints as blanks.

    ``facts``: the latest of each, and of a certain step as ``step.fact``; those of
    ``casework.papers.DERIVED`` too. Identifiers (a person, a unit, a session) are words by now.
    ``texts``: the same for sealed facts. ``ends``: clock → its last day, also of one that was
    extended. ``lengths``: clock → ``30日``. ``rows``: lines of a list.
    """

    number: str = ""
    received: datetime | None = None
    form: str = ""
    institution: House = House()
    channel: str = ""
    code: str = ""  # only when the case was entered a moment ago
    answers: Sequence[Answer] = ()
    facts: Mapping[str, Value] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    steps: Sequence[Done] = ()
    clocks: Sequence[Due] = ()
    ends: Mapping[str, date] = field(default_factory=dict)
    lengths: Mapping[str, str] = field(default_factory=dict)
    rows: Sequence[Mapping[str, Value]] = ()

    def __repr__(self) -> str:
        return f"Record({self.number!r})"


@dataclass(frozen=True, slots=True, repr=False)
class Copy:
    """One sheet of a set that is handed out. ``to``: the addressee, in words as printed."""

    id: str
    to: str
    name: str = ""
    returns: bool = False
    kept: bool = False  # the stub, which stays
    place: int = 0
    of: int = 0
    out: date | None = None  # the day on which it was handed out
