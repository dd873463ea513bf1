"""A leader's and a unit's lists are found by their own cases, however many others there are."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from intake_app.docket import VIEWS
from tests.desk.staffing import DeskOffice

OWN = {"leader": ("ix_docket_leader", "ix_docket_incharge"), "unit": ("ix_docket_unit",)}


@pytest.mark.parametrize("role", OWN)
@pytest.mark.parametrize("view", VIEWS)
def test_no_list_of_theirs_walks_through_the_whole_lane(
    desk: DeskOffice, role: str, view: str
) -> None:
    """The list and its counts go by the person's own indexes, never by the lane's."""
    colleague, engine = desk.colleague(role), desk.service.store._database.engine
    asked: list[tuple[str, Any]] = []

    @event.listens_for(engine, "before_cursor_execute")
    def keep(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if "FROM docket" in statement:
            asked.append((statement, values))

    assert colleague.get(f"/cases/?view={view}").status == 200
    event.remove(engine, "before_cursor_execute", keep)

    assert len(asked) >= 5
    with engine.connect() as connection:
        for statement, values in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            told = " ".join(str(one[3]) for one in plan)
            assert [one for one in OWN[role] if one not in told] == [], (told, statement)
            assert "(lane=?" not in told, (told, statement)
