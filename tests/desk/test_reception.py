"""The reception day at the desk: its list in order, calls, marks, turns, the hall."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from pypdf import PdfReader

from tests.desk.filed import NAME, PHONE, REQUEST, SECRETS, file, go
from tests.desk.friday import FRIDAY, HOUSE, NOW, changed, numbers, pdf, press, session, turns
from tests.desk.staffing import Clock, Colleague, DeskOffice
from tests.online.citizens import Page


def books(desk: DeskOffice, many: int) -> list[str]:
    """Numbers of appointments of Friday; from the ninth on they wait."""
    return [file(desk, session=session(desk)).number for _ in range(many)]


def arranged(desk: DeskOffice) -> str:
    """The number of a case that is to be heard on Friday."""
    case = file(desk)
    go(desk, case, "register", "arrange", session=FRIDAY)
    return case.number


@pytest.fixture
def friday(clock: Clock, open_desk: Callable[..., DeskOffice]) -> DeskOffice:
    """A desk on Friday, while the leader receives."""
    clock.now = NOW
    return open_desk()


@pytest.fixture
def tuesday(desk: DeskOffice) -> DeskOffice:
    """A desk on the Tuesday before."""
    assert desk.service.now().weekday() == 1
    return desk


# ── the list ─────────────────────────────────────────────────────────────────────────────────


def test_the_list_is_in_the_order_of_the_day(tuesday: DeskOffice) -> None:
    """Those with a place as they booked, arranged cases, those who wait; who cancelled is gone."""
    first = books(tuesday, 4)
    case = arranged(tuesday)
    more = books(tuesday, 6)
    gone = file(tuesday, session=session(tuesday))
    tuesday.service.store.cancel(gone.case_id, tuesday.service.now())
    page = tuesday.colleague("clerk").get(f"/reception/{FRIDAY}/")

    assert numbers(page) == [*first, *more[:4], case, *more[4:]]
    kinds = [one.text_content() for one in page.tree.xpath("//td[@data-h='怎样来的']")]
    assert [one[:5] for one in kinds[7:]] == ["预约网上", "排定的事项", "候补第1位", "候补第2位"]


def test_the_days_of_reception_say_how_many_come(tuesday: DeskOffice) -> None:
    """Places, waiting, arranged; a session of another week is not on the page."""
    books(tuesday, 9)
    arranged(tuesday)
    page = tuesday.colleague("clerk").get("/reception/")
    row = next(
        one for one in page.tree.xpath("//tbody/tr") if FRIDAY in one.xpath("string(th//@href)")
    )

    counts = {one.get("data-h"): one.text_content() for one in row.xpath("td")}
    assert (counts["预约"], counts["候补"], counts["排定事项"]) == ("8", "1", "1")
    assert "1月29日" not in page.words
    assert tuesday.colleague("clerk", "clerk2").get("/reception/?day=2026-11-13").status == 200


def test_names_are_shown_to_who_asks_with_the_vault_open(tuesday: DeskOffice) -> None:
    """Never by themselves; locked: one is led to unlock; each case's opening is logged."""
    books(tuesday, 2)
    clerk = tuesday.colleague("clerk")
    plain = clerk.get(f"/reception/{FRIDAY}/")
    locked = clerk.get(f"/reception/{FRIDAY}/?names=1")

    assert not [one for one in SECRETS if one in plain.text]
    assert locked.response.location.startswith("/unlock/?next=")
    assert "opened" not in tuesday.deeds("clerk1")
    tuesday.unlock()
    shown = clerk.get(f"/reception/{FRIDAY}/?names=1")
    assert [one in shown.words for one in SECRETS] == [True] * 3
    assert tuesday.deeds("clerk1").count("opened") == 2


def test_the_printed_list_has_names_only_if_they_are_asked_for(tuesday: DeskOffice) -> None:
    """Day, hours, place, leader, numbers in order; names and telephones with the vault open."""
    known = books(tuesday, 3)
    clerk = tuesday.colleague("clerk")
    plain = pdf(clerk.get(f"/reception/{FRIDAY}/list.pdf"))
    assert clerk.get(f"/reception/{FRIDAY}/list.pdf?names=1").status == 303
    tuesday.unlock()
    named = pdf(clerk.get(f"/reception/{FRIDAY}/list.pdf?names=1"))

    leader = session(tuesday).leaders[0]
    for text in (plain, named):
        assert "2026年12月11日" in text
        assert leader.name in text
        places = [text.index(one) for one in known]
        assert places == sorted(places)
    assert not [one for one in SECRETS if one in plain]
    assert NAME in named
    assert PHONE in named
    assert tuesday.deeds("clerk1").count("printed") == 5  # two lists, three cases


