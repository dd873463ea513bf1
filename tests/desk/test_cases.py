"""The day's work at the desk: the list, a case, its steps, its papers, what came on paper."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pypdf import PdfReader

from tests.desk.daywork import (
    PETITIONER,
    REQUEST,
    asked,
    case_of,
    do,
    offered,
    send,
    steps,
    write_down,
)
from tests.desk.hands import squeezed
from tests.desk.staffing import Clock, Colleague, DeskOffice
from tests.online.citizens import JPEG, PDF, Citizen, Office, Page, upload

LAND = "县自然资源局"
FRIDAY = "yunling-county-20261218-0830"
SESSION = "xinfang-bureau-20261209-0900"


@pytest.fixture
def clerk(desk: DeskOffice) -> Colleague:
    """A clerk at an unlocked desk."""
    desk.unlock()
    return desk.colleague("clerk")


def numbers(page: Page) -> list[str]:
    """The cases that a list shows, in its order."""
    found = page.tree.xpath("//table[contains(@class, 'stack')]//th[@scope='row']/a/text()")
    return [str(one) for one in found]


def counted(page: Page) -> dict[str, str]:
    """The lists of the day with the numbers beside their names."""
    tabs = page.tree.xpath("//ul[@class='tabs']/li/a")
    return {one.text.strip(): one.xpath("string(b)") for one in tabs}


def printed(answer: Page) -> str:
    assert answer.response.mimetype == "application/pdf", answer.status
    reader = PdfReader(io.BytesIO(answer.response.data))
    return squeezed("".join(one.extract_text() for one in reader.pages))


# ── what came on paper, by telephone or at the window ────────────────────────────────────────


@pytest.mark.parametrize(
    ("slug", "answers"),
    [
        ("appeal", {}),
        ("suggestion", {"q_advice": "路口装一盏灯。"}),
        ("enquiry", {"q_question": "医保怎样报销？"}),
        ("appointment", {"q_session": FRIDAY, "q_who": "一个人"}),
    ],
)
@pytest.mark.parametrize("channel", ["来访", "来信", "来电"])
def test_every_form_can_be_written_down(
    clerk: Colleague, slug: str, answers: dict[str, str], channel: str
) -> None:
    """The petitioner gets a number and a code on paper; the case says how it came."""
    shown = write_down(clerk, slug, channel=channel, **answers)
    number, code = shown.tree.xpath("//dl[contains(@class, 'big')]/dd/b/text()")
    paper = printed(clerk.get("/entry/receipt/pdf"))
    clerk.get("/entry/receipt/")
    case = clerk.follow(clerk.press("/entry/receipt/done"))

    assert number == "2026-000001"
    assert number in paper
    assert code in paper
    assert squeezed(PETITIONER) in paper
    assert PETITIONER in case.words
    assert channel in case.words
    assert "2026年12月7日" in case.words
    assert clerk.follow(clerk.get("/entry/receipt/")).words.startswith("回执已经看过了")


def test_a_report_is_written_down_by_its_officer_alone(desk: DeskOffice, clerk: Colleague) -> None:
    """A clerk has no such form; the officer has no other."""
    officer = desk.colleague("report")

    assert clerk.get("/entry/report/").status == 404
    assert officer.get("/entry/appeal/").status == 404
    case = case_of(officer, "report", first_asked="report1", q_facts="收受礼金")
    assert "收受礼金" in officer.get(case).words


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"received_on": "2026-12-09"}, "收到日期不能晚于今天，今天是2026年12月8日"),
        ({"received_on": "2006-12-09"}, "收到日期离今天太远，请核对年份"),
        ({"received_on": "上周"}, "收到日期写成这样"),
        ({"channel": "网上"}, "请选一项：怎样来的"),
        ({"q_receiver": ""}, "交给哪个单位"),
        ({"q_request": ""}, "您的请求"),
        ({"q_phone": "没有"}, "只写一个号码"),
    ],
)
def test_an_entry_that_is_refused_keeps_every_word(
    clerk: Colleague, wrong: dict[str, str], says: str
) -> None:
    """The clerk reads what is wrong, and nothing has to be typed again."""
    shown = write_down(clerk, **{"q_facts": "三亩二分，\n少算了一半。", **wrong})

    assert shown.status == 422
    assert any(says in one for one in shown.problems()), shown.problems()
    assert shown.value("q_facts").strip() == "三亩二分，\n少算了一半。"
    assert shown.value("q_name") == PETITIONER
    assert numbers(clerk.get("/cases/")) == []


def test_the_clock_runs_from_the_day_on_which_a_letter_arrived(clerk: Colleague) -> None:
    """15 days from the post's delivery on 1 December, not from when it was typed."""
    case = case_of(clerk, channel="来信", received_on="2026-12-01")

    assert "2026年12月16日星期三" in clerk.get(case).words


