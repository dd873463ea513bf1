"""A leader's own reception days: who comes to him; he notes whom he received."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.desk.filed import NAME, PHONE, REQUEST, SECRETS, file, go
from tests.desk.friday import FRIDAY, LEADER, NOW, publish, session, turns
from tests.desk.staffing import Clock, Colleague, DeskOffice
from tests.online.citizens import Page

COUNTY = frozenset({"yunling-county"})


@pytest.fixture
def friday(clock: Clock, open_desk: Callable[..., DeskOffice]) -> DeskOffice:
    """A desk on Friday, while 王建国 receives."""
    clock.now = NOW
    return open_desk()


def receiver(desk: DeskOffice, person: str = LEADER) -> Colleague:
    return desk.colleague("leader", person.replace("-", ""), person=person, institutions=COUNTY)


def booked(desk: DeskOffice) -> tuple[int, str]:
    case = file(desk, NOW - timedelta(days=2), session=session(desk))
    return case.case_id, case.number


def listed(page: Page) -> list[str]:
    return [str(one).strip() for one in page.tree.xpath("//tbody/tr/th/text()")]


def note(leader: Colleague, case_id: int, which: str = FRIDAY) -> Page:
    """Press 见了 on the page that is open."""
    line = next(one.line for one in turns(leader.office) if one.line.case_id == case_id)
    return leader.press(f"/mine/{which}/met", case=str(case_id), seen=str(line.last))


def test_a_leader_sees_who_comes_to_him(friday: DeskOffice) -> None:
    """Booked and arranged, in the list's order, from his own bar; nothing personal by itself."""
    _, first = booked(friday)
    case = file(friday, NOW - timedelta(days=2))
    go(friday, case, "register", "arrange", session=FRIDAY, at=NOW - timedelta(days=2))
    leader = receiver(friday)
    bar = leader.get("/cases/").tree.xpath("//nav[@aria-label='主导航']//a/text()")
    page = leader.get("/mine/")

    assert "我的接待日" in bar
    assert "接待日" not in bar
    assert listed(page) == [first, case.number]
    assert "征地补偿和安置" in page.words
    assert not [one for one in SECRETS if one in page.text]


def test_names_are_shown_to_him_as_to_clerks(friday: DeskOffice) -> None:
    """With the vault open and if he asks; each case's opening is logged."""
    booked(friday)
    booked(friday)
    leader = receiver(friday)
    assert leader.get(f"/mine/?names={FRIDAY}").response.location.startswith("/unlock/?next=")
    friday.unlock()
    page = leader.get(f"/mine/?names={FRIDAY}")

    assert [one in page.words for one in (NAME, PHONE, REQUEST)] == [True] * 3
    assert friday.deeds(leader.id).count("opened") == 2


def test_he_notes_whom_he_received(friday: DeskOffice) -> None:
    """The course grants him that; the clerks' list and the history say that it was he."""
    case_id, _ = booked(friday)
    leader = receiver(friday)
    leader.get("/mine/")
    page = leader.follow(note(leader, case_id))

    assert page.tree.xpath("string(//td[@data-h='结果'])").strip() == "已接待"
    assert [one.line.state for one in turns(friday)] == ["met"]
    entry = friday.service.store.course(case_id)[-1]
    assert (entry.kind, entry.by) == ("met", leader.id)


def test_he_notes_nothing_twice_and_nothing_of_others(friday: DeskOffice) -> None:
    """Neither what a clerk noted first, nor in another's session, nor a case that is arranged."""
    case_id, number = booked(friday)
    leader, other = receiver(friday), receiver(friday, "he-jing")
    clerk = friday.colleague("clerk")
    leader.get("/mine/")
    line = turns(friday)[0].line
    clerk.get(f"/reception/{FRIDAY}/")
    said = {"case": str(case_id), "seen": str(line.last)}
    clerk.press(f"/reception/{FRIDAY}/mark", **said, step="missed")
    told = leader.follow(leader.press(f"/mine/{FRIDAY}/met", **said)).words
    other.get("/mine/")

    assert f"{number}：王芳在" in told
    assert "先做了“没有来”" in told
    assert note(other, case_id).status == 403
    assert friday.deeds(other.id).count("denied") == 1
    assert other.get(f"/cases/{case_id}/").status == 404
    arranged = file(friday, NOW - timedelta(days=2))
    go(friday, arranged, "register", "arrange", session=FRIDAY, at=NOW - timedelta(days=2))
    leader.get("/mine/")
    assert note(leader, arranged.case_id).status == 404


def test_nobody_was_received_before_the_day(desk: DeskOffice) -> None:
    """On Tuesday he sees Friday's list, and no button."""
    case = file(desk, session=session(desk))
    leader = receiver(desk)
    page = leader.get("/mine/")
    assert listed(page) == [case.number]
    assert not page.tree.xpath("//form[contains(@action, '/met')]")
    told = leader.follow(note(leader, case.case_id)).words

    assert "到了接待那天才能记" in told
    assert [one.line.state for one in turns(desk)] == ["received"]


def test_a_substitute_sees_the_day_and_who_was_replaced_does_not(desk: DeskOffice) -> None:
    """Whoever really receives; to cases that are not his there is no link."""
    case = file(desk)
    go(desk, case, "register", "arrange", session=FRIDAY, leader="zhang-yan")
    publish(desk, leaders=[{"id": "he-jing", "name": "何静", "post": "副县长"}], sequence=2)
    assert case.number in receiver(desk, "he-jing").get("/mine/").words
    assert (
        not desk.colleague("leader", person="zhang-yan")
        .get("/mine/")
        .tree.xpath(f"//section[contains(., '{case.number}')]")
    )
    page = receiver(desk).get("/mine/")

    assert case.number not in page.words
    assert not receiver(desk, "sun-lihua").get("/mine/").tree.xpath("//tbody//a")


def test_the_sheet_of_his_own_case_is_behind_its_row(desk: DeskOffice) -> None:
    """And the case itself; of the same day's other leader's case there is neither."""
    both = "yunling-county-20261218-0830"
    mine, other = file(desk), file(desk)
    go(desk, mine, "register", "arrange", session=both, leader="zhang-yan", incharge="zhang-yan")
    go(desk, other, "register", "arrange", session=both, leader="zheng-guodong")
    desk.unlock()
    leader = desk.colleague("leader", person="zhang-yan")
    links = [str(one) for one in leader.get("/mine/").tree.xpath("//tbody//td/a/@href")]

    case = f"/cases/{mine.case_id}/"
    assert links == [case, f"{case}papers/leader-sheet/"]
    assert [leader.get(one).status for one in links] == [200, 200]
