"""What looks.js calls wrong: each check finds its flaw, and leaves a sound page alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.looks import ALWAYS, Condition, axe, faults

SOUND = "<h1>接访</h1><p>今天<a href='#main'>有接访</a>。</p>"
EVERY = (*ALWAYS, "unfocused", "moving", "screenOnly", "edgeless")
FLAWS = [
    ("sideways", "<div style='width:900px'>宽</div>"),
    ("clipped", "<p style='overflow:hidden;width:3em;white-space:nowrap'>看不全的一句话</p>"),
    ("clipped", "<p style='width:3em;white-space:nowrap'>伸出去的一句话</p>"),
    ("overlaid", "<p>上面的字</p><p style='margin-top:-2.2em'>下面的字</p>"),
    ("small", "<p><a href='#main' style='display:inline-block;width:20px'>小</a></p>"),
    ("small", "<p><button style='height:30px'>按钮太小</button></p>"),
    ("crossed",
     "<a class=btn href='#a'>甲甲</a><a class=btn style='margin-left:-20px' href='#a'>"
     "乙</a>"),
    ("pale", "<p style='color:#999'>浅灰的字</p>"),
    ("pale",
     "<p style='background:repeating-linear-gradient(#fff 0 4px,#555 4px 8px)'>花底上的字</p>"),
    ("pale",
     "<svg><rect width=90 height=30 fill='#999'/><text y=20 fill='#fff'>图里的字</text></svg>"),
    ("headings", "<h3>跳了一级</h3><p>字</p>"),
    ("headings", "<h2>下面什么也没有</h2>"),
    ("tables", "<table><tr><th>没有标题</th></tr></table>"),
    ("references", "<p><a href='#nowhere'>不知去哪里</a>，没有</p>"),
    ("foreign", "<p>请点 submit</p>"),
    ("unfocused", "<a href='#main' style='outline:0'>看不见焦点</a>"),
    ("order",
     "<p style='margin-top:3em'><a href='#a'>"
     "先</a><a href='#a' style='position:absolute;top:0;left:0'>后</a></p>"),
    ("order", "<p><a href='#main' tabindex=1>插队</a></p>"),
    ("moving", "<p style='transition:all 1s'>会动</p>"),
    ("screenOnly", "<p class=btn>印出来的按钮</p>"),
    ("edgeless", "<p class=why>没有边</p>"),
]  # fmt: skip
AXE = ["<img src='data:,'>", "<p lang=xx-wrong>字</p>", "<input>"]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    yield opened
    opened.close()


def show(page: Page, body: str) -> None:
    page.set_content(
        "<!doctype html><html lang=zh-CN><title>试</title><style>body{margin:0;font:18px/1.7 serif}"
        "a{color:#9f1519}:focus{outline:3px solid #0b5cad}.btn{display:inline-block;padding:9px}"
        f"</style><body><main id=main>{body}</main>"
    )


def test_a_sound_page_has_no_fault(page: Page) -> None:
    """Neither looks.js nor axe-core objects to it."""
    show(page, SOUND)

    assert faults(page, Condition("sound", checks=EVERY)) == []
    assert axe(page) == []


@pytest.mark.parametrize(("check", "flaw"), FLAWS)
def test_each_check_finds_its_flaw(page: Page, check: str, flaw: str) -> None:
    """It alone is asked, and it tells."""
    show(page, SOUND + flaw)

    assert faults(page, Condition("flawed", checks=[check])) != []


@pytest.mark.parametrize("flaw", AXE)
def test_axe_core_is_awake(page: Page, flaw: str) -> None:
    """A picture without words, a language that is none, a field without a name."""
    show(page, SOUND + flaw)

    assert axe(page) != []
