"""Who read whose words is to be seen afterwards: every route, and what the log says of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.desk.daywork import PETITIONER, REQUEST, case_of, do, send, write_down
from tests.desk.staffing import Colleague, DeskOffice
from tests.desk.test_roles import (  # noqa: F401 - ``office`` is a fixture
    CASES,
    SESSION,
    TABLE,
    Office,
    office,
    path_of,
)
from tests.online.citizens import Page

#: Route of a case → what the log says of that case when a clerk asks for it.
OF_A_CASE: dict[tuple[str, str], list[str]] = {
    ("/cases/<int:case_id>/", "GET"): ["opened"],
    ("/cases/<int:case_id>/back/", "POST"): ["opened"],
    ("/cases/<int:case_id>/correct/", "GET"): ["opened"],
    ("/cases/<int:case_id>/correct/", "POST"): ["opened"],
    ("/cases/<int:case_id>/do/<step>/", "GET"): ["opened"],
    ("/cases/<int:case_id>/do/<step>/", "POST"): ["opened"],
    ("/cases/<int:case_id>/files/<file_id>", "GET"): ["file"],
    ("/cases/<int:case_id>/hand/", "POST"): ["opened"],
    ("/cases/<int:case_id>/link/", "POST"): [],  # opens nothing, shows nothing
    ("/cases/<int:case_id>/message/", "GET"): ["opened"],
    ("/cases/<int:case_id>/message/", "POST"): ["opened"],
    ("/cases/<int:case_id>/papers/", "GET"): ["opened"],
    ("/cases/<int:case_id>/papers/<sheet>/", "GET"): ["opened"],
    ("/cases/<int:case_id>/papers/<sheet>/pdf", "GET"): ["opened", "printed"],
    ("/cases/<int:case_id>/reroute/", "GET"): ["opened"],
    ("/cases/<int:case_id>/reroute/", "POST"): ["opened"],
    ("/cases/<int:case_id>/undo/", "POST"): ["opened"],
    ("/cases/<int:case_id>/untie/", "POST"): ["opened"],
}
#: Other route that shows words of a petitioner → what the log says of his case; of a route that
#: is not named here, nothing. His case is arranged for the session.
BESIDES: dict[tuple[str, str], set[str]] = {
    ("/reception/<session_id>/", "GET"): {"opened"},
    ("/reception/<session_id>/list.pdf", "GET"): {"printed"},
    ("/reception/<session_id>/sheets.pdf", "GET"): {"printed"},
}
#: His wish and where he lives; his name is a leader's, too.
WORDS = (REQUEST, "青石镇上村2组")
_WAYS_IN = ("/login", "/logout", "/lock/", "/unlock/")


def said(at: DeskOffice, who: str, since: int) -> list[tuple[str, int | None]]:
    """What this person did and to which case, after the entry ``since``, oldest first."""
    found = at.desk.log.entries(who, many=1000)
    return [(one.what, one.case_id) for one in reversed(found) if one.id > since]


def newest(at: DeskOffice) -> int:
    return at.desk.log.entries(many=1)[0].id


def test_the_table_names_every_route_of_a_case() -> None:
    """A new page of a case is not there before somebody wrote down what is logged of it."""
    assert OF_A_CASE.keys() == CASES.keys()


def test_every_page_of_a_case_leaves_its_entry(office: Office) -> None:  # noqa: F811
    """Reading, printing, a refused post: each opening is logged once, with the case."""
    found: dict[tuple[str, str], list[str]] = {}
    case_id = int(office.cases["own"].split("/")[2])
    for rule, method in OF_A_CASE:
        before = newest(office.desk)
        office.ask("clerk", path_of(office, rule), method).response.close()
        told = said(office.desk, "clerk1", before)
        found[rule, method] = [what for what, which in told if which == case_id]

    assert found == OF_A_CASE


@pytest.mark.parametrize("role", ["clerk", "director", "leader", "unit"])
def test_no_other_page_shows_a_petitioner_and_keeps_silent(
    office: Office,  # noqa: F811
    role: str,
) -> None:
    """Whatever else somebody may open: where his words stand, the log has his case."""
    case_id = int(office.cases["own"].split("/")[2])
    office.desk.hire("clerk", "target")
    found: dict[tuple[str, str], set[str]] = {}
    for rule, method in TABLE:
        if rule.startswith(_WAYS_IN):
            continue
        before = newest(office.desk)
        answer = office.ask(role, path_of(office, rule), method)
        told = said(office.desk, f"{role}1", before)
        opened = {what for what, which in told if which == case_id}
        shown = [one for one in WORDS if one.encode() in answer.response.data]
        assert opened or not shown, rule
        found |= {(rule, method): opened} if opened else {}
        answer.response.close()

    assert {at: BESIDES.get(at) for at in found} == found


def test_a_form_that_an_appointment_fills_in_is_logged(desk: DeskOffice) -> None:
    """Name and telephone of who had booked stand in it: shown, refused, filed."""
    desk.unlock()
    clerk = desk.colleague("clerk")
    case = case_of(clerk)
    which = int(case.split("/")[2])
    for refused in (False, True):
        before = newest(desk)
        shown = clerk.get(f"/entry/enquiry/?of={which}")
        assert PETITIONER in shown.text
        if refused:
            before = newest(desk)
            token = shown.value("form_token")
            answer = clerk.press("/entry/enquiry/", of=str(which), form_token=token, step="send")
            assert answer.status == 422
        assert said(desk, "clerk1", before) == [("opened", which)]


@pytest.mark.parametrize("step", ["register", "assign"])
def test_a_refused_step_that_shows_the_case_again_is_logged(desk: DeskOffice, step: str) -> None:
    """Errors beside the fields, or a step that is no longer offered: both show the case."""
    desk.unlock()
    clerk = desk.colleague("clerk")
    case = case_of(clerk)
    shown = clerk.get(f"{case}do/register/")
    before = newest(desk)
    answer = send(clerk, shown, f"{case}do/{step}/", people="viele")

    assert answer.status in (409, 422)
    assert said(desk, "clerk1", before) == [("opened", int(case.split("/")[2]))]


def _search(who: Colleague, words: str) -> Page:
    who.get("/cases/")
    return who.press("/cases/search/", q=words)


def test_a_search_logs_every_case_whose_name_it_shows(desk: DeskOffice) -> None:
    """Also that somebody searched and found nobody; what was asked for stands nowhere."""
    desk.unlock()
    clerk = desk.colleague("clerk")
    found = [int(case_of(clerk).split("/")[2]) for _ in range(2)]
    case_of(clerk, q_name="欧阳慧敏")
    before = newest(desk)
    assert "找到2件" in _search(clerk, PETITIONER).words
    told: list[Any] = [("searched", None), *[("searched", one) for one in reversed(found)]]

    assert said(desk, "clerk1", before) == told
    before = newest(desk)
    assert "找到0件" in _search(clerk, "没有这个人").words
    assert said(desk, "clerk1", before) == [("searched", None)]
    assert all(one.ref is None for one in desk.desk.log.entries("clerk1", many=2))


def test_only_the_names_that_are_shown_are_logged(desk: DeskOffice) -> None:
    """Fifty of those found are shown; the others' names were on no screen."""
    desk.unlock()
    clerk = desk.colleague("clerk")
    for _ in range(51):
        write_down(clerk)
    before = newest(desk)
    shown = _search(clerk, PETITIONER)

    assert shown.text.count(PETITIONER) >= 50
    cases = [which for _, which in said(desk, "clerk1", before) if which]
    assert cases == list(range(51, 1, -1))


def test_a_tie_shows_no_number_of_a_case_that_is_not_his(desk: DeskOffice) -> None:
    """A unit's contact and a leader see that it was tied, the office sees to which."""
    desk.unlock()
    clerk = desk.colleague("clerk")
    own = case_of(clerk, q_receiver="县领导")
    case_of(clerk, q_receiver="青石镇领导")
    assert do(clerk, own, "register").status == 303
    session = {"leader": "zhang-yan", "unit": "县自然资源局", "session": SESSION}
    assert do(clerk, own, "arrange", incharge="", **session).status == 303
    clerk.get(own)
    assert clerk.press(f"{own}link/", other="2026-000002").status == 303

    assert "2026-000002" in clerk.get(own).text
    for role in ("unit", "leader"):
        shown = desk.colleague(role).get(own)
        assert "关联了另一件" in shown.words
        assert "2026-000002" not in shown.text
