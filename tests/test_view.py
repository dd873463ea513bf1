"""What a row of the month says of a session that changed more than once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from publisher.calendar import resolve
from publisher.model import Change
from publisher.view import Row, rows_of
from tests.offices import change, institution, roster, small_office

FRIDAY = "2026-12-11"
SUBSTITUTED = change(FRIDAY, "2026-12-07", "开会", leaders=["王建国"])
MOVED = change(FRIDAY, "2026-12-08", "开会", date="2026-12-15")
MOVED_AGAIN = change(FRIDAY, "2026-12-09", "停电", date="2026-12-16")
CANCELLED = change(FRIDAY, "2026-12-09", "停电", cancelled="true")
RESUMED = change(FRIDAY, "2026-12-10", "修好了", leaders=["李芳"])
STOP = {
    "from": "2026-12-09",
    "to": "2026-12-12",
    "announced": "2026-12-06",
    "reason": "装修",
    "instead": "请打电话",
}


def rows(*changes: Change, suspensions: tuple[dict[str, Any], ...] = ()) -> tuple[Row, ...]:
    """The rows of Friday 11 December, after all these changes."""
    one = institution(rosters=[roster(*changes)], suspensions=suspensions)
    sessions = resolve(small_office(one), date(2026, 12, 31)).sessions
    return rows_of(next(s for s in sessions if str(s.original.date) == FRIDAY))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ([SUBSTITUTED], ["原定李芳，改由王建国接待。原因：开会"]),
        (
            [CANCELLED, RESUMED],
            ["12月9日公布：本场取消。原因：停电", "12月10日公布：恢复接访。原因：修好了"],
        ),
        ([MOVED], ["由12月11日（星期五）改期而来。原因：开会"]),
        (
            [SUBSTITUTED, MOVED],
            [
                "12月7日公布：原定李芳，改由王建国接待。原因：开会",
                "12月8日公布：由12月11日（星期五）改期而来。原因：开会",
            ],
        ),
        # of two moves the last tells where it came from first
        ([MOVED, MOVED_AGAIN], ["由12月11日（星期五）改期而来。原因：停电"]),
    ],
)
def test_a_row_tells_its_changes_by_day(changes: list[Change], says: list[str]) -> None:
    """Several changes come in the order of announcement, each with its day."""
    assert says == list(rows(*changes)[-1].explanations)


def test_what_stopped_a_day_is_not_told_of_the_day_it_was_moved_to() -> None:
    """Moved out of a suspension: the new day is simply on, and says so."""
    away, arrived = rows(MOVED, suspensions=(STOP,))

    assert ("改到12月15日（星期二）。原因：开会",) == away.explanations
    assert ("由12月11日（星期五）改期而来。原因：开会",) == arrived.explanations
    assert (("改期至此", ""),) == arrived.tags
