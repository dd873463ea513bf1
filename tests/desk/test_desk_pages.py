"""Pages of the desk in a real browser: for eyes, fingers, keyboards and voices; scripts off."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab
from werkzeug.serving import WSGIRequestHandler, make_server

from casework.workdays import SHANGHAI
from intake_app.config import Config
from intake_app.migrations import upgrade
from intake_app.staff import COMMAND, Newcomer
from tests.browsing import follow
from tests.desk.filed import file
from tests.desk.staffing import FIRST, PASSWORD, Clock, Colleague, DeskOffice
from tests.looks import CONDITIONS, axe, faults, take
from tests.online.conftest import NOW

FRIDAY = "yunling-county-20261211-1430"
PAGES = {
    "people": "/people/", "new": "/people/new", "a leader": "/people/of/zhang/",
    "a locked one": "/people/of/liu/", "report officer": "/people/of/secret/",
    "log": "/people/log/", "account": "/account/", "unlock": "/unlock/", "no such page": "/nope",
    "month": "/month/2026-11/", "digest": "/month/2026-11/digest/", "late": "/month/late/",
    "reception": "/reception/", "its day": f"/reception/{FRIDAY}/",
    "its calls": f"/reception/{FRIDAY}/calls/",
}  # fmt: skip


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object, **__: object) -> None:
        """Say nothing."""


@dataclass
class Running:
    """A desk that answers on loopback, and its director."""

    office: DeskOffice
    address: str
    director: Colleague

    def enter(self, tab: Tab, asked: str = "/", who: Colleague | None = None) -> None:
        """As a person does it."""
        one = who or self.director
        tab.goto(self.address + asked)
        tab.get_by_label("登录名").fill(one.id)
        tab.get_by_label("口令").fill(PASSWORD)
        follow(tab.get_by_role("button", name="下一步"))
        tab.get_by_label("手机上的6位验证码").fill(one.code())
        follow(tab.get_by_role("button", name="登录"))


def _file(office: DeskOffice) -> None:
    """Appeals of November, late by now, and appointments of a Friday that was changed since."""
    session = office.service.published.sessions[FRIDAY]
    for _ in range(3):
        file(office, NOW - timedelta(days=28))
        file(office, session=replace(session, sequence=session.sequence - 1))
    office.unlock()


@pytest.fixture(scope="module")
def running(
    sample_site: Path, keys: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """A desk with a colleague of every kind, and one who is locked out."""
    home = tmp_path_factory.mktemp("desk")
    config = Config(home=home, site=sample_site, keys=keys, floor_mb=1, now=NOW)
    upgrade(config.store_url)
    office = DeskOffice(config, Clock(NOW))
    director = office.hire("director", "boss")
    for role, login in (("leader", "zhang"), ("unit", "land"), ("report", "secret")):
        office.hire(role, login)
    office.hire("clerk", "liu", institutions=frozenset({"longtan-township", "qingshi-town"}))
    for _ in range(5):
        Colleague(office, "liu").give_password("wrong")
    _file(office)
    long = "阿依古丽·买买提江·吐尔逊娜依" * 4
    office.accounts.add(Newcomer("fresh", long, "clerk"), FIRST, NOW, by=COMMAND)
    server = make_server("127.0.0.1", 0, office.app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Running(office, f"http://127.0.0.1:{server.server_port}", director)
    server.shutdown()
    thread.join()
    server.server_close()
    office.service.store.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    """A fresh browser, in which looks.js may run whatever the policy says."""
    context = browser.new_context(locale="zh-CN", bypass_csp=True)
    yield context.new_page()
    context.close()


def wrong(tab: Tab) -> list[str]:
    """All that is wrong with the page, in every way of looking that the desk has."""
    usual = [one for one in CONDITIONS if not one.classes]
    found = [*(fault for one in usual for fault in faults(tab, one)), *axe(tab)]
    take(tab, usual[0])
    return found


def test_the_way_in_looks_right(running: Running, tab: Tab) -> None:
    """Login, wrong login, second factor, code: each page under every condition."""
    found = {}
    tab.goto(running.address + "/people/")
    found["login"] = wrong(tab)
    tab.get_by_label("登录名").fill("fresh")
    tab.get_by_label("口令").fill(FIRST)
    follow(tab.get_by_role("button", name="下一步"))
    found["factor"] = wrong(tab)
    tab.goto(running.address + "/login")
    tab.get_by_label("登录名").fill("boss")
    tab.get_by_label("口令").fill("wrong")
    follow(tab.get_by_role("button", name="下一步"))
    found["wrong"] = wrong(tab)
    tab.get_by_label("登录名").fill("boss")
    tab.get_by_label("口令").fill(PASSWORD)
    follow(tab.get_by_role("button", name="下一步"))
    found["code"] = wrong(tab)

    assert "\n".join(one for faults in found.values() for one in faults) == ""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_looks_right(running: Running, tab: Tab, name: str) -> None:
    """From a small telephone to a wide screen, dark, printed, by keyboard, by voice."""
    running.enter(tab)
    tab.goto(running.address + PAGES[name])

    assert "\n".join(wrong(tab)) == ""


def test_a_leaders_own_days_look_right(running: Running, tab: Tab) -> None:
    """With names and without, from a small telephone to a wide screen."""
    county = frozenset({"yunling-county"})
    leader = running.office.hire("leader", "wang", person="wang-jianguo", institutions=county)
    running.enter(tab, "/mine/", leader)
    assert tab.title().startswith("我的接待日")
    found = wrong(tab)
    follow(tab.get_by_role("link", name="看12月11日").first)

    assert "\n".join([*found, *wrong(tab)]) == ""


def test_a_director_works_without_scripts(running: Running, browser: Browser) -> None:
    """Logs in, gets to the page that was asked for, adds a clerk, sees the password, leaves."""
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    tab = context.new_page()
    told: list[str] = []
    tab.on("console", lambda one: told.append(one.text))
    running.enter(tab, "/people/new")
    tab.get_by_label("登录名").fill("chenchen")
    tab.get_by_label("姓名").fill("陈晨")
    tab.get_by_label("责任单位").check()
    tab.get_by_label("哪一个单位").select_option("县水利局")
    follow(tab.get_by_role("button", name="添加"))
    assert tab.title().startswith("初始口令")
    follow(tab.get_by_role("link", name="交给他了"))
    assert tab.get_by_role("link", name="陈晨").is_visible()
    follow(tab.get_by_role("button", name="退出"))
    assert tab.title().startswith("登录")
    context.close()

    assert told == []
    assert running.office.get("chenchen").unit == "县水利局"


def test_a_link_on_another_site_finds_one_logged_in(running: Running, tab: Tab) -> None:
    """The strict cookie stays away from such a link; the page comes all the same."""
    running.enter(tab)
    link = f'<a href="{running.address}/people/">人员</a>'
    tab.route(
        "http://portal.example/",
        lambda route: route.fulfill(body=link, content_type="text/html; charset=utf-8"),
    )
    tab.goto("http://portal.example/")
    tab.get_by_text("人员").click()
    tab.wait_for_url("**/people/")
    tab.wait_for_selector("table")

    assert tab.title().startswith("人员")
    tab.goto(running.address + "/account/")
    assert tab.title().startswith("我的账号")


def test_the_hall_looks_right_and_renews_itself(running: Running, tab: Tab) -> None:
    """The next call is seen by itself, a lost desk is told. Last here: it is Friday from now on."""
    running.office.clock.now = datetime(2026, 12, 11, 14, 40, tzinfo=SHANGHAI)
    running.enter(tab, "/reception/")
    with tab.context.expect_page() as opened:
        tab.locator("form:has([value=yunling-county]) button").first.click()
    screen = opened.value
    screen.clock.install()
    screen.reload()
    assert screen.locator("dd.turn").inner_text() == "—"
    tab.goto(f"{running.address}/reception/{FRIDAY}/")
    follow(tab.get_by_role("button", name="叫下一位"))
    screen.clock.run_for(15_000)
    screen.locator("dd.turn").filter(has_text="2026-").wait_for()
    assert screen.locator(".old").is_hidden()
    assert "\n".join(wrong(screen)) == ""
    screen.route("**/hall/", lambda route: route.abort())
    screen.clock.run_for(15_000)
    screen.locator(".old").wait_for()
    assert "2026-" in screen.locator("dd.turn").inner_text()
    assert "\n".join(wrong(screen)) == ""
