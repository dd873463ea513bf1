"""What goes into the store and comes out of it; no SQL, so that views and tests import it cheaply.

Every ``datetime`` is aware; the store keeps whole seconds and gives them back in Shanghai's zone.
Texts named ``form``, ``matter``, ``session_id``… are identifiers of published content, never a
citizen's words. Bytes named ``sealed`` and ``head`` are ciphertext.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from dateutil.relativedelta import relativedelta

from casework.workdays import SHANGHAI

__all__ = [
    "Booking",
    "Case",
    "Filed",
    "Filing",
    "Keep",
    "Places",
    "Purged",
    "SealedReply",
    "Span",
    "Wanted",
    "moment",
    "seconds",
]

Lane = Literal["common", "confidential"]
PlaceState = Literal["held", "waiting", "cancelled"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The session as the citizen saw it. ``quota`` None: any number. Closed from ``closes`` on."""

    session_id: str
    sequence: int
    quota: int | None
    closes: datetime


@dataclass(frozen=True, slots=True)
class Booking:
    """A case's place. ``position`` is the present one in the waiting line, 1 first; else None."""

    session_id: str
    sequence: int
    state: PlaceState
    position: int | None


@dataclass(frozen=True, slots=True)
class Filing:
    """A submission, sealed. ``form_hash``, ``answers_mac``: 32 bytes each.

    ``code_of(number)`` gives (code_hash, petitioner's public key), 32 bytes each; it is called
    once the number is known, by the writer. ``files`` are ids that ``Store.keep_file`` gave for
    this very form. ``event`` goes to the parent: supplemented | withdrawal-asked | rated.
    """

    form: str
    lane: Lane
    course: str
    institution: str | None
    matter: str | None
    form_hash: bytes
    answers_mac: bytes
    code_of: Callable[[str], tuple[bytes, bytes]]
    sealed: bytes
    key_id: str
    files: tuple[str, ...] = ()
    parent: int | None = None
    event: str | None = None
    booking: Wanted | None = None
    by: str | None = None  # of the staff, who wrote it down for a visitor or a caller
    data: Mapping[str, str] = field(default_factory=dict)  # facts that are no person's words


@dataclass(frozen=True, slots=True)
class Filed:
    """What a receipt says. ``repeated``: this form had been filed before, this is that receipt."""

    case_id: int
    number: str
    at: datetime
    form: str
    booking: Booking | None
    repeated: bool


@dataclass(frozen=True, slots=True)
class Case:
    """The open side of a submission. ``petitioner_key``: X25519 public key, 32 bytes."""

    id: int
    number: str
    form: str
    lane: Lane
    course: str
    institution: str | None
    matter: str | None
    at: datetime
    state: str
    petitioner_key: bytes
    parent: int | None


@dataclass(frozen=True, slots=True)
class SealedReply:
    """An answer, sealed to the petitioner's key. ``withdrawn``: the office took it back."""

    id: int
    at: datetime
    sealed: bytes
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Places:
    """How many hold a place in a session and how many wait for one."""

    held: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Span:
    """A time of keeping, in whole months and days."""

    months: int = 0
    days: int = 0

    def before(self, today: date) -> date:
        """What happened before this day has been kept long enough."""
        return today - relativedelta(months=self.months, days=self.days)


@dataclass(frozen=True, slots=True)
class Keep:
    """How long things are kept; None: no limit.

    ``submissions``: from the last event of a closed case, an open one is never purged; what was
    filed to a case goes with it. ``bookings``: appointments, from the close of booking.
    ``uploads``: files that no submission took, from their arrival. ``access``: the log of what
    staff did, from the deed; never less than the half year that the law asks for.
    """

    submissions: Span | None
    bookings: Span | None
    uploads: Span | None
    access: Span | None = None


@dataclass(frozen=True, slots=True)
class Purged:
    """How many went. ``remains``: a Chinese sentence on what the operator has still to do."""

    submissions: int
    uploads: int
    remains: str | None
    access: int = 0


def seconds(at: datetime) -> int:
    """An instant as it is stored: whole seconds since 1970 UTC. ``at`` must be aware."""
    if at.tzinfo is None:
        raise ValueError("an instant without a time zone")
    return int(at.timestamp())


def moment(at: int) -> datetime:
    """A stored instant, in Shanghai's zone."""
    return datetime.fromtimestamp(at, SHANGHAI)
