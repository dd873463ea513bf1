"""A reception day that is not as it was planned: moved, of another house, called by two at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from intake_app.docket import Docket, Scope
from intake_app.records import Wanted
from tests.desk.daywork import do, steps, write_down
from tests.desk.filed import NAME, PHONE, SECRETS, file, go
from tests.desk.friday import (
    FRIDAY,
    HOUSE,
    LEADER,
    NOW,
    changed,
    numbers,
    pdf,
    press,
    publish,
    session,
    turns,
)
from tests.desk.staffing import Clock, Colleague, DeskOffice
from tests.online.citizens import Office, Page

OTHER = "yunling-county-20261218-0830"
BUREAU = "xinfang-bureau"


@pytest.fixture
def friday(clock: Clock, open_desk: Callable[..., DeskOffice]) -> DeskOffice:
    """A desk on Friday, while the leader receives."""
    clock.now = NOW
    return open_desk()


@pytest.fixture
def tuesday(desk: DeskOffice) -> DeskOffice:
    """A desk on the Tuesday before, its vault open."""
    desk.unlock()
    return desk


def clerk_of(desk: DeskOffice, house: str) -> Colleague:
    return desk.colleague("clerk", house.replace("-", ""), institutions=frozenset({house}))


def came(clerk: Colleague, slug: str = "appeal", **answers: str) -> tuple[str, str, str]:
    """Written down for a visitor: its address, number, query code."""
    shown = write_down(clerk, slug, **{"q_phone": PHONE, "q_receiver": "县领导", **answers})
    number, code = (str(one) for one in shown.tree.xpath("//dd/b/text()"))
    return str(clerk.press("/entry/receipt/done").response.location), number, code


def arranged(clerk: Colleague, case: str, which: str = FRIDAY, leader: str = LEADER) -> None:
    """By the desk's own pages, and everybody has his notice."""
    assert do(clerk, case, "register", matter="land-acquisition").status == 303
    done = do(clerk, case, "arrange", leader=leader, incharge="", session=which)
    assert done.status == 303, done.words
    steps(clerk, case, "draft", "invite")


# ── received at another house than the case's own ────────────────────────────────────────────


def test_who_rebooked_to_another_house_is_received_there(friday: DeskOffice) -> None:
    """On its list, on paper, in the hall and behind the links; a third house sees nothing."""
    before = NOW - timedelta(days=2)
    wednesday = session(friday, f"{BUREAU}-20261216-0900")
    case = file(friday, before, institution=BUREAU, session=wednesday)
    terms = session(friday).booking
    assert terms
    place = Wanted(FRIDAY, 1, terms.quota, terms.closes)
    friday.service.store.rebook(case.case_id, place, before)
    friday.unlock()
    county, third = clerk_of(friday, HOUSE), clerk_of(friday, "heping-community")

    assert numbers(county.get(f"/reception/{FRIDAY}/")) == [case.number]
    assert case.number in pdf(county.get(f"/reception/{FRIDAY}/list.pdf"))
    assert county.get(f"/cases/{case.case_id}/").status == 200
    assert third.get(f"/cases/{case.case_id}/").status == 404
    county.get("/reception/")
    county.press("/hall/open", institution=HOUSE)
    assert case.number in county.get("/hall/").words
    county.get(f"/reception/{FRIDAY}/")
    assert "已接待" in press(county, "met", case.number).words


def test_the_bureaus_case_before_a_county_leader_is_on_the_countys_list(
    tuesday: DeskOffice,
) -> None:
    """As it usually goes: the bureau sorts, the county's leader hears; the bureau sees it too."""
    case = file(tuesday, institution=BUREAU)
    go(tuesday, case, "register", "arrange", session=FRIDAY)
    county = clerk_of(tuesday, HOUSE)

    assert numbers(county.get(f"/reception/{FRIDAY}/")) == [case.number]
    assert county.get(f"/cases/{case.case_id}/").status == 200
    assert clerk_of(tuesday, BUREAU).get(f"/cases/{case.case_id}/").status == 200
    assert clerk_of(tuesday, "qingshi-town").get(f"/cases/{case.case_id}/").status == 404


def test_a_place_that_was_given_back_opens_nothing(tuesday: DeskOffice) -> None:
    """Whoever comes no more is no longer on the list, and his case no longer the house's."""
    case = file(tuesday, institution=BUREAU, session=session(tuesday))
    docket, scope = Docket(tuesday.service.store), Scope("common", frozenset({HOUSE}))
    assert [one.line.case_id for one in docket.booked(scope, [FRIDAY])] == [case.case_id]
    assert docket.line(scope, case.case_id)
    tuesday.service.store.cancel(case.case_id, tuesday.service.now())

    assert docket.booked(scope, [FRIDAY]) == ()
    assert docket.line(scope, case.case_id) is None
    assert docket.find(scope, case.number) is None


