"""Every page of the sample site for eyes, fingers, keyboards, voices, paper, without scripts."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from tests.browsing import KINDS
from tests.looks import CONDITIONS, axe, faults, take, words

# Fonts draw a character and the radical of its shape once; what is read out of a PDF may be either.
RADICALS = str.maketrans(
    "‒戶⺟⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳⻑⻧⺫⺼",
    "–户母民虎西见角贝车长门青页风飞食马骨鬼鱼鸟麦黄齐齿龙龟長卤罒肉",
)
PHONE = CONDITIONS[0]
PAPER = CONDITIONS[-1]
MODES = [one for one in CONDITIONS if one.name in ("dark", "contrast", "large")]
BUTTONS = {"打印这张表"}  # made by the script, since it takes one
ASKING = {"search/"}  # what a search finds takes a script, and it says so


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """One tab for all pages: opening another costs more than most of what is looked at."""
    opened = browser.new_page(viewport={"width": 360, "height": 800})
    opened.set_default_timeout(5_000)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def bare(browser: Browser) -> Iterator[Page]:
    """A tab without scripts."""
    context = browser.new_context(viewport={"width": 360, "height": 800}, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", KINDS)
def test_each_kind_of_page_under_every_condition(page: Page, sample: str, path: str) -> None:
    """From 320 to 1440 px, dark, forced colours, large, printed, still: nothing is wrong."""
    page.goto(sample + path)

    assert [told for one in CONDITIONS for told in faults(page, one)] == []


@pytest.mark.parametrize("path", KINDS)
def test_each_kind_of_page_is_accessible(page: Page, sample: str, path: str) -> None:
    """axe-core finds nothing; dark, large or contrasting, nothing in colours and sizes either."""
    page.goto(sample + path)
    take(page, PHONE)
    found = axe(page)
    for mode in MODES:
        take(page, mode)
        found += axe(page, ["color-contrast", "target-size"])

    assert found == []


def shapes(path: Path) -> set[str]:
    """Each element as one tells it from others: tag, class, role, states, parent."""
    told = ("class", "role", "type", "scope", "data-h")
    found = set()
    for one in html.parse(path).getroot().iter():
        if isinstance(one.tag, str):
            above = one.getparent()
            marks = [f"{name}={one.get(name)}" for name in told if one.get(name)]
            marks += sorted(name for name in one.attrib if name.startswith("aria-"))
            found.add(f"{above.tag if above is not None else ''}>{one.tag} {' '.join(marks)}")
    return found


def test_every_page_of_the_sample(page: Page, sample: str, sample_site: Path) -> None:
    """All are looked at; axe-core judges each page on which an element stands as nowhere before."""
    known: set[str] = set()
    found = []
    for file in sorted(sample_site.rglob("*.html")):
        path = file.relative_to(sample_site).as_posix().removesuffix("index.html")
        page.goto(sample + path)
        told = faults(page, PHONE)
        if new := shapes(file) - known:
            known |= new
            told += axe(page)
        found += [f"{path}: {one}" for one in told]

    assert found == []


@pytest.mark.parametrize("path", [path for path in KINDS if path not in ASKING])
def test_the_same_is_read_without_scripts(page: Page, bare: Page, sample: str, path: str) -> None:
    """Not a word of a page's main part needs a script, and none is hidden for want of one."""
    page.goto(sample + path)
    bare.goto(sample + path)
    take(page, PHONE)

    assert words(page) - BUTTONS == set(bare.locator("main").inner_text().split())


def printed(page: Page) -> list[str]:
    """The text of each sheet, without spaces: lines and cells end where paper ends."""
    sheets = PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    return [squeezed(sheet.extract_text()) for sheet in sheets]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).translate(RADICALS)


@pytest.mark.parametrize("path", [path for path in KINDS if path not in ASKING])
def test_printed_from_the_browser_no_word_is_lost(page: Page, sample: str, path: str) -> None:
    """What stands on the page stands on the paper, on sheets that are all used."""
    page.goto(sample + path)
    take(page, PAPER)
    told = [squeezed(one) for one in words(page)]
    sheets = printed(page)
    paper = "".join(sheets)

    assert [one for one in told if one not in paper] == []
    assert all(len(sheet) > 20 for sheet in sheets)


# ── found at once ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("width", "height"), [(360, 640), (412, 732), (768, 1024), (1440, 800)])
def test_the_leader_of_today_stands_on_the_first_screen(
    page: Page, sample: str, width: int, height: int
) -> None:
    """Three seconds: name, post, day and hour, before any scrolling, on a small phone too."""
    page.goto(sample)
    take(page, PHONE)
    page.set_viewport_size({"width": width, "height": height})
    for part in ("#next h2", "#next .who", "#next .keep"):
        box = page.locator(part).first.bounding_box()
        assert box
        assert box["y"] + box["height"] <= height, part


@pytest.mark.parametrize(
    ("matter", "who"), [("征地补偿和安置", "张䶮"), ("低保、特困和临时救助", "杨文博"),
                        ("拖欠工资", "欧阳慧敏"), ("干部违纪违法的检举控告", "")],
)  # fmt: skip
def test_the_right_leader_for_a_matter_in_three_taps(
    page: Page, sample: str, matter: str, who: str
) -> None:
    """Matters, the matter, the leader: three taps from the front page, with no word to type."""
    take(page, PHONE)
    page.goto(sample)
    page.get_by_role("link", name="我的事该找谁").click()
    page.get_by_role("link", name=matter, exact=True).click()
    told = page.locator("main")
    if not who:
        assert "单独登记、单独保管" in told.inner_text()
        return
    told.get_by_role("link", name=who).click()
    assert who == page.locator("h1").inner_text()
