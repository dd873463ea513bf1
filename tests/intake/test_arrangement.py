"""What a history says of the session of a case: heard there or not, told of its changes or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from casework.record import Entry
from casework.workdays import SHANGHAI
from intake_app.arrangement import announced, arrangement, was_called
from intake_app.published import Change, Session, host

DAY = date(2026, 12, 8)
ONE, OTHER = "yunling-county-20261211-1430", "yunling-county-20261218-0830"
SESSION = Session(
    id=ONE,
    institution="yunling-county",
    day=date(2026, 12, 11),
    start=time(14, 30),
    end=time(17, 30),
    place="县信访局",
    address="示例路1号",
    access="",
    leaders=(),
    cancelled=False,
    changes=(),
    sequence=0,
    booking=None,
)
SWAPPED = Change(DAY, "改由王建国接待", "出差")
MOVED = Change(DAY + timedelta(days=1), "改到15日", "会议")


def told(*said: str) -> list[Entry]:
    """A history in short: ``arrange:ONE``, ``invite#0`` (in which announcement), ``undone:3``."""
    found = [_entry(1, "received")]
    for place, one in enumerate(said, 2):
        kind, _, rest = one.partition(":")
        which, _, sequence = rest.partition("#")
        session = {"one": ONE, "other": OTHER}.get(which)
        entry = _entry(place, kind)
        if session and kind not in ("invite", "called"):
            entry = replace(entry, data={"session": session})
        ref = f"{session}#{sequence}" if sequence else which if kind == "undone" else None
        found.append(replace(entry, ref=ref))
    return found


def _entry(place: int, kind: str) -> Entry:
    return Entry(place, datetime.combine(DAY, time(9, place), SHANGHAI), kind)


@pytest.mark.parametrize(
    ("history", "session", "heard"),
    [
        (("register",), None, None),
        (("arrange:one",), ONE, False),
        (("arrange:one", "invite", "meet"), ONE, True),
        (("arrange:one", "invite", "not-met"), ONE, False),
        (("arrange:one", "invite", "meet", "undone:4"), ONE, False),
        (("arrange:one", "meet", "rearrange:other"), OTHER, False),
        (("arrange:one", "meet", "reopen", "arrange:one"), ONE, False),
        (("arrange:one", "meet", "rearrange:other", "undone:4"), ONE, True),
        (("arrange:one", "arrange-cancelled"), None, None),
    ],
)
def test_a_meeting_counts_for_the_session_that_it_was_in(
    history: tuple[str, ...], session: str | None, heard: bool | None
) -> None:
    """Who is sent to another session was not heard there; what was taken back never was."""
    found = arrangement(told(*history))

    assert (found and found.session, found and found.heard) == (session, heard)


def test_the_session_of_an_appointment_is_no_arrangement() -> None:
    """A case that was written down after a reception waits for none."""
    first = replace(_entry(1, "received"), data={"session": ONE})

    assert arrangement([first, _entry(2, "register")]) is None


@pytest.mark.parametrize(
    ("history", "news"),
    [
        (("arrange:one#0",), (SWAPPED, MOVED)),
        (("arrange:one#0", "invite:one#1"), (MOVED,)),
        (("arrange:one#2",), ()),
        (("arrange:one#0", "invite:one#1", "undone:3"), (SWAPPED, MOVED)),
        (("arrange:one#2", "rearrange:one#2", "invite:one#2"), ()),
        (("arrange:one",), (SWAPPED, MOVED)),  # says not which: those of its day, and later ones
        (("arrange:other#5",), None),
    ],
)
def test_who_was_invited_knows_what_was_announced_by_then(
    history: tuple[str, ...], news: tuple[Change, ...] | None
) -> None:
    """And not what was announced since."""
    session = replace(SESSION, changes=(SWAPPED, MOVED), sequence=2)
    found = arrangement(told(*history))
    assert found is not None
    if news is None:
        session, news = replace(session, id=OTHER), ()

    assert (found.news(session), found.behind(session)) == (news, bool(news))


def test_an_older_change_is_no_news_to_who_was_arranged_later() -> None:
    """Also where the entry does not say which announcement it followed."""
    before = Change(DAY - timedelta(days=4), "改由王建国接待", "出差")
    found = arrangement(told("arrange:one"))
    assert found is not None

    assert not found.behind(replace(SESSION, changes=(before,), sequence=1))


def test_a_call_tells_of_one_announcement() -> None:
    """Of the next one he is told again; a call that was taken back told nothing."""
    session = replace(SESSION, changes=(SWAPPED,), sequence=1)
    history = told("arrange:one#0", "called:one#1")

    assert announced(session) == f"{ONE}#1"
    assert was_called(history, session)
    assert not was_called(history, replace(session, sequence=2))
    assert not was_called([*history, replace(_entry(4, "undone"), ref="3")], session)


@pytest.mark.parametrize(
    ("session", "slug"),
    [
        (ONE, "yunling-county"),
        ("qingshi-shangcun-20261214-0830", "qingshi-shangcun"),
        ("qingshi-town-20261217-0900-lead", "qingshi-town"),
        ("s1", None),
    ],
)
def test_a_session_tells_whose_it_is(session: str, slug: str | None) -> None:
    """Its id begins with the institution's, for ever."""
    assert host(session) == slug
