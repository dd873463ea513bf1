"""What the office puts right, and what the petitioner then reads: replies, ties, doors, hands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from intake_app.config import Config
from intake_app.docket import Docket, Scope
from tests.desk.daywork import asked, case_of, do, offered, steps
from tests.desk.staffing import Colleague, DeskOffice
from tests.online.citizens import JPEG, Citizen, Office, Page, upload

WRONG, RIGHT = "不予支持，详见说明。", "差额补付，十五日内到账。"
CASE = "/cases/1/"


@pytest.fixture
def clerk(desk: DeskOffice) -> Colleague:
    """A clerk at an unlocked desk."""
    desk.unlock()
    return desk.colleague("clerk")


@dataclass
class Waiting:
    """A petitioner with his number and code."""

    public: Office
    citizen: Citizen
    number: str
    code: str

    def reads(self) -> str:
        if self.citizen.get("/status/").status == 200:
            self.citizen.look_up(self.number, self.code)
        return self.citizen.get("/status/case/").words


@pytest.fixture
def petitioner(config: Config, clerk: Colleague) -> Iterator[Waiting]:
    """Filed an appeal with a photograph at the bureau; it is case 1."""
    public = Office(config)
    public.service.clock = clerk.office.clock
    citizen = public.citizen()
    answers = public.answers("appeal", receiver="县信访局")
    yield Waiting(public, citizen, *citizen.file("appeal", answers))
    public.service.store.close()


def undo(who: Colleague, name: str, case: str = CASE) -> Page:
    """Press the undo of the newest entry of this name on the case's page."""
    shown = who.get(case)
    entry = shown.tree.xpath(f"//ol[@class='history']/li[p/b[normalize-space()='{name}']]")[0]
    form = entry.xpath(".//form")[0]
    data = {one.get("name"): one.get("value") for one in form.xpath(".//input[@type='hidden']")}
    return who.follow(who.post(form.get("action"), {**data, "reason": "发错了人"}))


def pressed(who: Colleague, path: str, case: str = CASE, **data: str) -> Page:
    """A post of a form of the case's page; what comes then."""
    shown = who.get(case)
    seen = shown.value("seen")
    return who.follow(who.press(case + path, seen=seen, **data))


# ── what was said ────────────────────────────────────────────────────────────────────────────


def test_a_reply_that_was_taken_back_is_no_reply(clerk: Colleague, petitioner: Waiting) -> None:
    """Its words are gone from his page, that it was there is said; the next one counts."""
    steps(clerk, CASE, "register", "accept", "unit-report")
    do(clerk, CASE, "reply", words=WRONG)
    assert WRONG in petitioner.reads()
    undo(clerk, "书面答复")
    read = petitioner.reads()

    assert WRONG not in read
    assert "这一份撤销了，不作数" in read
    assert "书面答复写好了" not in read
    assert WRONG in clerk.get(CASE).tree.xpath("string(//section[@class='child']//del)")
    do(clerk, CASE, "reply", words=RIGHT)
    assert RIGHT in petitioner.reads()
    assert (
        "您如不服，可以自收到书面之日起30日内（收到的当天不算），向原办理机关" in petitioner.reads()
    )


def test_words_to_the_wrong_person_are_taken_back_later_too(
    clerk: Colleague, petitioner: Waiting
) -> None:
    """A message moves nothing: it goes away by itself, and the step done since stays."""
    clerk.get(f"{CASE}message/")
    clerk.press(f"{CASE}message/", seen=clerk.page.value("seen"), f_words=WRONG)
    steps(clerk, CASE, "register")
    assert WRONG in petitioner.reads()
    after = undo(clerk, "给信访人写了话")

    assert WRONG not in petitioner.reads()
    assert "已登记" in after.words


def test_another_clerks_correction_can_be_taken_back(clerk: Colleague, petitioner: Waiting) -> None:
    """What was registered before counts again."""
    clerk.get(f"{CASE}correct/")
    clerk.press(f"{CASE}correct/", seen=clerk.page.value("seen"), f_people="12")
    assert clerk.office.service.store.course(1)[-1].data["people"] == "12"
    after = undo(clerk.office.colleague("clerk", "ma"), "更正登记项")

    assert "一共多少人" not in "".join(after.tree.xpath("//dl[@class='facts']//dt/text()"))


