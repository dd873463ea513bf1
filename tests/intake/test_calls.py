"""Numbers that are called to a reception: the newest is received, and yesterday's are gone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from casework.workdays import SHANGHAI
from intake_app.calls import Called, Calls
from intake_app.errors import MoveForbidden
from intake_app.store import Store
from intake_app.tables import calls

NOW = datetime(2026, 12, 11, 0, 5, tzinfo=SHANGHAI)


def test_the_newest_call_of_a_session_counts(store: Store) -> None:
    """Each session by itself; nobody is a call too, and forgets none that were called."""
    one = Calls(store)
    for session, number in (("a", "2026-000001"), ("b", "2026-000009"), ("a", "2026-000002")):
        one.call(session, number, NOW)
    both = frozenset({"2026-000001", "2026-000002"})

    assert one.of(["a", "b", "c"]) == {
        "a": Called("2026-000002", both),
        "b": Called("2026-000009", frozenset({"2026-000009"})),
        "c": Called(),
    }
    one.call("a", None, NOW)
    assert one.of(["a"]) == {"a": Called(None, both)}
    assert one.of([]) == {}


def test_the_first_call_of_a_day_deletes_those_before(store: Store) -> None:
    """Five past midnight in Shanghai is another day than five to, whatever UTC says."""
    one = Calls(store)
    one.call("a", "2026-000001", NOW - timedelta(minutes=10))
    one.call("b", "2026-000002", NOW)

    assert one.of(["a"]) == {"a": Called()}
    assert store.read(lambda c: c.execute(select(func.count()).select_from(calls)).scalar()) == 1


@pytest.mark.parametrize(
    ("number", "seen", "fresh", "says"),
    [
        ("2026-000003", "2026-000001", True, "刚刚已经叫了2026-000002"),  # somebody was faster
        (None, "2026-000001", False, "刚刚已经叫了2026-000002"),
        ("2026-000003", "", True, "刚刚已经叫了2026-000002"),
        ("2026-000001", "2026-000002", True, "刚刚已经叫了2026-000002"),  # was called before
        ("2026-000003", "2026-000002", True, ""),
        ("2026-000001", "2026-000002", False, ""),  # called again, knowingly
        (None, "2026-000002", False, ""),
    ],
)
def test_a_call_from_an_old_page_is_refused(
    store: Store, number: str | None, seen: str, fresh: bool, says: str
) -> None:
    """In the transaction, so that of two at once one is told; a refused one leaves no trace."""
    one = Calls(store)
    for called in ("2026-000001", "2026-000002"):
        one.call("a", called, NOW)
    before = one.of(["a"])
    if says:
        with pytest.raises(MoveForbidden, match=says):
            one.call("a", number, NOW, seen=seen, fresh=fresh)
        assert one.of(["a"]) == before
    else:
        one.call("a", number, NOW, seen=seen, fresh=fresh)
        assert one.of(["a"])["a"].now == number
