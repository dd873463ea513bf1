"""A case is sent to a leader who sits there, also after its petitioner was received already."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from casework.workdays import SHANGHAI
from intake_app.docket import Docket, Scope
from tests.desk.daywork import PETITION, asked, case_of, do, offered, steps
from tests.desk.friday import FRIDAY, LEADER, NOW, publish
from tests.desk.staffing import Colleague, DeskOffice
from tests.online.citizens import Page

JOINT = "yunling-county-20261218-0830"
MONDAY = datetime(2026, 12, 14, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture
def clerk(desk: DeskOffice) -> Colleague:
    """A clerk on Tuesday, the vault open."""
    desk.unlock()
    return desk.colleague("clerk")


def which(case: str) -> str:
    return case.split("/")[2]


def entered(clerk: Colleague, booked: str) -> Page:
    """The appeal that came of an appointment is written down; what comes then."""
    shown = clerk.get(f"/entry/appeal/?of={which(booked)}")
    said = {**PETITION, "q_receiver": "县领导", "of": which(booked), "step": "send"}
    return clerk.press("/entry/appeal/", **said, form_token=shown.value("form_token"))


def kin(clerk: Colleague) -> list[bool]:
    """Of each case of the queue, oldest first: is it tied to another?"""
    docket = Docket(clerk.office.service.store)
    lines = (docket.line(Scope(), number) for number in range(1, 9))
    return [one.kin is not None for one in lines if one]


# ── who sits there ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("step", ["arrange", "rearrange"])
def test_a_leader_who_does_not_sit_there_is_refused(clerk: Colleague, step: str) -> None:
    """Beside the field, naming who does; all that was typed stays, and nothing is entered."""
    case = case_of(clerk, q_receiver="县领导")
    steps(clerk, case, "register")
    if step == "rearrange":
        steps(clerk, case, "arrange")
    answer = do(clerk, case, step, leader="he-jing", session=FRIDAY, incharge="")

    assert answer.status == 422
    says = "12月11日这一场是王建国接待，请选在场的领导，或者另选一场"
    assert says in answer.tree.xpath("string(//*[@id='e_f_leader'])")
    assert (asked(answer)["leader"], asked(answer)["session"]) == ("he-jing", FRIDAY)
    assert step in offered(clerk.get(case))


@pytest.mark.parametrize("leader", ["zheng-guodong", "zhang-yan"])
def test_each_of_two_who_sit_together_may_hear_it(clerk: Colleague, leader: str) -> None:
    """A joint reception has two leaders."""
    case = case_of(clerk, q_receiver="县领导")
    steps(clerk, case, "register")

    assert do(clerk, case, "arrange", leader=leader, session=JOINT).status == 303


@pytest.mark.parametrize(
    ("house", "matter", "leader"),
    [
        ("县领导", "land-acquisition", "zhang-yan"),
        ("青石镇领导", "subsistence", "peng-xue"),  # the town's own head for civil affairs
        ("青石镇领导", "land-acquisition", "zhang-yan"),  # none of the town's has that portfolio
    ],
)
def test_the_likely_leader_is_of_the_cases_own_house(
    clerk: Colleague, house: str, matter: str, leader: str
) -> None:
    """Whose portfolio the matter is there; else the county's."""
    case = case_of(clerk, q_receiver=house)
    assert do(clerk, case, "register", matter=matter).status == 303

    assert asked(clerk.get(f"{case}do/arrange/"))["leader"] == leader


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"leaders": [{"id": "he-jing", "name": "何静", "post": "副县长"}]}, "这一场是何静接待"),
        ({"status": "cancelled"}, "12月11日这一场取消了"),
    ],
)
def test_no_card_names_a_leader_who_was_replaced(
    clerk: Colleague, change: dict[str, Any], says: str
) -> None:
    """Nor a session that was cancelled: it is arranged anew first, and then the cards go out."""
    case = case_of(clerk, q_receiver="县领导")
    steps(clerk, case, "register")
    assert do(clerk, case, "arrange", leader=LEADER, session=FRIDAY).status == 303
    steps(clerk, case, "draft")
    publish(clerk.office, sequence=2, **change)
    refused = do(clerk, case, "invite")
    assert refused.status == 422
    assert says in refused.words
    assert "请先改排接访" in refused.words
    assert do(clerk, case, "rearrange", leader="zhang-yan", session=JOINT).status == 303

    steps(clerk, case, "invite")


