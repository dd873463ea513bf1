"""The course of a case: number and code open it, and nobody else's."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest

from intake_app.entries import Writing
from intake_app.envelopes import seal
from intake_app.records import Case
from intake_app.sealing import code_hash
from intake_app.signs import normal_code
from tests.handling import CLERK, walk
from tests.online.citizens import JPEG, Office, change_calendar, upload


def case_of(office: Office, number: str, code: str) -> Case:
    plain = normal_code(code)
    assert plain
    found = office.service.store.find(number, code_hash(office.service.secrets, number, plain))
    assert found
    return found


def move(office: Office, case: Case, *steps: str) -> None:
    course = office.service.published.course_of(case.course, case.institution)
    walk(office.service.store, case.id, *steps, now=office.now(), like=course.id)


def test_number_and_code_as_people_type_them(office: Office) -> None:
    """Lower case, spaces, full-width signs, no dashes: the case opens."""
    number, code = office.citizen().file("suggestion", office.answers("suggestion"))
    typed = code.lower().replace("-", " ")
    wide = "".join(chr(ord(sign) + 0xFEE0) if sign != "-" else sign for sign in number)

    page = office.citizen().look_up(wide, typed)

    assert "办到哪一步" in page.words
    assert number in page.words


WRONG = [
    ("2026-000001", "2222-3333-4444-5555"),
    ("2026-009999", None),
    ("", ""),
    ("abc", "短"),
    ("2026-000001'--", "' OR 1=1"),
]


@pytest.mark.parametrize(("number", "code"), WRONG)
def test_a_wrong_number_and_a_wrong_code_look_alike(
    office: Office, number: str, code: str | None
) -> None:
    """The same page for both: nobody learns which numbers exist."""
    _, right = office.citizen().file("suggestion", office.answers("suggestion"))

    page = office.citizen().look_up(number, right if code is None else code)

    assert page.status == 422
    assert "没有找到" in page.words


def test_wrong_codes_are_limited_for_a_number_not_for_its_owner(office: Office) -> None:
    """After five wrong codes the network waits for that number; the owner elsewhere does not."""
    number, code = office.citizen().file("suggestion", office.answers("suggestion"))
    thief = office.citizen("198.51.100.9")
    tried = [thief.look_up(number, "2222-3333-4444-5555").status for _ in range(6)]

    assert [422] * 5 + [429] == tried
    assert thief.look_up(number, code).status == 429
    assert office.citizen("203.0.113.99").look_up(number, code).status == 200


def test_the_case_is_closed_by_its_button_and_by_time(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "看完了，关上" forgets the case; so do twenty minutes without a click."""
    number, code = office.citizen().file("suggestion", office.answers("suggestion"))
    citizen = office.citizen()
    citizen.look_up(number, code)
    citizen.press("/status/leave/")
    assert citizen.get("/status/case/").status == 303

    citizen.look_up(number, code)
    monkeypatch.setattr("intake_app.public.access.IDLE", -1)
    assert citizen.get("/status/case/").status == 303


HANDLED = ("register", "accept", "unit-report", "reply", "serve")
APPEAL = [
    ((), ["登记、转送、交办", "2026年12月23日"], []),
    (("register", "accept"), ["办结申诉求决类事项", "2027年2月6日"], ["登记、转送、交办"]),
    (HANDLED[:-1], ["书面答复写好了"], ["办结申诉求决类事项"]),
    (HANDLED, ["请求复查", "2027年1月7日"], []),
    (("register", "decline"), ["正在把理由书面告诉您", "责任单位书面告知"], ["登记、转送"]),
    (("register", "decline", "decline-serve"), ["理由已经书面告诉您"], ["最晚"]),
    (("register", "transfer", "outside-told"), ["往后由他们答复您"], ["最晚"]),
    (("register", "transfer"), ["责任单位书面告知"], ["异议"]),
    (
        (*HANDLED, "petitioner-sign", "leader-sign", "archive"),
        ["请求复查", "2027年1月7日"],
        [],
    ),
    (
        (*HANDLED, "review", "review-answer", "review-serve"),
        ["最晚2027年1月7日请求复核"],
        ["最晚2027年1月7日请求复查"],
    ),
]


