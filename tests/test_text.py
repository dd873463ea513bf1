"""What staff write in Markdown becomes safe, tappable, accessible HTML."""

from __future__ import annotations

import pytest

from publisher.text import Heading, to_html


def html(body: str) -> str:
    return str(to_html(body, "../../")[0]).strip()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("见[联系方式](/contact/)。", '<p>见<a href="../../contact/">联系方式</a>。</p>'),
        (
            "打 0990-8800018 问",
            '<p>打 <a class="tel" href="tel:0990-8800018">0990-8800018</a> 问</p>',
        ),
        ("打12388", '<p>打<a class="tel" href="tel:12388">12388</a></p>'),
        ("拨打110。", '<p>拨打<a class="tel" href="tel:110">110</a>。</p>'),
        ("周一 8:30-11:30、14:00-9:5", "<p>周一 8:30–11:30、14:00-9:5</p>"),
        ("编号 20990-88000189", "<p>编号 20990-88000189</p>"),
        ("补12300元，110户，2026-012345", "<p>补12300元，110户，2026-012345</p>"),
        (
            "[打 0990-8800018](tel:0990-8800018)",
            '<p><a href="tel:0990-8800018">打 0990-8800018</a></p>',
        ),
        ("    四个空格不是代码", "<p>四个空格不是代码</p>"),
        ("第一行\n第二行", "<p>第一行第二行</p>"),
        ("first\nsecond", "<p>first\nsecond</p>"),
    ],
)
def test_what_people_write_reads_as_they_mean_it(body: str, expected: str) -> None:
    """Links of the site become relative, numbers can be dialled, indents are no code."""
    assert expected == html(body)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("<b onclick=x>粗</b>", "<p>&lt;b onclick=x&gt;粗&lt;/b&gt;</p>"),
        ("[点](javascript:alert(1))", "<p><a>点</a></p>"),
        ("[点](data:text/html,x)", "<p><a>点</a></p>"),
        ("[点](//evil.example/)", "<p><a>点</a></p>"),
        ('[点](/x/"onclick="y)', '<p><a href="../../x/%22onclick=%22y">点</a></p>'),
        ("![图<script>](https://evil.example/x.png)", "<p>图&lt;script&gt;</p>"),
    ],
)
def test_hostile_text_is_shown_and_never_run(body: str, expected: str) -> None:
    """No raw HTML, no scheme that runs something, no picture from elsewhere."""
    assert expected == html(body)


@pytest.mark.parametrize("colon", [":", "\N{FULLWIDTH COLON}"])
def test_a_table_takes_its_caption_from_the_line_before(colon: str) -> None:
    """“表:…” above a table is its caption; header cells have a scope."""
    made = html(f"表{colon}期限\n\n| 事项 | 期限 |\n|---|---|\n| 受理 | 15日 |\n")

    assert "<table>\n<caption>期限</caption><thead>" in made
    assert made.count('<th scope="col">') == 2
    assert f"<p>表{colon}" not in made


def test_headings_are_numbered_for_the_table_of_contents() -> None:
    """Each h2 gets an id; its words come back without markup."""
    made, headings = to_html("## 一、**登记**\n\n正文\n\n### 小节\n\n## 二\n", "")

    assert (Heading("s1", "一、登记"), Heading("s2", "二")) == headings
    assert '<h2 id="s1">' in made


def test_the_same_text_renders_the_same_twice() -> None:
    """The parsed text is shared; rendering leaves it as it was."""
    body = "## 题\n\n[甲](/contact/) 0990-8800018\n"

    assert 'href="../contact/"' in to_html(body, "../")[0]
    assert 'href="../../contact/"' in to_html(body, "../../")[0]
