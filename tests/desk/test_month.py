"""The pages of a month: who may see them, what they hold, and what they must never hold."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import event

from casework.workdays import SHANGHAI
from intake_app.docket import Docket, Scope
from intake_app.entries import Writing
from tests.desk.filed import NAME, PHONE, REQUEST, SECRETS, file, go
from tests.desk.staffing import DeskOffice
from tests.handling import DIRECTOR
from tests.online.citizens import Page

NOVEMBER = datetime(2026, 11, 10, 9, 0, tzinfo=SHANGHAI)
PAGES = ("/month/2026-11/", "/month/2026-11/digest/", "/month/2026-11/digest/file", "/month/late/")


def words(data: bytes) -> str:
    """All words of a PDF, without the breaks of its lines."""
    return "".join(one.extract_text() for one in PdfReader(io.BytesIO(data)).pages).replace(
        "\n", ""
    )


def attached(answer: Page) -> bytes:
    assert answer.status == 200, answer.words
    assert answer.response.headers["Content-Disposition"].startswith("attachment")
    return bytes(answer.response.data)


def test_the_digest_is_what_the_queue_holds(desk: DeskOffice) -> None:
    """Two of November, one of October, one of last November; one answered, one late."""
    file(desk, NOVEMBER)
    file(desk, NOVEMBER, institution="xinfang-bureau", matter="pension")
    file(desk, NOVEMBER - timedelta(days=30))
    file(desk, NOVEMBER.replace(year=2025))
    page = desk.colleague("director").get("/month/2026-11/digest/")

    assert "一共收到信访事项2件，反映的有2人次。比上个月多1，上升100%，比去年同月多1" in page.words
    tables = {
        one.xpath("string(../..//h2)"): one.text_content() for one in page.tree.xpath("//table")
    }
    assert "县信访局11" in tables["按收件单位分"]
    assert page.tree.xpath("count(//figure/*[name()='svg'])") == 6


def test_no_name_and_no_number_of_a_petitioner_is_in_any_file_of_a_month(desk: DeskOffice) -> None:
    """Even with the vault open: digest, late report, statistics, ledger, screening form."""
    for _ in range(6):
        go(desk, file(desk, NOVEMBER), "register", "accept", at=NOVEMBER)
    desk.unlock()
    director = desk.colleague("director")
    texts = [director.get(path).text for path in PAGES]
    director.get("/month/2026-11/")
    texts.append(attached(director.press("/month/2026-11/statistics")).decode())
    director.get("/month/2026-11/")
    form = {"first": "2026-11-01", "last": "2026-11-30", "kind": "csv"}
    texts.append(attached(director.press("/month/ledger", **form)).decode("utf-8-sig"))
    texts.append(words(director.get("/month/screening/yunling-county.pdf").response.data))

    assert "登记编号" in texts[-2]
    for one in texts:
        assert not [secret for secret in SECRETS if secret in one]


def test_a_report_of_wrongdoing_is_in_no_page_of_a_month(desk: DeskOffice) -> None:
    """Neither counted nor listed, late or not."""
    secret = file(
        desk, NOVEMBER, lane="confidential", form="report", course="report",
        institution=None, matter=None,
    )  # fmt: skip
    director = desk.colleague("director")
    for path in PAGES:
        assert secret.number not in director.get(path).text
    assert "一共收到信访事项0件" in director.get("/month/2026-11/digest/").words
    assert "没有超期的事项" in director.get("/month/late/").words


def test_the_late_report_is_a_page_for_each_unit(desk: DeskOffice) -> None:
    """A case registered by nobody for a month is late with its first clock."""
    late = file(desk, NOVEMBER)
    file(desk)
    clerk = desk.colleague("clerk")
    page = clerk.get("/month/late/")

    assert page.tree.xpath("//article/h2/text()") == ["关于县领导信访事项办理超期的通报"]
    assert "有1件超过期限没有办理" in page.words
    assert [one.text_content() for one in page.tree.xpath("//tbody/tr/td")] == [
        late.number, "征地补偿和安置", "登记、转送、交办", "2026年11月25日", "13天",
    ]  # fmt: skip
    assert page.tree.xpath("//p[@class='signed']/text()") == ["云岭县信访局", "2026年12月8日"]
    assert clerk.get("/month/late/?unit=没有的").words.endswith("没有超期的事项。")


@pytest.mark.parametrize(
    ("own", "signed"),
    [
        ({"qingshi-town"}, ["青石镇人民政府"]),
        ({"qingshi-town", "longtan-township"}, ["龙潭乡人民政府", "青石镇人民政府"]),
    ],
)
def test_who_works_for_a_town_reports_in_its_name(
    desk: DeskOffice, own: set[str], signed: list[str]
) -> None:
    """The county's office signs what it reports itself, not what a town's clerk does."""
    for house in ("qingshi-town", "longtan-township", "yunling-county"):
        file(desk, NOVEMBER, institution=house)
    clerk = desk.colleague("clerk", institutions=frozenset(own))
    page = clerk.get("/month/late/")

    assert sorted(page.tree.xpath("//p[@class='signed']/text()[1]")) == sorted(signed)
    heading = clerk.get("/month/2026-11/digest/").tree.xpath("string(//article/header)")
    assert "信访局" not in heading


def test_the_words_of_the_report_are_the_offices_own(
    site: Path, open_desk: Callable[..., DeskOffice]
) -> None:
    """They come from content/documents, as those of every other paper do."""
    path = site / "data" / "documents.json"
    text = path.read_text(encoding="utf-8")
    assert "请抓紧办理" in text
    path.write_text(text.replace("请抓紧办理", "请在三日内办理"), encoding="utf-8")
    desk = open_desk()
    file(desk, NOVEMBER)

    assert "请在三日内办理" in desk.colleague("clerk").get("/month/late/").words


def test_what_is_answered_in_time_is_counted_by_its_last_day(desk: DeskOffice) -> None:
    """Accepted 1 September, due 31 October; extended to 30 November; answered or not."""
    start = datetime(2026, 9, 1, 9, 0, tzinfo=SHANGHAI)
    day = {"accepted_on": "2026-09-01"}
    for answer in (True, False):
        case = file(desk, start)
        go(desk, case, "register", "accept", "extend", at=start, **day)
        if answer:
            go(desk, case, "unit-report", "reply", at=datetime(2026, 11, 30, 17, tzinfo=SHANGHAI))
    withdrawn = file(desk, start)
    go(desk, withdrawn, "register", "accept", "withdraw", at=start, **day)
    plain = file(desk, start)
    go(desk, plain, "register", "accept", at=start, **day)
    docket, scope = Docket(desk.service.store), Scope("common", None)
    november = docket.between(scope, "due", date(2026, 11, 1), date(2026, 11, 30))
    october = docket.between(scope, "due", date(2026, 10, 1), date(2026, 10, 31))

    assert [(one.due, one.answered) for one in november] == [
        (date(2026, 11, 30), date(2026, 11, 30)),
        (date(2026, 11, 30), None),
    ]
    assert [one.number for one in october] == [plain.number]
    page = desk.colleague("director").get("/month/2026-11/digest/")
    assert "申诉求决2件，按期答复1件，超期1件，按期办结率50%" in page.words


def test_an_undone_reply_is_no_answer(desk: DeskOffice) -> None:
    """The day stays open, as if nothing had been said."""
    case = file(desk, NOVEMBER)
    go(desk, case, "register", "accept", "unit-report", "reply", at=NOVEMBER)
    store = desk.service.store
    last = store.course(case.case_id)[-1]
    store.undo(case.case_id, Writing("undone", DIRECTOR, ref=str(last.id)), NOVEMBER)
    found = Docket(store).line(Scope("common", None), case.case_id)

    assert found is not None
    assert (found.answered, found.due is None) == (None, False)


# ── whom it is for ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        ("director", [200, 200, 200, 200]),
        ("clerk", [200, 200, 200, 200]),
        ("leader", [200, 403, 403, 403]),
        ("unit", [403, 403, 403, 403]),
        ("report", [403, 403, 403, 403]),
    ],
)
def test_a_month_is_the_offices(desk: DeskOffice, role: str, statuses: list[int]) -> None:
    """A leader sees how often he received, a unit and the report officer nothing."""
    someone = desk.colleague(role)

    assert [someone.get(path).status for path in PAGES] == statuses


def test_a_leader_sees_his_own_line_alone(desk: DeskOffice) -> None:
    """And none of what the office prints."""
    page = desk.colleague("leader").get("/month/2026-12/")

    assert [one.split()[0] for one in page.tree.xpath("//tbody/tr/th/text()[1]")] == ["张䶮"]
    assert "摘报" not in page.words


def test_a_clerk_of_one_institution_counts_that_one(desk: DeskOffice) -> None:
    """Neither others' cases nor others' screening forms; the month says that it is a part."""
    file(desk, NOVEMBER)
    file(desk, NOVEMBER, institution="qingshi-town")
    own = frozenset({"qingshi-town"})
    clerk = desk.colleague("clerk", institutions=own)
    director = desk.colleague("director", institutions=own)

    assert "所负责的机构一共收到信访事项1件" in clerk.get("/month/2026-11/digest/").words
    assert clerk.get("/month/screening/yunling-county.pdf").status == 403
    assert clerk.get("/month/screening/nowhere.pdf").status == 404
    assert "要能看全部机构" in director.get("/month/2026-11/").words
    assert director.press("/month/2026-11/statistics").status == 403


def test_the_public_counts_are_the_directors(desk: DeskOffice) -> None:
    """Logged with the month; refused while it is not over or has too few, which is said."""
    for _ in range(9):
        file(desk, NOVEMBER)
    director, clerk = desk.colleague("director"), desk.colleague("clerk")
    director.get("/month/2026-11/")
    text = attached(director.press("/month/2026-11/statistics")).decode()
    clerk.get("/month/2026-11/")

    assert "month: 2026-11\n" in text
    assert "cases: 9\n" in text
    assert desk.deeds("director1")[-1] == "exported"
    assert desk.desk.log.entries("director1", many=1)[0].ref == "statistics 2026-11"
    assert clerk.press("/month/2026-11/statistics").status == 403
    for month, says in (("2026-12", "还没有过完"), ("2026-10", "不单独公布")):
        director.get(f"/month/{month}/")
        assert says in director.follow(director.press(f"/month/{month}/statistics")).words


def test_the_command_writes_the_same_file(desk: DeskOffice, tmp_path: Path) -> None:
    """For who publishes from the machine; a month that is none is refused in a sentence."""
    for _ in range(9):
        file(desk, NOVEMBER)
    run = desk.app.test_cli_runner().invoke
    made = tmp_path / "2026-11.yml"
    answer = run(args=["statistics", "2026-11", str(made)])

    assert answer.exit_code == 0, answer.output
    director = desk.colleague("director")
    director.get("/month/2026-11/")
    assert made.read_bytes() == attached(director.press("/month/2026-11/statistics"))
    assert desk.deeds("command")[0] == "exported"
    wrong = run(args=["statistics", "November", str(tmp_path / "x.yml")])
    assert (wrong.exit_code, "不是月份" in wrong.output) == (1, True)
    assert not (tmp_path / "x.yml").exists()


@pytest.mark.parametrize("month", ["2027-01", "2026-13", "x", "2026-1"])
def test_a_month_to_come_or_none_is_not_there(desk: DeskOffice, month: str) -> None:
    """404, whatever stands in the address."""
    assert desk.colleague("clerk").get(f"/month/{month}/").status == 404


# ── the ledger ───────────────────────────────────────────────────────────────────────────────


def ledger(desk: DeskOffice, **more: str) -> Page:
    clerk = desk.colleague("clerk")
    clerk.get("/month/2026-11/")
    form = {"first": "2026-11-01", "last": "2026-11-30", "kind": "csv"}
    return clerk.press("/month/ledger", **form | more)


def test_the_ledger_tells_how_each_case_stands(desk: DeskOffice) -> None:
    """A row for each case of the span, without appointments; days of its steps."""
    case = file(desk, NOVEMBER)
    facts = {"accepted_on": "2026-11-12", "unit": "县自然资源局"}
    go(desk, case, "register", "accept", at=NOVEMBER + timedelta(days=2), **facts)
    file(desk, NOVEMBER + timedelta(days=25))
    file(desk, NOVEMBER, course="appointment", form="appointment")
    text = attached(ledger(desk)).decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text)))

    assert [one["登记编号"] for one in found] == [case.number]
    row = found[0]
    assert (row["收到日期"], row["受理日期"], row["办理期限"]) == (
        "2026-11-10", "2026-11-12", "2027-01-11",
    )  # fmt: skip
    assert (row["事项"], row["责任单位"], row["办到哪一步"]) == (
        "征地补偿和安置", "县自然资源局", "已受理",
    )  # fmt: skip
    assert desk.deeds("clerk1")[-1] == "exported"


def test_names_are_in_the_ledger_for_who_asks_with_the_vault_open(desk: DeskOffice) -> None:
    """Locked: one is led to unlock it, and nothing is exported."""
    file(desk, NOVEMBER)
    locked = ledger(desk, names="1", kind="xlsx")
    assert locked.status != 200 or "锁" in locked.words
    assert "exported" not in desk.deeds("clerk1")

    desk.unlock()
    clerk = desk.colleague("clerk", "clerk2")
    clerk.get("/month/2026-11/")
    form = {"first": "2026-11-01", "last": "2026-11-30", "kind": "xlsx", "names": "1"}
    book = load_workbook(io.BytesIO(attached(clerk.press("/month/ledger", **form))))
    said = [str(cell.value) for row in book.active.iter_rows() for cell in row]  # type: ignore[union-attr]

    assert {NAME, PHONE, REQUEST} <= set(said)
    assert desk.desk.log.entries("clerk2", many=1)[0].ref == "ledger 2026-11-01 2026-11-30 names"


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-11-30", "2026-11-01"), ("", "2026-11-01"), ("2025-01-01", "2026-11-01"), ("x", "y")],
)
def test_a_span_that_is_none_exports_nothing(desk: DeskOffice, first: str, last: str) -> None:
    """It is said, and nothing is logged as exported."""
    answer = ledger(desk, first=first, last=last)

    assert answer.status == 303
    assert "exported" not in desk.deeds("clerk1")


# ── the screening form ───────────────────────────────────────────────────────────────────────


def test_the_screening_form_begins_with_what_presses(desk: DeskOffice) -> None:
    """Late, urgent, of many; why, whose, until when. What does not press is left to the pen."""
    late = file(desk, NOVEMBER)
    urgent = file(desk)
    go(desk, urgent, "register", urgent="yes")
    many = file(desk)
    go(desk, many, "register", people="12")
    quiet = file(desk)
    go(desk, quiet, "register")
    elsewhere = file(desk, NOVEMBER, institution="qingshi-town")
    text = words(desk.colleague("clerk").get("/month/screening/yunling-county.pdf").response.data)

    for case, why in ((late, "超期"), (urgent, "加急"), (many, "12人反映")):
        assert case.number in text
        assert why in text
    assert quiet.number not in text
    assert elsewhere.number not in text
    assert desk.deeds("clerk1")[-1] == "printed"


# ── how much is read ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/month/2026-11/digest/", "/month/2026-11/", "/reception/"])
def test_no_page_of_a_month_walks_through_all_cases(desk: DeskOffice, path: str) -> None:
    """Each statement goes to its days or sessions by an index, never through the whole lane."""
    file(desk, NOVEMBER)
    director = desk.colleague("director")
    engine = desk.service.store._database.engine
    asked: list[tuple[str, Any]] = []

    @event.listens_for(engine, "before_cursor_execute")
    def keep(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if "FROM docket" in statement:
            asked.append((statement, values))

    director.get(path)
    event.remove(engine, "before_cursor_execute", keep)

    assert len(asked) >= 2
    with engine.connect() as connection:
        for statement, values in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            told = " ".join(str(one[3]) for one in plan)
            assert "SCAN docket" not in told, (told, statement)
            assert "(lane=?)" not in told, (told, statement)