def test_plates_and_leaders_sheets_are_printed_for_the_day(tuesday: DeskOffice) -> None:
    """A plate for who receives; a page for each case, with the petitioner's request."""
    books(tuesday, 2)
    number = arranged(tuesday)
    tuesday.unlock()
    clerk = tuesday.colleague("clerk")
    leader = session(tuesday).leaders[0]

    assert leader.name in pdf(clerk.get(f"/reception/{FRIDAY}/plate.pdf"))
    answer = clerk.get(f"/reception/{FRIDAY}/sheets.pdf")
    text = pdf(answer)
    assert len(PdfReader(io.BytesIO(answer.response.data)).pages) == 3
    assert number in text
    assert text.count(REQUEST) == 3
    assert text.count(leader.name) >= 2


# ── changes ──────────────────────────────────────────────────────────────────────────────────


def test_who_booked_before_a_change_is_called(tuesday: DeskOffice) -> None:
    """With name and number; the tick is an entry of the case, and one less is left."""
    before = books(tuesday, 2)
    changed(tuesday)
    books(tuesday, 1)
    tuesday.unlock()
    clerk = tuesday.colleague("clerk")
    assert "还有2人没有通知" in clerk.get("/reception/").words
    page = clerk.get(f"/reception/{FRIDAY}/calls/")

    assert [str(one) for one in page.tree.xpath("//tbody/tr/th/text()")] == before
    assert NAME in page.words
    assert page.tree.xpath("//td/a/@href") == [f"tel:{PHONE}"] * 2
    left = press(clerk, "called", before[0])
    assert "还有1人没有通知" in left.words
    assert "✓ 打过了" in left.words
    assert "还有1人没有通知" in clerk.get("/reception/").words


def test_a_second_change_is_told_again(tuesday: DeskOffice) -> None:
    """Who was called about the first one does not know the second."""
    number = books(tuesday, 1)[0]
    changed(tuesday)
    tuesday.unlock()
    clerk = tuesday.colleague("clerk")
    clerk.get(f"/reception/{FRIDAY}/calls/")
    press(clerk, "called", number)
    assert [one.call for one in turns(tuesday)] == [False]
    changed(tuesday, 3, status="cancelled")

    assert [one.call for one in turns(tuesday)] == [True]
    assert "现在是：取消" in clerk.get(f"/reception/{FRIDAY}/calls/").words


def test_the_call_list_needs_the_vault(tuesday: DeskOffice) -> None:
    """Without names and numbers nobody can be called."""
    books(tuesday, 1)
    changed(tuesday)
    clerk = tuesday.colleague("clerk")

    assert clerk.get(f"/reception/{FRIDAY}/calls/").response.location.startswith("/unlock/")


# ── what came of it ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("step", "says"), [("met", "已接待"), ("missed", "未到场"), ("unplaced", "未排上")]
)
def test_what_came_of_an_appointment_is_marked(friday: DeskOffice, step: str, says: str) -> None:
    """It is a step of the case; the row is done."""
    number = file(friday, NOW - timedelta(days=2), session=session(friday)).number
    clerk = friday.colleague("clerk")
    clerk.get(f"/reception/{FRIDAY}/")
    page = press(clerk, step, number)

    assert page.tree.xpath("string(//td[@data-h='结果'])") == says
    assert [one.waits for one in turns(friday)] == [False]


def test_two_clerks_do_not_mark_one_appointment_twice(friday: DeskOffice) -> None:
    """The second is told; what the first noted stays."""
    number = file(friday, NOW - timedelta(days=2), session=session(friday)).number
    line = turns(friday)[0].line
    one, other = friday.colleague("clerk"), friday.colleague("clerk", "clerk2")
    for clerk in (one, other):
        clerk.get(f"/reception/{FRIDAY}/")
    press(one, "met", number)
    data = {"case": str(line.case_id), "seen": str(line.last), "step": "missed"}
    page = other.follow(other.press(f"/reception/{FRIDAY}/mark", **data))

    assert "没有记下" in page.words
    assert turns(friday)[0].line.state == "met"