def test_a_clerk_of_one_house_enters_for_that_house(desk: DeskOffice) -> None:
    """He is offered his institution alone, and what he entered he may see."""
    desk.unlock()
    one = desk.colleague("clerk", "han", institutions=frozenset({"nancheng-district"}))
    shown = one.get("/entry/appeal/")

    assert shown.tree.xpath("//input[@name='q_receiver' and @checked]/@value") == ["南城区领导"]
    assert shown.values("q_receiver") == ["南城区领导"]
    assert write_down(one, q_receiver="县信访局").status == 422
    case = case_of(one, q_receiver="南城区领导")
    assert "南城区领导" in one.get(case).words


def test_what_was_said_at_a_booking_is_not_typed_again(clerk: Colleague) -> None:
    """The case that follows a reception begins with the booking's words, at the same house."""
    booked = case_of(clerk, "appointment", q_session=FRIDAY, q_who="一个人")
    shown = clerk.get(f"/entry/appeal/?of={booked.split('/')[2]}")

    assert shown.tree.xpath("//input[@name='q_receiver' and @checked]/@value") == ["县领导"]
    assert shown.value("q_name") == PETITIONER
    assert shown.value("q_request").strip() == REQUEST


def test_the_same_sheet_sent_twice_is_one_case(clerk: Colleague) -> None:
    """A second click finds the receipt; other words on the same sheet are refused."""
    shown = clerk.get("/entry/appeal/")
    data = {"q_request": REQUEST, "q_receiver": "县信访局", "channel": "来访"}
    data |= {"received_on": "2026-12-07", "first_asked": "clerk1", "step": "send"}
    data |= {"form_token": shown.value("form_token"), "csrf_token": shown.value("csrf_token")}
    first = clerk.post("/entry/appeal/", data)
    again = clerk.post("/entry/appeal/", data)
    other = clerk.post("/entry/appeal/", data | {"q_request": "别的事"})

    assert first.response.location == again.response.location
    assert other.status == 409
    assert other.value("q_request").strip() == "别的事"
    assert numbers(clerk.get("/cases/")) == ["2026-000001"]


def test_papers_that_came_along_are_kept_and_shown(clerk: Colleague) -> None:
    """A photograph is shown in the page, all else is only handed over; each look is logged."""
    files = [upload(JPEG, "合同.jpg"), upload(PDF, "收据.pdf")]
    case = case_of(clerk, q_files=files)
    shown = clerk.get(case)
    links = shown.tree.xpath("//a[contains(@href, '/files/')]")

    assert [one.text for one in links] == ["合同.jpg", "收据.pdf"]
    photo, receipt = (clerk.get(one.get("href")) for one in links)
    assert photo.response.data == JPEG
    assert photo.response.headers["Content-Disposition"].startswith("inline")
    assert receipt.response.data == PDF
    assert receipt.response.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in receipt.response.headers["Content-Security-Policy"]
    assert clerk.office.deeds("clerk1").count("file") == 2
    assert clerk.get(f"{case}files/nonsense").status == 404


# ── the list ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def six(clerk: Colleague, clock: Clock) -> dict[str, str]:
    """Cases of each list, by what is told of them: name → address."""
    made = {}
    made["late"] = case_of(clerk, received_on="2026-11-10")
    made["soon"] = case_of(clerk, received_on="2026-11-28")
    steps(clerk, made["soon"], "register")
    made["town"] = case_of(clerk, q_receiver="青石镇领导")
    made["assigned"] = case_of(clerk)
    steps(clerk, made["assigned"], "register", "assign", "accept")
    made["urgent"] = case_of(clerk)
    do(clerk, made["urgent"], "register", urgent="yes", matter="water")
    made["closed"] = case_of(clerk)
    steps(clerk, made["closed"], "register", "registered-only")
    return made


