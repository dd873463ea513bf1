"""The papers of a case along its course: days, bodies, proofs, and who may print which."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime

import pytest
from pypdf import PdfReader

from casework.workdays import SHANGHAI
from tests.desk.daywork import asked, case_of, do, offered, steps
from tests.desk.hands import squeezed
from tests.desk.staffing import Clock, Colleague, DeskOffice
from tests.online.citizens import JPEG, Page, upload

LAND = "县自然资源局"
SESSION = "yunling-county-20261218-0830"
ARRANGED = ("register", "arrange", "draft", "invite")
REVIEW = {"received_on": "2026-12-14", "review_body": "云岭县人民政府"}


@pytest.fixture
def desk(open_desk: Callable[..., DeskOffice]) -> DeskOffice:
    """A desk whose sessions outlive a case of weeks."""
    office = open_desk(desk_idle_minutes=10**6, desk_session_hours=10**6)
    office.unlock()
    return office


@pytest.fixture
def clerk(desk: DeskOffice) -> Colleague:
    return desk.colleague("clerk")


def printed(answer: Page) -> str:
    assert answer.response.mimetype == "application/pdf", answer.status
    reader = PdfReader(io.BytesIO(answer.response.data))
    return squeezed("".join(one.extract_text() for one in reader.pages))


def sheet(who: Colleague, case: str, name: str) -> str:
    return printed(who.get(f"{case}papers/{name}/pdf"))


def on(clock: Clock, month: int, day: int, year: int = 2026) -> None:
    clock.now = datetime(year, month, day, 9, 30, tzinfo=SHANGHAI)


def done(who: Colleague, case: str, step: str, **typed: str) -> None:
    answer = do(who, case, step, **typed)
    assert answer.status == 303, answer.words


# ── days ─────────────────────────────────────────────────────────────────────────────────────


def test_a_letter_keeps_its_day_however_often_it_is_printed(clerk: Colleague, clock: Clock) -> None:
    """Handed out on the 8th it bears the 8th, a month and many steps later."""
    case = case_of(clerk)
    steps(clerk, case, "register", "assign", "accept")
    names = ("assign:unit", "assign:petitioner", "accepted:petitioner")
    first = [sheet(clerk, case, name) for name in names]
    assert all("2026年12月8日" in one for one in first)

    on(clock, 1, 8, 2027)
    steps(clerk, case, "unit-report", "reply")
    assert [sheet(clerk, case, name) for name in names] == first
    assert "2027年1月8日" in sheet(clerk, case, "reply:petitioner")


def test_an_extension_tells_both_ends(desk: DeskOffice, clerk: Colleague, clock: Clock) -> None:
    """The day by which it had to be done, and the new one; also when it is printed again."""
    case = case_of(clerk)
    steps(clerk, case, "register", "accept")
    director = desk.colleague("director")
    on(clock, 1, 20, 2027)
    steps(director, case, "extend")
    first = sheet(clerk, case, "extension:petitioner")
    assert "应于2027年2月6日前办结" in first
    assert "最迟于2027年3月8日前办结" in first

    on(clock, 2, 1, 2027)
    steps(clerk, case, "unit-report", "reply")
    assert sheet(clerk, case, "extension:petitioner") == first
    assert "2027年2月6日" in sheet(clerk, case, "accepted:petitioner")


@pytest.fixture
def answered(clerk: Colleague, clock: Clock) -> str:
    """A case that was answered and served on 8 December."""
    case = case_of(clerk)
    steps(clerk, case, "register", "accept", "unit-report", "reply", "serve")
    on(clock, 12, 16)
    return case


def test_a_review_is_the_reviewing_body_s(clerk: Colleague, answered: str) -> None:
    """Signed by it, with the day on which the request came; the case's own day stays."""
    case = answered
    done(clerk, case, "review", **REVIEW)
    proposed = asked(clerk.get(f"{case}do/review-answer/"))["remedy"]
    assert "复核" in proposed
    assert "复查机关" in proposed
    done(clerk, case, "review-answer", words="补算两户。", remedy=proposed)
    letter = sheet(clerk, case, "review-reply:petitioner")

    assert "于2026年12月14日收到您的请求" in letter
    assert "云岭县人民政府2026年12月16日" in letter
    assert "县信访局" not in letter
    assert letter.count("30日内") == 1
    assert "于2026年12月7日反映" in sheet(clerk, case, "accepted:petitioner")
    assert "云岭县人民政府" in sheet(clerk, case, "review-proof:proof")
    assert "云岭县信访局" in sheet(clerk, case, "reply-proof:proof")


def test_the_last_word_says_so(clerk: Colleague, answered: str, clock: Clock) -> None:
    """No remedy is asked or printed; the second body signs, its request's own day stands there."""
    case = answered
    done(clerk, case, "review", **REVIEW)
    steps(clerk, case, "review-answer")
    done(clerk, case, "review-serve", served_on="2026-12-16")
    on(clock, 12, 30)
    done(clerk, case, "second-review", received_on="2026-12-28", second_review_body="州人民政府")
    assert "remedy" not in asked(clerk.get(f"{case}do/second-answer/"))
    done(clerk, case, "second-answer", words="维持复查意见。")
    letter = sheet(clerk, case, "second-reply:petitioner")

    assert "于2026年12月28日收到您的请求" in letter
    assert "州人民政府2026年12月30日" in letter
    assert "最后意见" in letter
    assert "不服本" not in letter
    again = sheet(clerk, case, "review-reply:petitioner")
    assert "于2026年12月14日收到您的请求" in again
    assert "2026年12月16日" in again


