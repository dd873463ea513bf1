"""A desk that answers on loopback, and people who click there, each in a browser of his own."""

from __future__ import annotations

import io
import re
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator
from playwright.sync_api import Page as Tab
from pypdf import PdfReader
from werkzeug.serving import WSGIRequestHandler, make_server

from casework.workdays import SHANGHAI
from intake_app.config import Config
from tests.browsing import follow
from tests.desk.staffing import PASSWORD, Clock, Colleague, DeskOffice
from tests.online.citizens import Citizen, Office
from tests.online.conftest import NOW

LONG = 10**6  # a session that outlives a case of months


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object, **__: object) -> None:
        """Say nothing."""


@dataclass
class House:
    """A running desk, the public service over the same queue, and whoever came in so far."""

    office: DeskOffice
    public: Office
    address: str
    browser: Browser
    people: dict[str, Hand] = field(default_factory=dict)

    def day(self, month: int, day: int, *, year: int = 2026, hour: int = 9) -> datetime:
        """Let it be that day, for everybody."""
        self.office.clock.now = datetime(year, month, day, hour, 30, tzinfo=SHANGHAI)
        return self.office.clock.now

    def hand(self, role: str, login: str, **more: Any) -> Hand:
        """Somebody at the desk; he logs in when he comes for the first time."""
        if login not in self.people:
            made = self.people[login] = Hand(self, self.office.hire(role, login, **more))
            made.enter()
        return self.people[login]

    def citizen(self) -> Citizen:
        return self.public.citizen()