def test_who_he_is_can_be_put_right(clerk: Colleague, petitioner: Waiting) -> None:
    """A name misheard on the telephone: right on the case, its papers, the search; kept sealed."""
    shown = clerk.get(f"{CASE}correct/")
    clerk.press(
        f"{CASE}correct/", seen=shown.value("seen"), f_name="买买提·阿西木", f_phone="13899990000"
    )
    shown = clerk.get(CASE)
    assert "买买提·阿西木" in shown.tree.xpath("string(//dl[@class='facts'][dt='联系电话'])")
    assert "13899990000" in clerk.get(f"{CASE}papers/register-form/").words
    clerk.get("/cases/")
    assert petitioner.number in clerk.press("/cases/search/", q="阿西木").words
    stored = clerk.office.service.store.course(1)[-1]

    assert "阿西木" not in str(stored)
    assert not {"name", "phone"} & stored.data.keys()
    undo(clerk, "更正登记项")
    clerk.get("/cases/")
    assert petitioner.number not in clerk.press("/cases/search/", q="阿西木").words


# ── ties and hands ───────────────────────────────────────────────────────────────────────────


def kin(who: Colleague) -> list[int | None]:
    """The group that each case belongs to, in the order of their numbers."""
    docket = Docket(who.office.service.store)
    found = (docket.line(Scope("common"), n) for n in range(1, 5))
    return [one.kin if one else None for one in found]


def test_a_wrong_tie_is_taken_back_on_both_sides(clerk: Colleague) -> None:
    """Four in a row, the middle tie undone: two pairs are left; all undone, nobody is tied."""
    cases = [case_of(clerk) for _ in range(4)]
    for n, case in enumerate(cases[:-1], 2):
        pressed(clerk, "link/", case, other=f"2026-00000{n}")
    assert kin(clerk) == [1, 1, 1, 1]
    after = undo(clerk, "关联了另一件", cases[2])  # its newest tie is to the fourth
    assert "不再关联了" in after.words
    assert kin(clerk) == [1, 1, 1, None]
    assert "（已撤销）" in clerk.get(cases[3]).words
    undo(clerk, "关联了另一件", cases[0])

    assert kin(clerk) == [None, 2, 2, None]


def test_a_tie_that_is_gone_is_not_taken_back_twice(clerk: Colleague) -> None:
    """Pressed again from an old page: told, and no other case is touched."""
    cases = [case_of(clerk) for _ in range(3)]
    pressed(clerk, "link/", cases[0], other="2026-000002")
    shown = clerk.get(cases[0])
    form = shown.tree.xpath("//form[contains(@action, '/untie/')]")[0]
    data = {one.get("name"): one.get("value") for one in form.xpath(".//input[@type='hidden']")}
    clerk.follow(clerk.post(form.get("action"), data))
    told = clerk.follow(clerk.post(form.get("action"), data))
    data["seen"] = told.value("seen")
    again = clerk.follow(clerk.post(form.get("action"), data))

    assert "先做了“撤销了一步”" in told.words
    assert "没有记下" in told.words
    assert "只能撤销最近做的一步" in again.words
    assert kin(clerk) == [None, None, None, None]


def test_a_tie_is_no_answer_to_the_petitioner(clerk: Colleague, petitioner: Waiting) -> None:
    """Tied from elsewhere, or taken up unread: what he wrote still waits to be read."""
    other = case_of(clerk)
    steps(clerk, CASE, "register")
    answers = {
        "case": petitioner.number, "case_code": petitioner.code, "notice": "y", "text": "新证据",
    }  # fmt: skip
    given = petitioner.public.answers("supplement", **answers)
    assert petitioner.citizen.send("supplement", given).status == 303
    pressed(clerk, "link/", other, other=petitioner.number)

    assert petitioner.number in clerk.get("/cases/?view=news").words
    steps(clerk, CASE, "assign")
    assert petitioner.number not in clerk.get("/cases/?view=news").words


def test_a_case_taken_up_goes_to_a_colleague_or_back_to_all(clerk: Colleague) -> None:
    """Ill for a week: the director gives it to another; put back, it is the next that is taken."""
    case_of(clerk)
    clerk.get("/cases/")
    assert clerk.press("/cases/claim/").response.location == CASE
    other = clerk.office.colleague("clerk", "ma")
    assert "2026-000001" not in other.get("/cases/?view=mine").words
    director = clerk.office.colleague("director")
    after = pressed(director, "hand/", to="ma")
    assert "交给王芳办了" in after.words
    assert "2026-000001" in other.get("/cases/?view=mine").words
    assert pressed(other, "hand/", to="nobody").words.count("请在列出的里面选一位")
    pressed(other, "hand/", to="")
    clerk.get("/cases/")

    assert clerk.press("/cases/claim/").response.location == CASE


