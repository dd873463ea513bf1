"""Pages of a case at the desk in a real browser: the list, the case, its steps, its papers, entry.

A county case that went through a leader's reception has something of everything: cards, slips, a
supplement, scans, a step taken back, a tie to another case.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from tests.browsing import follow
from tests.desk.hands import House, house
from tests.desk.test_desk_pages import wrong
from tests.handling import walk
from tests.online.citizens import PDF

NAME = "阿依古丽·买买提江·吐尔逊娜依"
REQUEST = "请求补发征地补偿款一万八千六百元，并说明少算的两亩三分地是怎样量的。" * 8
PAGES = {
    "list": "/cases/", "late": "/cases/?view=late", "narrowed": "/cases/?view=all&leader=zhang-yan",
    "nothing": "/cases/?view=all&unit=none", "case": "/cases/1/", "an appointment": "/cases/2/",
    "step": "/cases/1/do/unit-report/", "words for him": "/cases/1/message/",
    "correction": "/cases/1/correct/", "wrong door": "/cases/1/reroute/",
    "papers": "/cases/1/papers/", "card": "/cases/1/papers/cards:leader/",
    "slips": "/cases/1/papers/slips:all/",
    "register form": "/cases/1/papers/register-form/", "sheet": "/cases/1/papers/leader-sheet/",
    "letter": "/cases/1/papers/accepted:petitioner/", "entry": "/entry/",
    "entry form": "/entry/appeal/", "from an appointment": "/entry/appeal/?of=2",
    "booking by telephone": "/entry/appointment/", "nobody's": "/cases/999/",
}  # fmt: skip


@pytest.fixture(scope="module")
def rooms(
    sample_site: Path,
    keys: Path,
    empty_queue: Path,
    tmp_path_factory: pytest.TempPathFactory,
    browser: Browser,
) -> Iterator[House]:
    """A desk with a case of everything, an appointment, and a clerk who clicks."""
    home = tmp_path_factory.mktemp("rooms")
    with house(sample_site, keys, empty_queue, home, browser) as opened:
        _history(opened)
        yield opened


def _history(rooms: House) -> None:
    clerk = rooms.hand("clerk", "clerk1")
    said = {"name": NAME, "address": "青石镇上村2组17号", "request": REQUEST, "facts": REQUEST}
    number = clerk.write_down("申诉求决", "县领导", **said)
    office = rooms.public
    citizen = rooms.citizen()
    citizen.file("appointment", office.answers("appointment"))
    steps = ("register", "arrange", "draft", "invite", "meet", "accept", "slips")
    walk(rooms.office.service.store, 1, *steps, now=office.now(), like="county")
    clerk.find(number)
    clerk.begin("责任单位报告办理情况")
    clerk.fill("f_", {"report": "已经核实。", "signatory": "主任", "proof": "存一号柜"})
    clerk.main.locator("[name=f_file]").set_input_files(
        {"name": "回执.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    follow(clerk.main.locator("form.work button.go"))
    clerk.main.get_by_text("撤销这一步").click()
    clerk.main.get_by_label("为什么撤销").fill("附错了材料")
    follow(clerk.main.get_by_role("button", name="撤销", exact=True))
    clerk.main.get_by_label("重复或者联名的，写另一件的编号").fill("2026-000002")
    clerk.go("关联")


@pytest.fixture
def tab(rooms: House) -> Iterator[Tab]:
    """The clerk's browser, in which looks.js may run whatever the policy says."""
    clerk = rooms.hand("clerk", "clerk1")
    context = rooms.browser.new_context(locale="zh-CN", bypass_csp=True)
    context.add_cookies(clerk.tab.context.cookies())  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_looks_right(rooms: House, tab: Tab, name: str) -> None:
    """From a small telephone to a wide screen, dark, printed, by keyboard, by voice."""
    tab.goto(rooms.address + PAGES[name])

    assert "\n".join(wrong(tab)) == ""


def test_what_was_refused_looks_right(rooms: House, tab: Tab) -> None:
    """A step and a form with errors: a summary that is announced, and every word kept."""
    found = []
    tab.goto(rooms.address + "/cases/1/do/unit-report/")
    tab.locator("[name=f_proof]").fill("存一号柜")
    follow(tab.locator("form.work button.go"))
    assert tab.locator("[name=f_proof]").input_value() == "存一号柜"
    found += wrong(tab)
    tab.goto(rooms.address + "/entry/appeal/")
    tab.locator("[name=q_name]").fill(NAME)
    follow(tab.get_by_role("button", name="登记，给编号和查询码"))
    assert tab.locator("[name=q_name]").input_value() == NAME
    found += wrong(tab)

    assert "\n".join(found) == ""


def test_the_receipt_looks_right(rooms: House, tab: Tab) -> None:
    """The only page that shows a code."""
    tab.goto(rooms.address + "/entry/enquiry/")
    tab.get_by_label("县信访局", exact=True).check()
    tab.locator("[name=q_question]").fill("低保怎样申请")
    follow(tab.get_by_role("button", name="登记，给编号和查询码"))

    assert tab.get_by_text("登记好了").count(), tab.locator("main").inner_text()
    assert "\n".join(wrong(tab)) == ""


def test_what_was_found_by_name_looks_right(rooms: House, tab: Tab) -> None:
    """The only list that shows names."""
    tab.goto(rooms.address + "/cases/")
    tab.get_by_label("编号、姓名或者内容").fill("阿依古丽")
    follow(tab.get_by_role("button", name="找"))

    assert NAME in tab.locator("main").inner_text()
    assert "\n".join(wrong(tab)) == ""