def test_who_was_heard_once_waits_again_for_another_session(tuesday: DeskOffice) -> None:
    """A meeting of the eleventh is none of the eighteenth's, however it came to that one."""
    case = file(tuesday)
    go(tuesday, case, "register", "arrange", "draft", "invite", "meet", session=FRIDAY)
    docket, everywhere = Docket(tuesday.service.store), Scope()
    assert [one.waits for one in turns(tuesday)] == [False]
    assert docket.heard(everywhere, [FRIDAY, OTHER]) == {case.case_id}
    go(tuesday, case, "withdraw", "reopen", "arrange", session=OTHER)

    assert turns(tuesday) == []
    assert [one.waits for one in turns(tuesday, OTHER)] == [True]
    assert docket.heard(everywhere, [FRIDAY, OTHER]) == frozenset()


# ── changed after the cards went out ─────────────────────────────────────────────────────────


def test_who_has_his_card_is_told_of_a_change(tuesday: DeskOffice) -> None:
    """He is on the call list with his telephone; the tick is an entry; his page says it too."""
    clerk = tuesday.colleague("clerk")
    case, number, code = came(clerk)
    arranged(clerk, case)
    assert [one.call for one in turns(tuesday)] == [False]
    assert "变动" not in seen_by_petitioner(tuesday, number, code)
    changed(tuesday, sequence=2)

    assert "还有1人没有通知" in clerk.get("/reception/").words
    page = clerk.get(f"/reception/{FRIDAY}/calls/")
    assert [str(one) for one in page.tree.xpath("//tbody/tr/th/text()")] == [number]
    assert page.tree.xpath("//td/a/@href") == [f"tel:{PHONE}"]
    told = seen_by_petitioner(tuesday, number, code)
    assert "给您安排的接访有变动：改由王建国接待" in told
    assert "2026年12月11日" in told
    clerk.get(f"/reception/{FRIDAY}/calls/")
    assert "✓ 打过了" in press(clerk, "called", number).words
    assert [one.call for one in turns(tuesday)] == [False]
    assert "打了电话，告诉变动" in clerk.get(case).words
    assert "打电话告诉了您接访的变动" in seen_by_petitioner(tuesday, number, code)


def test_a_call_that_was_ticked_by_mistake_is_taken_back(tuesday: DeskOffice) -> None:
    """He is on the list again, whatever was done in the case since."""
    clerk = tuesday.colleague("clerk")
    case, number, _ = came(clerk)
    arranged(clerk, case)
    changed(tuesday, sequence=2)
    clerk.get(f"/reception/{FRIDAY}/calls/")
    press(clerk, "called", number)
    called = tuesday.service.store.course(int(case.split("/")[2]))[-1]
    assert do(clerk, case, "draft").status == 303
    shown = clerk.get(case)
    said = {"entry": str(called.id), "seen": shown.value("seen"), "reason": "点错了行"}
    assert clerk.press(f"{case}undo/", **said).status == 303

    assert [one.call for one in turns(tuesday)] == [True]


def seen_by_petitioner(desk: DeskOffice, number: str, code: str) -> str:
    """What the public page of the case says today."""
    public = Office(desk.config)
    public.service.clock = desk.clock
    try:
        return public.citizen().look_up(number, code).words
    finally:
        public.service.store.close()


def test_who_got_his_card_after_the_change_is_not_called(tuesday: DeskOffice) -> None:
    """The card says it; a change after that is told again."""
    clerk = tuesday.colleague("clerk")
    case, _, _ = came(clerk)
    arranged(clerk, case)
    changed(tuesday, sequence=2)
    steps(clerk, case, "invite")
    assert [one.call for one in turns(tuesday)] == [False]
    changed(tuesday, sequence=3, status="cancelled")

    assert [one.call for one in turns(tuesday)] == [True]


def test_a_card_from_before_anybody_noted_announcements_is_judged_by_its_day(
    tuesday: DeskOffice,
) -> None:
    """What was announced on its day or later may not be known; what came before is."""
    case = file(tuesday)
    go(tuesday, case, "register", "arrange", session=FRIDAY)
    assert [one.stale for one in turns(tuesday)] == [False]
    changed(tuesday, sequence=2)

    assert [one.stale for one in turns(tuesday)] == [True]


def test_the_leaders_sheet_names_who_really_receives(tuesday: DeskOffice) -> None:
    """The substitute, as soon as the calendar has him; of two together, whose case it is."""
    clerk = tuesday.colleague("clerk")
    case, _, _ = came(clerk)
    arranged(clerk, case)
    publish(tuesday, leaders=[{"id": "he-jing", "name": "何静", "post": "副县长"}], sequence=2)
    substitute = pdf(clerk.get(f"/reception/{FRIDAY}/sheets.pdf"))
    joint, _, _ = came(clerk)
    arranged(clerk, joint, OTHER, "zhang-yan")

    assert "何静" in substitute
    assert "王建国" not in substitute
    own = pdf(clerk.get(f"/reception/{OTHER}/sheets.pdf"))
    assert "张䶮" in own
    assert "郑国栋" not in own


