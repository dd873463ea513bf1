"""Lines of a docket for tests of counts: all that matters is said, the rest is usual."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from casework.workdays import SHANGHAI
from intake_app.digest import Month, Rows
from intake_app.docket import Line
from intake_app.published import Published, read

NOVEMBER = Month(2026, 11)
_NUMBERS = count(1)
_NONE: dict[str, Any] = dict.fromkeys(
    ("closed", "matter", "unit", "leader", "incharge", "session", "area", "next_day", "next_what",
     "waits", "claimed", "kin", "due", "answered")
)  # fmt: skip


@cache
def published(site: Path) -> Published:
    """The sample county's, read once."""
    return read(site / "data")


def line(**said: Any) -> Line:
    """An appeal about land, received at the county on 10 November 2026 by letter."""
    number = next(_NUMBERS)
    usual = Line(
        case_id=number,
        number=f"2026-{number:06d}",
        lane="common",
        form="appeal",
        course="appeal",
        institution="yunling-county",
        received=datetime(2026, 11, 10, 9, 0, tzinfo=SHANGHAI),
        state="accepted",
        channel="来信",
        people=1,
        urgent=False,
        news=False,
        last=number,
        **{**_NONE, "matter": "land-acquisition"},
    )
    return replace(usual, **said)


def answered(due: date, day: date | None = None, **said: Any) -> Line:
    """A case that had to be answered by a day, and was on another or not yet."""
    return line(due=due, answered=day, **said)


def rows(*received: Line, closed: tuple[Line, ...] = (), due: tuple[Line, ...] = ()) -> Rows:
    return Rows(received, closed, due)
