"""What a session is after changes and suspensions, in whatever order they are announced."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from publisher.calendar import Session, resolve
from publisher.model import Change
from tests.offices import change, institution, roster, small_office

FRIDAY = "2026-12-11"


def suspension(first: str, last: str | None, announced: str, **fields: Any) -> dict[str, Any]:
    stop = {"from": first, "announced": announced, "reason": "装修", "instead": "请打电话"}
    return {**stop, **({"to": last} if last else {}), **fields}


def session(
    *changes: Change, suspensions: tuple[dict[str, Any], ...] = (), today: str = "2026-12-31"
) -> Session:
    """The session of Friday 11 December, by Li Fang, as of ``today``."""
    one = institution(rosters=[roster(*changes)], suspensions=suspensions)
    calendar = resolve(small_office(one), date.fromisoformat(today))
    return next(s for s in calendar.sessions if str(s.original.date) == FRIDAY)


SUBSTITUTED = change(FRIDAY, "2026-12-07", "开会", leaders=["王建国"])
MOVED = change(FRIDAY, "2026-12-08", "开会", date="2026-12-15")
CANCELLED = change(FRIDAY, "2026-12-09", "停电", cancelled="true")
RESTORED = change(FRIDAY, "2026-12-10", "修好了", date=FRIDAY)
STOP = suspension("2026-12-09", "2026-12-12", "2026-12-06")


@pytest.mark.parametrize(
    ("changes", "suspensions", "status", "whats"),
    [
        ([], [], "planned", []),
        ([SUBSTITUTED], [], "changed", ["换人"]),
        ([SUBSTITUTED, MOVED], [], "moved", ["换人", "改期"]),
        ([SUBSTITUTED, MOVED, CANCELLED], [], "cancelled", ["换人", "改期", "取消"]),
        ([CANCELLED, RESTORED], [], "planned", ["取消", "恢复"]),
        ([MOVED, CANCELLED, RESTORED], [], "planned", ["改期", "取消", "恢复、改期"]),
        ([], [STOP], "cancelled", ["暂停"]),
        # suspended first, then moved out of the period: held again, and nothing is forgotten
        ([MOVED], [STOP], "moved", ["暂停", "恢复、改期"]),
        # a substitute alone doesn't end a suspension
        ([SUBSTITUTED], [STOP], "cancelled", ["暂停", "换人"]),
        # resumed before the day
        (
            [],
            [{**STOP, "resumes": "2026-12-11", "resumes_announced": "2026-12-10"}],
            "planned",
            ["暂停", "恢复"],
        ),
        # resumed, but only after the day
        (
            [],
            [{**STOP, "resumes": "2026-12-12", "resumes_announced": "2026-12-10"}],
            "cancelled",
            ["暂停"],
        ),
        # two suspensions: one ends, the other still stands
        (
            [],
            [
                {**STOP, "resumes": "2026-12-10", "resumes_announced": "2026-12-08"},
                suspension("2026-12-11", "2026-12-11", "2026-12-07"),
            ],
            "cancelled",
            ["暂停"],
        ),
        # announced after the day was over: what was held was held
        ([], [suspension("2026-12-01", None, "2026-12-14")], "planned", []),
    ],
)
def test_changes_and_suspensions_fold_in_the_order_of_announcement(
    changes: list[Change], suspensions: list[dict[str, Any]], status: str, whats: list[str]
) -> None:
    """Status, and every step told once, whatever the order in the files."""
    for order in (changes, changes[::-1]):
        for stops in (suspensions, suspensions[::-1]):
            found = session(*order, suspensions=tuple(stops))
            assert (status, whats) == (found.status, ["、".join(c.what) for c in found.changes])


def test_a_sequence_only_grows_from_day_to_day() -> None:
    """A subscriber's phone follows each step: suspended, moved out, cancelled, restored."""
    steps = [MOVED, CANCELLED, RESTORED]
    seen = [
        session(*steps, suspensions=(STOP,), today=f"2026-12-{day:02d}").sequence
        for day in range(5, 12)
    ]

    assert seen == sorted(seen)
    assert (0, 5) == (seen[0], seen[-1])  # restored into the suspension: stopped once more


def test_what_is_announced_tomorrow_is_not_told_today() -> None:
    """A change waits for its day."""
    assert "planned" == session(CANCELLED, today="2026-12-08").status
    assert "cancelled" == session(CANCELLED, today="2026-12-09").status


def test_an_hour_without_a_key_means_the_session_without_a_key() -> None:
    """Two sessions of one hour can each be changed."""
    twins = [
        {"date": FRIDAY, "leaders": ["李芳"]},
        {"date": FRIDAY, "leaders": ["王建国"], "key": "b"},
    ]
    month = roster(
        change(f"{FRIDAY} 8:30", "2026-12-07", "开会", cancelled="true"),
        sessions=[],
        month="2026-12",
    )
    month = month.model_validate(
        {**month.model_dump(by_alias=True), "sessions": twins, "changes": month.changes}
    )
    calendar = resolve(small_office(institution(rosters=[month])), date(2026, 12, 31))

    assert {"": "cancelled", "b": "planned"} == {
        s.id.rpartition("0830")[2].lstrip("-"): s.status for s in calendar.sessions
    }