# ── two at once ──────────────────────────────────────────────────────────────────────────────


def test_the_slower_clerk_reads_who_did_what(friday: DeskOffice) -> None:
    """Not only that something is new."""
    number = file(friday, NOW - timedelta(days=2), session=session(friday)).number
    line = turns(friday)[0].line
    one, other = friday.colleague("clerk"), friday.colleague("clerk", "clerk2")
    for clerk in (one, other):
        clerk.get(f"/reception/{FRIDAY}/")
    press(one, "met", number)
    data = {"case": str(line.case_id), "seen": str(line.last), "step": "missed"}
    page = other.follow(other.press(f"/reception/{FRIDAY}/mark", **data))

    assert f"{number}：王芳在15:0" in page.words.replace(" ", "")
    assert "先做了“已接待”" in page.words
    assert "没有记下" in page.words


def call(clerk: Colleague, shown: Page, number: str = "next") -> Page:
    """Press a button of a page that was opened before; the page that comes then."""
    form = {name: shown.value(name) for name in ("csrf_token", "seen", "next")}
    return clerk.follow(clerk.post(f"/reception/{FRIDAY}/call", {**form, "number": number}))


@pytest.mark.parametrize("slower", ["next", "nobody", "last"])
def test_two_clerks_call_one_number(friday: DeskOffice, slower: str) -> None:
    """The second, or the second click, is told; nobody is called and forgotten."""
    before = NOW - timedelta(days=2)
    known = [file(friday, before, session=session(friday)).number for _ in range(3)]
    one, other = friday.colleague("clerk"), friday.colleague("clerk", "clerk2")
    shown, same = (who.get(f"/reception/{FRIDAY}/") for who in (one, other))
    call(one, shown)
    wanted = {"nobody": "", "last": known[2]}.get(slower, "next")
    late = call(other, same, wanted)

    assert f"刚刚已经叫了{known[0]}" in late.words
    assert late.tree.xpath("string(//b[@class='turn'])") == known[0]
    assert call(other, late).tree.xpath("string(//b[@class='turn'])") == known[1]


def test_who_was_marked_meanwhile_is_not_called(friday: DeskOffice) -> None:
    """The next of a page that is old may have gone home."""
    before = NOW - timedelta(days=2)
    known = [file(friday, before, session=session(friday)).number for _ in range(2)]
    clerk = friday.colleague("clerk")
    shown = clerk.get(f"/reception/{FRIDAY}/")
    press(clerk, "missed", known[0])

    assert f"下一位不再是{known[0]}" in call(clerk, shown).words
    assert (
        call(clerk, clerk.get(f"/reception/{FRIDAY}/")).tree.xpath("string(//b[@class='turn'])")
        == known[1]
    )


# ── days that no calendar has ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1900-01-01", "x"])
def test_a_day_of_no_calendar_is_today(desk: DeskOffice, day: str) -> None:
    """Whatever the address says, a page comes."""
    page = desk.colleague("clerk").get(f"/reception/?day={day}")

    assert page.status == 200
    assert FRIDAY in page.text


# ── one person, one row ──────────────────────────────────────────────────────────────────────


def test_who_booked_and_is_arranged_has_one_row(tuesday: DeskOffice) -> None:
    """In his place of the list, with both numbers; on paper and in the hall he comes once."""
    clerk = tuesday.colleague("clerk")
    booked, first, _ = came(clerk, "appointment", q_session=FRIDAY, q_who="一个人")
    other = file(tuesday, session=session(tuesday)).number
    clerk.get(f"/entry/appeal/?of={booked.split('/')[2]}")
    case, tied, _ = came(clerk, of=booked.split("/")[2])
    assert numbers(clerk.get(f"/reception/{FRIDAY}/")) == [first, other]
    arranged(clerk, case)
    page = clerk.get(f"/reception/{FRIDAY}/")

    assert numbers(page) == [first, other]
    row = page.tree.xpath("//tbody/tr")[0].text_content()
    assert "征地补偿和安置" in row
    assert "预约，已排定" in row
    assert tied in row
    paper = pdf(clerk.get(f"/reception/{FRIDAY}/list.pdf"))
    assert (paper.count(first), paper.count(tied)) == (1, 0)
    sheet = pdf(clerk.get(f"/reception/{FRIDAY}/sheets.pdf"))
    assert (sheet.count(tied) > 0, sheet.count(first)) == (True, 0)
    assert NAME not in page.words
    assert not [one for one in SECRETS if one in page.words]
