"""A citizen's whole way in a real Chromium: from the site into the service, and back to the case.

Site and service stand at one address, served as ``make run`` serves them.
"""

from __future__ import annotations

import gzip
import io
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, FilePayload, Page, expect
from pypdf import PdfReader

from intake_app.config import Config
from intake_app.migrations import upgrade
from tests.online.citizens import JPEG, Office, change_calendar
from tests.online.conftest import NOW
from tests.online.servers import Server

FORMS = ("suggestion", "appeal", "report", "enquiry", "appointment")
CHILDREN = ("supplement", "withdrawal", "satisfaction")
PAGES = ("", "status/", "legal/", *(f"forms/{slug}/" for slug in FORMS + CHILDREN))
WORDS = "征地补偿款少算了两亩。\n问过乡里三次，没有答复。"
CROWDED = "yunling-county-20261229-0830"  # gets one place
NUMBER = re.compile(r"2026-\d{6}")


@dataclass(frozen=True)
class County:
    """A running county: its address, its settings."""

    address: str
    config: Config

    @property
    def online(self) -> str:
        return f"{self.address}online/"

    def filed(self) -> int:
        """How many submissions the office holds."""
        office = Office(self.config)
        with closing(office.service.store):
            return len(office.submissions())


@pytest.fixture(scope="module")
def county(
    sample_site: Path, keys: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[County]:
    folder = tmp_path_factory.mktemp("county")
    (folder / "home").mkdir()
    site = folder / "site"
    shutil.copytree(sample_site, site)
    terms = {"open": True, "quota": 1, "closes": "2026-12-28T17:00:00+08:00", "by": ["网上"]}
    change_calendar(site, CROWDED, booking=terms | {"note": None})
    config = Config(
        home=folder / "home",
        site=site,
        keys=keys,
        prefix="/online",
        serve_site=True,
        filing_limit="100000 per minute",
        page_limit="100000 per minute",
        min_seconds=0,
        floor_mb=1,
        now=NOW,
    )
    upgrade(config.store_url)
    server = Server(config, folder / "server.log")
    server.start()
    yield County(f"http://127.0.0.1:{server.port}/", config)
    server.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open browsers of their own: ``visit()``, ``visit(java_script_enabled=False)``."""
    opened: list[Page] = []
    wrong: list[str] = []

    def hear(told: ConsoleMessage) -> None:
        if "Policy" in told.text:
            wrong.append(told.text)

    def start(**fields: Any) -> Page:
        fields = {"viewport": {"width": 360, "height": 740}, "locale": "zh-CN"} | fields
        page = browser.new_context(**fields).new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", hear)
        opened.append(page)
        return page

    yield start
    for page in opened:
        page.context.close()
    assert wrong == []


def answer(page: Page, **known: str) -> None:
    """Fill in what is asked and empty: ``known`` by field id, the first of each choice."""
    for group in page.locator("form.long fieldset:has(> div > .pick, > .pick):visible").all():
        if group.locator("input:checked").count() == 0:
            group.locator("input[type=radio]").first.check()
    for field in page.locator("form.long :is(input[type=text], input[type=tel], textarea)").all():
        name = (field.get_attribute("name") or "").removeprefix("q_")
        if name != "website" and field.is_visible() and not field.input_value():
            field.fill(known.get(name, {"phone": "0990-8800123"}.get(name, WORDS[:12])))
    page.locator("form.long input[type=checkbox]").check()


def press(page: Page, name: str) -> None:
    """Press the button or follow the link of this name in the page's own part."""
    button = page.locator("main").get_by_role("button", name=name, exact=True)
    link = page.locator("main").get_by_role("link", name=name, exact=True)
    button.or_(link).first.click()


def send(page: Page) -> tuple[str, str]:
    """Check and send the filled form; number and query code of the receipt."""
    press(page, "下一步：从头看一遍")
    press(page, "提交")
    page.wait_for_url("**/receipt/**")
    number, code = page.locator("dd.big").all_inner_texts()
    return number, code


def book(page: Page, county: County, session: str) -> tuple[str, str]:
    page.goto(f"{county.online}forms/appointment/?session={session}")
    page.locator(f"input[name=q_session][value$='{session}']").check()
    answer(page, name="阿依古丽·买买提")
    return send(page)


def look_up(page: Page, county: County, number: str, code: str) -> None:
    page.goto(f"{county.online}status/")
    page.get_by_label("登记编号").fill(number)
    page.get_by_label("查询码").fill(code)
    press(page, "查进度")
    expect(page.locator("h1")).to_have_text("办到哪一步")


def heading(page: Page, words: str) -> None:
    expect(page.locator("h1")).to_contain_text(words)


# ── the story ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scripts", [True, False])
def test_from_a_matter_to_an_appointment_and_back(
    county: County, visit: Callable[..., Page], scripts: bool
) -> None:
    """Find who hears it, book, keep the receipt, look the status up, change, cancel, close."""
    page = visit(java_script_enabled=scripts)
    page.goto(county.address)
    page.get_by_role("navigation").get_by_role("link", name="找谁反映").click()
    page.get_by_role("link", name="征地补偿和安置").click()
    expect(page.locator("main")).to_contain_text("张䶮")
    expect(page.locator("main")).to_contain_text("12月18日（星期五）")
    press(page, "预约这位领导")

    heading(page, "预约领导接待日")
    chosen = page.locator(".pick:has(input[name=q_session]:checked)")
    expect(chosen).to_contain_text("12月18日（星期五）上午 8:30–11:30")
    expect(chosen).to_contain_text("张䶮（副县长）")
    expect(chosen).to_contain_text("分管您这件事")
    answer(page, name="阿依古丽·买买提", request=WORDS)
    press(page, "下一步：从头看一遍")

    heading(page, "从头看一遍")
    for words in ("阿依古丽·买买提", "征地补偿和安置", "张䶮", "0990-8800123", *WORDS.split("\n")):
        expect(page.locator(".said")).to_contain_text(words)
    press(page, "提交")

    heading(page, "约好了")
    number, code = page.locator("dd.big").all_inner_texts()
    assert NUMBER.fullmatch(number)
    expect(page.locator("main")).to_contain_text("张䶮")
    press(page, "抄好了")
    heading(page, "收好了")
    expect(page.locator("main")).not_to_contain_text(code)

    press(page, "查进度")
    page.get_by_label("登记编号").fill(number.replace("-", ""))
    page.get_by_label("查询码").fill(code.lower().replace("-", " "))
    press(page, "查进度")
    heading(page, "办到哪一步")
    expect(page.locator("main")).to_contain_text("您约的接待")
    expect(page.locator("main")).to_contain_text("张䶮")

    press(page, "改约别的时间")
    other = page.locator(".pick", has_text="12月15日").first
    other.locator("input").check()
    press(page, "改约")
    expect(page.get_by_role("status")).to_contain_text("您改约了接待时间")
    expect(page.locator(".box .who")).not_to_contain_text("张䶮")
    expect(page.locator("main")).to_contain_text("2026年12月15日")

    press(page, "取消预约")
    heading(page, "真的要取消吗")
    press(page, "取消预约")
    expect(page.get_by_role("status")).to_contain_text("您取消了预约")
    expect(page.get_by_role("heading", name="预约已经取消")).to_be_visible()

    press(page, "看完了，关上")
    page.goto(f"{county.online}status/case/")
    heading(page, "查进度")


def tab_to(page: Page, until: str, **typed: str) -> None:
    """Tab to what is called ``until``; on the way fill what is empty (``typed`` by field id).

    Every stop is seen, and marked; no stop comes twice.
    """
    stops = set()
    for _ in range(90):
        page.keyboard.press("Tab")
        at = page.locator("*:focus")
        assert at.evaluate("one => getComputedStyle(one).outlineStyle") != "none"
        box = at.bounding_box()
        assert box
        assert box["x"] >= 0
        stop = (at.get_attribute("id") or at.inner_text(), box["x"], box["y"] + scrolled(page))
        assert stop not in stops, f"a trap: {stop}"
        stops.add(stop)
        if at.inner_text().strip() == until:
            return
        kind = at.get_attribute("type") or at.evaluate("one => one.localName")
        name = (at.get_attribute("id") or "").removeprefix("q_")
        if kind in ("radio", "checkbox"):
            page.keyboard.press("Space")
        elif kind in ("text", "tel", "textarea") and not at.input_value():
            other = "0990-8800123" if kind == "tel" else "从村口修一条水渠"
            page.keyboard.insert_text(typed.get(name, other))
    raise AssertionError(until)


def scrolled(page: Page) -> float:
    return float(page.evaluate("scrollY"))


def enter(page: Page, *path: str, **typed: str) -> None:
    """Follow links and press buttons, one after the other, skipping to the text on each page."""
    for until in path:
        if page.locator("*:focus").count() == 0:
            page.keyboard.press("Tab")
            expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
            page.keyboard.press("Enter")
            expect(page.locator("main")).to_be_focused()
        tab_to(page, until, **typed)
        with page.expect_navigation():
            page.keyboard.press("Enter")


def test_the_whole_form_by_keyboard_alone(county: County, visit: Callable[..., Page]) -> None:
    """Tab, space, enter: no trap, no hidden stop, the focus always seen, a receipt at the end."""
    page = visit(viewport={"width": 1200, "height": 800})
    page.goto(f"{county.online}forms/suggestion/")
    enter(page, "下一步：从头看一遍", "提交")

    heading(page, "已经收到")
    assert NUMBER.fullmatch(page.locator("dd.big").first.inner_text())


def test_the_whole_way_by_keyboard_alone(county: County, visit: Callable[..., Page]) -> None:
    """Calendar, month, leader, booking, receipt, status, cancelled: without a mouse or a finger."""
    page = visit(viewport={"width": 1200, "height": 800})
    page.goto(f"{county.address}calendar/")
    enter(page, "2026年12月", "张䶮", "网上预约")
    heading(page, "预约领导接待日")
    expect(page.locator(".pick:has(:checked)").first).to_contain_text("张䶮")
    enter(page, "下一步：从头看一遍", "提交")
    heading(page, "约好了")
    number, code = page.locator("dd.big").all_inner_texts()
    enter(page, "抄好了")
    enter(page, "查进度")

    heading(page, "查进度")
    tab_to(page, "跳到正文")
    page.keyboard.press("Enter")
    tab_to(page, "查进度", number=number, code=code)
    page.keyboard.press("Enter")
    heading(page, "办到哪一步")
    enter(page, "取消预约")
    heading(page, "真的要取消吗")
    enter(page, "取消预约")
    expect(page.get_by_role("status")).to_contain_text("您取消了预约")


# ── nothing typed is lost ────────────────────────────────────────────────────────────────────


def test_a_long_text_survives_an_expired_cookie(county: County, visit: Callable[..., Page]) -> None:
    """The cookie is gone after an hour of writing: told first, every word there, then filed."""
    page = visit()
    page.goto(f"{county.online}forms/appeal/")
    long = "\n".join(f"第{n}天，我到村委会去问，门关着。" for n in range(200))
    answer(page, facts=long)
    page.context.clear_cookies()
    press(page, "下一步：从头看一遍")

    expect(page.locator("#trouble")).to_be_focused()
    expect(page.locator("#trouble")).to_contain_text("还没有提交")
    assert page.get_by_label("事实").input_value() == long
    assert NUMBER.fullmatch(send(page)[0])


def test_back_from_the_check_finds_the_words(county: County, visit: Callable[..., Page]) -> None:
    """With the browser's own "back" as with the button."""
    page = visit()
    page.goto(f"{county.online}forms/suggestion/")
    answer(page, advice=WORDS)
    press(page, "下一步：从头看一遍")
    press(page, "回去改")
    assert page.get_by_label("您建议怎么办").input_value() == WORDS
    page.goto(f"{county.online}forms/enquiry/")
    answer(page, question=WORDS)
    press(page, "下一步：从头看一遍")
    heading(page, "从头看一遍")
    page.go_back()

    assert page.get_by_label("您的问题").input_value() == WORDS


@pytest.mark.parametrize("scripts", [True, False])
def test_errors_come_first_and_lead_to_their_fields(
    county: County, visit: Callable[..., Page], scripts: bool
) -> None:
    """The summary has the focus; each of its links puts the focus where it is to be mended."""
    page = visit(java_script_enabled=scripts)
    page.goto(f"{county.online}forms/appointment/")
    press(page, "下一步：从头看一遍")

    expect(page).to_have_title(re.compile("^错误："))
    expect(page.locator("#problems")).to_be_focused()
    links = page.locator("#problems a")
    assert links.count() >= 5
    for link in links.all():
        target = link.get_attribute("href") or ""
        link.click()
        expect(page.locator(target)).to_be_focused()


def test_the_enter_key_goes_on_and_drops_no_file(
    county: County, visit: Callable[..., Page]
) -> None:
    """In a text field it means "next", although buttons that drop files come before that one."""
    page = visit()
    page.goto(f"{county.online}forms/suggestion/")
    photo: FilePayload = {"name": "水渠.jpg", "mimeType": "image/jpeg", "buffer": JPEG}
    page.get_by_label("照片、材料").set_input_files(photo)
    press(page, "下一步：从头看一遍")
    expect(page.locator(".kept")).to_contain_text("水渠.jpg")
    answer(page)
    page.get_by_label("一句话说清建议").press("Enter")

    heading(page, "从头看一遍")
    expect(page.locator(".said")).to_contain_text("水渠.jpg")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_double_tap_files_once(county: County, visit: Callable[..., Page], scripts: bool) -> None:
    """An impatient finger on "send"."""
    before = county.filed()
    page = visit(java_script_enabled=scripts)
    page.goto(f"{county.online}forms/enquiry/")
    answer(page)
    press(page, "下一步：从头看一遍")
    page.get_by_role("button", name="提交").dblclick()
    page.wait_for_url("**/receipt/**")

    heading(page, "已经收到")
    assert county.filed() == before + 1


# ── questions that hang on others ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scripts", [True, False])
def test_a_question_appears_when_its_choice_is_taken(
    county: County, visit: Callable[..., Page], scripts: bool
) -> None:
    """And goes away again, without a script."""
    page = visit(java_script_enabled=scripts)
    page.goto(f"{county.online}forms/appeal/")
    asked = page.get_by_label("一共多少人")
    expect(asked).to_be_hidden()
    page.get_by_label("几个人一起").check()
    expect(asked).to_be_visible()
    page.get_by_label("我自己").check()
    expect(asked).to_be_hidden()


def test_an_old_browser_shows_every_question(county: County, visit: Callable[..., Page]) -> None:
    """One that doesn't know :has() shows them all, and says which are for whom."""
    page = visit(bypass_csp=True)

    def older(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace(":has(", ":unheard-of("))

    page.route("**/forms/**", older)
    page.goto(f"{county.online}forms/appeal/")

    for label in ("一共多少人", "代表是谁", "替谁反映", "单位的联系人"):
        expect(page.get_by_label(label)).to_be_visible()
    expect(page.get_by_text("选“我替别人”的填：")).to_be_visible()


def test_choosing_a_matter_proposes_its_leader(county: County, visit: Callable[..., Page]) -> None:
    """One press keeps what was typed and puts the right leader's days first."""
    page = visit(java_script_enabled=False)
    page.goto(f"{county.online}forms/appointment/")
    page.get_by_label("姓名或者单位名称").fill("阿依古丽")
    page.get_by_label("哪一类事").select_option(label="征地补偿和安置")
    press(page, "看这类事约谁")

    first = page.locator("#q_session .pick").first
    expect(first).to_contain_text("张䶮")
    expect(first).to_contain_text("分管您这件事")
    assert page.get_by_label("姓名或者单位名称").input_value() == "阿依古丽"
    assert page.locator("#problems").count() == 0


# ── receipts and what becomes of a booking ───────────────────────────────────────────────────


def test_the_receipt_prints_on_one_page(county: County, visit: Callable[..., Page]) -> None:
    """Number, code, where to look it up; no button."""
    page = visit()
    number, code = book(page, county, "xinfang-bureau-20261223-0900")
    sheets = PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    paper = re.sub(r"\s", "", unicodedata.normalize("NFKC", sheets[0].extract_text()))

    assert len(sheets) == 1
    for words in (number, code, "回执", "0990-8800018", "online/status/", "2026年12月23日"):
        assert words in paper
    assert "抄好了" not in paper


def test_who_waits_is_told_and_moves_up(county: County, visit: Callable[..., Page]) -> None:
    """The receipt of a full session says the place in the list; a cancelled booking gives it."""
    first, second = visit(), visit()
    holder = book(first, county, CROWDED)
    heading(first, "约好了")
    waiting = book(second, county, CROWDED)
    heading(second, "已经排上候补")
    expect(second.locator("main")).to_contain_text("候补第1位")

    look_up(first, county, *holder)
    press(first, "取消预约")
    press(first, "取消预约")
    expect(first.get_by_role("status")).to_contain_text("您取消了预约")
    look_up(second, county, *waiting)

    expect(second.get_by_role("heading", name="您约的接待")).to_be_visible()
    expect(second.locator(".steps")).to_contain_text("已经转为正式预约")


def test_a_booked_session_that_was_cancelled_says_so(
    county: County, visit: Callable[..., Page]
) -> None:
    """The page of the case tells the change and its reason, and leads to another session."""
    session = "nancheng-district-20261222-0900"
    page = visit()
    number, code = book(page, county, session)
    look_up(page, county, number, code)
    assert page.get_by_role("alert").count() == 0
    news = {"announced": "2026-12-08", "what": ["取消"], "says": "本场取消", "reason": "停电"}
    change_calendar(county.config.site, session, changes=[news], sequence=1, status="cancelled")

    for _ in range(200):  # the service looks once a second
        if page.get_by_role("alert").count():
            break
        page.reload()
    expect(page.get_by_role("alert")).to_contain_text("您约的这一场有变动：本场取消")
    expect(page.get_by_role("alert")).to_contain_text("停电")
    expect(page.locator("main")).to_contain_text("那天请不要来")
    press(page, "改约别的时间")
    heading(page, "改约别的时间")


# ── every page ───────────────────────────────────────────────────────────────────────────────

FAULTS = """() => {
  const told = [], wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) told.push(`sideways: ${wide}`);
  if (document.querySelectorAll("h1").length !== 1) told.push("not one h1");
  const levels = [...document.querySelectorAll("main :is(h1, h2, h3, h4)")].map(h => +h.tagName[1]);
  levels.forEach((level, at) => at && level - levels[at - 1] > 1 && told.push(`level ${level}`));
  document.querySelectorAll("[aria-describedby]").forEach(one =>
    one.getAttribute("aria-describedby").split(" ").forEach(id =>
      document.getElementById(id) || told.push(`described by nothing: ${id}`)));
  document.querySelectorAll("main :is(button, a.btn, select, textarea, summary, .pick," +
    " input:not([type=hidden], [type=radio], [type=checkbox]))").forEach(one => {
    const box = one.getBoundingClientRect();
    if (box.height && box.right > 0 && box.height < 44)
      told.push(`${one.localName} ${one.name || one.textContent}: ${box.height}`);
  });
  return told;
}"""


@pytest.mark.parametrize("path", PAGES)
def test_every_page_fits_small_screens_and_fingers(
    county: County, visit: Callable[..., Page], path: str
) -> None:
    """Light; at 320 px, with errors, in the largest print: nothing sideways, targets 44 px."""
    page = visit(viewport={"width": 320, "height": 256})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    answer = page.goto(county.online + path)
    assert answer
    assert len(gzip.compress(answer.body(), 6)) <= 16 * 1024
    assert all(url.startswith((county.address, "data:")) for url in asked)
    assert len([url for url in asked if url.startswith(county.address)]) <= 3
    assert page.evaluate(FAULTS) == []

    if path.startswith(("forms/", "status/")):
        page.locator("main .go").click()
        expect(page).to_have_title(re.compile("^错误："))
        assert page.evaluate(FAULTS) == []
    page.evaluate("document.documentElement.classList.add('huge')")
    assert page.evaluate(FAULTS) == []