# ── received first, written down later ───────────────────────────────────────────────────────


def test_who_was_received_on_friday_is_arranged_for_friday_on_monday(clerk: Colleague) -> None:
    """So that cards and slips can follow: its session and its leader are offered, though past."""
    booked = case_of(clerk, "appointment", q_session=FRIDAY, q_who="一个人")
    clerk.office.clock.now = NOW
    clerk.enter()
    assert do(clerk, booked, "met").status == 303
    clerk.office.clock.now = MONDAY
    clerk.enter()
    assert entered(clerk, booked).status == 303
    clerk.get("/entry/receipt/")
    case = str(clerk.press("/entry/receipt/done").response.location)
    steps(clerk, case, "register")
    likely = asked(clerk.get(f"{case}do/arrange/"))

    assert (likely["session"], likely["leader"]) == (FRIDAY, LEADER)
    steps(clerk, case, "arrange", "draft", "invite", "meet")
    assert "slips" in offered(clerk.get(case))
    rows = clerk.get(f"/reception/{FRIDAY}/").tree.xpath("//tbody/tr")
    assert len(rows) == 1
    seats = clerk.get("/month/2026-12/").tree.xpath("//tr[contains(., '王建国')]")
    assert seats[0].xpath("string(td[@data-h='本月接待事项'])") == "1"


def test_a_past_session_of_somebody_elses_is_not_offered(clerk: Colleague) -> None:
    """Only that of the appointment that the case came of."""
    clerk.office.clock.now = MONDAY
    clerk.enter()
    case = case_of(clerk, q_receiver="县领导")
    steps(clerk, case, "register")

    assert FRIDAY not in clerk.get(f"{case}do/arrange/").text


# ── tied to the appointment ──────────────────────────────────────────────────────────────────


def test_a_case_whose_tie_fails_is_registered_all_the_same(clerk: Colleague) -> None:
    """Number and code are shown; it says what is not done, and sending it again does that."""
    booked = case_of(clerk, "appointment", q_session=FRIDAY, q_who="一个人")
    shown = clerk.get(f"/entry/appeal/?of={which(booked)}")
    said = {**PETITION, "q_receiver": "县领导", "of": which(booked), "step": "send"}
    said |= {name: shown.value(name) for name in ("form_token", "csrf_token")}
    statement(clerk, "CREATE TRIGGER no_kin BEFORE UPDATE OF kin ON docket "
                     "BEGIN SELECT RAISE(ABORT, 'no kin'); END")  # fmt: skip
    first = clerk.post("/entry/appeal/", said)
    receipt = clerk.follow(first)
    assert first.response.location == "/entry/receipt/"
    assert "登记好了，没有关联上2026-000001" in receipt.words
    assert receipt.tree.xpath("string(//dd/b)") == "2026-000002"
    assert kin(clerk) == [False, False]
    statement(clerk, "DROP TRIGGER no_kin")
    again = clerk.follow(clerk.post("/entry/appeal/", said))

    assert again.tree.xpath("string(//dd/b)") == "2026-000002"
    assert "没有关联上" not in again.words
    assert kin(clerk) == [True, True]
    assert "没有关联上" not in clerk.follow(clerk.post("/entry/appeal/", said)).words


def statement(clerk: Colleague, words: str) -> None:
    engine = create_engine(clerk.office.config.store_url)
    with engine.begin() as connection:
        connection.execute(text(words))
    engine.dispose()