def test_whoever_leaves_leaves_no_case_behind(clerk: Colleague) -> None:
    """An account is stopped: what it had taken up is everybody's again."""
    case_of(clerk)
    clerk.get("/cases/")
    clerk.press("/cases/claim/")
    director = clerk.office.colleague("director")
    director.get("/people/of/clerk1/")
    director.press("/people/of/clerk1/active", active="0")
    other = clerk.office.colleague("clerk", "ma")

    assert "2026-000001" in other.get("/cases/?view=mine").words


# ── the wrong door ───────────────────────────────────────────────────────────────────────────


def reroute(who: Colleague, **data: str) -> Page:
    """Send the page by which a case changes its door."""
    shown = who.get(f"{CASE}reroute/")
    return who.press(f"{CASE}reroute/", seen=shown.value("seen"), **data)


def test_an_appeal_to_the_wrong_house_begins_anew_there(
    clerk: Colleague, petitioner: Waiting
) -> None:
    """To the town, whose course it follows from then on; number and code stay; he reads it."""
    steps(clerk, CASE, "register")
    answer = reroute(clerk, turn="appeal", institution="qingshi-town", reason="镇里的事")
    assert "青石镇" in clerk.follow(answer).words
    assert "改由合适的单位" in petitioner.reads()
    far = clerk.office.colleague("clerk", "li", institutions=frozenset({"qingshi-town"}))
    assert "register" in offered(far.get(CASE))
    steps(far, CASE, "register", "assign", "accept", "unit-report")

    assert "incharge-consents" in " ".join(offered(far.get(CASE))) or "分管领导" in far.page.words


def test_a_question_on_the_wrong_form_takes_the_short_way(
    clerk: Colleague, petitioner: Waiting
) -> None:
    """An enquiry filed as an appeal: answered, told, archived, without acceptance."""
    clerk.follow(reroute(clerk, turn="short", institution="xinfang-bureau", reason="只是咨询"))
    steps(clerk, CASE, "register", "answer", "tell", "archive")

    assert clerk.office.service.store.course(1)[-1].state == "archived"
    late = reroute(clerk, turn="appeal", institution="xinfang-bureau", reason="改回来")
    assert late.status == 409
    assert "已经办起来了" in late.words
    assert "改回来" in late.words


def test_who_works_for_one_house_lets_the_case_go(clerk: Colleague) -> None:
    """He took it up and saw that it is the town's: there it is given out; he is led to his list."""
    case_of(clerk)
    own = clerk.office.colleague("clerk", "li", institutions=frozenset({"xinfang-bureau"}))
    own.get("/cases/")
    assert own.press("/cases/claim/").response.location == CASE
    answer = reroute(own, turn="appeal", institution="qingshi-town", reason="镇里的事")
    assert "这里看不到了" in own.follow(answer).words
    assert "denied" not in clerk.office.deeds("li")
    town = clerk.office.colleague("clerk", "ma", institutions=frozenset({"qingshi-town"}))
    town.get("/cases/")

    assert town.press("/cases/claim/").response.location == CASE


def test_who_was_overtaken_on_the_way_keeps_his_reason(
    clerk: Colleague, petitioner: Waiting
) -> None:
    """The petitioner supplemented while the clerk typed: said, and nothing typed is lost."""
    shown = clerk.get(f"{CASE}reroute/")
    told = {
        "case": petitioner.number, "case_code": petitioner.code, "notice": "y", "text": "新证据",
    }  # fmt: skip
    petitioner.citizen.send("supplement", petitioner.public.answers("supplement", **told))
    data = {"turn": "short", "institution": "xinfang-bureau", "reason": "只是咨询"}
    answer = clerk.press(f"{CASE}reroute/", seen=shown.value("seen"), **data)

    assert answer.status == 409
    assert "信访人在" in answer.words
    assert "只是咨询" in answer.words
    again = clerk.press(f"{CASE}reroute/", seen=answer.value("seen"), **data)
    assert again.status == 303


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"turn": "short", "institution": "nowhere", "reason": "x"}, "请选由哪个单位"),
        ({"turn": "appeal", "institution": "nowhere", "reason": "x"}, "请选由哪个单位"),
        ({"turn": "strange", "institution": "", "reason": "x"}, "请选一项"),
        ({"turn": "short", "institution": "xinfang-bureau", "reason": " "}, "请写明为什么改"),
    ],
)
def test_a_move_needs_a_where_and_a_why(
    clerk: Colleague, petitioner: Waiting, data: dict[str, str], says: str
) -> None:
    """Said beside the field, and nothing is moved."""
    answer = reroute(clerk, **data)

    assert answer.status == 422
    assert says in answer.words
    assert len(clerk.office.service.store.course(1)) == 1


