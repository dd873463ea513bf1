"""Pages in a real Chromium: a phone's width, today's mark, search, scripts off, printed."""

from __future__ import annotations

import io
import unicodedata
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from tests.browsing import KINDS, POLICY
from tests.builders import write_office
from tests.conftest import ROOT, run_build


def test_readme_names_the_policy_that_these_tests_run_under() -> None:
    """What the site promises to web servers is what is tried here."""
    assert POLICY in (ROOT / "README.md").read_text(encoding="utf-8")


def phone(browser: Browser, **fields: Any) -> Page:
    context = browser.new_context(viewport={"width": 360, "height": 740}, **fields)
    return context.new_page()


@pytest.mark.parametrize("path", KINDS)
def test_every_kind_of_page_fits_a_phone_and_asks_for_little(
    browser: Browser, sample: str, path: str
) -> None:
    """No sideways scrolling, few requests, none elsewhere, no error, no heading level skipped."""
    page = phone(browser)
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(sample + path)
    page.wait_for_load_state("networkidle")

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert all(url.startswith((sample, "data:")) for url in asked)
    assert len([url for url in asked if url.startswith(sample)]) <= 3
    assert wrong == []
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(one => +one.tagName[1])")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.locator("body > :not(header, main, footer, .skip, script)").count() == 0
    page.context.close()


@pytest.mark.parametrize("path", ["", "calendar/2026-12/", "institutions/yunling-county/"])
@pytest.mark.parametrize("width", [320, 768, 1440])
@pytest.mark.parametrize("size", ["", "large", "huge"])
def test_large_print_never_scrolls_sideways(
    browser: Browser, sample: str, path: str, width: int, size: str
) -> None:
    """24 and 30 pixels of letter height, from a small phone to a desktop."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(sample + path)
    page.evaluate("name => name && document.documentElement.classList.add(name)", size)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.fixture(scope="module")
def november(tmp_path_factory: pytest.TempPathFactory, serve: Any) -> str:
    """A small county built on 22 November 2026 and not since."""
    folder = tmp_path_factory.mktemp("november")
    content = write_office(folder)
    site = folder / "site"
    ran = run_build("--content", content, "--site", site, "--today", "2026-11-22", "--no-pdf")
    assert ran.code == 0, ran.err
    return str(serve(site))


@pytest.mark.parametrize(
    ("now", "heading", "day", "who"),
    [
        (date(2026, 11, 22), "下一次接访", "27", "赵国强"),
        (date(2026, 12, 10), "下一次接访", "11", "李明"),
        (date(2026, 12, 11), "今天有接访", "11", "李明"),
        (date(2026, 12, 12), "下一次接访", "18", "赵国强"),
    ],
)
def test_a_site_built_last_month_still_says_who_receives_today(
    browser: Browser, november: str, now: date, heading: str, day: str, who: str
) -> None:
    """The script moves today's mark by the calendar in Shanghai, whatever the phone's zone."""
    page = phone(browser, timezone_id="America/New_York")
    page.clock.set_fixed_time(f"{now}T01:00:00+08:00")
    page.goto(november)
    card = page.locator("#next")

    assert heading == card.locator("h2").inner_text()
    assert day == card.locator(".leaf i").inner_text()
    assert who in card.inner_text()
    marked = page.locator(".list .today")
    assert marked.count() == (1 if heading == "今天有接访" else 0)
    page.context.close()


@pytest.mark.parametrize("path", ["", "institutions/qinghe-county/"])
@pytest.mark.parametrize(
    ("now", "place", "other"),
    [
        (date(2026, 11, 27), "县人民来访接待中心一楼", "县政务服务中心三楼"),
        (date(2026, 12, 18), "县政务服务中心三楼", "县人民来访接待中心一楼"),
    ],
)
def test_the_moved_mark_tells_the_place_of_its_own_session(
    browser: Browser, november: str, path: str, now: date, place: str, other: str
) -> None:
    """Nobody is sent to where the last reception was, or told that its booking has ended."""
    page = phone(browser)
    page.clock.set_fixed_time(f"{now}T01:00:00+08:00")
    page.goto(november + path)
    told = page.locator("#next").inner_text()

    assert "今天有接访" in told
    assert place in told
    assert other not in told
    assert "截止" not in told or now == date(2026, 11, 27)
    page.context.close()


def test_without_scripts_everything_is_there(browser: Browser, sample: str) -> None:
    """Today, the list, changes and numbers; no dead button."""
    page = phone(browser, java_script_enabled=False)
    page.goto(sample)
    told = page.locator("main").inner_text()

    for words in ("今天有接访", "12月8日", "改期至此", "取消", "0990-8800018"):
        assert words in told
    assert page.locator("#tools button").count() == 0
    page.goto(sample + "search/?q=x")
    assert "网站地图" in page.locator("main").inner_text()
    page.context.close()


def test_large_print_and_contrast_are_remembered(browser: Browser, sample: str) -> None:
    """One tap enlarges, another page keeps it, a third tap takes it back."""
    page = phone(browser)
    page.goto(sample)
    page.get_by_role("button", name="大字").click()
    page.get_by_role("button", name="高对比").click()
    page.goto(sample + "contact/")

    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "24px"
    assert page.get_by_role("button", name="高对比").get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="特大字").click()
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "30px"
    page.get_by_role("button", name="正常字").click()
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "18px"
    page.context.close()


def test_the_simple_version_stays_until_the_full_one_is_asked_for(
    browser: Browser, sample: str
) -> None:
    """Chosen above any page, it takes the front page's place in this browser, and gives it back."""
    page = phone(browser)
    page.goto(sample + "contact/")
    page.get_by_role("link", name="简洁版").click()
    page.wait_for_url("**/calendar/simple/")
    assert page.evaluate("getComputedStyle(document.querySelector('.simple')).fontSize") == "24px"
    page.goto(sample)
    page.wait_for_url("**/calendar/simple/")

    page.get_by_role("link", name="完整版").click()
    page.locator("#next").wait_for()
    page.goto(sample + "calendar/simple/")
    page.goto(sample)
    page.locator("#next").wait_for()
    page.context.close()