def number_of(made: dict[str, str], *names: str) -> list[str]:
    return [f"2026-{int(made[name].split('/')[-2]):06}" for name in names]


def test_the_lists_of_the_day(clerk: Colleague, six: dict[str, str]) -> None:
    """What is open, new, due soon, late, mine, closed; the urgent first, then by the next day."""
    lists = {
        "open": ("urgent", "late", "soon", "town", "assigned"),
        "new": ("urgent", "late", "soon", "town"),
        "soon": ("soon",),
        "late": ("late",),
        "closed": ("closed",),
        "all": ("closed", "urgent", "assigned", "town", "soon", "late"),
    }
    found = {view: numbers(clerk.get(f"/cases/?view={view}")) for view in lists}

    assert found == {view: number_of(six, *names) for view, names in lists.items()}
    counts = counted(clerk.page)
    assert (counts["新来的"], counts["快到期"], counts["已超期"]) == ("4", "1", "1")


@pytest.mark.parametrize(
    ("asked_for", "wanted"),
    [
        ("institution=qingshi-town", ("town",)),
        ("matter=water", ("urgent",)),
        ("state=accepted", ("assigned",)),
        (f"unit={LAND}", ("assigned",)),
        ("leader=zhang-yan", ()),
        ("due_from=2026-11-20&due_to=2026-11-30", ("late",)),
        ("due_from=2026-12-13&due_to=2026-12-13", ("soon",)),
        ("state=accepted&institution=qingshi-town", ()),
        ("due_from=nonsense", ("urgent", "late", "soon", "town", "assigned")),
        ("view=nonsense&page=99", ()),
    ],
)
def test_the_list_is_narrowed(
    clerk: Colleague, six: dict[str, str], asked_for: str, wanted: tuple[str, ...]
) -> None:
    """By institution, matter, state, unit, leader and due date, alone or together."""
    assert numbers(clerk.get(f"/cases/?{asked_for}")) == number_of(six, *wanted)


def search(who: Colleague, words: str) -> Page:
    who.get("/cases/")
    answer = who.press("/cases/search/", q=words)
    return who.follow(answer) if answer.status == 303 else answer


@pytest.mark.parametrize("typed", ["2026-000001", "2026－1", "  2026 000001 "])
def test_a_number_leads_straight_to_the_case(clerk: Colleague, typed: str) -> None:
    """However it was typed."""
    case_of(clerk)

    assert search(clerk, typed).title.startswith("2026-000001")


def test_a_number_that_is_not_there_is_told(clerk: Colleague) -> None:
    """The same words as for a case that is somebody else's."""
    assert "没有这个编号的事项，或者不归您看" in search(clerk, "2026-000077").words


def test_names_and_words_are_searched_in_what_was_written(clerk: Colleague) -> None:
    """All the words must be there; the petitioner's name stands beside the number."""
    case_of(clerk, q_name="欧阳修远", q_facts="水渠堵了三年。")
    case_of(clerk)
    found = search(clerk, "水渠 欧阳")

    assert numbers(found) == ["2026-000001"]
    assert "欧阳修远" in found.words
    assert "找到1件" in found.words
    assert numbers(search(clerk, "水渠 阿依古丽")) == []
    assert "searched" in clerk.office.deeds("clerk1")
    assert numbers(search(clerk, "  ")) == ["2026-000001", "2026-000002"]


def test_a_shut_vault_shows_the_list_but_no_words(clerk: Colleague) -> None:
    """Numbers and days need no key; a case and a search ask for the passphrase first."""
    case = case_of(clerk)
    clerk.office.desk.vault.close("common")

    assert numbers(clerk.get("/cases/")) == ["2026-000001"]
    for page in (clerk.get(case), search(clerk, "征地")):
        assert PETITIONER not in page.text
    assert "/unlock/" in (clerk.get(case).response.location or clerk.page.text)