@pytest.mark.parametrize(("steps", "says", "silent"), APPEAL)
def test_the_law_s_clocks_run_from_the_right_day(
    office: Office, steps: tuple[str, ...], says: list[str], silent: list[str]
) -> None:
    """All on Tuesday 2026-12-08: 15 days from receipt, 60 from acceptance, 30 from service."""
    number, code = office.citizen().file("appeal", office.answers("appeal"))
    move(office, case_of(office, number, code), *steps)

    page = office.citizen().look_up(number, code)

    assert all(words in page.words for words in says), page.words
    assert not any(words in page.words for words in silent), page.words


def test_a_suggestion_has_no_sixty_days(office: Office) -> None:
    """The 60-day clock binds appeals alone."""
    number, code = office.citizen().file("suggestion", office.answers("suggestion"))
    move(office, case_of(office, number, code), "register", "assign")

    assert "办结申诉求决" not in office.citizen().look_up(number, code).words


def test_a_reply_is_opened_with_the_code_alone(office: Office) -> None:
    """The office seals to the petitioner's key; the page shows the words, the database none."""
    number, code = office.citizen().file("appeal", office.answers("appeal"))
    case = case_of(office, number, code)
    words = "经查，您反映的低保问题已经解决。<b>不是标签</b>"
    sealed = seal(case.petitioner_key, words.encode())
    told = Writing("message", CLERK, reply=(sealed, b"office copy"))
    office.service.store.enter(case.id, told, office.now())

    page = office.citizen().look_up(number, code)

    assert words in page.tree.text_content()


def test_a_supplement_goes_to_its_case_and_keeps_its_lane(office: Office) -> None:
    """From the status page, with a file; a report's supplement is sealed for the report officer."""
    number, code = office.citizen().file("report", office.answers("report"))
    citizen = office.citizen()
    citizen.look_up(number, code)

    form = citizen.open("supplement")
    assert number in form.words
    assert not form.tree.xpath("//input[@name='q_number']")
    given = office.answers("supplement") | {"files": [upload(JPEG, "证据.jpg")]}
    done = citizen.send("supplement", given, page=form)

    assert done.status == 303
    assert "收到您的补充材料" in citizen.get("/status/case/").words
    report, supplement = office.submissions()
    assert supplement.lane == "confidential"
    assert supplement.row.parent == report.row.id
    assert supplement.files == {"证据.jpg": JPEG}


def test_another_tab_does_not_move_a_supplement(office: Office) -> None:
    """A report's supplement is typed; another case is opened in a second tab; sending asks which.

    Otherwise the words would lie in the other case, sealed to the common key.
    """
    report = office.citizen().file("report", office.answers("report"))
    other = office.citizen().file("enquiry", office.answers("enquiry"))
    citizen = office.citizen()
    citizen.look_up(*report)
    given = office.answers("supplement")
    with_file = given | {"files": [upload(JPEG, "证据.jpg")]}
    check = citizen.send("supplement", with_file, step="check")
    assert (check.status, len(check.values("kept"))) == (200, 1)
    citizen.get("/status/case/")
    citizen.press("/status/leave/")
    citizen.look_up(*other)

    page = citizen.send("supplement", given, page=check)

    assert page.status == 422
    assert "登记编号" in page.problems()[0]
    assert page.value("q_text").strip() == given["text"]
    assert len(office.submissions()) == 2
    asked = office.form("supplement").of_type("case")
    assert asked
    typed = given | {asked.id: other[0], f"{asked.id}_code": other[1]}
    assert citizen.send("supplement", typed, page=page).status == 303
    assert office.submissions()[-1].files == {}  # sealed for the report officer: not taken along