def test_the_simple_version_tells_the_same_without_scripts(browser: Browser, sample: str) -> None:
    """Day in words, who, where, which telephone, what has changed: today's reception first."""
    page = phone(browser, java_script_enabled=False)
    page.goto(sample)
    page.get_by_role("link", name="简洁版").click()
    first = page.locator(".simple li").first.inner_text()
    told = page.locator(".simple").inner_text()

    for words in ("12月8日", "星期二", "今天", "李秋实", "上午 9:00–11:30", "青石镇政府一楼会议室"):
        assert words in first
    for words in ("0990-8800018", "改到12月15日", "云岭县信访局", "0990-8800020"):
        assert words in told
    page.get_by_role("link", name="看完整的接访日历").click()
    assert page.locator("#next").count() == 1
    page.context.close()


def test_the_simple_version_forgets_what_is_over(browser: Browser, november: str) -> None:
    """Built last month, it begins with today, and keeps the telephone of every institution."""
    page = phone(browser)
    page.clock.set_fixed_time("2026-12-18T09:00:00+08:00")
    page.goto(november + "calendar/simple/")

    assert "12月18日" in page.locator(".simple li").first.inner_text()
    assert page.locator(".simple .today").count() == 1
    assert "0990-8800019" in page.locator(".simple").inner_text()
    page.context.close()


SPOKEN = """window.said = []; speechSynthesis.speak = one => said.push(one.text);
Object.defineProperty(speechSynthesis, "speaking", { get: () => said.length > 0 });
speechSynthesis.cancel = () => { said.length = 0; };"""


def test_the_page_is_read_aloud_and_silenced(browser: Browser, sample: str) -> None:
    """The main part's words in order, in short pieces; the button again, and it is still."""
    page = phone(browser)
    page.add_init_script(SPOKEN)
    page.goto(sample + "calendar/simple/")
    button = page.get_by_role("button", name="朗读")
    button.click()
    said = page.evaluate("said")

    assert max(map(len, said)) <= 121
    assert said[0].startswith("接访日历")
    assert "李秋实" in "".join(said)
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    assert page.evaluate("said") == []
    assert button.get_attribute("aria-pressed") == "false"
    page.context.close()


def test_no_button_reads_aloud_where_nothing_can_speak(browser: Browser, sample: str) -> None:
    """An old phone without a voice shows no dead button; the others are there."""
    page = phone(browser)
    page.add_init_script("delete window.speechSynthesis; delete Window.prototype.speechSynthesis")
    page.goto(sample)

    assert page.get_by_role("button", name="朗读").count() == 0
    assert page.get_by_role("button", name="大字").count() == 1
    page.context.close()


QUERIES = [
    ("低保", "matters/"),
    ("宅基地", "matters/"),
    ("拖欠工资", "matters/"),
    ("老板欠我工钱怎么办", "matters/"),
    ("孩子上学找谁", "matters/"),
    ("李秋实", "leaders/yunling-county/"),
    ("秋实", "leaders/yunling-county/"),
    ("阿依古丽", "leaders/yunling-county/"),
    ("买买提", "leaders/yunling-county/"),
    ("打官司", "procedures/litigation/"),
    ("工资不给", "matters/wages/"),
    ("谁管农村低保", "matters/subsistence/"),
    ("龙潭乡", "institutions/longtan-township/"),
    ("复查", "procedures/review/"),
    ("听证", "procedures/hearing/"),
    ("怎么预约", "procedures/appointment/"),
    ("信访工作条例", "regulations/petition-law/"),
]