# ── a case and its steps ─────────────────────────────────────────────────────────────────────


def test_a_step_that_is_refused_keeps_every_word(clerk: Colleague) -> None:
    """What is missing is told, each beside its question, and the rest stands as it was typed."""
    case = case_of(clerk)
    steps(clerk, case, "register")
    shown = clerk.get(f"{case}do/arrange/")
    typed = {"leader": "nobody", "session": "", "unit": "县水利局（城关站）"}
    answer = send(clerk, shown, f"{case}do/arrange/", **typed)

    assert answer.status == 422
    assert len(answer.problems()) == 2
    assert any("接访领导" in one for one in answer.problems())
    assert any("哪一场接访" in one for one in answer.problems())
    assert asked(answer)["unit"] == "县水利局（城关站）"
    assert "排领导接访" not in clerk.get(case).tree.xpath("string(//ol[@class='history'])")


@pytest.mark.parametrize(
    ("step", "typed", "says"),
    [
        ("assign", {"unit": ""}, "请填写：责任单位"),
        ("assign", {"due": "下个月"}, "日期写成这样：2026年12月11日"),
        ("assign", {"unit": "县" * 201}, "责任单位太长，多了1个字"),
        ("registered-only", {"reason": "长" * 5001}, "理由太长，多了1个字"),
    ],
)
def test_what_is_wrong_with_an_answer(
    clerk: Colleague, step: str, typed: dict[str, str], says: str
) -> None:
    """Each kind of mistake has its own sentence."""
    case = case_of(clerk)
    steps(clerk, case, "register")
    answer = do(clerk, case, step, **typed)

    assert answer.status == 422
    assert answer.problems() == [says]


def test_the_leader_and_the_unit_are_proposed_by_the_matter(clerk: Colleague) -> None:
    """Whose portfolio land is receives; the session's words say who sits when."""
    case = case_of(clerk, q_receiver="县领导")
    do(clerk, case, "register", matter="land-acquisition")
    shown = clerk.get(f"{case}do/arrange/")

    assert asked(shown)["leader"] == "zhang-yan"
    assert asked(shown)["unit"] == LAND
    assert "2026年12月18日星期五 8:30–11:30，郑国栋、张䶮" in shown.words
    first = shown.tree.xpath("//select[@name='f_session']/option/@value")[1]
    assert first.startswith("yunling-county-")  # its own house's days come first


def test_what_may_not_be_done_yet_says_why_and_is_refused(clerk: Colleague) -> None:
    """A reply waits for the unit's report; a post past the page is refused, and keeps the words."""
    case = case_of(clerk)
    steps(clerk, case, "register", "accept")
    shown = clerk.get(case)
    assert offered(shown)["reply"] == "先做“责任单位报告办理情况”"
    assert "archive" not in offered(shown)
    answer = do(clerk, case, "reply", words="可以补发。")

    assert answer.status == 409
    assert "责任单位报告办理情况" in answer.words
    assert asked(answer)["words"] == "可以补发。"
    assert clerk.get(f"{case}do/archive/").status == 404
    assert clerk.get(f"{case}do/nonsense/").status == 404


def test_the_whole_way_to_the_archive(clerk: Colleague) -> None:
    """Each step is done as it is proposed; the case is closed at the end, its history complete."""
    case = case_of(clerk)
    way = ("register", "assign", "accept", "unit-report", "reply", "serve", "petitioner-sign")
    steps(clerk, case, *way, "leader-sign", "archive")
    shown = clerk.get(case)

    assert "已办结归档" in shown.words
    terms = shown.tree.xpath("//table[caption='正在走的期限']/tbody/tr/th/text()")
    assert terms == ["请求复查"]  # a right of the petitioner's, nothing that the office owes
    names = shown.tree.xpath("//ol[@class='history']/li//b/text()")
    assert len(names) == len(way) + 3
    assert numbers(clerk.get("/cases/?view=closed")) == ["2026-000001"]