def test_a_supplement_from_the_site_asks_for_number_and_code(office: Office) -> None:
    """Without an open case the form asks for both; a wrong code keeps the words."""
    number, code = office.citizen().file("appeal", office.answers("appeal"))
    citizen = office.citizen()
    asked = office.form("supplement").of_type("case")
    assert asked
    given = office.answers("supplement")
    wrong = given | {asked.id: number, f"{asked.id}_code": "2222-3333-4444-5555"}

    refused = citizen.send("supplement", wrong)
    assert refused.status == 422
    assert "对不上" in refused.problems()[0]
    assert refused.value("q_text").strip() == given["text"]

    done = citizen.send("supplement", wrong | {f"{asked.id}_code": code}, page=refused)
    assert done.status == 303
    assert "补充材料" in citizen.get("/status/case/").words


def test_a_withdrawal_is_asked_and_confirmed_by_people(office: Office) -> None:
    """Asking to withdraw is an event; the case goes on until the office has asked back."""
    number, code = office.citizen().file("appeal", office.answers("appeal"))
    citizen = office.citizen()
    citizen.look_up(number, code)

    citizen.send("withdrawal", office.answers("withdrawal"))

    page = citizen.get("/status/case/")
    assert "收到您撤回的请求" in page.words
    assert case_of(office, number, code).state == "received"
    offered = page.tree.xpath("//main//a/@href[contains(., '/forms/')]")
    assert [one.split("/")[-2] for one in offered] == ["supplement"]  # once is enough


def test_rating_is_offered_after_closing_only(office: Office) -> None:
    """No rating of an open case; after the archive it is there and goes to its case."""
    number, code = office.citizen().file("suggestion", office.answers("suggestion"))
    citizen = office.citizen()
    assert "满意度评价" not in citizen.look_up(number, code).words

    move(office, case_of(office, number, code), "register", "answer", "tell", "archive")
    assert "满意度评价" in citizen.get("/status/case/").words
    assert citizen.send("satisfaction", office.answers("satisfaction")).status == 303
    assert "收到您的评价" in citizen.get("/status/case/").words


def test_closed_cases_take_no_supplement(office: Office) -> None:
    """A post that the page no longer offers is refused with its words, not filed."""
    number, code = office.citizen().file("suggestion", office.answers("suggestion"))
    citizen = office.citizen()
    citizen.look_up(number, code)
    form = citizen.open("supplement")
    move(office, case_of(office, number, code), "register", "answer", "tell", "archive")

    page = citizen.send("supplement", office.answers("supplement"), page=form)

    assert page.status == 409
    assert page.value("q_text").strip() == "补充说什么乙\n第二行"
    assert len(office.submissions()) == 1


# ── appointments ─────────────────────────────────────────────────────────────────────────────


def with_quota(office: Office, quota: int) -> str:
    """The first session that can be booked, with another number of places."""
    session = office.service.published.bookable(office.now())[0]
    assert session.booking
    terms = {
        "open": True,
        "quota": quota,
        "closes": session.booking.closes.isoformat(),
        "by": list(session.booking.by),
        "required": False,
        "note": None,
    }
    change_calendar(office.config.site, session.id, booking=terms)
    office.service.shelf._looked = 0.0  # the next request looks again, without waiting a second
    return session.id


def book(office: Office, session_id: str) -> tuple[str, str]:
    return office.citizen().file("appointment", office.answers("appointment", session=session_id))


def test_the_second_of_one_place_waits_and_moves_up(office: Office) -> None:
    """Full: on the waiting list, told so; whoever cancels makes room; the status says so."""
    session_id = with_quota(office, 1)
    first, second = book(office, session_id), book(office, session_id)

    waiting = office.citizen()
    assert "候补第1位" in waiting.look_up(*second).words

    owner = office.citizen()
    owner.look_up(*first)
    owner.get("/status/cancel/")
    owner.press("/status/cancel/")
    assert "预约已经取消" in owner.get("/status/case/").words

    moved_up = waiting.get("/status/case/").words
    assert "候补已经转为正式预约" in moved_up
    assert "候补第" not in moved_up


