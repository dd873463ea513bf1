"""What a first visit costs on every page: bytes, requests, script; and scripts add no fact."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from bench import content
from bench.weight import LEVEL, first_visit, named, zipped
from tests.browsing import KINDS
from tests.conftest import ROOT, run_build

MOST_BYTES, MOST_REQUESTS, MOST_SCRIPT = 16_000, 3, 10_000

OFFERED = {
    "大字",
    "高对比",
    "朗读",
    "打印这张表",
    "完整版",
}  # what scripts offer: no fact of the office


def pages(site: Path) -> list[str]:
    """Every page of a site, as the paths that visitors ask for."""
    found = (str(one.relative_to(site)) for one in sorted(site.rglob("*.html")))
    return [name.removesuffix("index.html") for name in found]


def too_heavy(site: Path) -> dict[str, str]:
    weights = {page: first_visit(site, page) for page in pages(site)}
    return {
        page: f"{one}, {one.script} bytes of script"
        for page, one in weights.items()
        if one.bytes > MOST_BYTES
        or one.requests > MOST_REQUESTS
        or one.script > MOST_SCRIPT
        or one.foreign
    }


def test_every_page_of_the_sample_is_light(sample_site: Path) -> None:
    """At most 16 KB after gzip, 3 requests, 10 KB of script, and nothing from another host."""
    assert len(pages(sample_site)) > 200
    assert too_heavy(sample_site) == {}


def test_pages_of_a_county_ten_times_as_large_are_light(tmp_path: Path) -> None:
    """Home, months, leaders, matters, institutions, notices, map of the site: all of them."""
    content.write(tmp_path / "content", 2040)
    site = tmp_path / "xinfang"  # where its 404 page looks for its script
    ran = run_build("--content", tmp_path / "content", "--site", site, "--no-pdf")
    assert ran.code == 0, ran.err
    assert len(pages(site)) > 2000
    assert too_heavy(site) == {}


def test_pages_name_no_font_and_no_foreign_file(sample_site: Path) -> None:
    """Letters are those of the phone; pictures and styles stand in the page."""
    for page in sorted(sample_site.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        assert "@font-face" not in text, page
        assert "@import" not in text, page
        assert re.findall(r"url\((?!['\"]?(?:data:|#))[^)]*\)", text) == [], page


def test_the_web_server_packs_as_it_is_weighed() -> None:
    """nginx's own level would make pages a tenth heavier than what is measured here."""
    told = (ROOT / "ops" / "nginx.conf").read_text(encoding="utf-8")
    assert f"gzip_comp_level {LEVEL};" in told
    types = re.findall(r"gzip_types ([^;]+);", told)[0].split()
    assert {"application/javascript", "text/javascript", "application/json"} <= set(types)


def loaded(page: Page, address: str) -> list[str]:
    """What the browser asked for, its scripts having run."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_timeout(100)
    return [one for one in asked if not one.startswith("data:")]


def told(page: Page) -> set[str]:
    """The lines of the page's own part, and of its foot."""
    lines = page.evaluate("document.querySelector('main').innerText + document.body.innerText")
    return {re.sub(r"\s+", "", line) for line in str(lines).splitlines() if line.strip()}


@pytest.fixture(scope="module")
def both(browser: Browser) -> Any:
    """Two browsers: one with scripts, one without."""
    contexts = [browser.new_context(java_script_enabled=scripts) for scripts in (True, False)]
    yield contexts
    for one in contexts:
        one.close()


@pytest.mark.parametrize("path", KINDS)
def test_a_browser_asks_for_what_was_counted_and_scripts_add_no_fact(
    both: Any, sample: str, sample_site: Path, path: str
) -> None:
    """Its requests are those that the weighing found; without scripts every line is there."""
    page, plain = (context.new_page() for context in both)
    asked = loaded(page, sample + path)
    html = sample_site / path
    html = html if html.is_file() else html / "index.html"

    assert sorted(asked) == sorted({sample + path, *named(html.read_bytes(), sample + path)})
    plain.goto(sample + path)
    assert told(page) - told(plain) - OFFERED == set()
    page.close()
    plain.close()


def test_the_weights_are_after_gzip() -> None:
    """A kilobyte of the same letter is nearly nothing."""
    assert zipped(b"a" * 1000) < 40