def test_an_undoing_is_an_entry_and_what_was_written_stays(clerk: Colleague) -> None:
    """The step can be done anew; the old one stands there, struck through, with its reason."""
    case = case_of(clerk)
    steps(clerk, case, "register")
    do(clerk, case, "registered-only", reason="看不清楚。")
    shown = clerk.get(case)
    fields = {"entry": shown.value("entry"), "seen": shown.value("seen")}
    refused = clerk.follow(clerk.press(f"{case}undo/", **fields, reason=" "))
    assert "撤销要写明为什么" in refused.words
    after = clerk.follow(clerk.press(f"{case}undo/", **fields, reason="找到电话了。"))

    assert "已登记" in after.words
    gone = after.tree.xpath("string(//li[@class='gone'])")
    assert "登记存查" in gone
    assert "看不清楚。" in gone
    assert "找到电话了。" in after.words
    assert "assign" in offered(after)


def test_only_the_newest_step_can_be_undone(clerk: Colleague) -> None:
    """An older one, or one that does not exist, is refused by the store as well."""
    case = case_of(clerk)
    steps(clerk, case, "register", "assign")
    shown = clerk.get(case)
    older = str(int(shown.value("entry")) - 1)
    answer = clerk.press(f"{case}undo/", entry=older, seen=shown.value("seen"), reason="试试")

    assert "只能撤销最近做的一步" in clerk.follow(answer).words
    assert "已交办" in clerk.page.words


def test_what_was_registered_can_be_put_right(clerk: Colleague) -> None:
    """Matter, persons, place, urgency; the history tells both."""
    case = case_of(clerk)
    do(clerk, case, "register", matter="water", people="2")
    shown = clerk.get(f"{case}correct/")
    assert asked(shown)["matter"] == "water"
    wrong = send(clerk, shown, f"{case}correct/", people="很多")
    assert wrong.status == 422
    assert asked(wrong)["people"] == "很多"
    answer = send(clerk, wrong, f"{case}correct/", people="5", matter="wages", urgent="yes")
    after = clerk.follow(answer)

    assert "拖欠工资" in after.words
    assert "加急" in after.words
    assert "更正登记项" in after.words
    assert numbers(clerk.get("/cases/?matter=wages")) == ["2026-000001"]


def test_a_message_reaches_the_petitioner_alone(
    clerk: Colleague, config: Any, desk: DeskOffice
) -> None:
    """Sealed to his code: he reads it where he asks how his case stands."""
    public = Office(config)
    citizen = public.citizen()
    number, code = citizen.file("appeal", public.answers("appeal", receiver="县信访局"))
    clerk.get("/cases/1/message/")
    empty = clerk.press("/cases/1/message/", seen=clerk.page.value("seen"), f_words=" ")
    assert empty.status == 422
    told = "请带上土地证，到一楼大厅。"
    answer = clerk.press("/cases/1/message/", seen=empty.value("seen"), f_words=told)

    assert told in clerk.follow(answer).words
    assert told in citizen.look_up(number, code).words
    public.service.store.close()


def test_joint_petitions_are_tied_and_each_keeps_its_number(clerk: Colleague) -> None:
    """Both pages name the other; the wrong number, itself and the same again are refused."""
    first, second = case_of(clerk), case_of(clerk, q_name="李四")
    says: dict[str, list[str]] = {}
    for typed in ("123", "2026-000099", "2026-000001", "2026-000002", "2026-000002"):
        clerk.get(first)
        says.setdefault(typed, []).append(
            clerk.follow(clerk.press(f"{first}link/", other=typed)).words.split("。")[0]
        )

    assert says["123"] == ["编号写成这样：2026-000123"]
    assert says["2026-000099"] == ["没有这个编号的事项，请核对编号"]
    assert says["2026-000001"] == ["这是同一件，不用关联"]
    assert says["2026-000002"] == [
        "已经和2026-000002关联，两件各有各的编号和查询码",
        "这两件已经关联了",
    ]
    assert "2026-000002" in clerk.get(first).words
    assert "2026-000001" in clerk.get(second).words