def test_whoever_waits_is_told_the_truth_before_and_after(office: Office) -> None:
    """Before sending that it is full; then what giving up a place in the line means."""
    chosen = with_quota(office, 1)
    answers = office.answers("appointment", session=chosen)
    assert "已经约满" not in office.citizen().send("appointment", answers, step="check").words
    office.citizen().file("appointment", answers)

    late = office.citizen()
    assert "前面还没有人" in late.open("appointment").words
    assert "已经约满，提交以后是候补" in late.send("appointment", answers, step="check").words
    number, code = late.file("appointment", answers)

    assert "留了电话的，工作人员也打电话告诉您" in late.look_up(number, code).words
    assert "不再排候补" in late.get("/status/cancel/").words
    assert "名额" not in late.get("/status/cancel/").words
    assert "不再排现在这一场的候补" in late.get("/status/change/").words


def test_whoever_took_the_last_place_is_not_told_that_it_is_gone(office: Office) -> None:
    """The page for checking, opened again after sending: his own place is no reason to wait."""
    answers = office.answers("appointment", session=with_quota(office, 1))
    citizen = office.citizen()
    form = citizen.open("appointment")
    citizen.send("appointment", answers, page=form)

    again = citizen.send("appointment", answers, step="check", page=form)

    assert "约满" not in again.words
    assert "候补" not in again.words


def test_a_report_waits_for_its_officer_not_for_the_staff(office: Office) -> None:
    """Nobody else reads it, and its page says so."""
    number, code = office.citizen().file("report", office.answers("report"))
    page = office.citizen().look_up(number, code)

    assert page.words.count("专人看过以后登记") == 2  # how it stands, and its course
    assert "工作人员看过" not in page.words


def test_changing_gives_the_old_place_back(office: Office) -> None:
    """Another session in one step; the old place is free again."""
    session_id = with_quota(office, 1)
    number, code = book(office, session_id)
    other = office.service.published.bookable(office.now())[1]
    citizen = office.citizen()
    citizen.look_up(number, code)

    page = citizen.get("/status/change/")
    assert other.leaders[0].name in page.words
    citizen.press("/status/change/", session=other.id)

    assert other.leaders[0].name in citizen.get("/status/case/").words
    assert office.service.store.places([session_id])[session_id].held == 0


def test_a_changed_session_is_told_at_once(office: Office) -> None:
    """The calendar changes after the booking: the case's page says what and why, and shows it."""
    session = office.service.published.bookable(office.now())[0]
    number, code = book(office, session.id)
    news = {
        "announced": "2026-12-08",
        "what": ["换人"],
        "says": "原定的领导改由张三接待",
        "reason": "到市里开会",
    }
    published_before = [
        {"announced": str(one.announced), "what": [], "says": one.says, "reason": one.reason}
        for one in session.changes
    ]
    change_calendar(
        office.config.site,
        session.id,
        changes=[*published_before, news],
        sequence=session.sequence + 1,
        status="changed",
    )
    office.service.shelf._looked = 0.0

    page = office.citizen().look_up(number, code)

    assert "您约的这一场有变动\uff1a原定的领导改由张三接待" in page.words
    assert "到市里开会" in page.words
    assert len(page.tree.xpath("//*[@role='alert']")) == 1  # not what he knew when he booked


def test_a_cancelled_session_says_so_and_offers_another(office: Office) -> None:
    """Cancelled by the office: told, and changing stays possible."""
    session = office.service.published.bookable(office.now())[0]
    number, code = book(office, session.id)
    news = {"announced": "2026-12-08", "what": ["取消"], "says": "取消", "reason": "停电"}
    change_calendar(office.config.site, session.id, changes=[news], sequence=1, status="cancelled")
    office.service.shelf._looked = 0.0

    page = office.citizen().look_up(number, code)

    assert "取消" in page.words
    assert "改约别的时间" in page.words


def test_an_added_session_is_no_change_for_who_booked_it(office: Office) -> None:
    """ "增加一场" was told before he booked: no alarm."""
    session = office.service.published.bookable(office.now())[1]
    added = {"announced": "2026-12-01", "what": ["增加"], "says": "增加一场", "reason": "人多"}
    change_calendar(office.config.site, session.id, changes=[added], sequence=0)
    office.service.shelf._looked = 0.0
    number, code = book(office, session.id)

    assert "有变动" not in office.citizen().look_up(number, code).words