def test_a_report_of_wrongdoing_on_the_wrong_form_leaves_the_clerks(
    clerk: Colleague, config: Config
) -> None:
    """Sealed anew with all that belongs to it: the officer opens it, no clerk can any more."""
    public = Office(config)
    citizen = public.citizen()
    words = "村干部吃回扣"
    number, code = citizen.file(
        "appeal", public.answers("appeal", receiver="县信访局", request=words)
    )
    clerk.get(f"{CASE}message/")
    clerk.press(f"{CASE}message/", seen=clerk.page.value("seen"), f_words="请补充。")
    given = {"case": number, "case_code": code, "notice": "y", "text": "有照片。"}
    citizen.send(
        "supplement", public.answers("supplement", **given) | {"files": [upload(JPEG, "账.jpg")]}
    )
    answer = reroute(clerk, turn="report", institution="", reason="检举干部")
    assert "看不到了" in clerk.follow(answer).words

    assert clerk.get(CASE).status == 404
    assert number not in clerk.get("/cases/?view=all").words
    officer = clerk.office.colleague("report")
    shown = officer.get(CASE)
    for told in (words, "有照片。", "请补充。", "检举干部"):
        assert told in shown.words
    assert "打不开" not in shown.words
    photo = shown.tree.xpath("//a[contains(@href, '/files/')]/@href")
    assert [officer.get(one).response.data for one in photo] == [JPEG]
    steps(officer, CASE, "register", "pass-on")
    read = Waiting(public, citizen, number, code).reads()
    assert "转给专门的人员" in read
    assert "请补充。" in read
    public.service.store.close()


def test_who_may_not_move_a_case(clerk: Colleague, petitioner: Waiting) -> None:
    """Neither its unit nor a leader nor the report officer; nor is it offered to them."""
    steps(clerk, CASE, "register", "assign")
    for role in ("unit", "leader", "report"):
        one = clerk.office.colleague(role)
        one.get("/account/")
        assert one.press(f"{CASE}reroute/", turn="short", reason="x").status in (403, 404)


# ── what he is told ──────────────────────────────────────────────────────────────────────────


def test_he_reads_who_is_responsible_and_what_is_late(
    clerk: Colleague, petitioner: Waiting
) -> None:
    """The unit with its telephone once it has the case; a limit that passed is not kept quiet."""
    assert "负责的单位" not in petitioner.reads()
    steps(clerk, CASE, "register", "assign")
    read = petitioner.reads()
    assert "负责的单位县自然资源局" in read.replace("\n", "").replace(" ", "")
    clerk.office.clock.forward(days=20)
    read = petitioner.reads()

    assert "“责任单位书面告知”应当在2026年12月23日以前办好，现在过了" in read


def test_a_limit_that_was_made_longer_is_called_by_what_it_is_for(
    clerk: Colleague, petitioner: Waiting
) -> None:
    """Not the extension is late, the case is."""
    steps(clerk, CASE, "register", "accept")
    director = clerk.office.colleague("director")
    steps(director, CASE, "extend")
    clerk.office.clock.forward(days=120)
    read = petitioner.reads()

    assert "“办结申诉求决类事项”应当在" in read
    assert "延长办理" not in read


def test_a_request_of_the_wrong_day_is_refused_beside_its_field(clerk: Colleague) -> None:
    """What came late is not recorded as in time; no day is proposed, and the words stay."""
    case = case_of(clerk)
    steps(clerk, case, "register", "accept", "unit-report", "reply", "serve")
    clerk.office.clock.forward(days=60)
    colleague = clerk.office.colleague("clerk", "ma")
    assert asked(colleague.get(f"{case}do/review-in-time/"))["received_on"] == ""
    answer = do(colleague, case, "review-in-time", received_on="2027-02-06")

    assert answer.status == 422
    assert "2027年2月6日收到的晚了" in answer.words
    assert do(colleague, case, "review-in-time", received_on="2027-01-05").status == 303
