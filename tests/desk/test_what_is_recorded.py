"""What was said when a case came in is not overwritten by whoever opens its next page."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from intake_app.docket import Docket, Line, Scope
from intake_app.tables import docket
from tests.desk.daywork import asked, case_of, do, send
from tests.desk.filed import file
from tests.desk.staffing import Colleague, DeskOffice
from tests.desk.test_month import attached, ledger
from tests.online.citizens import Office

GROUP = {"q_who": "几个人一起", "q_people": "12人", "q_representatives": "甲\n乙"}


@pytest.fixture
def clerk(desk: DeskOffice) -> Colleague:
    desk.unlock()
    return desk.colleague("clerk")


def line(desk: DeskOffice, case_id: int = 1) -> Line:
    found = Docket(desk.service.store).line(Scope(), case_id)
    assert found is not None
    return found


def test_a_group_is_counted_as_it_wrote(desk: DeskOffice, clerk: Colleague) -> None:
    """Twelve on paper are twelve in the list, after registering and correcting as well."""
    case = case_of(clerk, **GROUP)
    assert line(desk).people == 12
    assert asked(clerk.get(f"{case}do/register/"))["people"] == "12"
    assert do(clerk, case, "register").status == 303
    assert line(desk).people == 12
    shown = clerk.get(f"{case}correct/")
    assert asked(shown)["people"] == "12"
    assert send(clerk, shown, f"{case}correct/", area="青石镇").status == 303
    assert (line(desk).people, line(desk).area) == (12, "青石镇")


def test_an_online_petition_of_many_is_one_of_many(desk: DeskOffice) -> None:
    """From the public form to the desk's counts, without a hand between."""
    public = Office(desk.config)
    given = public.answers("appeal", who="几个人一起", people="十二", representatives="甲\n乙")
    public.citizen().file("appeal", given)
    public.service.store.close()

    assert line(desk).people == 12


def test_what_was_filed_before_anybody_counted_is_proposed(
    desk: DeskOffice, clerk: Colleague
) -> None:
    """An older case has the number in the petitioner's words alone."""
    case = case_of(clerk, **GROUP)
    store = desk.service.store
    store.write(lambda at: at.exec_driver_sql("UPDATE events SET data = NULL").rowcount)
    Docket(store).rebuild()
    assert line(desk).people == 1

    assert asked(clerk.get(f"{case}do/register/"))["people"] == "12"


def test_who_was_asked_first_stays(desk: DeskOffice, clerk: Colleague) -> None:
    """A colleague registers, another corrects: the one at the window is still the first asked."""
    case = case_of(clerk, first_asked="clerk1")
    other = desk.colleague("clerk", "clerk2")
    shown = other.get(f"{case}do/register/")
    assert asked(shown)["first_asked"] == "clerk1"
    assert send(other, shown, f"{case}do/register/").status == 303
    shown = other.get(f"{case}correct/")
    assert asked(shown)["first_asked"] == "clerk1"
    assert send(other, shown, f"{case}correct/", area="青石镇").status == 303

    assert desk.service.store.course(1)[-1].data["first_asked"] == "clerk1"


def test_a_correction_names_nobody_by_itself(desk: DeskOffice, clerk: Colleague) -> None:
    """Who registers is proposed when nobody is recorded; who corrects something else is not."""
    file(desk)
    assert asked(clerk.get("/cases/1/do/register/"))["first_asked"] == "clerk1"
    shown = clerk.get("/cases/1/correct/")
    assert asked(shown)["first_asked"] == ""
    typed = {"area": "青石镇", "first_asked": ""}
    assert send(clerk, shown, "/cases/1/correct/", **typed).status == 303

    assert "first_asked" not in desk.service.store.course(1)[-1].data


# ── reports of wrongdoing in the common lane ─────────────────────────────────────────────────


@pytest.mark.parametrize("page", ["do/register/", "correct/"])
def test_the_desk_does_not_offer_a_report_of_wrongdoing(clerk: Colleague, page: str) -> None:
    """Neither to choose nor by hand; what else was typed stays."""
    case = case_of(clerk)
    shown = clerk.get(f"{case}{page}")
    offered = shown.tree.xpath("//select[@name='f_matter']/option/@value")
    answer = send(clerk, shown, f"{case}{page}", matter="wrongdoing", area="青石镇")

    assert "wrongdoing" not in offered
    assert len(offered) > 10
    assert answer.status == 422
    assert any("事项类别" in one for one in answer.problems())
    assert answer.value("f_area") == "青石镇"


def test_the_list_cannot_be_narrowed_to_them(clerk: Colleague) -> None:
    """There are none in it."""
    offered = clerk.get("/cases/").tree.xpath("//select[@name='matter']/option/@value")

    assert "wrongdoing" not in offered
    assert "land-acquisition" in offered


def test_the_ledger_tells_of_none(desk: DeskOffice) -> None:
    """One that came into the common lane before it was shut stands in no export."""
    from tests.desk.test_month import NOVEMBER

    kept, secret = file(desk, NOVEMBER), file(desk, NOVEMBER)
    of = docket.c.case_id == secret.case_id
    desk.service.store.write(
        lambda at: at.execute(update(docket).where(of).values(matter="wrongdoing")).rowcount
    )
    text = attached(ledger(desk)).decode("utf-8-sig")

    assert kept.number in text
    assert secret.number not in text