def test_what_the_office_closed_is_not_changed_here(office: Office) -> None:
    """Not placed, by the office: neither change nor cancel is offered, and a late press is calm."""
    session = office.service.published.bookable(office.now())[0]
    number, code = book(office, session.id)
    citizen = office.citizen()
    citizen.look_up(number, code)
    asked = citizen.get("/status/cancel/")
    move(office, case_of(office, number, code), "unplaced")

    late = citizen.post("/status/cancel/", {"csrf_token": asked.value("csrf_token")})

    assert late.status == 303
    page = citizen.get("/status/case/")
    assert "没有排上" in page.words
    assert "取消预约" not in page.words


@pytest.mark.parametrize("path", ["/status/cancel/", "/status/change/"])
def test_a_booking_that_cannot_be_changed_now_is_still_there(office: Office, path: str) -> None:
    """The database is busy: the page says that the old booking stands, not that words are kept."""
    now, other = office.service.published.bookable(office.now())[:2]
    citizen = office.citizen()
    citizen.look_up(*book(office, now.id))
    asked = citizen.get(path)
    given = {"csrf_token": asked.value("csrf_token"), "session": other.id}
    with closing(sqlite3.connect(office.config.home / "intake.sqlite3")) as held:
        held.execute("BEGIN IMMEDIATE")
        answer = citizen.post(path, given)
    assert "没有改成" in answer.words
    assert "您原来约的还在" in answer.words
    assert "您写的" not in answer.words
    assert citizen.post(path, given).status == 303


def test_leaving_closes_the_receipt_too(office: Office) -> None:
    """On a shared telephone the code is gone from the browser's history as well."""
    citizen = office.citizen()
    sent = citizen.send("suggestion", office.answers("suggestion"))
    path = sent.response.location.split("/online", 1)[1]
    number, code = citizen.receipt(sent)
    citizen.look_up(number, code)
    citizen.press("/status/leave/")

    assert code not in citizen.get(path).text


def test_after_closing_time_nobody_books(open_office: Callable[..., Office]) -> None:
    """A form opened before and sent after the closing time: told, every word kept, not filed."""
    office = open_office()
    session = office.service.published.bookable(office.now())[0]
    assert session.booking
    citizen = office.citizen()
    form = citizen.open("appointment", f"?session={session.id}")
    given = office.answers("appointment", session=session.id)
    closes = session.booking.closes
    office.service.clock = lambda: closes + timedelta(seconds=1)

    page = citizen.send("appointment", given, page=form)

    assert page.status in (409, 422)
    assert "选" in page.problems()[0]
    assert page.value("q_name") == given["name"]
    assert office.submissions() == []


def test_a_receipt_repeated_after_closing_time_is_the_same(office: Office) -> None:
    """What was booked in time stays booked, also if its post is repeated too late."""
    session = office.service.published.bookable(office.now())[0]
    assert session.booking
    citizen = office.citizen()
    form = citizen.open("appointment")
    given = office.answers("appointment", session=session.id)
    first = citizen.receipt(citizen.send("appointment", given, page=form))
    closes = session.booking.closes
    office.service.clock = lambda: closes + timedelta(seconds=1)

    assert first == citizen.receipt(citizen.send("appointment", given, page=form))


def test_the_leader_whose_matter_it_is_comes_first(office: Office) -> None:
    """The link from "who hears my matter": the leader in charge is proposed, first in the list."""
    published = office.service.published
    bookable = published.bookable(office.now())
    matter, session = next(
        (matter, session)
        for matter in published.matters.values()
        for session in bookable[3:]
        if not matter.litigation and any(one.id in matter.leaders for one in session.leaders)
    )

    page = office.citizen().open("appointment", f"?matter={matter.id}")

    first = page.tree.xpath("//input[@name='q_session']")[0].get("value")
    assert any(one.id in matter.leaders for one in published.sessions[first].leaders)
    assert "分管您这件事" in page.words
    assert session.id in page.values("q_session")