@contextmanager
def house(site: Path, keys: Path, queue: Path, home: Path, browser: Browser) -> Iterator[House]:
    """Start a desk, its vault open, over a migrated queue; stop it at the end."""
    config = Config(
        home=home,
        site=site,
        keys=keys,
        prefix="/online",
        filing_limit="100000 per minute",
        page_limit="100000 per minute",
        min_seconds=0,
        floor_mb=1,
        desk_idle_minutes=LONG,
        desk_session_hours=LONG,
        now=NOW,
    )
    (home / queue.name).write_bytes(queue.read_bytes())
    clock = Clock(NOW)
    office, public = DeskOffice(config, clock), Office(config)
    public.service.clock = clock
    office.unlock()
    server = make_server("127.0.0.1", 0, office.app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield House(office, public, f"http://localhost:{server.server_port}", browser)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        for one in (office, public):
            one.service.store.close()


@dataclass
class Hand:
    """A colleague who clicks."""

    house: House
    who: Colleague

    @cached_property
    def tab(self) -> Tab:
        context = self.house.browser.new_context(locale="zh-CN")
        tab = context.new_page()
        tab.set_default_timeout(20_000)
        return tab

    @property
    def main(self) -> Locator:
        return self.tab.locator("main")

    @property
    def words(self) -> str:
        return re.sub(r"\s+", "", self.main.inner_text())

    def enter(self) -> None:
        """Log in."""
        self.tab.goto(self.house.address + "/cases/")
        self.tab.get_by_label("登录名").fill(self.who.id)
        self.tab.get_by_label("口令").fill(PASSWORD)
        follow(self.tab.get_by_role("button", name="下一步"))
        self.tab.get_by_label("手机上的6位验证码").fill(self.who.code())
        follow(self.tab.get_by_role("button", name="登录"))

    def go(self, words: str) -> None:
        """Follow a link or press a button of the page's own part."""
        link = self.main.get_by_role("link", name=words, exact=True)
        follow(link.or_(self.main.get_by_role("button", name=words, exact=True)).first)

    def menu(self, words: str) -> None:
        bar = self.tab.get_by_role("navigation")
        follow(bar.get_by_role("link", name=words, exact=True))

    def find(self, number: str) -> None:
        """Look a case up by its number."""
        self.menu("事项")
        self.tab.get_by_label("编号、姓名或者内容").fill(number)
        self.go("找")

    def write_down(self, form: str, house: str, **answers: str) -> str:
        """Fill in a form for somebody who came, called or wrote; the case lies open then."""
        self.menu("登记来访")
        self.go(form)
        if house:
            self.main.get_by_label(house, exact=True).check()
        self.fill("q_", answers)
        self.go("登记，给编号和查询码")
        return self.main.locator("dd b").first.inner_text()

    def fill(self, prefix: str, answers: dict[str, str]) -> None:
        """Answer by the questions' ids."""
        for name, value in answers.items():
            bare = prefix == "q_" and name in ("channel", "received_on", "first_asked")
            key = name if bare else prefix + name
            found = self.main.locator(f"[name={key}]")
            kind = found.first.evaluate("one => one.tagName === 'SELECT' ? 'select' : one.type")
            if kind == "select":
                found.select_option(value)
            elif kind in ("radio", "checkbox"):
                self.main.locator(f"[name={key}][value='{value}']").check()
            else:
                found.fill(value)

    def can(self) -> dict[str, str]:
        """The steps that the case's page offers, each with what is still in its way."""
        found = {}
        for one in self.main.locator("ul.dos li").all():
            name = (one.locator("a").text_content() or "").removeprefix("再做一次：")
            found[name] = (
                re.sub(r"\s+", "", one.locator(".soft").all_text_contents()[0])
                if (one.locator(".soft").count())
                else ""
            )
        return found

    def do(self, step: str, **answers: str) -> None:
        """Do a step of the case that lies open, and come back to the case."""
        self.begin(step)
        self.fill("f_", answers)
        follow(self.main.locator("form.work button.go"))
        told = self.main.get_by_role("status")
        assert told.count(), self.words[:600]
        assert "记下了" in told.inner_text(), told.inner_text()

    def begin(self, step: str) -> None:
        """Open a step's page, also one that is folded away."""
        self.back()
        link = self.main.locator("ul.dos a").filter(has_text=re.compile(re.escape(step)))
        exact = [one for one in link.all() if (one.text_content() or "").endswith(step)]
        assert exact, f"{step} is not offered: {self.can()}"
        if not exact[0].is_visible():
            self.main.get_by_text("别的情况").click()
        follow(exact[0])

    def back(self) -> None:
        """From a step or the papers to the case."""
        case = re.search(r"/cases/\d+/", self.tab.url)
        assert case, self.tab.url
        if not self.tab.url.endswith(case.group()):
            follow(self.tab.locator("p.crumb a").first)

    def reload(self) -> None:
        self.tab.reload()

    def papers(self) -> None:
        """Open the case's papers."""
        self.back()
        follow(self.main.get_by_role("link", name=re.compile("^单子和文书")))

    def sheets(self, papers: str) -> list[str]:
        """To whom the copies of a set went, in their order."""
        table = self.main.get_by_role("table", name=papers, exact=True)
        return table.locator("tbody th").all_inner_texts()

    def printed(self, papers: str, to: str) -> str:
        """The words of the PDF behind the link of that copy."""
        table = self.main.get_by_role("table", name=papers, exact=True)
        row = table.get_by_role("row").filter(has_text=to).first
        return "".join(self._pdf(row.get_by_role("link", name=re.compile("^打印"))))

    def all_printed(self, papers: str) -> list[str]:
        """The words of each page of the whole set."""
        part = self.main.locator("section").filter(
            has=self.tab.get_by_role("table", name=papers, exact=True)
        )
        return self._pdf(part.get_by_role("link", name=re.compile("^打印全部")))

    def receipt(self) -> str:
        return "".join(self._pdf(self.main.get_by_role("link", name="打印回执（PDF）")))

    def _pdf(self, link: Locator) -> list[str]:
        answer = self.tab.context.request.get(self.house.address + str(link.get_attribute("href")))
        assert answer.headers["content-type"] == "application/pdf", answer.status
        return [squeezed(one.extract_text()) for one in PdfReader(io.BytesIO(answer.body())).pages]


def squeezed(text: str) -> str:
    """Without the white space and the variants of signs that a PDF's text has."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
