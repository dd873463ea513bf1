"""Search as citizens ask, in a real Chromium: in the sample county, and lost among 600 pages."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from bench import content
from bench.queries import MORE, QUERIES
from publisher.search import variants
from tests.conftest import ROOT, run_build

KILOBYTE = 1000


@pytest.fixture(scope="module")
def crowd_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample county with eight invented neighbours: about 600 pages."""
    folder = tmp_path_factory.mktemp("crowd")
    content.crowd(folder / "content", ROOT / "content")
    ran = run_build("--content", folder / "content", "--site", folder / "site", "--no-pdf")
    assert ran.code == 0, ran.err
    assert len(list((folder / "site").rglob("index.html"))) == pytest.approx(600, abs=40)
    return folder / "site"


@pytest.fixture(scope="module")
def open_search(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Search pages on a phone: ``open_search(address)``."""
    opened: list[Page] = []

    def start(address: str, **fields: Any) -> Page:
        fields = {"viewport": {"width": 360, "height": 740}} | fields
        opened.append(browser.new_context(**fields).new_page())
        opened[-1].set_default_timeout(15_000)
        opened[-1].goto(f"{address}search/")
        return opened[-1]

    yield start
    for page in opened:
        page.context.close()


@pytest.fixture(scope="module")
def in_sample(open_search: Callable[..., Page], sample: str) -> Page:
    return open_search(sample)


@pytest.fixture(scope="module")
def in_crowd(open_search: Callable[..., Page], crowd_site: Path, serve: Any) -> Page:
    return open_search(serve(crowd_site))


def ask(page: Page, query: str) -> list[str]:
    """Type it, press Enter; the paths that are found."""
    page.locator("#q").fill(query)
    page.locator("#q").press("Enter")
    expect(page.locator("#hits")).to_have_text(re.compile("找到|没有完全"))
    links = page.locator("#found a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    return [str(link).removeprefix("../") for link in links]


@pytest.mark.parametrize(("query", "right"), QUERIES + MORE)
def test_the_right_page_comes_first(in_sample: Page, query: str, right: str) -> None:
    """In the sample county."""
    assert re.fullmatch(right, ask(in_sample, query)[0])


@pytest.mark.parametrize(("query", "right"), QUERIES + MORE)
def test_the_right_page_comes_first_among_600(in_crowd: Page, query: str, right: str) -> None:
    """Thousands of days, names and sentences of neighbours hide nothing."""
    assert re.fullmatch(right, ask(in_crowd, query)[0])


def neighbours() -> Iterator[tuple[str, str]]:
    """Names, halves of names (whoever bears one) and telephones of the invented neighbours."""
    size = content.scale(600)
    people = {
        f"leaders/{content.slug_of(index)}/{person['id']}/": person["name"]
        for index in range(1, 9)
        for person in content.people_of(size, index)
    }
    for page, name in list(people.items())[::9]:
        yield name, page
        yield name[1:], "|".join(one for one, other in people.items() if name[1:] in other)
    for index in range(1, 9, 2):
        yield f"88{index + 200:05d}", f"institutions/{content.slug_of(index)}/"


@pytest.mark.parametrize(("query", "right"), list(neighbours()))
def test_any_name_or_number_is_found_among_600(in_crowd: Page, query: str, right: str) -> None:
    """A name in full, without its surname, a telephone number without its area code."""
    assert re.fullmatch(right, ask(in_crowd, query)[0])


def test_the_index_of_600_pages_is_light(crowd_site: Path, tmp_path: Path) -> None:
    """At most 150 KB after gzip, for real words and for invented ones."""
    content.write(tmp_path / "content", 600)
    ran = run_build("--content", tmp_path / "content", "--site", tmp_path / "site", "--no-pdf")
    assert ran.code == 0, ran.err
    for site in (crowd_site, tmp_path / "site"):
        index = (site / "assets" / "search.json").read_bytes()
        assert len(json.loads(index)) > 500
        assert len(gzip.compress(index)) <= 150 * KILOBYTE


SCANS = """async query => {
  const names = ["includes", "indexOf", "search", "match", "replace", "slice"];
  const kept = names.map(name => String.prototype[name]);
  const { finder } = await import(new URL("../assets/find.js", location));
  const rows = await (await fetch("../assets/search.json")).json();
  const find = finder(rows, "2026-12-08");
  let count = 0;
  names.forEach((name, at) => {
    String.prototype[name] = function (...given) { count++; return kept[at].apply(this, given); };
  });
  try { find(query); } finally {
    names.forEach((name, at) => { String.prototype[name] = kept[at]; });
  }
  return count / rows.length;
}"""


def test_an_answer_costs_in_proportion_to_the_pages(in_sample: Page, in_crowd: Page) -> None:
    """The longest question that nothing answers: so many looks at each page, however many."""
    longest = "邻居家的房子盖得太高挡住了我家的阳光说了好几次都不听" * 3
    few, many = (page.evaluate(SCANS, longest[:60]) for page in (in_sample, in_crowd))
    assert many < few * 1.25
    assert few < 400


def test_nothing_is_loaded_before_somebody_searches(browser: Browser, sample: str) -> None:
    """Three requests for the page; finder and index, once, for the first question."""
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(sample)))
    page.goto(f"{sample}search/")
    page.wait_for_load_state("networkidle")
    loaded = sorted(one for one in asked if not one.startswith("data:"))
    assert ["assets/search.js", "assets/site.js", "search/"] == loaded

    asked.clear()
    ask(page, "低保")
    ask(page, "拆迁")
    assert ["assets/find.js", "assets/search.json"] == sorted(asked)
    page.close()


def test_the_answer_is_announced_and_the_field_named(in_sample: Page) -> None:
    """A polite status line says how many; the field has a name; Enter keeps the page."""
    in_sample.evaluate("window.stayed = true")
    ask(in_sample, "低保")
    status = in_sample.get_by_role("status")

    assert re.match(r"找到\d+个页面", status.inner_text())
    assert status.get_attribute("aria-live") == "polite"
    assert in_sample.get_by_role("searchbox", name="站内搜索").input_value() == "低保"
    assert in_sample.evaluate("window.stayed && decodeURIComponent(location.search)") == "?q=低保"
    assert in_sample.locator("#found mark").first.inner_text() == "低保"


@pytest.mark.parametrize(
    ("query", "marked"),
    [("8800070", "8800070"), ("09908800070", "0990-8800070"), ("12月8号", "12月8日")],
)
def test_what_was_meant_is_marked(in_sample: Page, query: str, marked: str) -> None:
    """In the words of the page, however it was typed."""
    ask(in_sample, query)
    assert in_sample.locator("#found mark").first.inner_text() == marked


def test_typing_pinyin_is_no_question(in_sample: Page) -> None:
    """Letters on their way to characters neither search nor announce; the characters do."""
    ask(in_sample, "低保")
    in_sample.locator("#q").evaluate(
        """(field) => { field.value = "chaiqian";
        field.dispatchEvent(new InputEvent("input", { isComposing: true })); }"""
    )
    in_sample.wait_for_timeout(400)
    assert "低保" in in_sample.locator("#found a").first.inner_text()

    in_sample.locator("#q").evaluate(
        """(field) => { field.value = "拆迁";
        field.dispatchEvent(new CompositionEvent("compositionend")); }"""
    )
    expect(in_sample.locator("#found a").first).to_contain_text("拆迁")


@pytest.mark.parametrize("query", ["xyzzy", "7654321", "<img src=x onerror=alert(1)>", "鿫鿬"])
def test_an_empty_answer_helps(in_sample: Page, query: str) -> None:
    """It says so, says what to try, where to look and whom to ring; markup stays text."""
    in_sample.locator("#q").fill(query)
    in_sample.locator("#q").press("Enter")
    expect(in_sample.get_by_role("status")).to_have_text(f"没有找到“{query}”。")
    help_box = in_sample.locator("#none")

    assert "打电话" in help_box.inner_text()
    hrefs = help_box.locator("a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert ["../matters/", "../sitemap/", "tel:0990-8800018"] == hrefs
    assert in_sample.locator("#found li, #main img").count() == 0
    ask(in_sample, "低保")
    assert not help_box.is_visible()


def test_an_index_that_does_not_come_helps_too(
    open_search: Callable[..., Page], sample: str
) -> None:
    """A broken line: the telephone stands there, and the next try works."""
    page = open_search(sample)

    def cut(route: Route) -> None:
        route.abort()

    page.route("**/search.json", cut)
    page.locator("#q").fill("低保")
    page.locator("#q").press("Enter")
    expect(page.get_by_role("status")).to_have_text("没有取到搜索数据，请稍后再试。")
    assert "0990-8800018" in page.locator("#none").inner_text()

    page.unroute("**/search.json")
    assert "matters/subsistence/" == ask(page, "低保")[0]


def test_without_scripts_the_page_leads_on(open_search: Callable[..., Page], sample: str) -> None:
    """Site map, telephone and the usual matters; the form still leads to this page."""
    page = open_search(sample, java_script_enabled=False)
    page.locator("#q").fill("低保")
    page.locator("#q").press("Enter")
    told = page.locator("main").inner_text()

    assert "网站地图" in told
    assert "0990-8800018" in told
    assert page.locator("main .chips a").count() >= 8
    assert not page.locator("#none").is_visible()


@pytest.mark.parametrize(
    ("text", "kept"),
    [("东国", "國国東东"), ("东東国", "國国"), ("甲乙", "")],
)
def test_only_characters_that_are_needed_go_into_the_index(text: str, kept: str) -> None:
    """A traditional character that the site itself writes stays what it is."""
    found = variants(text)
    assert {found[i : i + 2] for i in range(0, len(found), 2)} == {
        kept[i : i + 2] for i in range(0, len(kept), 2)
    }