def test_a_reply_says_once_how_long_he_has(clerk: Colleague) -> None:
    """The proposal says where to turn, the paper by when."""
    case = case_of(clerk)
    steps(clerk, case, "register", "accept", "unit-report")
    proposed = asked(clerk.get(f"{case}do/reply/"))["remedy"]
    done(clerk, case, "reply", remedy=proposed)
    letter = sheet(clerk, case, "reply:petitioner")

    assert letter.count("30日") == 1
    assert "上一级机关、单位书面请求复查。" in letter


def test_a_declined_petitioner_is_not_sent_to_a_review(clerk: Colleague) -> None:
    """The law gives him none: the body above, or the court; and he is told with proof."""
    case = case_of(clerk)
    steps(clerk, case, "register")
    proposed = asked(clerk.get(f"{case}do/decline/"))["remedy"]
    done(clerk, case, "decline", remedy=proposed)
    letter = sheet(clerk, case, "declined:petitioner")

    assert "上一级机关、单位反映" in letter
    assert "复查" not in letter
    assert "不予受理告知书" in sheet(clerk, case, "declined-proof:proof")
    assert "不予受理" in clerk.get("/cases/").words
    done(clerk, case, "decline-serve", served_on="2026-12-08")
    assert "不予受理已送达" in clerk.get(case).words
    assert "reopen" in offered(clerk.page)


def test_a_hearing_of_next_month_hides_no_day_yet(
    clerk: Colleague, answered: str, clock: Clock
) -> None:
    """The list shows the review's day until the hearing begins; then it stands still."""
    case = answered
    done(clerk, case, "review", **REVIEW)
    done(clerk, case, "hearing", heard_on="2027-01-05")
    assert "云岭县人民政府2026年12月16日" in sheet(clerk, case, "hearing:petitioner")
    between = "/cases/?due_from=2027-01-13&due_to=2027-01-13"
    assert "2026-000001" in clerk.get(between).text
    assert "2027年1月13日" in clerk.get(case).words

    on(clock, 1, 5, 2027)
    assert "2027年1月13日" not in clerk.get(case).words
    assert "听证期间不计算" in clerk.page.words


def test_a_request_that_comes_too_late_is_refused_with_reasons(
    clerk: Colleague, answered: str, clock: Clock
) -> None:
    """The button says that the time is over; what is said to the petitioner reaches him."""
    case = answered
    assert offered(clerk.get(case))["review"] == ""
    on(clock, 1, 8, 2027)
    assert offered(clerk.get(case))["review"] == "请求复查的期限2027年1月7日已经过了"
    refused = do(clerk, case, "review", received_on="2027-01-08")
    assert refused.status == 409
    done(clerk, case, "review-late", received_on="2027-01-08", words="时间过了。")

    assert "时间过了。" in clerk.get(case).words
    assert "答复已送达" in clerk.page.words


# ── proofs of service ────────────────────────────────────────────────────────────────────────


def test_a_proof_of_service_goes_along_with_its_paper(clerk: Colleague, clock: Clock) -> None:
    """Printed before anybody leaves; filled in and ticked off when it is back."""
    case = case_of(clerk)
    steps(clerk, case, "register", "accept", "unit-report", "reply")
    empty = sheet(clerk, case, "reply-proof:proof")
    assert "信访事项答复意见书" in empty
    assert "2026年12月" not in empty
    assert "收回了" in clerk.get(f"{case}papers/").words

    on(clock, 12, 11)
    done(clerk, case, "serve", served_on="2026-12-10", method="邮寄")
    full = sheet(clerk, case, "reply-proof:proof")
    assert "2026年12月10日" in full
    assert "邮寄" in full
    assert clerk.get(f"{case}papers/").tree.xpath("//button[contains(., '收回了')]") == []

    done(clerk, case, "review", received_on="2026-12-11")
    steps(clerk, case, "review-answer")
    second = sheet(clerk, case, "review-proof:proof")
    assert "信访事项复查意见书" in second
    assert "2026年12月10日" not in second
    assert sheet(clerk, case, "reply-proof:proof") == full


# ── the file ─────────────────────────────────────────────────────────────────────────────────