def test_a_new_case_is_taken_up_once(desk: DeskOffice, clerk: Colleague) -> None:
    """The oldest first; who has it is shown; then there is none."""
    case_of(clerk)
    case_of(clerk)
    other = desk.colleague("clerk", "liu")
    taken = []
    for who in (clerk, other, clerk):
        who.get("/cases/")
        taken.append(who.follow(who.press("/cases/claim/")).title.split(" - ")[0])

    assert taken == ["2026-000001", "2026-000002", "新来的事项"]
    assert "没有等着领的新事项了" in clerk.page.words
    assert "我领了" in clerk.page.words
    assert numbers(clerk.get("/cases/?view=mine")) == ["2026-000001"]


# ── papers ───────────────────────────────────────────────────────────────────────────────────


def test_only_papers_that_were_handed_out_can_be_printed(clerk: Colleague) -> None:
    """A set is there after its step; what a case may always have is there from the beginning."""
    case = case_of(clerk)
    steps(clerk, case, "register")
    for sheet in ("assign:unit", "assign:all", "accepted:petitioner", "nonsense", "slip"):
        assert clerk.get(f"{case}papers/{sheet}/").status == 404
        assert clerk.get(f"{case}papers/{sheet}/pdf").status == 404
    assert "还没有发出单子" in clerk.get(f"{case}papers/").words
    assert "2026-000001" in printed(clerk.get(f"{case}papers/register-form/pdf"))
    listed = clerk.follow(do(clerk, case, "assign", unit=LAND))

    assert "刚才发出的" in listed.words
    assert "交办函" in listed.tree.xpath("string(//h2)")  # before all that was printed earlier
    assert LAND in printed(clerk.get(f"{case}papers/assign:unit/pdf"))
    assert LAND in clerk.get(f"{case}papers/assign:unit/").words
    whole = PdfReader(io.BytesIO(clerk.get(f"{case}papers/assign:all/pdf").response.data))
    assert len(whole.pages) == 3
    assert "printed" in clerk.office.deeds("clerk1")


def test_a_paper_signs_as_its_own_house(clerk: Colleague) -> None:
    """A township's letter bears the township's name and telephone, not the county's."""
    case = case_of(clerk, q_receiver="龙潭乡领导")
    do(clerk, case, "register", first_asked="clerk1")
    steps(clerk, case, "assign")
    letter = printed(clerk.get(f"{case}papers/assign:petitioner/pdf"))

    assert "龙潭乡人民政府" in letter
    assert "0990-8800031" in letter
    assert "县信访局" not in letter


def test_a_slip_that_came_back_is_ticked_off_once(clerk: Colleague) -> None:
    """The day stands in its place; it can't come back twice, and one that is out can be told."""
    case = case_of(clerk)
    steps(clerk, case, "register", "accept", "unit-report", "reply")
    shown = clerk.get(f"{case}papers/")
    sheet = {"seen": shown.value("seen"), "sheet": "reply-proof:proof"}
    after = clerk.follow(clerk.press(f"{case}back/", **sheet))
    assert after.response.request.path.endswith("/papers/")
    assert after.tree.xpath("//button[contains(., '收回了')]") == []
    clerk.get(case)
    again = clerk.press(f"{case}back/", sheet="reply-proof:proof")
    assert "没有发出，不用收回，或者已经收回了" in clerk.follow(again).words
    clerk.get(case)
    strange = clerk.press(f"{case}back/", sheet="assign:unit")
    assert "没有发出，不用收回，或者已经收回了" in clerk.follow(strange).words


def test_a_supplement_is_news_until_somebody_acts(
    clerk: Colleague, config: Any, desk: DeskOffice
) -> None:
    """The list says that the petitioner wrote; the case shows it; the next step ends the news."""
    public = Office(config)
    citizen: Citizen = public.citizen()
    number, code = citizen.file("appeal", public.answers("appeal", receiver="县信访局"))
    steps(clerk, "/cases/1/", "register")
    answers = {"case": number, "case_code": code, "notice": "y", "content": "找到了协议。"}
    form = public.form("supplement")
    given = public.answers("supplement", **answers)
    assert citizen.send(form.slug, given).status == 303
    listed = clerk.get("/cases/?view=news")
    assert numbers(listed) == [number]
    assert "有新话" in listed.words
    assert "补充材料" in clerk.get("/cases/1/").words
    steps(clerk, "/cases/1/", "assign")

    assert numbers(clerk.get("/cases/?view=news")) == []
    public.service.store.close()