def test_only_an_appointment_of_the_session_is_marked(friday: DeskOffice) -> None:
    """Neither an arranged case, nor one of elsewhere, nor a step of another kind."""
    before = NOW - timedelta(days=2)
    mine = file(friday, before, session=session(friday))
    other = file(friday, before)
    clerk = friday.colleague("clerk")
    clerk.get(f"/reception/{FRIDAY}/")
    for case, step, status in ((other, "met", 404), (mine, "cancelled", 400), (mine, "", 400)):
        data = {"case": str(case.case_id), "step": step}
        answer = clerk.post(
            f"/reception/{FRIDAY}/mark", {"csrf_token": clerk.page.value("csrf_token"), **data}
        )
        assert answer.status == status
        clerk.get(f"/reception/{FRIDAY}/")


# ── whose turn it is ─────────────────────────────────────────────────────────────────────────


def hall(desk: DeskOffice, clerk: Colleague, **more: str) -> Page:
    """What the screen shows in the clerk's browser."""
    clerk.get("/reception/")
    answer = clerk.press("/hall/open", institution=HOUSE, **more)
    assert answer.response.location == "/hall/", answer.words
    return clerk.get("/hall/")


def shown(page: Page) -> tuple[str, list[str]]:
    """The number that is received and the next ones, of the first session of the day."""
    room = page.tree.xpath("//section")[0]
    following = [str(one) for one in room.xpath(".//dd[@class='next']/span/text()")]
    return str(room.xpath("string(.//*[contains(@class,'turn')])")), following


def test_the_hall_follows_the_clerks_calls(friday: DeskOffice) -> None:
    """Next, next, a certain one out of order, nobody; who is done is not next."""
    before = NOW - timedelta(days=2)
    known = [file(friday, before, session=session(friday)).number for _ in range(4)]
    clerk = friday.colleague("clerk")
    assert shown(hall(friday, clerk)) == ("—", known)

    def call(number: str) -> tuple[str, list[str]]:
        clerk.get(f"/reception/{FRIDAY}/")
        clerk.press(f"/reception/{FRIDAY}/call", number=number)
        return shown(clerk.get("/hall/"))

    assert call("next") == (known[0], known[1:])
    clerk.get(f"/reception/{FRIDAY}/")
    press(clerk, "met", known[0])
    assert call("next") == (known[1], known[2:])
    assert call(known[3]) == (known[3], [known[2]])
    assert call("") == ("—", [known[2]])
    assert call("next") == (known[2], [])
    clerk.get(f"/reception/{FRIDAY}/")
    assert "没有下一位" in clerk.follow(
        clerk.press(f"/reception/{FRIDAY}/call", number="next")
    ).words  # fmt: skip


def test_numbers_are_called_on_the_day_alone(tuesday: DeskOffice) -> None:
    """On Tuesday nobody is called to Friday's reception."""
    number = books(tuesday, 1)[0]
    clerk = tuesday.colleague("clerk")
    page = clerk.get(f"/reception/{FRIDAY}/")
    assert "叫下一位" not in page.words
    answer = clerk.press(f"/reception/{FRIDAY}/call", number=number)

    assert "只有当天的接待才叫号" in clerk.follow(answer).words


def test_a_number_that_is_not_on_the_list_is_not_called(friday: DeskOffice) -> None:
    """The screen shows what the list holds, whatever a form says."""
    clerk = friday.colleague("clerk")
    clerk.get("/reception/")
    token = clerk.page.value("csrf_token")
    answer = clerk.post(f"/reception/{FRIDAY}/call", {"csrf_token": token, "number": "张三，骗子"})

    assert answer.status == 404


def test_the_hall_shows_who_receives_and_nothing_personal(friday: DeskOffice) -> None:
    """Name, post, place, hours; numbers; large, renewed by itself, also without scripts."""
    before = NOW - timedelta(days=2)
    file(friday, before, session=session(friday))
    friday.unlock()
    page = hall(friday, friday.colleague("clerk"))
    leader = session(friday).leaders[0]

    for words in (leader.name, leader.post, session(friday).place, "14:30–17:30"):
        assert words in page.words
    assert not [one for one in (*SECRETS, "征地") if one in page.text]
    assert page.tree.xpath("//meta[@http-equiv='refresh']/@content") == ["15"]
    assert not page.tree.xpath("//a | //form")


