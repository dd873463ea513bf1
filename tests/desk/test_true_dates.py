"""Days that cannot be true are refused, beside the field and in the store, and nothing is lost."""

from __future__ import annotations

from datetime import date

import pytest

from casework.courses import FACTS, wrong
from intake_app.docket import Docket, Scope
from intake_app.entries import CORRECTED, Writing
from intake_app.errors import MoveForbidden
from tests.desk.daywork import case_of, do, steps, write_down
from tests.desk.filed import file
from tests.desk.staffing import Colleague, DeskOffice
from tests.handling import CLERK
from tests.online.citizens import Page

TODAY, RECEIVED = date(2026, 12, 8), date(2026, 12, 7)


@pytest.fixture
def clerk(desk: DeskOffice) -> Colleague:
    desk.unlock()
    return desk.colleague("clerk")


@pytest.mark.parametrize(
    ("fact", "day", "says"),
    [
        ("accepted_on", "2026-12-08", None),
        ("accepted_on", "2026-12-07", None),
        ("accepted_on", "2026-12-09", "受理日期不能晚于今天，今天是2026年12月8日"),
        ("accepted_on", "2026-12-06", "受理日期不能早于收到这件事的那天，2026年12月7日"),
        ("served_on", "2026-12-06", "送达日期不能早于收到这件事的那天，2026年12月7日"),
        ("signed_on", "2062-12-08", "签字日期离今天太远，请核对年份"),
        ("received_on", "2026-12-09", "收到日期不能晚于今天，今天是2026年12月8日"),
        ("due", "2027-12-08", None),
        ("due", "2026-12-01", None),
        ("due", "2062-12-08", "要求哪天前办到离今天太远，请核对年份"),
        ("promised", "1926-12-08", "承诺哪天前答复离今天太远，请核对年份"),
        ("heard_on", "2027-02-01", None),
        ("heard_on", "2062-02-01", "听证日期离今天太远，请核对年份"),
        ("due", "9999-12-31", "要求哪天前办到填得不对"),
        ("accepted_on", "0001-01-01", "受理日期填得不对"),
    ],
)
def test_what_a_day_may_be(fact: str, day: str, says: str | None) -> None:
    """What happened was not tomorrow, nor before the case came in; what is to be is not in 2062."""
    assert wrong(FACTS[fact], day, TODAY, RECEIVED) == says


def test_without_a_day_only_the_form_is_looked_at() -> None:
    """Whoever does not know when it was written down cannot say more."""
    assert wrong(FACTS["accepted_on"], "2062-12-08") is None
    assert wrong(FACTS["accepted_on"], "2026-12-01", TODAY) is None


@pytest.mark.parametrize("day", ["2062-12-08", "9999-12-31", "2026-12-09", "2026-12-06"])
def test_an_untrue_day_is_refused_beside_its_field(clerk: Colleague, day: str) -> None:
    """The clerk reads what is wrong with it; the other words are still there; nothing was done."""
    case = case_of(clerk)
    steps(clerk, case, "register")
    answer = do(clerk, case, "accept", accepted_on=day, unit="县自然资源局")

    assert answer.status == 422
    assert any("受理日期" in one or "日期写成这样" in one for one in answer.problems())
    assert (answer.value("f_accepted_on"), answer.value("f_unit")) == (day, "县自然资源局")
    assert "已登记" in clerk.get(case).words


@pytest.mark.parametrize("day", ["2062-12-08", "9999-12-31"])
def test_a_day_to_come_is_one_of_the_next_years(clerk: Colleague, day: str) -> None:
    """A year that was mistyped would never let the case be late."""
    case = case_of(clerk)
    steps(clerk, case, "register")
    answer = do(clerk, case, "assign", due=day, unit="县自然资源局", opinion="请核实面积")

    assert answer.status == 422
    assert answer.value("f_due") == day
    assert answer.value("f_opinion").strip() == "请核实面积"


def _written(clerk: Colleague, day: str) -> Page:
    return write_down(clerk, received_on=day)


@pytest.mark.parametrize("day", ["2026-12-09", "9999-12-31", "2006-12-08", "0001-01-01"])
def test_a_letter_did_not_arrive_tomorrow_nor_long_ago(clerk: Colleague, day: str) -> None:
    """Said beside the field of the entry form, every word kept."""
    answer = _written(clerk, day)

    assert answer.status == 422
    assert any("收到日期" in one for one in answer.problems())
    assert answer.value("q_name")


@pytest.mark.parametrize("day", ["2062-12-08", "2026-12-09", "2026-12-07"])
def test_the_store_refuses_what_no_page_would_send(desk: DeskOffice, day: str) -> None:
    """A step of a case received today: accepted tomorrow or yesterday it was not."""
    case, store = file(desk), desk.service.store
    store.enter(case.case_id, Writing("register", CLERK), desk.service.now())
    data = {"unit": "县自然资源局", "accepted_on": day}
    with pytest.raises(MoveForbidden, match="受理日期"):
        store.enter(case.case_id, Writing("accept", CLERK, data=data), desk.service.now())
    with pytest.raises(MoveForbidden, match="收到日期"):
        file(desk, data={"received_on": "2026-12-09"})


def test_a_letter_that_lay_elsewhere_is_accepted_after_it_came(desk: DeskOffice) -> None:
    """What counts is the day that was written down with it, not that of the entry."""
    case = file(desk, data={"received_on": "2026-12-01"})
    store, now = desk.service.store, desk.service.now()
    store.enter(case.case_id, Writing("register", CLERK), now)
    data = {"unit": "县自然资源局", "accepted_on": "2026-12-02"}
    store.enter(case.case_id, Writing("accept", CLERK, data=data), now)
    line = Docket(store).line(Scope(), case.case_id)

    assert line is not None
    assert line.due == date(2027, 1, 31)


def test_a_report_of_wrongdoing_is_no_matter_of_the_common_lane(desk: DeskOffice) -> None:
    """Neither filed, nor registered, nor corrected to be one: the store refuses it."""
    case, store, now = file(desk), desk.service.store, desk.service.now()
    for kind in ("register", CORRECTED):
        with pytest.raises(MoveForbidden, match="检举控告"):
            store.enter(case.case_id, Writing(kind, CLERK, data={"matter": "wrongdoing"}), now)
    for said in ({"matter": "wrongdoing"}, {"data": {"matter": "wrongdoing"}}):
        with pytest.raises(MoveForbidden, match="检举控告"):
            file(desk, **said)