@pytest.mark.parametrize(("query", "first"), QUERIES)
def test_search_finds_names_parts_of_words_and_questions(
    browser: Browser, sample: str, query: str, first: str
) -> None:
    """The first hit is the page that a citizen means."""
    page = phone(browser)
    page.goto(f"{sample}search/?q={query}")
    page.locator("#found a").first.wait_for()

    assert (page.locator("#found a").first.get_attribute("href") or "").startswith(f"../{first}")
    page.context.close()


@pytest.mark.parametrize("number", ["0990-8800018", "09908800018", "8800018"])
def test_search_finds_telephone_numbers(browser: Browser, sample: str, number: str) -> None:
    """With and without the hyphen or the area code."""
    page = phone(browser)
    page.goto(f"{sample}search/?q={number}")
    page.locator("#found a").first.wait_for()

    assert page.locator("#found a").count() >= 3
    page.context.close()


def test_search_loads_its_index_only_when_used(browser: Browser, sample: str) -> None:
    """No index on a first visit of the search page; markup in a query is text."""
    page = phone(browser)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{sample}search/")
    page.wait_for_load_state("networkidle")
    assert not any("search.json" in url for url in asked)

    page.goto(f"{sample}search/?q=<img src=x onerror=alert(1)>")
    page.locator("#hits:has-text('没有')").wait_for()
    assert page.locator("#main img").count() == 0
    page.context.close()


def test_printed_from_the_browser_it_is_a_notice(browser: Browser, sample: str) -> None:
    """No navigation, no buttons, no mark of today; the past sessions are printed too."""
    page = browser.new_page(viewport={"width": 794, "height": 1123})
    page.goto(sample + "calendar/2026-12/")
    page.emulate_media(media="print")

    assert not page.locator(".bar").is_visible()
    assert not page.locator(".find").is_visible()
    assert page.locator(".btn:visible").count() == 0
    assert page.locator(".now-tag:visible").count() == 0
    assert page.locator(".cal-grid").is_visible()
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper_past_days_are_unfolded_and_colours_are_light(
    browser: Browser, sample: str, scheme: Any
) -> None:
    """A dark screen prints dark words; the folded days stand there; the card of today does not."""
    page = browser.new_page(viewport={"width": 1200, "height": 900}, color_scheme=scheme)
    page.goto(sample)
    sheets = PdfReader(io.BytesIO(page.pdf())).pages
    paper = unicodedata.normalize("NFKC", "".join(one.extract_text() for one in sheets))
    page.emulate_media(media="print")

    assert "12月4日" in paper
    assert "今天有接访" not in paper
    told = page.evaluate("getComputedStyle(document.querySelector('.why')).color")
    assert sum(int(part) for part in told[4:-1].split(",")) < 300
    page.close()


def test_the_leader_of_today_is_seen_before_any_scrolling(browser: Browser, sample: str) -> None:
    """On the first screen of a small phone."""
    page = phone(browser)
    page.goto(sample)
    box = page.locator("#next .who").bounding_box()

    assert box
    assert box["y"] + box["height"] < 740
    page.context.close()


@pytest.mark.parametrize("size", ["", "huge"])
def test_a_table_with_telephone_numbers_stays_readable_on_a_phone(
    browser: Browser, sample: str, size: str
) -> None:
    """It scrolls in its own frame, reached by keyboard; no column is one character wide."""
    page = browser.new_page(viewport={"width": 320, "height": 700})
    page.add_init_script(f"localStorage.setItem('size', '{2 if size else 0}')")
    page.goto(sample + "regulations/xinfang-bureau/")
    table = page.locator(".scroll:has(.tel)").first

    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert table.get_attribute("tabindex") == "0"
    narrow = table.evaluate(
        "one => Math.min(...[...one.querySelectorAll('td')].map(cell => cell.clientWidth))"
    )
    assert narrow >= 4 * (30 if size else 18)
    page.close()


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("name", ["visit", "review", "hearing", "report"])
def test_words_of_a_flow_diagram_stay_inside_their_boxes(
    browser: Browser, sample: str, name: str, width: int
) -> None:
    """With the letters of this machine, with a little room at both sides."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(f"{sample}procedures/{name}/")
    lost = page.evaluate(
        """() => {
          const shown = [...document.querySelectorAll(".flow svg")].find(one => one.clientWidth);
          const boxes = [...shown.querySelectorAll("rect")].map(one => one.getBBox());
          return [...shown.querySelectorAll("text")].filter(text => {
            const at = text.getBBox();
            return !boxes.some(box => box.x + 4 <= at.x && at.x + at.width <= box.x + box.width - 4
              && box.y <= at.y && at.y + at.height <= box.y + box.height);
          }).map(text => text.textContent);
        }"""
    )

    assert lost == []
    page.close()