def test_the_list_of_papers_names_all_that_lies_in_the_file(clerk: Colleague) -> None:
    """The unit's report, the leader's opinions, scans, what the petitioner brought."""
    case = case_of(clerk, q_receiver="县领导", q_files=[upload(JPEG, "合同.jpg")])
    steps(clerk, case, *ARRANGED, "meet", "slips", "accept")
    done(clerk, case, "unit-report", report="已经核实。")
    steps(clerk, case, "reply", "serve", "petitioner-sign", "leader-sign")
    page = clerk.get(f"{case}papers/")
    while button := page.tree.xpath("//form[.//input[@name='sheet']]//input[@name='sheet']/@value"):
        page = clerk.follow(
            clerk.press(f"{case}back/", seen=page.value("seen"), sheet=str(button[0]))
        )
    steps(clerk, case, "archive")
    contents = sheet(clerk, case, "contents:contents")

    for words in (
        "合同.jpg",
        "责任单位报告办理情况：办理情况报告",
        "记接访结果（四方见面）：意见",
        "写初步处理意见：意见",
        "送达回证（信访人）",
        "信访事项答复意见书（存根）",
    ):
        assert squeezed(words) in contents, words


def test_five_ones_are_printed(clerk: Colleague) -> None:
    """A leader, a lead unit, a team, a plan to settle it, a plan to keep it calm."""
    case = case_of(clerk)
    steps(clerk, case, "register")
    done(clerk, case, "team", leader="zhang-yan", unit=LAND, opinion="统一补发。")
    plan = sheet(clerk, case, "team:leader")

    for words in ("张䶮", LAND, "一个工作专班", "统一补发。", "一套稳控方案"):
        assert squeezed(words) in plan


def test_who_asked_is_told_who_studies_his_suggestion(clerk: Colleague) -> None:
    """His own copy; and the unit is not told of sixty days."""
    case = case_of(clerk, "suggestion", q_advice="路口装一盏灯。")
    steps(clerk, case, "register", "assign")

    assert LAND in sheet(clerk, case, "assign:petitioner")
    letter = sheet(clerk, case, "assign:unit")
    assert "60日" not in letter
    assert "受理" not in letter


# ── who may print what ───────────────────────────────────────────────────────────────────────


@pytest.fixture
def heard(clerk: Colleague) -> str:
    """A county's case after its meeting, with four cards and eight slips."""
    case = case_of(clerk, q_receiver="县领导")
    steps(clerk, case, "register")
    done(clerk, case, "arrange", leader="zhang-yan", unit=LAND, incharge="", session=SESSION)
    steps(clerk, case, "draft", "invite", "meet", "slips")
    return case


UNIT_SEES = [
    ("cards:unit", True),
    ("cards:petitioner", True),
    ("slips:unit", True),
    ("register-form:form", True),
    ("register-form", True),
    ("cards:leader", False),
    ("cards:stub", False),
    ("slips:secretary", False),
    ("slips:stub", False),
    ("leader-sheet", False),
]


@pytest.mark.parametrize(("name", "may"), UNIT_SEES)
@pytest.mark.parametrize("tail", ["", "pdf"])
def test_a_unit_prints_its_own_sheets_alone(
    desk: DeskOffice, heard: str, name: str, may: bool, tail: str
) -> None:
    """What goes to others is refused on screen and paper, and the refusal is logged."""
    unit = desk.colleague("unit")
    answer = unit.get(f"{heard}papers/{name}/{tail}")

    assert answer.status == (200 if may else 403)
    assert ("denied" in desk.deeds("unit1")) is not may
    assert ("printed" in desk.deeds("unit1")) is (may and tail == "pdf")


def test_a_unit_s_list_and_whole_sets_hold_its_own(
    desk: DeskOffice, clerk: Colleague, heard: str
) -> None:
    """No link to what is refused; "all" is all that is his."""
    unit = desk.colleague("unit")
    listed = unit.get(f"{heard}papers/")
    links = {
        str(one).split("/")[4] for one in listed.tree.xpath("//main//a/@href") if "papers/" in one
    }
    assert links >= {"cards:unit", "cards:petitioner", "slips:unit", "register-form"}
    assert not links & {name for name, may in UNIT_SEES if not may}

    def many(who: Colleague) -> int:
        whole = who.get(f"{heard}papers/slips:all/pdf").response.data
        return len(PdfReader(io.BytesIO(whole)).pages)

    assert (many(unit), many(clerk)) == (1, 8)


def test_a_unit_says_who_signed_for_it(desk: DeskOffice, clerk: Colleague) -> None:
    """Its contact is not its head: name and place of the signed paper are asked."""
    case = case_of(clerk)
    steps(clerk, case, "register", "assign", "accept")
    unit = desk.colleague("unit")
    answer = do(unit, case, "unit-report", signatory="", proof="")
    assert answer.status == 422
    assert answer.problems() == ["请填写：签字的负责人", "请填写：凭据"]
    steps(unit, case, "unit-report")
    assert "局长李四海" in clerk.get(case).words


def test_sheets_are_written_down_and_shown_as_no_fact(clerk: Colleague) -> None:
    """The entry keeps which copies went out; the page lists them as papers alone."""
    case = case_of(clerk)
    steps(clerk, case, "register", "assign")
    store = clerk.office.service.store
    (entry,) = [one for one in store.course(1) if one.kind == "assign"]

    assert '["assign", "unit", "unit", "assign-letter", false]' in entry.data["sheets"]
    assert "sheets" not in clerk.get(case).text
    assert "assign-letter" not in clerk.page.words