def test_the_screen_lives_for_a_day_without_a_login(friday: DeskOffice) -> None:
    """Nobody is logged in, and hours pass; the next day it is a stranger again."""
    clerk = friday.colleague("clerk")
    hall(friday, clerk, leave="1")
    assert clerk.get("/reception/").response.location.startswith("/login")
    friday.clock.forward(hours=5)
    assert clerk.get("/hall/").status == 200

    friday.clock.forward(hours=19)
    assert clerk.get("/hall/").response.location == "/login"


def test_the_screen_keeps_no_clerk_logged_in(friday: DeskOffice) -> None:
    """It renews itself all day; whoever forgot to leave is out after the usual time."""
    clerk = friday.colleague("clerk")
    hall(friday, clerk)
    for _ in range(8):
        friday.clock.forward(minutes=5)
        assert clerk.get("/hall/").status == 200

    assert clerk.get("/reception/").response.location.startswith("/login")


def test_a_stranger_and_a_forged_screen_see_nothing(friday: DeskOffice) -> None:
    """The way in, as everywhere; a colleague is led to where the button is."""
    number = file(friday, NOW - timedelta(days=2), session=session(friday)).number
    stranger = friday.stranger()
    for forged in ("", "x", "AAAA"):
        if forged:
            stranger.client.set_cookie("__Secure-hall", forged, domain="desk.yunling.example")
        answer = stranger.get("/hall/")
        assert answer.response.location == "/login"
        assert number not in answer.text
    assert friday.colleague("clerk").get("/hall/").response.location == "/"
    unit = friday.colleague("unit")
    unit.get("/account/")
    assert unit.press("/hall/open", institution=HOUSE).status == 403


def test_the_halls_cookie_opens_nothing_else(friday: DeskOffice) -> None:
    """Its content as a session's cookie is nobody's session."""
    clerk = friday.colleague("clerk")
    hall(friday, clerk, leave="1")
    held = clerk.client.get_cookie("__Secure-hall", domain="desk.yunling.example", path="/hall/")
    assert held is not None
    assert (held.secure, held.http_only, held.same_site, held.path) == (
        True, True, "Strict", "/hall/",
    )  # fmt: skip
    thief = friday.stranger()
    thief.client.set_cookie("__Host-desk", held.value, domain="desk.yunling.example")

    assert thief.get("/reception/").response.location.startswith("/login")


def test_a_day_without_a_reception_says_when_the_next_is(tuesday: DeskOffice) -> None:
    """Wednesday the ninth: nobody; Friday the eleventh, who and where."""
    clerk = tuesday.colleague("clerk")
    clerk.get("/reception/")
    clerk.press("/hall/open", institution="xinfang-bureau")
    page = clerk.get("/hall/")
    following = min(
        one.day
        for one in tuesday.service.published.sessions.values()
        if one.institution == "xinfang-bureau"
        and one.day > tuesday.service.now().date()
        and not one.cancelled
    )

    assert "今天没有领导接访" in page.words
    assert f"下一次：{following.month}月{following.day}日" in page.words


# ── whom it is for ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", ["leader", "unit", "report"])
def test_the_reception_day_is_the_offices(tuesday: DeskOffice, role: str) -> None:
    """Neither lists nor calls for others; every denial is logged."""
    someone = tuesday.colleague(role)
    paths = ["", f"{FRIDAY}/", f"{FRIDAY}/calls/", f"{FRIDAY}/list.pdf", f"{FRIDAY}/sheets.pdf"]

    assert [someone.get(f"/reception/{one}").status for one in paths] == [403] * 5
    assert tuesday.deeds(f"{role}1").count("denied") == 5


def test_a_clerk_sees_the_sessions_of_his_institutions(tuesday: DeskOffice) -> None:
    """Others' are neither listed nor opened; what is no session is not there."""
    clerk = tuesday.colleague("clerk", institutions=frozenset({"qingshi-town"}))
    page = clerk.get("/reception/")

    assert {one.split("/")[2][:12] for one in page.tree.xpath("//tbody//th/a/@href")} == {
        "qingshi-town"
    }
    assert clerk.get(f"/reception/{FRIDAY}/").status == 403
    assert clerk.get("/reception/nothing/").status == 404
    assert clerk.press("/hall/open", institution=HOUSE).status == 403
